"""Who may ask: credentials, how much they asked, and which were stopped."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "q0004"
down_revision: str | None = "q0003"

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "credentials",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("department", sa.Text, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("matters", sa.Text, nullable=False),
        sa.Column("purposes", sa.Text, nullable=False),
        sa.Column("budget", sa.Integer, nullable=False),
        sa.Column("case_subjects", sa.Integer, nullable=False),
        sa.Column("expires_on", sa.Integer, nullable=False),
        sa.Column("token", sa.LargeBinary, unique=True),
        sa.Column("certificate", sa.LargeBinary),
        sa.Column("digest", sa.LargeBinary, unique=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("mac", sa.LargeBinary, nullable=False),
        sa.Column("revoked_at", sa.BigInteger, nullable=False),
        sa.Column("revoked_by", sa.Text, nullable=False),
    )
    op.create_table(
        "usage",
        sa.Column("credential", sa.Text, primary_key=True),
        sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("asked", sa.BigInteger, nullable=False),
        sa.Column("answered", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "stops",
        sa.Column("place", _SERIAL, primary_key=True, autoincrement=True),
        sa.Column("credential", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("lifted_at", sa.BigInteger, nullable=False),
        sa.Column("lifted_by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_index("stops_by_credential", "stops", ["credential"])
