"""One table as a workbook, for who keeps what a page has shown."""

from __future__ import annotations

from collections.abc import Sequence

from node.quality.report import Report, Sheet, workbook


def table_of(
    title: str, made: str, name: str, headings: Sequence[str], rows: Sequence[Sequence[str]]
) -> bytes:
    """A table as XLSX; takes a thread's time.

    Args:
        title: of the whole, above the table.
        made: what it tells and as of when, below the title.
        name: of its sheet.
        headings: of the columns.
        rows: their cells.
    """
    return workbook(Report(title=title, made=made, sheets=[Sheet(name, headings, rows)]))
