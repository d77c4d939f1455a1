"""The register of letters 发文登记簿."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision: str | None = "0022"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "letters",
        sa.Column("letter", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("serial", sa.Integer, nullable=False),
        sa.Column("issued_at", sa.BigInteger, nullable=False),
        sa.Column("prepared", sa.Text, nullable=False),
        sa.Column("prepared_unit", sa.Text, nullable=False),
        sa.Column("prepared_post", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("post", sa.Text, nullable=False),
        sa.UniqueConstraint("kind", "about", name="letters_once"),
        sa.UniqueConstraint("number", name="letters_number"),
    )
    op.create_index("letters_by_serial", "letters", ["code", "year", "serial"])
