"""Whether, and how long, a listing is published by the day of its decision.

As its row states it (F19), or by the catalog (F20), where that has the list (B1, B2).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from adapters.files._cell_error import CellError
from adapters.files._columns import ABSENT, Columns
from adapters.files._dates import DateReader
from adapters.files._listing_faults import (
    Faults,
    no_end,
    out_of_order,
)
from adapters.files._listing_rows import FeedContext
from adapters.files._periods import next_to, read_period
from federation.dates import add_months
from federation.ids import Date

_NO_DATE: Final = Date(0)
_KNOWN_MAX: Final = 20_000


class Terms:
    """Asks it for the rows of one file, and keeps what is asked again and again."""

    def __init__(self, columns: Columns, context: FeedContext, dates: DateReader) -> None:
        """Compile for a header."""
        self._periods = columns.period
        self._ends = columns.ends[1:]
        """Further columns of the last day; the first one is given."""
        stated = columns.position("publish_until") != ABSENT
        self._field = "publish_until" if stated else "decided_on"
        """Where a fault of the last day is told."""
        self._context = context
        self._dates = dates
        self._known: dict[tuple[Date, Date, int], Date] = {}
        """Last days of which there is nothing to tell; a list has few decisions' days."""
        self._grounded: set[Date] = set()
        """Days for whose decisions the list stands."""

    def without_ground(self, decided_on: Date, faults: Faults) -> bool:
        """Whether the catalog has no such list for a decision of that day (B1, B2)."""
        if decided_on in self._grounded:
            return False
        stopped = self._context.ground(decided_on)
        if stopped is not None:
            code, message = stopped
            faults.append(("decided_on", str(decided_on), CellError(code, "", message)))
            return True
        self._grounded.add(decided_on)
        return False

    def stated(self, row: Sequence[str], decided_on: Date, until: Date, faults: Faults) -> Date:
        """Return the last day that the row states (F19), by its dates or periods; 0 for none."""
        ends = [until] if until else []
        for at in self._ends:
            if row[at]:
                try:
                    ends.append(self._dates.read(row[at])[0])
                except CellError as error:
                    faults.append(("publish_until", row[at], error))
                    return _NO_DATE
        for at in self._periods:
            if not row[at]:
                continue
            try:
                ends.append(read_period(row[at], decided_on, self._dates))
            except CellError as error:
                faults.append(("period", row[at], error))
                return _NO_DATE
        if not ends:
            return _NO_DATE
        if not next_to(min(ends), max(ends)):
            message = f"期限互不一致 / the row states different last days: {min(ends)}, {max(ends)}"
            differs = CellError("period.differs", str(min(ends)), message)
            faults.append(("period" if self._periods else self._field, str(max(ends)), differs))
        return min(ends)

    def until(
        self,
        decided_on: Date,
        stated: Date,
        longest_months: int,
        faults: Faults,
        notices: list[str],
    ) -> Date:
        """Return the last day of publication: the stated one, or by the catalog's term (F20)."""
        asked = (decided_on, stated, longest_months)
        known = self._known.get(asked)
        if known is None:
            told = len(faults), len(notices)
            known = self._until(*asked, faults, notices)
            if (len(faults), len(notices)) == told and len(self._known) < _KNOWN_MAX:
                self._known[asked] = known
        return known

    def _until(
        self,
        decided_on: Date,
        stated: Date,
        longest_months: int,
        faults: Faults,
        notices: list[str],
    ) -> Date:
        last = add_months(decided_on, longest_months)
        until = stated
        if stated > last:
            notices.append("publish-until.capped")
        elif stated and stated < decided_on:
            out_of_order("publish_until", f"≥ {decided_on}", stated, faults)
            return stated
        if not stated:
            months = self._context.term_months(decided_on)
            if not months:
                if not any(one[0] in ("period", "publish_until") for one in faults):
                    faults.append((self._field, "", no_end()))
                return _NO_DATE
            until = add_months(decided_on, months)
        until = min(until, last)
        if until < self._context.today:
            message = f"公示期已于 {until} 届满 / the publication period ended on {until}"
            error = CellError("date.over", f"≥ {self._context.today}", message)
            faults.append((self._field, str(until), error))
        return until
