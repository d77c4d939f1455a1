"""`huxin requests send|list|show|answer|letter`: what is forwarded 转办, and what is answered."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from huxin.v1 import requests_pb2 as pb

from federation.errors import RefusedError
from federation.ids import Date, StatementId
from federation.relief.requests import How, Verdict
from node.cli import render
from node.cli.client import Services, failures, services
from node.cli.language import Language, english
from node.cli.letter_files import LetterFile, LetterNumber, given, keep
from node.cli.naming import named
from node.cli.options import (
    MAX_COUNT,
    Directory,
    Format,
    IdPrefix,
    LanguageOption,
    OutputFormat,
    StatementArgument,
    node_directory,
    parse_date,
    parse_past_date,
    parse_prefix,
    require_past,
)
from node.documents import answers
from node.system.entropy import token
from node.texts import requests as texts

PAGE: Final = 200
REQUEST_ID_SIZE: Final = 16
TEXT_MAX: Final = 4096
_COLUMNS: Final = {
    "statement_id": ("转办", "request"),
    "type": ("事项", "type"),
    "state": ("状态", "state"),
    "from": ("转出", "from"),
    "to": ("认定方", "to"),
    "document": ("原文书号", "document"),
    "received_on": ("收到日期", "received"),
    "result_due": ("办结期限", "due"),
    "overdue": ("逾期", "overdue"),
}
_UNDER: Final = {"state": ("overdue",), "from": ("to",)}

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="异议、修复申请转办：转出、列表、详情、答复、文书 / Requests: send, list, answer …",
)


class Kind(StrEnum):
    """What was handed in."""

    OBJECTION = "objection"
    REPAIR = "repair"


_TYPES: Final = {Kind.OBJECTION: "objection", Kind.REPAIR: "repair-application"}


@app.command("send")
def send(
    statement: StatementArgument,
    *,
    kind: Annotated[
        Kind, typer.Option("--kind", help="异议或修复申请 / An objection or an application")
    ],
    received: Annotated[
        Date,
        typer.Option(
            "--received",
            parser=parse_past_date,
            metavar="DATE",
            help="本地收到申请的日期 / Day on which it was handed in",
        ),
    ],
    document: Annotated[
        str,
        typer.Option("--document", metavar="NO", help="本地收文号 / Number of the receipt here"),
    ] = "",
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            exists=True,
            dir_okay=False,
            help="申请内容，文本，至多 4096 字 / What is asked and why, text",
        ),
    ] = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """把异议或修复申请转交认定方 / Forward an objection or application to the listing's origin."""
    with failures():
        text = "" if file is None else _read(file)
    request = pb.SendRequestRequest(
        request_id=token(REQUEST_ID_SIZE).hex(),
        type=_TYPES[kind],
        received_on=received,
        text=texts.handed_in(document, text),
    )
    with services(node_directory(directory)) as node:
        request.statement_id = named(node, statement)
        said = answers.document(node.requests.SendRequest(request))
    _write(said, output)


@app.command("list")
def list_requests(
    *,
    all_: Annotated[
        bool, typer.Option("--all", help="含已办结的 / Those that are closed as well")
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, max=MAX_COUNT, help="至多几条 / At most so many")
    ] = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """列出转出的和待本地答复的 / List what was forwarded from here, and what is to be answered."""
    with services(node_directory(directory)) as node:
        found = list(islice(_pages(node, open_only=not all_), limit))
    if output is Format.JSON:
        render.write_json(found)
        return
    rows = [texts.line(one, english=language is Language.EN) for one in found]
    render.write_table("", render.pick(language, _COLUMNS), rows, _UNDER)


@app.command("show")
def show(
    statement: StatementArgument,
    *,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """显示一件转办：内容、期限、答复 / What is asked, until when, what was answered."""
    with services(node_directory(directory)) as node:
        found = _get(node, named(node, statement))
    _write(found, output, language)


@app.command("answer")
def answer(
    statement: StatementArgument,
    verdict: Annotated[
        Verdict,
        typer.Argument(
            help="收到、受理、支持、不予支持；撤回由转出方 / What is said; withdrawn by who sent it"
        ),
    ],
    *,
    reason: Annotated[
        str,
        typer.Option(
            "--reason", metavar="CODE", help="不予支持的理由代码 / Why it is refused: request.…"
        ),
    ] = "",
    by: Annotated[
        How | None,
        typer.Option("--by", help="以何种声明支持 / By what it is granted, said with it"),
    ] = None,
    document: Annotated[
        str,
        typer.Option("--document", metavar="NO", help="决定文书号 / Number of the decision"),
    ] = "",
    date: Annotated[
        Date | None,
        typer.Option(
            "--date", parser=parse_date, metavar="DATE", help="决定日期 / Date of the decision"
        ),
    ] = None,
    result: Annotated[
        IdPrefix | None,
        typer.Option(
            "--result",
            parser=parse_prefix,
            metavar="STATEMENT_ID",
            help="已发布的支持声明 / The statement that grants it, said before",
        ),
    ] = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """答复转办；支持即发布修复、撤销、屏蔽或暂停 / Answer; granting publishes what was asked."""
    if date is not None and by is None:  # what relieves is asked of the node, by every clock
        require_past(date)
    request = pb.AnswerRequestRequest(
        request_id=token(REQUEST_ID_SIZE).hex(),
        verdict=verdict.value,
        reason=reason,
        how="" if by is None else by.value,
        document=document,
        decided_on=date or 0,
    )
    with services(node_directory(directory)) as node:
        request.statement_id = named(node, statement)
        if result is not None:
            request.result = named(node, result)
        said = answers.document(node.requests.AnswerRequest(request))
    _write(said, output)


@app.command("letter")
def write_letter(
    statement: StatementArgument,
    out: LetterFile,
    *,
    number: LetterNumber = "",
    directory: Directory = None,
) -> None:
    """出具转办单或处理告知书（DOCX，留用印处） / Make the letter, with room for number and seal."""
    from node.relief.request_letters import kind_of, letter  # noqa: PLC0415 - loads all of python-docx

    with services(node_directory(directory)) as node:
        found = _get(node, named(node, statement))
        of = given(node, kind_of(found), found["statement_id"], number)
    keep(out, letter(found, of))


def _pages(node: Services, *, open_only: bool) -> Iterator[dict[str, Any]]:
    request = pb.ListRequestsRequest(open=open_only, page_size=PAGE)
    while True:
        page = node.requests.ListRequests(request)
        yield from answers.rows(page.requests_json)
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


def _get(node: Services, statement: StatementId) -> dict[str, Any]:
    return answers.document(node.requests.GetRequest(pb.GetRequestRequest(statement_id=statement)))


def _read(file: Path) -> str:
    """Read what was handed in.

    Raises:
        RefusedError: `request.text`: no UTF-8 text of at most `TEXT_MAX` characters.
    """
    with file.open("rb") as opened:
        data = opened.read(4 * TEXT_MAX + 1)
    try:
        text = data.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        text = ""
    if not text or len(text) > TEXT_MAX:
        message = f"{file}: expected UTF-8 text of 1 to {TEXT_MAX} characters"
        raise RefusedError("request.text", message)
    return text


def _write(found: dict[str, Any], output: Format, language: Language = Language.ZH) -> None:
    if output is Format.JSON:
        render.write_json(found)
        return
    render.write_fields(texts.head(found, english=english()), render.pick(language, texts.HEAD))
    if found["answers"]:
        rows = [texts.answer(one, english=english()) for one in found["answers"]]
        render.write_table("", render.pick(language, texts.ANSWERS), rows)
