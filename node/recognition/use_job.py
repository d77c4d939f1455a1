"""The job of uses 场景使用反馈: says what is kept and not said.

A crash anywhere loses nothing: each run begins from what is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from federation.errors import RefusedError
from node.recognition.use_saying import UseSaying


class UseJob:
    """Runs in a thread of its own."""

    def __init__(self, *, saying: UseSaying, waiting: Callable[[], int]) -> None:
        """Wire the job; `waiting` counts what is not said."""
        self._saying = saying
        self._waiting = waiting
        self._unsaid = ""

    def run(self) -> int:
        """Say what is not said; how much was.

        Raises:
            StoreError: a database; the next run goes on.
        """
        try:
            said = self._saying.run()
        except RefusedError as error:  # nothing may be signed now; `huxin status` says why
            self._unsaid = error.code
            return 0
        self._unsaid = ""
        return said

    def report(self) -> dict[str, Any]:
        """What waits, and why, for `huxin status`."""
        waiting = self._waiting()
        return {"waiting": waiting, "code": self._unsaid if waiting else ""}
