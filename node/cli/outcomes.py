"""`huxin outcomes list|pending|show|hand-in|form|report`: what was done with matches 惩戒反馈."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from huxin.v1 import screening_pb2 as pb

from adapters.files.atomic import write_atomically
from federation.errors import StatementError
from federation.ids import Date
from federation.screening.outcomes import REASONS, Result
from node.cli import render
from node.cli.client import Services, failures, services
from node.cli.language import Language, english
from node.cli.letter_files import LetterFile, keep
from node.cli.options import (
    MAX_COUNT,
    Directory,
    Format,
    LanguageOption,
    OutputFormat,
    node_directory,
    parse_past_date,
)
from node.cli.quality.periods import period_of
from node.directory.config import load_config
from node.documents import answers, quality
from node.documents.periods import last_month
from node.system.clock import SystemClock
from node.system.entropy import token
from node.texts.fields import day, moment
from node.texts.outcomes import in_words, match_in_words

REQUEST_ID_SIZE: Final = 16
_PENDING: Final = {
    "check": ("核查编号", "check"),
    "record": ("记录", "record"),
    "state": ("状态", "state"),
    "department": ("部门", "department"),
    "matter_name": ("事项", "matter"),
    "list_name": ("名单", "list"),
    "measures": ("措施", "measures"),
    "due_on": ("反馈期限", "due"),
    "overdue": ("逾期", "overdue"),
}
_CHECK: Final = {
    "check": ("核查编号", "check"),
    "department": ("部门", "department"),
    "matter_name": ("事项", "matter"),
    "case_no": ("办件编号", "case"),
    "at": ("核查时间", "asked at"),
}
_MATCH: Final = {
    "record": ("记录", "record"),
    "subject_name": ("主体名称", "subject"),
    "subject_code": ("主体代码", "code"),
    "list_name": ("名单", "list"),
    "from": ("认定地区", "origin"),
    "authority_name": ("认定单位", "authority"),
    "document": ("文书号", "document"),
    "measures": ("可采取的措施", "measures"),
    "state": ("状态", "state"),
    "due_on": ("反馈期限", "due"),
    "overdue": ("逾期", "overdue"),
    "reports": ("反馈", "reported"),
    "published": ("已写入日志", "in the log"),
    "later": ("尚未写入的缘由", "why not yet"),
}
_LIST: Final = {
    "side": ("方向", "side"),
    "region": ("反馈地区", "region"),
    "department": ("部门", "department"),
    "from": ("认定地区", "origin"),
    "record": ("记录", "record"),
    "list_name": ("名单", "list"),
    "matter_name": ("事项", "matter"),
    "measure": ("措施", "measure"),
    "result": ("结果", "result"),
    "reason": ("理由", "reason"),
    "decided_on": ("日期", "date"),
}
_FIGURES: Final = {
    "region": ("反馈地区", "region"),
    "list_name": ("名单", "list"),
    "matter_name": ("事项", "matter"),
    "measure": ("措施", "measure"),
    "department": ("部门", "department"),
    "cases": ("案例", "cases"),
    "applied": ("采取", "applied"),
    "prompted": ("提示", "prompted"),
    "undone": ("解除", "undone"),
    "wrong": ("命中错误", "wrong"),
    "qualified": ("合格", "qualified"),
}
_UNDER: Final = {"record": ("list_name", "measures"), "region": ("department",)}

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="惩戒反馈：列表、待反馈、填报、反馈单、统计 / Outcomes: list, pending, hand in, report …",
)

Check = Annotated[
    str, typer.Argument(metavar="CHECK", help="核查编号 / Number of the check's answer")
]


@app.command("list")
def list_outcomes(
    *,
    all_: Annotated[
        bool,
        typer.Option("--all", help="含已更正的 / Those as well that were corrected or undone"),
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, max=MAX_COUNT, help="至多几条 / At most so many")
    ] = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """列出本地的反馈和各地对本地列入的反馈 / What was reported here, and about our listings."""
    with services(node_directory(directory)) as node:
        answer = node.screening.ListOutcomes(pb.ListOutcomesRequest())
        shown = quality.in_force(answer, all_=all_)[:limit]
    if output is Format.JSON:
        render.write_json(shown)
        return
    shown = [in_words(row, english=language is Language.EN) for row in shown]
    render.write_table("", render.pick(language, _LIST), shown, _UNDER)


@app.command("pending")
def list_pending(
    *,
    limit: Annotated[
        int | None, typer.Option(min=1, max=MAX_COUNT, help="至多几条 / At most so many")
    ] = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """列出待反馈和须解除、复核的命中 / Matches to be reported, undone or re-examined."""
    with services(node_directory(directory)) as node:
        found = answers.joined(node.screening.PendingOutcomes(pb.PendingOutcomesRequest()))
    shown = found[:limit]
    if output is Format.JSON:
        render.write_json(shown)
        return
    shown = [
        in_words(row, english=language is Language.EN)
        | {"measures": [measure["code"] for measure in row["measures"]]}
        for row in shown
    ]
    render.write_table("", render.pick(language, _PENDING), shown, _UNDER)


@app.command("show")
def show(
    check: Check,
    *,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """显示一次核查的命中和反馈 / A check's matches, and what was reported of them."""
    with services(node_directory(directory)) as node:
        found = _get(node, check)
    _write(found, output)


@app.command("hand-in")
def hand_in(  # noqa: PLR0913 - the options of the command
    check: Check,
    *,
    record: Annotated[
        str,
        typer.Option(
            "--record", metavar="ORIGIN#INDEX", help="命中的记录，见 outcomes pending / The record"
        ),
    ],
    result: Annotated[
        Result,
        typer.Option(
            "--result",
            help="采取、提示、未采取、继续办理、命中错误、已解除、已复核 / What was done",
        ),
    ],
    date: Annotated[
        Date,
        typer.Option(
            "--date", parser=parse_past_date, metavar="DATE", help="决定日期 / Day of the decision"
        ),
    ],
    person: Annotated[
        str,
        typer.Option("--person", metavar="NAME", help="责任人，不出本节点 / Who is responsible"),
    ],
    measure: Annotated[
        str,
        typer.Option("--measure", metavar="CODE", help="措施代码 / Code of the measure"),
    ] = "",
    reason: Annotated[
        str,
        typer.Option("--reason", metavar="CODE", help=f"理由代码 / Why not: {', '.join(REASONS)}"),
    ] = "",
    corrects: Annotated[
        bool, typer.Option("--corrects", help="更正先前的反馈 / It corrects an earlier report")
    ] = False,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """填报一项命中的处理结果 / Report what was done about one measure of one match."""
    with failures():
        origin, index = _record(record)
    request = pb.ReportOutcomeRequest(
        check=check,
        origin=origin,
        index=index,
        measure=measure,
        result=result.value,
        reason=reason,
        decided_on=date,
        person=person,
        request_id=token(REQUEST_ID_SIZE).hex(),
        corrects=corrects,
    )
    with services(node_directory(directory)) as node:
        said = answers.document(node.screening.ReportOutcome(request))
    _write(said, output)


@app.command("form")
def write_form(
    check: Check,
    out: LetterFile,
    *,
    directory: Directory = None,
) -> None:
    """出具案件反馈单（DOCX，留签字用印处） / Make the form of a case."""
    from node.screening.outcome_form import form  # noqa: PLC0415 - loads all of python-docx

    with services(node_directory(directory)) as node:
        found = _get(node, check)
    keep(out, form(found))


@app.command("report")
def report(
    *,
    month: Annotated[str, typer.Option("--month", metavar="M", help="月，如 2026-10 / Month")] = "",
    quarter: Annotated[
        str, typer.Option("--quarter", metavar="Q", help="季，如 2026-Q3 / Quarter")
    ] = "",
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", metavar="FILE", help="写入工作簿 / Write a workbook")
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="写入网页 / Write a page")
    ] = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """按名单、事项、措施、部门、地区统计，缺省为上月 / Figures of a period."""
    if not (month or quarter):
        month = last_month(SystemClock().today())
    period = period_of("", month, quarter)
    in_english = language is Language.EN
    place = node_directory(directory)
    request = pb.OutcomeReportRequest(first=period.first, last=period.last)
    with services(place) as node:
        found = answers.joined(node.screening.OutcomeReport(request))
    if xlsx is not None or html is not None:
        from node.cli.outcome_tables import report_of  # noqa: PLC0415 - draws tables
        from node.quality.report import page, workbook  # noqa: PLC0415 - likewise

        with failures():
            section = load_config(place).node
            made_by = f"{section.name} {section.region}, {day(SystemClock().today())}"
            made = report_of(found, made_by, period.name, english=in_english)
            if xlsx is not None:
                write_atomically(xlsx, workbook(made), mode=0o640)
            if html is not None:
                write_atomically(html, page(made, language), mode=0o640)
    if output is Format.JSON:
        render.write_json(found)
        return
    rows = [one | {"qualified": _known(one["qualified"])} for one in found["rows"]]
    render.write_table("", render.pick(language, _FIGURES), rows, _UNDER)
    if found["benefits"]:
        from node.cli.outcome_tables import BENEFITS  # noqa: PLC0415 - draws tables

        render.write_table("", render.pick(language, BENEFITS), found["benefits"])


def _record(text: str) -> tuple[str, int]:
    """Read `origin#index`.

    Raises:
        StatementError: `outcome.form`.
    """
    origin, hash_, index = text.rpartition("#")
    if not hash_ or not origin or not index.isdecimal() or len(index) > len(str(2**62)):
        message = f"expected ORIGIN#INDEX as in `huxin outcomes pending`, got {text[:80]!r}"
        raise StatementError("outcome.form", message)
    return origin, int(index)


def _get(node: Services, check: str) -> dict[str, Any]:
    return answers.document(node.screening.GetOutcomes(pb.GetOutcomesRequest(check=check)))


def _known(value: object) -> object:
    return "–" if value is None else value


def _write(found: dict[str, Any], output: Format) -> None:
    """Write a check and each of its matches, or one match, as people read them."""
    if output is Format.JSON:
        render.write_json(found)
        return
    language = Language.EN if english() else Language.ZH
    if "matches" in found:
        check = dict(found) | {"at": moment(found["at"])}
        render.write_fields(check, render.pick(language, _CHECK))
    for match in found.get("matches", (found,)):
        shown = match_in_words(match, english=english())
        render.write_fields(shown, render.pick(language, _MATCH))
