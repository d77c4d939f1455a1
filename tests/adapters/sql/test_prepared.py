"""Statements given to the drivers as text: what a statement gives itself, and what it is given."""

from __future__ import annotations

import sqlite3

from sqlalchemy import bindparam, insert, select, text

from adapters.sql import schema
from adapters.sql.bulk_sqlite import SqliteBulk
from adapters.sql.prepared import Prepared

_due = schema.due.c
FIRST = Prepared(
    select(_due.idx).where(_due.log == bindparam("asked")).order_by(_due.idx.desc()).limit(2)
)
ADDED = Prepared(insert(schema.due).values({"log": bindparam("log"), "idx": bindparam("idx")}))


def test_a_limit_goes_with_what_is_given() -> None:
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE TABLE due (log INTEGER, idx INTEGER)")
        bulk = SqliteBulk(connection)
        assert bulk.change(ADDED, [{"log": 1, "idx": number} for number in range(5)]) == 5
        assert bulk.change(ADDED, [{"log": 2, "idx": None}]) == 1
        assert bulk.ask(FIRST, {"asked": 1}) == [(4,), (3,)]
        assert bulk.ask(FIRST, {"asked": 2}) == [(None,)]
    connection.close()


def test_for_postgresql_names_are_its_drivers_and_a_percent_sign_is_no_name() -> None:
    said = FIRST.postgresql
    assert "%(asked)s::INTEGER" in said.sql
    assert set(said.with_own({"asked": 1}).values()) == {1, 2}
    escaped = Prepared(text("SELECT 1 WHERE 'a' LIKE '%' AND :b = 1")).postgresql
    assert "LIKE '%%'" in escaped.sql
    assert "%(b)s" in escaped.sql
