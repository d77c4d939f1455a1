"""The PostgreSQL server of shared marks: one connection, each call bounded in time (SM2, SM8)."""

from __future__ import annotations

import os
import socket
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final, LiteralString

import psycopg
from psycopg import errors as pg

from adapters.errors import MarkServerError, MarkUnreachableError

CONNECT_SECONDS: Final = 2
ANSWER_SECONDS: Final = 4.0
"""For one statement, also of a server that takes it and says nothing."""
PAUSE_SECONDS: Final = 10.0
"""After a call that failed no other one is tried for so long: the one writer does not wait again
and again."""

_OPTIONS: Final = (
    "-c synchronous_commit=on -c lock_timeout=3s -c statement_timeout=4s "
    "-c default_transaction_isolation=read\\ committed"
)


class MarkServer:
    """One connection, made when it is needed and again after it broke."""

    def __init__(
        self, parameters: Mapping[str, str], *, apart_from: str, clock: Callable[[], float]
    ) -> None:
        """Prepare; nothing is connected yet.

        Args:
            parameters: as of `psycopg.connect`, with the password, which no error shows.
            apart_from: system identifier of the server that has the node's database; empty where
                it is a file.
            clock: seconds, never back.
        """
        self._parameters = dict(parameters)
        self._apart_from = apart_from
        self._clock = clock
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None
        self._failed_at: float | None = None
        self.turn = threading.RLock()
        """Held for each call; marks of several logs share the server."""

    @property
    def connected(self) -> bool:
        """Whether a connection stands from a call before: it may have broken since."""
        return self._connection is not None

    def ask(
        self, statement: LiteralString, values: Mapping[str, Any] | None = None
    ) -> list[tuple[Any, ...]]:
        """Run one statement in a transaction of its own, and return its rows.

        Raises:
            MarkUnreachableError: no answer; a statement that writes was done, or not, or will be.
            MarkServerError: the server refuses it, or is the database's own (SM2).
            psycopg.errors.UndefinedTable: there is no such table.
        """
        with self.turn, self._translated():
            connection = self._connected()
            with _bounded(connection), connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        """Close the connection; the next call makes one again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error):
                connection.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        failed_at = self._failed_at
        if failed_at is not None and self._clock() - failed_at < PAUSE_SECONDS:
            message = "the high-water mark's server did not answer a moment ago"
            raise MarkUnreachableError(message)
        try:
            yield
        except (pg.InsufficientPrivilege, pg.ReadOnlySqlTransaction) as error:
            message = (
                f"the high-water mark's server: {_line(error)}; see docs/operations/failover.md"
            )
            raise MarkServerError(message) from error
        except pg.UndefinedTable:
            raise
        except psycopg.Error as error:
            # A connection that stood before may have broken with a restart: the next call may be
            # tried at once, over one of its own.
            if not self.connected:
                self._failed_at = self._clock()
            self.close()
            message = (
                f"the high-water mark's server does not answer: {_line(error)}; nothing is signed "
                "until it does"
            )
            raise MarkUnreachableError(message) from error
        else:
            self._failed_at = None

    def _connected(self) -> psycopg.Connection[tuple[Any, ...]]:
        if self._connection is None:
            connection = psycopg.connect(
                autocommit=True,
                prepare_threshold=None,
                connect_timeout=CONNECT_SECONDS,
                tcp_user_timeout=int(ANSWER_SECONDS * 1000),
                client_encoding="UTF8",
                application_name="huxin-mark",
                gssencmode="disable",
                options=_OPTIONS,
                **self._parameters,  # type: ignore[arg-type]
            )
            try:
                with _bounded(connection):
                    self._require_apart(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
            weakref.finalize(self, connection.close)  # with this object, or the process
        return self._connection

    def _require_apart(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        """See that it is not the server that has the database (SM2)."""
        found = connection.execute("SELECT system_identifier FROM pg_control_system()").fetchone()
        if found is not None and str(found[0]) == self._apart_from:
            message = (
                "the high-water mark must lie on another server than the database, or a backup "
                "that is brought back takes it along: [state] mark"
            )
            raise MarkServerError(message, code="high-water.same-server")


@contextmanager
def _bounded(connection: psycopg.Connection[tuple[Any, ...]]) -> Iterator[None]:
    """End a wait for a server that says nothing: its socket is shut, which wakes who waits."""

    def end() -> None:
        with (
            suppress(OSError, psycopg.Error),
            socket.socket(fileno=os.dup(connection.fileno())) as line,
        ):
            line.shutdown(socket.SHUT_RDWR)

    watch = threading.Timer(ANSWER_SECONDS, end)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def _line(error: psycopg.Error) -> str:
    return " ".join(str(error).split())
