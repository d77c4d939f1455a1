"""Enumeration: walks are slowed and stopped, normal work is not (EN1-EN5)."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.screening.enumeration import (
    BURST,
    CASE,
    CASE_BEYOND,
    CASE_SUBJECTS,
    CASES_KEPT,
    IMPATIENT,
    SEQUENCE,
    Asked,
    Limits,
    Ok,
    Slow,
    Stop,
    Watched,
    body_of,
)
from federation.uscc import ALPHABET, make_uscc

SEEDS = st.integers(min_value=0, max_value=2**32 - 1)
FIRST = 31**7 * 30


def code(number: int, prefix: str = "91510500") -> str:
    """The code with this number as its organisation code, far from those of real ones."""
    body, left = "", FIRST + number
    while left:
        left, value = divmod(left, len(ALPHABET))
        body = ALPHABET[value] + body
    return make_uscc(prefix, body)


class Caller:
    """Asks one question after the other, and waits when told to."""

    def __init__(self, limits: Limits, *, patient: bool = True, silent: bool = False) -> None:
        self.watched = Watched(limits)
        self.moment = 1000.0
        self.answers = 0
        self.waited = 0.0
        self._patient = patient
        self._silent = silent

    def ask(self, code: str, case: str) -> Stop | None:
        for _ in range(2 * IMPATIENT):
            verdict = self.watched.asked(
                Asked(code=code, case=case, silent=self._silent), self.moment
            )
            match verdict:
                case Ok():
                    self.answers += 1
                    return None
                case Stop():
                    return verdict
                case Slow(seconds=seconds):
                    assert seconds > 0
                    if self._patient:
                        self.moment += seconds
                        self.waited += seconds
        raise AssertionError("expected an answer or a stop")

    def walk(self, numbers: Iterable[int], case: str = "") -> Stop | None:
        for at, number in enumerate(numbers):
            stopped = self.ask(code(number), case or str(at))
            if stopped:
                return stopped
        return None


LIMITS = Limits(budget=20_000)


@given(step=st.integers(-50, 50).filter(bool), start=st.integers(0, 10**6), patient=st.booleans())
@settings(max_examples=30, deadline=None)
def test_a_walk_of_ten_thousand_is_stopped_within_fifty(
    step: int, start: int, patient: bool
) -> None:
    caller = Caller(LIMITS, patient=patient)
    stopped = caller.walk(range(start + 10**6, start + 10**6 + step * 10_000, step))
    assert stopped == Stop(SEQUENCE) or (not patient and stopped == Stop(BURST))
    assert caller.answers <= 50
    if patient:
        assert caller.waited >= 20


@given(seed=SEEDS, walks=st.integers(1, 8))
@settings(max_examples=20, deadline=None)
def test_a_walk_with_gaps_among_other_questions_or_out_of_order_is_stopped_as_well(
    seed: int, walks: int
) -> None:
    chance = random.Random(seed)
    numbers = [
        walk * 10**5 + at * chance.choice((1, 1, 2)) for at in range(40) for walk in range(walks)
    ]
    for at in range(0, len(numbers), 8):
        part = numbers[at : at + 8]
        chance.shuffle(part)
        numbers[at : at + 8] = part
    for at in range(0, len(numbers), 6):
        numbers.insert(at, chance.randrange(10**7, 10**9))
    caller = Caller(LIMITS)
    assert caller.walk(numbers) == Stop(SEQUENCE)
    assert caller.answers <= 50


def test_the_same_firm_in_every_region_is_a_walk() -> None:
    caller = Caller(LIMITS)
    asked = (
        caller.ask(code(7, f"91{region:06d}"), str(region)) for region in range(510000, 510999)
    )
    assert next(filter(None, asked)) == Stop(SEQUENCE)
    assert caller.answers <= 50


@given(seed=SEEDS)
@settings(max_examples=5, deadline=None)
def test_normal_work_is_never_slowed(seed: int) -> None:
    """A county whose 5,000 firms all have codes of one block; nobody ever reports an outcome."""
    chance = random.Random(seed)
    caller = Caller(LIMITS, silent=True)
    county = range(5000)
    for day in range(3):
        caller.moment += 86_400
        assert caller.walk(chance.sample(county, 40), f"tender {day}") is None
        for case in range(300):
            caller.moment += chance.choice((0, 1, 30))
            firm = code(chance.choice(county))
            for _ in range(chance.choice((1, 1, 2))):
                assert caller.ask(firm, f"{day}-{case}") is None
    assert caller.waited == 0


def test_ever_new_subjects_under_one_case() -> None:
    far = random.Random(1).sample(range(10**9), 1000)
    caller = Caller(LIMITS)
    assert caller.walk(far, "one") == Stop(CASE)
    assert caller.answers == CASE_SUBJECTS + CASE_BEYOND
    assert caller.waited >= CASE_BEYOND
    again = Caller(LIMITS)
    for number in far[:10] * 100:
        assert again.ask(code(number), "one") is None
    large = Caller(Limits(budget=20_000, case_subjects=400))
    assert large.walk(far[:400], "one") is None
    assert large.walk(far, "two") == Stop(CASE)


def test_bursts_wait_and_who_does_not_is_stopped() -> None:
    far = random.Random(2).sample(range(10**9), 2000)
    patient = Caller(Limits(budget=1000))
    assert patient.walk(far) is None
    assert patient.answers == len(far)
    assert patient.waited >= len(far) - 301
    hasty = Caller(Limits(budget=1000), patient=False)
    assert hasty.walk(far) == Stop(BURST)
    assert hasty.answers == 300
    many = Caller(Limits(budget=100_000), patient=False)
    assert many.walk(far) is None


def test_a_wait_that_is_kept_is_forgotten() -> None:
    far = random.Random(6).sample(range(10**9), 300 + 2 * IMPATIENT)
    watched, moment, slowed = Watched(Limits(budget=1)), 0.0, 0
    for number in far:
        question = Asked(code=code(number), case=str(number))
        while isinstance(verdict := watched.asked(question, moment), Slow):
            slowed += 1
            moment += verdict.seconds if slowed % 2 == 0 else 0
        assert verdict == Ok()
    assert slowed > 2 * IMPATIENT


def test_who_never_reports_is_stopped_at_half_of_a_sequence_and_for_nothing_else() -> None:
    loud, silent = Caller(LIMITS), Caller(LIMITS, silent=True)
    assert loud.walk(range(100)) == silent.walk(range(100)) == Stop(SEQUENCE)
    assert silent.answers == 15
    assert loud.answers == 31
    assert silent.watched.asked(Asked(code=code(5), case="x"), 9e9) == Stop(SEQUENCE)
    owing = Caller(LIMITS, silent=True)
    far = random.Random(3).sample(range(10**9), CASE_SUBJECTS)
    assert owing.walk(far, "one") is None
    assert owing.waited == 0


def test_a_stop_stays() -> None:
    caller = Caller(LIMITS)
    assert caller.walk(range(100))
    caller.moment += 10**7
    assert caller.ask(code(10**6), "another") == Stop(SEQUENCE)


def test_what_is_remembered_is_bounded() -> None:
    caller = Caller(Limits(budget=10**9))
    far = random.Random(4).sample(range(10**9), CASES_KEPT + 100)
    assert caller.walk(far) is None
    assert len(caller.watched._cases) == CASES_KEPT
    assert len(caller.watched._codes) == 48


@pytest.mark.parametrize("text", ["", "91", "9" * 200, "91510500II000000XX", "测" * 18, "测" * 9])
def test_what_is_no_code_is_in_no_sequence(text: str) -> None:
    assert body_of(text) is None
    assert Watched(LIMITS).asked(Asked(code=text, case=""), 0) == Ok()


def test_old_and_new_codes_have_one_body() -> None:
    assert body_of(code(5)) == body_of(code(5)[8:17]) == FIRST + 5
