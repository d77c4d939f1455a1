"""How far the machine's clock is from those of the members, by the heads that they sign anew.

A head is signed at least every minute (SPEC §3.5), so that one that comes while this node runs was
signed a moment before. The first line of a member in a run may be an old one that was kept; it says
nothing here.

    DF1  our clock differs where the middle of the differences to at least two members does
    DF2  a member's clock differs where its own does by so much from that middle

Nothing is decided by it: people are told.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from statistics import median_low
from typing import Any, Final

from federation.ids import MemberId, Timestamp
from federation.trusted_time import LEAST_VOTES

APART_SECONDS: Final = 300
"""As far ahead as a line may be before others ignore it (SPEC §3.4)."""
FRESH_SECONDS: Final = 600.0
"""A member that has said nothing for so long is not asked."""


class ClockDifferences:
    """Holds what each member's newest line said of our clock; used under the owner's lock."""

    def __init__(self, wall: Callable[[], Timestamp], monotonic: Callable[[], float]) -> None:
        """Wire it; nothing was heard yet."""
        self._wall = wall
        self._monotonic = monotonic
        self._said: dict[MemberId, tuple[int, float]] = {}

    def heard(self, member: MemberId, signed: Timestamp) -> None:
        """Take a line that is newer than one heard of this member before in this run."""
        self._said[member] = (int(self._wall()) - int(signed), self._monotonic())

    def report(self, others: Collection[MemberId]) -> dict[str, Any]:
        """Return what differs.

        Returns:
            `differs_s`: our clock minus the members', seconds, 0 where it does not differ;
            `members`: of each member whose clock differs its id and its seconds.
        """
        since = self._monotonic() - FRESH_SECONDS
        fresh = {
            member: said
            for member, (said, at) in self._said.items()
            if at >= since and member in others
        }
        if len(fresh) < LEAST_VOTES:
            return {"differs_s": 0, "members": []}
        middle = median_low(fresh.values())
        apart = [
            {"member": str(member), "seconds": middle - said}
            for member, said in sorted(fresh.items())
            if abs(said - middle) > APART_SECONDS
        ]
        return {"differs_s": middle if abs(middle) > APART_SECONDS else 0, "members": apart}
