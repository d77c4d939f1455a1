"""What outlets owe and have acknowledged; of which listings `lifted` was said.

Nothing is owed for what was told before: until here no platform could acknowledge, and `lifted` was
said by the relief itself. Listings that are told again are owed from then on.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision: str | None = "0014"


def upgrade() -> None:
    """Create the tables; what was said lifted, or erased since, stays so."""

    def key(*names: str) -> list[sa.Column[int]]:
        return [
            sa.Column(
                name,
                sa.BigInteger if name == "idx" else sa.Integer,
                primary_key=True,
                autoincrement=False,
            )
            for name in names
        ]

    op.add_column(
        "outlets", sa.Column("acknowledged_to", sa.BigInteger, nullable=False, server_default="0")
    )
    op.create_table(
        "demands",
        *key("outlet", "log", "idx"),
        sa.Column("word", sa.SmallInteger, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("told_at", sa.BigInteger, nullable=False),
        sa.Column("acknowledged_at", sa.BigInteger, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    only = sa.text("acknowledged_at = 0")
    op.create_index(
        "demands_outstanding",
        "demands",
        ["outlet", "log", "idx"],
        sqlite_where=only,
        postgresql_where=only,
    )
    op.create_index("demands_by_number", "demands", ["outlet", "log", "number"])
    op.create_table(
        "oddities",
        *key("outlet"),
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table("lifted", *key("log", "idx"), sqlite_with_rowid=False)
    op.execute(
        "INSERT INTO lifted (log, idx) SELECT t.log, t.idx FROM told t "
        "JOIN statements s ON s.log = t.log AND s.idx = t.idx "
        "WHERE t.outcome IN (3, 4) AND s.kind IN (1, 9, 18)"
    )
