"""The schedule under clocks that jump, and what is known of jobs that fail or never end.

Covers node/status/job_runs.py, node/system/item_errors.py, node/system/rests.py.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from heapq import heappop, heappush
from typing import Any

import grpc
import pytest
from grpc.aio import AioRpcError, Metadata

from adapters.errors import FullError
from federation.errors import RefusedError
from federation.ids import Timestamp
from node.status.job_runs import LATE_LEAST_SECONDS, JobRuns, code_of, problems
from node.system.item_errors import ItemErrors
from node.system.rests import REST_SECONDS, Rests
from node.system.schedule import LOOK_SECONDS, Almanac, AnyJob, CalendarJob, Job, Schedule

DAY = 86_400
EVENING = Timestamp(1_795_881_600)  # 2026-11-29 00:00 in Asia/Shanghai
NIGHTLY = "30 2 * * *"


class Time:
    """Monotonic seconds that pass when the test says so, beside a wall clock that may be set."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.offset = EVENING - 1000
        self._waiting: list[tuple[float, int, asyncio.Event]] = []
        self.pauses: list[float] = []

    def clock(self) -> float:
        return self.seconds

    def wall(self) -> Timestamp:
        return Timestamp(int(self.seconds) + self.offset)

    def jump(self, seconds: int) -> None:
        self.offset += seconds

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        event = asyncio.Event()
        heappush(self._waiting, (self.seconds + seconds, len(self.pauses), event))
        await event.wait()

    async def pass_(self, seconds: float) -> None:
        end = self.seconds + seconds
        await _settled()
        while self._waiting and self._waiting[0][0] <= end:
            self.seconds, _, event = heappop(self._waiting)
            event.set()
            await _settled()
        self.seconds = end


async def _settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


class Counted:
    """A job that counts its runs."""

    def __init__(self, act: Callable[[], Coroutine[Any, Any, None]] | None = None) -> None:
        self.runs = 0
        self._act = act

    async def run(self) -> None:
        self.runs += 1
        if self._act is not None:
            await self._act()


def schedule(time: Time, jobs: Sequence[AnyJob], runs: JobRuns) -> Schedule:
    return Schedule(
        jobs=jobs,
        runs=runs,
        clock=time.clock,
        wall=time.wall,
        random=lambda: 0.5,
        pause=time.pause,
    )


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def runs(time: Time) -> Iterator[JobRuns]:
    made = JobRuns(time.clock)
    yield made
    made.close()


@pytest.mark.parametrize("jump", [-300 * DAY, 3650 * DAY], ids=["back", "ahead"])
async def test_what_is_periodic_goes_on_through_a_jump_of_the_wall_clock(
    time: Time, runs: JobRuns, jump: int
) -> None:
    job = Counted()
    async with schedule(time, [Job(name="a", seconds=10, run=job.run)], runs).running():
        await time.pass_(100)
        assert job.runs == 10
        time.jump(jump)
        await time.pass_(100)
        assert job.runs == 20, "neither asleep for the length of the jump nor run for each period"


async def test_jobs_begin_by_chance_within_their_first_period_and_one_at_once(
    time: Time, runs: JobRuns
) -> None:
    early, late = Counted(), Counted()
    jobs = (
        Job(name="early", seconds=40, run=early.run, at_once=True),
        Job(name="late", seconds=40, run=late.run),
    )
    async with schedule(time, jobs, runs).running():
        await time.pass_(0)
        assert (early.runs, late.runs) == (1, 0)
        assert time.pauses == [30, 30]
        await time.pass_(30)
        assert (early.runs, late.runs) == (2, 1)


async def test_a_long_run_is_neither_overlapped_nor_made_up_for(time: Time, runs: JobRuns) -> None:
    async def long() -> None:
        await time.pause(35)

    job = Counted(long)
    async with schedule(time, [Job(name="a", seconds=10, run=job.run)], runs).running():
        await time.pass_(7.5)
        assert job.runs == 1
        await time.pass_(35)
        assert job.runs == 1
        await time.pass_(4.9)
        assert job.runs == 1
        await time.pass_(0.2)
        assert job.runs == 2


@pytest.mark.parametrize("jump", [0, 3650 * DAY, 4_000_000 * DAY], ids=["none", "ahead", "far"])
async def test_a_job_of_the_calendar_runs_once_however_far_the_clock_jumped(
    time: Time, runs: JobRuns, jump: int
) -> None:
    job = Counted()
    async with schedule(
        time, [CalendarJob(name="nightly", cron=NIGHTLY, run=job.run)], runs
    ).running():
        await time.pass_(9000 - 10)
        assert job.runs == 0
        time.jump(jump)
        await time.pass_(600)
        assert job.runs == 1
        assert set(time.pauses) == {LOOK_SECONDS}


async def test_after_a_jump_back_a_job_of_the_calendar_runs_in_the_next_night(
    time: Time, runs: JobRuns
) -> None:
    job = Counted()
    async with schedule(
        time, [CalendarJob(name="nightly", cron=NIGHTLY, run=job.run)], runs
    ).running():
        await time.pass_(9100)
        assert job.runs == 1
        time.jump(-300 * DAY - 600)
        await time.pass_(60)
        assert job.runs == 1
        await time.pass_(600)
        assert job.runs == 2


def test_times_of_the_calendar_are_those_of_shanghai() -> None:
    almanac = Almanac(NIGHTLY, EVENING)
    night = Timestamp(EVENING + 9000)
    assert almanac.seconds == DAY
    assert not almanac.is_due(Timestamp(night - 1))
    assert almanac.is_due(night)
    assert not almanac.is_due(night)
    with pytest.raises(ValueError, match="fields"):
        Almanac("at night", EVENING)


# ------------------------------------------------------------------ what is known of them


async def test_a_job_that_failed_twice_in_a_row_is_a_problem_with_its_code(runs: JobRuns) -> None:
    errors: list[Exception | None] = [
        FullError("full"),
        None,
        RefusedError("disk.reserve", "no room"),
        OSError(28, "No space left on device"),
        FullError("full"),
        None,
    ]
    said = []

    async def act() -> None:
        error = errors.pop(0)
        if error is not None:
            raise error

    runs.expect("a", 1)
    for _ in range(6):
        await runs.run(Job(name="a", seconds=1, run=act))
        said.append([code for code, _ in problems(runs.report())])
    assert said == [[], [], [], ["system.failed"], ["store.failed"], []]
    (row,) = runs.report()
    assert (row["failures"], row["failed"], row["code"]) == (0, 4, "")


async def test_a_job_that_has_not_ended_in_three_of_its_periods_is_a_problem(
    time: Time, runs: JobRuns
) -> None:
    async def hangs() -> None:
        await time.pause(10_000)

    jobs = (
        Job(name="slow", seconds=100, run=Counted(hangs).run),
        Job(name="quick", seconds=1, run=Counted().run),
    )
    async with schedule(time, jobs, runs).running():
        await time.pass_(299)
        assert list(problems(runs.report())) == []
        time.jump(3650 * DAY)
        await time.pass_(2)
        (found,) = problems(runs.report())
        assert found == (
            "job.late",
            "任务 slow 已办理 301 秒 / job slow is at work since 301 s",
        )


def test_a_job_of_a_short_period_may_be_at_work_for_a_minute(time: Time, runs: JobRuns) -> None:
    runs.expect("a", 0.25)
    time.seconds += LATE_LEAST_SECONDS
    assert list(problems(runs.report())) == []
    time.seconds += 1
    assert list(problems(runs.report())) == [
        ("job.late", "任务 a 未运行已有 61 秒 / job a has not run for 61 s")
    ]


async def test_jobs_that_hang_keep_no_other_from_its_thread(runs: JobRuns) -> None:
    release, done = threading.Event(), threading.Event()
    hanging = [
        asyncio.create_task(runs.run(Job(name=f"p{n}", seconds=1, run=release.wait)))
        for n in range(40)
    ]
    await _settled()
    relief = asyncio.create_task(runs.run(Job(name="relief", seconds=1, run=done.set)))
    await asyncio.wait([relief], timeout=60)
    release.set()
    assert relief.done()
    await asyncio.gather(*hanging)


class Changing:
    """A store of which only is known how often it was written."""

    written = 0


async def test_a_job_rests_until_something_is_written_or_it_waits_or_failed_or_has_rested_long(
    time: Time, runs: JobRuns
) -> None:
    store, waiting, failing = Changing(), False, False

    async def run() -> None:
        if failing:
            raise FullError("full")

    counted = Counted(run)
    rests = Rests(store=store, waits=lambda: waiting, clock=time.clock)
    job = Job(name="a", seconds=1, run=counted.run, rests=rests)

    async def ran(times: int = 3) -> int:
        before = counted.runs
        for _ in range(times):
            await runs.run(job)
        return counted.runs - before

    assert await ran() == 1, "after a start"
    assert await ran() == 0
    store.written += 1
    assert await ran() == 1
    waiting = True
    assert await ran() == 3
    waiting = False
    assert await ran() == 0
    time.seconds += REST_SECONDS
    assert await ran() == 1
    failing, store.written = True, 9
    assert await ran() == 3
    failing = False
    assert await ran() == 1, "until it has succeeded"
    time.seconds += 1
    assert await ran() == 0
    assert runs.report()[0]["seconds"] == 0, "nor is a job late that rests"


async def test_a_call_that_somebody_else_cancelled_ends_no_job(time: Time, runs: JobRuns) -> None:
    async def closed_channel() -> None:
        raise asyncio.CancelledError

    job = Counted(closed_channel)
    async with schedule(time, [Job(name="a", seconds=10, run=job.run)], runs).running():
        await time.pass_(25)
    assert job.runs == 2
    assert [code for code, _ in problems(runs.report())] == ["peer.unavailable"]


async def test_a_job_that_is_ended_ends(runs: JobRuns) -> None:
    begun = asyncio.Event()

    async def waits() -> None:
        begun.set()
        with ItemErrors().each("a"):
            await asyncio.Event().wait()

    task = asyncio.create_task(runs.run(Job(name="a", seconds=10, run=waits)))
    await begun.wait()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


# ------------------------------------------------------------------ items


def test_one_bad_item_stops_no_other_and_is_named() -> None:
    items, done = ItemErrors(), []
    for number in range(10):
        with items.each(f"log {number}"):
            if number % 3 == 0:
                raise FullError(f"no room for {number}")
            done.append(number)
    assert done == [1, 2, 4, 5, 7, 8]
    with pytest.raises(FullError, match="no room for 0") as caught:
        items.settle()
    (note,) = caught.value.__notes__
    assert note.startswith("4 of 10 failed: log 0: no room for 0; log 3:")
    ItemErrors().settle()


async def test_an_item_whose_channel_was_closed_stops_no_other() -> None:
    items, done = ItemErrors(), []
    for number in range(2):
        with items.each(f"peer {number}"):
            if number == 0:
                raise asyncio.CancelledError
            done.append(number)
    assert done == [1]
    with pytest.raises(ConnectionAbortedError):
        items.settle()


async def test_what_kept_a_job_is_said_with_its_items(runs: JobRuns) -> None:
    def fails() -> None:
        items = ItemErrors()
        with items.each("source court"):
            raise FullError("full")
        items.settle()

    for _ in range(2):
        await runs.run(Job(name="inbox", seconds=1, run=fails))
    ((code, message),) = problems(runs.report())
    assert code == "store.failed"
    assert message.endswith("failed 2 times in a row: FullError: full | 1 of 1 failed: "
                            "source court: full")  # fmt: skip


def test_codes_of_errors() -> None:
    unavailable = AioRpcError(grpc.StatusCode.UNAVAILABLE, Metadata(), Metadata())
    assert code_of(unavailable) == "peer.unavailable"
    assert code_of(ValueError("a fault")) == "job.failed"
    assert code_of(RefusedError("disk.reserve", "no room")) == "disk.reserve"
