"""What was told of others' leaves by receipts, and what is to be told of again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    """Create the tables; what is held already is told of from the beginning."""
    op.add_column(
        "logs", sa.Column("receipted_to", sa.BigInteger, nullable=False, server_default="0")
    )
    op.create_table(
        "told",
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("idx", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("outcome", sa.SmallInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "untold",
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("idx", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("urgent", sa.SmallInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "untold_urgent",
        "untold",
        ["log", "idx"],
        sqlite_where=sa.text("urgent = 1"),
        postgresql_where=sa.text("urgent = 1"),
    )
