"""Lists without ground are held: all listings are judged anew, and the index of what is held."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision: str | None = "0009"

_HELD = sa.text("finding IN (5, 8, 9, 10, 11, 12, 13, 14, 15, 20, 23, 24, 25, 26, 31, 40, 41)")


def upgrade() -> None:
    """Make the index of held findings anew, and begin again with judging."""
    op.drop_index("findings_held", "findings")
    op.create_index(
        "findings_held",
        "findings",
        ["log", "idx"],
        sqlite_where=_HELD,
        postgresql_where=_HELD,
    )
    op.execute("UPDATE logs SET reconciled_to = 0")
