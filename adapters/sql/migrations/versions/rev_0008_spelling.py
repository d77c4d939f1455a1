"""Twins of suppression tags, and what tells whose tags are still of the former form.

Until here the subject stood in record keys by whichever code named it. Tags are keyed, so only the
node can form them anew (`node.peers.tag_upgrade`): the rows of the logs in `unformed` have the
former ones.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision: str | None = "0007"


def upgrade() -> None:
    """Create the tables; mark what there is as of the former form."""
    op.add_column(
        "suppressions",
        sa.Column("former", sa.SmallInteger, nullable=False, server_default="1"),
    )
    former = sa.text("former = 1")
    op.create_index(
        "suppressions_former",
        "suppressions",
        ["tag"],
        sqlite_where=former,
        postgresql_where=former,
    )
    op.create_table(
        "twins",
        sa.Column("tag", sa.LargeBinary, primary_key=True),
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("idx", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
        sa.Column("subject", sa.LargeBinary, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("twins_by_record", "twins", ["record"])
    op.create_index("twins_by_subject", "twins", ["subject"])
    tagged = sa.text("tag IS NOT NULL")
    op.create_index(
        "journal_by_tag",
        "journal",
        ["tag"],
        sqlite_where=tagged,
        postgresql_where=tagged,
    )
    op.drop_index("findings_held", "findings")
    held = sa.text("finding IN (5, 8, 9, 10, 11, 12, 13, 14, 15, 20, 23, 24, 25, 26, 31)")
    op.create_index(
        "findings_held",
        "findings",
        ["log", "idx"],
        sqlite_where=held,
        postgresql_where=held,
    )
    op.create_table(
        "unformed",
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("formed_to", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO unformed (log, formed_to) SELECT log, 0 FROM logs")
