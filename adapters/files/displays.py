"""Tables of what a third party displays: code, document and, where it has one, list.

Cells are handed on as they stand: what a row must be is `federation.relief.displays`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from adapters.files.errors import MappingError
from adapters.files.faults import RowFault
from adapters.files.headings import Wanted, check_once, column_name
from adapters.files.nation_export import COLUMNS
from adapters.files.tables import DEFAULT_LIMITS, Limits, Table

_FIELDS: Final = ("code", "document", "list_type")


def read_displays(
    path: Path, limits: Limits = DEFAULT_LIMITS
) -> tuple[list[int], list[dict[str, str]]]:
    """Read a table.

    Returns:
        Numbers of the rows in the file, and the rows; one whose line cannot be split into cells
        has empty ones, and so is refused like any that cannot be read.

    Raises:
        TableError: the file is not a table within the bounds.
        MappingError: the header lacks a required column (`header.missing`).
    """
    table = Table(path, limits)
    known = frozenset(column_name(name) for field in _FIELDS for name in COLUMNS[field])
    table.look_for(Wanted(names=known, fits=lambda header: not _absent(header)))
    check_once(table.header, known)
    if absent := _absent(table.header):
        wanted = "; ".join(" / ".join(COLUMNS[field]) for field in absent)
        message = f"表头缺少必需的列 / a display: the header lacks {wanted}"
        raise MappingError("header.missing", message)
    headers = {column_name(text) for text in table.header if text}
    names = {
        field: [name for each in COLUMNS[field] if (name := column_name(each)) in headers]
        for field in _FIELDS
    }
    numbers: list[int] = []
    rows: list[dict[str, str]] = []
    for item in table.records():
        number, record = (item.row, {}) if isinstance(item, RowFault) else item
        row = {
            field: next(filter(None, (record.get(name, "").strip() for name in some)), "")
            for field, some in names.items()
        }
        if isinstance(item, RowFault) or any(row.values()):
            numbers.append(number)
            rows.append(row)
    return numbers, rows


def _absent(header: Sequence[str]) -> list[str]:
    names = {column_name(text) for text in header if text}
    return [
        field
        for field in ("code", "document")
        if not names.intersection(map(column_name, COLUMNS[field]))
    ]
