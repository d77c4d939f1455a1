"""The query store: rows, subjects, and the query log with its tiles and cosigned checkpoints."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "q0001"
down_revision: str | None = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "query_rows",
        sa.Column("place", _SERIAL, primary_key=True, autoincrement=True),
        sa.Column("query_id", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("log", sa.Integer, nullable=False),
        sa.Column("idx", sa.BigInteger),
        sa.Column("kind", sa.SmallInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("department", sa.LargeBinary, nullable=False),
        sa.Column("leaf", sa.LargeBinary, nullable=False),
        sa.Column("key", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sqlite_autoincrement=True,
    )
    waiting = sa.text("idx IS NULL")
    op.create_index(
        "query_rows_waiting",
        "query_rows",
        ["place"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index("query_rows_by_idx", "query_rows", ["log", "idx"], unique=True)
    op.create_index("query_rows_by_department", "query_rows", ["department", "at"])
    op.create_index("query_rows_by_at", "query_rows", ["at"])
    op.create_table(
        "query_subjects",
        sa.Column("tag", sa.LargeBinary, primary_key=True),
        sa.Column("place", sa.BigInteger, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    op.create_index("query_subjects_by_place", "query_subjects", ["place"])
    op.create_table(
        "query_logs",
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("origin", sa.Text, nullable=False, unique=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("note_size", sa.BigInteger, nullable=False),
        sa.Column("note", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "query_tiles",
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("level", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("n", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "query_notes",
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("note", sa.LargeBinary, nullable=False),
    )
