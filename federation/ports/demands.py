"""What the city's platform owes: that it did what it was told of the end of a listing.

A *demand* is the newest thing that an outlet was told of a listing and that lifts something. Of
each the store keeps when it was told and when it was acknowledged. Nothing of what a leaf says is
kept here: an attacker who controls it can have it said too early or never that a listing was
lifted, and reads nothing of a subject.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from federation.ids import Timestamp


class Demand(NamedTuple):
    """The end of a listing as an outlet was told it last."""

    log: int
    idx: int
    word: int
    """Number of the state that it was told, as in `OutletReads.handed`."""
    number: int
    """Of the telling, growing at each outlet: who acknowledges another one is late."""
    told_at: Timestamp
    acknowledged_at: Timestamp = Timestamp(0)
    """0: not yet."""
    result: str = ""
    """Why the outlet refuses it; empty where it does not."""


class Oddity(NamedTuple):
    """Acknowledgements of one outlet that changed nothing, by the code of the rule (EX3-EX8)."""

    code: str
    number: int
    """How many there were."""
    at: Timestamp
    """When the last one came."""


class DemandReads(Protocol):
    """What was told and acknowledged."""

    def demands(self, outlet: int, log: int, indices: Sequence[int]) -> Mapping[int, Demand]:
        """The demands to an outlet about leaves of a log, by index."""
        ...

    def demands_of(self, outlet: int, log: int, number: int) -> Sequence[Demand]:
        """The demands that were told by one telling, by index."""
        ...

    def acknowledged(self, log: int, index: int) -> Mapping[int, Demand]:
        """All demands about one leaf, by the number of the outlet."""
        ...

    def unacknowledged(self, outlet: int, after: tuple[int, int], limit: int) -> Sequence[Demand]:
        """What an outlet has not acknowledged, by log and index, after a place."""
        ...

    def count_unacknowledged(self, outlet: int) -> tuple[int, Timestamp]:
        """How many demands an outlet has not acknowledged, and since when the first."""
        ...

    def oddities(self, outlet: int) -> Sequence[Oddity]:
        """Acknowledgements of an outlet that changed nothing, by code."""
        ...

    def acknowledged_to(self, outlet: int) -> int:
        """How far the later acknowledgements of an outlet were read; 0 from the beginning."""
        ...


class DemandWrites(DemandReads, Protocol):
    """The changes."""

    def put_demands(self, outlet: int, demands: Iterable[Demand]) -> None:
        """Insert or replace demands."""
        ...

    def clear_demands(self, outlet: int, log: int, indices: Sequence[int]) -> None:
        """The outlet is told something else of these leaves: it owes nothing for what was."""
        ...

    def note_oddity(self, outlet: int, code: str, at: Timestamp) -> None:
        """Count an acknowledgement that changed nothing."""
        ...

    def set_acknowledged_to(self, outlet: int, number: int) -> None:
        """The later acknowledgements of an outlet were read up to here."""
        ...
