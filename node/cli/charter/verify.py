"""`huxin charter verify`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from federation.charters.chain import advance, begin_chain
from federation.charters.verification import Charter, read_envelope, verify_next
from federation.errors import CharterError
from federation.ids import CharterId
from node.cli import render
from node.cli.charter.describe import describe, signatures, write
from node.cli.charter.drafts import Pin, parse_pin, read_current
from node.cli.main import FINDINGS
from node.cli.options import Format, OutputFormat
from node.system.clock import SystemClock


def verify(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="章程文件 / Charter file"),
    ],
    *,
    pin: Pin = None,
    previous: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="此前各版，自第一版起为完整核验 / Versions before; all of them for a whole proof",
        ),
    ] = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """核验签名、门槛和版本链 / Check signatures, thresholds and the chain of versions."""
    pinned = parse_pin(pin)
    try:
        whole = _verify([read_current(path) for path in (*(previous or []), file)], pinned)
    except CharterError as error:
        document: dict[str, Any] = {"valid": False, "code": error.code, "message": str(error)}
        write(output, document)
        if error.code == "charter.threshold" and output is Format.TABLE:
            envelope, terms = read_envelope(file.read_bytes())
            render.write_line(signatures(describe(envelope, terms, SystemClock().now())))
        raise typer.Exit(FINDINGS) from None
    envelope, terms = read_envelope(file.read_bytes())
    document = {
        "valid": True,
        "whole_chain": whole,
        "pinned": pinned is not None,
        **describe(envelope, terms, SystemClock().now()),
    }
    if pinned is None and output is Format.TABLE:
        del document["pinned"]  # nothing was compared: that is no "no"
    write(output, document)
    if pinned is None:
        render.say("未给出 --pin：请与纸质文本核对标识 / compare the id with the paper")


def _verify(charters: list[Charter], pin: CharterId | None) -> bool:
    """Verify consecutive versions; tell whether the chain was shown from version 1 on."""
    first, *later = sorted(charters, key=lambda charter: charter.terms.version)
    if first.terms.version == 1:
        chain = begin_chain(first.envelope, pin or first.id)
        for charter in later:
            chain = advance(chain, charter.envelope)
        return True
    if pin is not None and pin != first.id:
        message = f"charter: expected the alliance {pin.hex()}, got {first.id.hex()}"
        raise CharterError("charter.pin", message)
    if not later:
        message = f"charter: expected --previous for version {first.terms.version}, got none"
        raise CharterError("charter.previous", message)
    for charter in later:
        first = verify_next(first, charter.envelope)
    return False
