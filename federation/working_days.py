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
        self._passed = {year: _passed(table) for year, table in years.items()}
        """Of each year: working days up to and with each of its days."""

    def elapsed(self, first: Date, last: Date) -> int | None:
        """Working days from one day to another (W1, W4).

        Args:
            first: a day of the calendar; does not count.
            last: likewise; counts. Before `first` nothing has elapsed.

        Returns:
            Their number, or None where a day between is of a year that no table covers.
        """
        begin, end = first // 10000, last // 10000
        if not self.years.keys() >= set(range(begin, end + 1)):
            return None
        if last <= first:
            return 0
        whole = sum(max(self._passed[year].values()) for year in range(begin, end))
        return whole + self._passed[end][last] - self._passed[begin][first]

    def works(self, day: Date) -> bool | None:
        """Whether people work on a day of the calendar; None where no table says (W1)."""
        table = self.years.get(day // 10000)
        if table is None:
            return None
        return is_working(table, dt.date(day // 10000, day // 100 % 100, day % 100))


def is_working(table: WorkingYear, day: dt.date) -> bool:
    """Whether people work on a day of the table's year (W2, W3)."""
    number = _as_number(day)
    if number in table.working:
        return True
    return number not in table.off and day.weekday() <= _FRIDAY


def _passed(table: WorkingYear) -> dict[Date, int]:
    day, passed = dt.date(table.year, 1, 1), 0
    found: dict[Date, int] = {}
    while day.year == table.year:
        passed += is_working(table, day)
        found[_as_number(day)] = passed
        day += dt.timedelta(days=1)
    return found


def _as_number(day: dt.date) -> Date:
    return Date(day.year * 10000 + day.month * 100 + day.day)
