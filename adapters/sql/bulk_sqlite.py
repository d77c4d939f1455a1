"""Bulk paths of SQLite: `executemany` on the bare driver, look-ups by IN-lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from sqlite3 import Connection
from typing import Final, cast

from sqlalchemy import Table

from adapters.sql.bulk import Row, key_of, names_of, quoted
from adapters.sql.prepared import NO_VALUES, Prepared, Values
from adapters.sql.schema import FIXED

_SIZES: Final = (1, 4, 16, 64, 256, 1024)
"""Lengths of IN-lists: few, so that the driver's cache of prepared statements always serves."""

_UNITED_SIZES: Final = (1, 2, 4, 8, 16, 64)
"""Likewise, of questions united into one; SQLite takes 500."""

_AT_ONCE: Final = 256
"""Rows of one INSERT; a row of `statements` has 20 values, and SQLite takes 32,766."""


class SqliteBulk:
    """`adapters.sql.bulk.Bulk` over `sqlite3`."""

    def __init__(self, connection: Connection) -> None:
        """Use a connection whose transaction is somebody else's."""
        self._connection = connection

    def writer_mark(self, held: object) -> object:
        """See `Bulk.writer_mark`: SQLite counts the commits of other connections."""
        del held
        return self.snapshot_mark()

    def snapshot_mark(self) -> object:
        """See `Bulk.snapshot_mark`: what a connection writes itself is not counted."""
        return self._connection.execute("PRAGMA data_version").fetchone()[0]

    def ask(self, question: Prepared, values: Values = NO_VALUES) -> list[Row]:
        """See `Bulk.ask`."""
        text = question.sqlite
        return self._connection.execute(text.sql, text.with_own(values)).fetchall()

    def change(self, statement: Prepared, values: Sequence[Values]) -> int:
        """See `Bulk.change`."""
        text = statement.sqlite
        return self._connection.executemany(text.sql, map(text.with_own, values)).rowcount

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        """See `Bulk.insert`."""
        self._insert(table, rows, "")

    def insert_absent(self, table: Table, rows: Sequence[Row]) -> None:
        """See `Bulk.insert_absent`."""
        self._insert(table, rows, "ON CONFLICT DO NOTHING")

    def put_tiles(self, rows: Sequence[Row]) -> None:
        """See `Bulk.put_tiles`."""
        self._connection.executemany(
            "INSERT INTO tiles (log, level, n, data) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (log, level, n) DO UPDATE SET data = excluded.data "
            "WHERE length(excluded.data) > length(tiles.data)",
            rows,
        )

    def add_counts(self, table: Table, rows: Sequence[Row]) -> None:
        """See `Bulk.add_counts`."""
        number = quoted(names_of(table)[-1:])
        more = f"DO UPDATE SET {number} = {number} + excluded.{number}"
        self._insert(table, rows, f"ON CONFLICT ({quoted(key_of(table))}) {more}")

    def put_state_pages(self, rows: Sequence[Row]) -> None:
        """See `Bulk.put_state_pages`."""
        self._connection.executemany(
            "REPLACE INTO state_pages (log, page, data) VALUES (?, ?, ?)", rows
        )

    def upsert(self, table: Table, rows: Sequence[Row]) -> None:
        """See `Bulk.upsert`."""
        key = key_of(table)
        changes = ", ".join(f'"{n}" = excluded."{n}"' for n in names_of(table) if n not in key)
        self._insert(table, rows, f"ON CONFLICT ({quoted(key)}) DO UPDATE SET {changes}")

    def replace(self, table: Table, rows: Sequence[Row]) -> int:
        """See `Bulk.replace`; an index is written only where one of its columns may change."""
        key, names = key_of(table), names_of(table)
        columns = [
            column.name
            for column in table.columns
            if not column.primary_key and FIXED not in column.info
        ]
        changes = ", ".join(f'"{name}" = ?' for name in columns)
        where = " AND ".join(f'"{name}" = ?' for name in key)
        taken = itemgetter(*(names.index(name) for name in (*columns, *key)))
        cursor = self._connection.executemany(
            f"UPDATE {table.name} SET {changes} WHERE {where}",  # noqa: S608 - names of our schema
            map(taken, rows),
        )
        return cursor.rowcount

    def delete(
        self, table: Table, fixed: Mapping[str, object], column: str, values: Sequence[object]
    ) -> int:
        """See `Bulk.delete`."""
        return sum(
            self._connection.execute(
                f"DELETE FROM {table.name} WHERE {_where(fixed, column, len(chunk))}",  # noqa: S608
                (*fixed.values(), *chunk),
            ).rowcount
            for chunk in _chunks(values)
        )

    def select(
        self,
        columns: Sequence[str],
        table: Table,
        fixed: Mapping[str, object],
        column: str,
        values: Sequence[object],
    ) -> list[Row]:
        """See `Bulk.select`."""
        rows: list[Row] = []
        head = f"SELECT {quoted(columns)} FROM {table.name}"  # noqa: S608 - names of our schema
        for chunk in _chunks(list(dict.fromkeys(values))):
            rows += self._connection.execute(
                f"{head} WHERE {_where(fixed, column, len(chunk))}",
                (*fixed.values(), *_taken_as_they_are(chunk)),
            )
        return rows

    def select_ranges(
        self,
        columns: Sequence[str],
        table: Table,
        column: str,
        ranges: Sequence[tuple[object, object]],
    ) -> list[Row]:
        """See `Bulk.select_ranges`."""
        query = (
            f"SELECT {quoted(columns)} FROM {table.name} "  # noqa: S608 - names of our schema
            f'WHERE "{column}" BETWEEN ? AND ?'
        )
        return self._united(query, ranges, (None, None))

    def select_first(
        self,
        columns: Sequence[str],
        table: Table,
        column: str,
        values: Sequence[object],
        order: Sequence[str],
        limit: int,
    ) -> list[Row]:
        """See `Bulk.select_first`."""
        query = (
            f"SELECT * FROM (SELECT {quoted(columns)} FROM {table.name} "  # noqa: S608 - ours
            f'WHERE "{column}" = ? ORDER BY {quoted(order)} LIMIT {limit:d})'
        )
        asked = [(value,) for value in dict.fromkeys(values)]
        return self._united(query, asked, (None,))

    def _united(
        self, query: str, values: Sequence[tuple[object, ...]], none: tuple[object, ...]
    ) -> list[Row]:
        """What a question finds with each of some values; with those of `none` it finds nothing.

        As one statement, which gives the interpreter up once.
        """
        rows: list[Row] = []
        for begin in range(0, len(values), _UNITED_SIZES[-1]):
            chunk = values[begin : begin + _UNITED_SIZES[-1]]
            size = next(size for size in _UNITED_SIZES if size >= len(chunk))
            asked = chain.from_iterable((*chunk, *[none] * (size - len(chunk))))
            rows += self._connection.execute(" UNION ALL ".join([query] * size), tuple(asked))
        return rows

    def select_between(
        self, columns: Sequence[str], table: Table, log: int, start: int, end: int
    ) -> list[Row]:
        """See `Bulk.select_between`."""
        return self._connection.execute(
            f"SELECT {quoted(columns)} FROM {table.name} "  # noqa: S608 - names of our schema
            "WHERE log = ? AND idx >= ? AND idx < ? ORDER BY idx",
            (log, start, end),
        ).fetchall()

    def _insert(self, table: Table, rows: Sequence[Row], ending: str) -> None:
        """Insert whole rows, many with one statement.

        `executemany` gives up the interpreter at each row, and where another thread is busy, waits
        to have it back; a statement of many rows gives it up once.
        """
        names = names_of(table)
        marks = f"({', '.join('?' * len(names))})"
        query = f"INSERT INTO {table.name} ({quoted(names)}) VALUES "  # noqa: S608 - names of our schema
        whole = len(rows) - len(rows) % _AT_ONCE
        for begin in range(0, whole, _AT_ONCE):
            self._connection.execute(
                f"{query} {', '.join([marks] * _AT_ONCE)} {ending}",
                tuple(chain.from_iterable(rows[begin : begin + _AT_ONCE])),
            )
        self._connection.executemany(f"{query} {marks} {ending}", rows[whole:])


def _taken_as_they_are(values: Sequence[object]) -> Iterable[object]:
    """Values of one type, for the driver: for each `bytes` it looks for an adapter, in vain."""
    if isinstance(values[0], bytes):
        return map(bytearray, cast("Sequence[bytes]", values))
    return values


def _where(fixed: Mapping[str, object], column: str, count: int) -> str:
    equal = [f'"{name}" = ?' for name in fixed]
    marks = ", ".join("?" * count)
    return " AND ".join([*equal, f'"{column}" IN ({marks})'])


def _chunks(values: Sequence[object]) -> Iterator[Sequence[object]]:
    """Cut values into lists of the lengths of `_SIZES`, the last one filled up by repetition."""
    longest = _SIZES[-1]
    for begin in range(0, len(values), longest):
        chunk = values[begin : begin + longest]
        size = next(size for size in _SIZES if size >= len(chunk))
        yield (*chunk, *[chunk[-1]] * (size - len(chunk)))
