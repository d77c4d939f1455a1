"""Rows of the sheets of a workbook, whatever its format: cells as undamaged text.

Runs in a child process of bounded memory and time (`_book_child`), after the file was looked
through for what the reader would not tell: `_xlsx_parts` for a zip of XML, `_xls_records` for the
older format.
"""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import python_calamine as calamine

from adapters.files._cells import DAMAGED
from adapters.files._shown_cells import as_shown
from adapters.files.errors import TableError
from adapters.files.headings import ROWS_MAX

COLUMNS_MAX: Final = 16_384
"""The most columns that a spreadsheet has."""
ROW_CHARACTERS_MAX: Final = 4 * 1024 * 1024
SHEETS_MAX: Final = 64
"""Visible sheets with content that are looked at."""
_COUNT_MAX: Final = 6
"""Digits of the number of a row."""
_EXACT: Final = 10**15
"""A spreadsheet keeps 15 digits of a number: from here on the last ones may be lost, and an
18-digit code typed into a number cell is not the code any more."""

_Value = int | float | str | bool | dt.time | dt.date | dt.timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was seen in a file beside the values of its cells."""

    source: Path | bytes
    """What the reader opens."""
    hidden: dict[str, frozenset[int]] = field(default_factory=dict)
    """Numbers of rows that are hidden or filtered away, by the sheet's name."""
    errors: dict[str, dict[tuple[int, int], str]] = field(default_factory=dict)
    """Errors that the reader would give as empty, by sheet, row number and column."""
    shown: dict[str, dict[tuple[int, int], str]] = field(default_factory=dict)
    """What of cells is shown otherwise than the reader gives them (F61), likewise."""


def book_rows(
    looked: Looked, sheet: str, cell_max: int, notices: Counter[str]
) -> Generator[tuple[int, list[str]]]:
    """Yield row number (as the spreadsheet shows it) and cells of every row with any.

    Row 0, which no spreadsheet has, comes before those of each sheet: the sheet's name, and
    whether there are several. Of several only the first rows come, for somebody to choose.

    Args:
        looked: the workbook.
        sheet: the one to read, or empty for the only one.
        cell_max: a longer cell is cut one character after this.
        notices: counts what is to be said of the rows.

    Raises:
        TableError: not a workbook, too wide, or no visible sheet with content.
    """
    try:
        sheets = _sheets(looked, sheet)
    except (calamine.CalamineError, calamine.PasswordError) as error:
        message = f"工作簿无法读取 / not a readable workbook ({error}); save it again as .xlsx"
        raise TableError("file.format", message) from error
    if not sheets:
        message = "没有可见且有内容的工作表 / expected a visible sheet with content, got none"
        raise TableError("file.sheets", message)
    several = len(sheets) > 1
    for one in sheets:
        if one.total_width > COLUMNS_MAX:
            message = f"列数过多 / expected at most {COLUMNS_MAX} columns, got {one.total_width}"
            raise TableError("header.columns", message)
        yield 0, [one.name, "several" if several else ""]
        left = ROWS_MAX if several else -1
        for row in _rows(one, looked, cell_max, Counter() if several else notices):
            yield row
            left -= 1
            if not left:
                break


def _sheets(looked: Looked, sheet: str) -> list[calamine.CalamineSheet]:
    source = looked.source
    workbook = (
        calamine.CalamineWorkbook.from_filelike(io.BytesIO(source))
        if isinstance(source, bytes)
        else calamine.CalamineWorkbook.from_path(source)
    )
    visible = calamine.SheetVisibleEnum.Visible
    names = [one.name for one in workbook.sheets_metadata if one.visible == visible]
    if sheet:
        names = [name for name in names if name == sheet]
    found = []
    for name in names[:SHEETS_MAX]:
        one = workbook.get_sheet_by_name(name)
        if one.height and any(any(map(_filled, row)) for row in one.iter_rows()):
            found.append(one)
    return found


def _rows(
    sheet: calamine.CalamineSheet, looked: Looked, cell_max: int, notices: Counter[str]
) -> Generator[tuple[int, list[str]]]:
    hidden = looked.hidden.get(sheet.name, frozenset())
    errors = looked.errors.get(sheet.name, {})
    wrong = {row for row, _ in errors}
    otherwise = looked.shown.get(sheet.name, {})
    styled = {row for row, _ in otherwise}
    merged = _Merged(sheet.merged_cell_ranges or ())
    for number, values in enumerate(sheet.iter_rows(), 1):
        cells = [_cell(value, cell_max) for value in values]
        if number in wrong:
            cells = [errors.get((number, at), cell) for at, cell in enumerate(cells)]
        if number in styled:
            cells = [
                as_shown(kind, values[at], cell) if (kind := otherwise.get((number, at))) else cell
                for at, cell in enumerate(cells)
            ]
        if merged.fill(number, cells):
            notices["cell.merged"] += 1
        if not any(cells):
            continue
        if sum(map(len, cells)) > ROW_CHARACTERS_MAX:
            message = f"行过长 / expected at most {ROW_CHARACTERS_MAX} characters in row {number}"
            raise TableError("file.line-long", message)
        if number in hidden:
            notices["row.hidden"] += 1
        yield number, cells


class _Merged:
    """Cells merged over several rows, whose value stands in the first of them alone (F40).

    A row of its number alone, filled in advance, is not one of them.
    """

    def __init__(self, ranges: Iterable[tuple[tuple[int, int], tuple[int, int]]]) -> None:
        self._coming = sorted(
            (top + 1, left, bottom + 1) for (top, left), (bottom, _) in ranges if bottom > top
        )
        self._coming.reverse()
        self._open: list[tuple[int, int, str]] = []
        """Column, last row and value."""

    def fill(self, number: int, cells: list[str]) -> bool:
        """Fill the cells of a row that has any of its own; whether there were some to fill."""
        filled = False
        if self._open:
            self._open = [one for one in self._open if one[1] >= number]
            own = [cell for cell in cells if cell]
            if own and not (len(own) == 1 and own[0].isdigit() and len(own[0]) <= _COUNT_MAX):
                for at, _, value in self._open:
                    if at < len(cells) and not cells[at]:
                        cells[at] = value
                        filled = True
        while self._coming and self._coming[-1][0] <= number:
            top, left, bottom = self._coming.pop()
            if top == number and left < len(cells) and cells[left]:
                self._open.append((left, bottom, cells[left]))
        return filled


def _filled(value: _Value) -> bool:
    return not isinstance(value, str) or not (value == "" or value.isspace())


def _cell(value: _Value, cell_max: int) -> str:
    if type(value) is str:
        if value.isspace():
            return ""
        return value if len(value) <= cell_max else value[: cell_max + 1]
    if type(value) is float and abs(value) >= _EXACT:
        return DAMAGED
    return _text(value)


def _text(value: _Value) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)
