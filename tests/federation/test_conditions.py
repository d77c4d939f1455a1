"""Conditions: bounds, and decisions that never make a yes of what is unknown."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.conditions import (
    CONDITIONS_MAX,
    DEPTH_MAX,
    AllOf,
    AnyOf,
    AtLeast,
    Condition,
    Decision,
    Negated,
    RegisteredIn,
    Test,
    UnknownTest,
    asked_in,
    check_bounds,
    compare_grade,
    decide,
    entitles,
)
from federation.errors import StatementError
from tests.support.payload_strategies import CONDITIONS

YES, NO, UNDECIDED = Decision.YES, Decision.NO, Decision.UNDECIDED
LEAF = RegisteredIn(region="51")


def deep(depth: int) -> Condition:
    condition: Condition = LEAF
    for _ in range(depth - 1):
        condition = Negated(condition=condition)
    return condition


def refused(condition: Condition) -> str:
    try:
        check_bounds(condition)
    except StatementError as error:
        return error.code
    return ""


def test_k1_at_most_so_deep() -> None:
    assert refused(deep(DEPTH_MAX)) == ""
    assert refused(deep(DEPTH_MAX + 1)) == "payload.condition"
    assert refused(AllOf(of=(LEAF, deep(DEPTH_MAX)))) == "payload.condition"
    assert refused(AnyOf(of=(deep(DEPTH_MAX - 1), LEAF))) == ""


def test_k2_at_most_so_many() -> None:
    halves = [AllOf(of=(LEAF,) * count) for count in (30, 31)]
    assert refused(AnyOf(of=tuple(halves))) == ""  # 1 + 2 + 61
    assert refused(AnyOf(of=(halves[1], halves[1]))) == "payload.condition"
    assert CONDITIONS_MAX == 64


def table(first: str, second: str, both: Callable[..., Condition]) -> Decision:
    answers = {"1": Decision(first), "2": Decision(second)}
    condition = both(of=(RegisteredIn(region="1"), RegisteredIn(region="2")))
    return decide(condition, lambda test: answers[test.region])  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("first", "second", "all_of", "any_of"),
    [
        ("yes", "yes", YES, YES),
        ("yes", "no", NO, YES),
        ("yes", "undecided", UNDECIDED, YES),
        ("no", "no", NO, NO),
        ("no", "undecided", NO, UNDECIDED),
        ("undecided", "undecided", UNDECIDED, UNDECIDED),
    ],
)
def test_k4_k5_all_and_any(first: str, second: str, all_of: Decision, any_of: Decision) -> None:
    for one, other in ((first, second), (second, first)):
        assert table(one, other, AllOf) is all_of
        assert table(one, other, AnyOf) is any_of


def test_k6_the_opposite() -> None:
    for found, opposite in ((YES, NO), (NO, YES), (UNDECIDED, UNDECIDED)):
        assert decide(Negated(condition=LEAF), lambda _, f=found: f) is opposite  # type: ignore[misc]


def test_k3_k7_what_is_not_known_entitles_nobody() -> None:
    for condition in (UnknownTest(), Negated(condition=UnknownTest())):
        assert decide(condition, lambda _: YES) is UNDECIDED
    assert [one for one in Decision if entitles(one)] == [YES]


GRADES = ("A", "B", "M")


@pytest.mark.parametrize(
    ("asked", "held", "grades", "expected"),
    [
        ("B", "A", GRADES, YES),
        ("B", "B", GRADES, YES),
        ("B", "M", GRADES, NO),
        ("B", None, GRADES, NO),
        ("B", "X", GRADES, UNDECIDED),
        ("X", "A", GRADES, UNDECIDED),
        ("X", None, GRADES, UNDECIDED),
        ("B", "A", None, UNDECIDED),
        ("B", None, None, UNDECIDED),
    ],
)
def test_k8_grades(
    asked: str, held: str | None, grades: tuple[str, ...] | None, expected: Decision
) -> None:
    test = AtLeast(method="m", edition="1", at_least=asked)
    assert compare_grade(test, held, grades) is expected


def decided(condition: Condition, answers: tuple[Decision, ...]) -> Decision:
    """Decide with an answer for each test, in the order in which they are written."""
    order = iter(answers)
    by_place = {id(test): next(order) for test in places(condition)}
    return decide(condition, lambda test: by_place[id(test)])


def places(condition: Condition) -> list[Test]:
    """The tests that are asked; each stands for itself."""
    return [test for test in asked_in(condition) if not isinstance(test, UnknownTest)]


def apart(condition: Condition) -> Condition:
    """The same condition, with objects of its own, so that no two tests are one object."""
    match condition:
        case AllOf(of=of):
            return AllOf(of=tuple(map(apart, of)))
        case AnyOf(of=of):
            return AnyOf(of=tuple(map(apart, of)))
        case Negated(condition=inner):
            return Negated(condition=apart(inner))
        case UnknownTest():
            return UnknownTest()
        case _:
            return RegisteredIn(region="51")


@given(CONDITIONS, st.data())
def test_the_unknown_decides_nothing(condition: Condition, data: st.DataObject) -> None:
    """Total and deterministic; yes and no only where every way of knowing more agrees."""
    condition = apart(condition)
    asked = places(condition)
    answers = tuple(
        data.draw(st.lists(st.sampled_from(Decision), min_size=len(asked), max_size=len(asked)))
    )
    found = decided(condition, answers)
    assert found is decided(condition, answers)
    ways = product(*((YES, NO) if one is UNDECIDED else (one,) for one in answers))
    for way in islice(ways, 64):
        completed = decided(condition, way)
        if found is not UNDECIDED:
            assert completed is found
        if completed is YES:
            assert found is not NO
