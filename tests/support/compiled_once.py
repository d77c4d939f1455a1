"""What SQLAlchemy compiles is compiled once in a process of the tests, not once for each store.

A program has one store; the tests open a thousand, and compiling the same statements for each was
a fifth of what the scenarios cost. Compiled statements are kept by dialect; those of one class are
alike here, since one process meets one version of each database. What makes the tables of a query
store in an empty SQLite file is kept as SQLite keeps it: a fifth of founding and wiring a node.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, MetaData, create_engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

from adapters.sql import migrating
from adapters.sql.migrating import Chain

STATEMENTS = 5000


def share() -> None:
    """Let all engines share what they compile."""
    compiled: LRUCache[Any, Any] = LRUCache(STATEMENTS)

    def own(engine: Engine, _cache: object) -> None:
        """One of its own is not kept."""

    assert hasattr(create_engine("sqlite://"), "_compiled_cache")
    Engine._compiled_cache = property(lambda _: compiled, own)  # type: ignore[assignment]
    DefaultDialect.__eq__ = _alike  # type: ignore[method-assign]
    DefaultDialect.__hash__ = _by_class  # type: ignore[method-assign, assignment]
    migrating._create = _create


_create_really = migrating._create
_MADE: dict[str, list[str]] = {}
"""By chain: what makes its tables, and all rows that they begin with."""


def _create(connection: Connection, chain: Chain, metadata: MetaData) -> None:
    """Make a chain's tables; in a further empty SQLite database by what made them in the first."""
    if connection.dialect.name != "sqlite" or _statements(connection):
        _create_really(connection, chain, metadata)
        return
    if chain.version_table not in _MADE:
        _create_really(connection, chain, metadata)
        head = f"INSERT INTO {chain.version_table} VALUES ('{chain.head}')"
        _MADE[chain.version_table] = [*_statements(connection), head]
        return
    for statement in _MADE[chain.version_table]:
        connection.exec_driver_sql(statement)


def _statements(connection: Connection) -> list[str]:
    ours = "sql IS NOT NULL AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
    named = f"SELECT sql FROM sqlite_master WHERE {ours} ORDER BY rowid"
    return list(connection.exec_driver_sql(named).scalars())


def _alike(one: object, other: object) -> bool:
    return type(one) is type(other)


def _by_class(dialect: object) -> int:
    return hash(type(dialect))
