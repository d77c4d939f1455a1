"""Listed shares 列入主体占比 by day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision: str | None = "0021"


def upgrade() -> None:
    """Create the table; days before it was there are gaps."""
    op.create_table(
        "listed_shares",
        sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("region", sa.Text, primary_key=True),
        sa.Column("list_type", sa.Text, primary_key=True),
        sa.Column("listed", sa.BigInteger, nullable=False),
        sa.Column("subjects", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
