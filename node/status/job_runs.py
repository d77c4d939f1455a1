"""Runs of the jobs of the schedule: what the log says of one that fails, and what the status.

A job that meets a full disk or a database that is away fails every second. It is said once in the
same words, and again when the words change or `REPEAT_SECONDS` are over, so that the log of a node
does not itself take the room that is left.

The status names a job that failed twice in a row, with its code, and one that has not ended for
three of its periods, by the monotonic clock: whatever keeps it, it is not silent. Each plain
function has a thread of its own: a job that hangs keeps no other waiting.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, cast

import grpc
import structlog

from adapters.errors import AdapterError
from node.network.errors import error_of
from node.system.item_errors import is_ended, stray
from node.system.schedule import AnyJob, Job
from node.texts.messages import spoken

_log = structlog.get_logger()

REPEAT_SECONDS: Final = 300.0
LATE_PERIODS: Final = 3
LATE_LEAST_SECONDS: Final = 60.0
"""A job of a short period is late after this: one that takes in a large file is at work."""
FAILURES: Final = 2
"""In a row, from which on the status names a job: what passes by itself is no problem."""
THREADS: Final = 64
"""More than a node has jobs; a thread is made only when none is free."""


@dataclass(slots=True)
class _State:
    seconds: float
    since: float
    """When it ended last, or was first expected."""
    at_work: bool = False
    failures: int = 0
    """In a row."""
    failed: int = 0
    """Since the start."""
    code: str = ""
    message: str = ""
    said: str = ""
    said_at: float = 0.0


class JobRuns:
    """Runs jobs, each on the loop or in a thread of its own; for one node's schedule."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Take seconds that only grow."""
        self._clock = clock
        self._states: dict[str, _State] = {}
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="job")

    def expect(self, name: str, seconds: float) -> None:
        """Know that a job is to run every so many seconds from now on."""
        self._states[name] = _State(seconds, self._clock())

    async def run(self, job: AnyJob) -> None:
        """Run a job once; one that fails is tried again at its next time."""
        state = self._states.setdefault(job.name, _State(float("inf"), self._clock()))
        rests = job.rests if isinstance(job, Job) and not state.failures else None
        if rests is not None and rests():
            state.since = self._clock()
            return
        state.at_work = True
        try:
            if inspect.iscoroutinefunction(job.run):
                await cast("Awaitable[object]", job.run())
            else:
                await asyncio.get_running_loop().run_in_executor(self._threads, job.run)
        except asyncio.CancelledError as error:
            if is_ended():
                raise
            self._failed(job.name, state, stray(error))
        except Exception as error:  # noqa: BLE001 - one job's trouble is not the others'
            self._failed(job.name, state, error)
        else:
            if state.said:
                _log.info("job runs again", job=job.name)
            state.failures, state.code, state.message, state.said = 0, "", "", ""
        state.since, state.at_work = self._clock(), False

    def close(self) -> None:
        """Wait for the runs that are under way; none begins any more."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def report(self) -> list[dict[str, Any]]:
        """The `jobs` part of the status; any thread.

        Of each job `name`, `seconds` since it ended last, whether it is `late`, `failures` in a
        row, `failed` runs since the start, and the `code` and `message` of the last one, empty
        where it did not fail.
        """
        now = self._clock()
        return [
            {
                "name": name,
                "seconds": int(now - state.since),
                "late": now - state.since > _patience(state),
                "at_work": state.at_work,
                "failures": state.failures,
                "failed": state.failed,
                "code": state.code,
                "message": state.message,
            }
            for name, state in sorted(self._states.copy().items())
        ]

    def _failed(self, name: str, state: _State, error: Exception) -> None:
        words = in_words(error)
        state.failures += 1
        state.failed += 1
        state.code, state.message = code_of(error), words
        now = self._clock()
        if words == state.said and now - state.said_at < REPEAT_SECONDS:
            return
        state.said, state.said_at = words, now
        if state.code == "job.failed":
            _log.error("job failed", code=state.code, job=name, exc_info=error)
        else:
            _log.error("job waits", code=state.code, job=name, error=words)


def _patience(state: _State) -> float:
    return max(LATE_PERIODS * state.seconds, LATE_LEAST_SECONDS)


def code_of(error: Exception) -> str:
    """The stable code of what kept a job, or an item of one, from being done."""
    if isinstance(error, grpc.aio.AioRpcError):
        return error_of(error).code
    code = getattr(error, "code", "")
    if isinstance(code, str) and code:
        return code
    match error:
        case AdapterError():
            return "store.failed"
        case ConnectionError():
            return "peer.unavailable"
        case OSError():
            return "system.failed"
        case _:
            return "job.failed"


def in_words(error: Exception) -> str:
    """What happened, and to which items (`node.system.item_errors`)."""
    if isinstance(error, grpc.aio.AioRpcError):
        said = str(error_of(error))
    else:
        said = f"{type(error).__name__}: {error}"
    return " | ".join((said, *getattr(error, "__notes__", ())))


def problems(jobs: Iterable[dict[str, Any]]) -> Iterable[tuple[str, str]]:
    """Code and message of each job that the status must name."""
    for job in jobs:
        if job["failures"] >= FAILURES:
            chinese, english = (
                spoken(job["code"], job["message"], english=one) for one in (False, True)
            )
            yield (
                job["code"],
                (
                    f"任务 {job['name']} 连续 {job['failures']} 次未成：{chinese} / "
                    f"job {job['name']} failed {job['failures']} times in a row: {english}"
                ),
            )
        if job["late"]:
            chinese, english = (
                ("已办理", "is at work since")
                if job["at_work"]
                else ("未运行已有", "has not run for")
            )
            yield (
                "job.late",
                (
                    f"任务 {job['name']} {chinese} {job['seconds']} 秒 / "
                    f"job {job['name']} {english} {job['seconds']} s"
                ),
            )
