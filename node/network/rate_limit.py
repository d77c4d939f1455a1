"""How fast the small frames of one peer are taken.

A log may sign as many checkpoints as it likes, and a peer send them one by one; each costs a
signature check and often a write, however little it says. So each peer has a bucket: `BURST` at
once, then `RATE` a second; beyond that its frames wait where they are, at the sender. Batches of
many leaves cost nothing of it: they are what a node is for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from federation.ids import MemberId
from federation.peers.frames import Frame
from federation.peers.replication import DeliveredBatch

RATE: Final = 250.0
"""Small frames a second; a hub of 1,000 idle logs sends some 20, a busy origin some 50."""
BURST: Final = 2500.0
"""After a reconnection every log shows its head at once."""
WASTED_BYTES: Final = 64
"""Of a charter that is refused, as a small frame more: one of a megabyte takes seconds to verify,
and costs who sends it a minute and a half."""
MANY_LEAVES: Final = 64
"""A batch of so many is no small frame."""
TOLD_SECONDS: Final = 60.0
"""A peer that is slowed down is named at most this often."""


class RateLimit:
    """The buckets of all peers."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Measure by a clock, seconds, monotonic."""
        self._clock = clock
        self._empty_at: dict[MemberId, float] = {}
        self._told: dict[MemberId, float] = {}

    def delay(self, peer: MemberId, frame: Frame | None) -> float:
        """Seconds to wait before this frame of a peer is taken; 0 for nearly all."""
        if isinstance(frame, DeliveredBatch) and len(frame.leaves) >= MANY_LEAVES:
            return 0.0
        now = self._clock()
        empty_at = max(self._empty_at.get(peer, 0.0), now - BURST / RATE) + 1 / RATE
        self._empty_at[peer] = empty_at
        return max(0.0, empty_at - now)

    def charge(self, peer: MemberId, wasted: int) -> None:
        """Let a peer wait for what it made us verify in vain, in bytes."""
        now = self._clock()
        empty_at = max(self._empty_at.get(peer, 0.0), now - BURST / RATE)
        self._empty_at[peer] = empty_at + wasted / WASTED_BYTES / RATE

    def to_be_told(self, peer: MemberId) -> bool:
        """Whether it is time again to say that this peer is slowed down."""
        now = self._clock()
        if now < self._told.get(peer, -TOLD_SECONDS) + TOLD_SECONDS:
            return False
        self._told[peer] = now
        return True
