"""The workers of a node: started when they are wanted, replaced when they die or keys change.

A worker is started by executing this interpreter anew, never by a fork of the node: threads, the
database's connections and gRPC's core do not survive one. It inherits its socket and nothing else;
the keys go through that (`node.workers.process`).

    no worker free, a small batch, none wanted   the batch is read here
    a worker dies of a batch, or is too slow     another one reads it; see `LethalError`
    an answer has not the form                   the worker is ended; the batch is read here
    the key ring changed                         workers with other keys are ended

Whether a batch is read here or there changes nothing but time: answers assume the keys and nothing
else, and the keys are compared when they are used (`Ledger.renewed`).
"""

from __future__ import annotations

import select
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import structlog

from adapters.state.lent_keys import LentKeys
from node.system.clock import monotonic
from node.workers.form import (
    Answer,
    Entitled,
    FormError,
    Question,
    answer_from_bytes,
    question_to_bytes,
)
from node.workers.messages import receive, send
from node.workers.process import FAILED, IDLE_SECONDS, READY, keys_to_bytes

_log = structlog.get_logger()

SMALLEST: Final = 64
"""Leaves; fewer are read sooner here than a worker could be asked (half a millisecond)."""
DEATHS: Final = 2
"""Workers that a batch may cost."""
ANSWER_SECONDS: Final = 30.0
"""A batch takes 50 milliseconds; who needs so long will not end."""
START_SECONDS: Final = 15.0
"""Until a worker that was started counts as one that cannot be; it takes half a second."""
END_SECONDS: Final = 2.0
"""A worker ends at once when its socket is closed; after that it is killed."""
LONGEST_IDLE: Final = IDLE_SECONDS / 2
"""A worker that was asked nothing for so long is ended here before it ends itself: one that ends
while it is asked would look like one that died of the batch."""
POLL_SECONDS: Final = 0.02
"""Between two looks whether a worker has started."""
FAILURES: Final = 3
"""Starts in turn that may fail; then this system lets no worker start, and all is read here."""
_ROOT: Final = str(Path(__file__).resolve().parents[2])
COMMAND: Final = (
    sys.executable,
    "-I",
    "-c",
    f"import sys; sys.path.insert(0, {_ROOT!r}); from node.workers.process import main; main()",
)
"""The same program as this one, wherever another copy of it may be installed."""


MOST_OF_THEMSELVES: Final = 2
"""Workers of a node that states no number: the one process that stores is the slower part then."""


def worker_count(stated: int | Literal["auto"], processors: int) -> int:
    """How many workers a node has: what was stated, else by the processors.

    Two of these are left to the node and its database: on two, workers brought nothing that could
    be told from the spread (docs/performance.md).
    """
    return min(max(processors - 2, 0), MOST_OF_THEMSELVES) if stated == "auto" else stated


class LethalError(Exception):
    """Two workers died of a batch, or nobody could be found to try it again after the first.

    Nobody's fault that could be proved: it may be memory, ours or all that there is. Whoever asked
    goes on without the openings, and does not read them in the node's own process.
    """


@dataclass(slots=True, kw_only=True, eq=False)
class _Worker:
    process: subprocess.Popen[bytes]
    link: socket.socket
    keys: LentKeys
    since: float
    """When it was started, or was free the last time."""


class Workers:
    """A pool of worker processes; any thread."""

    def __init__(self, *, count: int, keys: Callable[[], LentKeys]) -> None:
        """Start nothing yet.

        Args:
            count: how many at most; 0 for none.
            keys: what is lent to them, as the key ring has it now.
        """
        self._count = count
        self._keys = keys
        self._lock = threading.Condition()
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._begun: list[_Worker] = []
        self._waiting = 0
        self._failures = 0
        self._closed = count == 0

    def read(self, question: Question, entitled: Entitled) -> Answer | None:
        """Have a worker read proved leaves.

        Args:
            question: the leaves and their openings.
            entitled: asked what the charters say of each (S7).

        Returns:
            None where they are to be read here.

        Raises:
            LethalError: workers died of it.
        """
        if len(question.leaves) < SMALLEST or self._is_closed():
            return None
        data = question_to_bytes(question)
        for death in range(DEATHS):
            worker = self._take(after_death=death > 0)
            if worker is None:
                if death:
                    break
                return None
            try:
                send(worker.link, data)
                said = receive(worker.link, ANSWER_SECONDS)
            except (OSError, EOFError):
                self._lose(worker)
            else:
                return self._taken(worker, said, question, entitled)
        if self._is_closed():
            return None
        raise LethalError

    def renew(self) -> None:
        """End workers that have other keys than the ring has now, as soon as they are free."""
        with self._lock:
            old = [worker for worker in self._all() if worker.keys != self._keys()]
            for worker in old:
                if worker not in self._busy:
                    self._end(worker)

    def close(self) -> None:
        """End all workers; who waits for one is told that there is none."""
        with self._lock:
            self._closed = True
            workers = self._all()
            for worker in workers:
                with suppress(OSError):
                    worker.link.shutdown(socket.SHUT_RDWR)  # wakes who waits for an answer
            self._lock.notify_all()
        for worker in workers:
            _end_process(worker)
        with self._lock:
            self._idle, self._begun = [], []

    # ---- inner parts, all under the lock unless they say otherwise

    def _is_closed(self) -> bool:
        return self._closed

    def _all(self) -> list[_Worker]:
        return [*self._idle, *self._busy, *self._begun]

    def _take(self, *, after_death: bool) -> _Worker | None:
        """A free worker; starts one where there may be more. Takes the lock itself.

        After a death a new one is waited for, else only those that are busy, and not in a long
        queue: then it goes quicker here.
        """
        ends = monotonic() + START_SECONDS
        with self._lock:
            if self._waiting >= self._count and not after_death:
                return None
            self._waiting += 1
            try:
                while not self._closed and monotonic() < ends:
                    self._welcome()
                    if self._idle:
                        worker = self._idle.pop()
                        self._busy.add(worker)
                        return worker
                    if len(self._all()) < self._count:
                        self._start()
                    if not (self._busy or (after_death and self._begun)):
                        return None
                    self._lock.wait(POLL_SECONDS)
                return None
            finally:
                self._waiting -= 1

    def _start(self) -> None:
        """Start a worker; it is free when it says so. After `FAILURES` none is started any more."""
        if self._failures >= FAILURES:
            return
        ours, theirs = socket.socketpair()
        try:
            process = subprocess.Popen(  # noqa: S603 - this interpreter, our own module
                COMMAND,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
            )
        except OSError as error:
            ours.close()
            self._fail(type(error).__name__)
            return
        finally:
            theirs.close()
        ours.settimeout(ANSWER_SECONDS)
        self._begun.append(
            _Worker(process=process, link=ours, keys=self._keys(), since=monotonic())
        )

    def _fail(self, why: str) -> None:
        self._failures += 1
        _log.warning("worker not started", code="workers.start", error=why)

    def _welcome(self) -> None:
        """Hand the keys to those that have started, and give up those that cannot."""
        for worker in list(self._idle):
            idle = monotonic() - worker.since > LONGEST_IDLE
            if idle or worker.keys != self._keys() or worker.process.poll() is not None:
                self._end(worker)
        for worker in list(self._begun):
            readable, _, _ = select.select([worker.link], [], [], 0)
            late = monotonic() - worker.since > START_SECONDS
            if readable and self._handed_keys(worker):
                self._failures = 0
                self._begun.remove(worker)
                worker.since = monotonic()
                self._idle.append(worker)
            elif readable or late:
                self._fail("late" if late else "ended")
                self._end(worker)

    def _handed_keys(self, worker: _Worker) -> bool:
        """Hand the keys to a worker that says something; False where that is not that it may."""
        try:
            if receive(worker.link, 1.0) != READY:
                return False
            worker.keys = self._keys()
            send(worker.link, keys_to_bytes(worker.keys))
        except (OSError, EOFError):
            return False
        return True

    def _taken(
        self, worker: _Worker, said: bytes, question: Question, entitled: Entitled
    ) -> Answer | None:
        """Give a worker back, and read what it said; without the lock."""
        answer: Answer | None = None
        sound = True
        if said != FAILED:
            try:
                answer = answer_from_bytes(said, question, entitled)
                sound = answer.key == worker.keys.number
            except FormError as error:
                sound = False
                _log.error("worker ended", code="workers.form", error=str(error))
        with self._lock:
            self._busy.discard(worker)
            if sound and not self._closed and worker.keys == self._keys():
                worker.since = monotonic()
                self._idle.append(worker)
            else:
                self._end(worker)
            self._lock.notify_all()
        return answer if sound else None

    def _lose(self, worker: _Worker) -> None:
        """A worker died, or does not answer; without the lock."""
        with self._lock:
            self._busy.discard(worker)
            if not self._closed:
                _log.warning("worker lost", code="workers.lost", status=worker.process.poll())
            self._end(worker)
            self._lock.notify_all()

    def _end(self, worker: _Worker) -> None:
        for among in (self._idle, self._begun):
            if worker in among:
                among.remove(worker)
        worker.process.kill()
        _end_process(worker)


def _end_process(worker: _Worker) -> None:
    worker.link.close()
    try:
        worker.process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        worker.process.kill()
        worker.process.wait()
