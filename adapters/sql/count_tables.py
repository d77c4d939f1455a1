"""The tables of how many rows of each sort there are, written with the rows that they count."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Integer, SmallInteger, Table, Text

from adapters.sql.schema import metadata

finding_counts: Final = Table(
    "finding_counts",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("finding", SmallInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""How many listings of a log have each."""

OTHERS: Final = "*" * 65
"""In place of the lists of a block that are counted together; longer than any list type is."""
block_counts: Final = Table(
    "block_counts",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("block", Integer, primary_key=True, autoincrement=False),
    Column("kind", SmallInteger, primary_key=True, autoincrement=False),
    Column("state", SmallInteger, primary_key=True, autoincrement=False),
    Column("list_type", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""How many rows of each sort stand in each block of `federation.ports.seeking.BLOCK` leaves: where
what is rare may be, and that it is nowhere, is known without looking at any row."""
