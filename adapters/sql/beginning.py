"""How transactions of PostgreSQL begin: in one round trip, with what each asks first (ADR 0065).

psycopg sends BEGIN when the first question is asked, and that question after it; SQLAlchemy would
ask before both whether the connection still is one. A node asks often and little, so these were a
third of all that went to and fro. Here BEGIN and the first questions are one message, and whether
the server has left is seen by the socket, which then has something to be read.
"""

from __future__ import annotations

import select
from contextlib import suppress
from typing import Any, Final

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

BEGINNING: Final = "huxin_beginning"
"""Execution option of a connection: the statements with which its transactions begin."""

SNAPSHOT: Final = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT pg_current_snapshot()::text"
)
"""A reader's; answers `Bulk.snapshot_mark`."""

_PLAIN: Final = "BEGIN ISOLATION LEVEL READ COMMITTED"
_ANSWERED: Final = "huxin-answered"


def turn(lock: int, *questions: str) -> str:
    """The beginning of a writer's transaction, which waits for the one before.

    Each statement has a snapshot of its own, so that what is asked behind the lock sees the work of
    whoever held it.

    Args:
        lock: number of the advisory lock.
        questions: what is asked next.

    Returns:
        Statements that answer the lock and `synchronous_commit`, which says whether a commit waits
        for the disk, then the questions.
    """
    waits = f"SELECT pg_advisory_xact_lock({lock}), current_setting('synchronous_commit')"
    return "; ".join((_PLAIN, waits, *questions))


def begin(connection: Connection) -> None:
    """Begin a transaction as the connection's option says; what it asked is in `answered`.

    Raises:
        psycopg.Error: the server says no; nothing has begun.
    """
    driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]  # SQLAlchemy does not know which
    statements = connection.get_execution_options().get(BEGINNING, _PLAIN)
    rows: list[tuple[Any, ...]] = []
    try:
        cursor = driver.execute(statements, prepare=False)
        while cursor.nextset():
            rows += cursor.fetchall()
    except psycopg.Error:
        with suppress(psycopg.Error):  # what failed may be the connection
            driver.rollback()
        raise
    connection.info[_ANSWERED] = rows


def answered(connection: Connection) -> list[tuple[Any, ...]]:
    """The rows of what was asked at the beginning of this transaction."""
    rows: list[tuple[Any, ...]] = connection.info[_ANSWERED]
    return rows


def look(
    driver: psycopg.Connection[Any], _entry: ConnectionPoolEntry, _given: PoolProxiedConnection
) -> None:
    """Look whether a server still is at the other end, before the pool gives a connection away.

    Raises:
        DisconnectionError: it is not; the pool makes a new one.
    """
    if driver.closed or (_has_come(driver.fileno()) and not _answers(driver)):
        raise DisconnectionError


def _has_come(descriptor: int) -> bool:
    """Whether there is something to be read, which of a connection at rest is mostly its end."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


def _answers(driver: psycopg.Connection[Any]) -> bool:
    try:
        driver.execute("", prepare=False)
    except psycopg.Error:
        return False
    return True
