"""`huxin mark`: where it stands what this node has signed, and the move to another place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from adapters.errors import HighWaterError
from adapters.sql import open_store
from federation.errors import RefusedError
from federation.ids import Origin
from node.access.wiring import load_query_signer
from node.cli import render
from node.cli.client import failures
from node.cli.language import Language
from node.cli.options import Directory, Format, LanguageOption, OutputFormat, node_directory
from node.directory.config import Config, Environment, load_config
from node.directory.creation import QUERY_KEY_FILE
from node.directory.marks import Mark, Marks
from node.directory.presence import locked
from node.system.failpoints import Failpoints

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="高水位标记：所在、迁移 / The high-water mark: where it stands, and moving it.",
)

_COLUMNS: Final = {
    "origin": ("日志", "log"),
    "place": ("位置", "place"),
    "state": ("状态", "state"),
    "size": ("条数", "size"),
    "problem": ("问题", "problem"),
}


class Place(StrEnum):
    """Where a mark may stand."""

    SHARED = "shared"
    FILE = "file"


@app.callback()
def mark() -> None:
    """高水位标记 / The high-water mark."""


@app.command("show")
def show(
    *,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """查看各日志的标记所在 / Show where the marks of the logs stand."""
    path = node_directory(directory)
    with failures(), _marks(path) as (config, marks):
        rows = [
            _row(origin, place, found)
            for origin in _origins(config)
            for place, found in _places(marks, origin)
        ]
    if output is Format.JSON:
        render.write_json(rows)
        return
    render.write_table("", render.pick(language, _COLUMNS), rows)


@app.command("move")
def move(
    *,
    to: Annotated[Place, typer.Option("--to", help="迁往何处 / Where to")] = Place.SHARED,
    directory: Directory = None,
) -> None:
    """迁移标记；节点须先停止；中断后再执行 / Move the marks; again, if it broke off."""
    path = node_directory(directory)
    with failures(), locked(path), _marks(path) as (config, marks):
        for origin in _origins(config):
            size, _ = marks.move(origin, to_file=to is Place.FILE)
            render.write_line(f"{origin}: {to}, {size} 条 leaves")
    if to is Place.FILE:
        render.say("从 huxin.toml 中去掉 [state] mark / now take [state] mark out of huxin.toml")


@contextmanager
def _marks(path: Path) -> Iterator[tuple[Config, Marks]]:
    config = load_config(path)
    store = open_store(config.database_url)
    try:
        around = Failpoints(Environment().failpoint).at
        yield config, Marks(config, apart_from=store.server_identifier(), around=around)
    finally:
        store.close()


def _origins(config: Config) -> Iterator[Origin]:
    """Our own log, and the newest epoch of the query log."""
    yield config.origin
    if (config.keys_directory / QUERY_KEY_FILE).exists():
        yield Origin(load_query_signer(config).name)


def _places(marks: Marks, origin: Origin) -> Iterator[tuple[Place, Mark]]:
    yield Place.FILE, marks.file(origin)
    if marks.shared:
        yield Place.SHARED, marks.row(origin)


def _row(origin: Origin, place: Place, found: Mark) -> dict[str, Any]:
    row: dict[str, Any] = {"origin": origin, "place": place, "state": "", "size": "", "problem": ""}
    try:
        standing = found.standing()
    except (HighWaterError, RefusedError) as error:
        return row | {"problem": f"{error.code}: {error}"}
    if standing is None:
        return row | {"state": "none"}
    state, (size, _) = standing
    return row | {"state": state.value, "size": size}
