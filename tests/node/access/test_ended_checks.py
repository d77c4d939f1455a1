"""What is left of answers whose content was erased (EK7).

Covers node/access/erasing.py, adapters/sql/ended_checks.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.sql.checks import add_checks, add_matches
from adapters.sql.ended_checks import erased_checks
from adapters.sql.outcomes import add_outcome
from adapters.sql.query_schema import check_matches, checks, outcomes
from adapters.sql.query_store import QueryStore, open_query_store
from federation.ids import Timestamp
from federation.screening.outcomes import MatchState, is_settled
from node.access.erasing import QueryErasure
from node.access.query_keys import QueryKeys
from node.access.query_writer import QueryWriter
from node.system.entropy import token
from tests.adapters.sql.test_outcomes import CHECK, MATCH, OUTCOME

YEAR = 366 * 86_400
AFTER = Timestamp(CHECK.at + YEAR + 10)


@pytest.fixture
def store() -> Iterator[QueryStore]:
    store = open_query_store("sqlite:///:memory:")
    yield store
    store.close()


def number(place: int) -> str:
    return f"{CHECK.number[:-1]}{place}"


def answered(store: QueryStore, place: int, *states: str, at: int = CHECK.at) -> None:
    with store.write() as writes:
        check = replace(CHECK, number=number(place), request_key=bytes([place]) * 16, at=at)
        add_checks(writes, [check])
        add_matches(
            writes,
            [
                replace(MATCH, number=check.number, idx=idx, state=state)
                for idx, state in enumerate(states)
            ],
        )


def reported(store: QueryStore, place: int, *, published: bool) -> None:
    with store.write() as writes:
        one = replace(
            OUTCOME,
            statement_id=bytes([place]) * 16,
            number=number(place),
            request_key=None,
            published=published,
        )
        add_outcome(writes, one)


def left(
    store: QueryStore, tmp_path: Path, now: Timestamp = AFTER, over: tuple[int, ...] = ()
) -> set[str]:
    """The numbers of which anything is left after a run."""
    writer = QueryWriter(store)
    erasure = QueryErasure(
        store=store,
        writer=writer,
        keys=QueryKeys(tmp_path / "queries", now=lambda: now, token=token),
        trusted=lambda: now,
        keep_seconds=YEAR,
        listing_is_over=lambda _origin, idx: idx in over,
    )
    erasure.run()
    writer.close()
    with store.read() as reads:
        tables = (checks, check_matches, outcomes)
        found = [
            set(reads.connection.exec_driver_sql(f"SELECT number FROM {table.name}").scalars())
            for table in tables
        ]
    return set().union(*found)


def test_ek7_what_is_settled_goes_with_its_tags(store: QueryStore, tmp_path: Path) -> None:
    answered(store, 1)
    answered(store, 2, "closed", "wrong", "undone")
    reported(store, 2, published=True)
    answered(store, 3, "closed", at=AFTER)
    assert left(store, tmp_path, Timestamp(CHECK.at + YEAR)) == {number(1), number(2), number(3)}
    assert left(store, tmp_path, Timestamp(0)) == {number(1), number(2), number(3)}
    assert left(store, tmp_path) == {number(3)}


def test_ek7_what_relief_can_reopen_stays(store: QueryStore, tmp_path: Path) -> None:
    for place, state in enumerate(("pending", "reported", "reopened"), 1):
        answered(store, place, "closed", state)
    assert left(store, tmp_path) == {number(1), number(2), number(3)}
    assert left(store, tmp_path, over=(1,)) == {number(3)}, "nobody has undone it"


def test_ek7_a_report_that_is_not_said_stays(store: QueryStore, tmp_path: Path) -> None:
    answered(store, 1, "closed")
    reported(store, 1, published=False)
    assert left(store, tmp_path) == {number(1)}


def test_they_are_found_in_pages(store: QueryStore) -> None:
    for place in range(1, 6):
        answered(store, place)
    with store.write() as writes:
        writes.connection.exec_driver_sql("UPDATE checks SET sealed = NULL")
    found: list[str] = []
    with store.read() as reads:
        while page := erased_checks(reads, AFTER, found[-1] if found else "", 2):
            found += page
    assert found == [number(place) for place in range(1, 6)]


@pytest.mark.parametrize("state", sorted(MatchState))
def test_what_may_be_forgotten(state: MatchState) -> None:
    assert is_settled(state, listing_is_over=False) is (state in ("undone", "wrong", "closed"))
    assert is_settled(state, listing_is_over=True) is (state != "reopened")
