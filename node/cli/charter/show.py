"""`huxin charter show`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from federation.charters.verification import read_envelope
from node.cli.charter.describe import describe, write
from node.cli.options import Format, OutputFormat
from node.system.clock import SystemClock


def show(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="章程文件 / Charter file"),
    ],
    *,
    output: OutputFormat = Format.TABLE,
) -> None:
    """显示章程内容与已有签名 / Show a charter and who has signed it; judges no threshold."""
    envelope, terms = read_envelope(file.read_bytes())
    write(output, describe(envelope, terms, SystemClock().now()))
