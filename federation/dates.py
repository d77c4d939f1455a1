"""Periods of the calendar, in dates YYYYMMDD."""

from __future__ import annotations

import calendar
import datetime as dt
from functools import lru_cache

from federation.ids import Date


@lru_cache(maxsize=4096)
def add_months(date: Date, months: int) -> Date:
    """Return the last day of a period of months that is counted from a day.

    The day itself does not count, and the period ends on the corresponding day, or the month's
    last where there is none (民法典 Art. 201, 202): 36 months from 20240229 end on 20270228.
    """
    years, month = divmod(date // 100 % 100 - 1 + months, 12)
    year = date // 10000 + years
    day = min(date % 100, calendar.monthrange(year, month + 1)[1])
    return Date(year * 10000 + (month + 1) * 100 + day)


def add_days(date: Date, days: int) -> Date:
    """Return the day so many days later, or earlier; the calendar's last day stays the last."""
    try:
        day = _calendar(date) + dt.timedelta(days)
    except OverflowError:
        return Date(99991231)
    return Date(day.year * 10000 + day.month * 100 + day.day)


def days_between(first: Date, last: Date) -> int:
    """Return the number of days from one day to a later one."""
    return (_calendar(last) - _calendar(first)).days


def _calendar(date: Date) -> dt.date:
    return dt.date(date // 10000, date // 100 % 100, date % 100)
