"""The table of how many listings have each finding."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Integer, SmallInteger, Table

from adapters.sql.schema import metadata

finding_counts: Final = Table(
    "finding_counts",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("finding", SmallInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""How many listings of a log have each, written in the transactions of the findings."""
