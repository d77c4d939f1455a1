"""The table of names of attested subjects, beside `adapters.sql.schema`.

Its index is of random keys, which cost: but it has the listings alone whose subject this city's
library does not know, and that were asked about one by one.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table

from adapters.sql.schema import metadata

attested_names: Final = Table(
    "attested_names",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("tag", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Keyed tag of the name that a listing states, in its normal form; gone with what was said of its
subject (`schema.attestations`)."""
Index("attested_names_by_tag", attested_names.c.tag)
