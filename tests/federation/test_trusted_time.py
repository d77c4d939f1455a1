"""Trusted time: no one clock moves it, and no number of restarts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.ids import Timestamp
from federation.trusted_time import (
    LEAST_VOTES,
    STEP_SECONDS,
    STEPS_MAX,
    WINDOW_SECONDS,
    TrustedTime,
    carried,
    confirmed,
    stepped,
    voted,
)

NOON = Timestamp(1_790_000_000)
DAY = 86_400
LONG = Timestamp(NOON + 300 * DAY)


def known(now: int = NOON) -> TrustedTime:
    return TrustedTime(now=Timestamp(now))


@pytest.mark.parametrize(
    ("latest", "others", "expected"),
    [
        ((), 0, None),
        ((10,), 1, None),
        ((10, 20), 2, 10),
        ((10,), 2, None),
        ((10, 20, 30), 3, 20),
        ((20, 30), 3, 20),
        ((10, 20, 30, 40), 4, 20),
        ((10, 20, 30, 40, 50), 5, 30),
        ((40, 50), 5, None),
    ],
)
def test_more_than_half_of_the_others_and_never_one_alone(
    latest: tuple[int, ...], others: int, expected: int | None
) -> None:
    assert voted([Timestamp(one) for one in latest], others) == expected


@given(
    honest=st.lists(st.integers(NOON - 60, NOON + 60), min_size=2, max_size=9),
    liars=st.lists(st.integers(0, 2**40), max_size=8),
)
def test_a_minority_of_liars_never_moves_it_beyond_the_honest(
    honest: list[int], liars: list[int]
) -> None:
    liars = liars[: len(honest) - 1]
    latest = [Timestamp(one) for one in (*honest, *liars)]
    found = voted(latest, len(latest))
    assert found is not None
    assert found <= max(honest)


def test_the_monotonic_clock_carries_it_and_votes_never_set_it_back() -> None:
    later = carried(known(), 3600)
    assert later.now == NOON + 3600
    assert stepped(later, NOON, NOON) == later
    with pytest.raises(ValueError, match="expected 0 or more"):
        carried(known(), -1)


def test_all_clocks_wrong_alike_move_it_by_a_day_and_two_hours_only() -> None:
    moved = known()
    for _ in range(40):
        moved = stepped(carried(moved, 60), LONG, LONG)
    assert moved.now is not None
    assert moved.now - NOON == STEP_SECONDS + 40 * 60
    assert moved.room == 0


def test_a_restart_loop_gains_nothing() -> None:
    moved = known()
    for _ in range(1000):
        moved = stepped(
            TrustedTime(now=moved.now, running=moved.running, steps=moved.steps), LONG, LONG
        )
    assert moved.now == NOON + STEP_SECONDS


def test_room_comes_back_after_thirty_days_of_running() -> None:
    moved = stepped(known(), LONG, LONG)
    assert carried(moved, WINDOW_SECONDS - 1).room == 0
    assert carried(moved, WINDOW_SECONDS).room == STEP_SECONDS


def test_the_first_time_is_the_earlier_of_votes_and_own_clock() -> None:
    assert stepped(TrustedTime(), LONG, NOON).now == NOON
    assert stepped(TrustedTime(), NOON, LONG).now == NOON
    assert carried(TrustedTime(), 60).now is None


def test_two_persons_set_it_either_way() -> None:
    moved = stepped(known(), LONG, LONG)
    assert confirmed(moved, LONG) == TrustedTime(now=LONG)
    assert confirmed(moved, NOON).room == STEP_SECONDS


@given(st.lists(st.tuples(st.integers(0, DAY), st.integers(0, 2**36)), max_size=60))
def test_steps_within_any_window_stay_within_bounds(moves: list[tuple[int, int]]) -> None:
    time = known()
    history: list[tuple[int, int]] = []
    for seconds, votes in moves:
        before = carried(time, seconds)
        time = stepped(before, Timestamp(votes), Timestamp(votes))
        assert time.now is not None
        assert before.now is not None
        history.append((time.running, time.now - before.now))
        recent = [step for at, step in history if at > time.running - WINDOW_SECONDS]
        assert sum(recent) <= STEP_SECONDS
        assert time.now >= before.now


def test_many_small_steps_are_bounded_and_none_is_forgotten_early() -> None:
    time = known()
    for number in range(2 * STEPS_MAX):
        assert time.now is not None
        time = stepped(time, Timestamp(time.now + 1), NOON)
        assert STEP_SECONDS - time.room == number + 1
    assert len(time.steps) == STEPS_MAX
    assert LEAST_VOTES == 2
