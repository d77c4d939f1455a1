"""Bulk paths of PostgreSQL: binary COPY, look-ups by joining with an array.

There is one writer (`adapters.sql.store`), so what it has asked cannot change before it writes:
rows that may exist are asked for, or deleted, and then copied straight into their table. That was
measured a fifth faster than COPY into a staging table and INSERT … ON CONFLICT from there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from psycopg import Connection
from sqlalchemy import BigInteger, LargeBinary, SmallInteger, Table, Text
from sqlalchemy.types import TypeEngine

from adapters.sql.bulk import Row, key_of, names_of, quoted
from adapters.sql.prepared import NO_VALUES, Prepared, Values


class PostgresBulk:
    """`adapters.sql.bulk.Bulk` over psycopg 3."""

    def __init__(self, connection: Connection[Any]) -> None:
        """Use a connection whose transaction is somebody else's."""
        self._connection = connection

    def writer_mark(self, held: object) -> object:
        """See `Bulk.writer_mark`: a writer that does not find its own mark leaves one."""
        with self._connection.cursor(binary=True) as cursor:
            found = cursor.execute("SELECT token FROM last_writer").fetchall()
            if found == [(held,)]:
                return held
            cursor.execute("DELETE FROM last_writer")
            cursor.execute(
                "INSERT INTO last_writer (token) VALUES (uuid_send(gen_random_uuid())) "
                "RETURNING token"
            )
            return cursor.fetchall()[0][0]

    def snapshot_mark(self) -> object:
        """See `Bulk.snapshot_mark`: the transactions that a snapshot sees, of all databases."""
        with self._connection.cursor() as cursor:
            return cursor.execute("SELECT pg_current_snapshot()::text").fetchall()[0][0]

    def ask(self, question: Prepared, values: Values = NO_VALUES) -> list[Row]:
        """See `Bulk.ask`."""
        text = question.postgresql
        with self._connection.cursor(binary=True) as cursor:
            return cursor.execute(text.sql, text.with_own(values)).fetchall()

    def change(self, statement: Prepared, values: Sequence[Values]) -> int:
        """See `Bulk.change`."""
        text = statement.postgresql
        with self._connection.cursor() as cursor:
            if len(values) == 1:  # without the pipeline, which costs more than one statement
                cursor.execute(text.sql, text.with_own(values[0]))
            else:
                cursor.executemany(text.sql, map(text.with_own, values))
            return cursor.rowcount

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        """See `Bulk.insert`."""
        with (
            self._connection.cursor() as cursor,
            cursor.copy(
                f"COPY {table.name} ({quoted(names_of(table))}) FROM STDIN (FORMAT BINARY)"
            ) as copy,
        ):
            copy.set_types([_type_name(column.type) for column in table.columns])
            for row in rows:
                copy.write_row(row)

    def insert_absent(self, table: Table, rows: Sequence[Row]) -> None:
        """See `Bulk.insert_absent`."""
        key = _key_reader(table)
        new = {key(row): row for row in reversed(rows)}  # of equal keys the first one stays
        for fixed, column, values in _groups(table, rows):
            if self._any_between(table, fixed, column, values):
                for found in self.select(key_of(table), table, fixed, column, values):
                    del new[found]
        if new:
            self.insert(table, list(new.values()))

    def put_tiles(self, rows: Sequence[Row]) -> None:
        """See `Bulk.put_tiles`."""
        with self._connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO tiles (log, level, n, data) VALUES (%s, %s, %s, %b) "
                "ON CONFLICT (log, level, n) DO UPDATE SET data = excluded.data "
                "WHERE length(excluded.data) > length(tiles.data)",
                rows,
            )

    def add_counts(self, table: Table, rows: Sequence[Row]) -> None:
        """See `Bulk.add_counts`."""
        if rows:
            names = names_of(table)
            number, marks = quoted(names[-1:]), ", ".join(["%s"] * len(names))
            with self._connection.cursor() as cursor:
                cursor.executemany(
                    f"INSERT INTO {table.name} AS held ({quoted(names)}) "  # noqa: S608 - ours
                    f"VALUES ({marks}) ON CONFLICT ({quoted(key_of(table))}) "
                    f"DO UPDATE SET {number} = held.{number} + excluded.{number}",
                    rows,
                )

    def put_state_pages(self, rows: Sequence[Row]) -> None:
        """See `Bulk.put_state_pages`."""
        if rows:
            with self._connection.cursor() as cursor:
                cursor.executemany(
                    "INSERT INTO state_pages (log, page, data) VALUES (%s, %s, %b) "
                    "ON CONFLICT (log, page) DO UPDATE SET data = excluded.data",
                    rows,
                )

    def upsert(self, table: Table, rows: Sequence[Row]) -> None:
        """See `Bulk.upsert`."""
        key = _key_reader(table)
        for fixed, column, values in _groups(table, rows):
            self.delete(table, fixed, column, values)
        self.insert(table, list({key(row): row for row in rows}.values()))

    def replace(self, table: Table, rows: Sequence[Row]) -> int:
        """See `Bulk.replace`.

        A changed row is a new version in every index anyway: deleting and copying costs no more
        than an UPDATE, which would need the rows staged first.
        """
        found = sum(
            self.delete(table, fixed, column, values)
            for fixed, column, values in _groups(table, rows)
        )
        self.insert(table, rows)
        return found

    def delete(
        self, table: Table, fixed: Mapping[str, object], column: str, values: Sequence[object]
    ) -> int:
        """See `Bulk.delete`."""
        if not values:
            return 0
        with self._connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {table.name} WHERE ctid = ANY (ARRAY "  # noqa: S608
                f"(SELECT ctid FROM {_wanted('ctid', table, fixed, column)}))",
                (list(values), *fixed.values()),
            )
            return cursor.rowcount

    def select(
        self,
        columns: Sequence[str],
        table: Table,
        fixed: Mapping[str, object],
        column: str,
        values: Sequence[object],
    ) -> list[Row]:
        """See `Bulk.select`."""
        if not values:
            return []
        query = (
            f"SELECT {quoted(columns)} "  # noqa: S608 - names of our schema
            f"FROM {_wanted(quoted(columns), table, fixed, column)}"
        )
        distinct = list(dict.fromkeys(values))
        with self._connection.cursor(binary=True) as cursor:
            return cursor.execute(query, (distinct, *fixed.values())).fetchall()

    def select_ranges(
        self,
        columns: Sequence[str],
        table: Table,
        column: str,
        ranges: Sequence[tuple[object, object]],
    ) -> list[Row]:
        """See `Bulk.select_ranges`."""
        if not ranges:
            return []
        of = _type_name(table.columns[column].type)
        query = (
            f"SELECT {quoted(columns)} "  # noqa: S608 - names of our schema
            f"FROM unnest(%b::{of}[], %b::{of}[]) AS wanted (low, high) CROSS JOIN LATERAL "
            f'(SELECT {quoted(columns)} FROM {table.name} WHERE {table.name}."{column}" '
            "BETWEEN wanted.low AND wanted.high OFFSET 0) AS found"
        )
        lows, highs = zip(*ranges, strict=True)
        with self._connection.cursor(binary=True) as cursor:
            return cursor.execute(query, (list(lows), list(highs))).fetchall()

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
        if not values:
            return []
        of = _type_name(table.columns[column].type)
        query = (
            f"SELECT {quoted(columns)} "  # noqa: S608 - names of our schema
            f"FROM unnest(%b::{of}[]) AS wanted (value) CROSS JOIN LATERAL "
            f'(SELECT {quoted(columns)} FROM {table.name} WHERE {table.name}."{column}" '
            f"= wanted.value ORDER BY {quoted(order)} LIMIT {limit:d}) AS found"
        )
        with self._connection.cursor(binary=True) as cursor:
            return cursor.execute(query, (list(dict.fromkeys(values)),)).fetchall()

    def select_between(
        self, columns: Sequence[str], table: Table, log: int, start: int, end: int
    ) -> list[Row]:
        """See `Bulk.select_between`."""
        query = (
            f"SELECT {quoted(columns)} FROM {table.name} "  # noqa: S608 - names of our schema
            "WHERE log = %s AND idx >= %s AND idx < %s ORDER BY idx"
        )
        with self._connection.cursor(binary=True) as cursor:
            return cursor.execute(query, (log, start, end)).fetchall()

    def _any_between(
        self, table: Table, fixed: Mapping[str, object], column: str, values: Sequence[Any]
    ) -> bool:
        """Whether any row lies in the range of these values: one look-up, and rarely a second."""
        equal = "".join(f'"{name}" = %s AND ' for name in fixed)
        query = (
            f"SELECT 1 FROM {table.name} WHERE {equal}"  # noqa: S608 - names of our schema
            f'"{column}" BETWEEN %s AND %s LIMIT 1'
        )
        bounds = (min(values), max(values))
        with self._connection.cursor() as cursor:
            return cursor.execute(query, (*fixed.values(), *bounds)).fetchone() is not None


_COPY_TYPES: Final[tuple[tuple[type[TypeEngine[Any]], str], ...]] = (
    (SmallInteger, "int2"),
    (BigInteger, "int8"),
    (LargeBinary, "bytea"),
    (Text, "text"),
)


def _type_name(column_type: TypeEngine[Any]) -> str:
    """Name of a column's type for COPY, which takes no other than exactly that one."""
    return next((name for kind, name in _COPY_TYPES if isinstance(column_type, kind)), "int4")


def _key_reader(table: Table) -> Callable[[Row], Row]:
    places = [names_of(table).index(name) for name in key_of(table)]
    return lambda row: tuple([row[place] for place in places])


def _groups(
    table: Table, rows: Sequence[Row]
) -> Iterator[tuple[dict[str, object], str, list[object]]]:
    """Cut the keys of rows into questions of the form: all but one column fixed, one of many."""
    key = _key_reader(table)
    *prefix, column = key_of(table)
    groups: dict[Row, list[object]] = defaultdict(list)
    for row in rows:
        *fixed, value = key(row)
        groups[tuple(fixed)].append(value)
    for group, values in groups.items():
        yield dict(zip(prefix, group, strict=True)), column, values


def _wanted(columns: str, table: Table, fixed: Mapping[str, object], column: str) -> str:
    """Look each of an array of values up in an index; `columns` of the rows found.

    The planner has no true statistics of a table that grows. As `= ANY(array)` it takes a thousand
    values for the whole table and reads all of it; as a join it may begin at the table, and look
    at all values for each row that has the fixed columns. OFFSET 0 keeps it from either.
    """
    values = f"unnest(%b::{_type_name(table.columns[column].type)}[]) AS wanted (value)"
    equal = "".join(f'"{name}" = %s AND ' for name in fixed)
    found = (
        f"SELECT {columns} FROM {table.name} "  # noqa: S608 - names of our schema
        f"WHERE {equal}{table.name}.{quoted([column])} = wanted.value OFFSET 0"
    )
    return f"{values} CROSS JOIN LATERAL ({found}) AS found"
