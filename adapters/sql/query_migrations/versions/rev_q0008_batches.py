"""Checks of many subjects at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "q0008"
down_revision: str | None = "q0007"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "check_batches",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("asker", sa.Text, nullable=False),
        sa.Column("request_key", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("question_tag", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("closed_at", sa.BigInteger, nullable=False),
        sa.Column("key", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_index("check_batches_by_at", "check_batches", ["at"])
    op.create_table(
        "check_batch_parts",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("turn", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("query_id", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("asked", sa.Integer, nullable=False),
        sa.Column("matches", sa.Integer, nullable=False),
        sa.Column("insufficient", sa.Integer, nullable=False),
        sa.Column("refused", sa.Integer, nullable=False),
        sa.Column("key", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "check_batch_rows",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("row", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("found", sa.Text, nullable=False),
    )
