"""A disk that changes a bit of what it keeps."""

from __future__ import annotations

from typing import Any

from sqlalchemy import create_engine, select, update

from adapters.sql.store import SqlStore
from tests.support.simulation import SimNode


def flip(node: SimNode, table: Any, column: str, at: int, **where: int) -> None:
    """Change one bit of one stored value, as a disk does: behind the program's back."""
    assert isinstance(node.store, SqlStore)
    engine = create_engine(node.store._engine.url)
    with node.store.read() as snapshot:
        head = snapshot.head(node.origin)
        assert head is not None
    chosen = [table.c[name] == value for name, value in ({"log": head.log} | where).items()]
    with engine.begin() as connection:
        data = bytearray(connection.execute(select(table.c[column]).where(*chosen)).scalar_one())
        data[at] ^= 0x10
        connection.execute(update(table).where(*chosen).values({column: bytes(data)}))
    engine.dispose()
