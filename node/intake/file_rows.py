"""Rows of a list file on their way into the log: in chunks, and counted."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

from adapters.files.faults import Faults, RowFault
from federation.intake import feed
from node.intake.planned import Outcome
from node.intake.waiting_rows import WaitingRows

CHUNK: Final = 1024
"""Rows of a file in one transaction and one checkpoint."""
SHOWN_MAX: Final = 200
"""Held rows and published ids named in a result; the counts are always whole."""

T = TypeVar("T")


class Total:
    """The outcomes of all chunks of a file."""

    def __init__(self, faults: Faults) -> None:
        """Begin with none; what is refused goes to the faults."""
        self.faults = faults
        self.decisions: Counter[feed.Decision] = Counter()
        self.held: list[tuple[int, str, str, str]] = []
        """The first of those that wait."""
        self.waiting = WaitingRows()
        """Of all those that wait for persons."""
        self.refused = 0
        self.published = 0

    def add(self, outcome: Outcome) -> None:
        """Add those of a chunk."""
        self.decisions.update(outcome.decisions)
        self.waiting.add(outcome.held)
        self.held += outcome.held[: SHOWN_MAX - len(self.held)]
        self.refused += len(outcome.refused)
        self.faults.extend(
            RowFault(
                row=refused.number,
                column="",
                code=refused.code,
                value="",
                expected="",
                message=refused.message,
            )
            for refused in outcome.refused
        )
        self.published += outcome.published


def chunks(rows: Iterator[T], size: int) -> Iterator[Sequence[T]]:
    """Yield the rows, so many at a time."""
    while chunk := list(itertools.islice(rows, size)):
        yield chunk


def by_word(decisions: Counter[feed.Decision], relieved: Counter[str]) -> dict[str, int]:
    """How many rows led to what, by the word."""
    counted = relieved + Counter({decision.value: n for decision, n in decisions.items()})
    return {word: counted[word] for word in sorted(counted) if word != "refused"}
