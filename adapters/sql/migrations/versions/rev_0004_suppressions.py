"""Suppression tags stand with the reliefs that set them, made again from the journal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"

_KINDS = ("suppression", "suppression-lifted")


def upgrade() -> None:
    """Replace the table; of the tags that stand every relief since their last lifting counts."""
    connection = op.get_bind()
    old = sa.table("suppressions", sa.column("tag", sa.LargeBinary))
    kept = {bytes(tag) for (tag,) in connection.execute(sa.select(old.c.tag))}
    journal = sa.table(
        "journal",
        sa.column("seq", sa.BigInteger),
        sa.column("kind", sa.Text),
        sa.column("log", sa.Integer),
        sa.column("idx", sa.BigInteger),
        sa.column("tag", sa.LargeBinary),
        sa.column("until", sa.BigInteger),
    )
    query = (
        sa.select(journal.c.kind, journal.c.tag, journal.c.log, journal.c.idx, journal.c.until)
        .where(journal.c.kind.in_(_KINDS), journal.c.tag.is_not(None))
        .order_by(journal.c.seq)
    )
    standing: dict[bytes, dict[tuple[int, int], int]] = {}
    for kind, tag, log, idx, until in connection.execute(query):
        if kind != _KINDS[0]:
            standing.pop(bytes(tag), None)
        elif bytes(tag) in kept and log is not None:
            standing.setdefault(bytes(tag), {})[log, idx] = until
    op.drop_table("suppressions")
    new = op.create_table(
        "suppressions",
        sa.Column("tag", sa.LargeBinary, primary_key=True),
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("idx", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    rows = [
        {"tag": tag, "log": log, "idx": idx, "until": until}
        for tag, reliefs in standing.items()
        for (log, idx), until in reliefs.items()
    ]
    if rows:
        op.bulk_insert(new, rows)
