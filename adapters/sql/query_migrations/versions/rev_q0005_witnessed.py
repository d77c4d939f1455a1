"""Query logs of other members, as far as they were cosigned here."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "q0005"
down_revision: str | None = "q0004"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "query_witnessed",
        sa.Column("origin", sa.Text, primary_key=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("note", sa.LargeBinary, nullable=False),
    )
