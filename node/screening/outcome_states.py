"""Rows of the query store as the rules of outcomes read them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from adapters.sql.outcomes import MatchRow, OutcomeRow
from federation.ids import Date
from federation.screening.outcomes import Matched, MatchState, Report, Result

BLOCK: Final = "block"
"""Class of a measure by which the case may not proceed."""


def answered_on(number: str) -> Date:
    """The day of a check, as its number says it: that of its first answer."""
    return Date(int(number.split("-")[1]))


def matched(match: MatchRow, rows: Sequence[OutcomeRow]) -> Matched:
    """A match, with what was reported of it, the oldest first."""
    return Matched(
        state=MatchState(match.state),
        answered_on=answered_on(match.number),
        measures={one["code"]: one["class"] == BLOCK for one in json.loads(match.measures)},
        reported={row.measure: report_of(row) for row in rows},
    )


def report_of(row: OutcomeRow) -> Report:
    """What a department said."""
    return Report(
        measure=row.measure,
        result=Result(row.result),
        reason=row.reason,
        decided_on=Date(row.decided_on),
    )
