"""What the city's platform was told of, and waits for: by number, without content.

Until here what waited lay as files with the content in clear; `node.platform.platforms` empties
those. What the files were told before is not known leaf by leaf: it stands as told in a state
unknown (0).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision: str | None = "0008"

_TOLD = "1, 2, 3, 4, 5, 6, 7, 8, 9, 14, 18"
"""Kinds that platforms were told of."""


def upgrade() -> None:
    """Create the tables; take over what the files were told."""

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

    op.create_table(
        "outlets",
        sa.Column("outlet", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("numbered", sa.BigInteger, nullable=False),
        sa.Column("compared_at", sa.BigInteger, nullable=False),
        sa.Column("compared", sa.Text, nullable=False),
    )
    op.create_table(
        "outlet_cursors",
        *key("outlet", "log"),
        sa.Column("handed_to", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "handed",
        *key("outlet", "log", "idx"),
        sa.Column("word", sa.SmallInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "waiting",
        *key("outlet", "log", "idx"),
        sa.Column("later", sa.SmallInteger, nullable=False),
        sa.Column("mark", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("waiting_in_order", "waiting", ["outlet", "later", "log", "idx"])
    op.create_table(
        "outlet_differences",
        *key("outlet", "log", "idx"),
        sa.Column("told", sa.SmallInteger, nullable=False),
        sa.Column("found", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO outlets (name, numbered, compared_at, compared) VALUES ('', 0, 0, '')")
    op.execute(
        "INSERT INTO handed (outlet, log, idx, word) SELECT o.outlet, s.log, s.idx, 0 "  # noqa: S608
        "FROM statements s JOIN logs l ON l.log = s.log JOIN outlets o ON o.name = '' "
        f"WHERE s.idx < l.delivered_to AND s.kind IN ({_TOLD}) AND s.state NOT IN (7, 9)"
    )
