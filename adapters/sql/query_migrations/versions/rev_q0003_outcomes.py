"""Outcomes: what departments reported of matches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "q0003"
down_revision: str | None = "q0002"


def upgrade() -> None:
    """Create the table."""
    op.create_index("check_matches_by_record", "check_matches", ["record_tag"])
    op.create_table(
        "outcomes",
        sa.Column("statement_id", sa.LargeBinary, primary_key=True),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("idx", sa.BigInteger, nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("measure", sa.Text, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("decided_on", sa.Integer, nullable=False),
        sa.Column("case_id", sa.LargeBinary, nullable=False),
        sa.Column("said", sa.SmallInteger, nullable=False),
        sa.Column("said_reason", sa.Text, nullable=False),
        sa.Column("replaces", sa.LargeBinary),
        sa.Column("reported_at", sa.BigInteger, nullable=False),
        sa.Column("published", sa.SmallInteger, nullable=False),
        sa.Column("request_key", sa.LargeBinary, unique=True),
        sa.Column("key", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
    )
    op.create_index("outcomes_by_match", "outcomes", ["number", "origin", "idx", "turn"])
    unpublished = sa.text("published = 0")
    op.create_index(
        "outcomes_unpublished",
        "outcomes",
        ["turn"],
        sqlite_where=unpublished,
        postgresql_where=unpublished,
    )
