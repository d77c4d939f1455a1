"""`huxin charter print`: a charter and sharing agreement 共享协议 on paper, for people who sign."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from federation.charters.verification import read_envelope
from federation.errors import RefusedError
from node.charters.files import load_chain
from node.charters.joining import newest
from node.cli import render
from node.cli.letter_files import LetterFile, LetterNumber
from node.cli.options import Directory, node_directory
from node.directory.config import load_config


def print_charter(
    what: Annotated[
        str,
        typer.Argument(
            metavar="FILE|ALLIANCE",
            help="章程文件，或本节点所在联盟的标识开头 / A charter file, or how the id of one of "
            "this node's alliances begins",
        ),
    ],
    out: LetterFile,
    *,
    number: LetterNumber = "",
    directory: Directory = None,
) -> None:
    """章程暨共享协议（DOCX，留签字、用印处） / Charter and sharing agreement, for signatures."""
    from node.charters.agreement import agreement  # noqa: PLC0415 - loads all of python-docx

    file = Path(what)
    data = file.read_bytes() if file.is_file() else _adopted(what, directory)
    envelope, terms = read_envelope(data)
    made = agreement(envelope, terms, number)
    with out.open("xb") as written:
        written.write(made)
    render.say(
        f"{out}：与 huxin charter show 核对后用印 / compare with huxin charter show, then seal it"
    )


def _adopted(begins: str, directory: Path | None) -> bytes:
    """The version in force of an alliance that this node has adopted.

    Raises:
        CharterError: `charter.forked`, or one of `load_chain`.
        RefusedError: `charter.unknown`: no file, and none or several alliances.
    """
    config = load_config(node_directory(directory))
    found = [pin for pin in config.pins if pin.hex().startswith(begins.lower())]
    if len(found) != 1 or not begins:
        known = ", ".join(pin.hex()[:12] for pin in config.pins) or "none"
        message = f"expected a charter file or one alliance of this node ({known}), got {begins!r}"
        raise RefusedError("charter.unknown", message)
    chain = load_chain(config.charters_directory, found[0])
    newest(chain)
    return chain.latest.envelope
