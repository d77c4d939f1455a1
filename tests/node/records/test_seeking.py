"""What is sought a part at a time is all that is there, however few of many it is.

Covers node/records/seeking.py, adapters/sql/seeking.py.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
from sqlalchemy import text

from adapters.sql import SqlStore, open_store
from federation.ids import Date, Origin
from federation.ports.findings import Place
from federation.ports.seeking import BLOCK
from federation.reconcile.findings import Finding
from federation.rows import State, StatementRow
from federation.statements import Kind
from node.records import seeking
from node.records.seeking import seek, sought_of
from tests.contracts.examples import row

TODAY = Date(20261130)
SIZE = 5 * BLOCK
FOUND = (Finding.RECOGNISED, Finding.SUBJECT_UNKNOWN, Finding.DOCUMENT_MISSING)


@pytest.fixture
def store() -> Iterator[SqlStore]:
    made = open_store("sqlite:///:memory:")
    yield made
    made.close()


def filled(store: SqlStore, draw: random.Random) -> tuple[list[StatementRow], dict[Place, Finding]]:
    """Two logs of others and our own, of a few rows far apart."""
    rows: list[StatementRow] = []
    found: dict[Place, Finding] = {}
    with store.write() as session:
        for name in ("ours", "a", "b"):
            head = session.add_log(Origin(f"{name}.example/1"), ours=name == "ours")
            session.set_head(replace(head, size=SIZE))
            made = [
                row(
                    head.log,
                    index,
                    kind=draw.choice((Kind.LISTING, Kind.LISTING, Kind.REPAIR)),
                    state=draw.choice((State.ACTIVE, State.HELD, State.REPAIRED)),
                    list_type=draw.choice(("", "甲", "甲", "乙")),
                )
                for index in sorted(draw.sample(range(SIZE), 25))
            ]
            found |= {
                (head.log, one.idx): draw.choice(FOUND) for one in made if draw.random() < 0.5
            }
            rows += made
        session.insert_rows(rows)
        session.put_findings(found)
    return rows, found


@pytest.mark.parametrize("looked", [BLOCK // 3, 10**9])
def test_page_by_page_nothing_is_passed_over(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, looked: int
) -> None:
    draw = random.Random(3)
    rows, found = filled(store, draw)
    monkeypatch.setattr(seeking, "LOOKED", looked)
    kinds_asked = ((Kind.LISTING,), (Kind.REPAIR,), (Kind.LISTING, Kind.REPAIR))
    with store.read() as session:
        for word, kinds, list_type in product(
            ("", "repaired", "held", "rejected"), kinds_asked, ("", "乙", "丙")
        ):
            sought = sought_of(word, kinds, list_type, TODAY)
            seen: list[StatementRow] = []
            after: Place | None = None
            for _ in range(1000):
                for some, reached in seek(session, sought, None, after, 2):
                    seen += some
                    after = reached
                if after is None:
                    break
            listed = kinds == (Kind.LISTING,)
            expected = [
                one
                for one in rows
                if one.kind in kinds
                and (sought.states is None or one.state in sought.states)
                and (
                    not list_type or one.list_type in ((list_type,) if listed else ("", list_type))
                )
                and (
                    sought.found is None
                    or one.log == 1
                    or one.state == State.HELD
                    or found.get((one.log, one.idx)) in sought.found
                )
            ]
            assert seen == expected, (word, kinds, list_type)


def test_what_is_nowhere_is_not_looked_for(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(store, random.Random(4))
    with store.read() as session:
        monkeypatch.setattr(type(session), "seek_rows", lambda *_: pytest.fail("looked"))
        sought = sought_of("", (Kind.LISTING,), "丙", TODAY)
        assert list(seek(session, sought, None, None, 25)) == [seeking.END]


@pytest.mark.parametrize("log", [None, 1])
@pytest.mark.parametrize("after", [None, (1, 2)])
def test_what_is_no_listing_is_found_by_its_kind(
    store: SqlStore, log: int | None, after: Place | None
) -> None:
    """However many reliefs stand in a log, none of them is read where a request is asked for."""
    asked: list[str] = []
    states = [State.IN_FORCE]
    with store.read() as session:
        session._connection.connection.set_trace_callback(asked.append)
        session.list_rows(log=log, kinds=[Kind.REQUEST], states=states, after=after, limit=9)
        (query,) = [one for one in asked if "FROM statements" in one]
        plan = session._connection.execute(text(f"EXPLAIN QUERY PLAN {query}")).all()
    (step,) = [one.detail for one in plan]
    assert "USING INDEX statements_unlisted (kind=?" in step
    if log is not None or after is not None:
        assert "(log,idx)>(?,?)" in step, "a page goes on where the one before ended"


def test_rows_are_found_by_findings_and_none_is_looked_at_for_them(store: SqlStore) -> None:
    filled(store, random.Random(5))
    asked: list[str] = []
    with store.read() as session:
        sought = sought_of("held", (Kind.LISTING,), "", TODAY)
        session._connection.connection.set_trace_callback(asked.append)
        session.seek_rows(sought, 2, 0, SIZE, 9)
        (query,) = [one for one in asked if "JOIN findings" in one]
        plan = session._connection.execute(text(f"EXPLAIN QUERY PLAN {query}")).all()
    first, second = [one.detail for one in plan]
    assert first.startswith("SEARCH findings USING PRIMARY KEY")
    assert second.startswith("SEARCH statements USING PRIMARY KEY (log=? AND idx=?)")
