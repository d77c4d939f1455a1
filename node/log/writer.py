"""The one writer: a thread on which everything runs that changes the store.

Any thread hands it work and waits for the future, the writer's own thread never does: it would wait
for itself.

    writer.run(job)                   # a job that changes rows, e.g. keeps findings and a cursor
    writer.publish(unit).result()     # statements of our own; their checkpoint is signed by then

Publishing is grouped: while one group is being committed, further units queue up and go into the
next transaction and the next checkpoint together. The lock guards that queue alone, and nothing is
done under it.

What keeps the store from being written (a full or read-only disk, a database that is away) is
`trouble` until something was published again, or nothing has failed for `TROUBLE_SECONDS`.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import Context, copy_context
from typing import Final, Protocol, TypeVar

from adapters.errors import AdapterError
from federation.errors import RefusedError
from node.log.publisher import Publisher
from node.log.units import Placed, Unit
from node.system.clock import monotonic
from node.system.tracing import point, span

T = TypeVar("T")

TROUBLE_SECONDS: Final = 120.0
"""Twice as long as between two renewals of our head, which write."""


class WriteThread(Protocol):
    """`Writer`, for whoever runs jobs and publishes nothing."""

    def submit(self, job: Callable[[], T]) -> Future[T]:
        """Run a job on the writer thread."""
        ...


class OnWriter(Protocol):
    """`Writer.run`, for whoever waits for each of its jobs."""

    def __call__(self, job: Callable[[], T]) -> T:
        """Run a job on the writer thread, wait for it and return what it returns."""
        ...


class UnitWriter(Protocol):
    """`Writer`, for whoever publishes."""

    def publish(self, unit: Unit) -> Future[list[Placed]]:
        """Publish a unit; the future resolves when its checkpoint is signed and persisted."""
        ...


class Writer:
    """Runs write jobs one after the other, and publishes units in groups."""

    def __init__(
        self,
        publisher: Publisher,
        shown: Callable[[], None],
        group_max: int,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Start the thread.

        Args:
            publisher: our own log.
            shown: called on the writer thread when a new note of our log is persisted.
            group_max: units in one transaction.
            clock: seconds that only grow.
        """
        self._publisher = publisher
        self._shown = shown
        self._group_max = group_max
        self._clock = clock
        self._trouble: tuple[Exception, float] | None = None
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="writer")
        self._lock = threading.Lock()
        self._queue: deque[tuple[Unit, Future[list[Placed]], Context]] = deque()

    def submit(self, job: Callable[[], T]) -> Future[T]:
        """Run a job on the writer thread."""

        def watched() -> T:
            try:
                return job()
            except (AdapterError, OSError) as error:
                self._trouble = (error, self._clock())
                raise

        return self._executor.submit(copy_context().run, watched)

    @property
    def trouble(self) -> Exception | None:
        """What keeps the store from being written; any thread."""
        found = self._trouble
        if found is None or self._clock() - found[1] > TROUBLE_SECONDS:
            return None
        return found[0]

    def run(self, job: Callable[[], T]) -> T:
        """Run a job on the writer thread and wait for it; never called on that thread."""
        return self.submit(job).result()

    def publish(self, unit: Unit) -> Future[list[Placed]]:
        """Publish a unit; the future resolves when its checkpoint is signed and persisted.

        The future raises RefusedError when the unit or all signing is refused, StoreError when
        the database failed.
        """
        future: Future[list[Placed]] = Future()
        with self._lock:
            self._queue.append((unit, future, copy_context()))
        self._executor.submit(self._publish_group)
        return future

    def close(self) -> None:
        """Finish what is queued and end the thread."""
        self._executor.shutdown(wait=True)

    def _publish_group(self) -> None:
        with self._lock:
            count = min(len(self._queue), self._group_max)
            group = [self._queue.popleft() for _ in range(count)]
        if not group:
            return
        try:
            # Where a trace is recorded, the group stands below the first that asked for it.
            results = group[0][2].run(self._publish, [unit for unit, _, _ in group])
            if not all(isinstance(result, RefusedError) for result in results):
                self._trouble = None
            self._shown()
        except BaseException as error:  # noqa: BLE001 - whoever waits must be told, whatever it is
            if isinstance(error, AdapterError | OSError):
                self._trouble = (error, self._clock())
            for _, future, _ in group:
                future.set_exception(error)
            return
        for (_, future, _), result in zip(group, results, strict=True):
            if isinstance(result, RefusedError):
                future.set_exception(result)
            else:
                future.set_result(result)

    def _publish(self, units: Sequence[Unit]) -> Sequence[list[Placed] | RefusedError]:
        with span("publish", units=len(units)):
            results = self._publisher.publish(units)
        for placed in results:
            for one in () if isinstance(placed, RefusedError) else placed:
                if one.lifts is not None:
                    point("relief said", one.lifts, first=True)
        return results
