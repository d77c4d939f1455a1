"""Benefits: which scenario was asked about, and which were used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "q0006"
down_revision: str | None = "q0005"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "benefit_checks",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("scenario", sa.LargeBinary, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("idx", sa.BigInteger, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
    )
    op.create_table(
        "benefit_uses",
        sa.Column("statement_id", sa.LargeBinary, primary_key=True),
        sa.Column("number", sa.Text, nullable=False, unique=True),
        sa.Column("case_id", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("used_on", sa.Integer, nullable=False),
        sa.Column("reported_at", sa.BigInteger, nullable=False),
        sa.Column("published", sa.SmallInteger, nullable=False),
        sa.Column("request_key", sa.LargeBinary, unique=True),
        sa.Column("key", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
    )
    unpublished = sa.text("published = 0")
    op.create_index(
        "benefit_uses_unpublished",
        "benefit_uses",
        ["reported_at"],
        sqlite_where=unpublished,
        postgresql_where=unpublished,
    )
