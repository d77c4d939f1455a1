"""A dropped file that must wait is not read every two seconds.

Covers node/intake/wiring.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from adapters.errors import FullError
from adapters.files.errors import MappingError, TableError
from adapters.files.private_room import PrivateRoom
from federation.errors import RefusedError
from node.directory.config import SourceSection
from node.intake.drop_job import BEHIND_SECONDS, LONGEST_SECONDS, ROUNDS, DropJob
from node.intake.wiring import DROP_SECONDS
from node.system.disk import Reserve

SOURCE = "court"


@dataclass
class World:
    """What the job meets: an intake that refuses, a disk, a clock."""

    directory: Path
    error: Exception | None = None
    free: int = 2**20
    waiting: bool = False
    refusal: str = ""
    now: float = 0.0
    read: list[str] = field(default_factory=list)
    kinds: list[object] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.room = PrivateRoom(self.directory / "reading", 1024)
        self.results: dict[str, dict[str, Any]] = {}
        self.errors: dict[str, Exception] = {}

    def list_meant(self, path: Path, title: str, source: str) -> str:
        return f"{source}-{title[0]}" if path.is_file() else ""

    def publish_file(self, path: Path, **fields: object) -> dict[str, Any]:
        self.read.append(path.name)
        self.kinds.append(fields["kind"])
        assert fields["by_hand"] is False  # F58: a department's own system laid it there
        error = self.errors.get(path.name, self.error)
        if error is not None:
            raise error
        result = {"rows": 1, "published": 1, "refused_rows": 0, "faults": {}}
        return result | self.results.get(path.name, {})

    def job(
        self,
        *sources: str,
        reliefs: bool = False,
        watched: Mapping[str, SourceSection] | None = None,
    ) -> DropJob:
        section = SourceSection(authorities={"法院": "court"}, list_types=("a",))
        return DropJob(
            reliefs=reliefs,
            inbox=self.directory,
            sources=dict.fromkeys(sources or (SOURCE,), section) if watched is None else watched,
            settle_seconds=1,
            clock=lambda: self.now,
            intake=self,  # type: ignore[arg-type]
            reserve=Reserve(self.directory, 1, lambda _: self.free),
            waiting=lambda: self.waiting,
            refusal=lambda: self.refusal,
        )

    def drop(self, name: str, source: str = SOURCE) -> Path:
        folder = self.directory / source
        folder.mkdir(exist_ok=True)
        (folder / name).write_text("row")
        if len(name) < 200:
            (folder / f"{name}.done").touch()
        return folder / name

    def pass_by(self, job: DropJob, seconds: float) -> int:
        """Let the schedule run so long; how often a file was read."""
        before, end = len(self.read), self.now + seconds
        while self.now < end:
            job.run()
            self.now += DROP_SECONDS
        return len(self.read) - before


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_list_is_not_said_to_be_one_by_its_place(world: World) -> None:
    world.drop("拟移出名单.csv")
    world.drop("repair-移出.csv")
    assert world.pass_by(world.job(), DROP_SECONDS) == 1
    assert world.pass_by(world.job(reliefs=True), DROP_SECONDS) == 1
    assert sorted(map(str, world.kinds)) == ["", "repair"]


@pytest.mark.parametrize(
    "error", [RefusedError("own-log.behind", "a peer shows more"), FullError("no space")]
)
def test_a_lasting_refusal_is_met_ever_more_seldom(error: Exception, world: World) -> None:
    job = world.job()
    world.drop("a.csv")
    world.error = error
    world.refusal = "own-log.behind"
    assert world.pass_by(job, 3600) == 19
    world.refusal = ""
    assert world.pass_by(job, DROP_SECONDS) == 1
    world.error = None
    world.drop("a.csv")
    (world.directory / SOURCE / "a.csv").write_text("another row")
    assert world.pass_by(job, DROP_SECONDS) == 1
    assert not (world.directory / SOURCE / "a.csv").exists()


def test_relief_is_tried_every_ten_seconds(world: World) -> None:
    job = world.job(reliefs=True)
    world.drop("repair.csv")
    world.error = FullError("no space")
    assert world.pass_by(job, 60) == 8
    assert world.pass_by(job, 60) == 6


def test_a_file_that_is_held_up_is_not_read_until_there_is_room(world: World) -> None:
    job = world.job()
    world.drop("a.csv")
    world.free = 0
    assert world.pass_by(job, 600) == 0
    world.free = 2**20
    assert world.pass_by(job, DROP_SECONDS) == 1

    world.drop("a.csv")
    world.waiting = True
    assert world.pass_by(job, 600) == 0
    world.waiting = False
    assert world.pass_by(job, DROP_SECONDS) == 1


def test_f28_one_file_stops_no_other(world: World) -> None:
    job = world.job("a", "b", reliefs=True)
    world.drop("repair-1.csv", "a")
    long = world.drop("repair-" + "n" * 237 + ".csv", "a")
    assert len(long.name) == 248
    world.drop("repair-2.csv", "b")
    world.errors["repair-1.csv"] = ValueError("a fault of the program")
    world.now += DROP_SECONDS
    job.run()
    world.now += DROP_SECONDS
    assert job.run() == 1
    assert (world.directory / "a" / "taken" / long.name).exists()
    assert (world.directory / "b" / "taken" / "repair-2.csv").exists()
    ((source, stuck),) = job.problems()
    assert (source, stuck.title, stuck.code) == ("a", "repair-1.csv", "file.failed")


def test_f28_one_folder_stops_no_other(world: World) -> None:
    job = world.job("a", "b", "c")
    world.drop("x.csv", "b")
    world.drop("x.csv", "c")
    (world.directory / "a").rmdir()
    (world.directory / "a").symlink_to(world.directory / "b")
    assert job.run() == 2
    ((source, stuck),) = job.problems()
    assert (source, stuck.code) == ("a", "inbox.folder")
    (world.directory / "a").unlink()
    job.run()
    assert list(job.problems()) == []


def test_f28_sources_take_turns(world: World) -> None:
    job = world.job("a", "b", reliefs=True)
    for number in range(3 * ROUNDS):
        world.drop(f"repair-a{number:02}.csv", "a")
    world.drop("repair-b.csv", "b")
    assert job.run() == 3 * ROUNDS + 1
    assert world.read[1] == "repair-b.csv"


def test_f28_what_comes_meanwhile_has_its_turn(world: World) -> None:
    job = world.job("a", "b", reliefs=True)
    for number in range(3 * ROUNDS):
        world.drop(f"repair-a{number:02}.csv", "a")
    publish = world.publish_file

    def meanwhile(path: Path, **fields: object) -> dict[str, Any]:
        if not world.read:
            world.drop("repair-b.csv", "b")
        return publish(path, **fields)

    world.publish_file = meanwhile  # type: ignore[method-assign]
    job.run()
    assert world.read.index("repair-b.csv") == ROUNDS + 1


def test_f28_reliefs_wait_for_no_list(world: World) -> None:
    world.drop("a.csv")
    world.drop("修复结果.csv")
    world.free = 0
    assert world.job(reliefs=True).run() == 1
    assert world.read == ["修复结果.csv"]


@pytest.mark.parametrize("code", ["mapping.unreadable", "mapping.invalid", "person.unsigned"])
def test_f28_a_file_waits_for_the_mapping_of_its_source(world: World, code: str) -> None:
    job = world.job("a", "b")
    world.drop("list-a.csv", "a")
    world.drop("list-b.csv", "b")
    sort = RefusedError if code.startswith("person") else MappingError
    world.errors["list-a.csv"] = sort(code, "why")
    assert job.run() == 1
    ((source, stuck),) = job.problems()
    assert (source, stuck.title, stuck.code) == ("a", "list-a.csv", code)
    world.errors.clear()
    world.now += DROP_SECONDS
    assert job.run() == 1
    assert list(job.problems()) == []


def test_f29_a_file_refused_whole_has_its_reason_beside_it(world: World) -> None:
    world.drop("a.csv")
    world.error = TableError("header.none", "没有表头 / no header")
    assert world.job().run() == 1
    reason = (world.directory / SOURCE / "refused" / "a.csv.errors.csv").read_text("utf-8-sig")
    assert reason.splitlines() == [
        "row,column,code,value,expected,message",
        "0,,header.none,,,没有表头 / no header",
    ]


def test_f29_a_relief_that_was_refused_is_told_while_it_lies_there(world: World) -> None:
    job = world.job(reliefs=True)
    for name in ("repair-1.csv", "修复.csv"):
        world.drop(name)
    world.error = TableError("header.none", "no header")
    assert job.run() == 2
    world.drop("list.csv")
    assert world.job().run() == 1
    ((source, told),) = job.problems()
    assert (source, told.title, told.code) == (SOURCE, "repair-1.csv (+ 1)", "relief.refused")
    assert list(world.job().problems()) == []
    for path in (world.directory / SOURCE / "refused").iterdir():
        path.unlink()
    assert list(job.problems()) == []


def test_f29_an_unreadable_file_is_told(world: World) -> None:
    job = world.job()
    world.drop("a.csv")
    world.error = PermissionError(13, "Permission denied")
    assert job.run() == 0
    ((_, stuck),) = job.problems()
    assert (stuck.title, stuck.code) == ("a.csv", "file.unreadable")


def test_f29_a_full_disk_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: PrivateRoom, path: Path, __: object) -> str:
        raise FullError(f"no space for a copy of {path.name}")

    monkeypatch.setattr(PrivateRoom, "_fill", full)
    job = world.job()
    path = world.drop("a.csv")
    assert job.run() == 0
    assert path.exists()
    ((_, stuck),) = job.problems()
    assert (stuck.title, stuck.code) == ("a.csv", "disk.full")


def test_f30_a_relief_waits_for_the_list_that_lies_beside_it(world: World) -> None:
    reliefs, lists = world.job(reliefs=True), world.job()
    world.drop("list.csv")
    world.drop("repair.csv")
    world.results["repair.csv"] = {"faults": {"relief.no-listing": 1}}
    assert reliefs.run() == 0
    assert lists.run() == 1
    world.now += DROP_SECONDS
    assert reliefs.run() == 1
    assert world.read == ["repair.csv", "list.csv", "repair.csv"]


def test_f30_it_does_not_wait_for_ever(world: World) -> None:
    reliefs = world.job(reliefs=True)
    world.drop("list.csv")
    world.drop("repair.csv")
    world.results["repair.csv"] = {"faults": {"relief.no-listing": 1}}
    assert world.pass_by(reliefs, BEHIND_SECONDS - DROP_SECONDS) < 30
    assert (world.directory / SOURCE / "repair.csv").exists()
    world.pass_by(reliefs, LONGEST_SECONDS + DROP_SECONDS)
    assert not (world.directory / SOURCE / "repair.csv").exists()


def test_f25_each_file_has_its_list_and_kind(world: World) -> None:
    names = ("拖欠农民工工资.xlsx", "撤销.csv", "Repair-2026.csv", "~$名单.xlsx", "Thumbs.db")
    for name in names:
        world.drop(name)
    assert world.job().run() + world.job(reliefs=True).run() == 3
    assert sorted(zip(world.read, world.kinds, strict=True)) == [
        ("Repair-2026.csv", "repair"),
        ("拖欠农民工工资.xlsx", ""),
        ("撤销.csv", "withdrawal"),
    ]


def test_folders_follow_the_sources_of_the_moment(world: World) -> None:
    section = SourceSection(authorities={"法院": "court"}, list_types=("a",))
    sources = {SOURCE: section}
    job = world.job(watched=sources)
    world.drop("a.csv")
    world.drop("b.csv", "tax")
    assert world.pass_by(job, DROP_SECONDS) == 1
    sources["tax"] = section
    assert world.pass_by(job, DROP_SECONDS) == 1
    del sources[SOURCE]
    world.drop("later.csv")
    assert world.pass_by(job, DROP_SECONDS) == 0
