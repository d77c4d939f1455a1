"""Watches: subjects of a case, and how their answers differed from each other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "q0010"
down_revision: str | None = "q0009"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "watches",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("asker", sa.Text, nullable=False),
        sa.Column("department", sa.Text, nullable=False),
        sa.Column("request_key", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("content_tag", sa.LargeBinary, nullable=False),
        sa.Column("matter", sa.Text, nullable=False),
        sa.Column("until", sa.Integer, nullable=False),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("subjects", sa.Integer, nullable=False),
        sa.Column("changes", sa.BigInteger, nullable=False),
        sa.Column("ready", sa.SmallInteger, nullable=False),
        sa.Column("key", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
    )
    op.create_index("watches_by_asker", "watches", ["asker", "opened_at"])
    op.create_table(
        "watch_groups",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("first", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("key", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "watch_answers",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("change", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("row", sa.Integer, nullable=False),
        sa.Column("key", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
