"""Errors of single items of a job: one bad item is told and never stops the others.

A job goes through peers, logs, sources, groups of rows. Each is done on its own, under `each`; what
fails is kept and said at the end by `settle`, so that the job counts as failed
(`node.status.job_runs`) and names what failed, after everything else was done:

    items = ItemErrors()
    for peer in peers:
        with items.each(peer):  # what this raises is kept, and the next peer has its turn
            ask(peer)
    items.settle()

No task group: it would cancel the others.

A call of gRPC whose channel is closed by somebody else raises `CancelledError`, as if the job
itself were ended (`node.network.answering`). Whether it is, the task knows.
"""

from __future__ import annotations

import asyncio
from typing import Final

import grpc

NAMED: Final = 5
"""Items that failed that one error names; all are counted."""


class ItemErrors:
    """The items of one run of a job."""

    def __init__(self) -> None:
        """Begin a run."""
        self.tried = 0
        self.failed: dict[str, Exception] = {}

    def each(self, name: str) -> _Item:
        """Do something for one item; what it raises is kept, and the next item follows.

        Only where the task itself is being cancelled, `CancelledError` ends the job.
        """
        self.tried += 1
        return _Item(self, name)

    def settle(self) -> None:
        """Say what failed; called once, after all items.

        Raises:
            Exception: what `first` returns.
        """
        if (error := self.first()) is not None:
            raise error

    def first(self) -> Exception | None:
        """The first that an item raised, with the names of all as a note; called once."""
        if not self.failed:
            return None
        first = next(iter(self.failed.values()))
        shown = [f"{name}: {error}" for name, error in [*self.failed.items()][:NAMED]]
        first.add_note(f"{len(self.failed)} of {self.tried} failed: {'; '.join(shown)}")
        return first


class _Item:
    """The guard of one item."""

    def __init__(self, items: ItemErrors, name: str) -> None:
        self._items = items
        self._name = name

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> bool:
        if isinstance(error, asyncio.CancelledError) and not is_ended():
            error = stray(error)
        if not isinstance(error, Exception):
            return False
        self._items.failed[self._name] = error
        return True


def is_ended() -> bool:
    """Whether the running task is being cancelled; else a `CancelledError` is somebody else's."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


def stray(error: BaseException) -> ConnectionAbortedError:
    """An error to go on with in place of one that is not ours: the line was closed."""
    made = ConnectionAbortedError("the connection was closed while it was used")
    made.__cause__ = error
    return made


def is_silence(error: Exception) -> bool:
    """Whether a peer did not answer, rather than that it could not answer this."""
    if isinstance(error, grpc.aio.AioRpcError):
        return error.code() in (grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNAVAILABLE)
    return isinstance(error, OSError)
