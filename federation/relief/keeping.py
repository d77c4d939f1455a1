"""How long is kept what no relief and no last day ends: terms as data, by trusted time.

What is kept without end is a store of reproaches, and what is erased comes back for nobody. So an
end is a row of an edition, dated, with its source and certainty, confirmed by a person:

    EK1  of each sort only the row of its name ends it; without a confirmed row in force on the day
         on which its term begins it is kept, and said to be kept without a term
    EK2  a term begins on the day that is claimed, but no earlier than the newest checkpoint kept
         that does not cover the leaf was cosigned, and no later than the first that does; what is
         dated after the time that is believed has no day yet
    EK3  the reports of one case end together, from the day on which the last of them was said
    EK4  a commitment's term does not begin before it was due, and performed
    EK5  a relief has no row: its opening is kept until the last day of its record (SPEC §6.5)
    EK6  whether a term is over is asked of trusted time; while none is known nothing ends

Nothing else asks how long it was kept: what ends by its last day, by a relief or by an ERASURE
ends by that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from federation.ids import Date, Timestamp
from federation.reconcile.catalog import Catalog
from federation.reconcile.deadlines import due
from federation.reconcile.obligations import Obligation
from federation.working_days import WorkingDays


class Sort(StrEnum):
    """What is kept and has neither last day nor relief."""

    REQUEST = "request"
    """A closed request 转办, with the answers that count."""
    ANSWER = "answer"
    """An answer that counts for no request that is held."""
    OUTCOME = "outcome"
    """Reports 惩戒反馈 of one case."""
    COMMITMENT = "commitment"
    UNDATED = "undated"
    """A listing, penalty or commendation that states no last day."""
    RELIEF = "relief"
    """A relief of a record without a last day."""
    OTHER = "other"
    """Of an unknown kind, unreadable, or about nothing that is held."""


ROWS: Final[Mapping[Sort, Obligation]] = MappingProxyType(
    {
        Sort.REQUEST: Obligation.KEEP_REQUEST,
        Sort.ANSWER: Obligation.KEEP_ANSWER,
        Sort.OUTCOME: Obligation.KEEP_OUTCOME,
        Sort.COMMITMENT: Obligation.KEEP_COMMITMENT,
        Sort.UNDATED: Obligation.KEEP_UNDATED,
        Sort.OTHER: Obligation.KEEP_OTHER,
    }
)
"""The row that ends each sort; of a relief there is none (EK5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How much of a sort is held."""

    held: int = 0
    without_term: int = 0
    """Of these, what is kept without a term (EK1)."""

    def plus(self, last: Date | None) -> Tally:
        """One more, kept until a day, or without a term."""
        return Tally(held=self.held + 1, without_term=self.without_term + (last is None))


def said_at(
    claimed: Timestamp, *, after: Timestamp, covered: Timestamp | None, believed: Timestamp
) -> Timestamp | None:
    """When a leaf was said, as far as its speaker need not be believed (EK2).

    Args:
        claimed: `issued_at`.
        after: when the newest checkpoint kept that does not cover it was cosigned; 0 for none.
        covered: when the first one that does was; None for none.
        believed: the time of now.

    Returns:
        None where that lies after now.
    """
    at = max(claimed, after)
    if covered is not None:
        at = min(at, covered)
    return Timestamp(at) if at <= believed else None


def last_day(sort: Sort, begins: Date | None, catalog: Catalog, days: WorkingDays) -> Date | None:
    """The last day on which something is kept; None where it is kept without a term (EK1)."""
    if begins is None or sort not in ROWS:
        return None
    until = due(ROWS[sort], begins, catalog, days)
    return None if until is None else until.last


def is_over(last: Date | None, today: Date) -> bool:
    """Whether it is kept no longer; `today` by trusted time, 0 where none is known (EK6)."""
    return last is not None and today > last


def commitment_begins(said_on: Date, due_on: Date, performed_on: Date) -> Date:
    """The day on which a commitment's term begins (EK4)."""
    return max(said_on, due_on, performed_on)
