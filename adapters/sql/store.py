"""The store: one writer with a connection of its own, readers in snapshots of theirs.

Trusted with availability only (`federation.ports.store`): who controls the database can withhold
and delete, but what it returns is checked against signed roots before it is signed or served.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import Any, Final

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from adapters.sql.bulk import Bulk
from adapters.sql.bulk_postgres import PostgresBulk
from adapters.sql.bulk_sqlite import SqliteBulk
from adapters.sql.engine import (
    WRITER_CACHE,
    WRITING,
    in_memory,
    keeps_pages_whole,
    open_engine,
    require_durable,
    require_synchronous,
    require_utf8,
    server_identifier,
    synchronous,
    translated,
)
from adapters.sql.known import Known, Seen
from adapters.sql.migrating import migrate
from adapters.sql.sessions import SqlReadSession
from adapters.sql.touching import TouchingWriteSession
from adapters.sql.turns import Turn
from adapters.sql.writing import SqlWriteSession
from federation.ports.touched import Touched


def open_store(url: str) -> SqlStore:
    """Open a database and bring its tables to this program's version.

    Args:
        url: `sqlite:///PATH` (made if missing, mode 0600), `sqlite:///:memory:` (for tests), or
            `postgresql://USER@HOST/DATABASE` (the database must exist).

    Raises:
        UnreachableError: it cannot be opened.
        EncodingError: PostgreSQL in another encoding than UTF-8.
        NotDurableError: PostgreSQL with fsync=off, or behind a pool of transactions.
        SchemaError: it belongs to a newer version, or to another program.
        StoreError: anything else that the database says.
    """
    engine = open_engine(url)
    with translated():
        try:
            require_utf8(engine)
            require_durable(engine)
            migrate(engine)
        except BaseException:
            engine.dispose()
            raise
    return SqlStore(engine)


class SqlStore:
    """`federation.ports.store.Store`; sessions may be opened from several threads."""

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
        self._durable = True
        """Whether SQLite's writer waits for the disk at each commit."""
        self._known: Final = Known()
        self._written = 0
        self._listeners: list[Callable[[Touched], None]] = []

    def listen(self, listener: Callable[[Touched], None]) -> None:
        """See `Listened.listen`."""
        self._listeners.append(listener)

    @property
    def written(self) -> int:
        """See `Store.written`."""
        return self._written

    @contextmanager
    def read(self) -> Iterator[SqlReadSession]:
        """See `Store.read`; the snapshot is the one of the first question asked."""
        with self._reading, translated(), self._engine.connect() as pooled:
            connection = pooled.execution_options(**self._snapshot)
            with connection.begin():
                yield SqlReadSession(connection, self._bulk(connection), self._seen(connection))

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[SqlWriteSession]:
        """See `Store.write`.

        Raises:
            StoreError: one of its kinds, from here, from any call in the session, or at the end;
                nothing of the session is kept.
        """
        touched = Touched()
        with self._writing, translated():
            connection = self._writer = self._writer or self._connect_writer()
            try:
                if not self._postgres and durable != self._durable:
                    self._set_durable(connection, durable=durable)
                with connection.begin():
                    if self._postgres:
                        # The lock comes first: what follows waits for it.
                        require_synchronous(connection.execute(_LOCK, _LOCK_NUMBER).one()[1])
                        if not durable:
                            connection.exec_driver_sql(_NOT_DURABLE)
                    bulk = self._bulk(connection)
                    self._known.begin(bulk.writer_mark(self._known.mark))
                    if self._listeners:
                        yield TouchingWriteSession(connection, bulk, self._known, touched)
                    else:
                        yield SqlWriteSession(connection, bulk, self._known)
            except BaseException:
                self._known.forget()
                if connection.closed or connection.invalidated or self._is_broken(connection):
                    self._drop_writer()
                raise
            finally:
                self._written += 1
                if touched:  # also of what failed: its end may not have been told
                    for listener in self._listeners:
                        listener(touched)

    def truncate(self) -> None:
        """See `Store.truncate`: SQLite's write-ahead log is copied into the file and emptied.

        PostgreSQL has nothing of the kind: its old pages and logs go when it reuses them, and
        what is sealed there is unreadable once its key is destroyed.
        """
        if self._postgres or in_memory(self._engine):
            return
        with self._writing, translated(), self._engine.connect() as pooled:
            driver: Any = pooled.connection.driver_connection
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def keeps_pages_whole(self) -> bool:
        """False for PostgreSQL with full_page_writes=off, which only some file systems allow."""
        with translated():
            return keeps_pages_whole(self._engine)

    def server_identifier(self) -> str:
        """Which PostgreSQL it is, the same on its standbys; empty for a file."""
        with translated():
            return server_identifier(self._engine)

    def close(self) -> None:
        """See `Store.close`; waits for a session that is still writing."""
        with self._writing, translated():
            self._drop_writer()
            self._engine.dispose()

    def _set_durable(self, connection: Connection, *, durable: bool) -> None:
        """Say of SQLite's next transactions whether they wait for the disk; between two of them."""
        driver: Any = connection.connection.driver_connection
        driver.execute(synchronous(durable=durable))
        self._durable = durable

    def _connect_writer(self) -> Connection:
        self._durable = True  # as each connection begins
        self._known.forget()
        connection = self._engine.connect().execution_options(**{WRITING: True})
        if not self._postgres:
            driver: Any = connection.connection.driver_connection
            driver.execute(WRITER_CACHE)
        return connection

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

    def _seen(self, connection: Connection) -> Seen | None:
        """What a pooled connection saw before; in memory, readers' connection is the writer's."""
        if in_memory(self._engine):
            return None
        seen: Seen = connection.info.setdefault(_SEEN, Seen())
        return seen

    def _bulk(self, connection: Connection) -> Bulk:
        driver: Any = connection.connection.driver_connection
        return PostgresBulk(driver) if self._postgres else SqliteBulk(driver)


_SEEN: Final = "huxin-seen"
_LOCK: Final = text("SELECT pg_advisory_xact_lock(:number), current_setting('synchronous_commit')")
"""Taken at READ COMMITTED: a snapshot made before the lock would not see the last writer's work."""
_NOT_DURABLE: Final = "SET LOCAL synchronous_commit = off"
_LOCK_NUMBER: Final = {"number": 0x68757869}
