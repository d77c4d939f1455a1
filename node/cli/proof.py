"""`huxin proof`: everything that lets a stranger verify one statement.

With `--bundle DIR` the files `leaf`, `proof`, `vkey`, and, where the node holds it, `opening`:
32 bytes of salt, then the payload. Who gets the opening can read it: hand it only to those
entitled, and keep no copy.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer
from huxin.v1 import admin_pb2 as pb
from typer.core import TyperGroup

from adapters.files.atomic import write_atomically
from federation.audit.export_names import format_opening
from federation.errors import RefusedError
from federation.peers.first_notes import TIMED_KINDS
from federation.statements import Opening
from node.cli import render
from node.cli.client import services
from node.cli.language import say_in
from node.cli.naming import named
from node.cli.options import (
    Directory,
    Format,
    OutputFormat,
    StatementArgument,
    node_directory,
)
from node.cli.proof_check import verify
from node.documents.proofs import proof_document
from node.texts.fields import moment

_SECRET_MODE: Final = 0o600
_PUBLIC_MODE: Final = 0o644
_LABELS: Final = {
    "statement_id": "声明 / statement",
    "origin": "日志 / log",
    "index": "序号 / index",
    "size": "日志条数 / checkpoint size",
    "first_cosigned": "首次独立联署 / first cosigned",
    "root": "日志根 / checkpoint root",
    "leaf": "条目 / leaf",
    "vkey": "验证密钥 / verifier keys",
    "opening": "可披露内容 / opening held",
    "bundle": "文件 / files",
}


class _Group(TyperGroup):
    """`huxin proof ID` is `huxin proof make ID`: an id is never the name of a command."""

    default = "make"

    def parse_args(self, ctx, args):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - typer's
        """Put the command in where none is named."""
        if args and args[0] not in self.commands and "--help" not in args[:1]:
            args.insert(0, self.default)
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_Group,
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="存证证明：出具、离线核验 / Proofs: make one, verify one offline.",
)
app.command("verify")(verify)


@app.command("make")
def proof(
    statement: StatementArgument,
    *,
    directory: Directory = None,
    bundle: Annotated[
        Path | None,
        typer.Option(metavar="DIR", file_okay=False, help="写入该目录 / Write the files there"),
    ] = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """出具一条声明的存证证明，供离线核验 / Prove one statement, for verification offline."""
    with services(node_directory(directory)) as node:
        whole = named(node, statement)
        response = node.admin.GetProof(pb.GetProofRequest(statement_id=whole))
        document = proof_document(response, whole)
        if bundle is not None:
            write_bundle(bundle, response)
            document["bundle"] = str(bundle)
    if output is Format.JSON:
        render.write_json(document)
    else:
        at = document.pop("first_cosigned")
        if response.leaf[1] in TIMED_KINDS:
            document["first_cosigned"] = (
                moment(at) if at else say_in("时间未证明 / time not proved")
            )
        render.write_fields(document, _LABELS)


def write_bundle(folder: Path, response: pb.GetProofResponse) -> None:
    """Write the files of a bundle into a folder that is new or empty.

    Raises:
        RefusedError: `bundle.in-the-way`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        message = f"{folder} is not empty; name another folder"
        raise RefusedError("bundle.in-the-way", message)
    write_atomically(folder / "leaf", response.leaf, mode=_PUBLIC_MODE)
    write_atomically(folder / "proof", response.proof, mode=_PUBLIC_MODE)
    write_atomically(folder / "vkey", response.vkey.encode(), mode=_PUBLIC_MODE)
    if response.salt:
        opening = format_opening(Opening(salt=response.salt, payload=response.payload))
        write_atomically(folder / "opening", opening, mode=_SECRET_MODE)
