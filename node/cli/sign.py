"""`huxin sign relist|go-on`: what two persons sign before an act that asks for both.

Each signs the same file with the own key, one after the other, with the words of the act; the act
itself is then given the file (`--note`). Nothing is read of a node but its configuration.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from federation.ids import StatementId
from federation.payloads import Listing, RelistingGround
from federation.persons import Sort, go_on_body, relisting_body, signers_of
from federation.statements import Kind
from node.cli import render
from node.cli.listing_file import read_listing
from node.cli.options import (
    DateOption,
    Directory,
    DocumentOption,
    StatementArgument,
    node_directory,
)
from node.cli.reaching import failures
from node.cli.relief import GROUNDS, Ground
from node.cli.signing import sign_onto
from node.codec import ProtobufPayloads, draft_payload_from_proto
from node.relisting import content_signed

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="两人先后在同一文件上签署所办之事 / Two persons sign one file, one after the other.",
)

NoteArgument = Annotated[Path, typer.Argument(metavar="FILE", help="签名文件 / File of the word")]
OwnKey = Annotated[Path, typer.Option("--key", metavar="FILE", help="本人的签名密钥 / Own key")]


@app.callback()
def sign() -> None:
    """具名签署 / Words of persons."""


@app.command("relist")
def relist(
    note: NoteArgument,
    statement: StatementArgument,
    *,
    document: DocumentOption,
    date: DateOption,
    ground: Annotated[
        Ground, typer.Option(help="欺骗取得或修复有误 / Obtained by fraud, or made in error")
    ],
    file: Annotated[
        Path | None,
        typer.Option(metavar="PAYLOAD", exists=True, dir_okay=False, help="列入内容 / The listing"),
    ] = None,
    key: OwnKey,
    directory: Directory = None,
) -> None:
    """签署恢复列入 / Sign a RELISTING: the same options as `huxin relist`."""
    with failures():
        content = b""
        if file is not None:
            payload = draft_payload_from_proto(Kind.LISTING, read_listing(file))
            if isinstance(payload, Listing):
                content = content_signed(ProtobufPayloads(), payload)
        body = relisting_body(
            relief=StatementId(statement),
            document=document,
            decided_on=date,
            ground=RelistingGround(GROUNDS[ground]),
            content=content,
        )
        _sign(note, directory, key, Sort.RELISTING, body)


@app.command("go-on")
def go_on(
    note: NoteArgument,
    *,
    size: Annotated[int, typer.Option(min=0, help="本机日志条数 / Leaves that this machine holds")],
    mark_missing: Annotated[
        bool, typer.Option("--mark-missing", help="高水位标记缺失 / The high-water mark is missing")
    ] = False,
    reason: Annotated[str, typer.Option("--reason", help="理由 / Why")] = "",
    key: OwnKey,
    directory: Directory = None,
) -> None:
    """签署他处未签得更多 / Sign that nothing newer was signed: `huxin recover --go-on`."""
    with failures():
        body = go_on_body(size, reason, mark=not mark_missing)
        _sign(note, directory, key, Sort.GO_ON, body)


def _sign(note: Path, directory: Path | None, key: Path, sort: Sort, body: str) -> None:
    word = sign_onto(note, node_directory(directory), key, sort, body)
    render.write_line(f"{note}: {'、'.join(signers_of(word))}")
