"""Looking for rows of a kind that may be rare, in parts of a log and never in all of it at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from federation.rows import StatementRow

BLOCK: Final = 16 * 1024
"""Leaves of which it is known together what sorts of rows they have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What the rows asked for have in common; whoever asks looks at each of them once more."""

    kinds: tuple[int, ...]
    states: tuple[int, ...] | None = None
    """Stored ones; None: any."""
    list_types: tuple[str, ...] | None = None
    """Of these lists, empty: of none; None: any."""
    found: frozenset[int] | None = None
    """With one of these findings, in the state HELD, or of our own log; None: any."""
    unfound: frozenset[int] = frozenset()
    """Without any of these findings, or of our own log."""
    over: int = 0
    """May be over on this day, YYYYMMDD; 0: any."""
    lasting: int = 0
    """May not be over on this day, YYYYMMDD; 0: any."""


class SeekReads(Protocol):
    """What a session may be asked of parts of a log."""

    def seek_rows(
        self, sought: Sought, log: int, start: int, end: int, limit: int
    ) -> Sequence[StatementRow]:
        """The first rows of leaves [start, end) of a log that may be sought, by index.

        A row that a correction replaced may be over or not, whatever it says itself.
        """
        ...

    def blocks(self, sought: Sought, log: int) -> Sequence[int]:
        """Numbers of the blocks of `BLOCK` leaves that have rows of these kinds, states, lists.

        Ascending; what is found out about rows, and days, are not asked for.
        """
        ...
