"""How a siege goes, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a siege goes.

    Attributes:
        seed: of all that is random.
        seconds: at least so long; each besieger comes at least once.
        listings: of each city, to be repaired one after the other.
        pause: seconds between two repairs, in the mean.
        stay: seconds that a besieger stays, at least and at most.
        at_once: besiegers at work together at most: a number between these, which changes.
        flood: rows of a flood.
        kills: whether processes are killed and started again, which takes longer.
        arrival: seconds after the siege within which everything must have arrived.
    """

    seed: int
    seconds: float
    listings: int
    pause: float
    stay: tuple[float, float]
    at_once: tuple[int, int]
    flood: int
    kills: bool
    arrival: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it."""

    said: Mapping[str, int]
    """Acknowledged repairs by door."""
    besieged: Mapping[str, int]
    missing: Sequence[object]
    """Of what was acknowledged, what has not arrived: number, door, target."""
    refused: Sequence[str]
    """Repairs that were refused at a door."""
    silent: Sequence[str]
    """Besiegers that `status` did not name."""
    broken: Sequence[str]
    """Lines of the nodes' logs by which the program itself is at fault."""
    waiting: Mapping[str, int]
    """Rows without an answer."""
    seconds: Mapping[str, Mapping[str, Any]]
    """From being said to being seen, by target, door and besieger: count, p50, p99."""

    @property
    def faults(self) -> list[object]:
        unanswered = [f"{city}: {rows} rows wait" for city, rows in self.waiting.items() if rows]
        return [*self.missing[:20], *self.refused[:20], *self.silent, *self.broken[:5], *unanswered]
