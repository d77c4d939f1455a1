"""The fixed reference of `replicate`: the three tables that rows go into, as of commit 0d2f266.

What the baseline is must not move with the schema, or a better schema would look like a slower
node. Rows of today are given the two tags that rows had then; the bytes are others, their lengths
and their order in the indexes are as they were.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)

from adapters.sql import schema

metadata: Final = MetaData()
TAG: Final = 16

tiles: Final = Table(
    "tiles",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)

statements: Final = Table(
    "statements",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("statement_id", LargeBinary, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("action", SmallInteger, nullable=False),
    Column("flags", SmallInteger, nullable=False),
    Column("about", LargeBinary),
    Column("opening", SmallInteger, nullable=False),
    Column("record_tag", LargeBinary),
    Column("subject_tag", LargeBinary),
    Column("audience", Integer),
    Column("list_type", Text, nullable=False),
    Column("authority", Text, nullable=False),
    Column("decided_on", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("rule", Text, nullable=False),
    Column("header_state", SmallInteger, nullable=False),
    Column("names", LargeBinary),
    Column("current", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

Index("statements_by_id", statements.c.statement_id)
for _column in ("record_tag", "subject_tag", "about"):
    Index(
        f"statements_by_{_column}",
        statements.c[_column],
        sqlite_where=text(f"{_column} IS NOT NULL"),
        postgresql_where=text(f"{_column} IS NOT NULL"),
    )
for _name, _condition in (
    ("pending", "opening = 4"),
    ("relieved", "opening = 1 AND kind IN (1, 9) AND state IN (4, 5)"),
    ("set_aside", "state IN (7, 9)"),
):
    Index(
        f"statements_{_name}",
        statements.c.log,
        statements.c.idx,
        sqlite_where=text(_condition),
        postgresql_where=text(_condition),
    )

openings: Final = Table(
    "openings",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

_TAGS: Final = [column.name for column in schema.statements.columns].index("tag")


def rows_as_of_then(
    rows: dict[Table, list[tuple[Any, ...]]],
) -> dict[Table, list[tuple[Any, ...]]]:
    """The rows of a batch for these tables, in the order in which they are written."""
    return {
        statements: [_with_two_tags(row) for row in rows[schema.statements]],
        openings: rows[schema.openings],
        tiles: rows[schema.tiles],
    }


def _with_two_tags(row: tuple[Any, ...]) -> tuple[Any, ...]:
    tag: bytes | None = row[_TAGS]
    record = None if tag is None or len(tag) <= TAG else sha256(tag).digest()[:TAG]
    subject = None if tag is None else tag[:TAG]
    return (*row[:_TAGS], record, subject, *row[_TAGS + 1 :])
