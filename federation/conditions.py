"""Conditions 条件 of scenarios and recognitions: a closed language, decided in three values.

A condition is a test of one thing, or all, any or the opposite of others. What answers a test lies
outside: lists, grades and listings are asked by the caller, who may not know. Nothing that is
unknown ever becomes a yes. Rules (SPEC.md §5.5):

    K1  at most 8 conditions within one another, the outermost one counted
    K2  at most 64 conditions in all
    K3  a test that this reader does not know (a newer writer's) is undecided
    K4  `all` is no where one is no, else undecided where one is undecided, else yes
    K5  `any` is yes where one is yes, else undecided where one is undecided, else no
    K6  the opposite of undecided is undecided
    K7  only yes entitles
    K8  a grade is compared by the place of both in the scale of its method and edition; where the
        scale is not known, or does not have one of them, that is undecided

K4-K6 are Kleene's strong logic: the result is yes or no only where every way of deciding what is
undecided would give the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from federation.errors import StatementError
from federation.payload_parts import SubjectKind

DEPTH_MAX: Final = 8
"""Conditions within one another (K1): what people can still read."""
CONDITIONS_MAX: Final = 64
"""Conditions in all (K2); bounds what a decision costs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """All of these hold."""

    of: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """One of these holds."""

    of: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Negated:
    """This does not hold."""

    condition: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class OnList:
    """The subject stands on a trustworthiness list 守信名单; of any edition where that is empty."""

    list_type: str
    edition: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AtLeast:
    """The subject has at least this grade, awarded by this edition of a method."""

    method: str
    edition: str
    at_least: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoListing:
    """No listing of these types stands against the subject by which the measure could follow."""

    list_types: tuple[str, ...]
    measure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredIn:
    """The subject is registered in this region: 2, 4 or 6 digits of GB/T 2260."""

    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KindOfSubject:
    """The subject is of one of these kinds."""

    kinds: tuple[SubjectKind, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentKept:
    """The subject made a commitment 承诺 of this type and kept it."""

    commitment_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownTest:
    """A test of a newer writer (K3)."""


Test: TypeAlias = (
    OnList | AtLeast | NoListing | RegisteredIn | KindOfSubject | CommitmentKept | UnknownTest
)
"""What is asked of the subject itself."""
Condition: TypeAlias = AllOf | AnyOf | Negated | Test


class Decision(Enum):
    """What a condition comes to; only `YES` entitles (K7)."""

    YES = "yes"
    NO = "no"
    UNDECIDED = "undecided"


def parts_of(condition: Condition) -> tuple[Condition, ...]:
    """The conditions directly within one."""
    match condition:
        case AllOf(of=of) | AnyOf(of=of):
            return of
        case Negated(condition=inner):
            return (inner,)
        case _:
            return ()


def check_bounds(condition: Condition) -> None:
    """Check the size of a condition (K1, K2).

    Raises:
        StatementError: `payload.condition`.
    """
    count = 0
    level: tuple[Condition, ...] = (condition,)
    for depth in range(1, DEPTH_MAX + 2):
        count += len(level)
        if count > CONDITIONS_MAX:
            message = f"condition: expected at most {CONDITIONS_MAX} conditions, got more"
            raise StatementError("payload.condition", message)
        if level and depth > DEPTH_MAX:
            message = f"condition: expected at most {DEPTH_MAX} within one another, got more"
            raise StatementError("payload.condition", message)
        level = tuple(part for one in level for part in parts_of(one))


def asked_in(condition: Condition) -> Iterator[Test]:
    """All tests that a condition asks, in the order in which it is written."""
    match condition:
        case AllOf() | AnyOf() | Negated():
            for part in parts_of(condition):
                yield from asked_in(part)
        case _:
            yield condition


def decide(condition: Condition, answer: Callable[[Test], Decision]) -> Decision:
    """Decide a condition (K3-K6).

    Args:
        condition: within its bounds.
        answer: to each test; never asked for an `UnknownTest`.
    """
    match condition:
        case UnknownTest():
            return Decision.UNDECIDED
        case AllOf(of=of):
            return joined([decide(one, answer) for one in of], decisive=Decision.NO)
        case AnyOf(of=of):
            return joined([decide(one, answer) for one in of], decisive=Decision.YES)
        case Negated(condition=inner):
            return OPPOSITE[decide(inner, answer)]
        case _:
            return answer(condition)


OPPOSITE: Final = {
    Decision.YES: Decision.NO,
    Decision.NO: Decision.YES,
    Decision.UNDECIDED: Decision.UNDECIDED,
}


def joined(parts: Sequence[Decision], *, decisive: Decision) -> Decision:
    """The decisive value where one part has it, else undecided where one is, else its opposite.

    `NO` is decisive of `all`, `YES` of `any`.
    """
    if decisive in parts:
        return decisive
    return Decision.UNDECIDED if Decision.UNDECIDED in parts else OPPOSITE[decisive]


def entitles(decision: Decision) -> bool:
    """Whether a subject may have the benefit (K7)."""
    return decision is Decision.YES


def compare_grade(test: AtLeast, held: str | None, grades: tuple[str, ...] | None) -> Decision:
    """Compare the grade of a subject with the one asked for (K8).

    Args:
        test: what is asked.
        held: the grade that the subject has by this method and edition; None where it has none.
        grades: the method's grades, best first; None where this reader does not know its scale.
    """
    if grades is None or test.at_least not in grades:
        return Decision.UNDECIDED
    if held is None:
        return Decision.NO
    if held not in grades:
        return Decision.UNDECIDED
    return Decision.YES if grades.index(held) <= grades.index(test.at_least) else Decision.NO
