"""One bad item of a job never stops the others.

A job goes through peers, logs, sources, groups of rows. Each is done on its own, under `each`; what
fails is kept and said at the end by `settle`, so that the job counts as failed (`node.runs`) and
names what failed, after everything else was done. No task group: it would cancel the others.

A call of gRPC whose channel is closed by somebody else raises `CancelledError`, as if the job
itself were ended. Whether it is, the task knows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

NAMED: Final = 5
"""Items that failed that one error names; all are counted."""


class Items:
    """The items of one run of a job."""

    def __init__(self) -> None:
        """Begin a run."""
        self._tried = 0
        self._failed: dict[str, Exception] = {}

    @contextmanager
    def each(self, name: str) -> Iterator[None]:
        """Do something for one item; what it raises is kept, and the next item follows.

        Raises:
            asyncio.CancelledError: the job itself is ended.
        """
        self._tried += 1
        try:
            yield
        except asyncio.CancelledError as error:
            if is_ended():
                raise
            self._failed[name] = stray(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this item's
            self._failed[name] = error

    def settle(self) -> None:
        """Say what failed; called once, after all items.

        Raises:
            Exception: the first that an item raised, with the names of all as a note.
        """
        if not self._failed:
            return
        first = next(iter(self._failed.values()))
        shown = [f"{name}: {error}" for name, error in [*self._failed.items()][:NAMED]]
        first.add_note(f"{len(self._failed)} of {self._tried} failed: {'; '.join(shown)}")
        raise first


def is_ended() -> bool:
    """Whether the running task is being cancelled; else a `CancelledError` is somebody else's."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


def stray(error: asyncio.CancelledError) -> ConnectionAbortedError:
    """An error to go on with in place of a cancellation that was not ours."""
    made = ConnectionAbortedError("the connection was closed while it was used")
    made.__cause__ = error
    return made
