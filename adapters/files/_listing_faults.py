"""Faults of cells that show only beside other cells, the day, or the catalog."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from adapters.files._cell_error import CellError
from adapters.files._extraction import NONE, SEVERAL
from adapters.files._penalties import NOT_EXCHANGED
from adapters.files.faults import RowFault
from federation.ids import Date
from federation.reconcile.plausibility import (
    BASIS_BLANK,
    FUTURE,
    NOTICE_AFTER,
    is_blank,
    notice_after,
)

_ALONE: Final = ("subject.natural-person", NOT_EXCHANGED)
"""Faults beside which no other is told: nothing of the row is to be mended."""

Faults = list[tuple[str, str, CellError]]
"""Field, value and what is wrong."""


def row_fault(number: int, code: str, message: str) -> RowFault:
    """The fault of a row as a whole."""
    return RowFault(row=number, column="", code=code, value="", expected="", message=message)


def no_end() -> CellError:
    """A row that says neither a last day nor a period, where no catalog does."""
    message = (
        "未写明公示截止日期或期限，目录也没有经核实的期限：补一列，或请信用办核实目录条目"
        "（huxin catalog check、huxin catalog confirm） / "
        "expected the last day of publication or a period: the row states none, and no confirmed "
        "entry of the catalog says how long this list is published; add a column, or have the "
        "entry compared with its text (huxin catalog check, huxin catalog confirm)"
    )
    return CellError("period.missing", "", message)


def future(today: Date) -> CellError:
    """A day after today (M1)."""
    message = f"日期在将来 / expected a day not after today ({today})"
    return CellError(FUTURE, f"≤ {today}", message)


def listed_before(listed_on: Date, decided_on: Date) -> Faults:
    """A day of listing before that of its decision (M6), told of the column in which it stands."""
    found: Faults = []
    if 0 < listed_on < decided_on:
        out_of_order("listed_on", f"≥ {decided_on}", listed_on, found)
    return found


def implausible(basis: str, noticed_on: Date, decided_on: Date) -> Faults:
    """What cannot be right of a row, where its column can be named (M2, M3)."""
    found: Faults = []
    if notice_after(noticed_on, decided_on):
        found.append(("prior_notice_on", str(noticed_on), _notice_after(decided_on)))
    if basis and is_blank(basis):
        found.append(("basis", basis, _no_basis()))
    return found


def _notice_after(decided_on: Date) -> CellError:
    message = f"告知晚于决定 / expected a prior notice not after the decision ({decided_on})"
    return CellError(NOTICE_AFTER, f"≤ {decided_on}", message)


def _no_basis() -> CellError:
    message = "列入依据只有空白、标点或“无” / expected the law on which the listing stands"
    return CellError(BASIS_BLANK, "", message)


def out_of_order(field: str, expected: str, date: Date, faults: Faults) -> None:
    """Tell a day that contradicts another."""
    message = (
        f"日期先后矛盾 / the order of the dates is not possible: expected {expected}, got {date}"
    )
    faults.append((field, str(date), CellError("date.order", expected, message)))


def told(faults: Faults) -> Faults:
    """Return what is told of a row: nothing beside what makes the rest of it meaningless."""
    alone = [fault for fault in faults if fault[2].code in _ALONE]
    if alone:
        return alone[:1]
    said = {field for field, _, error in faults if error.code in (NONE, SEVERAL)}
    return [one for one in faults if one[2].code != "field.missing" or one[0] not in said]


def into(faults: Faults) -> Callable[[str, str, CellError], None]:
    """Return what notes a fault there."""
    return lambda field, value, error: faults.append((field, value, error))
