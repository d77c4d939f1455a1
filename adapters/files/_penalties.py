"""Fields of a row of 行政处罚 (双公示) besides those that it shares with a listing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from adapters.files._cell_error import CellError
from adapters.files._cells import missing, read_text
from adapters.files._columns import ABSENT, Columns
from adapters.files._dates import DateReader
from adapters.files.mapping import Mapping
from federation.ids import Date
from federation.names import PENALTY_PROCEDURES
from federation.payloads import PenaltyProcedure

MOST_FEN: Final = 10**15
"""The most that a payload holds (SPEC, Penalty)."""
CATEGORIES_MAX: Final = 16
NOT_EXCHANGED: Final = "penalty.not-exchanged"

Fail = Callable[[str, str, CellError], None]
"""Notes field, value and what is wrong."""

_TEXTS: Final = ("violation_type", "facts", "content", "licence", "data_source", "notice_number")
_AMOUNTS: Final = ("fine", "confiscated")
_DATES: Final = ("valid_until", "notice_served_on")
_SEPARATORS: Final = re.compile(r"[、,;/|\n]+")
_AMOUNT: Final = re.compile(
    r"[¥￥]?([0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?|[0-9]*\.?[0-9]+)(万元|元)?"
)
_PROCEDURES: Final = {
    **dict.fromkeys(("简易程序", "简易", "当场处罚", "simple"), PenaltyProcedure.SIMPLE),
    **dict.fromkeys(
        ("普通程序", "一般程序", "普通", "一般", "ordinary"), PenaltyProcedure.ORDINARY
    ),
}


class PenaltyFields:
    """Where these fields stand in the rows of one file."""

    def __init__(self, columns: Columns, mapping: Mapping, dates: DateReader) -> None:
        """Bind."""
        names = (*_TEXTS, *_AMOUNTS, *_DATES, "categories", "procedure")
        self._at = {field: columns.position(field) for field in names}
        self._fen = Decimal(100 if mapping.yuan else 1_000_000)
        self._dates = dates

    def read(self, row: Sequence[str], fail: Fail) -> dict[str, Any]:
        """Return the fields as a `Penalty` takes them; what cannot be read is told to `fail`."""
        found: dict[str, Any] = {}
        for field, at in self._at.items():
            text = row[at] if at != ABSENT else ""
            try:
                found[field] = self._value(field, text)
            except CellError as error:
                fail(field, text, error)
        return found

    def _value(self, field: str, text: str) -> object:
        if field in _AMOUNTS:
            return _amount(text, self._fen)
        if field in _DATES:
            return self._dates.read(text)[0] if text else Date(0)
        if field == "categories":
            return _categories(text)
        if field == "procedure":
            return _procedure(text)
        return read_text(field, text) if text else ""


def _amount(text: str, fen: Decimal) -> int:
    if not text:
        return 0
    expected = "12.5、12.5万元、125000元"
    match = _AMOUNT.fullmatch("".join(unicodedata.normalize("NFKC", text).split()))
    if match is None:
        message = "金额无法识别 / expected an amount: digits, at most with 元 or 万元"
        raise CellError("field.value", expected, message)
    unit = {"元": Decimal(100), "万元": Decimal(1_000_000)}.get(match[2] or "", fen)
    try:
        amount = Decimal(match[1].replace(",", "")) * unit
    except InvalidOperation:
        raise CellError("field.value", expected, "金额无法识别 / expected an amount") from None
    if amount != int(amount) or amount > MOST_FEN:
        message = "金额须为整分且不超上限 / expected whole fen 分, within the bound"
        raise CellError("field.value", f"≤ {MOST_FEN} 分", message)
    return int(amount)


def _categories(text: str) -> tuple[str, ...]:
    parts = (part.strip() for part in _SEPARATORS.split(unicodedata.normalize("NFKC", text)))
    found = tuple(dict.fromkeys(filter(None, parts)))
    if not found:
        raise missing()
    if len(found) > CATEGORIES_MAX:
        message = f"处罚类别过多 / expected at most {CATEGORIES_MAX} kinds of penalty"
        raise CellError("field.long", f"≤ {CATEGORIES_MAX}", message)
    return tuple(read_text("category", one) for one in found)


def _procedure(text: str) -> PenaltyProcedure:
    if not text:
        raise missing()
    found = _PROCEDURES.get(text.strip())
    if found is None:
        expected = "、".join(PENALTY_PROCEDURES.label(one) for one in PenaltyProcedure if one)
        message = "处罚程序未知 / expected by which procedure it was decided"
        raise CellError("field.value", expected, message)
    if found is PenaltyProcedure.SIMPLE:
        raise not_exchanged("简易程序")
    return found


def not_exchanged(word: str) -> CellError:
    """The error of a row that is never exchanged, by its grade or procedure."""
    message = (
        f"{word}的记录不交换，无须处理 / what is minor or of the simple procedure is not "
        "exchanged: nothing is to be done"
    )
    return CellError(NOT_EXCHANGED, "", message)
