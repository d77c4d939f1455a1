"""Control totals 对账: whether a platform has what it was told, by counts and digests.

| rule | |
|---|---|
| Y1 | of each origin and index one row counts: the newest |
| Y2 | a row counts under its origin and state, as they were told |
| Y3 | the digest of a group is SHA-256 over its rows by ascending index: index in decimal, a space, the statement id as 32 lower-case hexadecimal digits, a line feed |
| Y4 | a leaf that the platform was told and does not have is a difference only where it shows all that it has; rows of `huxin_outbox` may be deleted |
| Y5 | a leaf that it was told in a state that nobody noted agrees with every state |
| Y6 | a leaf that it has and was never told, one with another statement id, and one in another state are differences |
"""  # noqa: E501 - a table

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

DIFFER: Final = "platform.totals-differ"
"""Code of a comparison that found differences."""
UNKNOWN: Final = ""
"""State of what was told before anybody noted it."""
DIFFERENCES_MAX: Final = 10_000
"""Rows that are named one by one; all are counted."""


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A leaf in the state that somebody has of it."""

    index: int
    statement_id: str
    """32 lower-case hexadecimal digits."""
    state: str


@dataclass(frozen=True, slots=True)
class Total:
    """One group: rows of one origin in one state."""

    count: int
    sha256: str
    """Lower-case hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class RowDifference:
    """A leaf that differs; states are empty where there is none."""

    index: int
    told: str
    found: str


@dataclass(slots=True)
class Totals:
    """Sums of one origin, row by row in ascending order of their indices."""

    _groups: dict[str, tuple[int, hashlib._Hash]] = field(default_factory=dict)

    def add(self, row: HeldRow) -> None:
        """Count a row (Y2, Y3)."""
        count, digest = self._groups.get(row.state) or (0, hashlib.sha256())
        digest.update(f"{row.index} {row.statement_id}\n".encode())
        self._groups[row.state] = (count + 1, digest)

    def by_state(self) -> Mapping[str, Total]:
        """The groups so far."""
        return {
            state: Total(count, digest.hexdigest())
            for state, (count, digest) in sorted(self._groups.items())
        }


def totals_of(rows: Iterable[HeldRow]) -> Mapping[str, Total]:
    """Sum rows of one origin, in ascending order of their indices."""
    sums = Totals()
    for row in rows:
        sums.add(row)
    return sums.by_state()


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What a comparison of one origin found."""

    told: Mapping[str, Total]
    found: Mapping[str, Total]
    gone: int
    """Rows that the platform was told and shows no more, where that is no difference (Y4)."""
    differing: int
    differences: tuple[RowDifference, ...]
    """The first of them, by index."""


def compare(told: Iterable[HeldRow], found: Iterable[HeldRow], *, shows_all: bool) -> Compared:
    """Compare what a platform was told of one origin with what it has; both by ascending index.

    Args:
        told: with `UNKNOWN` as state where nobody noted it.
        found: several rows of one index are allowed: the last one counts (Y1).
        shows_all: whether what is missing is a difference (Y4).
    """
    sums, sums_found = Totals(), Totals()
    gone = differing = 0
    differences: list[RowDifference] = []
    for one, other in _beside(iter(told), _newest(found)):
        if other is not None:
            sums_found.add(other)
        if one is not None:
            known = one.state != UNKNOWN or other is None
            sums.add(one if known else replace(one, state=getattr(other, "state", UNKNOWN)))
        if other is None and not shows_all:
            gone += 1
        elif difference := _difference(one, other):
            differing += 1
            if len(differences) < DIFFERENCES_MAX:
                differences.append(difference)
    return Compared(
        told=sums.by_state(),
        found=sums_found.by_state(),
        gone=gone,
        differing=differing,
        differences=tuple(differences),
    )


def _difference(one: HeldRow | None, other: HeldRow | None) -> RowDifference | None:
    if one is None:
        return None if other is None else RowDifference(other.index, "", other.state)
    if other is None:
        return RowDifference(one.index, one.state, "")
    same_state = one.state in (UNKNOWN, other.state)
    if same_state and one.statement_id == other.statement_id:
        return None
    return RowDifference(one.index, one.state, other.state)


def _newest(rows: Iterable[HeldRow]) -> Iterator[HeldRow]:
    """The last one of each index (Y1)."""
    last: HeldRow | None = None
    for row in rows:
        if last is not None and last.index != row.index:
            yield last
        last = row
    if last is not None:
        yield last


def _beside(
    told: Iterator[HeldRow], found: Iterator[HeldRow]
) -> Iterator[tuple[HeldRow | None, HeldRow | None]]:
    """Give the rows of both that are of one index side by side."""
    one, other = next(told, None), next(found, None)
    while one is not None or other is not None:
        if other is None or (one is not None and one.index < other.index):
            yield one, None
            one = next(told, None)
        elif one is None or other.index < one.index:
            yield None, other
            other = next(found, None)
        else:
            yield one, other
            one, other = next(told, None), next(found, None)
