"""A node whose batches are read by workers holds what one without them holds, whatever dies."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from federation.charters.verification import PURPOSES
from federation.ids import StatementId
from federation.own_log import Draft
from federation.payloads import Audience
from federation.peers.replication import LinkedBatch
from federation.rows import OpeningStatus, State, StatementRow
from federation.statements import Kind
from node.codec import ProtobufPayloads
from node.demo.members import LUZHOU, ZIGONG
from node.log.units import Unit
from node.system.failpoints import Failpoints
from node.workers import pool
from node.workers.pool import SMALLEST, Workers
from tests.support import canaries
from tests.support.federation_dirs import WiredNode, exchange_all, found, listing_of, set_key

DYING = Path(__file__).parents[1] / "support" / "dying_worker.py"
LISTED = SMALLEST + 6


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both cities before Luzhou has followed anything: Zigong has listed many and repaired one."""
    directory = tmp_path_factory.mktemp("cities")
    alliance = found(directory, (ZIGONG, LUZHOU))
    audience = Audience(charters=(alliance,), purposes=tuple(PURPOSES))
    for member, count in ((ZIGONG, 0), (LUZHOU, 1)):
        set_key(directory / member.region, "prepare", str(count))
    node = WiredNode(directory / ZIGONG.region)
    encode = ProtobufPayloads().encode
    drafts = [
        Draft(
            kind=Kind.LISTING,
            statement_id=StatementId(number.to_bytes(16, "big")),
            payload=encode(
                replace(
                    listing_of(node.me, number), audience=audience, reason=canaries.reason("失信")
                )
            ),
        )
        for number in range(1, LISTED + 1)
    ]
    node.parts.writer.publish(
        Unit(drafts=lambda _session: drafts, record=lambda _session, _placed: None)
    ).result()
    node.repair("r1", drafts[-1].statement_id)
    node.close()
    return directory


class Cities:
    """Zigong, and Luzhou that follows it with a worker."""

    def __init__(self, directory: Path, said: Path) -> None:
        shutil.copytree(said, directory)
        self.zigong = WiredNode(directory / ZIGONG.region)
        self.luzhou = WiredNode(directory / LUZHOU.region)
        self.reads: list[bool] = []

    @property
    def workers(self) -> Workers:
        assert isinstance(self.luzhou.parts.workers, Workers)
        return self.luzhou.parts.workers

    def begin(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Wait until a worker has started, and note whether it is who reads."""
        worker = self.workers._take(after_death=True)
        assert worker is not None
        self.workers._busy.discard(worker)
        self.workers._idle.append(worker)
        read = Workers.read

        def noted(this: Workers, *args: Any) -> Any:
            answer = read(this, *args)
            self.reads.append(answer is not None)
            return answer

        monkeypatch.setattr(Workers, "read", noted)

    def follow(self) -> list[StatementRow]:
        """Luzhou follows; what it then holds of Zigong's log."""
        exchange_all(self.zigong, self.luzhou)
        return self.rows()

    def rows(self) -> list[StatementRow]:
        with self.luzhou.store.read() as session:
            head = session.head(self.zigong.origin)
            assert head is not None
            assert head.size == LISTED + 1
            return list(session.rows_between(head.log, 0, head.size))

    def openings(self) -> Sequence[Any]:
        """What Luzhou gives on: the openings, unsealed."""
        return self.luzhou.exchange.openings_for(
            self.zigong.me, self.zigong.origin, range(LISTED + 1)
        )

    def close(self) -> None:
        self.zigong.close()
        self.luzhou.close()


@pytest.fixture
def cities(tmp_path: Path, said: Path) -> Iterator[Cities]:
    made = Cities(tmp_path / "cities", said)
    yield made
    made.close()


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory, said: Path) -> tuple[Any, Any]:
    """Rows and openings where no worker had part: the first batch does not wait for one."""
    made = Cities(tmp_path_factory.mktemp("here") / "cities", said)
    try:
        rows = made.follow()
        return rows, made.openings()
    finally:
        made.close()


def test_a_worker_reads_what_would_have_been_read_here(
    cities: Cities, here: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    cities.begin(monkeypatch)
    rows = cities.follow()
    assert cities.reads == [True]
    assert rows == here[0]
    assert [row.state for row in rows].count(State.REPAIRED) == 1
    assert cities.openings() == here[1]
    assert canaries.files_with([cities.luzhou.directory]) == []


def test_workers_killed_at_every_failpoint_lose_and_double_nothing(
    cities: Cities, here: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    cities.begin(monkeypatch)
    hit = Failpoints._hit
    at: list[str] = []

    def killed(this: Failpoints, name: str, moment: str) -> None:
        at.append(f"{name}:{moment}")
        for worker in cities.workers._all():
            worker.process.kill()
            worker.process.wait()
        hit(this, name, moment)

    monkeypatch.setattr(Failpoints, "_hit", killed)
    assert cities.follow() == here[0]
    assert cities.openings() == here[1]
    assert {"follow.receive:before", "follow.commit:after", "follow.cosign:after"} <= set(at)


@pytest.mark.parametrize("stage", ["question", "half"])
def test_a_worker_killed_on_the_way_costs_time_alone(
    cities: Cities,
    here: tuple[Any, Any],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    stage: str,
) -> None:
    _dying(monkeypatch, tmp_path, stage, 1)
    cities.begin(monkeypatch)
    assert cities.follow() == here[0]
    assert cities.reads == [True], "another worker has read it"
    assert cities.openings() == here[1]


@pytest.mark.parametrize("anew", [False, True], ids=["as-prepared", "checked-anew"])
def test_a_batch_that_kills_two_is_taken_without_its_openings_and_relief_passes(
    cities: Cities,
    here: tuple[Any, Any],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    anew: bool,
) -> None:
    _dying(monkeypatch, tmp_path, "memory", 2)
    if anew:  # as where the log stands elsewhere than was assumed
        monkeypatch.setattr(LinkedBatch, "holds", lambda *_: False)
    cities.begin(monkeypatch)
    rows = cities.follow()
    assert {row.opening for row in rows} == {OpeningStatus.PENDING}
    states = [row.state for row in rows[:LISTED]]
    assert states.count(State.REPAIRED) == 1, "its header alone relieves"
    assert not cities.luzhou.exchange.blamed(), "want of memory is nobody's fault"
    # They are asked for like any that did not come.
    (missing,) = cities.luzhou.exchange.missing_openings(LISTED + 1).values()
    assert len(missing) == LISTED + 1
    given = cities.zigong.exchange.openings_for(cities.luzhou.me, cities.zigong.origin, missing)
    cities.luzhou.parts.writer.submit(
        lambda: cities.luzhou.exchange.take_openings(
            cities.zigong.origin, list(zip(missing, given, strict=True)), cities.zigong.me
        )
    ).result()
    assert cities.rows() == here[0]
    assert cities.openings() == here[1]


def test_after_a_rotation_workers_seal_under_the_new_key(
    cities: Cities, monkeypatch: pytest.MonkeyPatch
) -> None:
    cities.begin(monkeypatch)
    (before,) = cities.workers._all()
    cities.luzhou.rotate()
    assert before.process.returncode is not None
    cities.begin(monkeypatch)
    cities.follow()
    with cities.luzhou.store.read() as session:
        head = session.head(cities.zigong.origin)
        assert head is not None
        assert {one.key for one in session.openings_between(head.log, 0, head.size)} == {2}


def _dying(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stage: str, times: int) -> None:
    left = tmp_path / "left"
    left.write_bytes(bytes(times))
    monkeypatch.setattr(pool, "COMMAND", (sys.executable, "-I", str(DYING), stage, str(left)))
