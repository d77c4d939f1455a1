"""What commands that make letters 公文 have in common: their options, the file they write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from huxin.v1 import letters_pb2 as pb

from federation.letters import LetterKind
from node.cli import render
from node.cli.client import Services, failures
from node.documents import answers
from node.texts.letters import Elements, elements

LetterFile = Annotated[
    Path, typer.Option("--out", metavar="FILE.docx", help="写入的文件 / File to be made")
]
LetterNumber = Annotated[
    str,
    typer.Option("--number", metavar="NO", help="文号，缺省留空待填 / Its number; else left free"),
]


LetterAddressee = Annotated[
    str,
    typer.Option("--to", metavar="NAME", help="主送单位，缺省留空待填 / To whom; else left free"),
]


def given(
    node: Services,
    kind: LetterKind,
    about: str,
    number: str,
    handled: Iterable[Mapping[str, Any]] = (),
) -> Elements:
    """What the office gives a letter: of the register, else as it was typed.

    Raises:
        RefusedError: `letter.numbered`.
    """
    request = pb.GetLetterRequest(kind=kind, about=about)
    letter = answers.document(node.letters.GetLetter(request))
    return elements(letter, handled=handled, number=number)


def keep(out: Path, made: bytes) -> None:
    """Write a letter into a new file, and say what is done with it; none is overwritten."""
    with failures(), out.open("xb") as file:
        file.write(made)
    render.say(f"{out}：请核对后用印 / check it, then seal it")
