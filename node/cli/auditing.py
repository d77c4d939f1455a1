"""What the commands have in common that verify exports: pins, deadlines, processes, progress."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from adapters.catalog.editions import read_edition, starter_editions
from adapters.catalog.working_days import working_days
from federation.ids import CharterId, Timestamp
from federation.reconcile.catalog import Catalog, Edition
from federation.reconcile.deadlines import Due, due
from federation.reconcile.entries import DEADLINES
from federation.reconcile.obligations import Obligation
from federation.visible import visible
from node.system.clock import date_of

_DEFAULT_DEADLINES: Final = "alliance-deadlines-2026"
_PIN: Final = re.compile(r"[0-9a-f]{64}")

PinsOption = Annotated[
    list[str],
    typer.Option("--pin", metavar="ID", help="联盟标识，取自纸质文本 / Alliance id"),
]
DeadlinesOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--deadlines",
        exists=True,
        dir_okay=False,
        metavar="FILE",
        help="含时限的目录版本，缺省为联盟启动版（当日） / Editions with deadlines",
    ),
]
ProcessesOption = Annotated[
    int,
    typer.Option(metavar="N", min=0, max=1024, help="进程数，0 为全部处理器 / Processes; 0: all"),
]


def pin_of(text: str) -> CharterId:
    """The alliance that was named.

    Raises:
        BadParameter: it is none.
    """
    if not _PIN.fullmatch(text):
        message = (
            f"--pin: 应为 64 个十六进制小写字符 / expected 64 hexadecimal digits, got {text!r}"
        )
        raise typer.BadParameter(message)
    return CharterId(bytes.fromhex(text))


def editions_of(paths: list[Path] | None) -> list[Edition]:
    """The editions that were named, else the alliance's first deadlines."""
    if not paths:
        return [read_edition(starter_editions()[_DEFAULT_DEADLINES])]
    return [read_edition(path.read_text("utf-8")) for path in paths]


def due_by(editions: Sequence[Edition]) -> Callable[[int, Timestamp], Due | None]:
    """Until when reliefs are to be executed, by editions that the auditor chose and so confirms."""
    confirmed = {f"{e.id}/{DEADLINES}/{row.name}" for e in editions for row in e.deadlines.values()}
    catalog, days = Catalog(editions, confirmed), working_days(Path())

    def until(_kind: int, published: Timestamp) -> Due | None:
        return due(Obligation.RELIEF, date_of(published), catalog, days)

    return until


def progress(what: str, done: int, of: int) -> None:
    """Say how far it is, beside the results."""
    typer.echo(f"{done + 1}/{of} {visible(what)}", err=True)
