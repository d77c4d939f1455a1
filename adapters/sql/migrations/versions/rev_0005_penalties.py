"""Penalties are among what is erased once relieved: the index that names it has their kind too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"


def upgrade() -> None:
    """Make the index of relieved rows anew."""
    relieved = sa.text("opening = 1 AND kind IN (1, 9, 18) AND state IN (4, 5)")
    op.drop_index("statements_relieved", "statements")
    op.create_index(
        "statements_relieved",
        "statements",
        ["log", "idx"],
        sqlite_where=relieved,
        postgresql_where=relieved,
    )
