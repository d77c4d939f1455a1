"""What commands that make letters 公文 have in common: their options, the file they write."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from node.cli import render
from node.cli.client import failures

LetterFile = Annotated[
    Path, typer.Option("--out", metavar="FILE.docx", help="写入的文件 / File to be made")
]
LetterNumber = Annotated[
    str,
    typer.Option("--number", metavar="NO", help="文号，缺省留空待填 / Its number; else left free"),
]


def keep(out: Path, made: bytes) -> None:
    """Write a letter into a new file, and say what is done with it; none is overwritten."""
    with failures(), out.open("xb") as file:
        file.write(made)
    render.say(f"{out}：请核对后用印 / check it, then seal it")
