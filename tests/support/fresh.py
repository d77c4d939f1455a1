"""Databases of this program's version, without a row: copied, where migrating would take longer."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import NullPool, create_engine, make_url, text

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


@cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "empty.db"
        open_store(f"sqlite:///{path}").close()
        return path.read_bytes()
