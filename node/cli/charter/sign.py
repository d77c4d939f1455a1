"""`huxin charter sign`: a member's signature under a draft, on the machine that has its key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adapters.files.atomic import write_atomically
from crypto.dsse import sign_envelope
from federation.charters.verification import read_envelope
from node.cli import render
from node.cli.charter.describe import describe, signatures, write
from node.cli.options import Format
from node.directory.keys import load_signer
from node.system.clock import SystemClock


def sign(
    draft: Annotated[
        Path,
        typer.Argument(metavar="DRAFT", exists=True, dir_okay=False, help="章程草案 / The draft"),
    ],
    *,
    key: Annotated[
        Path,
        typer.Option(
            metavar="FILE", exists=True, dir_okay=False, help="章程密钥 / The charter key"
        ),
    ],
) -> None:
    """显示草案内容，并在其上签名 / Show a draft, and add a member's signature to it."""
    envelope, terms = read_envelope(draft.read_bytes())
    signer = load_signer(key)
    now = SystemClock().now()
    write(Format.TABLE, describe(envelope, terms, now))
    envelope = sign_envelope(envelope, signer.seed)
    write_atomically(draft, envelope.to_bytes())
    member = terms.voters.get(signer.verifier.public)
    if member is None:
        render.say(
            f"{signer.name} 不是本版的投票成员，签名只计入上一版 / "
            "not a voting member of this version: the signature counts for the one before only"
        )
    render.write_line(signatures(describe(envelope, terms, now)))
    render.write_line(member or signer.name)
