"""The tables in the platform's database, and their DDL with the rights of the node's role.

`python -m adapters.platform.tables postgresql|mysql` prints what `deploy/exchange-tables/` holds.
Texts of statements have no length here: what a peer may say is bounded where it comes in, and a
row that a column cannot hold would keep all behind it waiting.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import fields
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from adapters.files.outbox import OutboxRow

METADATA: Final = MetaData()
ROLE: Final = "huxin_node"

ADDED: Final = ("instruction", "registered_here")
"""Columns that tables made by former versions do not have; nothing waits for them."""
ACKNOWLEDGED: Final = ("acknowledged_at", "ack_result")
"""Columns that the platform fills; tables made by former versions do not have them."""
_NUMBERS: Final = ("action", "decided_on", "publish_until", "relief_decided_on")
_FIELDS: Final = tuple(field.name for field in fields(OutboxRow) if field.name != "index")
"""Columns that say what a row of the file outbox says, under the same names."""


def _content(name: str) -> Column[int] | Column[str]:
    if name in _NUMBERS:
        return Column(name, Integer, nullable=name != "action")
    if name in ("kind", "state", "statement_id", "about"):
        return Column(name, String(64), nullable=False)
    if name in ADDED:
        return Column(name, String(200), nullable=False, server_default="")
    return Column(name, Text, nullable=False)


outbox: Final = Table(
    "huxin_outbox",
    METADATA,
    Column(
        "seq",
        BigInteger().with_variant(Integer, "sqlite"),
        Identity(always=True),
        primary_key=True,
        autoincrement=True,
    ),
    Column("origin", String(200), nullable=False),
    Column("idx", BigInteger, nullable=False, autoincrement=False),
    Column("version", Integer, nullable=False, autoincrement=False),
    *map(_content, _FIELDS),
    Column(
        "written_at",
        DateTime(timezone=True),
        nullable=False,
        server_default=text("CURRENT_TIMESTAMP"),
    ),
    Column("taken_at", DateTime(timezone=True)),
    Column("acknowledged_at", DateTime(timezone=True)),
    Column("ack_result", String(200)),
    UniqueConstraint("origin", "idx", "version", name="huxin_outbox_version"),
    Index("huxin_outbox_waiting", "taken_at", "seq"),
    mysql_engine="InnoDB",
    mysql_charset="utf8mb4",
    mysql_collate="utf8mb4_bin",
)

CONTENT: Final = _FIELDS

HELD: Final = Table(
    "huxin_held",
    MetaData(),
    Column("origin", String(200)),
    Column("idx", BigInteger),
    Column("statement_id", String(64)),
    Column("state", String(64)),
)
"""A table or view that the platform may offer: all that it has, one row for each leaf."""

inbox: Final = Table(
    "huxin_inbox",
    METADATA,
    Column(
        "id",
        BigInteger().with_variant(Integer, "sqlite"),
        Identity(always=True),
        primary_key=True,
        autoincrement=True,
    ),
    Column("source", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("list_type", String(64), nullable=False, server_default=""),
    Column("content", Text, nullable=False),
    Column(
        "written_at",
        DateTime(timezone=True),
        nullable=False,
        server_default=text("CURRENT_TIMESTAMP"),
    ),
    Column("answered_at", DateTime(timezone=True)),
    Column("outcome", String(64)),
    Column("code", String(64)),
    Column("message", Text),
    Column("statement_id", String(32)),
    Index("huxin_inbox_waiting", "answered_at", "id"),
    mysql_engine="InnoDB",
    mysql_charset="utf8mb4",
    mysql_collate="utf8mb4_bin",
)
ANSWER: Final = ("answered_at", "outcome", "code", "message", "statement_id")

checks: Final = Table(
    "huxin_check",
    METADATA,
    Column(
        "id",
        BigInteger().with_variant(Integer, "sqlite"),
        Identity(always=True),
        primary_key=True,
        autoincrement=True,
    ),
    Column("source", String(64), nullable=False),
    Column("matter", String(64), nullable=False),
    Column("case_no", String(200), nullable=False),
    Column("purpose", String(64), nullable=False),
    Column("code", String(64), nullable=False),
    Column("name", String(400), nullable=False),
    Column(
        "written_at",
        DateTime(timezone=True),
        nullable=False,
        server_default=text("CURRENT_TIMESTAMP"),
    ),
    Column("answered_at", DateTime(timezone=True)),
    Column("number", String(64)),
    Column("result", String(16)),
    Column("complete", SmallInteger),
    Column("reason", String(64)),
    Column("measures", Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")),
    Column("message", Text),
    Index("huxin_check_waiting", "answered_at", "id"),
    mysql_engine="InnoDB",
    mysql_charset="utf8mb4",
    mysql_collate="utf8mb4_bin",
)
batch_checks: Final = Table(
    "huxin_check_batch",
    METADATA,
    Column(
        "id",
        BigInteger().with_variant(Integer, "sqlite"),
        Identity(always=True),
        primary_key=True,
        autoincrement=True,
    ),
    Column("source", String(64), nullable=False),
    Column("batch", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("matter", String(64), nullable=False),
    Column("case_no", String(200), nullable=False),
    Column("purpose", String(64), nullable=False),
    Column("code", String(64), nullable=False),
    Column("name", String(400), nullable=False),
    Column(
        "written_at",
        DateTime(timezone=True),
        nullable=False,
        server_default=text("CURRENT_TIMESTAMP"),
    ),
    Column("answered_at", DateTime(timezone=True)),
    Column("number", String(64)),
    Column("result", String(16)),
    Column("complete", SmallInteger),
    Column("reason", String(64)),
    Column("measures", Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")),
    Column("message", Text),
    Index("huxin_check_batch_waiting", "source", "batch", "answered_at"),
    mysql_engine="InnoDB",
    mysql_charset="utf8mb4",
    mysql_collate="utf8mb4_bin",
)
CHECKED: Final = (
    "answered_at",
    "number",
    "result",
    "complete",
    "reason",
    "measures",
    "message",
)

NOTICES: Final = (
    "CREATE VIEW huxin_notice AS\nSELECT * FROM huxin_outbox\n"
    "WHERE registered_here <> '' AND kind NOT IN ('penalty', 'commendation')"
)
"""What others list of the subjects registered here 属地通报, and what became of it: rows told."""

RIGHTS: Final[dict[Table, str]] = {
    inbox: f"SELECT, UPDATE ({', '.join(ANSWER)})",
    outbox: "SELECT, INSERT",
    checks: f"SELECT, UPDATE ({', '.join(CHECKED)})",
    batch_checks: f"SELECT, UPDATE ({', '.join(CHECKED)})",
}
"""All that the node's role may do: of what the platform says it changes nothing."""


def statements(dialect: str) -> Sequence[str]:
    """Return the DDL of a dialect (`postgresql` or `mysql`), a statement each."""
    speaks = postgresql.dialect() if dialect == "postgresql" else mysql.dialect()  # type: ignore[no-untyped-call]
    grantee = ROLE if dialect == "postgresql" else f"'{ROLE}'@'%'"
    made = []
    for table in METADATA.sorted_tables:
        made.append(str(CreateTable(table).compile(dialect=speaks)).strip())
        made += [
            str(CreateIndex(index).compile(dialect=speaks)).strip()
            for index in sorted(table.indexes, key=lambda index: str(index.name))
        ]
    made.append(NOTICES)
    rights = [f"GRANT {what} ON {table.name} TO {grantee}" for table, what in RIGHTS.items()]
    if dialect == "postgresql":
        return (f"CREATE ROLE {ROLE} LOGIN", *made, *rights)
    return (f"CREATE USER {grantee} ACCOUNT LOCK", *made, *rights)


def script(dialect: str) -> str:
    """Return the whole file; the password is set by hand, so that no file has one."""
    after = (
        f"\\password {ROLE}"
        if dialect == "postgresql"
        else f"ALTER USER '{ROLE}'@'%' IDENTIFIED BY '…' ACCOUNT UNLOCK"
    )
    head = (
        f"-- Exchange tables of huxin for {dialect}; see docs/platform.md. Run once, as the owner\n"
        f"-- of the database, then give the role a password:\n-- {after}\n\n"
    )
    body = ";\n\n".join(statements(dialect)).replace("\t", "  ")
    return head + "\n".join(line.rstrip() for line in body.splitlines()) + ";\n"


if __name__ == "__main__":
    sys.stdout.write(script(sys.argv[1]))
