"""Time and chance of simulated nodes: both are what the test says."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass

from federation.ids import Date, Timestamp
from node.system.clock import date_of
from tests.support import charters as build

START = build.NOW


@dataclass
class FakeClock:
    """Seconds that pass only when the test says so."""

    seconds: int = START
    running: int = 0
    """Seconds of the monotonic clock."""

    def now(self) -> Timestamp:
        return Timestamp(self.seconds)

    def today(self) -> Date:
        """The day of the examples, and later ones once they have come."""
        return max(Date(20261121), date_of(self.now()))

    def advance(self, seconds: int) -> None:
        self.seconds += seconds
        self.running += seconds

    def jump(self, seconds: int) -> None:
        """Set the clock; no time passes."""
        self.seconds += seconds


class Tokens:
    """Random bytes that are the same at every run with the same seed."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(hashlib.sha256(seed.encode()).digest())

    def __call__(self, count: int) -> bytes:
        return self._random.randbytes(count)
