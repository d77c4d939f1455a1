"""`huxin check watch open|list|events|close`: be told when an answer changes 跟踪核查."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from huxin.v1 import watches_pb2 as pb

from adapters.files.watched_subjects import read_watched
from federation.charters.values import PURPOSES
from node.cli import render
from node.cli.client import Exit, Services, failures, services
from node.cli.language import Language, english, say_in
from node.cli.options import (
    Directory,
    Format,
    LanguageOption,
    OutputFormat,
    node_directory,
    parse_date,
)
from node.system.entropy import token
from node.texts.fields import day, moment, with_text
from node.texts.outcomes import UNMEASURED

REQUEST_ID_SIZE: Final = 16
ROWS_SENT: Final = 200
"""Rows in one message: the longest names have room in what departments may send."""
PAGE_MAX: Final = 500
_STATES: Final = {
    "open": ("进行中", "open"),
    "closed": ("已结束", "closed"),
    "over": ("已到期", "over"),
}
_RESULTS: Final = {
    "clear": ("未发现", "clear"),
    "match": ("命中", "match"),
    "unmeasured": UNMEASURED,
    "insufficient": ("无法判定", "insufficient"),
    "error": ("不能答复", "error"),
}
_MATCHES: Final = frozenset({"watch.now-match", "watch.match-began"})
_WATCHES: Final = {
    "watch": ("跟踪编号", "watch"),
    "state": ("状态", "state"),
    "matter": ("事项", "matter"),
    "case_no": ("办件编号", "case"),
    "until": ("截止日", "until"),
    "subjects": ("主体数", "subjects"),
}
_REFUSED: Final = {"row": ("行", "row"), "why": ("未跟踪的原因", "why not watched")}
_EVENTS: Final = {
    "row": ("行", "row"),
    "code": ("代码", "code"),
    "name": ("名称", "name"),
    "changed": ("变化", "what changed"),
    "result": ("现在的结果", "the answer now"),
}
_UNDER: Final = {"code": ("name",)}

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="跟踪核查：开始、列表、变化、结束 / Be told when an answer changes: open, list, events, "
    "close.",
)

Number = Annotated[str, typer.Argument(metavar="WATCH", help="跟踪编号 / Number of the watch")]


@app.command("open")
def open_watch(  # noqa: PLR0913 - the options of the command
    *,
    matter: Annotated[
        str,
        typer.Option("--matter", metavar="M", help="事项代码：huxin catalog matters / The matter"),
    ],
    case: Annotated[str, typer.Option("--case", metavar="N", help="办件编号 / Number of the case")],
    purpose: Annotated[
        str, typer.Option("--purpose", metavar="P", help=f"用途 / One of {', '.join(PURPOSES)}")
    ],
    until: Annotated[
        str, typer.Option("--until", metavar="DATE", help="截止日，如签约之日 / The last day")
    ],
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            exists=True,
            dir_okay=False,
            help="主体名单，CSV 或 XLSX：代码、名称 / Subjects: code and name",
        ),
    ] = None,
    code: Annotated[
        str, typer.Option("--code", metavar="C", help="统一社会信用代码 / Unified code")
    ] = "",
    name: Annotated[
        str, typer.Option("--name", metavar="N", help="主体名称 / The subject's name")
    ] = "",
    request: Annotated[
        str,
        typer.Option(
            "--request", metavar="ID", help="请求编号，重发时再给 / The same again when sent again"
        ),
    ] = "",
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """开始跟踪一件的主体，直至截止日；有行未跟踪时退出码为 1 / Watch the subjects of a case."""
    if (file is None) == (not code):
        message = "给出 --file，或者 --code 与 --name / expected --file, or --code and --name"
        raise typer.BadParameter(message)
    terms = {
        "matter": matter,
        "case_no": case,
        "purpose": purpose,
        "until": parse_date(until),
    }
    numbers: list[int] = []
    with failures():
        rows = iter([(1, {"code": code, "name": name})]) if file is None else read_watched(file)
        first = pb.OpenWatchRequest(
            request_id=request or token(REQUEST_ID_SIZE).hex(), terms_json=json.dumps(terms)
        )
        messages = [first, *_messages(rows, numbers)]
    with services(node_directory(directory)) as node:
        found = json.loads(node.watches.OpenWatch(iter(messages)).json)
    found["refused"] = [one | {"row": numbers[one["row"] - 1]} for one in found["refused"]]
    if output is Format.JSON:
        render.write_json(found)
    else:
        _write_watches([found], language)
        refused = [{"row": one["row"], "why": with_text(one["code"])} for one in found["refused"]]
        if refused:
            render.write_table("", render.pick(language, _REFUSED), refused)
    if found["refused_rows"]:
        raise typer.Exit(Exit.FINDINGS)


@app.command("list")
def list_watches(
    *,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """列出本机开始的跟踪，新的在前 / Watches begun here, the newest first."""
    with services(node_directory(directory)) as node:
        found = [json.loads(one.json) for one in node.watches.ListWatches(pb.ListWatchesRequest())]
    if output is Format.JSON:
        render.write_json(found)
    else:
        _write_watches(found, language)


@app.command("events")
def events(
    watch: Number,
    *,
    after: Annotated[
        str,
        typer.Option("--after", metavar="POS", help="上一页给出的位置，缺省从头 / From a position"),
    ] = "",
    follow: Annotated[
        bool, typer.Option("--follow", help="继续等待变化，直至 Ctrl-C / Go on until Ctrl-C")
    ] = False,
    size: Annotated[
        int, typer.Option("--page-size", min=1, max=PAGE_MAX, help="每页至多几条 / On a page")
    ] = 100,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """显示某位置以后答复有变的主体；有变化时退出码为 1 / Whose answer changed since a position."""
    told = 0
    with services(node_directory(directory)) as node, suppress(KeyboardInterrupt):
        for page in _pages(node, watch, after, size, follow=follow):
            told += len(page["events"]) + len(page["logs"])
            if output is Format.JSON:
                render.write_json_line(page)
            else:
                _write_page(page, language)
    if told and not follow:
        raise typer.Exit(Exit.FINDINGS)


@app.command("close")
def close(
    watch: Number,
    *,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """结束跟踪：此后不再答复，名单随即清除 / End a watch; its subjects are erased."""
    with services(node_directory(directory)) as node:
        found = json.loads(node.watches.CloseWatch(pb.CloseWatchRequest(number=watch)).json)
    if output is Format.JSON:
        render.write_json(found)
    else:
        _write_watches([found], language)


def _messages(
    rows: Iterator[tuple[int, dict[str, str]]], numbers: list[int]
) -> Iterator[pb.OpenWatchRequest]:
    """What is sent; the numbers of the rows in the file are kept in `numbers`."""
    while some := list(islice(rows, ROWS_SENT)):
        numbers += [number for number, _ in some]
        cells = [row for _, row in some]
        yield pb.OpenWatchRequest(rows_json=json.dumps(cells, ensure_ascii=False))


def _pages(
    node: Services, watch: str, after: str, size: int, *, follow: bool
) -> Iterator[dict[str, Any]]:
    """Pages from a position on, to the last one there is, or on and on."""
    while True:
        request = pb.ReadWatchRequest(number=watch, after=after, page_size=size, follow=follow)
        more = follow
        for message in node.watches.ReadWatch(request):
            page: dict[str, Any] = json.loads(message.json)
            after, more = page["position"], follow or bool(page["more"] or page["pending"])
            yield page
        if not more:
            return


def _write_watches(found: list[dict[str, Any]], language: Language) -> None:
    shown = [
        one | {"state": _STATES[one["state"]][english()], "until": day(one["until"])}
        for one in found
    ]
    render.write_table("", render.pick(language, _WATCHES), shown)


def _unmeasured(event: dict[str, Any]) -> bool:
    """Whether the subject is listed, and no measure follows from any listing of it."""
    measured = any(match["measures"] for match in event["matches"])
    return event["result"] == "match" and not measured


def _changed(code: str, event: dict[str, Any]) -> str:
    """What changed, its code beside; no bare match where no measure follows."""
    if code in _MATCHES and _unmeasured(event):
        return f"{code} {UNMEASURED[english()]}"
    return with_text(code)


def _write_page(page: dict[str, Any], language: Language) -> None:
    rows = [
        one
        | {
            "changed": [_changed(said["code"], one) for said in one["changed"]],
            "result": _RESULTS["unmeasured" if _unmeasured(one) else one["result"]][english()],
        }
        for one in page["events"]
    ]
    if rows:
        render.write_table("", render.pick(language, _EVENTS), rows, _UNDER)
    for said in page["logs"]:
        render.write_line(" ".join(filter(None, (with_text(said["code"]), said["said"]))))
    render.write_line(f"{moment(page['at'])}  {say_in('位置 / position')} {page['position']}")
    if page["pending"]:
        render.write_line(f"{say_in('尚待核查 / still to be judged')} {page['pending']}")
