"""A batch of checks 批量核查 of more rows than are asked about at once, while it goes on.

It is asked part by part, each part a batch of its own with a number of its own; each step is one
request of the browser, so that who left has asked about nothing more, and comes back to it while
the session lasts. It stands in memory alone, with the codes and names that were typed, and ends
with the session or with the next one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from federation.screening.batches import ROWS_AT_ONCE
from node.console.api import ProblemError

_COUNTED = ("clear", "matches", "insufficient", "refused")


@dataclass(slots=True, kw_only=True)
class BatchWork:
    """One such batch; on the loop alone."""

    head: Mapping[str, str]
    """`matter`, `purpose` and `case_no`."""
    rows: Sequence[Mapping[str, str]]
    """`code` and `name` of each."""
    requests: Sequence[str]
    """Id of each part's request: a part that is asked again is answered as before."""
    answers: list[Mapping[str, Any]] = field(default_factory=list)
    busy: bool = False
    """Whether a part is being asked."""
    problem: ProblemError | None = None
    """Why the last part was not answered."""

    @property
    def done(self) -> bool:
        """Whether all parts have been answered."""
        return len(self.answers) == len(self.requests)

    @property
    def told(self) -> int:
        """How many rows have been answered."""
        return min(len(self.answers) * ROWS_AT_ONCE, len(self.rows))

    def part(self) -> Mapping[str, Any]:
        """What is asked next; there is a part that was not answered."""
        at = len(self.answers)
        rows = self.rows[at * ROWS_AT_ONCE : (at + 1) * ROWS_AT_ONCE]
        return {**self.head, "request_id": self.requests[at], "rows": rows}

    def found(self) -> dict[str, Any]:
        """What all parts that were answered have found, as one answer.

        `others` are numbered by the rows of the whole, `numbers` are the parts', `missing` are logs
        of which any part was not told.
        """
        others = [
            {**one, "row": one["row"] + at * ROWS_AT_ONCE}
            for at, answer in enumerate(self.answers)
            for one in answer["others"]
        ]
        missing = dict.fromkeys(
            one["name"]
            for answer in self.answers
            for one in answer["closed"]["coverage"]
            if one["state"] != "ok"
        )
        return {
            "numbers": [answer["number"] for answer in self.answers],
            "others": others,
            "missing": list(missing),
            **{name: sum(one[name] for one in self.answers) for name in _COUNTED},
        }


def parts_of(rows: Sequence[object]) -> int:
    """How many parts so many rows are asked in."""
    return -(-len(rows) // ROWS_AT_ONCE)
