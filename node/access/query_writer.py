"""The query store's one writer: a thread that commits what waits in groups.

    writer.submit(unit).result()     # what the unit wrote is durable by then

While one group is being committed, further units queue up and go into the next transaction
together. Of several each has a savepoint: what one refuses or breaks is none of the others'. The
lock guards the queue alone, and nothing is done under it. The writer's own thread never waits for a
future: it would wait for itself.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import Context, copy_context
from typing import Any, Final, TypeVar

from adapters.errors import AdapterError, ConflictError, StoreError
from adapters.sql.engine import translated
from adapters.sql.query_store import QueryStore, QueryWrites
from node.system.failpoints import Failpoints

T = TypeVar("T")
Unit = Callable[[QueryWrites], T]
"""What is to be written, as one: it is kept whole or not at all."""

GROUP_MAX: Final = 256
"""Units in one transaction; more would only let the first of them wait."""


class QueryWriter:
    """Runs units on one thread, many in a transaction."""

    def __init__(
        self,
        store: QueryStore,
        *,
        group_max: int = GROUP_MAX,
        failpoints: Failpoints | None = None,
    ) -> None:
        """Begin; the thread starts with the first unit."""
        self._store = store
        self._failpoints = failpoints or Failpoints()
        self._group_max = group_max
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="query-writer")
        self._lock = threading.Lock()
        self._queue: deque[tuple[Unit[Any], Future[Any], Context]] = deque()
        self._trouble: Exception | None = None

    @property
    def trouble(self) -> Exception | None:
        """What kept the last group from being written, or None; any thread."""
        return self._trouble

    def submit(self, unit: Unit[T]) -> Future[T]:
        """Write a unit.

        Returns:
            Resolves with what the unit returned, once that is durable; raises what the unit
            raised, or StoreError where the group could not be committed: nothing of the unit is
            kept then.

        Raises:
            RuntimeError: the writer was closed.
        """
        future: Future[T] = Future()
        with self._lock:
            self._queue.append((unit, future, copy_context()))
        self._executor.submit(self._write_group)
        return future

    def close(self) -> None:
        """Finish what is queued and end the thread."""
        self._executor.shutdown(wait=True)

    def _write_group(self) -> None:
        with self._lock:
            count = min(len(self._queue), self._group_max)
            group = [self._queue.popleft() for _ in range(count)]
        if not group:
            return
        try:
            done = group[0][2].run(self._written, [(unit, future) for unit, future, _ in group])
        except BaseException as error:  # noqa: BLE001 - whoever waits must be told, whatever it is
            if isinstance(error, AdapterError | OSError) and not isinstance(error, ConflictError):
                self._trouble = error
            for _, future, _ in group:
                future.set_exception(error)
            return
        self._trouble = None
        for future, result, refusal in done:
            if refusal is None:
                future.set_result(result)
            else:
                future.set_exception(refusal)

    def _written(
        self, group: Sequence[tuple[Unit[Any], Future[Any]]]
    ) -> list[tuple[Future[Any], Any, Exception | None]]:
        """Write units in one transaction; what each returned, or raised."""
        with self._failpoints.at("queries.record"), self._store.write() as writes:
            tried = _alone if len(group) == 1 else _tried
            return [(future, *tried(writes, unit)) for unit, future in group]


def _alone(writes: QueryWrites, unit: Unit[T]) -> tuple[T, None]:
    """What a unit returned that has the transaction for itself; what it raises ends that."""
    return unit(writes), None


def _tried(writes: QueryWrites, unit: Unit[T]) -> tuple[T | None, Exception | None]:
    """What a unit returned, or what it raised, in which case nothing of it is kept.

    Raises:
        StoreError: the database may have given up the whole transaction.
    """
    try:
        with translated(), writes.saved():
            return unit(writes), None
    except Exception as error:
        if isinstance(error, StoreError) and not isinstance(error, ConflictError):
            raise
        return None, error
