"""The tables of campaigns 专项治理: what was opened, and which statements were entered."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Integer, LargeBinary, Table, Text, UniqueConstraint

from adapters.sql.schema import metadata

campaigns: Final = Table(
    "campaigns",
    metadata,
    Column("campaign", Integer, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("due", Integer, nullable=False),
    Column("opened_on", Integer, nullable=False),
)
"""Campaigns, as they were opened."""

campaign_entries: Final = Table(
    "campaign_entries",
    metadata,
    Column("entry", Integer, primary_key=True, autoincrement=True),
    Column("campaign", Integer, nullable=False),
    Column("statement_id", LargeBinary, nullable=False),
    Column("added_on", Integer, nullable=False),
    Column("unit", Text, nullable=False),
    UniqueConstraint("campaign", "statement_id", name="campaign_entries_once"),
)
"""Listings entered into ledgers, by statement; never deleted."""
