"""The one clock. Everything else is given a time, or a `Clock`."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import Final, Protocol

from federation.ids import Date, Timestamp

CHINA: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
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
    return Date(int(datetime.fromtimestamp(moment, CHINA).strftime("%Y%m%d")))
