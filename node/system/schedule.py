"""When jobs run: what is periodic by the monotonic clock, what follows the calendar by the wall's.

Each job has a task of its own, so it never overlaps itself, and none waits for another.

    periodic   every so many seconds that really passed, on a grid with a beginning by chance (so
               that jobs of one period do not all start at once); runs that were missed are not made
               up for. A jump of the wall clock changes nothing.
    calendar   at the times of a crontab line in Asia/Shanghai. The wall clock is looked at every
               `LOOK_SECONDS` of the monotonic clock: what has come due runs once, however far the
               clock jumped ahead; after a jump back the next time is reckoned anew, from then.

Of APScheduler the triggers are used, which reckon the next time from now in one step. Its scheduler
is not: it sleeps until a time of the wall clock, for years after a jump back, and walks through
every run that was missed after a jump ahead.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from apscheduler.triggers.cron import CronTrigger

from federation.ids import Timestamp
from node.system.clock import CHINA

LOOK_SECONDS: Final = 20.0
"""A job of the calendar runs at most so much later than its time."""
_LAST: Final = Timestamp(253_370_000_000)
"""Late in the year 9998; a clock beyond it is read as this, since calendars end in 9999."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Something done again and again, never twice at once.

    `run` is a coroutine function, or a plain function that runs in a thread and may block.
    """

    name: str
    seconds: float
    run: Callable[[], Awaitable[object]] | Callable[[], object]
    at_once: bool = False
    """Whether it runs at the start too, not only after a period."""
    rests: Callable[[], bool] | None = None
    """Whether a run would find nothing (`node.system.rests`); on the loop, unless it failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarJob:
    """Something done at times of the calendar, never twice at once; `run` as of `Job`.

    It may run again for a day that it has run for already (the clock was set back), and a day may
    be left out (the node was not running): what it does must bear both.
    """

    name: str
    cron: str
    """Minute, hour, day, month, weekday in Asia/Shanghai, as of `crontab`: `30 2 * * *`."""
    run: Callable[[], Awaitable[object]] | Callable[[], object]


AnyJob = Job | CalendarJob


class Running(Protocol):
    """`node.status.job_runs.Runs`."""

    def expect(self, name: str, seconds: float) -> None:
        """Know that a job is to run every so many seconds from now on."""
        ...

    async def run(self, job: AnyJob) -> None:
        """Run a job once; never raises what the job raises."""
        ...


class Almanac:
    """When a job of the calendar is due, by a wall clock that may jump."""

    def __init__(self, cron: str, now: Timestamp) -> None:
        """Reckon the first time after `now`.

        Raises:
            ValueError: no crontab line.
        """
        self._trigger = CronTrigger.from_crontab(cron, timezone=CHINA)
        self._seen = now
        self._next = self._after(now)

    @property
    def seconds(self) -> float:
        """From the next time to the one after it; infinite where there is none."""
        following = None if self._next is None else self._after(_seconds(self._next))
        if self._next is None or following is None:
            return float("inf")
        return (following - self._next).total_seconds()

    def is_due(self, now: Timestamp) -> bool:
        """Whether the job is to run now, once; asked again and again, and told only once."""
        back, self._seen = now < self._seen, now
        due = not back and self._next is not None and _moment(now) >= self._next
        if back or due:
            self._next = self._after(now)
        return due

    def _after(self, now: Timestamp) -> datetime | None:
        found: datetime | None = self._trigger.get_next_fire_time(
            None, _moment(now) + timedelta(seconds=1)
        )
        return found


def _moment(now: Timestamp) -> datetime:
    return datetime.fromtimestamp(min(now, _LAST), CHINA)


def _seconds(moment: datetime) -> Timestamp:
    return Timestamp(int(moment.timestamp()))


class Schedule:
    """Runs the jobs of one node."""

    def __init__(
        self,
        *,
        jobs: Sequence[AnyJob],
        runs: Running,
        clock: Callable[[], float],
        wall: Callable[[], Timestamp],
        random: Callable[[], float],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Wire it.

        Args:
            jobs: what is to be run.
            runs: runs one of them once.
            clock: seconds that only grow.
            wall: seconds UTC, which may jump.
            random: of [0, 1).
            pause: waits so many seconds of `clock`.
        """
        self._jobs = jobs
        self._runs = runs
        self._clock = clock
        self._wall = wall
        self._random = random
        self._pause = pause

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run all jobs until the context ends; then no further run begins.

        A run that blocks a thread is not waited for.
        """
        tasks = [
            asyncio.create_task(
                self._repeat(job) if isinstance(job, Job) else self._by_calendar(job), name=job.name
            )
            for job in self._jobs
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _repeat(self, job: Job) -> None:
        self._runs.expect(job.name, job.seconds)
        if job.at_once:
            await self._runs.run(job)
        begun = self._clock() - job.seconds * self._random() / 2
        while True:
            await self._pause(job.seconds - (self._clock() - begun) % job.seconds)
            await self._runs.run(job)

    async def _by_calendar(self, job: CalendarJob) -> None:
        almanac = Almanac(job.cron, self._wall())
        self._runs.expect(job.name, almanac.seconds)
        while True:
            await self._pause(LOOK_SECONDS)
            if almanac.is_due(self._wall()):
                await self._runs.run(job)
