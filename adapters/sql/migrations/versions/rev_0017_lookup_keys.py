"""Tags under the lookup key that is to come, and under which key those of now stand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision: str | None = "0016"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "next_tags",
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("idx", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("former", sa.LargeBinary, nullable=False),
        sa.Column("tag", sa.LargeBinary, nullable=False),
        sa.Column("sourced", sa.SmallInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tagged_under",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("ready", sa.SmallInteger, nullable=False),
        sqlite_with_rowid=False,
    )
