"""Exchange tables in a database of a test, made by the DDL that is shipped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import URL, NullPool, create_engine, func, insert, select, update

from adapters.platform.acknowledging import DONE
from adapters.platform.tables import METADATA, inbox, outbox
from node.demo import exchange_tables
from node.demo.exchange_tables import DDL, drop_role

__all__ = [
    "DDL",
    "PASSWORD",
    "acknowledge_all",
    "change",
    "drop_role",
    "laid",
    "lay",
    "make_tables",
    "told",
]

PASSWORD = "p@ss:word/示例"


def make_tables(owner: URL) -> URL:
    """Run the shipped script as the owner of a database; returns the URL of the node's role.

    SQLite has no roles: its owner's.
    """
    if owner.get_backend_name() == "sqlite":
        METADATA.create_all(create_engine(owner, poolclass=NullPool))
        return owner
    return exchange_tables.make_tables(owner, PASSWORD)


def told(owner: URL) -> Sequence[dict[str, Any]]:
    """All rows of the outbox, in the order in which they were written."""
    engine = create_engine(owner, poolclass=NullPool)
    with engine.connect() as connection:
        found = connection.execute(select(outbox).order_by(outbox.c.seq)).mappings()
        return [dict(row) for row in found]


def acknowledge_all(owner: URL) -> None:
    """Say of all rows that what they ask for is done, as the platform does."""
    engine = create_engine(owner, poolclass=NullPool)
    with engine.begin() as connection:
        asked = update(outbox).where(outbox.c.acknowledged_at.is_(None))
        connection.execute(asked.values(acknowledged_at=func.now(), ack_result=DONE))


def laid(owner: URL) -> Sequence[dict[str, Any]]:
    """All rows of the inbox, in the order of their ids."""
    engine = create_engine(owner, poolclass=NullPool)
    with engine.connect() as connection:
        found = connection.execute(select(inbox).order_by(inbox.c.id)).mappings()
        return [dict(row) for row in found]


def lay(owner: URL, *rows: dict[str, str]) -> None:
    """Lay rows into the inbox, as the platform does."""
    engine = create_engine(owner, poolclass=NullPool)
    with engine.begin() as connection:
        for row in rows:
            connection.execute(insert(inbox), row)


def change(owner: URL, number: int, content: str) -> None:
    """Change a row of the inbox, as the platform does."""
    engine = create_engine(owner, poolclass=NullPool)
    with engine.begin() as connection:
        asked = update(inbox).where(inbox.c.id == number)
        connection.execute(asked.values(content=content, answered_at=None))
