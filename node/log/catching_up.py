"""Which logs are on their way to a checkpoint: what follows behind them waits that long."""

from __future__ import annotations

from federation.ids import Origin
from federation.ports.store import LogHead


class CatchingUp:
    """Remembers how far logs were; one for each stage that follows, asked once in each round."""

    def __init__(self) -> None:
        self._sizes: dict[Origin, int] = {}
        """Of the logs not held up to their checkpoint when they were last looked at."""

    def __bool__(self) -> bool:
        """Whether any log was when it was last looked at."""
        return bool(self._sizes)

    def is_under_way(self, head: LogHead, position: int) -> bool:
        """Whether a log grows towards a checkpoint that it has not reached.

        Both at once would take turns at the writer and the interpreter, and the last leaf would
        be passed no earlier for it. A log that stopped on its way is passed as it is.

        Args:
            head: the log.
            position: how far the stage has come with it.
        """
        if head.size == head.note_size:
            self._sizes.pop(head.origin, None)
            return False
        before = self._sizes.get(head.origin, position)
        self._sizes[head.origin] = head.size
        return head.size > before
