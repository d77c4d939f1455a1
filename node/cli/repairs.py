"""`huxin repairs`: how far each repair has come at each member, who is late, and comparisons."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Any, Final

import typer
from huxin.v1 import repairs_pb2 as pb

from federation.ids import Date
from federation.letters import LetterKind
from node.cli import render
from node.cli.certificates import certificate, verify
from node.cli.client import Exit, Services, services
from node.cli.compare_export import compare
from node.cli.displays import app as displays
from node.cli.language import Language, english
from node.cli.letter_files import LetterAddressee, LetterFile, LetterNumber, given, keep
from node.cli.naming import named
from node.cli.options import (
    MAX_COUNT,
    Directory,
    Format,
    LanguageOption,
    OutputFormat,
    StatementArgument,
    node_directory,
    parse_date,
)
from node.cli.quality.periods import period_of
from node.cli.rechecks import app as rechecks
from node.documents import answers
from node.documents.periods import last_month
from node.system.clock import SystemClock
from node.texts import repairs as texts

PAGE: Final = 100
NOT_KNOWN: Final = "repair.not-known"
"""Found, and accuses nobody."""
_COLUMNS: Final = {
    "statement_id": ("声明", "statement"),
    "city": ("作出城市", "city"),
    "kind": ("种类", "kind"),
    "list_type": ("名单", "list"),
    "subject_name": ("主体", "subject"),
    "document": ("文书号", "document"),
    "decided_on": ("决定日", "decided"),
    "due": ("应于", "due"),
    "executed": ("已执行", "executed"),
    "outstanding": ("未执行", "outstanding"),
    "late": ("逾期", "late"),
    "departments": ("本市部门待反馈", "departments here to report"),
}
_UNDER: Final = {
    "statement_id": ("city",),
    "kind": ("list_type",),
    "subject_name": ("document",),
    "decided_on": ("due",),
    "executed": ("outstanding", "late", "departments"),
}
_MEMBERS: Final = {
    "city": ("城市", "city"),
    "received": ("收到", "received"),
    "applied": ("采用", "applied"),
    "lifted": ("解除", "lifted"),
    "verdict": ("时限", "in time"),
    "pushed": ("跨省推送", "pushed"),
}
_MEMBERS_UNDER: Final = {"verdict": ("pushed",)}
_DEPARTMENTS: Final = {
    "department": ("本市部门", "department here"),
    "matter_name": ("事项", "matter"),
    "state": ("待办", "to do"),
    "due_on": ("反馈期限", "to report by"),
    "check": ("核查编号", "check"),
}
_DEPARTMENTS_UNDER: Final = {"department": ("check",), "matter_name": ("due_on",)}
_AUDITED: Final = {
    "code": ("代码", "code"),
    "statement_id": ("声明", "statement"),
    "where": ("何处", "where"),
    "means": ("情形", "means"),
    "fix": ("办法", "fix"),
}
_AUDITED_UNDER: Final = {"code": ("statement_id", "where"), "means": ("fix",)}

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="修复执行情况：列表、详情、核对、复查 / How repairs are executed.",
)
app.command("certificate")(certificate)
app.command("verify")(verify)
app.add_typer(rechecks, name="recheck")
app.add_typer(displays, name="displays")

app.command("compare")(compare)


@app.command("list")
def list_repairs(
    *,
    late: Annotated[
        bool, typer.Option("--late", help="只列有逾期的 / Only where somebody is or was late")
    ] = False,
    outstanding: Annotated[
        bool, typer.Option("--outstanding", help="只列尚有成员未执行的 / Only those not done")
    ] = False,
    member: Annotated[
        str, typer.Option("--member", metavar="R", help="只看此成员（区划、名称） / Of a member")
    ] = "",
    since: Annotated[
        Date | None,
        typer.Option(metavar="DATE", parser=parse_date, help="此日起决定的 / Decided since"),
    ] = None,
    list_type: Annotated[
        str, typer.Option("--list", metavar="L", help="只列此名单 / Only of this list")
    ] = "",
    limit: Annotated[
        int | None, typer.Option(min=1, max=MAX_COUNT, help="至多几条 / At most so many")
    ] = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """列出修复、撤销、屏蔽、暂停及各成员执行情况 / List reliefs and who has executed them."""
    request = pb.ListRepairsRequest(
        late=late,
        outstanding=outstanding,
        member=member,
        since=since or 0,
        list_type=list_type,
        page_size=PAGE,
    )
    with services(node_directory(directory)) as node:
        found = list(islice(_read(node, request), limit))
    if output is Format.JSON:
        render.write_json(found)
        return
    rows = [texts.line(one, english=english()) for one in found]
    render.write_table("", render.pick(language, _COLUMNS), rows, _UNDER)


@app.command("show")
def show(
    statement: StatementArgument,
    *,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """显示一条修复在各成员的时间与时限 / One repair: times at each member, and its deadline."""
    with services(node_directory(directory)) as node:
        request = pb.GetRepairRequest(statement_id=named(node, statement))
        found = answers.document(node.repairs.GetRepair(request))
    if output is Format.JSON:
        render.write_json(found)
        return
    render.write_fields(texts.head(found, english=english()), render.pick(language, texts.HEAD))
    rows = [texts.member(one, english=english()) for one in found["by_member"]]
    render.write_table("", render.pick(language, _MEMBERS), rows, _MEMBERS_UNDER)
    if found["by_department"]:
        told = [texts.department(one, english=english()) for one in found["by_department"]]
        render.write_table("", render.pick(language, _DEPARTMENTS), told, _DEPARTMENTS_UNDER)
    if found["over"]:
        render.say(
            "已恢复列入，或屏蔽、暂停已终止：不再需要执行 / "
            "revoked, or the masking or pause has ended: nobody has to execute it any more"
        )
    if not found["audience_known"]:
        render.say(
            "本节点未持有此修复的内容，只列出已有答复的成员 / "
            "its opening is not held here: only members that have answered are shown"
        )


@app.command("letter")
def write_letter(
    statement: StatementArgument,
    out: LetterFile,
    *,
    number: LetterNumber = "",
    to: LetterAddressee = "",
    directory: Directory = None,
) -> None:
    """出具修复、撤销、屏蔽、暂停的结果函（DOCX，留用印处） / Make the letter of a relief."""
    from node.relief.relief_letters import relief_letter  # noqa: PLC0415 - loads python-docx

    with services(node_directory(directory)) as node:
        request = pb.GetRepairRequest(statement_id=named(node, statement))
        found = answers.document(node.repairs.GetRepair(request))
        of = given(node, LetterKind.RELIEF, found["statement_id"], number)
        made = relief_letter(found, of, to)
    keep(out, made)


@app.command("audit")
def audit(
    *,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """核对各方，找出错修、漏修、晚修；有则以 1 退出 / Wrong, missed, late repairs; then 1."""
    with services(node_directory(directory)) as node:
        found = answers.each(node.repairs.AuditRepairs(pb.AuditRepairsRequest()))
    if output is Format.JSON:
        render.write_json(found)
    else:
        rows = [texts.audited(one, english=english()) for one in found]
        render.write_table("", render.pick(language, _AUDITED), rows, _AUDITED_UNDER)
    if any(one["code"] != NOT_KNOWN for one in found):
        raise typer.Exit(Exit.FINDINGS)


@app.command("rates")
def rates(
    *,
    month: Annotated[str, typer.Option("--month", metavar="M", help="月，如 2026-10 / Month")] = "",
    quarter: Annotated[
        str, typer.Option("--quarter", metavar="Q", help="季，如 2026-Q3 / Quarter")
    ] = "",
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """本市所作修复的及时率、当日执行率，缺省为上月 / Our reliefs executed in time, and same day."""
    if not (month or quarter):
        month = last_month(SystemClock().today())
    period = period_of("", month, quarter)
    request = pb.GetRepairRatesRequest(first=period.first, last=period.last)
    with services(node_directory(directory)) as node:
        found = answers.document(node.repairs.GetRepairRates(request))
    if output is Format.JSON:
        render.write_json(found)
    else:
        render.write_fields(texts.rates(found), render.pick(language, texts.RATES))


def _read(node: Services, request: pb.ListRepairsRequest) -> Iterator[dict[str, Any]]:
    while True:
        page = node.repairs.ListRepairs(request)
        yield from answers.rows(page.repairs_json)
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token
