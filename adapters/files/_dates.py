"""Dates of files: read in the formats a mapping names, in whatever dress they come.

    F36 the same day in another dress is the same day: full width, blanks, an apostrophe, dashes of
        any kind, Chinese digits, 号 for 日, a time of day, a time zone (the day counts in
        Asia/Shanghai), what Java and Oracle print. What may be two days (05/03/2026, 26.3.5), or
        is none (46086, 2026-03, milliseconds), is refused, and the message says what it is

What a mapping's formats leave out is not read in other words either.
"""

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
    "YYYYMMDD": r"([0-9]{4})([0-9]{2})([0-9]{2})(?:\.0(?![0-9]))?",
    "YYYY-MM-DD": r"([0-9]{4})[-_]([0-9]{1,2})[-_]([0-9]{1,2})",
    "YYYY/M/D": r"([0-9]{4})[/\\]([0-9]{1,2})[/\\]([0-9]{1,2})",
    "YYYY.M.D": r"([0-9]{4})[.,、]([0-9]{1,2})[.,、]([0-9]{1,2})",
    "YYYY年M月D日": r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})(?:[日号]|(?![0-9]))",
}
"""Date formats that a mapping may name; a time of day after the date is let go."""

_TIME: Final = re.compile(
    r"(?:[日.]?(?:(?:[ T]|(?<=[日号]))?(?:上午|下午|晚上|凌晨|中午|早上|AM|PM)?(?<![0-9])"
    r"(?P<hour>[0-9]{1,2})[:时点](?P<minute>[0-9]{0,2})分?(?::?[0-9]{1,2}秒?(?:[.,][0-9]{1,9})?)?"
    r"(?:AM|PM)?)?|(?P<plain>[0-9]{6}(?:[.,]?[0-9]{3})?))"
    r"(?P<zone>Z|UTC|GMT|CST|[+-][0-9]{2}:?[0-9]{2})?(?: ?\(?(?:星期|周)[一二三四五六日天]\)?)?",
    re.IGNORECASE,
)
"""What may follow a date: a time of day, parted from it, a zone, the day of the week."""
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"), 1
    )
}
_JAVA: Final = re.compile(
    r"(?:[A-Z]{3}),? (?P<month>[A-Z]{3}) (?P<day>[0-9]{1,2}) (?P<time>[0-9:]{8}) "
    r"(?P<zone>CST|UTC|GMT|GMT\+08:00) (?P<year>[0-9]{4})"
)
_ORACLE: Final = re.compile(
    r"(?P<day>[0-9]{1,2})[- ](?:(?P<month>[A-Z]{3})[A-Z]*|(?P<number>[0-9]{1,2})月)[- ]"
    r"(?P<year>[0-9]{4})"
)
_DASHES: Final = dict.fromkeys(map(ord, "‐‑‒–—―−─━﹣ー"), "-")
_DIGITS: Final = {
    **{ord(char): str(number) for number, char in enumerate("〇一二三四五六七八九")},
    **{ord(char): str(number) for number, char in enumerate("零壹贰叁肆伍陆柒捌玖")},
    **dict.fromkeys(map(ord, "○Oo0◯"), "0"),
    ord("元"): "1",
}
_CHINESE: Final = re.compile(
    r"(?P<year>[〇零○◯Oo一二三四五六七八九壹贰叁肆伍陆柒捌玖]{4})年"
    r"(?P<month>[元一二三四五六七八九十壹贰叁肆伍陆柒捌玖拾零〇]{1,3})月"
    r"(?P<day>[一二三四五六七八九十廿卅壹贰叁肆伍陆柒捌玖拾零〇]{1,4})[日号]?"
)
_SHANGHAI: Final = dt.timedelta(hours=8)
_ZONES: Final = {"Z": 0, "UTC": 0, "GMT": 0, "CST": 480, "GMT+08:00": 480}
_SERIAL_BEGIN: Final = dt.date(1899, 12, 30)
"""Day 0 of a spreadsheet's count, for every day after February 1900."""
_PLAIN: Final = len("YYYYMMDD")
_BLANKS: Final = re.compile(r"(?<![0-9日号]) | (?![0-9])")
_QUOTES: Final = "'\"`‘’“”"


def compact(text: str) -> str:
    """Return a text by NFKC without what cannot be seen, and blanks only between digits.

    Without that blank `2026-3-1 12:00` would be the 11th.
    """
    normal = unicodedata.normalize("NFKC", text)
    seen = "".join([char for char in normal if unicodedata.category(char) != "Cf"])
    return _BLANKS.sub("", " ".join(seen.split()))


class DateReader:
    """Reads dates in some of the formats; remembers texts, since a list has few distinct dates."""

    def __init__(self, formats: Iterable[str]) -> None:
        names = tuple(formats)
        self._expected = "、".join(names)
        self._patterns = [re.compile(FORMATS[name]) for name in names]
        self._in_words = "YYYY年M月D日" in names
        self._printed = len(names) == len(FORMATS)
        self._known: dict[str, tuple[Date, bool]] = {}

    def read(self, text: str) -> tuple[Date, bool]:
        """Return the date, and whether the text was more than its digits in one of the formats.

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
        normal = compact(text).translate(_DASHES)
        normal = normal.removeprefix("=").strip(_QUOTES)
        day = self._in_digits(normal)
        wide = day is None or normal != text
        day = day or self._in_other_words(normal, " ".join(text.upper().split()))
        if day is None:
            expected = self._expected
            as_written = expected.replace("、", ", ")
            message = f"{_what_it_is(normal)}日期格式不符 / expected a date as {as_written}"
            raise CellError("date.format", expected, message)
        date = Date(day.year * 10000 + day.month * 100 + day.day)
        if date < EARLIEST:
            message = f"日期过早 / expected a day not before {EARLIEST}"
            raise CellError("date.early", f"≥ {EARLIEST}", message)
        return date, wide

    def _in_digits(self, normal: str) -> dt.date | None:
        for pattern in self._patterns:
            match = pattern.match(normal)
            time = _TIME.fullmatch(normal, match.end()) if match else None
            if match and time and (not time["plain"] or match.end() == _PLAIN):
                year, month, day = map(int, match.groups())
                return self._in_shanghai(year, month, day, time)
        return None

    def _in_other_words(self, normal: str, printed: str) -> dt.date | None:
        match = _CHINESE.match(normal) if self._in_words else None
        if match and (time := _TIME.fullmatch(normal, match.end())):
            year = int(match["year"].translate(_DIGITS))
            return self._in_shanghai(year, _spoken(match["month"]), _spoken(match["day"]), time)
        if not self._printed:
            return None
        if match := _JAVA.fullmatch(printed):
            return self._printed_day(match, _MONTHS.get(match["month"], 0))
        if match := _ORACLE.fullmatch(printed):
            number = _MONTHS.get(match["month"] or "", 0) or int(match["number"] or 0)
            return self._calendar(int(match["year"]), number, int(match["day"]))
        return None

    def _printed_day(self, match: re.Match[str], month: int) -> dt.date:
        day = self._calendar(int(match["year"]), month, int(match["day"]))
        hour, minute = map(int, match["time"].split(":")[:2])
        return _moved(day, hour, minute, _ZONES[match["zone"]])

    def _in_shanghai(self, year: int, month: int, day: int, time: re.Match[str]) -> dt.date:
        """The day in Asia/Shanghai of a moment whose zone may be named."""
        found = self._calendar(year, month, day)
        zone = (time["zone"] or "").upper()
        if not zone:
            return found
        clock = time["plain"] or "0000"
        hour, minute = int(time["hour"] or clock[:2]), int(time["minute"] or clock[2:4])
        offset = _ZONES.get(zone)
        if offset is None:
            hours, minutes = int(zone[:3]), int(zone[-2:])
            offset = hours * 60 + (minutes if hours >= 0 else -minutes)
        return _moved(found, hour, minute, offset)

    def _calendar(self, year: int, month: int, day: int) -> dt.date:
        try:
            return dt.date(year, month, day)
        except ValueError:
            message = "日历上没有这一天 / there is no such day in the calendar"
            raise CellError("date.calendar", self._expected, message) from None


def _moved(day: dt.date, hour: int, minute: int, offset: int) -> dt.date:
    moment = dt.datetime.combine(day, dt.time()) + dt.timedelta(hours=hour, minutes=minute - offset)
    return (moment + _SHANGHAI).date()


def _spoken(text: str) -> int:
    """The number that Chinese digits name: 三, 十二, 二十五, 廿六, 零五, 〇五."""
    plain_text = text.replace("拾", "十").replace("廿", "二十").replace("卅", "三十")
    tens, found, ones = plain_text.rpartition("十")
    ones_value = int(ones.translate(_DIGITS)) if ones else 0
    if not found:
        return ones_value
    return 10 * (int(tens.translate(_DIGITS)) if tens else 1) + ones_value


def _what_it_is(text: str) -> str:
    """What a text that is no date looks like, as the beginning of a message."""
    if re.fullmatch(r"[345][0-9]{4}(?:\.[0-9]+)?", text):
        day = _SERIAL_BEGIN + dt.timedelta(days=int(text[:5]))
        return (
            f"这是 Excel 序列值（或为 {day.isoformat()}），请把该列设为日期格式或文本 / "
            "the number by which a spreadsheet counts days; "
        )
    if re.fullmatch(r"[0-9]{10}|[0-9]{13}", text):
        return "这是时间戳，请改为日期 / a count of seconds or milliseconds; "
    if re.match(r"民国|[0-9]{2,3}年|1[01][0-9][-/.]", text):
        return "民国纪年或年份不全，请写公历四位年份 / a year of another count, or cut short; "
    if re.match(r"农历|阴历|[〇零一二三四五六七八九]*年?[正腊冬]月", text):
        return "农历日期，请换算为公历 / a day of the lunar calendar; "
    if re.fullmatch(r"[0-9]{4}[-/.年]?(?:0?[1-9]|1[0-2])月?", text):
        return "缺少日 / the day is missing; "
    if re.fullmatch(r"[0-9]{1,2}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?", text):
        return "年份须为四位 / the year needs four digits; "
    if re.fullmatch(r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4}", text):
        return "日、月先后不明，请把年写在前面 / day and month may be either; "
    return ""
