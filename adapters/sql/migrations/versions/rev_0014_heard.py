"""What receipts say of reliefs, and where they said so first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision: str | None = "0013"


def upgrade() -> None:
    """Create the tables; empty, so that all receipts held are gone through."""
    op.create_table(
        "heard",
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("idx", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("speaker", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("outcome", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("place", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "heard_to",
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("heard_to", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
