"""What is shown of each log, and which logs changed last: a stream looks at those alone.

A node of three hundred logs has as many streams, and each statement wakes all of them; none walks
over the logs of which it has told everything.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping

from federation.ids import Origin
from node.peers.serving import Served


class ServedLogs(Mapping[Origin, Served]):
    """Set on the writer thread; read on any."""

    def __init__(self) -> None:
        """Nothing is shown yet."""
        self._lock = threading.Lock()
        self._logs: dict[Origin, Served] = {}
        self._changed: dict[Origin, int] = {}
        """At which change each log was set last, the latest at the end."""
        self.changes = 0

    def __getitem__(self, origin: Origin) -> Served:
        """What is shown of a log."""
        return self._logs[origin]

    def __iter__(self) -> Iterator[Origin]:
        """The logs, as they were when one began to look."""
        return iter(tuple(self._logs))

    def __len__(self) -> int:
        """How many logs are shown."""
        return len(self._logs)

    def show(self, origin: Origin, served: Served) -> None:
        """Show this of a log."""
        with self._lock:
            self._logs[origin] = served
            self.changes += 1
            self._changed.pop(origin, None)
            self._changed[origin] = self.changes

    def since(self, seen: int) -> tuple[int, list[Origin]]:
        """The number of changes now, and the logs that were set after so many of them."""
        found: list[Origin] = []
        with self._lock:
            for origin, change in reversed(self._changed.items()):
                if change <= seen:
                    break
                found.append(origin)
            return self.changes, found
