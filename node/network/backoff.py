"""Backoff: how long a peer is not asked again for an opening that it did not bring.

Per peer and opening: twice as long after each question in vain, up to a day. What is remembered is
bounded and ends with the process; what was forgotten is asked for earlier, never not at all.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from federation.ids import MemberId, Origin

LONGEST_SECONDS: Final = 86_400.0
REMEMBERED: Final = 65_536
"""Openings asked in vain, of all peers together; about 20 MB."""

_Place = tuple[MemberId, Origin, int]


class _Tried(NamedTuple):
    times: int
    """Questions, answered or not."""
    answered: bool
    due: float


_NEVER: Final = _Tried(0, answered=False, due=0.0)


class Backoff:
    """Remembers what was asked of whom in vain."""

    def __init__(
        self, *, clock: Callable[[], float], first_seconds: float, remembered: int = REMEMBERED
    ) -> None:
        """Wire it.

        Args:
            clock: seconds that only go forward.
            first_seconds: from the first question in vain to the second, about; questions are
                asked in rounds of this distance.
            remembered: entries kept.
        """
        self._clock = clock
        self._first = first_seconds
        self._remembered = remembered
        self._tried: OrderedDict[_Place, _Tried] = OrderedDict()

    def due(
        self, peer: MemberId, origin: Origin, indices: Iterable[int], limit: int
    ) -> Sequence[int]:
        """The first of these openings of a log, at most `limit`, for which a peer may be asked."""
        now = self._clock()
        found: list[int] = []
        for index in indices:
            if len(found) == limit:
                break
            if self._tried.get((peer, origin, index), _NEVER).due <= now:
                found.append(index)
        return found

    def in_vain(
        self, peer: MemberId, origin: Origin, indices: Iterable[int], *, answered: bool
    ) -> None:
        """A peer was asked for these and brought none of them; or did not even answer."""
        now = self._clock()
        for index in indices:
            place = (peer, origin, index)
            before = self._tried.pop(place, _NEVER)
            pause = min(self._first * 2.0 ** min(before.times, 64), LONGEST_SECONDS)
            # Half a round earlier: rounds are never quite as far apart as they should be.
            due = now + pause - self._first / 2
            self._tried[place] = _Tried(before.times + 1, before.answered or answered, due)
        while len(self._tried) > self._remembered:
            self._tried.popitem(last=False)

    def times(self, peer: MemberId, origin: Origin, index: int) -> int:
        """How often a peer was asked for this opening in vain."""
        return self._tried.get((peer, origin, index), _NEVER).times

    def answered(self, peer: MemberId, origin: Origin, index: int) -> bool:
        """Whether a peer has ever answered a question for this opening."""
        return self._tried.get((peer, origin, index), _NEVER).answered
