"""The query store: who asked what, apart from the statements and not behind their writer.

SQLite: DIR/queries.db, opened like the main store (write-ahead log, durable at each commit, what is
deleted is overwritten). PostgreSQL: tables of its own on the main store's server. One writer in one
process at a time; readers see snapshots.

Who controls the database can withhold and delete; what is gone or changed is found by the query
log's tree, whose roots other members have cosigned.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, Final

from sqlalchemy import Connection, Engine, Table, text
from sqlalchemy.exc import SQLAlchemyError

from adapters.sql.bulk import Bulk, Row, names_of, quoted
from adapters.sql.bulk_postgres import PostgresBulk
from adapters.sql.bulk_sqlite import SqliteBulk
from adapters.sql.engine import (
    WRITING,
    in_memory,
    open_engine,
    require_durable,
    require_synchronous,
    translated,
)
from adapters.sql.migrating import QUERIES, migrate
from adapters.sql.turns import Turn

_SIZES: Final = (64, 16, 4, 1)
"""Rows of one INSERT of SQLite; a row has at most 13 values, and it takes 32,766."""
READERS: Final = 16
"""Sessions open at one time. Beside the main store's they stay below what a server grants."""


@dataclass(frozen=True, slots=True)
class QueryReads:
    """A snapshot; what asks of it is built over its connection."""

    connection: Connection

    @property
    def driver(self) -> Any:  # noqa: ANN401 - of whichever database
        """The driver's own connection, inside the same transaction."""
        return self.connection.connection.driver_connection

    def select(
        self, columns: Sequence[str], table: Table, column: str, values: Sequence[object]
    ) -> list[Row]:
        """Rows of which a column has one of some values, in no order; at the driver's speed."""
        postgres = self.connection.dialect.name == "postgresql"
        bulk: Bulk = PostgresBulk(self.driver) if postgres else SqliteBulk(self.driver)
        return bulk.select(columns, table, {}, column, values)


@dataclass(frozen=True, slots=True)
class QueryWrites(QueryReads):
    """The one transaction that changes the store."""

    @contextmanager
    def saved(self) -> Iterator[None]:
        """A part of the transaction: where the block raises, nothing of it is kept."""
        driver = self.driver
        driver.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            driver.execute("ROLLBACK TO SAVEPOINT part")
            raise
        finally:
            driver.execute("RELEASE SAVEPOINT part")

    def put(self, adding: Inserting, rows: Sequence[Row]) -> None:
        """Add rows, at the driver's speed, many with one statement.

        Args:
            adding: to which table, and how.
            rows: the values of its columns.
        """
        if self.connection.dialect.name == "postgresql":
            if rows:
                with self.driver.cursor() as cursor:
                    cursor.executemany(adding.text("%s", 1), rows)
            return
        begin = 0
        for size in _SIZES:  # few, so that the driver's cache of prepared statements always serves
            while len(rows) - begin >= size:
                chunk = rows[begin : begin + size]
                self.driver.execute(adding.text("?", size), tuple(chain.from_iterable(chunk)))
                begin += size


@dataclass(frozen=True, slots=True)
class Inserting:
    """A statement that adds rows to a table.

    Attributes:
        table: its name.
        columns: those that are given, in order.
        ending: what becomes of rows that are there.
    """

    table: str
    columns: tuple[str, ...]
    ending: str = ""

    def text(self, mark: str, rows: int) -> str:
        """SQL for so many rows at once."""
        return _inserting_text(self, mark, rows)


@lru_cache(maxsize=256)
def _inserting_text(adding: Inserting, mark: str, rows: int) -> str:
    marks = ", ".join([f"({', '.join([mark] * len(adding.columns))})"] * rows)
    return f"INSERT INTO {adding.table} ({quoted(adding.columns)}) VALUES {marks} {adding.ending}"  # noqa: S608 - names of our schema


def inserting(table: Table, *without: str, ending: str = "") -> Inserting:
    """What adds rows to a table, but for columns that are left to the database."""
    names = tuple(name for name in names_of(table) if name not in without)
    return Inserting(table.name, names, ending)


def open_query_store(url: str) -> QueryStore:
    """Open a query store and bring its tables to this program's version.

    Args:
        url: `sqlite:///PATH`, `sqlite:///:memory:` (for tests), or the main store's
            `postgresql://…`.

    Raises:
        StoreError: one of its kinds, as of `adapters.sql.store.open_store`.
    """
    engine = open_engine(url, readers=READERS)
    with translated():
        try:
            require_durable(engine)
            migrate(engine, QUERIES)
        except BaseException:
            engine.dispose()
            raise
    return QueryStore(engine)


class QueryStore:
    """Sessions may be opened from several threads; one writes at a time."""

    def __init__(self, engine: Engine) -> None:
        """Take an engine over a migrated database."""
        self._engine: Final = engine
        self._postgres: Final = engine.dialect.name == "postgresql"
        self._snapshot: Final[dict[str, Any]] = (
            {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            if self._postgres
            else {}  # SQLite's transactions are snapshots
        )
        self._writing: Final = Turn()
        self._reading: Final = self._writing if in_memory(engine) else nullcontext()
        self._writer: Connection | None = None

    @contextmanager
    def read(self) -> Iterator[QueryReads]:
        """A snapshot, of the moment of the first question asked.

        Raises:
            StoreError: one of its kinds.
        """
        with self._reading, translated(), self._engine.connect() as pooled:
            connection = pooled.execution_options(**self._snapshot)
            with connection.begin():
                yield QueryReads(connection)

    @contextmanager
    def write(self) -> Iterator[QueryWrites]:
        """One transaction, durable when the block has ended.

        Raises:
            StoreError: one of its kinds; nothing of the session is kept.
        """
        with self._writing, translated():
            connection = self._writer = self._writer or self._connect_writer()
            try:
                with connection.begin():
                    if self._postgres:
                        # The lock comes first: what follows waits for it.
                        require_synchronous(connection.execute(_LOCK, _LOCK_NUMBER).one()[1])
                    yield QueryWrites(connection)
            except BaseException:
                if connection.closed or connection.invalidated or self._is_broken(connection):
                    self._drop_writer()
                raise

    def truncate(self) -> None:
        """Empty SQLite's write-ahead log into the file, so that what was erased is in neither."""
        if self._postgres or in_memory(self._engine):
            return
        with self._writing, translated(), self._engine.connect() as pooled:
            driver: Any = pooled.connection.driver_connection
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Release all connections; waits for a session that is still writing."""
        with self._writing, translated():
            self._drop_writer()
            self._engine.dispose()

    def _connect_writer(self) -> Connection:
        return self._engine.connect().execution_options(**{WRITING: True})

    def _drop_writer(self) -> None:
        """Forget the writer's connection; the next session makes a new one."""
        writer, self._writer = self._writer, None
        if writer is not None:
            with suppress(SQLAlchemyError):  # whatever state it is in, it is closed, not reused
                writer.invalidate()
                writer.close()

    def _is_broken(self, connection: Connection) -> bool:
        driver: Any = connection.connection.driver_connection
        return self._postgres and bool(driver.closed)


_LOCK: Final = text("SELECT pg_advisory_xact_lock(:number), current_setting('synchronous_commit')")
"""Taken at READ COMMITTED: a snapshot made before the lock would not see the last writer's work."""
_LOCK_NUMBER: Final = {"number": QUERIES.lock}
