"""What the bare servers of `check` keep: a table of subjects with an index, and rows appended.

SQLite with the settings of the query store, or PostgreSQL; one thread appends, and commits together
what waits.
"""

from __future__ import annotations

import json
import queue
import sqlite3
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

ANSWER = bytes(1500)
"""As many bytes as an answer of a check."""
_ROW = "x" * 600
"""Sealed question, commitment and references."""


class Held:
    """The subjects, looked up one by one."""

    def __init__(self, url: str, subjects: Path) -> None:
        """Fill a table."""
        self._connection, self._mark = connect(url)
        run = self._connection.execute
        run("CREATE TABLE held (code TEXT PRIMARY KEY, name TEXT)")
        run("BEGIN")
        cursor = self._connection.cursor()
        cursor.executemany(
            f"INSERT INTO held VALUES ({self._mark}, {self._mark}) ON CONFLICT DO NOTHING",
            json.loads(subjects.read_text("utf-8")),
        )
        run("COMMIT")
        self._find = f"SELECT name FROM held WHERE code = {self._mark}"

    def find(self, code: str) -> None:
        """Look a subject up."""
        self._connection.execute(self._find, (code,)).fetchone()


class Grouped:
    """One thread that writes, and commits together what waits."""

    def __init__(self, url: str) -> None:
        """Begin."""
        self._waiting: queue.SimpleQueue[Future[None]] = queue.SimpleQueue()
        self._url = url
        threading.Thread(target=self._write, daemon=True).start()

    def append(self) -> Future[None]:
        """Append a row; done when it is durable."""
        done: Future[None] = Future()
        self._waiting.put(done)
        return done

    def _write(self) -> None:
        connection, mark = connect(self._url)
        number = "INTEGER" if mark == "?" else "BIGSERIAL"
        connection.execute(f"CREATE TABLE appended (id {number} PRIMARY KEY, body TEXT)")
        insert = f"INSERT INTO appended (body) VALUES ({mark})"
        begin = "BEGIN IMMEDIATE" if mark == "?" else "BEGIN"
        cursor = connection.cursor()
        while True:
            group = [self._waiting.get()]
            while not self._waiting.empty():
                group.append(self._waiting.get())
            connection.execute(begin)
            cursor.executemany(insert, [(_ROW,)] * len(group))
            connection.execute("COMMIT")
            for done in group:
                done.set_result(None)


def connect(url: str) -> tuple[Any, str]:
    """Open a database as the node does; the connection, and the mark for a value."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        address = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(address, autocommit=True), "%s"
    path = str(parsed.database)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection, "?"
