"""The tables of notices 属地通报: places of listings, and how each stood last; no names."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, SmallInteger, Table, Text

from adapters.sql.schema import metadata

notices: Final = Table(
    "notices",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("annotations", Integer, nullable=False),
    Column("current", BigInteger, nullable=False),
    Column("noticed_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("reminded", SmallInteger, nullable=False),
    Column("reminded_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Listings of others of which this city's subjects are told, as each stood last."""
Index("notices_by_position", notices.c.position, unique=True)

notice_cursors: Final = Table(
    "notice_cursors",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("noticed_to", BigInteger, nullable=False),
    Column("basis", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""How far each log was gone through for that, and by which library, region and successors."""

notices_due: Final = Table(
    "notices_due",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""Leaves already gone through that changed since: looked at again."""
