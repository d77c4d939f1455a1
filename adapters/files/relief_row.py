"""A relief that a row of a file asks for."""

from __future__ import annotations

from dataclasses import dataclass

from federation.ids import Date, StatementId
from federation.record_key import RecordKey


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliefRow:
    """A relief to publish: `record` or `statement_id` or both are set.

    A row with only a statement id names no authority: the caller compares the listing's with
    those bound to the feed.
    """

    row: int
    record: RecordKey | None
    statement_id: StatementId | None
    subject_name: str
    document: str
    decided_on: Date
    reason: str
