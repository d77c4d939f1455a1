"""Periods of publication as files state them: a span of days, its last day, or a length.

    F19 a cell of the mapping's `period` is understood, or its row is refused: `一年`, `12个月`,
        `自公布之日起三年`, `2026-03-05至2027-03-04`, `至2027年3月4日`. What several cells, and the
        column of the last day, state must agree

A length counts from the decision, whatever day the text names, so that it never ends later than
the source meant. What is open (长期, 永久) is not understood: no listing is published for ever.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from adapters.files._cell_error import CellError
from adapters.files._dates import FORMATS, DateReader, compact
from federation.dates import add_months
from federation.ids import Date

MONTHS_MAX: Final = 1200
"""No list publishes for a century; a longer one is a slip."""
UNREAD: Final = "period.unread"
_DIGITS: Final = {c: n for n, c in enumerate("〇一二三四五六七八九")} | {
    **dict.fromkeys("零○", 0),
    **dict(zip("壹贰叁肆伍陆柒捌玖", range(1, 10), strict=True)),
    "两": 2,
}
_TENS: Final = "十拾"
_NUMBER: Final = rf"([0-9]{{1,4}}|[{''.join(_DIGITS)}{_TENS}]{{1,3}})"
_LENGTH: Final = re.compile(
    r"(?:自.{0,12}?之?日起)?(?:公示|公布|列入|惩戒|期限|期|为|满|共|:)*"
    rf"(?:(半)年|(?:{_NUMBER}年)?(半)?(?:[零又]?{_NUMBER}个?月)?(?:{_NUMBER}[天日])?)"
    r"(?:期|整|止|以?内)*"
)
_DAY: Final = "(" + "|".join(re.sub(r"\((?!\?)", "(?:", p) for p in FORMATS.values()) + ")"
_TIME: Final = r"(?: [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?"
_SPAN: Final = re.compile(rf"[自从]?{_DAY}{_TIME}起?[至到~—–-]+{_DAY}{_TIME}止?")
_END: Final = re.compile(rf"(?:截?[至到止]|截止[至到]?)?{_DAY}{_TIME}止?")


def read_period(text: str, decided_on: Date, dates: DateReader) -> Date:
    """Return the last day of the period that a cell states.

    Args:
        text: of the cell, not empty.
        decided_on: the day of the decision, from which a length counts.
        dates: reads the dates of the mapping.

    Raises:
        CellError: `period.unread`, or what is wrong with a date in it.
    """
    plain = compact(text)
    if match := _SPAN.fullmatch(plain):
        begin, end = (dates.read(day)[0] for day in match.groups())
        if begin > end:
            raise _unread(text)
        return end
    if match := _END.fullmatch(plain):
        return dates.read(match[1])[0]
    match = _LENGTH.fullmatch(plain.replace(" ", ""))
    if match is None or not any(match.groups()):
        raise _unread(text)
    half, years, half_more, months, days = match.groups()
    if half_more and not years:
        raise _unread(text)
    count = 12 * _number(years) + _number(months) + 6 * bool(half or half_more)
    if count > MONTHS_MAX:
        raise _unread(text)
    last = add_months(decided_on, count) if count else decided_on
    return _add_days(last, _number(days)) if days else last


def next_to(one: Date, other: Date) -> bool:
    """Whether a day is another or the one before it: both end the year that began on a day."""
    return one == other or _add_days(one, 1) == other


def _number(text: str | None) -> int:
    if not text:
        return 0
    if text.isascii():
        return int(text)
    value, digit = 0, None
    for char in text:
        if char in _TENS:
            value += 10 * (1 if digit is None else digit)
            digit = None
        elif digit is not None:
            raise _unread(text)
        else:
            digit = _DIGITS[char]
    return value + (digit or 0)


def _add_days(day: Date, count: int) -> Date:
    then = dt.date(day // 10000, day // 100 % 100, day % 100) + dt.timedelta(days=count)
    return Date(then.year * 10000 + then.month * 100 + then.day)


def _unread(text: str) -> CellError:
    expected = "一年、12个月、2026-03-05至2027-03-04"
    message = f"期限无法识别 / expected a length or a span of days, got {text[:40]!r}"
    return CellError(UNREAD, expected, message)
