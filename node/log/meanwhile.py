"""What is written while something is read and decided outside the writer.

Reading and deciding may take long, so jobs do it in a snapshot of their own and hand the writer
what they found. What was written between the two, they did not see. They ask here, on the writer's
thread, where nothing more can come between:

    with meanwhile.watch() as touched:            # before the snapshot begins
        with store.read() as session:
            found = judge(session)
        writer.submit(partial(keep, found, touched)).result()    # reads `touched`

A transaction that was durable before the snapshot began may be named as well, one that came after
it always is: whatever is taken for late without being so is judged once more, and nothing else.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from federation.ports.touched import Listened, Touched


class Meanwhile:
    """Notes what transactions touch, for whoever is reading; any thread."""

    def __init__(self, store: Listened) -> None:
        """Listen to a store, as long as it is open."""
        self._lock = threading.Lock()
        self._watched: list[Touched] = []
        store.listen(self._heard)

    @contextmanager
    def watch(self) -> Iterator[Touched]:
        """What is touched from now on; complete for whoever reads it on the writer's thread."""
        touched = Touched()
        with self._lock:
            self._watched.append(touched)
        try:
            yield touched
        finally:
            with self._lock:
                self._watched = [one for one in self._watched if one is not touched]

    def _heard(self, touched: Touched) -> None:
        with self._lock:
            for one in self._watched:
                one.add(touched)
