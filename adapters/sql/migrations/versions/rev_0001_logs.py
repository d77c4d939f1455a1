"""Logs, tiles, openings, derived statements, journal, feeds, requests, forks.

Tiles and openings are ciphertext or hashes: PostgreSQL stores them without trying to compress.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    _logs()
    _statements()
    _node()
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE tiles ALTER COLUMN data SET STORAGE EXTERNAL")
        op.execute("ALTER TABLE openings ALTER COLUMN sealed SET STORAGE EXTERNAL")


def _logs() -> None:
    op.create_table(
        "logs",
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("origin", sa.Text, nullable=False, unique=True),
        sa.Column("ours", sa.Boolean, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("applied_to", sa.BigInteger, nullable=False),
        sa.Column("delivered_to", sa.BigInteger, nullable=False),
        sa.Column("note", sa.LargeBinary, nullable=False),
        sa.Column("note_size", sa.BigInteger, nullable=False),
        sa.Column("witnessed_size", sa.BigInteger, nullable=False),
        sa.Column("witnessed_root", sa.LargeBinary, nullable=False),
        sa.Column("seen", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "tiles",
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("level", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("n", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "openings",
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("idx", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("key", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "forks",
        sa.Column("seq", _SERIAL, primary_key=True, autoincrement=True),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("file", sa.LargeBinary, nullable=False),
    )


def _statements() -> None:
    op.create_table(
        "statements",
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("idx", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("statement_id", sa.LargeBinary, nullable=False),
        sa.Column("kind", sa.SmallInteger, nullable=False),
        sa.Column("action", sa.SmallInteger, nullable=False),
        sa.Column("flags", sa.SmallInteger, nullable=False),
        sa.Column("about", sa.LargeBinary),
        sa.Column("opening", sa.SmallInteger, nullable=False),
        sa.Column("record_tag", sa.LargeBinary),
        sa.Column("subject_tag", sa.LargeBinary),
        sa.Column("audience", sa.Integer),
        sa.Column("list_type", sa.Text, nullable=False),
        sa.Column("authority", sa.Text, nullable=False),
        sa.Column("decided_on", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("header_state", sa.SmallInteger, nullable=False),
        sa.Column("names", sa.LargeBinary),
        sa.Column("current", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("statements_by_id", "statements", ["statement_id"])
    for column in ("record_tag", "subject_tag", "about"):
        present = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"statements_by_{column}",
            "statements",
            [column],
            sqlite_where=present,
            postgresql_where=present,
        )
    pending = sa.text("opening = 4")
    op.create_index(
        "statements_pending",
        "statements",
        ["log", "idx"],
        sqlite_where=pending,
        postgresql_where=pending,
    )
    relieved = sa.text("opening = 1 AND kind IN (1, 9) AND state IN (4, 5)")
    set_aside = sa.text("state IN (7, 9)")
    for name, condition in (("relieved", relieved), ("set_aside", set_aside)):
        op.create_index(
            f"statements_{name}",
            "statements",
            ["log", "idx"],
            sqlite_where=condition,
            postgresql_where=condition,
        )
    op.create_table(
        "audiences",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("encoded", sa.Text, nullable=False),
    )
    op.create_table(
        "redeliveries",
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("idx", sa.BigInteger, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )


def _node() -> None:
    op.create_table(
        "journal",
        sa.Column("seq", _SERIAL, primary_key=True, autoincrement=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("log", sa.Integer),
        sa.Column("idx", sa.BigInteger),
        sa.Column("tag", sa.LargeBinary),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "suppressions",
        sa.Column("tag", sa.LargeBinary, primary_key=True),
        sa.Column("until", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "feed_rows",
        sa.Column("feed", sa.Text, primary_key=True),
        sa.Column("row_tag", sa.LargeBinary, primary_key=True),
        sa.Column("record_tag", sa.LargeBinary, nullable=False),
        sa.Column("content_tag", sa.LargeBinary, nullable=False),
        sa.Column("statement_id", sa.LargeBinary, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("held_tag", sa.LargeBinary),
        sa.Column("rule", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "requests",
        sa.Column("request_id", sa.Text, primary_key=True),
        sa.Column("answer", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
