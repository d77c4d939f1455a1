"""One run of a job of the schedule, and what the log says of one that fails.

A job that meets a full disk or a database that is away fails every second. It is said once in the
same words, and again when the words change or `REPEAT_SECONDS` are over, so that the log of a node
does not itself take the room that is left.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import Final

import structlog

from adapters.errors import AdapterError
from node.parts import Job

_log = structlog.get_logger()

REPEAT_SECONDS: Final = 300.0


class Runs:
    """Runs jobs, each on the loop or in a thread of its own; for one node's schedule."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Take seconds that only grow."""
        self._clock = clock
        self._said: dict[str, tuple[str, float]] = {}

    async def run(self, job: Job) -> None:
        """Run a job once; one that fails is tried again at its next time."""
        try:
            if inspect.iscoroutinefunction(job.run):
                await job.run()
            else:
                await asyncio.to_thread(job.run)
        except Exception as error:  # noqa: BLE001 - one job's trouble is not the others'
            self._failed(job.name, error)
        else:
            if self._said.pop(job.name, None):
                _log.info("job runs again", job=job.name)

    def _failed(self, name: str, error: Exception) -> None:
        words = f"{type(error).__name__}: {error}"
        said, at = self._said.get(name, ("", 0.0))
        now = self._clock()
        if words == said and now - at < REPEAT_SECONDS:
            return
        self._said[name] = (words, now)
        match error:
            case AdapterError():
                _log.error("job waits", code="store.failed", job=name, error=str(error))
            case OSError():
                _log.error("job waits", code="system.failed", job=name, error=words)
            case _:
                _log.error("job failed", code="job.failed", job=name, exc_info=error)
