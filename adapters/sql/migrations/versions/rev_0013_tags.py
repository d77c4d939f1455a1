"""One tag of a row in place of two; counts and header states beside the rows.

The tag of a record begins with its subject's: made here of the two that rows had, without any key.
The second half of what was a record's own is left out everywhere, so that old tags and those that
the program makes now agree. A relief stands by the record of its listing, and has its subject from
there too.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision: str | None = "0012"

_PAGE = 1024


def upgrade() -> None:
    """Make the tables anew or change them; count what there is."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    own = "substr(record_tag, 1, 8)"

    def joined(subject: str, record: str) -> str:
        both = f"{subject} || {record}"
        return f"CAST({both} AS BLOB)" if sqlite else both

    subject = (
        "(SELECT o.subject_tag FROM statements o WHERE o.record_tag = {}.record_tag "
        "AND o.kind NOT IN (4, 5) AND o.subject_tag IS NOT NULL LIMIT 1)"
    )
    of_feed = subject.format("feed_rows")
    op.execute(
        f"UPDATE feed_rows SET record_tag = {joined(of_feed, own)} "  # noqa: S608 - no input
        f"WHERE length(record_tag) = 16 AND {of_feed} IS NOT NULL"
    )
    op.execute(f"UPDATE twins SET record = {joined('subject', 'substr(record, 1, 8)')}")  # noqa: S608
    op.execute(
        f"UPDATE journal SET tag = {joined('substr(tag, 1, 8)', 'substr(tag, 17, 8)')} "  # noqa: S608
        "WHERE kind = 'told-apart'"
    )
    of_row = f"coalesce({subject.format('s')}, subject_tag)"
    tag = (
        "CASE WHEN record_tag IS NULL THEN subject_tag "
        f"WHEN kind IN (4, 5) THEN {joined(of_row, own)} "
        f"WHEN subject_tag IS NULL THEN NULL ELSE {joined('subject_tag', own)} END"
    )
    _statements("statements_now")
    names = (
        "log, idx, statement_id, kind, action, flags, about, opening, {}, audience, list_type, "
        "authority, decided_on, until, state, rule, header_state, names, current"
    )
    op.execute(
        f"INSERT INTO statements_now ({names.format('tag')}) "  # noqa: S608
        f"SELECT {names.format(tag)} FROM statements s ORDER BY log, idx"
    )
    op.drop_table("statements")
    op.rename_table("statements_now", "statements")
    if not sqlite:
        op.execute("ALTER INDEX statements_now_pkey RENAME TO statements_pkey")
    _indexes(hashed="btree" if sqlite else "hash")
    _tallies()


def _statements(name: str) -> None:
    op.create_table(
        name,
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("idx", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("statement_id", sa.LargeBinary, nullable=False),
        sa.Column("kind", sa.SmallInteger, nullable=False),
        sa.Column("action", sa.SmallInteger, nullable=False),
        sa.Column("flags", sa.SmallInteger, nullable=False),
        sa.Column("about", sa.LargeBinary),
        sa.Column("opening", sa.SmallInteger, nullable=False),
        sa.Column("tag", sa.LargeBinary),
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


def _indexes(*, hashed: str) -> None:
    def index(name: str, columns: list[str], where: str = "", using: str = "btree") -> None:
        only = sa.text(where) if where else None
        op.create_index(
            name,
            "statements",
            columns,
            sqlite_where=only,
            postgresql_where=only,
            postgresql_using=using,
        )

    index("statements_by_id", ["statement_id"], using=hashed)
    index("statements_by_tag", ["tag"], "tag IS NOT NULL")
    index("statements_by_about", ["about"], "about IS NOT NULL", hashed)
    place = ["log", "idx"]
    index("statements_pending", place, "opening = 4")
    index("statements_pending_reliefs", place, "opening = 4 AND kind IN (4, 5)")
    index("statements_unlisted", place, "kind NOT IN (1, 9, 18)")
    index("statements_relieved", place, "opening = 1 AND kind IN (1, 9, 18) AND state IN (4, 5)")
    index("statements_set_aside", place, "state IN (7, 9)")


def _tallies() -> None:
    op.create_table(
        "state_counts",
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("state", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("rule", sa.Text, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "state_pages",
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("page", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "last_writer",
        sa.Column("token", sa.LargeBinary, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO state_counts (log, kind, state, rule, number) "
        "SELECT log, kind, state, rule, count(*) FROM statements GROUP BY log, kind, state, rule"
    )
    connection = op.get_bind()
    put = sa.text("INSERT INTO state_pages (log, page, data) VALUES (:log, :page, :data)")
    asked = sa.text(
        "SELECT idx, header_state FROM statements WHERE log = :log AND idx >= :first "
        "AND idx < :end AND kind IN (1, 18)"
    )
    sizes = connection.execute(sa.text("SELECT log, max(idx) FROM statements GROUP BY log")).all()
    for log, last in sizes:
        for page in range(last // _PAGE + 1):
            first = page * _PAGE
            place = {"log": log, "first": first, "end": first + _PAGE}
            data = bytearray(_PAGE)
            for idx, state in connection.execute(asked, place):
                data[idx - first] = state
            if any(data):
                kept = bytes(data).rstrip(b"\0")
                connection.execute(put, {"log": log, "page": page, "data": kept})
