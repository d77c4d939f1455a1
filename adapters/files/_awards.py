"""What a row of a list of the trustworthy 守信名单 states of a grade."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from adapters.files._cell_error import CellError
from adapters.files._cells import read_text
from adapters.files._columns import Columns
from adapters.files._listing_faults import Faults

_FIELDS: Final = ("grade", "grade_method", "grade_edition")


class Award(NamedTuple):
    """A grade with the method and its edition; empty where there is none."""

    grade: str = ""
    method: str = ""
    edition: str = ""


class AwardFields:
    """Where these fields stand in the rows of one file."""

    def __init__(self, columns: Columns) -> None:
        """Bind."""
        self._at = [(field, columns.position(field)) for field in _FIELDS]

    def read(self, row: Sequence[str], faults: Faults) -> Award:
        """Return what a prepared row states: all three of them, or none (F51)."""
        found: list[str] = []
        for field, at in self._at:
            try:
                found.append(read_text(field, row[at]) if row[at] else "")
            except CellError as error:
                faults.append((field, row[at], error))
                return Award()
        award = Award(*found)
        if not award.grade:
            return Award()
        if not (award.method and award.edition):
            message = (
                "写明等级的，须写明评价办法及其版本 / expected method and edition beside a grade"
            )
            faults.append(("grade", award.grade, CellError("commendation.grade", "", message)))
        return award
