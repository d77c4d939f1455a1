"""What an exported log says by kind and month, as its tiles are verified.

A month is that in China of the time which a leaf claims: it is the same for all who hold the log,
whatever checkpoints they keep, and AD4 bounds by how much it can be wrong.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Final, NamedTuple

from federation.audit.verification import Noted
from federation.ids import Timestamp

LATEST: Final = Timestamp(221_845_392_000)
"""The first second of the year 9000: a leaf and a cosigner may claim any time, a calendar ends."""
_CHINA: Final = dt.timezone(dt.timedelta(hours=8))


class Month(NamedTuple):
    """A month of a year."""

    year: int
    month: int

    @property
    def begins(self) -> Timestamp:
        """Its first second, in China."""
        return Timestamp(int(dt.datetime(self.year, self.month, 1, tzinfo=_CHINA).timestamp()))

    @property
    def after(self) -> Month:
        """The next one."""
        return Month(self.year, self.month + 1) if self.month < 12 else Month(self.year + 1, 1)

    def __str__(self) -> str:
        """As it is written."""
        return f"{self.year:04}-{self.month:02}"


def month_of(at: Timestamp) -> Month:
    """The month of a time in China; what no calendar has counts as its end."""
    moment = dt.datetime.fromtimestamp(min(at, LATEST), _CHINA)
    return Month(moment.year, moment.month)


Ranges = tuple[tuple[int, int], ...]
"""First and last index of leaves that follow each other, in order."""


def ranges_of(indices: Iterable[int]) -> Ranges:
    """Put indices together."""
    return joined((index, index) for index in indices)


def joined(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Put ranges of several kinds in order, and together where they follow each other."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if found and found[-1][1] + 1 == first:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return tuple(found)


class MonthsSaid:
    """Takes what the tiles of a log say, in order."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.kinds = bytearray()
        """Of each leaf."""
        self._ranges: dict[tuple[int, Month], list[tuple[int, int]]] = {}
        self._month = Month(1970, 1)
        self._begins, self._ends = 0, 0

    @property
    def said(self) -> Mapping[tuple[int, Month], Ranges]:
        """Which leaves are of a kind and month."""
        return {key: tuple(ranges) for key, ranges in self._ranges.items()}

    def add(self, noted: Noted) -> None:
        """Take the next tile."""
        self.kinds += bytes(noted.first - len(self.kinds)) + noted.kinds
        if not noted.issued:
            return
        self._turn_to(min(noted.issued))
        if max(noted.issued) < self._ends:
            index = noted.first
            for kind, run in groupby(noted.kinds):
                number = len(list(run))
                self._put(kind, index, index + number - 1)
                index += number
            return
        for index, (kind, issued) in enumerate(
            zip(noted.kinds, noted.issued, strict=True), noted.first
        ):
            self._turn_to(issued)
            self._put(kind, index, index)

    def _turn_to(self, at: int) -> None:
        """Make the month of a time the one that is told."""
        if not self._begins <= at < self._ends:
            self._month = month_of(Timestamp(at))
            self._begins, self._ends = self._month.begins, self._month.after.begins

    def _put(self, kind: int, first: int, last: int) -> None:
        ranges = self._ranges.setdefault((kind, self._month), [])
        if ranges and ranges[-1][1] + 1 == first:
            ranges[-1] = (ranges[-1][0], last)
        else:
            ranges.append((first, last))
