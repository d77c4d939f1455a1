"""`huxin letters list|show|issue`: the register of letters 发文登记簿, and numbers 文号."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Any, Final

import typer
from huxin.v1 import letters_pb2 as pb

from federation.letters import LetterKind
from federation.persons import Sort, letter_body
from node.cli import render
from node.cli.client import Services, services
from node.cli.language import Language
from node.cli.options import (
    MAX_COUNT,
    Directory,
    Format,
    LanguageOption,
    OutputFormat,
    node_directory,
)
from node.cli.signing import Key, signed
from node.documents import answers
from node.texts.letters import COLUMNS, UNDER, in_words

PAGE: Final = 200

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="公文登记：编文号、签发、查登记簿 / Letters: their numbers, who issued them.",
)

Kind = Annotated[LetterKind, typer.Argument(metavar="KIND", help="公文种类 / Kind of the letter")]
About = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="所涉声明、专项或目录版本的编号 / Id of the statement, campaign, edition"
    ),
]


@app.command("issue")
def issue(
    kind: Kind,
    about: About,
    *,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="签发人 / Who issues it")],
    prepared: Annotated[
        str, typer.Option("--prepared", metavar="NAME", help="经办人 / Who prepared it")
    ] = "",
    number: Annotated[
        str,
        typer.Option(
            "--number", metavar="NO", help="文号，缺省由节点编下一号 / Its number; else the next"
        ),
    ] = "",
    key: Key = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """签发一件公文：登记文号和签发人 / Issue a letter: its number, and who issued it, are kept."""
    place = node_directory(directory)
    body = letter_body(kind=kind, about=about, number=number.strip())
    request = pb.IssueLetterRequest(
        kind=kind, about=about, number=number, person=by, prepared=prepared
    )
    with services(place) as node:
        request.note = signed(place, key, Sort.LETTER, body)
        found = answers.document(node.letters.IssueLetter(request))
    _write(found, output, language)


@app.command("show")
def show(
    kind: Kind,
    about: About,
    *,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """显示一件公文的文号、日期和办理人 / One letter: number, day, who had a hand in it."""
    request = pb.GetLetterRequest(kind=kind, about=about)
    with services(node_directory(directory)) as node:
        found = answers.document(node.letters.GetLetter(request))
    _write(found, output, language)


@app.command("list")
def list_letters(
    *,
    limit: Annotated[
        int | None, typer.Option(min=1, max=MAX_COUNT, help="至多几件 / At most so many")
    ] = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """列出发文登记簿，新的在前 / The register, the newest first."""
    with services(node_directory(directory)) as node:
        found = list(islice(_pages(node), limit))
    if output is Format.JSON:
        render.write_json(found)
        return
    rows = [in_words(one, english=language is Language.EN) for one in found]
    render.write_table("", render.pick(language, COLUMNS), rows, UNDER)


def _pages(node: Services) -> Iterator[dict[str, Any]]:
    request = pb.ListLettersRequest(page_size=PAGE)
    while True:
        page = node.letters.ListLetters(request)
        yield from answers.rows(page.letters_json)
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


def _write(found: dict[str, Any], output: Format, language: Language) -> None:
    if output is Format.JSON:
        render.write_json(found)
        return
    shown = in_words(found, english=language is Language.EN)
    render.write_fields(shown, render.pick(language, COLUMNS))
