"""`huxin check`: ask about one subject, or all of a table, for one matter and one case 核查.

`huxin check watch …` is `node.cli.check_watch`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from huxin.v1 import screening_pb2 as pb
from typer.core import TyperGroup

from federation.charters.values import PURPOSES
from node.cli import check_watch, render
from node.cli.check_batch import Head, check_file
from node.cli.client import Exit, services
from node.cli.language import Language
from node.cli.options import (
    Directory,
    Format,
    LanguageOption,
    OutputFormat,
    node_directory,
)
from node.system.clock import CHINA
from node.system.entropy import token
from node.texts.outcomes import UNMEASURED
from node.texts.questions import made_plain

REQUEST_ID_SIZE: Final = 16
_RESULTS: Final = {
    "clear": ("未发现", "clear"),
    "match": ("命中", "match"),
    "unmeasured": UNMEASURED,
    "insufficient": ("无法判定", "insufficient"),
    "error": ("不能答复", "error"),
}
_COMPLETE: Final = {True: ("完整", "complete"), False: ("不完整", "not complete")}
_CLASSES: Final = {"block": ("拦截", "block"), "prompt": ("提示", "prompt")}
_STATES: Final = {
    "stale": ("久未更新", "stale"),
    "forked": ("分叉", "forked"),
    "refused": ("停止签名", "refused"),
    "behind": ("尚未处理完", "behind"),
    "no-head": ("尚未收到", "nothing came yet"),
}
_ANSWER: Final = {
    "number": ("答复编号", "number"),
    "at": ("时间", "at"),
    "result": ("结果", "result"),
    "complete": ("覆盖", "coverage"),
    "why": ("原因", "why"),
    "superseded": ("前次命中已失效", "no longer holds"),
    "normalised": ("已规范的字段", "normalised"),
}
_SUMMARY: Final = {
    "number": ("批次编号", "number"),
    "at": ("截至", "as of"),
    "complete": ("覆盖", "coverage"),
    "rows": ("行数", "rows"),
    "clear": ("未发现", "clear"),
    "matches": ("命中", "matches"),
    "insufficient": ("无法判定", "insufficient"),
    "refused": ("未受理", "refused"),
    "changed": ("结束时已变", "changed at the end"),
}
_MATCHES: Final = {
    "statement_id": ("记录", "record"),
    "list_name": ("名单", "list"),
    "authority_name": ("认定单位", "authority"),
    "document": ("文书号", "document"),
    "until": ("公示截止", "until"),
    "measures": ("措施", "measures"),
    "due_on": ("反馈期限", "outcome due"),
}
_NOTES: Final = {
    "statement_id": ("备注", "note"),
    "list_name": ("类别", "kind"),
    "authority_name": ("单位", "authority"),
    "document": ("文书号", "document"),
    "until": ("公示截止", "until"),
}
_LOGS: Final = {
    "name": ("未能覆盖", "not covered"),
    "origin": ("日志", "log"),
    "state": ("状态", "state"),
}


class _Group(TyperGroup):
    """`huxin check --matter …` is `huxin check ask --matter …`: an option is no command."""

    default = "ask"

    def parse_args(self, ctx, args):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - typer's
        """Put the command in where none is named."""
        if args and args[0].startswith("-") and args[0] not in ("-h", "--help"):
            args.insert(0, self.default)
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_Group,
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="办事前核查主体：huxin check --matter … 即核查；watch 跟踪变化 / Ask before acting: "
    "huxin check --matter … asks; watch tells what changes.",
)
app.add_typer(check_watch.app, name="watch")


@app.command("ask")
def check(  # noqa: PLR0913 - the options of the command
    *,
    matter: Annotated[
        str,
        typer.Option("--matter", metavar="M", help="事项代码：huxin catalog matters / The matter"),
    ],
    case: Annotated[str, typer.Option("--case", metavar="N", help="办件编号 / Number of the case")],
    purpose: Annotated[
        str, typer.Option("--purpose", metavar="P", help=f"用途 / One of {', '.join(PURPOSES)}")
    ],
    code: Annotated[
        str, typer.Option("--code", metavar="C", help="统一社会信用代码 / Unified code")
    ] = "",
    name: Annotated[
        str, typer.Option("--name", metavar="N", help="主体名称 / The subject's name")
    ] = "",
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            exists=True,
            dir_okay=False,
            readable=True,
            resolve_path=True,
            help="批量核查：有代码、名称列的 CSV 或 XLSX / A table of subjects, instead of one",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            file_okay=False,
            resolve_path=True,
            help="批量核查的结果放在哪里 / Where the results of a table go",
        ),
    ] = None,
    request: Annotated[
        str,
        typer.Option(
            "--request",
            metavar="ID",
            help="请求编号，重问同一问题时再给 / The same again when the same is asked again",
        ),
    ] = "",
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """办事前核查一个主体或一表；有非未发现的以 1 退出 / Ask about one or a table before acting."""
    alone = bool(code and name) and file is None and out is None
    table = file is not None and out is not None and not (code or name)
    if not (alone or table):
        message = (
            "用 --code 和 --name，或用 --file 和 --out / expected a subject by --code and --name, "
            "or a table by --file and --out"
        )
        raise typer.BadParameter(message)
    if file is not None and out is not None:
        head = Head(matter=matter, case_no=case, purpose=purpose)
        with services(node_directory(directory)) as node:
            summary = check_file(node, file, head, out, request)
        _write_summary(summary, output, language)
        return
    asked = pb.CheckRequest(
        request_id=request or token(REQUEST_ID_SIZE).hex(),
        matter=matter,
        case_no=case,
        purpose=purpose,
        code=code,
        name=name,
    )
    with services(node_directory(directory)) as node:
        answer: dict[str, Any] = json.loads(node.screening.Check(asked).json)
    if output is Format.JSON:
        render.write_json(answer)
    else:
        _write(answer, language)
    if answer["result"] != "clear":
        raise typer.Exit(Exit.FINDINGS)


def _write_summary(summary: dict[str, Any], output: Format, language: Language) -> None:
    """Tell what became of a table; by exit code whether anything but clear is in it."""
    if output is Format.JSON:
        render.write_json(summary)
    else:
        as_of = summary["as_of"]
        shown = summary | {
            "at": datetime.fromtimestamp(as_of["at"], CHINA).isoformat(sep=" "),
            "complete": _COMPLETE[as_of["complete"]][language is Language.EN],
        }
        render.write_fields(shown, render.pick(language, _SUMMARY))
        write_uncovered(as_of["coverage"], language)
    if summary["clear"] != summary["rows"]:
        raise typer.Exit(Exit.FINDINGS)


def _write(answer: dict[str, Any], language: Language) -> None:
    english = language is Language.EN
    why = [
        " ".join((one["code"] if english else one["message"], *one["said"]))
        for one in answer["codes"]
    ]
    fields = answer | {
        "at": datetime.fromtimestamp(answer["at"], CHINA).isoformat(sep=" "),
        "result": _RESULTS[_result(answer)][english],
        "complete": _COMPLETE[answer["complete"]][english],
        "why": "；".join(why),
        "superseded": "、".join(f"{one['origin']}#{one['index']}" for one in answer["superseded"]),
        "normalised": made_plain(answer["normalised"], english=english),
    }
    shown = {name: value for name, value in fields.items() if value != ""}
    named = {name: labels for name, labels in _ANSWER.items() if name in shown}
    render.write_fields(shown, render.pick(language, named))
    matches = [
        one | {"measures": _measures(one, english=english), "due_on": one["due_on"] or ""}
        for one in answer["matches"]
    ]
    for labels, rows in ((_MATCHES, matches), (_NOTES, answer["notes"])):
        if rows:
            render.write_table("", render.pick(language, labels), rows)
    write_uncovered(answer["coverage"], language)


def _result(answer: dict[str, Any]) -> str:
    """What is shown as the result: a match without any measure is no bare match."""
    measured = any(one["measures"] for one in answer["matches"])
    return "unmeasured" if answer["result"] == "match" and not measured else str(answer["result"])


def write_uncovered(coverage: Sequence[dict[str, Any]], language: Language) -> None:
    """Name the logs that an answer does not cover, and why."""
    rows = [
        one | {"state": _STATES[one["state"]][language is Language.EN]}
        for one in coverage
        if one["state"] != "ok"
    ]
    if rows:
        render.write_table("", render.pick(language, _LOGS), rows)


def _measures(match: dict[str, Any], *, english: bool) -> str:
    """What may be done, or why nothing may."""
    named = [
        f"{_CLASSES[one['class']][english]}：{one['name']}（{one['basis']}）{one['manner']}"
        for one in match["measures"]
    ]
    return "；".join(named) or (match["no_measure"] if english else match["message"])
