"""Whatever may stand beside a relief, before it or under it: one small class for each.

`begin` and `end` are called from the main thread, in turn. What an operator has to know of is in
`told`: codes of which `status` of the city must show one before the besieger goes.
"""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, Final, Protocol

from sqlalchemy import create_engine, select, update

from adapters.sql import schema
from node.demo.members import DemoMember
from node.demo.processes import Processes
from node.directory.config import load_config
from node.directory.presence import NotReadyError, read_node_file
from tests.support.fault_proxy import FaultProxy
from tests.support.federation_dirs import inbox_row, write_list
from tests.support.platform_service import PlatformService
from tests.support.siege_doors import Doors
from tests.support.small_disk import fill

ROOM: Final = frozenset(
    {"disk.reserve", "disk.following", "disk.full", "store.failed", "node.not-running"}
)
"""The last where a node was to start meanwhile: on a full disk none does."""
FLOOD: Final = range(3000, 4000)
"""Subjects that nobody has listed before the floods."""
DOWN: Final = 503
DAY: Final = 86_400


class Besieger(Protocol):
    """Something that is in the way for a while."""

    @property
    def name(self) -> str: ...

    @property
    def city(self) -> str: ...

    @property
    def told(self) -> frozenset[str]:
        """One of these codes stands in the city's `status` before it goes; empty: none need."""
        ...

    @property
    def alone(self) -> bool:
        """Whether nothing else may be in the way of the same city meanwhile."""
        ...

    def begin(self, random: Random) -> None: ...

    def end(self) -> None: ...


@dataclass(kw_only=True, eq=False)
class _OfCity:
    city: str
    told: frozenset[str] = frozenset()
    alone: bool = False

    def end(self) -> None:
        """Nothing to take away: what it brought stays."""


@dataclass(kw_only=True, eq=False)
class ClockJumps(_OfCity):
    """The wall clock of a running node is hours or days ahead or back."""

    name: str = "clock"
    file: Path
    """Read by `tests.support.clocked_child`."""

    def begin(self, random: Random) -> None:
        self._write(random.choice([7 * 3600, DAY, 30 * DAY, -3 * DAY, -30 * DAY]))

    def end(self) -> None:
        self._write(0)

    def _write(self, seconds: int) -> None:
        new = self.file.with_name(f"{self.file.name}.new")
        new.write_text(str(seconds))
        new.rename(self.file)


@dataclass(kw_only=True, eq=False)
class FullDisk(_OfCity):
    """The disk of a node is full, or nearly: less is free than its reserve."""

    name: str = "disk"
    told: frozenset[str] = ROOM
    disk: Path
    reserve: int

    def begin(self, random: Random) -> None:
        fill(self.disk, random.choice([0, self.reserve // 3, self.reserve * 2 // 3]))

    def end(self) -> None:
        (self.disk / "filler").unlink()


@dataclass(kw_only=True, eq=False)
class PoisonedRows(_OfCity):
    """Rows that no node can take, and very many of one subject, in the inbox of a platform."""

    name: str = "rows"
    doors: Doors
    many: int

    def begin(self, random: Random) -> None:
        subject = random.choice(FLOOD)
        long = {"记录编号": "x" * 60_000}
        unknown = self.doors.list_(subject) | {"source": "nobody"}
        raw = [
            inbox_row("repair", {}) | {"content": content}
            for content in ('{"a\\ud800": "x"}', '{"a": "\\u0000"}', "{", "\x00", "[1]")
        ]
        bad = [*raw, inbox_row("list", long), inbox_row("repair", long), unknown]
        random.shuffle(bad)
        with suppress(sqlite3.Error):  # somebody has locked the table
            self.doors.lay([*bad, *[self.doors.list_(subject)] * self.many])


@dataclass(kw_only=True, eq=False)
class PoisonedFiles(_OfCity):
    """What is no plain, whole, true file, in a drop folder."""

    name: str = "files"
    told: frozenset[str] = ROOM | {"relief.refused", "file.unreadable", "file.digest"}
    doors: Doors
    _number: Any = field(default_factory=count)

    def begin(self, random: Random) -> None:
        number = next(self._number)
        kinds: list[Callable[[Path, int], None]] = [
            self._long_name,
            self._pipe,
            self._link,
            self._two_names,
            self._not_a_table,
        ]
        inbox = self.doors.inbox
        with suppress(OSError):  # the disk is full; then that is told
            self._half_written(inbox, number)
            self._wrong_digest(inbox, number)
            for kind in random.sample(kinds, 3):
                kind(inbox, number)

    def end(self) -> None:
        for folder in (self.doors.inbox, self.doors.inbox / "refused"):
            for path in [*folder.glob("*poison*"), *folder.glob("*下毒*")]:
                path.unlink()

    def _half_written(self, inbox: Path, number: int) -> None:
        (inbox / f"修复-poison-{number}.csv").write_text('统一社会信用代码,名称\n"9151', "utf-8")
        (inbox / f"修复-poison-{number}.csv.done").touch()

    def _wrong_digest(self, inbox: Path, number: int) -> None:
        path = inbox / f"list-poison-{number}.csv"
        write_list(path, self.city, FLOOD[:3])
        path.with_name(f"{path.name}.done").write_text(f"{'0' * 64}  {path.name}\n")

    def _long_name(self, inbox: Path, number: int) -> None:
        name = f"repair-poison-{number}"
        (inbox / f"{name}{'x' * (244 - len(name))}.csv").write_text("a,b\n1,2\n")

    def _pipe(self, inbox: Path, number: int) -> None:
        os.mkfifo(inbox / f"repair-poison-{number}-pipe.csv")

    def _link(self, inbox: Path, number: int) -> None:
        (inbox / f"repair-poison-{number}-link.csv").symlink_to("/etc/passwd")

    def _two_names(self, inbox: Path, number: int) -> None:
        path = inbox / f"repair-poison-{number}-two.csv"
        path.write_text("a,b\n1,2\n")
        path.with_name(f"repair-poison-{number}-three.csv").hardlink_to(path)

    def _not_a_table(self, inbox: Path, number: int) -> None:
        text = "下毒，不是表格\x00\n" * 50
        (inbox / f"下毒-修复-{number}.csv").write_bytes(b"\xff\xfe\x81" + text.encode("gb18030"))


@dataclass(kw_only=True, eq=False)
class FloodOfLists(_OfCity):
    """Large lists in drop folder and inbox."""

    name: str = "lists"
    doors: Doors
    rows: int
    _number: Any = field(default_factory=count)

    def begin(self, random: Random) -> None:
        first = random.randrange(len(FLOOD) - self.rows)
        chosen = FLOOD[first : first + self.rows]
        path = self.doors.inbox / f"flood-{next(self._number)}.csv"
        with suppress(OSError):  # the disk is full
            write_list(path, self.city, chosen)
            path.with_name(f"{path.name}.done").touch()
        with suppress(sqlite3.Error):
            self.doors.lay([self.doors.list_(number) for number in chosen[: self.rows // 4]])


@dataclass(kw_only=True, eq=False)
class FloodOfReliefs(_OfCity):
    """Very many repairs of one source at once, each of which counts like any other."""

    name: str = "reliefs"
    say: Callable[[], None]

    def begin(self, random: Random) -> None:
        del random
        self.say()


@dataclass(kw_only=True, eq=False)
class FlippedBits(_OfCity):
    """A disk that changes a bit of sealed openings: behind the program's back."""

    name: str = "bits"
    directory: Path
    many: int

    def begin(self, random: Random) -> None:
        engine = create_engine(load_config(self.directory / self.city).database_url)
        table = schema.openings
        try:
            with engine.begin() as database:
                places: Sequence[Any] = database.execute(select(table.c.log, table.c.idx)).all()
                for log, index in random.sample(places, min(self.many, len(places))):
                    where = (table.c.log == log, table.c.idx == index)
                    sealed = database.execute(select(table.c.sealed).where(*where)).scalar_one()
                    data = bytearray(sealed)
                    data[random.randrange(len(data))] ^= 1 << random.randrange(8)
                    database.execute(update(table).where(*where).values(sealed=bytes(data)))
        finally:
            engine.dispose()


@dataclass(kw_only=True, eq=False)
class ServiceDown(_OfCity):
    """The service of a platform answers that it is down."""

    name: str = "service"
    told: frozenset[str] = frozenset({"platform.unreachable"})
    service: PlatformService

    def begin(self, random: Random) -> None:
        del random
        self.service.statuses = [DOWN] * 10_000

    def end(self) -> None:
        self.service.statuses = []


@dataclass(kw_only=True, eq=False)
class TableAway(_OfCity):
    """The database of a platform is locked, or its table has another name."""

    name: str = "table"
    told: frozenset[str] = frozenset({"platform.refused", "platform.unreachable", "platform.full"})
    database: Path
    _locked: sqlite3.Connection | None = None

    def begin(self, random: Random) -> None:
        database = sqlite3.connect(self.database, timeout=30, isolation_level=None)
        if random.random() < 0.5:
            database.execute("BEGIN EXCLUSIVE")
            self._locked = database
        else:
            database.execute("ALTER TABLE huxin_outbox RENAME TO huxin_away")
            database.close()

    def end(self) -> None:
        if self._locked is not None:
            self._locked.close()
            self._locked = None
            return
        with closing(sqlite3.connect(self.database, timeout=30)) as database:
            database.execute("ALTER TABLE huxin_away RENAME TO huxin_outbox")


@dataclass(kw_only=True, eq=False)
class LineCut(_OfCity):
    """The line to a node is reset, parted, half open or slow."""

    name: str = "line"
    line: FaultProxy

    def begin(self, random: Random) -> None:
        faults: list[Callable[[], None]] = [
            self.line.cut,
            self.line.part,
            self.line.freeze,
            lambda: self.line.crawl(0.05),
        ]
        random.choice(faults)()

    def end(self) -> None:
        self.line.heal()
        self.line.cut()  # what is half open would be noticed after 40 s


@dataclass(kw_only=True, eq=False)
class Killed(_OfCity):
    """A node's process is killed, and started again."""

    name: str = "killed"
    alone: bool = True
    directory: Path
    member: DemoMember
    processes: Processes

    def begin(self, random: Random) -> None:
        del random
        with suppress(NotReadyError, ProcessLookupError):
            os.kill(read_node_file(self.directory / self.city).pid, signal.SIGKILL)
        self.processes.stop(self.member)

    def end(self) -> None:
        self.processes.start(self.member)
