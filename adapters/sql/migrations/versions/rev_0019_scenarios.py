"""Scenarios and recognitions are found without reading all that is no listing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision: str | None = "0018"

SCENARIOS = sa.text("kind IN (7, 8)")


def upgrade() -> None:
    """Make the index of the two kinds; some hundreds among millions of rows."""
    op.create_index(
        "statements_scenarios",
        "statements",
        ["log", "idx"],
        sqlite_where=SCENARIOS,
        postgresql_where=SCENARIOS,
    )
