"""Backups of a node's database, as an operator's own tools make them."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import NullPool, create_engine, make_url, text


@contextmanager
def backed_up(url: str, folder: Path) -> Iterator[str]:
    """Copy a database that no process uses now; gives the address of the copy.

    Args:
        url: of the database.
        folder: where the copy of a SQLite file is put.
    """
    source = make_url(url)
    name = f"huxin_backup_{secrets.token_hex(8)}"
    if source.get_backend_name() == "sqlite":
        copy = folder / f"{name}.db"
        shutil.copyfile(str(source.database), copy)
        yield f"sqlite:///{copy}"
        return
    engine = create_engine(
        source.set(database="postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool
    )
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {source.database}"))
    try:
        yield source.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()
