"""A campaign 专项治理 as a ledger 台账 of listings, and its exit rate 退出率.

    CA1 an entry is a listing, named by its statement; what was entered is never taken out
    CA2 an entry has exited by the state of its listing alone: repaired, withdrawn, or its last day
        passed. One that is masked, paused, held, set aside or not held here any more has not
    CA3 a subject, whatever code it has by now, has exited once all of its entries have, on the day
        of the last of them and by its ground; one that is listed again, or whose relief is revoked,
        has not
    CA4 the exit rate is subjects exited up to a day over subjects entered up to it; of an empty
        ledger there is none
    CA5 a subject that has not exited is overdue after the day that the campaign gives
    CA6 a query enters each standing listing of a subject registered here that fits all that it
        says, and it says something; what is listed later is entered by the next query, not by
        itself

Nothing of it is a measure, and nobody is listed or relieved by it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from federation.ids import Date, StatementId
from federation.rows import State, StatementRow

EXITS: Final = frozenset({State.REPAIRED, State.WITHDRAWN, State.EXPIRED})
"""States by which an entry has exited (CA2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which listings are to be entered (CA6); what is empty says nothing."""

    list_type: str = ""
    authority: str = ""
    """Code of the determining authority."""
    origin: str = ""
    """The log in which it stands."""
    decided_until: Date = Date(0)
    """Decided on this day or before."""

    def __bool__(self) -> bool:
        """Whether it says anything."""
        return bool(self.list_type or self.authority or self.origin or self.decided_until)

    def fits(self, row: StatementRow, origin: str) -> bool:
        """Whether a listing of a log is one of those; where no day is known, it fits none."""
        return (
            self.list_type in ("", row.list_type)
            and self.authority in ("", row.authority)
            and self.origin in ("", origin)
            and (not self.decided_until or 0 < row.decided_on <= self.decided_until)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A listing in the ledger, as it stands."""

    statement_id: StatementId
    subject: bytes
    """Keyed tag of its subject; the statement's id where none is known."""
    added_on: Date
    unit: str
    """Who is responsible 责任单位."""
    state: State | None
    """As of the day; None: it is not held here any more."""
    ended_on: Date
    """Day of the decision, or on which it had run out; 0: it has not ended."""

    @property
    def has_exited(self) -> bool:
        """Whether it has (CA2)."""
        return self.state in EXITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A subject of the ledger."""

    entries: tuple[Entry, ...]
    """In the order in which they were entered."""
    added_on: Date
    """Day of the first entry."""
    last: Entry | None
    """The entry by which it exited (CA3); None: it has not."""

    def exited_by(self, day: Date) -> bool:
        """Whether it had exited on a day."""
        last = self.last
        return last is not None and last.ended_on <= day


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How far a campaign has come on a day."""

    subjects: int
    exited: int
    overdue: int
    rate: float | None
    """None of an empty ledger (CA4)."""


def standings(entries: Iterable[Entry]) -> list[Standing]:
    """The subjects of a ledger, in the order in which they were entered first."""
    found: dict[bytes, list[Entry]] = defaultdict(list)
    for one in entries:
        found[one.subject].append(one)
    return [_standing(ones) for ones in found.values()]


def _standing(entries: Sequence[Entry]) -> Standing:
    exited = all(one.has_exited for one in entries)
    return Standing(
        entries=tuple(entries),
        added_on=min(one.added_on for one in entries),
        last=max(entries, key=lambda one: (one.ended_on, one.statement_id)) if exited else None,
    )


def rate(subjects: Sequence[Standing], due: Date, day: Date) -> Rate:
    """Count a ledger as of a day (CA4, CA5).

    Args:
        subjects: of `standings`.
        due: by when all are to have exited; 0: no day is given.
        day: what was entered or has exited later does not count.
    """
    counted = [one for one in subjects if one.added_on <= day]
    exited = sum(one.exited_by(day) for one in counted)
    return Rate(
        subjects=len(counted),
        exited=exited,
        overdue=len(counted) - exited if due and day > due else 0,
        rate=exited / len(counted) if counted else None,
    )
