"""Rows into the platform's database, whatever SQLAlchemy speaks; written again they change nothing.

A row is keyed by origin, index and version. The newest version of a leaf stands for it: content
that differs from it becomes the next version, the same content nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from sqlalchemy import URL, Connection, NullPool, create_engine, event, insert, inspect, select
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    InterfaceError,
    InternalError,
    NoSuchTableError,
    OperationalError,
)
from sqlalchemy.pool import ConnectionPoolEntry

from adapters.files.outbox import OutboxRow
from adapters.platform.acknowledging import Answer, Later, Owed, Said, word
from adapters.platform.errors import PlatformError, UnreadableError
from adapters.platform.tables import ACKNOWLEDGED, ADDED, CONTENT, HELD, outbox
from federation.ids import Origin
from federation.platform.control_totals import HeldRow

CONNECT_SECONDS: Final = 10
ANSWER_SECONDS: Final = 30
"""For one statement, and for a line that says nothing; then the batch waits for the next run."""
_AT_ONCE: Final = 500
"""Indices in one question; databases bound the parameters of a statement."""

_FULL: Final = frozenset({"53100", "53200", "1021", "1041", "1114", "13"})
"""SQLSTATE of PostgreSQL, numbers of MySQL and MariaDB, SQLITE_FULL."""
_REFUSED: Final = frozenset({"1044", "1142", "1143", "1227", "1290", "1370", "1836", "8"})
"""Rights that a driver reports as an operational error; SQLITE_READONLY."""
_DAMAGED: Final = frozenset({"XX001", "3988", "1366"})
"""A page of PostgreSQL that is damaged; what MySQL and MariaDB cannot convert."""
_OPERATIONAL: Final = (OperationalError, InterfaceError, InternalError)


class DatabasePlatform:
    """The exchange tables of one platform; connects anew at each call and keeps nothing open."""

    def __init__(self, url: URL) -> None:
        """Prepare; nothing is connected yet.

        Args:
            url: with the password, which no error shows.
        """
        backend = url.get_backend_name()
        arguments: dict[str, Any] = {}
        if backend == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
            wait = ANSWER_SECONDS * 1000
            arguments = {
                "connect_timeout": CONNECT_SECONDS,
                "tcp_user_timeout": wait,
                "options": f"-c statement_timeout={wait} -c client_encoding=UTF8",
            }
        elif backend in ("mysql", "mariadb"):
            url = url.set(drivername=f"{backend}+pymysql")
            arguments = {
                "connect_timeout": CONNECT_SECONDS,
                "read_timeout": ANSWER_SECONDS,
                "write_timeout": ANSWER_SECONDS,
                "charset": "utf8mb4",
                # Or a value that does not fit would be cut without a word.
                "init_command": "SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')",
            }
            if url.password is not None:
                # The driver sends a password as Latin-1; the server takes the bytes of UTF-8.
                arguments["password"] = str(url.password).encode().decode("latin-1")
        elif backend == "sqlite":
            arguments = {"timeout": CONNECT_SECONDS}
        self._engine = create_engine(
            url, poolclass=NullPool, hide_parameters=True, connect_args=arguments
        )
        self._names: Sequence[str] = ()
        """Columns of content, once all are there."""
        if backend == "sqlite":
            event.listen(self._engine, "connect", _sqlite_connected)

    def write(self, origin: Origin, rows: Sequence[OutboxRow], _number: int = 0) -> int:
        """Write a batch in one transaction.

        Args:
            origin: the log.
            rows: at most one for each leaf.

        Returns:
            The number of rows that said something new.

        Raises:
            PlatformError: nothing of the batch was kept.
        """
        with self.transaction() as connection:
            new = []
            names = self._content_names(connection)
            for start in range(0, len(rows), _AT_ONCE):
                part = rows[start : start + _AT_ONCE]
                newest = _newest(connection, origin, [row.index for row in part], names)
                for row in part:
                    content = _content(row, names)
                    version, before = newest.get(row.index, (0, None))
                    if content != before:
                        key = {"origin": origin, "idx": row.index, "version": version + 1}
                        new.append(key | content)
            if new:
                connection.execute(insert(outbox), new)
        return len(new)

    def tell(self, origin: Origin, rows: Sequence[OutboxRow], number: int) -> Answer:
        """Write a batch; nothing is acknowledged at once.

        Raises:
            PlatformError: nothing of the batch was kept.
        """
        self.write(origin, rows, number)
        return Answer()

    def later(self, owed: Sequence[Owed], _after: int = 0) -> Later:
        """Read what the platform has filled in beside the newest version of rows.

        A row that is there in another state than it was told is not acknowledged by what stands
        beside it, nor is one whose columns are filled by half (EX8).

        Args:
            owed: what is asked about.

        Raises:
            PlatformError: `platform.no-acknowledgement`, a table without these columns; or it does
                not answer.
        """
        said: list[Said] = []
        by_origin: dict[str, dict[int, Owed]] = {}
        for one in owed:
            by_origin.setdefault(one.origin, {})[one.index] = one
        names = ("state", *ACKNOWLEDGED)
        with self.transaction() as connection:
            self._check_acknowledged(connection)
            for origin, asked in by_origin.items():
                found = _newest(connection, Origin(origin), sorted(asked), names)
                for index, (_, row) in sorted(found.items()):
                    one, result = asked[index], row["ack_result"]
                    if row["state"] == one.state and row["acknowledged_at"] and result:
                        said.append(Said(origin, index, word(one.number, str(result))))
        return Later(said, 0)

    def _check_acknowledged(self, connection: Connection) -> None:
        with suppress(NoSuchTableError):  # the question that follows says so
            found = {column["name"] for column in inspect(connection).get_columns(outbox.name)}
            if not found.issuperset(ACKNOWLEDGED):
                message = (
                    f"{outbox.name} has no columns {' and '.join(ACKNOWLEDGED)}: the platform "
                    "cannot acknowledge, and nothing is said to be lifted; the owner adds them "
                    "(docs/platform.md)"
                )
                raise PlatformError("platform.no-acknowledgement", message)

    def shows_all(self) -> bool:
        """Whether the platform offers `huxin_held`.

        Raises:
            PlatformError: it does not answer.
        """
        with self.transaction() as connection:
            return inspect(connection).has_table(HELD.name)

    def held(self, origin: Origin) -> Iterator[HeldRow]:
        """Read what the platform has of a log, by index; of an index the last row counts.

        Out of `huxin_held` where it is offered, else out of the rows still in the outbox table.

        Raises:
            PlatformError: they cannot be read on.
        """
        with self.transaction() as connection:
            all_shown = inspect(connection).has_table(HELD.name)
            table = HELD if all_shown else outbox
            order = [table.c.idx] if all_shown else [table.c.idx, table.c.version]
            columns = [table.c[name] for name in ("idx", "statement_id", "state")]
            asked = select(*columns).where(table.c.origin == origin).order_by(*order)
            options = {"stream_results": True, "yield_per": _AT_ONCE}
            with connection.execute(asked, execution_options=options) as found:
                for index, statement_id, state in found:
                    if index is not None:
                        yield HeldRow(int(index), str(statement_id).strip(), str(state).strip())

    def _content_names(self, connection: Connection) -> Sequence[str]:
        """The columns of content that the table has; a former version's lacks what was added."""
        if not self._names:
            with suppress(NoSuchTableError):  # the question that follows says so
                found = {column["name"] for column in inspect(connection).get_columns(outbox.name)}
                if found.issuperset(ADDED):
                    self._names = CONTENT
                return [name for name in CONTENT if name in found or name not in ADDED]
        return CONTENT

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Give a connection whose work is kept whole or not at all.

        Raises:
            PlatformError: it was not kept.
            UnreadableError: likewise, for a value.
        """
        try:
            with self._engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise _translated(error) from None  # its text may repeat the row
        except UnicodeError as error:  # of the driver, before the database hears of it
            raise UnreadableError(type(error).__name__) from None


def _sqlite_connected(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    # Or a loss of power could bring back the removed journal, which undoes a commit.
    connection.execute("PRAGMA synchronous = EXTRA")


def _newest(
    connection: Connection, origin: Origin, indices: Sequence[int], names: Sequence[str]
) -> dict[int, tuple[int, dict[str, Any]]]:
    """Return version and content of the newest row of each leaf."""
    columns = [outbox.c[name] for name in names]
    question = (
        select(outbox.c.idx, outbox.c.version, *columns)
        .where(outbox.c.origin == origin, outbox.c.idx.in_(indices))
        .order_by(outbox.c.version)
    )
    return {
        index: (version, dict(zip(names, content, strict=True)))
        for index, version, *content in connection.execute(question)
    }


def _content(row: OutboxRow, names: Sequence[str]) -> dict[str, Any]:
    content = {name: getattr(row, name) for name in names}
    content["kind"] = row.kind.name.lower()
    for name in ("decided_on", "publish_until", "relief_decided_on"):
        content[name] = content[name] or None
    return content


def _translated(error: DBAPIError) -> PlatformError:
    """Say what happened, without any value of a row."""
    cause: Any = error.orig
    number = str(
        getattr(cause, "sqlstate", None)
        or getattr(cause, "sqlite_errorcode", None)
        or next(iter(getattr(cause, "args", ())), "")
    )
    name = f"{type(cause).__name__} {number}" if len(number) <= 5 else type(cause).__name__
    if number in _FULL:
        message = f"the database has no space left ({name}); free space: what waits comes then"
        return PlatformError("platform.full", message)
    # SQLite has no numbers for these.
    missing = str(cause).startswith("no such")
    undecoded = str(cause).startswith("Could not decode")
    if undecoded or number in _DAMAGED or isinstance(error, DataError):
        return UnreadableError(name)
    if isinstance(error, _OPERATIONAL) and number not in _REFUSED and not missing:
        message = f"the database does not answer ({name}); expected a server that runs, see its log"
        return PlatformError("platform.unreachable", message)
    message = (
        f"the database refuses the rows ({name}); expected the tables and rights of "
        "deploy/exchange-tables, compare them"
    )
    return PlatformError("platform.refused", message)
