"""The tables of what receipts say of reliefs and of what these lifted: others' and our own."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Integer, SmallInteger, Table

from adapters.sql.schema import metadata

heard: Final = Table(
    "heard",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("speaker", Integer, primary_key=True, autoincrement=False),
    Column("outcome", SmallInteger, primary_key=True, autoincrement=False),
    Column("place", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""What receipts say of reliefs and of what they lifted, and where first; derived from openings."""

heard_to: Final = Table(
    "heard_to",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("heard_to", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""How far the receipts of each log were gone through for that."""

lifted: Final = Table(
    "lifted",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""Leaves of which our receipts said `lifted` since they ended, and at most `erased` after it."""
