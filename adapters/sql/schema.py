"""The tables, one schema for SQLite and PostgreSQL.

What must never be changed stands in few tables: `tiles` (leaves verbatim at level -1, hashes above
them), `logs`, `journal`, `audiences`, `feed_rows`, `requests`, `forks`. `statements` is derived and
can be dropped; `openings` are ciphertext under a key ring outside the database and are erased by
deletion. No name and no code of a subject stands anywhere: tags only (ADR 0006).

Indexes of random keys are what inserting costs at a million rows: there are two, of ids and of tags
(a record's begins with its subject's, so that one index answers for both), and a third needs a
better reason than a query that is slow. What is only ever asked for by equality has a hash index on
PostgreSQL, which writes less.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
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

from federation.ports.journal import Decision
from federation.reconcile.findings import HELD_FINDINGS
from federation.rows import LISTED_KINDS, OpeningStatus, State, StatementRow
from federation.statements import Kind

metadata: Final = MetaData()

_Serial: Final = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite numbers rows by itself only in a column of exactly the type INTEGER."""

FIXED: Final = "fixed"
_FIXED: Final = {FIXED: True}
"""Mark of columns that the header of the leaf gives: no replacement of a row changes them."""

logs: Final = Table(
    "logs",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=True),
    Column("origin", Text, nullable=False, unique=True),
    Column("ours", Boolean, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("applied_to", BigInteger, nullable=False),
    Column("reconciled_to", BigInteger, nullable=False),
    Column("delivered_to", BigInteger, nullable=False),
    Column("receipted_to", BigInteger, nullable=False),
    Column("note", LargeBinary, nullable=False),
    Column("note_size", BigInteger, nullable=False),
    Column("witnessed_size", BigInteger, nullable=False),
    Column("witnessed_root", LargeBinary, nullable=False),
    Column("seen", LargeBinary, nullable=False),
)

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
    Column("statement_id", LargeBinary, nullable=False, info=_FIXED),
    Column("kind", SmallInteger, nullable=False, info=_FIXED),
    Column("action", SmallInteger, nullable=False, info=_FIXED),
    Column("flags", SmallInteger, nullable=False, info=_FIXED),
    Column("about", LargeBinary, info=_FIXED),
    Column("opening", SmallInteger, nullable=False),
    Column("tag", LargeBinary),
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
"""`federation.rows.StatementRow`, its fields in their order."""

PENDING_ONLY: Final = text(f"opening = {int(OpeningStatus.PENDING)}")
"""As a literal, because SQLite uses a partial index only for the very words of its condition."""

PENDING_RELIEFS_ONLY: Final = text(
    f"opening = {int(OpeningStatus.PENDING)} AND kind IN ({int(Kind.REPAIR)}, "
    f"{int(Kind.WITHDRAWAL)})"
)
UNLISTED_ONLY: Final = text(f"kind NOT IN ({', '.join(str(int(kind)) for kind in LISTED_KINDS)})")
"""What is no listing: few rows, and asked for by kind, of which some are as good as never said."""

SET_ASIDE_ONLY: Final = text(f"state IN ({int(State.HELD)}, {int(State.SET_ASIDE)})")
RELIEVED_ONLY: Final = text(
    f"opening = {int(OpeningStatus.PRESENT)} AND kind IN "
    f"({', '.join(str(int(kind)) for kind in LISTED_KINDS)}) "
    f"AND state IN ({int(State.REPAIRED)}, {int(State.WITHDRAWN)})"
)
"""Listings whose opening is still held although a relief ended them: to be erased."""

Index("statements_by_id", statements.c.statement_id, postgresql_using="hash")
for _column, _using in (("tag", "btree"), ("about", "hash")):
    Index(
        f"statements_by_{_column}",
        statements.c[_column],
        sqlite_where=text(f"{_column} IS NOT NULL"),
        postgresql_where=text(f"{_column} IS NOT NULL"),
        postgresql_using=_using,
    )
Index(
    "statements_pending",
    statements.c.log,
    statements.c.idx,
    sqlite_where=PENDING_ONLY,
    postgresql_where=PENDING_ONLY,
)

Index(
    "statements_pending_reliefs",
    statements.c.log,
    statements.c.idx,
    sqlite_where=PENDING_RELIEFS_ONLY,
    postgresql_where=PENDING_RELIEFS_ONLY,
)
Index(
    "statements_unlisted",
    statements.c.kind,
    statements.c.log,
    statements.c.idx,
    sqlite_where=UNLISTED_ONLY,
    postgresql_where=UNLISTED_ONLY,
)
Index(
    "statements_relieved",
    statements.c.log,
    statements.c.idx,
    sqlite_where=RELIEVED_ONLY,
    postgresql_where=RELIEVED_ONLY,
)
Index(
    "statements_set_aside",
    statements.c.log,
    statements.c.idx,
    sqlite_where=SET_ASIDE_ONLY,
    postgresql_where=SET_ASIDE_ONLY,
)

state_counts: Final = Table(
    "state_counts",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("kind", SmallInteger, primary_key=True, autoincrement=False),
    Column("state", SmallInteger, primary_key=True, autoincrement=False),
    Column("rule", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""How many rows there are of each sort, written in the transactions of the rows."""

state_pages: Final = Table(
    "state_pages",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("page", Integer, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Likewise the header states of `adapters.sql.tallies.PAGE` leaves, a byte each."""

openings: Final = Table(
    "openings",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

audiences: Final = Table(
    "audiences",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("encoded", Text, nullable=False),
)
"""Unique by SHA-256 of the encoding: a peer chooses its length, and an index has a limit."""

journal: Final = Table(
    "journal",
    metadata,
    Column("seq", _Serial, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("log", Integer),
    Column("idx", BigInteger),
    Column("tag", LargeBinary),
    Column("until", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    sqlite_autoincrement=True,
)

suppressions: Final = Table(
    "suppressions",
    metadata,
    Column("tag", LargeBinary, primary_key=True),
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("until", BigInteger, nullable=False),
    Column("former", SmallInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""The tags that stand, each with the reliefs that set it: an index of the journal, written in the
transaction of its entries."""

FORMER_ONLY: Final = text("former = 1")
Index(
    "suppressions_former",
    suppressions.c.tag,
    sqlite_where=FORMER_ONLY,
    postgresql_where=FORMER_ONLY,
)

twins: Final = Table(
    "twins",
    metadata,
    Column("tag", LargeBinary, primary_key=True),
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("record", LargeBinary, nullable=False),
    Column("subject", LargeBinary, nullable=False),
    Column("until", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""The twins that stand, likewise, with tags of record and subject."""
Index("twins_by_record", twins.c.record)
Index("twins_by_subject", twins.c.subject)

TAGGED_ONLY: Final = text("tag IS NOT NULL")
Index(
    "journal_by_tag",
    journal.c.tag,
    sqlite_where=TAGGED_ONLY,
    postgresql_where=TAGGED_ONLY,
)

unformed: Final = Table(
    "unformed",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("formed_to", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Logs whose rows have tags of the former form, from a leaf on (`node.peers.tag_upgrade`)."""

last_writer: Final = Table(
    "last_writer",
    metadata,
    Column("token", LargeBinary, primary_key=True),
    sqlite_with_rowid=False,
)
"""Who wrote last, in one row or none, where the database itself does not tell (PostgreSQL)."""

read_by: Final = Table(
    "read_by",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    sqlite_with_rowid=False,
)
"""By which charters all rows were read, in one row or none (`Trust.read_by`)."""

feed_rows: Final = Table(
    "feed_rows",
    metadata,
    Column("feed", Text, primary_key=True),
    Column("row_tag", LargeBinary, primary_key=True),
    Column("record_tag", LargeBinary, nullable=False),
    Column("content_tag", LargeBinary, nullable=False),
    Column("statement_id", LargeBinary, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("held_tag", LargeBinary),
    Column("rule", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""`federation.ports.store.FeedRow`, its fields in their order."""

requests: Final = Table(
    "requests",
    metadata,
    Column("request_id", Text, primary_key=True),
    Column("answer", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
)

forks: Final = Table(
    "forks",
    metadata,
    Column("seq", _Serial, primary_key=True, autoincrement=True),
    Column("origin", Text, nullable=False),
    Column("file", LargeBinary, nullable=False),
)

first_notes: Final = Table(
    "first_notes",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("cosigned_at", BigInteger, nullable=False),
    Column("note", LargeBinary, nullable=False),
)
"""Checkpoints kept verbatim: the first independently cosigned one of each relief and receipt."""

redeliveries: Final = Table(
    "redeliveries",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

findings: Final = Table(
    "findings",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("finding", SmallInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""What reconciliation found out about listings of other cities; derived, and can be dropped."""

HELD_ONLY: Final = text(f"finding IN ({', '.join(map(str, sorted(map(int, HELD_FINDINGS))))})")
Index(
    "findings_held",
    findings.c.log,
    findings.c.idx,
    sqlite_where=HELD_ONLY,
    postgresql_where=HELD_ONLY,
)

attestations: Final = Table(
    "attestations",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("as_of", BigInteger, nullable=False),
    Column("key", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""What regions said of listings' subjects, sealed and erased with the openings of the listings."""

due: Final = Table(
    "due",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""Listings that changed since they were reconciled."""

told: Final = Table(
    "told",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("outcome", SmallInteger, nullable=False),
    Column("reason", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""What our receipts said last of each leaf, but for a `lifted` behind `erased` (`put_told`)."""

untold: Final = Table(
    "untold",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("urgent", SmallInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Leaves that changed since they were told of, and reliefs."""

URGENT_ONLY: Final = text("urgent = 1")
Index(
    "untold_urgent",
    untold.c.log,
    untold.c.idx,
    sqlite_where=URGENT_ONLY,
    postgresql_where=URGENT_ONLY,
)

editions: Final = Table(
    "editions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("text", Text, nullable=False),
    Column("adopted_at", BigInteger, nullable=False),
    Column("adopted_by", Text, nullable=False),
)
"""Editions of catalogs 目录版本, verbatim; the two names as JSON."""

confirmations: Final = Table(
    "confirmations",
    metadata,
    Column("item", Text, primary_key=True),
    Column("person", Text, nullable=False),
)

DECISIONS_ONLY: Final = text(f"kind = '{Decision.KIND}'")
Index(
    "journal_decisions",
    journal.c.log,
    journal.c.idx,
    sqlite_where=DECISIONS_ONLY,
    postgresql_where=DECISIONS_ONLY,
)

if tuple(statements.c.keys()) != StatementRow._fields:  # the bulk path passes rows as they are
    message = "columns of statements and fields of StatementRow differ"
    raise AssertionError(message)
