"""Listings of others of which this city's subjects are told 属地通报."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision: str | None = "0019"


def upgrade() -> None:
    """Create the tables; empty, so that all that is held is gone through."""
    op.create_table(
        "notices",
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("idx", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("annotations", sa.Integer, nullable=False),
        sa.Column("current", sa.BigInteger, nullable=False),
        sa.Column("noticed_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("reminded", sa.SmallInteger, nullable=False),
        sa.Column("reminded_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("notices_by_position", "notices", ["position"], unique=True)
    op.create_table(
        "notice_cursors",
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("noticed_to", sa.BigInteger, nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "notices_due",
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("idx", sa.BigInteger, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
