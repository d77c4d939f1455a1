"""Relief under siege: three cities of real processes, and everything in the way of their repairs.

    soak   `make soak NAME=siege`: ten minutes or `SECONDS`, besiegers and moments by seed
    test   `tests/scenarios/test_siege.py`: each besieger once, seconds

Repairs are said by every door while besiegers come and go. What was acknowledged must be lifted at
every node and told to every platform once the siege is over, and `status` must have named what an
operator must know. The seed chooses who comes in which order, for how long, and who says what;
processes and disks take their own time, so that a replay is alike, not the same.
"""

from __future__ import annotations

import shutil
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Final

import pytest
from sqlalchemy import make_url

from node.demo.members import DemoMember
from node.demo.processes import LOG_FILE, Processes
from node.directory.config import FILE_NAME
from tests.support import besiegers as by
from tests.support.besiegers import Besieger
from tests.support.clocked_child import FILE as CLOCK_FILE
from tests.support.exchange_tables import make_tables
from tests.support.fault_proxy import FaultProxy, fault_proxy
from tests.support.federation_dirs import SOURCE, found, set_key
from tests.support.operating import publish, wait_listed
from tests.support.platform_service import PlatformService
from tests.support.processes import eventually, serving
from tests.support.siege_doors import Doors, platform_file
from tests.support.siege_plan import Outcome, Plan
from tests.support.siege_watch import (
    Ledger,
    Outlet,
    Repair,
    Watch,
    of_files,
    of_service,
    of_table,
    quantiles,
)
from tests.support.small_disk import small_disk

WEST = DemoMember(region="510300", name="自贡")
EAST = DemoMember(region="510500", name="泸州")
SOUTH = DemoMember(region="511000", name="内江")
CITIES: Final = (WEST, EAST, SOUTH)
FIRST: Final = {WEST: 0, EAST: 1000, SOUTH: 2000}
"""The first invented subject of each city; at most a thousand."""
RESERVE: Final = 3 * 2**20
TOLD_SECONDS: Final = 90.0
"""A besieger waits so long at most for `status` to name it; then it was silent."""
STEP_SECONDS: Final = 0.05
RESTART_SECONDS: Final = 5.0
AT_FAULT: Final = ('"job.failed"', "never retrieved", "Traceback")


@contextmanager
def besieged(
    directory: Path, plan: Plan, database: Callable[[str], str], say: Callable[[str], None]
) -> Iterator[Siege]:
    """Found three cities, list, and wait until everybody knows the listings.

    Args:
        directory: new or empty.
        plan: how it goes.
        database: URL of each region's; empty for its own file.
        say: a line for whoever looks on.
    """
    with ExitStack() as stack:
        lines: dict[str, FaultProxy] = {}

        def line(region: str, port: int) -> int:
            lines[region] = stack.enter_context(fault_proxy(port))
            return lines[region].port

        found(directory, CITIES, database, line=line)
        service = stack.enter_context(PlatformService())
        for member in CITIES:
            _with_platform(directory, member, service if member is WEST else None)
        disk = _disk(stack, directory, say)
        processes = stack.enter_context(
            serving(directory, CITIES, child="tests.support.clocked_child")
        )
        siege = Siege(directory, plan, say, service, processes)
        stack.callback(siege.close)
        siege.prepare()
        siege.raise_besiegers(lines, disk)
        yield siege


def _with_platform(directory: Path, member: DemoMember, service: PlatformService | None) -> None:
    """Give a city a platform's tables, and a service; files are for 内江 alone."""
    folder = directory / member.region
    file = platform_file(directory, member.region)
    make_tables(make_url(f"sqlite:///{file}"))
    if member is not SOUTH:
        set_key(folder, "outbox", '""')
    (folder / "inbox" / SOURCE).mkdir(parents=True, exist_ok=True)
    with (folder / FILE_NAME).open("a", encoding="utf-8") as config:
        config.write(f'\n[platform.city]\nurl = "sqlite:///{file}"\nsources = ["{SOURCE}"]\n')
        if service is not None:
            token = folder / "keys" / "platform-service"
            token.write_text(service.token)
            token.chmod(0o600)
            config.write(
                f'\n[platform.service]\nurl = "{service.url}"\n'
                'password_file = "keys/platform-service"\n'
            )


def _disk(stack: ExitStack, directory: Path, say: Callable[[str], None]) -> Path | None:
    """Put 内江 on a small disk, where one can be made."""
    try:
        disk = stack.enter_context(small_disk(directory / "disk"))
    except pytest.skip.Exception as skipped:
        say(f"no full disk: {skipped}")
        return None
    folder = directory / SOUTH.region
    shutil.move(folder, disk / SOUTH.region)
    folder.symlink_to(disk / SOUTH.region)
    set_key(folder, "reserve_bytes", str(RESERVE))
    return disk


class Siege:
    """The cities, who says repairs there, and who is at work before them."""

    def __init__(
        self,
        directory: Path,
        plan: Plan,
        say: Callable[[str], None],
        service: PlatformService,
        processes: Processes,
    ) -> None:
        self._directory = directory
        self._plan = plan
        self._say = say
        self._service = service
        self._random = Random(plan.seed)
        self._besiegers: list[Besieger] = []
        self._active: dict[Besieger, tuple[float, float]] = {}
        """Since when, and until when."""
        self._silent: list[str] = []
        self._turns: list[str] = []
        """Doors at which somebody has still to speak, before all have their turn again."""
        self._came: Counter[str] = Counter()
        self._pool: dict[DemoMember, list[tuple[int, str]]] = {}
        self._processes = processes
        self._restart_at = 0.0
        self._most, self._most_until = 0, 0.0
        self._outlets = {member: self._outlets_of(member) for member in CITIES}
        targets = {f"node {member.region}": member.region for member in CITIES}
        targets |= {
            target: member.region for member, outlets in self._outlets.items() for target in outlets
        }
        self.ledger = Ledger(targets)
        self._doors = {member: Doors(directory, member, self.ledger) for member in CITIES}
        self._watches = {
            member: Watch(
                directory,
                member,
                ledger=self.ledger,
                outlets=self._outlets[member],
                doors=self._doors[member].look,
            )
            for member in CITIES
        }

    def _outlets_of(self, member: DemoMember) -> dict[str, Outlet]:
        city = member.region
        outlets = {f"table {city}": of_table(platform_file(self._directory, city))}
        if member is WEST:
            outlets[f"service {city}"] = of_service(self._service)
        if member is SOUTH:
            outlets[f"files {city}"] = of_files(self._directory / city / "outbox")
        return outlets

    def prepare(self) -> None:
        """List, and wait until every node and every platform knows of every listing."""
        count = self._plan.listings
        for member, first in FIRST.items():
            publish(self._directory, member, range(first, first + count))
        for watch in self._watches.values():
            watch.start()
        eventually("all know the listings", self._untold, seconds=self._plan.arrival)
        for member, first in FIRST.items():
            ids = wait_listed(self._directory, member, count, CITIES)
            self._pool[member] = list(zip(range(first, first + count), ids, strict=True))

    def _untold(self) -> dict[str, int]:
        """How many listings of the other cities each platform knows, where it is not all."""
        others = (len(CITIES) - 1) * self._plan.listings
        return {
            target: known
            for outlets in self._outlets.values()
            for target, outlet in outlets.items()
            if (known := list(outlet.states.values()).count("active")) != others
        }

    def raise_besiegers(
        self,
        lines: Mapping[str, FaultProxy],
        disk: Path | None,
    ) -> None:
        """Gather all that can be had here."""
        flood = self._plan.flood
        for member in CITIES:
            city, doors = member.region, self._doors[member]
            self._besiegers += [
                by.PoisonedRows(city=city, doors=doors, many=flood),
                by.PoisonedFiles(city=city, doors=doors),
                by.FloodOfLists(city=city, doors=doors, rows=flood),
                by.FloodOfReliefs(city=city, say=lambda of=member: self._flood(of)),  # type: ignore[misc]
                by.FlippedBits(city=city, directory=self._directory, many=max(1, flood // 20)),
                by.TableAway(city=city, database=doors.database),
                by.LineCut(city=city, line=lines[city]),
                by.ClockJumps(city=city, file=self._directory / f"{city}.{CLOCK_FILE}"),
            ]
            if self._plan.kills:
                self._besiegers.append(
                    by.Killed(
                        city=city,
                        directory=self._directory,
                        member=member,
                        processes=self._processes,
                    )
                )
        self._besiegers.append(by.ServiceDown(city=WEST.region, service=self._service))
        if disk is not None:
            self._besiegers.append(by.FullDisk(city=SOUTH.region, disk=disk, reserve=RESERVE))

    def run(self) -> Outcome:
        """Besiege, end it, and wait until all has arrived."""
        until = time.monotonic() + self._plan.seconds
        speak_at = 0.0
        waiting = self._one_of_each() if not self._plan.kills else self._round()
        while time.monotonic() < until or waiting or not self._came:
            if not waiting and time.monotonic() < until:
                waiting = self._round()
            self._let_one_come(waiting)
            if time.monotonic() > speak_at:
                speak_at = time.monotonic() + self._random.uniform(0, 2 * self._plan.pause)
                self._speak()
            self._let_go(time.monotonic())
            self._supervise(time.monotonic())
            time.sleep(STEP_SECONDS)
        while self._active:
            self._let_go(time.monotonic())
            self._supervise(time.monotonic())
            time.sleep(STEP_SECONDS)
        self._say(f"the siege is over; {len(self.ledger.all())} repairs are on their way or there")
        with suppress(AssertionError):
            eventually("all has arrived", self._unfinished, seconds=self._plan.arrival)
        return self._outcome()

    def close(self) -> None:
        """End what is at work, and the watching."""
        for besieger in self._active:
            besieger.end()
        self._active.clear()
        for watch in self._watches.values():
            watch.stop()

    def _supervise(self, now: float) -> None:
        """Start again what ended by itself, as a service manager does: on a full disk, say."""
        for member in CITIES:
            process = self._processes._running.get(member.region)
            if process is not None and process.poll() is not None and now > self._restart_at:
                self._restart_at = now + RESTART_SECONDS
                self._say(f"{member.region} ended with {process.returncode}: started again")
                self._came["ended"] += 1
                self._processes.stop(member)
                self._processes.start(member)

    def _round(self) -> list[Besieger]:
        """All besiegers, in an order of its own."""
        return self._random.sample(self._besiegers, len(self._besiegers))

    def _one_of_each(self) -> list[Besieger]:
        """Each kind once, at a city by chance."""
        of_kind = {besieger.name: besieger for besieger in self._round()}
        return list(of_kind.values())

    def _let_one_come(self, waiting: list[Besieger]) -> None:
        if time.monotonic() > self._most_until:
            self._most = self._random.randint(*self._plan.at_once)
            self._most_until = time.monotonic() + self._random.uniform(*self._plan.stay)
        if len(self._active) >= self._most:
            return
        for besieger in waiting:
            near = [one for one in self._active if one.city == besieger.city]
            if near and (besieger.alone or any(one.alone for one in near)):
                continue
            if any(one.name == besieger.name for one in near):
                continue
            waiting.remove(besieger)
            now = time.monotonic()
            self._active[besieger] = (now, now + self._random.uniform(*self._plan.stay))
            self._came[besieger.name] += 1
            self._say(f"{besieger.name} at {besieger.city}")
            besieger.begin(self._random)
            return

    def _let_go(self, now: float) -> None:
        for besieger, (since, until) in list(self._active.items()):
            named = not besieger.told or self._named(besieger, since)
            late = now > since + TOLD_SECONDS
            if now < until or not (named or late):
                continue
            if not named:
                self._silent.append(f"{besieger.name} at {besieger.city} was not named by status")
            del self._active[besieger]
            besieger.end()

    def _named(self, besieger: Besieger, since: float) -> bool:
        (watch,) = [w for member, w in self._watches.items() if member.region == besieger.city]
        return any(one.at > since and one.code in besieger.told for one in watch.named)

    def _speak(self) -> None:
        """Let somebody say a repair, at a door by chance."""
        member = self._random.choice(CITIES)
        doors = self._doors[member]
        by_name = {
            "command": doors.command,
            "call": doors.call,
            "file": doors.file,
            "row": doors.row,
        }
        if not self._turns:
            self._turns = self._random.sample(list(by_name), len(by_name))
        door = self._turns.pop()
        if repairs := self._next(member, door, 1):
            by_name[door](repairs)

    def _flood(self, member: DemoMember) -> None:
        repairs = self._next(member, "file", min(self._plan.flood, len(self._pool[member]) // 3))
        if repairs:
            self._doors[member].file(repairs)

    def _next(self, member: DemoMember, door: str, count: int) -> list[Repair]:
        pool = self._pool[member]
        during = frozenset(besieger.name for besieger in self._active)
        return [
            Repair(
                number=number,
                statement_id=statement_id,
                city=member.region,
                door=door,
                said=time.monotonic(),
                during=during,
            )
            for number, statement_id in (pool.pop() for _ in range(min(count, len(pool))))
        ]

    def _waiting(self) -> dict[str, int]:
        return {doors.city: doors.waiting() for doors in self._doors.values()}

    def _unfinished(self) -> list[object]:
        self._supervise(time.monotonic())
        missing: list[object] = list(self.ledger.missing())
        return missing or [rows for rows in self._waiting().items() if rows[1]]

    def _outcome(self) -> Outcome:
        seconds: dict[str, list[float]] = defaultdict(list)
        for repair, target, delay in self.ledger.delays():
            seconds[target].append(delay)
            seconds[f"door {repair.door}"].append(delay)
            for name in repair.during or {"nobody"}:
                seconds[f"during {name}"].append(delay)
                if len(repair.during) == 1:
                    seconds[f"during {name} alone"].append(delay)
        return Outcome(
            said=Counter(repair.door for repair in self.ledger.all() if repair.acknowledged),
            besieged=self._came,
            missing=self.ledger.missing(),
            refused=[fault for doors in self._doors.values() for fault in doors.refused],
            silent=self._silent,
            broken=[
                line
                for member in CITIES
                for line in (self._directory / member.region / LOG_FILE)
                .read_text("utf-8", "replace")
                .splitlines()
                if any(sign in line for sign in AT_FAULT)
            ],
            waiting=self._waiting(),
            seconds={name: quantiles(delays) for name, delays in sorted(seconds.items())},
        )
