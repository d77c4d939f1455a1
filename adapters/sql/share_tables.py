"""The table of listed shares 列入主体占比 by day: counts, no subject."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from adapters.sql.schema import metadata

listed_shares: Final = Table(
    "listed_shares",
    metadata,
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("region", Text, primary_key=True),
    Column("list_type", Text, primary_key=True),
    Column("listed", BigInteger, nullable=False),
    Column("subjects", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""How many subjects of each district stood on each list, as it was first counted on a day."""
