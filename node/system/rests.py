"""When a job that looks again and again for what was written may rest.

A node at rest looks into its store some ten times a second for nothing. A job that acts on what is
written looks after each write, while it holds something back, and every `REST_SECONDS` all the
same: what it depends on beside the store (charters, files, the day, another process) tells nobody.
One that failed does not rest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from node.system.clock import monotonic

REST_SECONDS: Final = 5.0


class Written(Protocol):
    """`federation.ports.store.Store`, as far as it is asked here."""

    @property
    def written(self) -> int:
        """A number that grows with each write."""
        ...


class Rests:
    """Of one job; asked before each of its runs, and when it says no, the job runs."""

    def __init__(
        self,
        *,
        store: Written,
        waits: Callable[[], bool],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Wire it.

        Args:
            store: what the job looks into.
            waits: whether it holds something back that time alone brings on.
            clock: seconds that only grow.
        """
        self._store = store
        self._waits = waits
        self._clock = clock
        self._seen = -1
        self._until = 0.0

    def __call__(self) -> bool:
        """Whether there is nothing to look at."""
        written, now = self._store.written, self._clock()
        if written == self._seen and now < self._until and not self._waits():
            return True
        self._seen, self._until = written, now + REST_SECONDS
        return False
