"""The tables of the query store, one schema for SQLite and PostgreSQL.

Beside the main store: a file of its own with SQLite, tables of its own with PostgreSQL, whose names
are none of the main store's. Who asked, about whom and what was answered stands sealed under keys
outside the database; no name and no code of a subject stands anywhere: tags only.

What must never be changed: `query_rows` but for `idx` (set once) and what erasing takes, and
`query_tiles`. A row that was removed or changed is found by `huxin access verify`.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    TypeDecorator,
    text,
)

metadata: Final = MetaData()

_Serial: Final = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite numbers rows by itself only in a column of exactly the type INTEGER."""


class Flag(TypeDecorator[int]):
    """Yes or no in a SMALLINT: PostgreSQL makes none of a boolean, SQLite does."""

    impl = SmallInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        """The number that is stored."""
        del dialect
        return None if value is None else int(value)

    @property
    def python_type(self) -> type[int]:
        """As of its column."""
        return int


query_rows: Final = Table(
    "query_rows",
    metadata,
    Column("place", _Serial, primary_key=True, autoincrement=True),
    Column("query_id", LargeBinary, nullable=False, unique=True),
    Column("log", Integer, nullable=False),
    Column("idx", BigInteger),
    Column("kind", SmallInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("department", LargeBinary, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("key", Integer, nullable=False),
    Column("sealed", LargeBinary),
    sqlite_autoincrement=True,
)
"""What was asked, read or done, in the order in which it became durable.

`log` is the epoch of the query log, `idx` its place there once it has one, `department` a tag;
`sealed` is salt and payload, gone at the end of the term.
"""

WAITING_ONLY: Final = text("idx IS NULL")
Index(
    "query_rows_waiting",
    query_rows.c.place,
    sqlite_where=WAITING_ONLY,
    postgresql_where=WAITING_ONLY,
)
Index("query_rows_by_idx", query_rows.c.log, query_rows.c.idx, unique=True)
Index("query_rows_by_department", query_rows.c.department, query_rows.c.at)
Index("query_rows_by_at", query_rows.c.at)

query_subjects: Final = Table(
    "query_subjects",
    metadata,
    Column("tag", LargeBinary, primary_key=True),
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""Which rows are about a subject: tags of its code and of its name."""
Index("query_subjects_by_place", query_subjects.c.place)

query_logs: Final = Table(
    "query_logs",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("origin", Text, nullable=False, unique=True),
    Column("size", BigInteger, nullable=False),
    Column("note_size", BigInteger, nullable=False),
    Column("note", LargeBinary, nullable=False),
)
"""The epochs of the query log; leaves that are in its tiles, and its newest signed checkpoint."""

query_tiles: Final = Table(
    "query_tiles",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)
"""Entry tiles at level -1, hashes above them (C2SP tlog-tiles)."""

query_notes: Final = Table(
    "query_notes",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("note", LargeBinary, nullable=False),
)
"""Checkpoints that other members have cosigned, each with their lines."""

query_witnessed: Final = Table(
    "query_witnessed",
    metadata,
    Column("origin", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("note", LargeBinary, nullable=False),
)
"""Query logs of other members, as far as they were cosigned here."""

checks: Final = Table(
    "checks",
    metadata,
    Column("number", Text, primary_key=True),
    Column("asker", Text, nullable=False),
    Column("request_key", LargeBinary, nullable=False, unique=True),
    Column("question_tag", LargeBinary, nullable=False),
    Column("department", Text, nullable=False),
    Column("matter", Text, nullable=False),
    Column("case_tag", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("result", Text, nullable=False),
    Column("complete", Flag, nullable=False),
    Column("query_id", LargeBinary, nullable=False),
    Column("key", Integer, nullable=False),
    Column("sealed", LargeBinary),
)
"""One row for each answer's number, as it was answered last.

`request_key` is a tag of credential and request id, `question_tag` one of all that was asked;
`query_id` is the row of the query log; `sealed` is the question, gone at the end of the term.
"""
Index("checks_by_at", checks.c.at)

check_matches: Final = Table(
    "check_matches",
    metadata,
    Column("number", Text, primary_key=True),
    Column("origin", Text, primary_key=True),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("record_tag", LargeBinary, nullable=False),
    Column("list_type", Text, nullable=False),
    Column("matter", Text, nullable=False),
    Column("measures", Text, nullable=False),
    Column("due_on", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("outcome_id", LargeBinary),
    Column("reopened_at", BigInteger),
)
"""The matches of an answer: where each record stands, and how far its outcome is
(`federation.screening.outcomes`). `measures` is JSON, as it was answered."""
Index("check_matches_by_listing", check_matches.c.origin, check_matches.c.idx)
Index("check_matches_by_state", check_matches.c.state, check_matches.c.due_on)
Index("check_matches_by_record", check_matches.c.record_tag)

outcomes: Final = Table(
    "outcomes",
    metadata,
    Column("statement_id", LargeBinary, primary_key=True),
    Column("number", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("idx", BigInteger, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("measure", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_on", Integer, nullable=False),
    Column("case_id", LargeBinary, nullable=False),
    Column("said", SmallInteger, nullable=False),
    Column("said_reason", Text, nullable=False),
    Column("replaces", LargeBinary),
    Column("reported_at", BigInteger, nullable=False),
    Column("published", Flag, nullable=False),
    Column("request_key", LargeBinary, unique=True),
    Column("key", Integer, nullable=False),
    Column("sealed", LargeBinary),
)
"""What departments reported: each becomes the OUTCOME of this statement id in our own log, once.

`result` and `reason` are the department's words, `said` and `said_reason` those of the OUTCOME;
`sealed` names who is responsible, gone at the end of the term.
"""
UNPUBLISHED: Final = text("published = 0")
Index("outcomes_by_match", outcomes.c.number, outcomes.c.origin, outcomes.c.idx, outcomes.c.turn)
Index(
    "outcomes_unpublished",
    outcomes.c.turn,
    sqlite_where=UNPUBLISHED,
    postgresql_where=UNPUBLISHED,
)

benefit_checks: Final = Table(
    "benefit_checks",
    metadata,
    Column("number", Text, primary_key=True),
    Column("scenario", LargeBinary, nullable=False),
    Column("origin", Text, nullable=False),
    Column("idx", BigInteger, nullable=False),
    Column("place", Text, nullable=False),
)
"""Of a row of `checks` that asked for one benefit: which scenario (the statement that opened it),
the text that was in force, and where it was wanted."""

benefit_uses: Final = Table(
    "benefit_uses",
    metadata,
    Column("statement_id", LargeBinary, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("case_id", LargeBinary, nullable=False, unique=True),
    Column("used_on", Integer, nullable=False),
    Column("reported_at", BigInteger, nullable=False),
    Column("published", Flag, nullable=False),
    Column("request_key", LargeBinary, unique=True),
    Column("key", Integer, nullable=False),
    Column("sealed", LargeBinary),
)
"""Benefits that were used: each becomes the OUTCOME of this statement id in our own log, once.

`case_id` is the same for all that is said of one use; `sealed` names who is responsible, gone at
the end of the term.
"""
Index(
    "benefit_uses_unpublished",
    benefit_uses.c.reported_at,
    sqlite_where=UNPUBLISHED,
    postgresql_where=UNPUBLISHED,
)

displays: Final = Table(
    "displays",
    metadata,
    Column("number", Text, primary_key=True),
    Column("party", Text, nullable=False),
    Column("request_key", LargeBinary, nullable=False, unique=True),
    Column("content_tag", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("submitted", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
)
"""Batches of what third parties display, as they were answered last.

`request_key` is a tag of third party and request id, `content_tag` one of all rows. What was handed
in stands sealed in the query log's rows alone.
"""
Index("displays_by_at", displays.c.at)

display_rows: Final = Table(
    "display_rows",
    metadata,
    Column("number", Text, primary_key=True),
    Column("row", Integer, primary_key=True, autoincrement=False),
    Column("party", Text, nullable=False),
    Column("item_tag", LargeBinary, nullable=False),
    Column("ground", Text, nullable=False),
    Column("since", Integer, nullable=False),
    Column("told_at", BigInteger, nullable=False),
    Column("due_on", Integer, nullable=False),
    Column("again", Flag, nullable=False),
    Column("acknowledged_at", BigInteger, nullable=False),
)
"""Rows of which a third party was told that they must go (`federation.relief.displays`).

`item_tag` is the same for one item in every batch, `told_at` when it was told of it first;
`acknowledged_at` is 0 while it was not acknowledged.
"""
Index("display_rows_by_item", display_rows.c.item_tag)
Index("display_rows_by_party", display_rows.c.party, display_rows.c.acknowledged_at)

batches: Final = Table(
    "check_batches",
    metadata,
    Column("number", Text, primary_key=True),
    Column("asker", Text, nullable=False),
    Column("request_key", LargeBinary, nullable=False, unique=True),
    Column("question_tag", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("closed_at", BigInteger, nullable=False),
    Column("key", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
"""Checks of many subjects at once; `sealed` is for what was asked, and how the logs stood."""
Index("check_batches_by_at", batches.c.at)

batch_parts: Final = Table(
    "check_batch_parts",
    metadata,
    Column("number", Text, primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("turn", Integer, primary_key=True, autoincrement=False),
    Column("query_id", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("asked", Integer, nullable=False),
    Column("matches", Integer, nullable=False),
    Column("insufficient", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("key", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
"""Parts of batches, each kept before it is answered; `query_id` is its row of the query log,
`sealed` the set of those asked about."""

batch_rows: Final = Table(
    "check_batch_rows",
    metadata,
    Column("number", Text, primary_key=True),
    Column("row", BigInteger, primary_key=True, autoincrement=False),
    Column("found", Text, nullable=False),
)
"""Rows of batches that are matches: the number in `checks` that each became."""
watches: Final = Table(
    "watches",
    metadata,
    Column("number", Text, primary_key=True),
    Column("asker", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("request_key", LargeBinary, nullable=False, unique=True),
    Column("content_tag", LargeBinary, nullable=False),
    Column("matter", Text, nullable=False),
    Column("until", Integer, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("subjects", Integer, nullable=False),
    Column("changes", BigInteger, nullable=False),
    Column("ready", Flag, nullable=False),
    Column("key", Integer, nullable=False),
    Column("sealed", LargeBinary),
)
"""Watches; one not `ready` was not opened whole. Sealed: terms, groups of subjects, answers."""
Index("watches_by_asker", watches.c.asker, watches.c.opened_at)

watch_groups: Final = Table(
    "watch_groups",
    metadata,
    Column("number", Text, primary_key=True),
    Column("first", Integer, primary_key=True, autoincrement=False),
    Column("key", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

watch_answers: Final = Table(
    "watch_answers",
    metadata,
    Column("number", Text, primary_key=True),
    Column("change", BigInteger, primary_key=True, autoincrement=False),
    Column("row", Integer, nullable=False),
    Column("key", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

credentials: Final = Table(
    "credentials",
    metadata,
    Column("id", Text, primary_key=True),
    Column("department", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("matters", Text, nullable=False),
    Column("purposes", Text, nullable=False),
    Column("budget", Integer, nullable=False),
    Column("case_subjects", Integer, nullable=False),
    Column("expires_on", Integer, nullable=False),
    Column("token", LargeBinary, unique=True),
    Column("certificate", LargeBinary),
    Column("digest", LargeBinary, unique=True),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    Column("revoked_at", BigInteger, nullable=False),
    Column("revoked_by", Text, nullable=False),
)
"""Who may ask. `token` is a keyed hash, never the token; `certificate` is DER, `digest` its hash.

`mac` is over all that never changes. Roles, matters and purposes are JSON arrays. A row is never
removed: the query log names its id.
"""

usage: Final = Table(
    "usage",
    metadata,
    Column("credential", Text, primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("asked", BigInteger, nullable=False),
    Column("answered", BigInteger, nullable=False),
)
"""How much each credential asked on a day, of which its budget counts what was asked."""

stops: Final = Table(
    "stops",
    metadata,
    Column("place", _Serial, primary_key=True, autoincrement=True),
    Column("credential", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("lifted_at", BigInteger, nullable=False),
    Column("lifted_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
)
"""Credentials that were stopped; open while `lifted_at` is 0."""
Index("stops_by_credential", stops.c.credential)

accounts: Final = Table(
    "accounts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("credential", Text, nullable=False, unique=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("step", BigInteger, nullable=False),
)
"""People who sign in to the console. `credential` has unit, roles and last day; `sealed` the
password's hash and the secret of the codes, of which that of `step` was used last."""

account_failures: Final = Table(
    "account_failures",
    metadata,
    Column("place", _Serial, primary_key=True, autoincrement=True),
    Column("who", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
)
"""Sign-ins that failed within the last half hour; `who` is a tag of name and browser."""
Index("account_failures_by_who", account_failures.c.who, account_failures.c.place)
Index("account_failures_by_at", account_failures.c.at)
