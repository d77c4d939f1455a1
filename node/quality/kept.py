"""Figures of quality at a node that holds much: counted by a job, and given as they were counted.

Counting reads the whole of our own log, what every member said of it, and all listings of our
authorities in other logs: of a million leaves that takes seconds. Up to `SMALL` leaves it is done
while somebody waits. Beyond that what was counted is given at once with `counted_at`, and counted
anew behind those who ask; the first who asks for a period waits for it, but for last month's, which
is counted beforehand. Who does not wish to wait is told that it is being counted, and asks again.
"""

from __future__ import annotations

import threading
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

from federation.ids import Date, Timestamp
from federation.ports.store import Store

SMALL: Final = 20_000
"""Leaves in all logs up to which figures are counted when somebody asks."""
FRESH_SECONDS: Final = 600
"""Figures this young are not counted anew."""
LOOK_SECONDS: Final = 60
"""So often it is looked for what is old."""
ASKED_SECONDS: Final = 3600
"""Figures for which nobody has asked for so long are let go."""
KEPT_MAX: Final = 16
"""Periods that are kept; for another one that was asked for longest ago is let go."""


class Figures(Protocol):
    """What counts; `node.quality.desk.QualityDesk`."""

    def quality(
        self, first: Date, last: Date, *, records: bool, shares: bool = False
    ) -> dict[str, Any]:
        """Figures of a period."""
        ...


class _Asked(NamedTuple):
    first: Date
    last: Date
    records: bool
    shares: bool


@dataclass(slots=True)
class _Kept:
    document: dict[str, Any]
    counted_at: Timestamp
    asked_at: Timestamp


class KeptFigures:
    """Answers `huxin quality`; any thread, blocks."""

    def __init__(
        self,
        *,
        figures: Figures,
        store: Store,
        now: Callable[[], Timestamp],
        today: Callable[[], Date],
        small: int = SMALL,
    ) -> None:
        """Wire it; keeps nothing yet."""
        self._figures = figures
        self._store = store
        self._now = now
        self._today = today
        self._small = small
        self._kept: dict[_Asked, _Kept] = {}
        self._wished: dict[_Asked, Timestamp] = {}
        """What is to be counted for who did not wait, and when it was asked for last."""
        self._looked_at = 0
        self._counting = threading.Lock()
        """Who counts: several at once would only be slower."""

    def quality(
        self, first: Date, last: Date, *, records: bool, shares: bool = False, wait: bool = True
    ) -> dict[str, Any]:
        """Figures of a period (`QualityDesk.quality`); with `counted_at` where they were kept.

        Without `wait` what would have to be counted first is `counting`, of which nothing else is
        said but the period; it is there when the job has counted it.

        Raises:
            RefusedError: `working-days.invalid`.
        """
        if self._is_small():
            return self._figures.quality(first, last, records=records, shares=shares)
        asked = _Asked(first, last, records, shares)
        kept = self._kept.get(asked)
        if kept is None and not wait:
            if len(self._wished) < KEPT_MAX:
                self._wished[asked] = self._now()
            nothing = {"since": 0, "rows": [], "counting": True}
            return {"period": {"first": first, "last": last}} | nothing
        if kept is None:
            with self._counting:
                kept = self._kept.get(asked) or self._count(asked, self._now())
        kept.asked_at = self._now()
        return kept.document | {"counted_at": kept.counted_at}

    def run(self) -> int:
        """Count anew what was asked for lately and is old; how many periods.

        Raises:
            RefusedError: `working-days.invalid`.
        """
        if self._is_small():
            self._kept.clear()
            return 0
        now = self._now()
        self._looked_at = now
        first, last = last_month(self._today())
        due = list(self._wished)
        due += {_Asked(first, last, records=False, shares=False): None}.keys() - self._wished.keys()
        for asked, kept in list(self._kept.items()):
            if now - kept.asked_at > ASKED_SECONDS and asked not in due:
                self._kept.pop(asked, None)
            elif asked not in due:
                due.append(asked)
        counted = 0
        for asked in due:
            before = self._kept.get(asked)
            if before is None or now - before.counted_at >= FRESH_SECONDS:
                with self._counting:
                    self._count(asked, now if before is None else before.asked_at)
                counted += 1
            self._wished.pop(asked, None)
        return counted

    def rests(self) -> bool:
        """Whether nobody waits, and what is kept was looked at lately."""
        return not self._wished and self._now() - self._looked_at < LOOK_SECONDS

    def _count(self, asked: _Asked, asked_at: Timestamp) -> _Kept:
        at = self._now()
        document = self._figures.quality(
            asked.first, asked.last, records=asked.records, shares=asked.shares
        )
        made = self._kept[asked] = _Kept(document, at, asked_at)
        while len(self._kept) > KEPT_MAX:
            oldest = min(self._kept.items(), key=lambda one: one[1].asked_at)[0]
            self._kept.pop(oldest, None)
        return made

    def _is_small(self) -> bool:
        with self._store.read() as session:
            return sum(head.size for head in session.heads()) <= self._small


def last_month(today: Date) -> tuple[Date, Date]:
    """First and last day of the month before."""
    year, month = divmod(today // 10_000 * 12 + today // 100 % 100 - 2, 12)
    begins = year * 10_000 + (month + 1) * 100
    return Date(begins + 1), Date(begins + monthrange(year, month + 1)[1])
