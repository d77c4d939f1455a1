"""Findings of the reconciliation, listings due, editions of catalogs, confirmations, decisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    """Create the tables; what is held already is reconciled from the beginning."""
    op.add_column(
        "logs", sa.Column("reconciled_to", sa.BigInteger, nullable=False, server_default="0")
    )
    op.create_table(
        "findings",
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("idx", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("finding", sa.SmallInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    held = sa.text("finding IN (5, 8, 9, 10, 11, 12, 13, 14, 15)")
    op.create_index(
        "findings_held",
        "findings",
        ["log", "idx"],
        sqlite_where=held,
        postgresql_where=held,
    )
    op.create_table(
        "due",
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("idx", sa.BigInteger, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "editions",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("adopted_at", sa.BigInteger, nullable=False),
        sa.Column("adopted_by", sa.Text, nullable=False),
    )
    op.create_table(
        "confirmations",
        sa.Column("item", sa.Text, primary_key=True),
        sa.Column("person", sa.Text, nullable=False),
    )
    decisions = sa.text("kind = 'decision'")
    op.create_index(
        "journal_decisions",
        "journal",
        ["log", "idx"],
        sqlite_where=decisions,
        postgresql_where=decisions,
    )
