"""Writing results and messages; the only module of the commands that writes anything.

Results go to standard output, everything else to standard error.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Final

import typer
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape as escape_markup
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from federation.visible import visible, visible_json
from node.cli import layout
from node.cli.language import Language, english, say_in
from node.directory.config import Environment
from node.texts.fields import for_people, labels
from node.texts.messages import is_cut, spoken

_PLAIN_WIDTH: Final = 10_000
"""Columns of what goes into a file or a pipe: nothing is folded there, since others search it."""

_SHORT: Final = frozenset({"statement_id", "id", "digest", "root", "previous"})
"""Fields of which a table on a terminal has the beginning; `show` and JSON have the whole."""
_SHORTENED: Final = 8
_WHOLE: Final = 32
"""Digits from which on one is shortened here: what has fewer was (`node.cli.naming`)."""
_DURATIONS: Final = frozenset({"head_age_s", "expires_in_s", "ahead_s", "room_s"})
"""Fields in seconds that people are told in days and hours."""
COLUMNS: Final = 100
"""Columns of a terminal that everything fits."""


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
    """The console of results; made anew, because tests replace the streams.

    `COLUMNS` says how wide it is, also where nobody looks.
    """
    width = None if sys.stdout.isatty() or Environment().columns else _PLAIN_WIDTH
    return _Results(file=sys.stdout, width=width, highlight=False, soft_wrap=False)


def is_narrow() -> bool:
    """Whether tables are made for a terminal, where ids are shortened."""
    return results().width < _PLAIN_WIDTH


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


def write_table(
    title: str,
    columns: Mapping[str, str],
    rows: Sequence[Mapping[str, Any]],
    under: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> None:
    """Write rows as a table, or as blocks of lines where the terminal is too narrow for one.

    Args:
        title: above it; may be empty.
        columns: field name → heading, in order.
        rows: fields as in the JSON output.
        under: field name → fields that go under it where there is no room beside it.
    """
    console = results()
    short = is_narrow()
    columns = {name: say_in(heading) for name, heading in columns.items()}
    texts = [{name: _shown(name, row.get(name), short=short) for name in columns} for row in rows]
    headings = list(columns.values())
    cells = [list(text.values()) for text in texts]
    found = layout.widths([headings, *cells], console.width)
    if rows and (found is None or found != layout.widths([headings, *cells], _PLAIN_WIDTH)):
        headings, cells = layout.stacked(columns, texts, under)
        found = layout.widths([headings, *cells], console.width)
    with _read_on():
        if title:
            console.print(f"[italic]{escape(layout.folded(title, console.width))}[/italic]")
        if found is None:
            _write_blocks(console, columns, texts)
            return
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
        table.header_style = "bold"
        for heading, width in zip(headings, found, strict=True):
            head = escape(layout.folded(heading, width))
            table.add_column(head, width=width, no_wrap=True, overflow="crop")
        for row in cells:
            pairs = zip(row, found, strict=True)
            table.add_row(*(escape(layout.folded(cell, width)) for cell, width in pairs))
        console.print(table)
        console.print()


def _write_blocks(
    console: Console, columns: Mapping[str, str], texts: Sequence[Mapping[str, str]]
) -> None:
    """Write each row as labelled lines."""
    for text in texts:
        for name, heading in columns.items():
            if text[name]:
                line = layout.folded(f"{heading} {text[name]}", console.width)
                console.print(escape(line), soft_wrap=True)
        console.print()


def write_fields(document: Mapping[str, Any], headings: Mapping[str, str]) -> None:
    """Write one object as a list of its labelled fields; those without a value are left out."""
    console = results()
    shown = {say_in(label): _shown(name, document.get(name)) for name, label in headings.items()}
    first = max((cell_len(label) for label, text in shown.items() if text), default=0)
    room = max(console.width - first - layout.GAP, layout.GAP)
    grid = Table.grid(padding=(0, layout.GAP))
    for label, text in shown.items():
        if text:
            grid.add_row(f"[bold]{escape(label)}[/bold]", escape(layout.folded(text, room)))
    with _read_on():
        console.print(grid)


def write_document(document: Mapping[str, Any], names: Iterable[str] | None = None) -> None:
    """Write one object's fields (of these names) as people read them."""
    named = labels(document if names is None else names, english=english())
    write_fields(for_people(document, english=english()), named)


def write_problems(problems: Sequence[Mapping[str, str]]) -> None:
    """Write problems, each as its code and what it is, and under it what to do."""
    console = results()
    with _read_on():
        for one in problems:
            said = layout.folded(f"{one['code']}  {one['message']}", console.width)
            console.print(escape(said), soft_wrap=True, style="bold")
            if one.get("fix"):
                what = f"{say_in('办法 / fix')}  {say_in(one['fix'])}"
                for line in layout.folded(what, console.width - layout.GAP).split("\n"):
                    console.print(f"{' ' * layout.GAP}{escape(line)}", soft_wrap=True)


def write_line(text: str) -> None:
    """Write one line of results, never folded: it may be a command to be copied."""
    with _read_on():
        results().print(escape(say_in(text)), soft_wrap=True)


def write_text(text: str) -> None:
    """Write a paragraph, folded to the terminal."""
    console = results()
    with _read_on():
        console.print(escape(layout.folded(say_in(text), console.width)), soft_wrap=True)


def say(text: str) -> None:
    """Tell the person at the terminal; of a text in two languages the one that is spoken."""
    messages().print(escape(say_in(text)))


def say_field(label: str, value: object) -> None:
    """Tell the person at the terminal one labelled value."""
    messages().print(escape(f"{label}  {_cell(value)}"))


def say_under(text: str) -> None:
    """Tell the person at the terminal what belongs to the line before, folded at 100 columns."""
    for line in layout.folded(visible(text), COLUMNS - 4).splitlines():
        messages().print(f"    {escape_markup(line)}", soft_wrap=True)


def whole_text(code: str, text: str) -> str:
    """Where the whole of a message is that is shorter in Chinese; to be added to the advice."""
    return "（说明全文：加 --lang en）" if not english() and is_cut(code, text) else ""


def say_error(code: str, text: str, advice: str = "") -> None:
    """Tell why a command did not do what it was asked, with the stable code."""
    said = escape(spoken(code, text, english=english()))
    label = say_in("错误 / error")
    messages().print(f"[bold red]{label}[/bold red] {escape(code)}: {said}")
    if advice:
        label = say_in("办法 / fix")
        messages().print(f"[bold]{label}[/bold] {escape(say_in(advice))}")


def say_warning(code: str, text: str) -> None:
    """Tell what a command could not see to, with the stable code; it goes on."""
    said = escape(spoken(code, text, english=english()))
    label = say_in("警告 / warning")
    messages().print(f"[bold yellow]{label}[/bold yellow] {escape(code)}: {said}")


@contextmanager
def rows_read() -> Iterator[Progress]:
    """Show how many rows have been read, while it lasts; a task has the field `rows`."""
    console = messages()
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn(f"{{task.fields[rows]}} {say_in('行 / rows')}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        yield progress


def pick(language: Language, pairs: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Take the labels of one language; each is (Chinese, English)."""
    return {name: pair[language is Language.EN] for name, pair in pairs.items()}


def duration(seconds: int) -> str:
    """A time span as people say it."""
    past, size = ("-", -seconds) if seconds < 0 else ("", seconds)
    for number, zh, en, part, part_zh, part_en in _SPANS:
        if size >= number:
            whole, rest = size // number, size % number // part
            more = say_in(f" {rest} {part_zh} / {rest} {part_en}") if rest else ""
            return f"{past}{say_in(f'{whole} {zh} / {whole} {en}')}{more and f' {more.strip()}'}"
    return f"{past}{say_in(f'{size} 秒 / {size} s')}"


_SPANS: Final = (
    (86_400, "天", "d", 3600, "小时", "h"),
    (3600, "小时", "h", 60, "分钟", "min"),
    (60, "分钟", "min", 1, "秒", "s"),
)


def _shown(name: str, value: object, *, short: bool = False) -> str:
    if name in _DURATIONS and isinstance(value, int):
        return duration(value)
    text = _cell(value, "\n" if short else "，")
    return text[:_SHORTENED] if short and name in _SHORT and len(text) >= _WHOLE else text


def _cell(value: object, between: str = "，") -> str:
    match value:
        case None:
            return ""
        case bool():
            return say_in("是 / yes" if value else "否 / no")
        case dict():
            return between.join(f"{name} {_cell(part)}" for name, part in value.items())
        case list() | tuple():
            return (", " if english() else "、").join(map(_cell, value))
        case _:
            return str(value)
