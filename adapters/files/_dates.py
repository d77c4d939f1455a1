"""Dates of files: read in the formats a mapping names, months added by the Civil Code."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from adapters.files._cell_error import CellError
from federation.ids import Date

EARLIEST: Final = Date(19490101)
_CACHE_MAX: Final = 20_000

FORMATS: Final = {
    "YYYYMMDD": r"([0-9]{4})([0-9]{2})([0-9]{2})",
    "YYYY-MM-DD": r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})",
    "YYYY/M/D": r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})",
    "YYYY.M.D": r"([0-9]{4})\.([0-9]{1,2})\.([0-9]{1,2})",
    "YYYY年M月D日": r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日",
}
"""Date formats that a mapping may name; a time of day after the date is let go."""

_TIME: Final = r"(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?"


class DateReader:
    """Reads dates in some of the formats; remembers texts, since a list has few distinct dates."""

    def __init__(self, formats: Iterable[str]) -> None:
        self._expected = ", ".join(formats)
        self._patterns = [re.compile(FORMATS[name] + _TIME) for name in self._expected.split(", ")]
        self._known: dict[str, tuple[Date, bool]] = {}

    def read(self, text: str) -> tuple[Date, bool]:
        """Return the date, and whether characters in full width were taken as digits.

        Raises:
            CellError: `date.format`, `date.calendar` or `date.early`.
        """
        known = self._known.get(text)
        if known is None:
            known = self._parse(text)
            if len(self._known) >= _CACHE_MAX:
                self._known.clear()
            self._known[text] = known
        return known

    def _parse(self, text: str) -> tuple[Date, bool]:
        plain = unicodedata.normalize("NFKC", text)
        match = next(filter(None, (pattern.fullmatch(plain) for pattern in self._patterns)), None)
        if match is None:
            message = f"日期格式不符 / expected a date as {self._expected}"
            raise CellError("date.format", self._expected, message)
        year, month, day = map(int, match.groups())
        try:
            dt.date(year, month, day)
        except ValueError:
            message = "日历上没有这一天 / there is no such day in the calendar"
            raise CellError("date.calendar", self._expected, message) from None
        date = Date(year * 10000 + month * 100 + day)
        if date < EARLIEST:
            message = f"日期过早 / expected a day not before {EARLIEST}"
            raise CellError("date.early", f"≥ {EARLIEST}", message)
        return date, plain != text
