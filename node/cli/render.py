"""Writing results and messages; the only module of the commands that writes anything.

Results go to standard output, everything else to standard error.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import typer
from rich.console import Console
from rich.markup import escape as escape_markup
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from federation.visible import visible, visible_json
from node.cli.options import Language
from node.texts.codes import in_chinese_first

_PLAIN_WIDTH: Final = 10_000
"""Columns of what goes into a file or a pipe: nothing is folded there, since others search it."""

_WHOLE: Final = frozenset({"statement_id", "id"})
"""Fields that are copied into the next command, so that they are never folded."""


UNREAD: Final = 141
"""Exit code where whoever read the results stopped reading, as of a program that the pipe ends."""


class _Results(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to `_read_on`; rich would end the program with 1, which says "findings"."""
        raise BrokenPipeError


@contextmanager
def _read_on() -> Iterator[None]:
    """End the program quietly where nobody reads the results any more (`huxin … | head`)."""
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at the end
        raise typer.Exit(UNREAD) from None


def escape(text: str) -> str:
    """Let a text be shown as it stands, and what cannot be seen in it with it."""
    return escape_markup(visible(text))


def results() -> Console:
    """The console of results; made anew, because tests replace the streams."""
    width = None if sys.stdout.isatty() else _PLAIN_WIDTH
    return _Results(file=sys.stdout, width=width, highlight=False, soft_wrap=False)


def messages() -> Console:
    """The console of everything else."""
    return Console(file=sys.stderr, highlight=False, soft_wrap=True)


def write_json(document: object) -> None:
    """Write one document."""
    with _read_on():
        text = json.dumps(document, ensure_ascii=False, indent=2)
        sys.stdout.write(f"{visible_json(text)}\n")
        sys.stdout.flush()


def write_json_line(document: object) -> None:
    """Write one object of a stream, on a line of its own."""
    with _read_on():
        sys.stdout.write(f"{visible_json(json.dumps(document, ensure_ascii=False))}\n")
        sys.stdout.flush()


def write_table(title: str, columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows as a table.

    Args:
        title: above it; may be empty.
        columns: field name → heading, in order.
        rows: fields as in the JSON output.
    """
    table = Table(title=escape(title) or None, title_justify="left", header_style="bold")
    for name, heading in columns.items():
        table.add_column(escape(heading), overflow="fold", no_wrap=name in _WHOLE)
    for row in rows:
        table.add_row(*(escape(_cell(row.get(name))) for name in columns))
    with _read_on():
        results().print(table)


def write_fields(document: Mapping[str, Any], labels: Mapping[str, str]) -> None:
    """Write one object as a list of its labelled fields; those without a value are left out."""
    grid = Table.grid(padding=(0, 2))
    for name, label in labels.items():
        text = _cell(document.get(name))
        if text:
            grid.add_row(f"[bold]{escape(label)}[/bold]", escape(text))
    with _read_on():
        results().print(grid)


def write_line(text: str) -> None:
    """Write one line of results, never folded: it may be a command to be copied."""
    with _read_on():
        results().print(escape(text), soft_wrap=True)


def say(text: str) -> None:
    """Tell the person at the terminal."""
    messages().print(escape(text))


def say_error(code: str, text: str, advice: str = "") -> None:
    """Tell why a command did not do what it was asked, with the stable code."""
    said = escape(in_chinese_first(code, text))
    messages().print(f"[bold red]错误 error[/bold red] {escape(code)}: {said}")
    if advice:
        messages().print(f"[bold]办法 fix[/bold] {escape(advice)}")


def say_warning(code: str, text: str) -> None:
    """Tell what a command could not see to, with the stable code; it goes on."""
    said = escape(in_chinese_first(code, text))
    messages().print(f"[bold yellow]警告 warning[/bold yellow] {escape(code)}: {said}")


@contextmanager
def rows_read() -> Iterator[Progress]:
    """Show how many rows have been read, while it lasts; a task has the field `rows`."""
    console = messages()
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.fields[rows]} 行 rows"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        yield progress


def pick(language: Language, labels: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Take the labels of one language; each is (Chinese, English)."""
    return {name: pair[language is Language.EN] for name, pair in labels.items()}


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "是 yes" if value else "否 no"
        case dict():
            return "，".join(f"{name} {_cell(part)}" for name, part in value.items())
        case list() | tuple():
            return "，".join(map(_cell, value))
        case _:
            return str(value)
