"""`huxin adapter totals|redeliver`: whether a platform has what it was told; telling it again."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Final

import typer
from huxin.v1 import platforms_pb2 as pb

from node.cli import render
from node.cli.client import Exit, services
from node.cli.language import Language
from node.cli.options import (
    Directory,
    Format,
    LanguageOption,
    OutputFormat,
    node_directory,
)
from node.system.clock import CHINA
from node.texts.fields import TOLD_STATES

Platform = Annotated[str, typer.Argument(help="配置中的平台名 / Platform of the configuration")]

_SUMMARY: Final = {
    "platform": ("平台", "platform"),
    "at": ("对账时间", "compared"),
    "result": ("结果", "result"),
    "count": ("不符行数", "rows that differ"),
    "gone": ("平台已删行数", "rows deleted there"),
}
_RESULTS: Final = {
    "same": ("相符", "same"),
    "differs": ("不符", "differs"),
    "not-offered": ("平台未提供对账", "not offered"),
    "waiting": ("尚有待发，稍后再对", "something waits to be told; later"),
    "": ("尚未对账", "not yet compared"),
}
_GROUPS: Final = {
    "origin": ("来源日志", "log"),
    "state": ("状态", "state"),
    "told": ("已告知", "told"),
    "found": ("平台所有", "there"),
}
_ROWS: Final = {
    "origin": ("来源日志", "log"),
    "index": ("序号", "index"),
    "told": ("已告知", "told"),
    "found": ("平台所有", "there"),
}


def totals(
    platform: Platform,
    *,
    now: Annotated[bool, typer.Option("--now", help="先对账再显示 / Compare first")] = False,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """与平台对账的结果（每夜一次） / What the nightly comparison of control totals found."""
    with services(node_directory(directory)) as node:
        asked = pb.GetTotalsRequest(platform=platform, now=now)
        said: dict[str, Any] = json.loads(node.platforms.GetTotals(asked).json)
    if output is Format.JSON:
        render.write_json(said)
    else:
        at = said["compared_at"]
        shown = said | {
            "at": datetime.fromtimestamp(at, CHINA).isoformat(sep=" ") if at else "",
            "result": _RESULTS[said["outcome"]][language is Language.EN],
        }
        render.write_fields(shown, render.pick(language, _SUMMARY))
        for labels, rows in ((_GROUPS, said["groups"]), (_ROWS, said["rows"])):
            if rows:
                named = [_named(row, language) for row in rows]
                render.write_table("", render.pick(language, labels), named)
    if said["outcome"] == "differs":
        raise typer.Exit(Exit.FINDINGS)


def redeliver(
    platform: Platform,
    *,
    origin: Annotated[
        str,
        typer.Option(
            metavar="O",
            help="补发此日志的全部；缺省只补不符的 / All of this log, not what differs",
        ),
    ] = "",
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """向平台补发对账不符的行 / Tell a platform again what differs."""
    with services(node_directory(directory)) as node:
        asked = pb.RedeliverRequest(platform=platform, origin=origin)
        said = json.loads(node.platforms.Redeliver(asked).json)
    if output is Format.JSON:
        render.write_json(said)
    else:
        render.write_line(f"{said['platform']}: {said['leaves']}")


def _named(row: dict[str, Any], language: Language) -> dict[str, Any]:
    """The words of states as people read them."""
    return {
        name: TOLD_STATES[value][language is Language.EN] if value in TOLD_STATES else value
        for name, value in row.items()
    }
