"""`huxin notices list|show|letter|remind`: our subjects on lists of others 属地通报, reminders."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from huxin.v1 import notices_pb2 as pb

from federation.ids import StatementId
from federation.letters import LetterKind
from node.cli import render
from node.cli.client import Services, services
from node.cli.language import Language, english
from node.cli.letter_files import LetterAddressee, LetterFile, LetterNumber, given, keep
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
    parse_prefix,
)
from node.texts import notices as texts

PAGE: Final = 200

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="属地通报：本地主体在外地的列入、通报函、失信提醒 / Our subjects on lists of others",
)


class State(StrEnum):
    """How a listing stands."""

    ACTIVE = "active"
    MASKED = "masked"
    PAUSED = "paused"
    REPAIRED = "repaired"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    HELD = "held"
    REJECTED = "rejected"
    SET_ASIDE = "set-aside"


@app.command("list")
def list_notices(
    *,
    state: Annotated[
        State | None, typer.Option("--state", help="只列此状态 / Only those in this state")
    ] = None,
    due: Annotated[
        bool, typer.Option("--due", help="只列应提醒的 / Only those to be reminded")
    ] = False,
    after: Annotated[
        int,
        typer.Option(
            "--after",
            min=0,
            max=MAX_COUNT,
            metavar="POSITION",
            help="只列此位置之后变动的 / Only what changed after this position",
        ),
    ] = 0,
    limit: Annotated[
        int | None, typer.Option(min=1, max=MAX_COUNT, help="至多几条 / At most so many")
    ] = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """列出外地对本地主体的列入，按变动先后 / List them in the order in which they changed."""
    request = pb.ListNoticesRequest(
        state="" if state is None else state.value, due=due, page_size=PAGE, page_token=str(after)
    )
    position = [str(after)]
    with services(node_directory(directory)) as node:
        found = list(islice(_pages(node, request, position), limit))
    if output is Format.JSON:
        render.write_json(found)
        return
    rows = [texts.line(one, english=language is Language.EN) for one in found]
    render.write_table("", render.pick(language, texts.COLUMNS), rows, texts.UNDER)
    reached = found[-1]["position"] if found and len(found) == limit else position[0]
    render.say(
        f"已读到位置 {reached}，下次 --after {reached} / read up to {reached}: --after {reached}"
    )


@app.command("show")
def show(
    statement: StatementArgument,
    *,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """显示一件通报：列入、状态、可申请修复 / Show one: the listing, its state, the ways out."""
    with services(node_directory(directory)) as node:
        found = _get(node, named(node, statement))
    if output is Format.JSON:
        render.write_json(found)
        return
    render.write_fields(texts.line(found, english=english()), render.pick(language, texts.HEAD))


@app.command("letter")
def write_letter(
    statement: StatementArgument,
    out: LetterFile,
    *,
    number: LetterNumber = "",
    to: LetterAddressee = "",
    directory: Directory = None,
) -> None:
    """出具属地通报函（DOCX，留用印处） / Make the letter, with room for number and seal."""
    from node.notices.letters import notice_letter  # noqa: PLC0415 - loads all of python-docx

    with services(node_directory(directory)) as node:
        found = _get(node, named(node, statement))
        of = given(node, LetterKind.NOTICE, found["statement_id"], number)
    keep(out, notice_letter(found, of, to))


@app.command("remind")
def remind(
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="DIR", file_okay=False, help="写入的文件夹 / Folder of the letters"
        ),
    ],
    *,
    statements: Annotated[
        list[IdPrefix] | None,
        typer.Argument(
            parser=parse_prefix,
            metavar="[STATEMENT_ID]…",
            help="缺省为全部应提醒的 / By default all that are due",
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=PAGE, help="至多几件 / At most so many")] = PAGE,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """出具失信提醒函并记下已提醒 / Make letters to subjects, and keep that they are reminded."""
    from node.notices.letters import reminder_letter  # noqa: PLC0415 - loads all of python-docx

    request = pb.ListNoticesRequest(due=True, page_size=PAGE)
    with services(node_directory(directory)) as node:
        asked = [named(node, one) for one in statements or ()]
        found = (
            [_get(node, one) for one in asked]
            if asked
            else list(islice(_pages(node, request, [""]), limit))
        )
        out.mkdir(parents=True, exist_ok=True)
        with ExitStack() as unless_kept:
            for one in found:
                path = out / f"{one['statement_id']}.docx"
                with path.open("xb") as file:
                    unless_kept.callback(path.unlink, missing_ok=True)
                    of = given(node, LetterKind.REMINDER, one["statement_id"], "")
                    file.write(reminder_letter(one, of))
            kept = _keep(node, [StatementId(bytes.fromhex(one["statement_id"])) for one in found])
            unless_kept.pop_all()
    if output is Format.JSON:
        render.write_json(kept)
        return
    rows = [texts.line(one, english=language is Language.EN) for one in kept]
    render.write_table("", render.pick(language, texts.COLUMNS), rows, texts.UNDER)
    render.say(
        f"{out}：{len(kept)} 件，请核对后用印送达 / {len(kept)} letters: check, seal, deliver"
    )


def _pages(
    node: Services, request: pb.ListNoticesRequest, position: list[str]
) -> Iterator[dict[str, Any]]:
    """Notices page by page; the position reached is left in the one place of `position`."""
    while True:
        page = node.notices.ListNotices(request)
        yield from map(json.loads, page.notices_json)
        position[0] = page.position
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


def _get(node: Services, statement: StatementId) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        node.notices.GetNotice(pb.GetNoticeRequest(statement_id=statement)).json
    )
    return found


def _keep(node: Services, statements: Sequence[StatementId]) -> list[dict[str, Any]]:
    if not statements:
        return []
    request = pb.RemindNoticesRequest(statement_ids=statements)
    return [json.loads(one) for one in node.notices.RemindNotices(request).notices_json]
