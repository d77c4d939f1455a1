"""The index of what is held learns the findings of what cannot be right (M1 to M5)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision: str | None = "0010"

HELD = "5, 8, 9, 10, 11, 12, 13, 14, 15, 20, 23, 24, 25, 26, 31, 40, 41, 50, 51, 52, 53, 54"


def upgrade() -> None:
    """Make the index anew; all is judged again, by the new rules too."""
    op.drop_index("findings_held", "findings")
    held = sa.text(f"finding IN ({HELD})")
    op.create_index(
        "findings_held", "findings", ["log", "idx"], sqlite_where=held, postgresql_where=held
    )
    op.execute(sa.text("UPDATE logs SET reconciled_to = 0"))
