"""What third parties display, and of what they were told that it must go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "q0007"
down_revision: str | None = "q0006"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "displays",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("request_key", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("content_tag", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("submitted", sa.Integer, nullable=False),
        sa.Column("refused", sa.Integer, nullable=False),
    )
    op.create_index("displays_by_at", "displays", ["at"])
    op.create_table(
        "display_rows",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("row", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("item_tag", sa.LargeBinary, nullable=False),
        sa.Column("ground", sa.Text, nullable=False),
        sa.Column("since", sa.Integer, nullable=False),
        sa.Column("told_at", sa.BigInteger, nullable=False),
        sa.Column("due_on", sa.Integer, nullable=False),
        sa.Column("again", sa.SmallInteger, nullable=False),
        sa.Column("acknowledged_at", sa.BigInteger, nullable=False),
    )
    op.create_index("display_rows_by_item", "display_rows", ["item_tag"])
    op.create_index("display_rows_by_party", "display_rows", ["party", "acknowledged_at"])
