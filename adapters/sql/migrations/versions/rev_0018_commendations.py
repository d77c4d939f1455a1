"""The index of what is held learns the findings of commendations, and of another's matches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision: str | None = "0017"

HELD = (
    "5, 8, 9, 10, 11, 12, 13, 14, 15, 20, 23, 24, 25, 26, 31, 40, 41, 50, 51, 52, 53, 54, "
    "60, 72, 73, 74, 75"
)
COMMENDATION = 9


def upgrade() -> None:
    """Make the index anew; the commendations held are judged, which nobody did before."""
    op.drop_index("findings_held", "findings")
    held = sa.text(f"finding IN ({HELD})")
    op.create_index(
        "findings_held", "findings", ["log", "idx"], sqlite_where=held, postgresql_where=held
    )
    op.execute(
        sa.text(
            "INSERT INTO due (log, idx) SELECT log, idx FROM statements "  # noqa: S608 - a number
            f"WHERE kind = {COMMENDATION} AND NOT EXISTS (SELECT 1 FROM due "
            "WHERE due.log = statements.log AND due.idx = statements.idx)"
        )
    )
