"""What SQLAlchemy compiles is compiled once in a process of the tests, not once for each store.

A program has one store; the tests open a thousand, and compiling the same statements for each was
a fifth of what the scenarios cost. Compiled statements are kept by dialect; those of one class are
alike here, since one process meets one version of each database.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

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


def _alike(one: object, other: object) -> bool:
    return type(one) is type(other)


def _by_class(dialect: object) -> int:
    return hash(type(dialect))
