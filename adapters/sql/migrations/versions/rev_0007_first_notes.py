"""Checkpoints kept for reliefs and receipts; openings that nobody's word erases any more.

Openings that were believed erased on a peer's word are asked for again, unless this node erased
them itself or the origin's own ERASURE is held. ERASURE statements are set aside until the next
start reads them again: the ground was not read before.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision: str | None = "0006"

_PENDING_RELIEFS = sa.text("opening = 4 AND kind IN (4, 5)")
_TIMED = sa.text("kind IN (4, 5, 10)")


def upgrade() -> None:
    """Create the table and the indexes, and mark what is to be asked for or read again."""
    op.create_table(
        "first_notes",
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("cosigned_at", sa.BigInteger, nullable=False),
        sa.Column("note", sa.LargeBinary, nullable=False),
    )
    op.execute(
        "UPDATE statements SET opening = 4 WHERE opening = 3"
        " AND (log, idx) NOT IN (SELECT log, idx FROM journal"
        " WHERE kind = 'erasure' AND log IS NOT NULL AND idx IS NOT NULL)"
    )
    op.execute(
        "UPDATE statements SET state = 9, rule = 'entitlement.segment'"
        " WHERE kind = 14 AND state = 10 AND opening = 1"
    )
    for name, condition in (
        ("statements_pending_reliefs", _PENDING_RELIEFS),
        ("statements_timed", _TIMED),
    ):
        op.create_index(
            name,
            "statements",
            ["log", "idx"],
            sqlite_where=condition,
            postgresql_where=condition,
        )
