"""Working days 工作日, counted by tables that say which year they cover and where they are from.

W1  a day of a year that no table covers is not known to be a working day or none
W2  Monday to Friday are working days but for the days off
W3  a Saturday or Sunday is one where the table has it worked 调休上班
W4  of a period the first day does not count and the last one does
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from federation.ids import Date

_FRIDAY: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingYear:
    """What is known of the working days of one year."""

    year: int
    off: frozenset[Date]
    """Days on which nobody works, also those that fall on a weekend."""
    working: frozenset[Date]
    """Days of weekends on which people work."""
    source: str
    """The notice from which the table was made."""
    confirmed_by: str
    """Who compared it with the official text; empty: nobody has."""


class WorkingDays:
    """The tables of all years that are covered."""

    def __init__(self, years: Mapping[int, WorkingYear]) -> None:
        """Take tables by year."""
        self.years = dict(years)

    def is_working(self, day: Date) -> bool | None:
        """Whether people work on a day; None where no table covers it (W1-W3)."""
        table = self.years.get(day // 10000)
        if table is None:
            return None
        if day in table.working:
            return True
        return day not in table.off and _as_date(day).weekday() <= _FRIDAY

    def elapsed(self, first: Date, last: Date) -> int | None:
        """Working days from one day to another (W4).

        Args:
            first: does not count.
            last: counts; before `first` nothing has elapsed.

        Returns:
            Their number, or None where a day between is of a year that no table covers.
        """
        begin, end = _as_date(first), _as_date(last)
        if not self.years.keys() >= set(range(begin.year, end.year + 1)):
            return None
        days = (begin + dt.timedelta(days=n) for n in range(1, (end - begin).days + 1))
        return sum(bool(self.is_working(_as_number(day))) for day in days)


def _as_date(day: Date) -> dt.date:
    return dt.date(day // 10000, day // 100 % 100, day % 100)


def _as_number(day: dt.date) -> Date:
    return Date(day.year * 10000 + day.month * 100 + day.day)
