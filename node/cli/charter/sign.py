"""`huxin charter sign`: a member's signature under a draft, on the machine that has its key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adapters.files.atomic import write_atomically
from crypto.dsse import sign_envelope
from federation.charters.verification import read_envelope
from node.cli import render
from node.directory.keys import load_signer


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
    """在草案上签名，先读清内容 / Add a member's signature; read with `charter show` first."""
    envelope, terms = read_envelope(draft.read_bytes())
    signer = load_signer(key)
    write_atomically(draft, sign_envelope(envelope, signer.seed).to_bytes())
    member = terms.voters.get(signer.verifier.public)
    if member is None:
        render.say(
            f"{signer.name} 不是本版的投票成员，签名只计入上一版 / "
            "not a voting member of this version: the signature counts for the one before only"
        )
    render.write_line(member or signer.name)
