"""Names of subjects of which regions said something, as tags.

What was said before has none: it is asked again within the days for which it counts.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision: str | None = "0015"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "attested_names",
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("idx", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("tag", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("attested_names_by_tag", "attested_names", ["tag"])
