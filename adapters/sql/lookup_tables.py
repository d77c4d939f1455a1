"""The tables of a change of the lookup key, beside `adapters.sql.schema`; empty without one."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, SmallInteger, Table

from adapters.sql.schema import metadata

next_tags: Final = Table(
    "next_tags",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("former", LargeBinary, nullable=False),
    Column("tag", LargeBinary, nullable=False),
    Column("sourced", SmallInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""What `statements.tag` will be; counts only where `former` is what it is."""

tagged_under: Final = Table(
    "tagged_under",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("ready", SmallInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Under which lookup key all tags stand, in one row or none (the first), and whether those of the
next one are ready."""
