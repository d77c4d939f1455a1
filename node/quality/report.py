"""The report on quality 周调度、月通报、季评估 as a page and as a workbook.

Both show the same tables. What stands in a cell may come from a department's file or from another
city's log: the page escapes everything, and no cell is one that a spreadsheet takes for a formula.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from importlib.resources import files
from typing import Final, NamedTuple

from jinja2 import Environment, StrictUndefined
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from adapters.files.faults import escape_formula
from federation.visible import visible

TEMPLATE: Final = "quality.html.j2"
_TITLE_MAX: Final = 31
"""Characters in the name of a sheet."""

Cell = str | int


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
    """The report as XLSX, a sheet for each table."""
    book = Workbook(write_only=True)
    for number, sheet in enumerate(report.sheets):
        made = book.create_sheet(sheet.title[:_TITLE_MAX])
        above = () if number else ((report.title,), (report.made,))
        for row in (*above, sheet.headings, *sheet.rows):
            made.append([_text(made, cell) if isinstance(cell, str) else cell for cell in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _text(sheet: WriteOnlyWorksheet, text: str) -> object:
    cell = WriteOnlyCell(sheet, escape_formula(visible(text)))
    cell.data_type = "s"  # whatever it begins with
    return cell
