"""`huxin repairs recheck`: a drawn sample of each quarter's repairs, looked at by somebody else."""

from __future__ import annotations

from typing import Annotated, Final

import typer
from huxin.v1 import repairs_pb2 as pb

from federation.relief.recheck import NOTE_MAX, Finding
from node.cli import render
from node.cli.client import services
from node.cli.language import Language, english
from node.cli.naming import named
from node.cli.options import (
    Directory,
    Format,
    LanguageOption,
    OutputFormat,
    StatementArgument,
    node_directory,
)
from node.documents import answers
from node.texts import repairs as texts

_DRAWN: Final = {
    "quarter": ("季", "quarter"),
    "among": ("本季修复", "repairs of the quarter"),
    "drawn": ("抽取", "drawn"),
    "seed": ("随机种子", "seed"),
}
_COLUMNS: Final = {
    "statement_id": ("声明", "statement"),
    "quarter": ("季", "quarter"),
    "subject_name": ("主体", "subject"),
    "document": ("文书号", "document"),
    "decided_on": ("决定日", "decided"),
    "finding": ("复查", "recheck"),
    "person": ("复查人", "by"),
    "note": ("说明", "note"),
}
_UNDER: Final = {"statement_id": ("quarter",), "subject_name": ("document",), "person": ("note",)}
_By = Annotated[str, typer.Option("--by", metavar="NAME", help="经办人 / Who does this")]

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="修复复查：抽取、列表、登记 / Recheck repairs: draw, list, done.",
)


@app.command("draw")
def draw(
    *,
    quarter: Annotated[
        str, typer.Option("--quarter", metavar="Q", help="已过的季，如 2026-Q3 / Quarter, over")
    ],
    by: _By,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """抽取一季的修复供复查，每季一次 / Draw the repairs of a quarter, once."""
    with services(node_directory(directory)) as node:
        request = pb.DrawRechecksRequest(quarter=quarter, by=by)
        found = answers.document(node.repairs.DrawRechecks(request))
    if output is Format.JSON:
        render.write_json(found)
    else:
        render.write_fields(found, render.pick(language, _DRAWN))


@app.command("list")
def list_rechecks(
    *,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """列出抽取的修复与复查结果 / What was drawn, and what the rechecks came to."""
    with services(node_directory(directory)) as node:
        found = answers.each(node.repairs.ListRechecks(pb.ListRechecksRequest()))
    if output is Format.JSON:
        render.write_json(found)
        return
    rows = [texts.rechecked(one, english=english()) for one in found]
    render.write_table("", render.pick(language, _COLUMNS), rows, _UNDER)


@app.command("done")
def done(
    statement: StatementArgument,
    *,
    by: _By,
    decided_by: Annotated[
        str,
        typer.Option(
            "--decided-by", metavar="NAME", help="原决定经办人，须为另一人 / Who decided, another"
        ),
    ],
    finding: Annotated[
        Finding, typer.Option("--finding", help="无疑 ok，有疑 doubt / What it came to")
    ],
    note: Annotated[
        str, typer.Option("--note", help="说明，不写主体名称代码 / Note, without the subject")
    ] = "",
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """登记一条修复的复查结果 / Keep what the recheck of a repair came to."""
    if len(note) > NOTE_MAX:
        message = f"至多 {NOTE_MAX} 字 / expected at most {NOTE_MAX} characters"
        raise typer.BadParameter(message, param_hint="--note")
    with services(node_directory(directory)) as node:
        request = pb.KeepRecheckRequest(
            statement_id=named(node, statement),
            by=by,
            decided_by=decided_by,
            finding=finding.value,
            note=note,
        )
        found = answers.document(node.repairs.KeepRecheck(request))
    if output is Format.JSON:
        render.write_json(found)
    else:
        render.say("已登记 / recorded")
    if finding is Finding.DOUBT:
        render.say(
            "有疑：告知认定单位；以欺诈取得的，由其决定恢复列入（huxin relist）/ "
            "tell the authority: what was obtained by fraud it relists (huxin relist)"
        )
