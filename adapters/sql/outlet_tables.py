"""Tables of what the city's platform was told: which leaf in which state, never what it says.

An *outlet* is a place where the platform is told: one of its databases or services, or the files.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, SmallInteger, Table, Text, text

from adapters.sql.schema import metadata

outlets: Final = Table(
    "outlets",
    metadata,
    Column("outlet", Integer, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False, unique=True),
    Column("numbered", BigInteger, nullable=False),
    Column("compared_at", BigInteger, nullable=False),
    Column("compared", Text, nullable=False),
    Column("acknowledged_to", BigInteger, nullable=False, server_default="0"),
)
"""Where the city's platform is told: its databases and services, and, named empty, the files."""

outlet_cursors: Final = Table(
    "outlet_cursors",
    metadata,
    Column("outlet", Integer, primary_key=True, autoincrement=False),
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("handed_to", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""How far each outlet was told of each log; of the files `logs.delivered_to` says it."""

handed: Final = Table(
    "handed",
    metadata,
    Column("outlet", Integer, primary_key=True, autoincrement=False),
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("word", SmallInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""The state that each outlet was told last of each leaf; no content."""

waiting: Final = Table(
    "waiting",
    metadata,
    Column("outlet", Integer, primary_key=True, autoincrement=False),
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("later", SmallInteger, nullable=False),
    Column("mark", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Leaves that an outlet is to be told of again: by number alone; relief has `later` 0."""
Index("waiting_in_order", waiting.c.outlet, waiting.c.later, waiting.c.log, waiting.c.idx)

outlet_differences: Final = Table(
    "outlet_differences",
    metadata,
    Column("outlet", Integer, primary_key=True, autoincrement=False),
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("told", SmallInteger, nullable=False),
    Column("found", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""What the newest comparison of control totals found of an outlet, leaf by leaf."""

demands: Final = Table(
    "demands",
    metadata,
    Column("outlet", Integer, primary_key=True, autoincrement=False),
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("word", SmallInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("told_at", BigInteger, nullable=False),
    Column("acknowledged_at", BigInteger, nullable=False),
    Column("result", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""What lifts something, as each outlet was told it last; when it acknowledged it. No content."""

NOT_YET: Final = text("acknowledged_at = 0")
Index(
    "demands_outstanding",
    demands.c.outlet,
    demands.c.log,
    demands.c.idx,
    sqlite_where=NOT_YET,
    postgresql_where=NOT_YET,
)
Index("demands_by_number", demands.c.outlet, demands.c.log, demands.c.number)

oddities: Final = Table(
    "oddities",
    metadata,
    Column("outlet", Integer, primary_key=True, autoincrement=False),
    Column("code", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""How many acknowledgements of an outlet changed nothing, by the code of the rule."""
