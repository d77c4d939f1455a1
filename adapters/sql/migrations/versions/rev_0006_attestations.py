"""What regions said of listings' subjects, and the findings that come of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"


def upgrade() -> None:
    """Create the table; the index of what is held learns the new findings."""
    op.create_table(
        "attestations",
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("idx", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("as_of", sa.BigInteger, nullable=False),
        sa.Column("key", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.drop_index("findings_held", "findings")
    held = sa.text("finding IN (5, 8, 9, 10, 11, 12, 13, 14, 15, 20, 23, 24, 25, 26)")
    op.create_index(
        "findings_held",
        "findings",
        ["log", "idx"],
        sqlite_where=held,
        postgresql_where=held,
    )
