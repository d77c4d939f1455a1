"""Tables of subjects that are to be watched: code and name, in columns as for a batch of checks.

Cells are handed on as they stand: what a row must be is `federation.screening.watches`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from adapters.files.errors import MappingError
from adapters.files.faults import RowFault
from adapters.files.headings import Wanted, check_once, column_name
from adapters.files.subjects import CODE, NAME
from adapters.files.tables import DEFAULT_LIMITS, Limits, Table

_COLUMNS: Final = {"code": CODE, "name": NAME}


def read_watched(
    path: Path, limits: Limits = DEFAULT_LIMITS
) -> Iterator[tuple[int, dict[str, str]]]:
    """Read a table, row by row.

    Yields:
        The number of each row in the file, and its cells; empty ones where a line cannot be split
        into cells, so that it is refused like any that cannot be read. Blank rows are left out.

    Raises:
        TableError: the file is not a table within the bounds.
        MappingError: the header lacks a column (`header.missing`).
    """
    table = Table(path, limits)
    known = {field: frozenset(map(column_name, names)) for field, names in _COLUMNS.items()}
    every = frozenset().union(*known.values())

    def absent(header: list[str]) -> list[str]:
        names = {column_name(text) for text in header if text}
        return [field for field in known if not names & known[field]]

    table.look_for(Wanted(names=every, fits=lambda header: not absent(list(header))))
    check_once(table.header, every)
    if missing := absent(list(table.header)):
        wanted = "; ".join(" / ".join(_COLUMNS[field]) for field in missing)
        message = f"表头缺少必需的列 / subjects: the header lacks {wanted}"
        raise MappingError("header.missing", message)
    headers = {column_name(text) for text in table.header if text}
    names = {field: sorted(headers & known[field]) for field in known}
    for item in table.records():
        number, record = (item.row, {}) if isinstance(item, RowFault) else item
        row = {
            field: next(filter(None, (record.get(name, "").strip() for name in some)), "")
            for field, some in names.items()
        }
        if isinstance(item, RowFault) or any(row.values()):
            yield number, row
