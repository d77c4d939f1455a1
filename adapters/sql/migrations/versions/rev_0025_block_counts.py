"""What sorts of rows each block of leaves has; what is no listing is found by its kind."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision: str | None = "0024"

UNLISTED = sa.text("kind NOT IN (1, 9, 18)")


def upgrade() -> None:
    """Create the table, count what is there, and put the kind before the place in the index."""
    op.create_table(
        "block_counts",
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("block", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("state", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("list_type", sa.Text, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO block_counts (log, block, kind, state, list_type, number) "
        "SELECT log, idx / 16384, kind, state, list_type, count(*) FROM statements "
        "GROUP BY log, idx / 16384, kind, state, list_type"
    )
    op.drop_index("statements_scenarios", "statements")
    op.drop_index("statements_unlisted", "statements")
    op.create_index(
        "statements_unlisted",
        "statements",
        ["kind", "log", "idx"],
        sqlite_where=UNLISTED,
        postgresql_where=UNLISTED,
    )
