"""`huxin repairs displays`: what third parties display, what of it must go, and who is late."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from huxin.v1 import displays_pb2 as pb

from adapters.files.displays import read_displays
from federation.relief.displays import ROWS_MAX
from node.cli import render
from node.cli.client import Exit, Services, failures, services
from node.cli.language import Language, english
from node.cli.options import Directory, Format, LanguageOption, OutputFormat, node_directory
from node.documents import answers
from node.system.entropy import token
from node.texts.fields import Pair, day, moment, with_text

_GROUNDS: Final[dict[str, Pair]] = {
    "withdrawn": ("已撤销", "withdrawn"),
    "repaired": ("已修复", "repaired"),
    "expired": ("已到期", "expired"),
}
_TOLD: Final = {
    "number": ("批次", "number"),
    "row": ("行", "row"),
    "ground": ("缘由", "ground"),
    "since": ("自", "since"),
    "due_on": ("应于", "due"),
    "done": ("已回告", "acknowledged"),
}
_BATCHES: Final = {
    "number": ("批次", "number"),
    "party": ("第三方", "third party"),
    "at": ("提交时间", "handed in"),
    "submitted": ("提交", "rows"),
    "refused": ("未受理", "refused"),
    "told": ("应停止展示", "must go"),
    "outstanding": ("未回告", "outstanding"),
    "overdue": ("逾期", "overdue"),
}
_PARTIES: Final = {
    "party": ("第三方", "third party"),
    "told": ("已告知", "told"),
    "acknowledged": ("已回告", "acknowledged"),
    "open": ("未回告", "open"),
    "overdue": ("逾期未回告", "overdue"),
    "late": ("逾期回告", "late"),
    "displayed_again": ("回告后又展示", "displayed again"),
    "without_deadline": ("时限未定", "no deadline"),
    "oldest": ("最早告知", "oldest"),
}
_UNDER: Final = {
    "number": ("party", "at"),
    "submitted": ("refused",),
    "party": ("oldest",),
    "open": ("overdue", "late"),
    "told": ("acknowledged",),
}

Party = Annotated[
    str, typer.Option("--for", metavar="NAME", help="哪家第三方的展示 / Whose display it is")
]
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="批次编号 / Number of a batch")]

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="第三方所展示的记录：比对、回告、逾期 / What third parties display, and who is late.",
)


@app.command("check")
def check(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            readable=True,
            resolve_path=True,
            help="第三方所展示的记录：代码、文书号、名单 / What it displays: CSV or XLSX",
        ),
    ],
    party: Party,
    *,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """比对第三方的展示，列出应停止展示的行；有则以 1 退出 / Which rows must go; then exit 1."""
    with failures():
        numbers, rows = read_displays(file)
    said = []
    with services(node_directory(directory)) as node:
        for begin in range(0, len(rows), ROWS_MAX):
            part = rows[begin : begin + ROWS_MAX]
            batch = {"request_id": token(16).hex(), "party": party, "rows": part}
            request = pb.SubmitDisplaysRequest(json=json.dumps(batch))
            found = answers.document(node.displays.SubmitDisplays(request))
            said.append(_by_file(found, numbers[begin : begin + ROWS_MAX]))
    if output is Format.JSON:
        render.write_json(said)
    else:
        told = [{"number": one["number"], **_row(row)} for one in said for row in one["remove"]]
        render.write_table("", render.pick(language, _TOLD), told, {"number": ("row",)})
        for one in said:
            for row in one["ambiguous"]:
                render.write_line(f"{row['row']}: {with_text('display.ambiguous')}")
            for row in one["refused"]:
                render.write_line(f"{row['row']}: {with_text(row['code'])}")
    if any(one["remove"] or one["ambiguous"] or one["refused"] for one in said):
        raise typer.Exit(Exit.FINDINGS)


@app.command("acknowledge")
def acknowledge(
    number: Number,
    party: Party,
    rows: Annotated[
        list[int],
        typer.Option(
            "--row", min=1, max=ROWS_MAX, help="已停止展示的行，可重复 / Taken down; repeat"
        ),
    ],
    *,
    directory: Directory = None,
) -> None:
    """代第三方回告已停止展示的行 / Keep which rows a third party says it took down."""
    request = pb.AcknowledgeDisplaysRequest(
        number=number, json=json.dumps({"party": party, "rows": rows})
    )
    with services(node_directory(directory)) as node:
        found = answers.document(node.displays.AcknowledgeDisplays(request))
    render.write_json(found)
    if found["refused"]:
        raise typer.Exit(Exit.FINDINGS)


@app.command("list")
def list_displays(
    *,
    party: Annotated[
        str, typer.Option("--for", metavar="NAME", help="只列此第三方 / Only of this third party")
    ] = "",
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """列出第三方提交的批次，新的在前 / List batches, the newest first."""
    with services(node_directory(directory)) as node:
        found = answers.each(node.displays.ListDisplays(pb.ListDisplaysRequest(party=party)))
    if output is Format.JSON:
        render.write_json(found)
        return
    shown = [one | {"at": moment(one["at"])} for one in found]
    render.write_table("", render.pick(language, _BATCHES), shown, _UNDER)


@app.command("show")
def show(
    number: Number,
    *,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """显示一批中应停止展示的行 / One batch: which rows must go, and which were taken down."""
    with services(node_directory(directory)) as node:
        found = answers.document(node.displays.GetDisplays(pb.GetDisplaysRequest(number=number)))
    if output is Format.JSON:
        render.write_json(found)
        return
    told = [{"number": found["number"], **_row(row)} for row in found["remove"]]
    render.write_table("", render.pick(language, _TOLD), told, {"number": ("row",)})


@app.command("report")
def report(
    *,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """各第三方执行情况，逾期的在前；有逾期则以 1 退出 / Laggards first; exits with 1 for any."""
    with services(node_directory(directory)) as node:
        found = _reported(node)
    if output is Format.JSON:
        render.write_json(found)
    else:
        shown = [one | {"oldest": moment(one["oldest"])} for one in found]
        render.write_table("", render.pick(language, _PARTIES), shown, _UNDER)
    if any(one["overdue"] for one in found):
        raise typer.Exit(Exit.FINDINGS)


def _reported(node: Services) -> list[dict[str, Any]]:
    return answers.each(node.displays.ReportDisplays(pb.ReportDisplaysRequest()))


def _by_file(found: dict[str, Any], numbers: list[int]) -> dict[str, Any]:
    """An answer with the file's own row beside the row of the batch."""
    return found | {
        "remove": [one | {"line": numbers[one["row"] - 1]} for one in found["remove"]],
        "ambiguous": [{"row": one, "line": numbers[one - 1]} for one in found["ambiguous"]],
        "refused": [one | {"line": numbers[one["row"] - 1]} for one in found["refused"]],
    }


def _row(row: dict[str, Any]) -> dict[str, Any]:
    done = row.get("acknowledged", row.get("acknowledged_at"))
    return {
        "row": f"{row['row']} ({row['line']})" if "line" in row else row["row"],
        "ground": _GROUNDS[row["ground"]][english()],
        "since": day(row["since"]),
        "due_on": day(row["due_on"]),
        "done": ("是", "yes")[english()] if done else "",
    }
