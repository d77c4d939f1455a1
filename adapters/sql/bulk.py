"""What sessions need from a driver beyond SQLAlchemy: sets in, sets out, at the driver's speed.

Going through SQLAlchemy row by row would cost more than the database does, and
its expanding IN-lists more than the look-up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from sqlalchemy import Table

from adapters.sql.prepared import NO_VALUES, Prepared, Values

Row: TypeAlias = tuple[Any, ...]


class Bulk(Protocol):
    """One driver connection, inside a transaction that the session began."""

    def writer_mark(self, held: object) -> object:
        """A mark that differs from the last one, `held`, if others have written since then.

        Asked once in each turn of a writer, and before it writes.
        """
        ...

    def snapshot_mark(self) -> object:
        """A mark of what this connection sees: where it is the same again, so is all that it sees.

        Asked inside a reader's transaction, whose snapshot it begins.
        """
        ...

    def ask(self, question: Prepared, values: Values = NO_VALUES) -> list[Row]:
        """Read the rows that a question finds."""
        ...

    def change(self, statement: Prepared, values: Sequence[Values]) -> int:
        """Run a change once with each of some values.

        Returns:
            Number of rows changed.
        """
        ...

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        """Insert whole rows, all of them new."""
        ...

    def insert_absent(self, table: Table, rows: Sequence[Row]) -> None:
        """Insert whole rows; those whose primary key exists are left as they are."""
        ...

    def put_tiles(self, rows: Sequence[Row]) -> None:
        """Insert rows of `tiles`; an existing one is replaced only by longer data."""
        ...

    def add_counts(self, table: Table, rows: Sequence[Row]) -> None:
        """Add the last column of whole rows to what is held under the rest, their primary key."""
        ...

    def put_state_pages(self, rows: Sequence[Row]) -> None:
        """Insert or replace rows of `state_pages`."""
        ...

    def upsert(self, table: Table, rows: Sequence[Row]) -> None:
        """Insert whole rows or replace those whose primary key exists."""
        ...

    def replace(self, table: Table, rows: Sequence[Row]) -> int:
        """Replace whole rows, no two of which have one primary key, all of which exist.

        Returns:
            Number of rows that existed; if that is not all, the caller must undo the transaction.
        """
        ...

    def delete(
        self, table: Table, fixed: Mapping[str, object], column: str, values: Sequence[object]
    ) -> int:
        """Delete the rows in which `column` is one of `values`, and `fixed` holds.

        Returns:
            Number of rows deleted.
        """
        ...

    def select(
        self,
        columns: Sequence[str],
        table: Table,
        fixed: Mapping[str, object],
        column: str,
        values: Sequence[object],
    ) -> list[Row]:
        """Read the rows in which `column` is one of `values`, and `fixed` holds, in any order."""
        ...

    def select_ranges(
        self,
        columns: Sequence[str],
        table: Table,
        column: str,
        ranges: Sequence[tuple[object, object]],
    ) -> list[Row]:
        """Read the rows whose `column` lies in one of these ranges, ends included, in any order."""
        ...

    def select_first(
        self,
        columns: Sequence[str],
        table: Table,
        column: str,
        values: Sequence[object],
        order: Sequence[str],
        limit: int,
    ) -> list[Row]:
        """Read, of each value of `column`, the first rows in an order; the values in any order."""
        ...

    def select_between(
        self, columns: Sequence[str], table: Table, log: int, start: int, end: int
    ) -> list[Row]:
        """Read the rows of leaves [start, end) of a log, by index."""
        ...


def quoted(names: Sequence[str]) -> str:
    """Give column names as a list for SQL; some of ours are words of the language."""
    return ", ".join(f'"{name}"' for name in names)


def key_of(table: Table) -> list[str]:
    """Names of the columns of the primary key."""
    return [column.name for column in table.primary_key.columns]


def names_of(table: Table) -> list[str]:
    """Names of all columns, in order."""
    return [column.name for column in table.columns]
