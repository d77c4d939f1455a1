"""The one clock. Everything else is given a time, or a `Clock`."""

from __future__ import annotations

import time
from datetime import date, timedelta, timezone
from functools import lru_cache
from typing import Final, Protocol

from federation.ids import Date, Timestamp

_OFFSET_SECONDS: Final = 8 * 3600
_DAY_SECONDS: Final = 86_400
CHINA: Final = timezone(timedelta(seconds=_OFFSET_SECONDS), "Asia/Shanghai")
"""China Standard Time, UTC+8 without summer time since 1992; needs no time zone database."""


class Clock(Protocol):
    """What time it is."""

    def now(self) -> Timestamp:
        """Whole seconds since 1970 UTC."""
        ...

    def today(self) -> Date:
        """The calendar date in Asia/Shanghai, YYYYMMDD."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> Timestamp:
        """Whole seconds since 1970 UTC."""
        return Timestamp(int(time.time()))

    def today(self) -> Date:
        """The calendar date in Asia/Shanghai, YYYYMMDD."""
        return date_of(self.now())


def monotonic() -> float:
    """Seconds that never go back, for measuring how long something has stood still."""
    return time.monotonic()


def date_of(moment: Timestamp) -> Date:
    """Return the calendar date in Asia/Shanghai of a moment."""
    return _date((moment + _OFFSET_SECONDS) // _DAY_SECONDS)


@lru_cache(maxsize=64)  # asked for each row that is shown
def _date(days: int) -> Date:
    """Date of so many days since 1970."""
    day = date(1970, 1, 1) + timedelta(days=days)
    return Date(day.year * 10_000 + day.month * 100 + day.day)
