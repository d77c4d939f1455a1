"""`huxin catalog authorities` and `regions`: codes with their validity and successors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Final

import typer
from huxin.v1 import catalogs_pb2 as pb

from federation.ids import Date
from node.cli import render
from node.cli.client import services
from node.cli.language import Language
from node.cli.options import (
    Directory,
    Format,
    LanguageOption,
    OutputFormat,
    node_directory,
    parse_date,
)

_COLUMNS: Final = {
    "code": ("代码", "code"),
    "name": ("名称", "name"),
    "valid_until": ("有效至", "until"),
    "successors": ("承继", "successors"),
    "confirmed": ("已核实", "confirmed"),
    "edition": ("版本", "edition"),
}
_UNDER: Final = {"code": ("edition",)}

Day = Annotated[
    Date | None,
    typer.Option("--on", metavar="DATE", parser=parse_date, help="某日，缺省为今日 / On a day"),
]


def authorities(
    *,
    on: Day = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """列出机关代码、有效期与承继机关 / Authorities by code, with validity and successors."""
    _show("authorities", on, directory, output, language)


def regions(
    *,
    on: Day = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """列出行政区划代码、有效期与承继代码 / Regions by code, with validity and successors."""
    _show("regions", on, directory, output, language)


def _show(
    table: str, on: Date | None, directory: Path | None, output: Format, language: Language
) -> None:
    with services(node_directory(directory)) as node:
        answer = node.catalogs.ShowCatalog(pb.ShowCatalogRequest(on=on or 0))
    rows = json.loads(answer.json)[table]
    if output is Format.JSON:
        render.write_json(rows)
        return
    render.write_table("", render.pick(language, _COLUMNS), rows, _UNDER)
