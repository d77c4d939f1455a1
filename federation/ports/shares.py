"""What counting listed subjects over time needs of a store, beside `federation.ports.store`.

An attacker who controls this can show other counts of past days; it names nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from federation.ids import Date


class DayShare(NamedTuple):
    """How many subjects of a district stood on a list on a day."""

    day: Date
    region: str
    """Empty: all districts."""
    list_type: str
    """Empty: any list."""
    listed: int
    subjects: int


class ShareReads(Protocol):
    """The questions."""

    def day_shares(self, first: Date, last: Date) -> Sequence[DayShare]:
        """Counts of the days of a period, by day, district and list."""
        ...


class ShareWrites(ShareReads, Protocol):
    """The changes."""

    def put_day_shares(self, shares: Sequence[DayShare]) -> None:
        """Keep counts; those of a day that has any stay as they are."""
        ...
