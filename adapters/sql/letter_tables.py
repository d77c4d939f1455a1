"""The table of letters 发文登记簿: numbers given, by what they are about; no names of subjects."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, UniqueConstraint

from adapters.sql.schema import metadata

letters: Final = Table(
    "letters",
    metadata,
    Column("letter", Integer, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("serial", Integer, nullable=False),
    Column("issued_at", BigInteger, nullable=False),
    Column("prepared", Text, nullable=False),
    Column("prepared_unit", Text, nullable=False),
    Column("prepared_post", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("post", Text, nullable=False),
    UniqueConstraint("kind", "about", name="letters_once"),
    UniqueConstraint("number", name="letters_number"),
)
"""Letters that were given their numbers, in that order; never deleted."""
Index("letters_by_serial", letters.c.code, letters.c.year, letters.c.serial)
