"""A mapping proposed from a table: columns that are known are named, doubts stand as comments.

A name of a column is known from the built-in layouts, of the list that is named or of the one that
fits best; else the cells say what they hold: unified codes, document numbers, days. What is guessed
is marked, what nobody knows is listed. A person looks at it and tries it (`huxin adapter try`); a
proposal publishes nothing. It holds names of columns and never a cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from adapters.files._cell_error import CellError
from adapters.files._cells import read_code
from adapters.files._columns import wanted
from adapters.files._dates import FORMATS, DateReader
from adapters.files._extraction import NAMED, values
from adapters.files.faults import RowFault
from adapters.files.headings import Wanted, column_name
from adapters.files.mapping import SCHEMES, Mapping, built_in_mappings
from adapters.files.proposal_text import Guess, mapping_text
from adapters.files.standing import tells
from adapters.files.tables import Table, Tabular

ROWS: Final = 200
"""Rows that are looked at."""
KNOWN_MIN: Final = 3
"""Names of columns by which a row is seen to be the header."""
SHARE: Final = 0.8
"""Of the filled cells of a column have to hold what it is guessed to hold."""

_PERSONS: Final = re.compile(
    "法定代表人|法人代表|负责人|身份证|证件|电话|手机|性别|年龄|住址|联系人|姓名$"
).search
_NAMES: Final = re.compile("(公司|厂|店|社|中心|学校|医院|集团|合作社|（演示）)$").search


def open_table(path: Path) -> Table:
    """Open a file; its header is the first row with several names that a built-in layout knows.

    Raises:
        TableError: it is not a table within the bounds.
    """
    table = Table(path)
    names = frozenset().union(*(wanted(one).names for one in built_in_mappings().values()))

    def fits(header: Sequence[str]) -> bool:
        return sum(column_name(text) in names for text in header if text) >= KNOWN_MIN

    table.look_for(Wanted(names=names, fits=fits))
    return table


def propose(table: Tabular, titles: Sequence[str], *, list_type: str = "") -> str:
    """Return the text of a mapping file for a table.

    Args:
        table: the rows; the first `ROWS` are looked at.
        titles: what stands above the header, and the names of worksheet and file.
        list_type: of a built-in layout to begin with; empty: the one that knows most columns.
    """
    guess, layout, _ = guessed(table, list_type)
    return mapping_text(guess, layout, list_type or layout.list_type, titles)


def guessed(table: Tabular, list_type: str) -> tuple[Guess, Mapping, dict[str, list[str]]]:
    """What each column of a table is taken for, the layout that was begun with, and the cells.

    See `propose`; of each column the filled cells of the rows that are looked at.
    """
    header = [text for text in table.header if text]
    layout = layout_like(header, list_type)
    cells = _columns(table)
    guess = _named(header, layout)
    _look(guess, cells)
    return guess, layout, cells


def layout_like(header: Sequence[str], list_type: str) -> Mapping:
    """The built-in layout of a list, or else the one that knows most of the columns."""
    built_in = built_in_mappings()
    if list_type in built_in:
        return built_in[list_type]
    names = set(map(column_name, header))

    def known(one: Mapping) -> int:
        columns = [c for cs in one.fields.values() for c in cs]
        columns += [c for part in one.reason for c in part.columns]
        return len(names & set(map(column_name, columns)))

    return max(built_in.values(), key=known)


def _columns(table: Tabular) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {text: [] for text in table.header if text}
    for item in islice(table, ROWS):
        if isinstance(item, RowFault):
            continue
        for text, cell in zip(table.header, item[1], strict=False):
            if text and cell.strip():
                found[text].append(cell.strip())
    return found


def _named(header: Sequence[str], layout: Mapping) -> Guess:
    """Sort the columns by what the layout, or else any built-in one, calls them."""
    guess = Guess()
    layouts = [layout, *(one for one in built_in_mappings().values() if one is not layout)]
    for text in header:
        name = column_name(text)
        of_persons = any(name in _names(one.persons) for one in layouts) or _PERSONS(text)
        if of_persons and not any(name in _names(one.fields["name"]) for one in layouts):
            guess.persons.append(text)
        elif not _by_layouts(guess, text, name, layouts):
            (guess.standing if tells(text) else guess.unknown).append(text)
    return guess


def _by_layouts(guess: Guess, text: str, name: str, layouts: Sequence[Mapping]) -> bool:
    for one in layouts:
        for target, columns in one.fields.items():
            if name in _names(columns):
                guess.fields.setdefault(target, []).append(text)
                if one is not layouts[0]:
                    guess.guessed[text] = f"因 {one.title} 如此称呼 / as another list calls it"
                return True
        if any(name in _names(part.columns) for part in one.reason):
            guess.reason.append(text)
            return True
        for columns, into in (
            (one.own_key, guess.key),
            (one.party.columns if one.party else (), guess.party),
            (one.period, guess.period),
            (one.grades.columns if one.grades else (), guess.grades),
        ):
            if name in _names(columns):
                into.append(text)
                return True
    return False


def _look(guess: Guess, cells: dict[str, list[str]]) -> None:
    """Guess by the cells what no name says."""
    dates = DateReader(FORMATS)
    looks: tuple[tuple[str, Callable[[str], object], str], ...] = (
        ("code", _is_code, "单元格为统一社会信用代码 / its cells are unified codes"),
        ("document", _is_document, "单元格为文号 / its cells are document numbers"),
        ("name", _NAMES, "单元格像单位名称 / its cells look like names of organisations"),
        ("decided_on", lambda cell: _is_date(dates, cell), "单元格为日期 / its cells are days"),
    )
    for target, holds, why in looks:
        if target in guess.fields:
            continue
        for text in list(guess.unknown):
            if _share(cells[text], holds) >= SHARE:
                guess.fields[target] = [text]
                guess.guessed[text] = why
                guess.unknown.remove(text)
                break
    if "document" not in guess.fields:
        shares = {
            text: _share(found, _has_document)
            for text, found in cells.items()
            if text not in guess.persons
        }
        best = max(shares, key=lambda text: shares[text], default="")
        if best and shares[best] > 0:
            guess.inside["document"] = best
            count = len(cells[best])
            guess.guessed[best] = f"{round(shares[best] * count)}/{count}"


def _share(cells: Sequence[str], holds: Callable[[str], object]) -> float:
    return sum(bool(holds(cell)) for cell in cells) / len(cells) if cells else 0.0


def _is_code(cell: str) -> bool:
    try:
        read_code(cell, SCHEMES)
    except CellError:
        return False
    return True


def _is_document(cell: str) -> bool:
    return values(NAMED["document-number"], cell) == (cell,)


def _has_document(cell: str) -> bool:
    return len(values(NAMED["document-number"], cell)) == 1


def _is_date(dates: DateReader, cell: str) -> bool:
    try:
        dates.read(cell)
    except CellError:
        return False
    return True


def _names(columns: Iterable[str]) -> set[str]:
    return set(map(column_name, columns))
