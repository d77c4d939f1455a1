"""How many listings have each finding, counted in the transactions of the findings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision: str | None = "0023"


def upgrade() -> None:
    """Create the table, and count what is there."""
    op.create_table(
        "finding_counts",
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("finding", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO finding_counts (log, finding, number) "
        "SELECT log, finding, count(*) FROM findings GROUP BY log, finding"
    )
