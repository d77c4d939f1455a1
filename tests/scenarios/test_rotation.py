"""Rotation of the opening key: what lives goes on, what was erased stays unreadable.

Covers node/upkeep/rotation.py.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import patch

import pytest

from adapters.errors import KeyRingError
from adapters.sql import open_store
from adapters.state.keyring import KeyRing
from crypto.errors import SealError
from federation.errors import RefusedError
from federation.ids import Origin
from federation.peers.frames import Cursor, Subscribe
from federation.peers.replication import DeliveredBatch
from federation.ports.store import StoredOpening
from federation.rows import OpeningStatus, State, StatementRow
from node.demo.members import LUZHOU, ZIGONG
from node.directory.config import load_config
from node.directory.creation import KEY_RING_FILE
from node.system.entropy import token
from node.upkeep import rotation
from tests.support.commands import run
from tests.support.databases import Backups
from tests.support.federation_dirs import WiredNode, exchange_all, found, set_key

LISTED = 10
DAY = 86_400


BOTH = pytest.mark.parametrize(
    "backups", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
def backups(request: pytest.FixtureRequest) -> Iterator[Backups]:
    postgres = getattr(request, "param", "sqlite") == "postgres"
    maintenance = request.getfixturevalue("postgres_url") if postgres else ""
    made = Backups(maintenance)
    yield made
    made.close()


class Pair:
    """Zigong speaks, Luzhou follows; Luzhou's database is the one under test."""

    def __init__(self, directory: Path, backups: Backups) -> None:
        found(
            directory,
            (ZIGONG, LUZHOU),
            lambda region: backups.url(region) if region == LUZHOU.region else "",
        )
        self.directory = directory / LUZHOU.region
        self.city = WiredNode(directory / ZIGONG.region)
        self.node = WiredNode(self.directory)
        self.listed = [self.city.list_(f"{number:032x}", number) for number in range(LISTED)]
        exchange_all(self.city, self.node)
        self.node.job("reconcile")
        self.node.job("outbox")

    def restart(self) -> WiredNode:
        self.node.close()
        self.node = WiredNode(self.directory)
        return self.node

    def relieve(self, place: int) -> None:
        """Zigong repairs a listing, both erase it."""
        self.city.repair(f"{1000 + place:032x}", self.listed[place].statement_id)
        self.city.job("erasure")
        exchange_all(self.city, self.node)
        self.node.job("reconcile")
        self.node.job("outbox")
        self.node.job("erasure")

    def ask_for_missing(self) -> None:
        """Ask Zigong for what the node misses, as `pull` does."""
        for origin, indices in self.node.exchange.missing_openings(100).items():
            found = self.city.exchange.openings_for(self.node.me, origin, indices)
            answers = list(zip(indices, found, strict=True))

            def take(origin: Origin = origin, answers: list[object] = answers) -> None:  # type: ignore[assignment]
                self.node.exchange.take_openings(origin, answers, self.city.me)  # type: ignore[arg-type]

            self.node.parts.writer.submit(take).result()


@pytest.fixture
def pair(tmp_path: Path, backups: Backups) -> Iterator[Pair]:
    made = Pair(tmp_path, backups)
    yield made
    made.node.close()
    made.city.close()


def ring_of(directory: Path) -> KeyRing:
    return KeyRing.load(load_config(directory).state_directory / KEY_RING_FILE, token=token)


def held(url: str, origin: Origin = ZIGONG.origin) -> Sequence[StoredOpening]:
    """What a database holds of a log, sealed."""
    store = open_store(url)
    with store.read() as snapshot:
        head = snapshot.head(origin)
        assert head is not None
        openings = snapshot.openings_between(head.log, 0, head.size)
    store.close()
    return openings


def rows(node: WiredNode, origin: Origin = ZIGONG.origin) -> Sequence[StatementRow]:
    with node.store.read() as snapshot:
        head = snapshot.head(origin)
        assert head is not None
        return snapshot.rows_between(head.log, 0, head.size)


def readable(openings: Sequence[StoredOpening], ring: KeyRing) -> set[int]:
    """Indices of the openings that a ring opens."""
    result = set()
    for one in openings:
        try:
            ring.open_opening(ZIGONG.origin, one)
        except (SealError, KeyRingError):
            continue
        result.add(one.index)
    return result


@BOTH
def test_old_copies_are_unreadable_and_what_lives_is_read(pair: Pair, backups: Backups) -> None:
    pair.node.close()
    backup = backups.take(pair.directory)
    before = ring_of(pair.directory)
    pair.node = WiredNode(pair.directory)
    pair.relieve(0)
    with patch.object(rotation, "BATCH", 3):
        done = pair.node.rotate()
    kept = set(range(1, LISTED + 2))  # nine listings, the repair, the word that it was erased
    assert (done.number, done.sealed, done.lost) == (2, len(kept), 0)
    node = pair.restart()
    assert {row.idx for row in rows(node) if row.opening == OpeningStatus.PRESENT} == kept
    assert node.parts.rebuild(True) == (True, [])
    ring = ring_of(pair.directory)
    assert ring.numbers == (2,)
    now = held(load_config(pair.directory).database_url)
    assert readable(now, ring) == kept
    old = held(backup if "://" in backup else f"sqlite:///{backup}")
    assert readable(old, before) == set(range(LISTED))
    assert readable(old, ring) == set()


@BOTH
def test_a_restored_backup_brings_back_what_lives_and_nothing_else(
    pair: Pair, backups: Backups
) -> None:
    pair.node.close()
    backup = backups.take(pair.directory)
    pair.node = WiredNode(pair.directory)
    pair.relieve(0)
    pair.node.rotate()
    pair.node.close()
    backups.restore(pair.directory, backup)
    pair.node = WiredNode(pair.directory)
    assert "openings.lost" in pair.node.problems()
    assert pair.node.parts.status()["key_ring"]["openings_lost"] == LISTED
    assert {row.opening for row in rows(pair.node)} == {OpeningStatus.PENDING}
    assert {row.rule for row in rows(pair.node)} == {"opening.missing"}
    exchange_all(pair.city, pair.node)
    pair.ask_for_missing()
    found = rows(pair.node)
    assert found[0].state == State.REPAIRED
    assert found[0].opening == OpeningStatus.ERASED, "the origin said so"
    assert [row.opening for row in found[1:LISTED]] == [OpeningStatus.PRESENT] * (LISTED - 1)
    assert [row.state for row in found[1:LISTED]] == [State.ACTIVE] * (LISTED - 1)
    assert "openings.lost" not in pair.node.problems(), "nor does it take a restart"
    assert "openings.lost" not in pair.restart().problems()


def test_a_database_behind_its_own_log_keeps_its_key(pair: Pair, backups: Backups) -> None:
    """The newer database may lie aside: what it alone has is read by this key."""
    directory = pair.city.directory
    pair.city.close()
    backup = backups.take(directory)
    pair.city = WiredNode(directory)
    newer = pair.city.list_("a" * 32, LISTED + 1)
    pair.city.close()
    aside = backups.take(directory)
    backups.restore(directory, backup)
    pair.city = WiredNode(directory)
    with pytest.raises(RefusedError) as refused:
        pair.city.rotate()
    assert refused.value.code == "keys.behind"
    pair.city.job("rotation")  # nor does the schedule
    assert ring_of(directory).numbers == (1,)
    pair.city.close()
    backups.restore(directory, aside)
    pair.city = WiredNode(directory)
    (row,) = [one for one in rows(pair.city) if one.statement_id == newer.statement_id]
    assert row.opening == OpeningStatus.PRESENT
    assert pair.city.rotate().lost == 0


def test_a_ring_older_than_the_database_is_refused(pair: Pair) -> None:
    ring = pair.directory / "state" / KEY_RING_FILE
    old = ring.with_name("copy")
    shutil.copy2(ring, old)
    pair.node.rotate()
    pair.node.close()
    shutil.copy2(old, ring)
    with pytest.raises(KeyRingError, match=r"older than the database.*from escrow"):
        WiredNode(pair.directory)
    told = run("records", "list", "--dir", pair.directory)
    assert (told.code, "keys.ring" in told.err, "store.failed" in told.err) == (4, True, False)
    content = json.loads(ring.read_text())
    content["opening"][0]["number"] = 2
    ring.write_text(json.dumps(content))
    pair.node = WiredNode(pair.directory)  # for the fixture; its openings do not open


@BOTH
def test_reading_writing_and_relief_go_on_while_keys_are_rotated(pair: Pair) -> None:
    node = pair.node
    with (
        patch.object(rotation, "BATCH", 1),
        patch.object(rotation, "GRACE_SECONDS", 0),
        ThreadPoolExecutor(3) as pool,
    ):
        rotating = [pool.submit(node.rotate) for _ in range(2)]
        reading = pool.submit(_read_all, node, 30)
        for number in range(20):
            node.list_(f"{5000 + number:032x}", 5000 + number)
        pair.relieve(0)
        assert [one.result().lost for one in rotating] == [0, 0]
        assert reading.result() == 30
    ring = ring_of(pair.directory)
    assert ring.numbers == (3,)
    url = load_config(pair.directory).database_url
    assert {one.key for one in held(url)} == {one.key for one in held(url, node.origin)} == {3}
    assert node.parts.rebuild(True) == (True, [])


def _read_all(node: WiredNode, times: int) -> int:
    for _ in range(times):
        served = node.exchange.openings_for(ZIGONG.region, ZIGONG.origin, range(1, LISTED))  # type: ignore[arg-type]
        assert {one.status for one in served} == {OpeningStatus.PRESENT}
    return times


def test_what_was_sealed_before_a_rotation_is_sealed_anew_when_it_is_stored(pair: Pair) -> None:
    """A batch is prepared beside the writer; the key may change until it is stored."""
    session = pair.city.exchange.open_session(pair.node.me)
    pair.city.handle(session, Subscribe(cursors=(Cursor(origin=ZIGONG.origin, size=LISTED),)))
    pair.city.list_(f"{77:032x}", 77)
    (batch,) = [f for f in pair.city.exchange.plan(session) if isinstance(f, DeliveredBatch)]
    following = pair.node.exchange.open_session(pair.city.me)
    pair.node.exchange.subscription(following)
    prepared = pair.node.exchange.prepare(following, batch)
    pair.node.rotate()
    pair.node.parts.writer.submit(lambda: pair.node.exchange.handle(following, prepared)).result()
    assert {one.key for one in held(load_config(pair.directory).database_url)} == {2}


def test_an_opening_that_does_not_open_is_asked_for_again(pair: Pair) -> None:
    with pair.node.store.write() as session:
        head = session.head(ZIGONG.origin)
        assert head is not None
        session.replace_openings(head.log, [StoredOpening(index=4, key=1, sealed=b"x" * 90)])
    assert pair.node.rotate().lost == 1
    assert rows(pair.node)[4].opening == OpeningStatus.PENDING
    pair.ask_for_missing()
    assert rows(pair.node)[4].opening == OpeningStatus.PRESENT


def test_the_schedule_rotates_an_old_key_and_finishes_what_was_begun(pair: Pair) -> None:
    job = next(job for job in pair.node.parts.jobs if job.name == "rotation")
    job.run()
    assert ring_of(pair.directory).numbers == (1,)
    pair.node.close()
    path = pair.directory / "state" / KEY_RING_FILE
    content = json.loads(path.read_text())
    content["opening"][0]["created_at"] -= 30 * DAY
    path.write_text(json.dumps(content))
    pair.node = WiredNode(pair.directory)
    pair.node.job("rotation")
    assert ring_of(pair.directory).numbers == (1,)  # nobody has said yet what time it is
    pair.node.confirm_time()
    pair.node.job("rotation")
    assert ring_of(pair.directory).numbers == (2,)
    pair.node.close()
    ring_of(pair.directory).add_opening_key(content["opening"][0]["created_at"] + 31 * DAY)
    pair.node = WiredNode(pair.directory)
    assert pair.node.parts.status()["key_ring"]["rotating"]
    pair.node.job("rotation")
    assert ring_of(pair.directory).numbers == (3,)


def test_the_command_rotates(pair: Pair) -> None:
    pair.node.close()
    ran = run("keys", "rotate", "--dir", pair.directory, "-o", "json")
    assert (ran.code, ran.json) == (0, {"opening_key": 2, "sealed": LISTED, "lost": 0})
    assert "不" not in run("keys", "rotate", "--dir", pair.directory).err
    pair.node = WiredNode(pair.directory)
    assert pair.node.parts.status()["key_ring"]["opening_key"] == 3


def test_no_key_is_replaced_while_the_escrow_cannot_be_written(pair: Pair, tmp_path: Path) -> None:
    escrow = tmp_path / "escrow" / "ring"
    set_key(pair.directory, "escrow", json.dumps(str(escrow)))
    node = pair.restart()
    assert "keys.escrow" in node.problems()
    with pytest.raises(KeyRingError, match="escrow copy"):
        node.rotate()
    escrow.parent.mkdir()
    node.job("rotation")
    assert "keys.escrow" not in node.problems()
    node.rotate()
    assert escrow.read_bytes() == (pair.directory / "state" / KEY_RING_FILE).read_bytes()
