"""Whether a condition can ever be a yes: a search through the ways in which it could be.

Two tests contradict each other where no subject can answer both so: registered in 51 and in 50, at
least A and not at least B. The search ends with the first way that contradicts nothing, or after
`STEPS` of them: what is not *plainly* contradictory is the author's to see (SN3).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from federation.conditions import (
    AllOf,
    AnyOf,
    AtLeast,
    CommitmentKept,
    Condition,
    KindOfSubject,
    Negated,
    NoListing,
    OnList,
    RegisteredIn,
    Test,
    UnknownTest,
)
from federation.payloads import SubjectKind

STEPS: Final = 10_000
"""Ways tried; 64 conditions allow 2^32, and an author waits for the answer."""

Scales = Mapping[tuple[str, str], tuple[str, ...]]
"""Grades of each (method, edition), best first."""


class Literal(NamedTuple):
    """A test, and what its answer has to be."""

    test: Test
    yes: bool


Way = tuple[Literal, ...]


class _GaveUpError(Exception):
    """More ways than are tried."""


def satisfiable(condition: Condition, kinds: AbstractSet[SubjectKind], scales: Scales) -> bool:
    """Whether a subject of these kinds can answer all tests so that the condition is a yes.

    Args:
        condition: within its bounds.
        kinds: of the subjects that are asked at all.
        scales: of the methods that it speaks of.

    Returns:
        Also True where this was not found out within `STEPS`.
    """
    search = _Search(kinds, scales)
    try:
        return next(search.ways(((condition, True),), ()), None) is not None
    except _GaveUpError:
        return True


class _Search:
    def __init__(self, kinds: AbstractSet[SubjectKind], scales: Scales) -> None:
        self._kinds = kinds
        self._scales = scales
        self._steps = 0

    def ways(self, asked: tuple[tuple[Condition, bool], ...], way: Way) -> Iterator[Way]:
        """The ways in which all that is asked comes out as wanted and contradicts nothing."""
        self._steps += 1
        if self._steps > STEPS:
            raise _GaveUpError
        if not asked:
            yield way
            return
        (condition, yes), *rest = asked
        match condition, yes:
            case (Negated(condition=inner), _):
                yield from self.ways(((inner, not yes), *rest), way)
            case (AllOf(of=of), True) | (AnyOf(of=of), False):
                yield from self.ways((*((one, yes) for one in of), *rest), way)
            case (AllOf(of=of), False) | (AnyOf(of=of), True):
                for one in of:
                    yield from self.ways(((one, yes), *rest), way)
            case (UnknownTest(), _):
                return  # K3: neither a yes nor its opposite
            case (
                OnList()
                | AtLeast()
                | NoListing()
                | RegisteredIn()
                | KindOfSubject()
                | CommitmentKept() as test,
                _,
            ):
                longer = (*way, Literal(test, yes))
                if self._consistent(longer):
                    yield from self.ways(tuple(rest), longer)

    def _consistent(self, way: Way) -> bool:
        *before, new = way
        return all(self._together(one, new) for one in before) and bool(self._kinds_left(way))

    def _kinds_left(self, way: Way) -> AbstractSet[SubjectKind]:
        left = set(self._kinds)
        for test, yes in way:
            if isinstance(test, KindOfSubject):
                left = left & set(test.kinds) if yes else left - set(test.kinds)
        return left

    def _together(self, one: Literal, other: Literal) -> bool:
        """Whether one subject can answer both so."""
        if one.test == other.test:
            return one.yes == other.yes
        if one.yes == other.yes:
            return not one.yes or not _two_regions(one.test, other.test)
        asked, denied = (one.test, other.test) if one.yes else (other.test, one.test)
        return not self._implies(asked, denied)

    def _implies(self, asked: Test, denied: Test) -> bool:
        """Whether a yes to the first is a yes to the second."""
        match asked, denied:
            case RegisteredIn(region=narrow), RegisteredIn(region=wide):
                return narrow.startswith(wide)
            case OnList(list_type=one), OnList(list_type=other, edition=""):
                return one == other
            case NoListing(list_types=many, measure=m), NoListing(list_types=few, measure=n):
                return m == n and set(few) <= set(many)
            case AtLeast(), AtLeast():
                key = (asked.method, asked.edition)
                scale = self._scales.get(key, ())
                return (
                    key == (denied.method, denied.edition)
                    and asked.at_least in scale
                    and denied.at_least in scale
                    and scale.index(asked.at_least) <= scale.index(denied.at_least)
                )
            case _:
                return False


def _two_regions(one: Test, other: Test) -> bool:
    return (
        isinstance(one, RegisteredIn)
        and isinstance(other, RegisteredIn)
        and not one.region.startswith(other.region)
        and not other.region.startswith(one.region)
    )
