"""The clock on which destroying depends, and the one on which punishing depends (SPEC §3.6).

`federation.trusted_time` has the rules; this object holds the votes of this run and carries the
time on. Four questions, four answers:

    may this be destroyed?     `today()`, `now()`: trusted time alone; 0 while none is known
    may this punish still?     `latest`: the later of the machine's clock and trusted time
    has a relief's day come?   `heard_latest`: once any clock says so, ours or any member's
    erasure by relief          asks no clock

    clock = TrustedClock(file=…, others=…, wall=SystemClock(), monotonic=monotonic)
    clock.heard(member, timestamp)   # of every verified line, before lines ahead are dropped
    clock.tick()                     # every few seconds

Votes come on the writer thread and on readers, ticks from a job: one lock holds them together.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final, Protocol

from federation.ids import Date, MemberId, Timestamp
from federation.trusted_time import LEAST_VOTES, TrustedTime, carried, confirmed, stepped, voted
from node.clocks.differences import ClockDifferences
from node.system.clock import Clock, date_of

SAVE_SECONDS: Final = 60
"""So much of the time is lost at most when the process is killed; that is a step, no harm."""
APART_SECONDS: Final = 3600
"""Votes further ahead than this are a problem that two persons settle."""


class TimeStore(Protocol):
    """Where trusted time is kept; `load` never fails for damage, `save` is durable."""

    def load(self) -> TrustedTime:
        """Return what was saved last."""
        ...

    def save(self, time: TrustedTime) -> None:
        """Keep it."""
        ...


class TrustedClock:
    """Trusted time of a running node."""

    def __init__(
        self,
        *,
        file: TimeStore,
        others: Callable[[], frozenset[MemberId]],
        wall: Clock,
        monotonic: Callable[[], float],
    ) -> None:
        """Go on from what was saved.

        Args:
            file: where it is kept.
            others: the other members of all our charters; asked anew each time.
            wall: the machine's clock.
            monotonic: seconds that only go forward.
        """
        self._file = file
        self._others = others
        self._wall = wall
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._time = file.load()
        self._saved = self._time
        self._at = monotonic()
        self._votes: dict[MemberId, Timestamp] = {}
        self._differences = ClockDifferences(wall.now, monotonic)

    def heard(self, member: MemberId, signed: Timestamp) -> None:
        """Take the time of a verified line of a member's key (Z1)."""
        with self._lock:
            before = self._votes.get(member)
            if before is not None and signed > before:
                self._differences.heard(member, signed)
            self._votes[member] = max(signed, before or signed)

    def tick(self) -> None:
        """Carry the time on, take the votes, and save what has changed.

        Raises:
            AdapterError: it cannot be saved; the next tick tries again.
        """
        with self._lock:
            self._carry()
            votes = self._voted()
            before = self._time
            if votes is not None:
                self._time = stepped(self._time, votes, self._wall.now())
            moved = self._time.steps != before.steps or before.now is None
            if self._time.now is not None and (
                moved or self._time.running - self._saved.running >= SAVE_SECONDS
            ):
                self._save()

    def confirm(self, moment: Timestamp) -> None:
        """Set the time; the caller has checked the words of two persons (Z6).

        Raises:
            AdapterError: it cannot be saved; nothing has changed.
        """
        with self._lock:
            self._carry()
            before = self._time
            self._time = confirmed(self._time, moment)
            try:
                self._save()
            except BaseException:
                self._time = before
                raise

    def now(self) -> Timestamp:
        """Trusted time, seconds UTC; 0, before which nothing is over, while none is known."""
        with self._lock:
            self._carry()
            return Timestamp(self._time.now or 0)

    def today(self) -> Date:
        """The date of `now` in Asia/Shanghai; 0 while none is known."""
        now = self.now()
        return date_of(now) if now else Date(0)

    @property
    def latest(self) -> Clock:
        """The later of the machine's clock and trusted time: for what punishes."""
        return _Latest(self._wall, self.now)

    @property
    def heard_latest(self) -> Clock:
        """The latest of all clocks: `latest`, and each that a member signed: for what relieves.

        A machine whose clock was set back keeps no relief out as one of a day to come. Whoever
        signs far ahead gains that the day of a relief is not compared, and nothing else.
        """
        return _Latest(self._wall, self.now, self._farthest)

    def report(self) -> dict[str, Any]:
        """What `status` and `huxin clock show` say."""
        with self._lock:
            self._carry()
            others = self._others()
            votes = self._voted()
            now = self._time.now
            heard = len(self._votes.keys() & others)
            ahead = max(0, votes - now) if votes is not None and now is not None else 0
            return {
                "trusted": now,
                "machine": self._wall.now(),
                "voted": votes,
                "members": len(others),
                "heard": heard,
                "needed": max(len(others) // 2 + 1, LEAST_VOTES),
                "room_s": self._time.room,
                "ahead_s": ahead,
                "confirm": ahead > APART_SECONDS or (now is None and len(others) < LEAST_VOTES),
                "differences": self._differences.report(others),
            }

    def _farthest(self) -> Timestamp:
        with self._lock:
            return max(self._votes.values(), default=Timestamp(0))

    def _carry(self) -> None:
        at = self._monotonic()
        whole = int(at - self._at)
        if whole > 0:
            self._time = carried(self._time, whole)
            self._at += whole

    def _voted(self) -> Timestamp | None:
        others = self._others()
        return voted([time for one, time in self._votes.items() if one in others], len(others))

    def _save(self) -> None:
        self._file.save(self._time)
        self._saved = self._time


class _Latest:
    """A `Clock` that is behind none of others."""

    def __init__(self, wall: Clock, *others: Callable[[], Timestamp]) -> None:
        self._wall = wall
        self._others = others

    def now(self) -> Timestamp:
        """Whole seconds since 1970 UTC."""
        return max(self._wall.now(), self._farthest())

    def today(self) -> Date:
        """The calendar date in Asia/Shanghai, YYYYMMDD."""
        return max(self._wall.today(), date_of(self._farthest()))

    def _farthest(self) -> Timestamp:
        return max(now() for now in self._others)
