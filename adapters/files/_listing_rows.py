"""Rows of a list file as values, and what the node knows of a feed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from collections.abc import Mapping as Lookup
from dataclasses import dataclass
from typing import NamedTuple

from adapters.files.faults import RowFault
from adapters.files.relief_row import ReliefRow
from federation.ids import Date
from federation.payloads import Audience, Commendation, Listed
from federation.record_key import RecordKey


def _no_term(decided_on: Date) -> int:
    del decided_on
    return 0


def _grounded(decided_on: Date) -> None:
    del decided_on


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedContext:
    """What the node knows of a feed; nothing of it can be said by the file.

    `authorities` are the names and codes of the authorities bound to the feed: it speaks only for
    them. `today` is the day in Asia/Shanghai.
    """

    audience: Audience
    department: str
    batch: str
    authorities: Lookup[str, str]
    today: Date
    term_months: Callable[[Date], int] = _no_term
    """Months for which a decision of a day is published that states no period, by a confirmed
    entry of the catalog; 0 where none says so (F20)."""
    ground: Callable[[Date], tuple[str, str] | None] = _grounded
    """Code and text of why the list does not stand for a decision of a day; None where it does."""
    called: Collection[str] = ()
    """Names of the list by the catalog, as `adapters.files.standing.called` gives them (F54)."""


class ListingRow(NamedTuple):
    """A row that may be published. `row_key` is the source's identifier of the row."""

    row: int
    listing: Listed
    row_key: str
    notices: tuple[str, ...]
    former: tuple[str, ...] = ()
    """Other keys by which the row may be known from before (F15)."""

    @property
    def until(self) -> Date:
        """Its last day: of publication, or on which a commendation counts."""
        said = self.listing
        return said.valid_until if isinstance(said, Commendation) else said.publish_until


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedRow:
    """A row that no longer stands, or not yet (F16).

    `record` is None where the row does not name it rightly. `relief` is what it says as relief,
    where the mapping takes such rows so and the row has what relief needs; else `fault` is told.
    """

    fault: RowFault
    record: RecordKey | None
    row_key: str
    relief: ReliefRow | None
