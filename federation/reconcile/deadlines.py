"""Deadlines 时限: until when an obligation that began is to be met, by the editions adopted.

    DL1 of all confirmed rows in force on the day on which it begins, the earliest due counts
    DL2 where no confirmed row is in force it is not known, never "on time"
    DL3 what is counted in working days beyond the tables is not known; so is the whole, unless
        another row is due no later than that one could be
    DL4 what is due on a day may be done until 24:00 of it, in Asia/Shanghai
    DL5 of rows that say how long something is kept (`keep-…`) the latest counts, and is known only
        where all are: what is erased comes back for nobody

The day on which it begins does not count, and the last one does (W4); of a row of `same-day` the
first is the last one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from federation.dates import add_months
from federation.ids import Date, Timestamp
from federation.reconcile.catalog import Catalog, Edition
from federation.reconcile.entries import DEADLINES
from federation.reconcile.obligations import KEEPING, Deadline, Obligation, Unit
from federation.working_days import WorkingDays

_CHINA: Final = dt.timezone(dt.timedelta(hours=8))
_DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Until when it is to be done."""

    last: Date
    """Last day."""
    by: Deadline
    """The row that says so."""
    edition: str

    @property
    def ends_at(self) -> Timestamp:
        """The end of the last day: whoever acts at this moment or later is late (DL4)."""
        return end_of(self.last)


def end_of(day: Date) -> Timestamp:
    """The end of a day in China."""
    return Timestamp(int((_midnight(day) + _DAY).timestamp()))


def day_of(at: Timestamp) -> Date:
    """The day in China on which a time falls."""
    return _number(dt.datetime.fromtimestamp(at, _CHINA))


def rows(catalog: Catalog, day: Date) -> Sequence[tuple[Edition, Deadline]]:
    """The rows in force on a day, confirmed or not; editions of higher layers first."""
    return [
        (edition, row)
        for edition in catalog.in_force(day)
        for row in edition.deadlines.values()
        if row.counts_on(day)
    ]


def due(
    obligation: Obligation, begins: Date, catalog: Catalog, working_days: WorkingDays
) -> Due | None:
    """Until when an obligation is to be met; None where it is not known (DL2, DL3, DL5).

    Args:
        obligation: of the closed set.
        begins: the day on which it begins, in China.
        catalog: the editions adopted.
        working_days: the tables that there are.
    """
    found: Due | None = None
    not_before: list[Date] = []
    keeps = obligation in KEEPING
    for edition, row in rows(catalog, begins):
        if row.obligation is not obligation or not confirmed(catalog, edition, row):
            continue
        last, known = end(row, begins, working_days)
        if not known:
            not_before.append(last)
        elif found is None or (last > found.last if keeps else last < found.last):
            found = Due(last=last, by=row, edition=edition.id)
    if found is None or (keeps and not_before):
        return None
    if min(not_before, default=found.last) < found.last:
        return None
    return found


def confirmed(catalog: Catalog, edition: Edition, row: Deadline) -> bool:
    """Whether a row counts: read in the text, or confirmed by a person of this node."""
    return catalog.counts(edition, f"{DEADLINES}/{row.name}", row.certainty)


def end(row: Deadline, begins: Date, working_days: WorkingDays) -> tuple[Date, bool]:
    """The last day of a row, and whether it is known.

    Where it is not, the day is the earliest that it could be: if people worked on all days of
    which no table says.
    """
    if row.unit is Unit.YEARS:
        return add_months(begins, 12 * row.days), True
    day, passed, known = _midnight(begins), 0, True
    while row.unit is not Unit.SAME_DAY and passed < row.days:
        day += _DAY
        works = True if row.unit is Unit.DAYS else working_days.works(_number(day))
        known = known and works is not None
        passed += works is not False
    return _number(day), known


def _midnight(day: Date) -> dt.datetime:
    return dt.datetime(day // 10000, day // 100 % 100, day % 100, tzinfo=_CHINA)


def _number(day: dt.datetime) -> Date:
    return Date(day.year * 10000 + day.month * 100 + day.day)
