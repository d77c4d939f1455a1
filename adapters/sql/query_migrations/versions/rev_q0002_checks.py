"""Checks: what was answered under which number, and the matches whose outcomes are due."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "q0002"
down_revision: str | None = "q0001"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "checks",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("asker", sa.Text, nullable=False),
        sa.Column("request_key", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("question_tag", sa.LargeBinary, nullable=False),
        sa.Column("department", sa.Text, nullable=False),
        sa.Column("matter", sa.Text, nullable=False),
        sa.Column("case_tag", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("complete", sa.SmallInteger, nullable=False),
        sa.Column("query_id", sa.LargeBinary, nullable=False),
        sa.Column("key", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
    )
    op.create_index("checks_by_at", "checks", ["at"])
    op.create_table(
        "check_matches",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("origin", sa.Text, primary_key=True),
        sa.Column("idx", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("record_tag", sa.LargeBinary, nullable=False),
        sa.Column("list_type", sa.Text, nullable=False),
        sa.Column("matter", sa.Text, nullable=False),
        sa.Column("measures", sa.Text, nullable=False),
        sa.Column("due_on", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("outcome_id", sa.LargeBinary),
        sa.Column("reopened_at", sa.BigInteger),
    )
    op.create_index("check_matches_by_listing", "check_matches", ["origin", "idx"])
    op.create_index("check_matches_by_state", "check_matches", ["state", "due_on"])
