"""Campaigns 专项治理 and their ledgers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision: str | None = "0020"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "campaigns",
        sa.Column("campaign", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("due", sa.Integer, nullable=False),
        sa.Column("opened_on", sa.Integer, nullable=False),
    )
    op.create_table(
        "campaign_entries",
        sa.Column("entry", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("campaign", sa.Integer, nullable=False),
        sa.Column("statement_id", sa.LargeBinary, nullable=False),
        sa.Column("added_on", sa.Integer, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.UniqueConstraint("campaign", "statement_id", name="campaign_entries_once"),
    )
