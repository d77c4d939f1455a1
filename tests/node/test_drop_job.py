"""A dropped file that must wait is not read every two seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from adapters.errors import FullError
from federation.errors import RefusedError
from node.config import SourceSection
from node.disk import Reserve
from node.drop_job import DropJob
from node.jobs import DROP_SECONDS

SOURCE = "court"


@dataclass
class World:
    """What the job meets: an intake that refuses, a disk, a clock."""

    directory: Path
    error: Exception | None = None
    free: int = 1
    waiting: bool = False
    refusal: str = ""
    now: float = 0.0
    read: list[str] = field(default_factory=list)
    kinds: list[object] = field(default_factory=list)

    def publish_file(self, path: Path, **fields: object) -> dict[str, Any]:
        self.read.append(path.name)
        self.kinds.append(fields["kind"])
        if self.error is not None:
            raise self.error
        return {"rows": 1, "published": 1, "refused_rows": 0}

    def job(self) -> DropJob:
        return DropJob(
            inbox=self.directory,
            sources={SOURCE: SourceSection(authorities={"法院": "court"}, list_types=("a",))},
            settle_seconds=1,
            clock=lambda: self.now,
            intake=self,  # type: ignore[arg-type]
            reserve=Reserve(self.directory, 1, lambda _: self.free),
            waiting=lambda: self.waiting,
            refusal=lambda: self.refusal,
        )

    def drop(self, name: str) -> None:
        (self.directory / SOURCE / name).write_text("row")
        (self.directory / SOURCE / f"{name}.done").touch()

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
    job = world.job()
    world.drop("移出名单.csv")
    world.drop("repair-移出.csv")
    assert world.pass_by(job, DROP_SECONDS) == 2
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
    job = world.job()
    world.drop("repair.csv")
    world.error = FullError("no space")
    assert world.pass_by(job, 60) == 8
    assert world.pass_by(job, 60) == 6


def test_a_file_that_is_held_up_is_not_read_until_there_is_room(world: World) -> None:
    job = world.job()
    world.drop("a.csv")
    world.free = 0
    assert world.pass_by(job, 600) == 0
    world.free = 1
    assert world.pass_by(job, DROP_SECONDS) == 1

    world.drop("a.csv")
    world.waiting = True
    assert world.pass_by(job, 600) == 0
    world.waiting = False
    assert world.pass_by(job, DROP_SECONDS) == 1
