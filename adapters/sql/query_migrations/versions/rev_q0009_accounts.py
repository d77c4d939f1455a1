"""Accounts of the console, and failed sign-ins of late."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "q0009"
down_revision: str | None = "q0008"

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "accounts",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("credential", sa.Text, nullable=False, unique=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("step", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "account_failures",
        sa.Column("place", _SERIAL, primary_key=True, autoincrement=True),
        sa.Column("who", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("account_failures_by_who", "account_failures", ["who", "place"])
    op.create_index("account_failures_by_at", "account_failures", ["at"])
