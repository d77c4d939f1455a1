"""Matches as their outcomes go on, and reports of them, in the query store.

Covers adapters/sql/outcomes.py.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, replace

import pytest

from adapters.errors import ConflictError
from adapters.sql import outcomes
from adapters.sql.checks import StoredCheck, StoredMatch, add_checks, add_matches
from adapters.sql.outcomes import MatchRow, OutcomeRow, add_outcome, outcomes_of, put_match
from adapters.sql.query_store import QueryStore, open_query_store
from federation.ids import Date
from federation.screening.outcomes import OPEN, MatchState, is_overdue, spans
from tests.support.fresh import Emptied

TODAY = Date(20261121)

CHECK = StoredCheck(
    number="511500-20261102-0123456789ab",
    asker="c1",
    request_key=b"r" * 16,
    question_tag=b"a" * 16,
    department="交易中心（演示）",
    matter="procurement",
    case_tag=b"c" * 16,
    at=1_793_600_000,
    result="match",
    complete=True,
    query_id=b"q" * 16,
    key=1,
    sealed=b"sealed",
)
MATCH = StoredMatch(
    number=CHECK.number,
    origin="510500.example/1",
    idx=7,
    record_tag=b"t" * 16,
    list_type="unpaid-migrant-wages",
    matter="procurement",
    measures="[]",
    due_on=20261109,
    state="pending",
)
NOW = MatchRow(**asdict(MATCH))
OUTCOME = OutcomeRow(
    statement_id=b"s" * 16,
    number=CHECK.number,
    origin=MATCH.origin,
    idx=7,
    turn=1,
    measure="deny",
    result="applied",
    reason="",
    decided_on=20261103,
    case_id=b"i" * 16,
    said=1,
    said_reason="",
    replaces=None,
    reported_at=CHECK.at + 9,
    published=False,
    request_key=b"k" * 16,
    key=1,
    sealed=b"name",
)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest) -> Iterator[QueryStore]:
    with ExitStack() as stack:
        url = "sqlite:///:memory:"
        if request.param == "postgres":
            emptied: Emptied = request.getfixturevalue("postgres_emptied")
            url = stack.enter_context(emptied.lend())
        store = open_query_store(url)
        stack.callback(store.close)
        yield store


def test_a_match_goes_on(store: QueryStore) -> None:
    later = replace(NOW, state="reopened", due_on=20261120, outcome_id=b"s" * 16, reopened_at=9)
    with store.write() as writes:
        add_checks(writes, [CHECK])
        add_matches(writes, [MATCH, replace(MATCH, idx=8)])
        assert outcomes.match_of(writes, CHECK.number, MATCH.origin, 7) == NOW
        put_match(writes, later)
    with store.read() as reads:
        assert outcomes.matches_now(reads, CHECK.number) == [later, replace(NOW, idx=8)]
        assert outcomes.match_of(reads, CHECK.number, MATCH.origin, 9) is None
        assert outcomes.count_matches(reads) == {"pending": 1, "reopened": 1}


def test_matches_are_found_by_state_in_pages_and_by_case(store: QueryStore) -> None:
    second = replace(CHECK, number=CHECK.number[:-1] + "c", request_key=b"x" * 16)
    with store.write() as writes:
        add_checks(writes, [CHECK])
        add_checks(writes, [second])
        add_matches(writes, [replace(MATCH, idx=n) for n in range(3)])
        add_matches(writes, [replace(MATCH, number=second.number, state="closed")])
    found: list[int] = []
    after = None
    with store.read() as reads:
        while page := outcomes.matches_in(reads, ["pending"], after, 2):
            found += [match.idx for match, _ in page]
            assert all(check == CHECK for _, check in page)
            after = page[-1][0]
        case = outcomes.matches_of_case(reads, CHECK, MATCH.record_tag)
        other = outcomes.matches_of_case(reads, replace(CHECK, department="x"), MATCH.record_tag)
    assert found == [0, 1, 2]
    assert {row.number for row in case} == {CHECK.number, second.number}
    assert other == []


def test_what_waits_comes_in_pages_in_the_order_of_its_turn(store: QueryStore) -> None:
    draw = random.Random(1)
    checks = [replace(CHECK, number=f"{n:08x}", request_key=bytes([n]) * 16) for n in range(6)]
    checks[0] = replace(checks[0], department="x")
    days = (0, 20261119, 20261120, 20261121, 20261122)
    drawn = [
        (one, n, draw.choice(days), draw.choice(list(MatchState)))
        for one in checks
        for n in range(9)
    ]
    made = [
        replace(MATCH, number=one.number, idx=n, due_on=day, state=state.value)
        for one, n, day, state in drawn
    ]
    with store.write() as writes:
        add_checks(writes, checks)
        add_matches(writes, draw.sample(made, len(made)))

    def turn(match: MatchRow) -> tuple[object, ...]:
        late = is_overdue(MatchState(match.state), Date(match.due_on), TODAY)
        day = (not match.due_on, match.due_on)
        return not late, match.state != MatchState.REOPENED, day, match.number, match.idx

    def paged(size: int, department: str | None = None) -> list[MatchRow]:
        found: list[MatchRow] = []
        after = None
        while page := outcomes.matches_in_turn(reads, spans(TODAY), after, size, department):
            found += [match for match, _ in page]
            after = outcomes.turn_of(found[-1])
        return found

    with store.read() as reads:
        by_check = [outcomes.matches_now(reads, one.number) for one in checks]
        waiting = sorted((m for some in by_check for m in some if m.state in OPEN), key=turn)
        for size in (1, 2, 7, 100):
            assert paged(size) == waiting
        others = [one for one in waiting if one.number == checks[0].number]
        assert paged(3, "x") == others
        counted = outcomes.count_spans(reads, spans(TODAY))
    assert sum(counted) == len(waiting)
    assert sum(counted[:2]) == sum(1 for one in waiting if not turn(one)[0])


def test_a_report_stands_once_and_its_person_is_let_go_of(store: QueryStore) -> None:
    later = replace(
        OUTCOME, statement_id=b"u" * 16, turn=2, request_key=None, replaces=OUTCOME.statement_id
    )
    with store.write() as writes:
        add_checks(writes, [CHECK])
        add_matches(writes, [MATCH])
        add_outcome(writes, later)
        add_outcome(writes, OUTCOME)
    with pytest.raises(ConflictError), store.write() as writes:
        add_outcome(writes, OUTCOME)
    with store.write() as writes:
        assert outcomes_of(writes, NOW) == [OUTCOME, later]
        assert [row.turn for row in outcomes.unpublished(writes)] == [1, 2]
        outcomes.set_published(writes, [OUTCOME.statement_id])
        assert outcomes.unpublished(writes) == [later]
        found = outcomes.outcome_by_request(writes, b"k" * 16)
        assert found == replace(OUTCOME, published=True)
        assert outcomes.outcome_by_request(writes, b"x" * 16) is None
        assert outcomes.erase_before(writes, OUTCOME.reported_at + 1) == 2
        assert outcomes_of(writes, NOW)[0].sealed is None
