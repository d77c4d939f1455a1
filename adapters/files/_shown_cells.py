"""What a spreadsheet shows of a cell beside its value: struck through, or a day in part (F61).

    F61 a cell that is struck through counts for nothing, and nobody knows what for: a fault where
        its column is used. A day of which the sheet shows no day of the month, or no year (its
        format is `yyyy年m月`, `m月d日`), was not stated whole: the program that kept it added the
        rest. It is read as it is shown, and so refused; a number that only its format turns into
        a document number is none

The formats are those of ECMA-376 part 1, 18.8.30, by their numbers as a Chinese Office has them.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from adapters.files._cells import SHAPED
from adapters.files._cells import STRUCK as STRUCK_TEXT

STRUCK: Final = "struck"
SHAPED_NUMBER: Final = "shaped"
_YEAR_MONTH: Final = "year, month"
_MONTH_DAY: Final = "month, day"
_YEAR: Final = "year"
_TIME: Final = "time"
_BY_NUMBER: Final = {
    **dict.fromkeys((17, 27, 36, 50, 52, 57), _YEAR_MONTH),
    **dict.fromkeys((16, 28, 29, 51, 53, 54, 58), _MONTH_DAY),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 46, 47, 55, 56), _TIME),
}
_LITERAL: Final = re.compile(r'"([^"]*)"|\\(.)|[_*].')
_BRACKETS: Final = re.compile(r"\[(?![hms]+\])[^\]]*\]", re.IGNORECASE)
_HALVES: Final = re.compile(r"am/pm|a/p|上午/下午|e[+-]", re.IGNORECASE)
_NUMBERED: Final = re.compile("号|第|[〔(（\\[［](?:19|20)[0-9]{2}")


def shows(number: int, code: str) -> str:
    """What a format shows of a value, where that is less, or other, than the value; else empty.

    Args:
        number: of the format.
        code: its own, empty for one that goes by its number.
    """
    if not code:
        return _BY_NUMBER.get(number, "")
    first = code.split(";", maxsplit=1)[0]
    literal = "".join(match[1] or match[2] or "" for match in _LITERAL.finditer(first))
    rest = _HALVES.sub("", _BRACKETS.sub("", _LITERAL.sub("", first))).casefold()
    if "general" in rest or not re.search("[ymdhsea]", rest):
        shaped = re.search("[0#]|general", rest) and _NUMBERED.search(literal + rest)
        return SHAPED_NUMBER if shaped else ""
    year = re.search("[ye]", rest) is not None
    day = re.search("(?<!d)d{1,2}(?!d)", rest) is not None
    month = "m" in rest and (year or day or not re.search("[hs]", rest))
    return {
        (True, True, True): "",
        (True, True, False): _YEAR_MONTH,
        (True, False, False): _YEAR,
        (True, False, True): _YEAR,
        (False, True, True): _MONTH_DAY,
        (False, True, False): _MONTH_DAY,
        (False, False, True): _MONTH_DAY,
    }.get((year, month, day), _TIME)


def as_shown(kind: str, value: object, cell: str) -> str:
    """Return a cell as its format shows it; as it is where that is the same.

    Args:
        kind: as `shows` gives it, or `STRUCK`.
        value: of the cell.
        cell: its text; empty cells stay so.
    """
    if not cell:
        return cell
    if kind == STRUCK:
        return STRUCK_TEXT
    if kind == SHAPED_NUMBER:
        return SHAPED if isinstance(value, int | float) else cell
    if not isinstance(value, dt.date):
        return cell
    if kind == _YEAR_MONTH:
        return f"{value.year}年{value.month}月"
    if kind == _YEAR:
        return f"{value.year}年"
    if kind == _MONTH_DAY:
        return f"{value.month}月{value.day}日"
    return value.strftime("%H:%M:%S")
