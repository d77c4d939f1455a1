"""Periods for which figures are told: a week 周调度, a month 月通报, a quarter 季评估."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import Final, NamedTuple

from federation.errors import StatementError
from federation.ids import Date

_FORMS: Final = {
    "week": re.compile(r"([0-9]{4})-?W([0-9]{2})"),
    "month": re.compile(r"([0-9]{4})-([0-9]{2})"),
    "quarter": re.compile(r"([0-9]{4})-?Q([1-4])"),
}
_SHOWN: Final = {"week": "2026-W42", "month": "2026-10", "quarter": "2026-Q3"}
FIRST, LAST = Date(19490101), Date(29991231)
"""All there is."""


class Period(NamedTuple):
    """First and last day, its unit, and its name as it was given."""

    unit: str
    name: str
    first: Date
    last: Date


def period_of(week: str, month: str, quarter: str) -> Period:
    """The one period that was named; all there is where none was.

    Raises:
        StatementError: `quality.period`: more than one, or not of the form.
    """
    given = {"week": week, "month": month, "quarter": quarter}
    named = [(unit, text.upper()) for unit, text in given.items() if text]
    if not named:
        return Period("", "", FIRST, LAST)
    if len(named) > 1:
        message = "week、month、quarter 择一 / expected one of week, month, quarter"
        raise StatementError("quality.period", message)
    ((unit, text),) = named
    try:
        first, last = _days(unit, text)
    except (ValueError, OverflowError):
        message = (
            f"{unit}: 须如 {_SHOWN[unit]}，实为 {text[:20]!r} / "
            f"expected for example {_SHOWN[unit]}, got {text[:20]!r}"
        )
        raise StatementError("quality.period", message) from None
    return Period(unit, text, _number(first), _number(last))


def named(name: str) -> Period:
    """The period of a name that is of a week, a month or a quarter; all there is of none.

    Raises:
        StatementError: `quality.period`: not of the form.
    """
    unit = "week" if "W" in name else "quarter" if "Q" in name else "month"
    return period_of(**{"week": "", "month": "", "quarter": "", unit: name})


def last_month(today: Date) -> str:
    """The month before that of a day, in the form in which months are named."""
    year, month = divmod(today // 100 - 1, 100)
    return f"{year:04}-{month:02}" if month else f"{year - 1:04}-12"


def _days(unit: str, text: str) -> tuple[dt.date, dt.date]:
    match = _FORMS[unit].fullmatch(text)
    if match is None:
        message = "not of the form"
        raise ValueError(message)
    year, number = int(match[1]), int(match[2])
    if unit == "week":
        first = dt.date.fromisocalendar(year, number, 1)
        return first, first + dt.timedelta(days=6)
    begin, end = (number, number) if unit == "month" else (3 * number - 2, 3 * number)
    return dt.date(year, begin, 1), dt.date(year, end, calendar.monthrange(year, end)[1])


def _number(day: dt.date) -> Date:
    return Date(day.year * 10000 + day.month * 100 + day.day)
