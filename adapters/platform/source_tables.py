"""Rows of a platform's database as a table, so that a mapping can be tried on them.

Nothing is written and nothing is locked. A table is named, never a query: its name is looked up
in the database's own catalog, and what is read is quoted by SQLAlchemy.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from sqlalchemy import MetaData, Table, select
from sqlalchemy.exc import NoSuchTableError

from adapters.files.errors import TableError
from adapters.files.faults import RowFault
from adapters.files.tables import Limits, TableRow, checked_header, long_fault
from adapters.platform.database import DatabasePlatform
from adapters.platform.inbox import DatabaseInbox, InboxRow

INBOX_ROWS_MAX: Final = 4096
"""Rows of the inbox that are looked at; each holds up to 65,535 characters."""
_AT_ONCE: Final = 1024
"""Rows fetched in one go."""


class InboxRows:
    """Rows of one source's list in the inbox that are still to be published; numbered by `id`."""

    def __init__(
        self, inbox: DatabaseInbox, *, source: str, list_type: str, again: str, only_list: bool
    ) -> None:
        """Read them.

        Args:
            inbox: of the platform.
            source: whose rows.
            list_type: of which list.
            again: rows that were refused with this code are read beside those that wait.
            only_list: the source has no other list: rows that name none are meant too.

        Raises:
            TableError: `table.empty`.
            PlatformError: they cannot be read.
        """
        names = (list_type, "") if only_list else (list_type,)
        self._rows = inbox.to_publish(source, names, again, INBOX_ROWS_MAX)
        if not self._rows:
            message = f"没有待处理的行 / expected rows of source {source!r} that wait, found none"
            raise TableError("table.empty", message)
        self._cells = {row.id: row.cells() for row in self._rows}
        found = {name: None for cells in self._cells.values() for name in cells or ()}
        self.header: tuple[str, ...] = tuple(found)

    def __iter__(self) -> Iterator[TableRow | RowFault]:
        """Yield them; a column that a row lacks is empty."""
        for row in self._rows:
            cells = self._cells[row.id]
            if cells is None:
                yield _malformed(row)
            else:
                yield row.id, [cells.get(name, "") for name in self.header]


class DatabaseRows:
    """All rows of a table or view, in the order of its primary key; numbered from 1."""

    def __init__(self, database: DatabasePlatform, name: str, limits: Limits) -> None:
        """Look the table up.

        Args:
            database: of the platform.
            name: `table`, or `schema.table`.
            limits: of rows, columns and cells.

        Raises:
            TableError: `table.unknown`, `header.columns`, `header.duplicate`.
            PlatformError: the database does not answer, or refuses.
        """
        self._database = database
        self._limits = limits
        schema, _, plain = name.rpartition(".")
        try:
            with database.transaction() as connection:
                self._table = Table(
                    plain,
                    MetaData(),
                    schema=schema or None,
                    autoload_with=connection,
                    resolve_fks=False,
                )
        except NoSuchTableError:
            message = f"数据库中没有这张表 / expected a table or view of the database, got {name!r}"
            raise TableError("table.unknown", message) from None
        names = tuple(column.name for column in self._table.columns)
        self.header = checked_header(names, limits.columns)

    def __iter__(self) -> Iterator[TableRow | RowFault]:
        """Yield the rows as texts.

        Raises:
            TableError: `file.rows`.
            PlatformError: they cannot be read on.
        """
        asked = select(self._table).order_by(*self._table.primary_key.columns)
        options = {"stream_results": True, "yield_per": _AT_ONCE}
        with (
            self._database.transaction() as connection,
            connection.execute(asked, execution_options=options) as found,
        ):
            for number, row in enumerate(found, start=1):
                if number > self._limits.rows:
                    message = f"行数过多 / expected at most {self._limits.rows} rows; take a view"
                    raise TableError("file.rows", message)
                yield self._row(number, tuple(row))

    def _row(self, number: int, values: tuple[object, ...]) -> TableRow | RowFault:
        cells: list[str] = []
        for name, value in zip(self.header, values, strict=True):
            text = _text(value)
            if text is None:
                return _type_fault(number, name, value)
            cells.append(text)
        if max(map(len, cells), default=0) > self._limits.cell:
            return long_fault(number, self.header, cells, self._limits.cell)
        return number, cells


def _text(value: object) -> str | None:
    """Return a value as a file would have it; None for what is no text, number or day."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return None
        case dt.datetime() if value.time() == dt.time():
            return value.date().isoformat()
        case dt.datetime():
            return value.replace(tzinfo=None).isoformat(" ", "seconds")
        case dt.date():
            return value.isoformat()
        case int() | Decimal():
            return str(value)
        case _:
            return None


def _type_fault(number: int, column: str, value: object) -> RowFault:
    return RowFault(
        row=number,
        column=column,
        code="cell.type",
        value="",
        expected="",
        message=(
            "单元格类型不能作为文本 / expected a text, a whole number, a decimal or a date, got "
            f"{type(value).__name__}; give a view that turns it into text"
        ),
    )


def _malformed(row: InboxRow) -> RowFault:
    return RowFault(
        row=row.id,
        column="content",
        code="row.malformed",
        value="",
        expected="{…}",
        message="内容不是一个 JSON 对象 / expected one JSON object of texts by column name",
    )
