"""Options that many commands share, and how their texts are read."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, NewType

import typer

from federation.errors import StatementError
from federation.ids import Date, StatementId, statement_id_from_hex
from node.cli.language import Language, speak
from node.directory.config import Environment
from node.system.clock import SystemClock
from node.texts.fields import day

MAX_COUNT: Final = 1_000_000_000
"""The largest number of rows that may be asked for; every integer of a command is bounded."""
IdPrefix = NewType("IdPrefix", str)
"""The first digits of a statement's id, in lower case."""
_PREFIX: Final = re.compile(r"[0-9a-fA-F]{6,32}")
_DATE: Final = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})")


class Format(StrEnum):
    """Forms in which results are written."""

    TABLE = "table"
    JSON = "json"


def node_directory(value: Path | None) -> Path:
    """Return the node's directory: `--dir`, else `$HUXIN_DIR`, else the current one; absolute."""
    return (Environment().dir if value is None else value).absolute()


def parse_date(text: str) -> Date:
    """Read a calendar date, `2026-11-20` or `20261120`.

    Raises:
        BadParameter: neither, or no such day.
    """
    match = _DATE.fullmatch(text) if text.count("-") in (0, 2) else None
    message = (
        f"日期须写作 YYYY-MM-DD 或 YYYYMMDD，实为 {text[:40]!r} / "
        f"expected YYYY-MM-DD or YYYYMMDD, got {text[:40]!r}"
    )
    if match is None:
        raise typer.BadParameter(message)
    try:
        datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=UTC)
    except ValueError:
        raise typer.BadParameter(message) from None
    return Date(int(match[1] + match[2] + match[3]))


def parse_past_date(text: str) -> Date:
    """Read the date of a document that has been issued: not after today, Asia/Shanghai.

    Raises:
        BadParameter: no date, or one in the future.
    """
    return require_past(parse_date(text))


def require_past(date: Date) -> Date:
    """See that a date is not after today, Asia/Shanghai.

    Raises:
        BadParameter: it is.
    """
    today = SystemClock().today()
    if date > today:
        by, said = day(today), day(date)
        message = (
            f"日期在将来：{said}，按本机时钟今日为 {by} / "
            f"expected a day not after today ({by} by this machine's clock), got {said}"
        )
        raise typer.BadParameter(message)
    return date


def parse_prefix(text: str) -> IdPrefix:
    """Read the first digits of a statement's id, or all 32; `named` finds whose they are.

    Raises:
        BadParameter: fewer than 6, or no hexadecimal digits.
    """
    if _PREFIX.fullmatch(text) is None:
        message = (
            f"编号须为 6 至 32 位十六进制数字，实为 {text[:40]!r} / "
            f"expected 6 to 32 hexadecimal digits, got {text[:40]!r}"
        )
        raise typer.BadParameter(message)
    return IdPrefix(text.lower())


def parse_statement(text: str) -> StatementId:
    """Read a statement id, whole: where no node is asked.

    Raises:
        BadParameter: not 32 hexadecimal digits.
    """
    try:
        return statement_id_from_hex(text.lower())
    except StatementError as error:
        message = f"须写全 32 位编号，实为 {text[:40]!r} / {error}"
        raise typer.BadParameter(message) from None


_DIR_HELP: Final = (
    "节点目录，缺省为 $HUXIN_DIR，再缺省为当前目录 / "
    "The node's directory; $HUXIN_DIR, else the current one"
)

Directory = Annotated[
    Path | None, typer.Option("--dir", metavar="DIR", help=_DIR_HELP, show_default=False)
]
"""Default None; `node_directory` turns it into a path."""

OutputFormat = Annotated[
    Format,
    typer.Option("-o", "--output", help="输出格式 / Form of the output", case_sensitive=False),
]

LanguageOption = Annotated[
    Language,
    typer.Option("--lang", callback=speak, help="语言 / Language of what people read"),
]
"""Stands at every command (`node.cli.main`), also where its function does not ask for it."""


def language_alone(*, language: LanguageOption = Language.ZH) -> None:
    """A command with this option alone; others take it from here (`node.cli.main`)."""


StatementArgument = Annotated[
    IdPrefix,
    typer.Argument(
        parser=parse_prefix,
        metavar="STATEMENT_ID",
        help="声明编号，可只写前几位，至少 6 位 / Statement id, or its first digits, 6 at least",
    ),
]
"""Of a command that asks a node; `node.cli.naming.named` makes a statement id of it."""

WholeStatementArgument = Annotated[
    StatementId,
    typer.Argument(
        parser=parse_statement,
        metavar="STATEMENT_ID",
        help="声明编号，全部 32 位 / Statement id, all 32 digits",
    ),
]
"""Of a command that asks none, as of what is signed elsewhere."""

ShownOption = Annotated[
    str,
    typer.Option(
        "--shown",
        metavar="SHOWN",
        help=(
            "查看时的 shown；其后已改则不办理 / `shown` of what you saw: refused where it has "
            "changed since"
        ),
    ),
]
"""Of a word about a thing that others may change meanwhile (V10)."""

DocumentOption = Annotated[
    str,
    typer.Option(
        "--document", metavar="NO", help="决定文书号 / Number of the document that decided it"
    ),
]

DateOption = Annotated[
    Date,
    typer.Option(
        "--date",
        parser=parse_date,
        metavar="DATE",
        help="决定日期，YYYY-MM-DD 或 YYYYMMDD / Date of that document",
    ),
]
"""Whether it is of the future the node says, by every clock that it has heard: a machine whose own
was set back must keep no relief out."""
