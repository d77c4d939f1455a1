"""Questions that are answered together: a thread takes all that wait, in the order they came.

    asked = together.ask(question)      # a future
    …                                   # `answer` is given a group, and settles each one's future

What a group costs once (a snapshot, a transaction) it costs for all of them; it is answered in the
context of the first. While one thread waits
for the disk another begins with what has come meanwhile; none of them waits for a group to fill.
The lock guards the queue alone.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import Context, copy_context
from typing import Final, Generic, TypeVar

from node.system.tracing import span

Q = TypeVar("Q")
A = TypeVar("A")

THREADS: Final = 2
"""Groups under way: one is read while one waits for the disk. More only take turns."""
GROUP_MAX: Final = 32
"""Questions in one group; more would only let the first of them wait."""


class Together(Generic[Q, A]):
    """Answers questions in groups, on threads of its own."""

    def __init__(
        self, answer: Callable[[Sequence[tuple[Q, Future[A]]]], None], *, name: str
    ) -> None:
        """Wire it.

        Args:
            answer: answers a group; a future that it leaves open gets what it raised.
            name: of the threads, and of the span of a group.
        """
        self._answer, self._name = answer, name
        self._executor = ThreadPoolExecutor(THREADS, thread_name_prefix=name)
        self._lock = threading.Lock()
        self._waiting: deque[tuple[Q, Future[A], Context]] = deque()
        self._running = 0

    def ask(self, question: Q) -> Future[A]:
        """Let a question be answered with what else waits."""
        future: Future[A] = Future()
        with self._lock:
            self._waiting.append((question, future, copy_context()))
            begins = self._running < THREADS
            self._running += begins
        if begins:
            self._executor.submit(self._run)
        return future

    def _run(self) -> None:
        while group := self._taken():
            taken = [one for one in group if one[1].set_running_or_notify_cancel()]
            asked = [(question, future) for question, future, _ in taken]
            try:
                if taken:
                    taken[0][2].run(self._answered, asked)
            except BaseException as error:  # noqa: BLE001 - whoever waits is told, whatever it is
                for _, future in asked:
                    if not future.done():
                        future.set_exception(error)

    def _answered(self, asked: Sequence[tuple[Q, Future[A]]]) -> None:
        with span(self._name, questions=len(asked)):
            self._answer(asked)

    def _taken(self) -> Sequence[tuple[Q, Future[A], Context]]:
        with self._lock:
            count = min(len(self._waiting), GROUP_MAX)
            if not count:
                self._running -= 1
            return [self._waiting.popleft() for _ in range(count)]
