"""Checks and their matches in the query store.

Covers adapters/sql/checks.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from adapters.errors import ConflictError
from adapters.sql.checks import (
    StoredCheck,
    StoredMatch,
    add_checks,
    add_matches,
    answer_again,
    check_by_number,
    checks_of,
    erase_before,
    matches_of,
    replace_match,
)
from adapters.sql.query_store import QueryStore, open_query_store

CHECK = StoredCheck(
    number="511500-20261129-000000000001",
    asker="k1",
    request_key=b"r" * 16,
    question_tag=b"q" * 16,
    department="财政局（演示）",
    matter="government-funds",
    case_tag=b"c" * 16,
    at=1_790_000_000,
    result="match",
    complete=True,
    query_id=b"i" * 16,
    key=1,
    sealed=b"sealed",
)
MATCH = StoredMatch(
    number=CHECK.number,
    origin="510500.huxin.example/1",
    idx=7,
    record_tag=b"t" * 16,
    list_type="judgment-defaulter",
    matter=CHECK.matter,
    measures='[{"code":"m"}]',
    due_on=20261206,
    state="pending",
)


@pytest.fixture
def store() -> Iterator[QueryStore]:
    store = open_query_store("sqlite:///:memory:")
    yield store
    store.close()


def test_a_check_is_found_by_its_request_and_its_number(store: QueryStore) -> None:
    with store.write() as writes:
        add_checks(writes, [CHECK])
    with store.read() as reads:
        assert checks_of(reads, [CHECK.request_key]) == {CHECK.request_key: CHECK}
        assert check_by_number(reads, CHECK.number) == CHECK
        assert not checks_of(reads, [b"x" * 16])
        assert check_by_number(reads, "x") is None
    with pytest.raises(ConflictError), store.write() as writes:
        add_checks(writes, [replace(CHECK, number="another")])


def test_what_is_answered_again_keeps_who_asked_what(store: QueryStore) -> None:
    again = replace(
        CHECK, at=CHECK.at + 9, result="clear", complete=False, query_id=b"j" * 16, sealed=b"anew"
    )
    with store.write() as writes:
        add_checks(writes, [CHECK])
        answer_again(writes, replace(again, asker="other", matter="other"))
    with store.read() as reads:
        assert check_by_number(reads, CHECK.number) == again


def test_matches_stand_by_place_and_are_replaced_alone(store: QueryStore) -> None:
    other = replace(MATCH, idx=3, measures="[]", due_on=0, state="closed")
    with store.write() as writes:
        add_matches(writes, [])
        add_matches(writes, [MATCH, other])
        replace_match(writes, replace(other, measures="[1]", due_on=20261206, state="pending"))
    with store.read() as reads:
        assert [(one.idx, one.state) for one in matches_of(reads, CHECK.number)] == [
            (3, "pending"),
            (7, "pending"),
        ]
        assert matches_of(reads, CHECK.number)[1] == MATCH
        assert matches_of(reads, "x") == []


def test_what_was_asked_is_erased_at_the_end_of_the_term(store: QueryStore) -> None:
    later = replace(CHECK, number="later", request_key=b"s" * 16, at=CHECK.at + 10)
    with store.write() as writes:
        add_checks(writes, [CHECK])
        add_checks(writes, [later])
        assert erase_before(writes, CHECK.at + 10) == 1
        assert erase_before(writes, CHECK.at + 10) == 0
    with store.read() as reads:
        assert check_by_number(reads, CHECK.number) == replace(CHECK, sealed=None)
        assert check_by_number(reads, "later") == later
