"""Databases of this program's version, without a row: copied, where migrating would take longer."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, NullPool, create_engine, make_url, text

from adapters.sql import SqlStore, open_store


def open_fresh(url: str) -> SqlStore:
    """Open a store; where its SQLite file is not there yet, it is made by copying an empty one."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
        path = Path(str(parsed.database))
        if not path.exists():
            path.touch(0o600)
            path.write_bytes(_empty())
    return open_store(url)


@contextmanager
def fresh_postgres(maintenance: str, template: str = "template1") -> Iterator[str]:
    """A database that is a copy of another, as a URL; dropped afterwards, whoever is connected."""
    name = f"huxin_test_{secrets.token_hex(8)}"
    engine = create_engine(maintenance, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    try:
        yield make_url(maintenance).set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


class Emptied:
    """PostgreSQL's databases for one test after the other: only their rows go, and connections.

    To make and drop one takes longer than most tests. One whose tables are not any more what they
    were is dropped, so that no test meets what another did to them.
    """

    def __init__(self, maintenance: str, template: str) -> None:
        """Begin with none.

        Args:
            maintenance: URL of a database of the server.
            template: name of a database of this program's version without a row.
        """
        self._maintenance = maintenance
        self._template = template
        self._made: list[ExitStack] = []
        self._free: list[_Database] = []

    @contextmanager
    def lend(self) -> Iterator[str]:
        """A database of this program's version without a row, as a URL."""
        database = self._free.pop() if self._free else self._make()
        try:
            yield database.url
        finally:
            if _emptied(database):
                self._free.append(database)

    def close(self) -> None:
        """Drop them all."""
        for stack in self._made:
            stack.close()

    def _make(self) -> _Database:
        stack = ExitStack()
        url = stack.enter_context(fresh_postgres(self._maintenance, self._template))
        self._made.append(stack)
        with _connected(url) as connection:
            return _Database(
                url=url,
                form=connection.scalar(text(_FORM)),
                empty=";".join([*_tables(connection), *_sequences(connection)]),
            )


class _Database(NamedTuple):
    url: str
    form: str
    empty: str
    """Statements that leave the rows that migrations write, and let every number begin again."""


_RELATIONS = "FROM pg_class WHERE relnamespace = 'public'::regnamespace"
_FORM = f"""
SELECT md5(string_agg(part, ' ' ORDER BY part)) FROM (
    SELECT concat_ws(' ', attrelid::regclass, attname, atttypid, atttypmod, attnotnull, atthasdef)
        FROM pg_attribute WHERE attrelid IN (SELECT oid {_RELATIONS}) AND attnum > 0
    UNION ALL SELECT concat_ws(' ', relname, relkind, relacl) {_RELATIONS}
    UNION ALL SELECT concat_ws(' ', conname, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger
    UNION ALL SELECT version_num FROM alembic_version
    UNION ALL SELECT array_to_string(setconfig, ' ') FROM pg_db_role_setting
) AS parts (part)
"""


def _tables(connection: Connection) -> Iterator[str]:
    """Statements that empty the tables; what stands in them now is kept beside them."""
    connection.execute(text("CREATE SCHEMA kept"))
    names = connection.scalars(text(f"SELECT relname {_RELATIONS} AND relkind = 'r'")).all()
    for name in names:
        yield f"DELETE FROM {name}"
        if connection.scalar(text(f"SELECT count(*) FROM {name}")):
            connection.execute(text(f"CREATE TABLE kept.{name} AS TABLE {name}"))
            yield f"INSERT INTO {name} TABLE kept.{name}"


def _sequences(connection: Connection) -> Iterator[str]:
    names = connection.scalars(text(f"SELECT relname {_RELATIONS} AND relkind = 'S'")).all()
    for name in names:
        last, called = connection.execute(text(f"SELECT last_value, is_called FROM {name}")).one()
        yield f"SELECT setval('{name}', {last}, {called})"


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _emptied(database: _Database) -> bool:
    """Take the rows away; no where the database is not as it was made."""
    with _connected(database.url) as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid != pg_backend_pid()"
            )
        )
        if connection.scalar(text(_FORM)) != database.form:
            return False
        connection.exec_driver_sql(database.empty)
        return True


@cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "empty.db"
        open_store(f"sqlite:///{path}").close()
        return path.read_bytes()
