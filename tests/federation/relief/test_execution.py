"""Execution of a relief, one test for each number of `federation.relief.execution`."""

from __future__ import annotations

import pytest

from federation.ids import Timestamp
from federation.ports.demands import Demand
from federation.relief import execution
from federation.relief.execution import (
    Acknowledgement,
    Telling,
    Verdict,
    acknowledge,
    demanded,
    ends_as,
    is_late,
    is_lifted,
)
from federation.rows import State

REPAIRED, UNDO = int(State.REPAIRED), 12
NOW = Timestamp(99)
OWED = Demand(1, 7, REPAIRED, 5, Timestamp(50))
DONE = OWED._replace(acknowledged_at=Timestamp(60))
ENDS = ends_as(State.REPAIRED, UNDO)


def telling(demand: Demand | None = None, *, passed: bool = True, told: bool = True) -> Telling:
    return Telling(passed=passed, told=told, demand=demand)


def said(number: int = 5, *, done: bool = True, reason: str = "") -> Acknowledgement:
    return Acknowledgement(number, done, reason)


def judged(
    one: Acknowledgement,
    demand: Demand | None = OWED,
    *,
    told: bool = False,
    elsewhere: bool = False,
) -> Verdict:
    return acknowledge(one, demand, told=told, elsewhere=elsewhere, now=NOW)


def test_ex1_every_outlet_that_was_told_has_acknowledged_the_end() -> None:
    assert is_lifted(ENDS, [])
    assert is_lifted(ENDS, [telling(DONE), telling(told=False)])
    assert not is_lifted(ENDS, [telling(DONE), telling(OWED)])
    assert not is_lifted(ENDS, [telling()])  # told that it stands, and not yet of its end


def test_ex1_in_the_state_that_the_listing_has_now() -> None:
    assert not is_lifted(ends_as(State.WITHDRAWN, UNDO), [telling(DONE)])
    for word in (State.WITHDRAWN, UNDO):
        undone = telling(DONE._replace(word=int(word)))
        assert is_lifted(ends_as(State.WITHDRAWN, UNDO), [undone])
        assert not is_lifted(ENDS, [undone])
    assert not is_lifted(ENDS, [telling(DONE._replace(word=int(State.MASKED)))])


def test_ex2_an_outlet_that_has_not_come_so_far_may_have_it() -> None:
    assert not is_lifted(ENDS, [telling(passed=False, told=False)])
    assert not is_lifted(ENDS, [telling(DONE, passed=False)])


def test_ex3_an_older_version() -> None:
    assert judged(said(4)) == (None, execution.OLDER)


def test_ex4_what_was_never_sent() -> None:
    assert judged(said(), None) == (None, execution.NEVER_SENT)
    assert judged(said(6)) == (None, execution.NEVER_SENT)
    assert judged(said(), None, told=True) == (None, "")  # it was told that the listing stands


def test_ex5_twice() -> None:
    assert judged(said(), DONE) == (None, execution.TWICE)
    assert judged(said(done=False), DONE) == (None, execution.TWICE)


def test_ex6_of_another_platform() -> None:
    assert judged(said(), None, elsewhere=True) == (None, execution.OTHER_PLATFORM)


@pytest.mark.parametrize(("reason", "kept"), [("", execution.REFUSED), ("锁" * 300, "锁" * 200)])
def test_ex7_a_refusal_is_kept_and_nothing_is_done(reason: str, kept: str) -> None:
    verdict = judged(said(done=False, reason=reason))
    refused = OWED._replace(result=kept)
    assert verdict == Verdict(refused, execution.REFUSED)
    assert judged(said(done=False, reason=reason), refused) == (None, "")
    assert judged(said(), refused) == (OWED._replace(acknowledged_at=NOW), "")


def test_ex9_told_again_in_the_same_state_it_stays_acknowledged() -> None:
    again = OWED._replace(number=8, told_at=Timestamp(70))
    assert demanded(None, again) == again
    kept = again._replace(told_at=DONE.told_at, acknowledged_at=DONE.acknowledged_at)
    assert demanded(DONE, again) == kept
    undo = again._replace(word=UNDO)
    assert demanded(DONE, undo) == undo


def test_it_is_late_where_somebody_had_to_acknowledge() -> None:
    assert is_late([telling(told=False), telling(DONE)])
    assert not is_late([telling(told=False)])
