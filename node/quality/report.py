"""The report on quality 周调度、月通报、季评估 as a page and as a workbook.

Both show the same tables. What stands in a cell may come from a department's file or from another
city's log: the page escapes everything, and no cell is one that a spreadsheet takes for a formula.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from importlib.resources import files
from itertools import zip_longest
from typing import Final, NamedTuple

from jinja2 import Environment, StrictUndefined
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from rich.cells import cell_len

from federation.spreadsheets import escape_formula
from federation.visible import visible

TEMPLATE: Final = "quality.html.j2"
_TITLE_MAX: Final = 31
"""Characters in the name of a sheet."""

PERCENT: Final = "0.00%"
DECIMAL: Final = "0.00"
_WIDEST: Final = 60
"""Columns of characters that a column of a sheet takes at most."""


class Number(NamedTuple):
    """A number that is no count, and the form in which it is shown."""

    value: float
    form: str

    def __str__(self) -> str:
        """As the page shows it."""
        return f"{self.value:.2%}" if self.form == PERCENT else f"{self.value:.2f}"


Cell = str | int | Number


class Sheet(NamedTuple):
    """One table of the report."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]


class Report(NamedTuple):
    """All of it."""

    title: str
    made: str
    """By which node, when."""
    sheets: Sequence[Sheet]
    charts: Sequence[str] = ()
    """SVG; the page shows them, and what they show stands in a sheet too."""


def page(report: Report, language: str) -> bytes:
    """The report as HTML, UTF-8."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, finalize=_seen)
    source = (files("node.quality") / "templates" / TEMPLATE).read_text("utf-8")
    text = environment.from_string(source).render(report=report, language=language)
    return text.encode()


def _seen(value: object) -> object:
    """What a template puts in: a text with what cannot be seen in it written out."""
    return visible(value) if type(value) is str else value


def workbook(report: Report) -> bytes:
    """The report as XLSX, a sheet for each table: the heading stands still, numbers are numbers."""
    book = Workbook(write_only=True)
    for number, sheet in enumerate(report.sheets):
        made = book.create_sheet(sheet.title[:_TITLE_MAX])
        above = () if number else ((report.title,), (report.made,))
        if sheet.headings:
            made.freeze_panes = f"A{len(above) + 2}"
        for column, width in enumerate(_widths(sheet), 1):
            made.column_dimensions[get_column_letter(column)].width = width
        for row in above:
            made.append([_cell(made, cell) for cell in row])
        made.append([_cell(made, cell, bold=True) for cell in sheet.headings])
        for cells in sheet.rows:
            made.append([_cell(made, cell) for cell in cells])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _widths(sheet: Sheet) -> list[int]:
    """Characters that each column takes; a Chinese one is as wide as two."""
    columns = zip_longest(sheet.headings, *sheet.rows, fillvalue="")
    return [min(_WIDEST, 2 + max(cell_len(str(cell)) for cell in cells)) for cells in columns]


def _cell(sheet: WriteOnlyWorksheet, value: Cell, *, bold: bool = False) -> object:
    if isinstance(value, Number):
        cell = WriteOnlyCell(sheet, value.value)
        cell.number_format = value.form
        return cell
    if isinstance(value, int):
        return value
    cell = WriteOnlyCell(sheet, escape_formula(visible(value)))
    cell.data_type = "s"  # whatever it begins with
    if bold:
        cell.font = Font(bold=True)
    return cell
