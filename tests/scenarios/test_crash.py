"""A process killed at any failpoint loses nothing that it answered, and says nothing twice.

For each failpoint, before and after its step, on both databases: a child does a bounded load and
dies by SIGKILL in its second round. Then the node is started again without a failpoint, finishes
the same load, and meets its peer.
"""

from __future__ import annotations

import json
import secrets
import shutil
import signal
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text

from adapters.highwater import FileHighWater
from adapters.sql import open_store
from crypto.checkpoint import Checkpoint, open_checkpoint, peek_checkpoint
from crypto.merkle import consistency_proof, root_of, verify_consistency
from federation.frames import Cursor, Subscribe
from federation.ids import Origin, StatementId
from federation.replication import DeliveredBatch
from federation.rows import OpeningStatus, State, StatementRow
from federation.statements import Kind
from federation.witness import AddCheckpoint, format_request
from node.config import load_config
from node.creation import HIGH_WATER_FILE
from node.demo.members import LUZHOU, ZIGONG
from node.failpoints import NAMES
from node.ledger import tile_nodes
from tests.support import crash_child
from tests.support.crash_child import BAD_ROWS, CHUNK, FILE_ROWS, LISTED, ROUNDS, Material
from tests.support.federation_dirs import (
    WiredNode,
    exchange_all,
    found,
    listing_of,
    set_key,
    write_list,
)
from tests.support.processes import CrashServer, Ended

UNITS = LISTED + 1 + -(-FILE_ROWS // CHUNK) + 1
"""Units published in a round: listings, a repair, chunks of the file, the erasure."""
NTH = {
    "publish.commit": UNITS + 2,
    "publish.mark": UNITS + 2,
    "publish.sign": UNITS + 2,
    "publish.note": UNITS + 2,
    "publish.show": UNITS + 3,
    "feed.commit": -(-FILE_ROWS // CHUNK) + 4,
}
"""At which hit the child dies: one in its second round; the others are hit once in each round."""
PEER_LISTED = 12
PEER, NODE = ZIGONG, LUZHOU


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Directories of both nodes before the load, and what the peer says in it."""

    directory: Path
    material: Path
    database: str
    """The database from which each test's is copied, or empty where it lies in the directory."""


@pytest.fixture(scope="module")
def crash_server() -> Iterator[CrashServer]:
    server = CrashServer()
    yield server
    server.close()


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def prepared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prepared]:
    """Found the federation, let the peer speak, start the node once."""
    directory = tmp_path_factory.mktemp("crash")
    database = ""
    if request.param == "postgres":
        maintenance: str = request.getfixturevalue("postgres_url")
        database = _create_database(maintenance, "template1")
    found(directory, (PEER, NODE), lambda region: database if region == NODE.region else "")
    node = WiredNode(directory / NODE.region)
    peer = WiredNode(directory / PEER.region)
    material = _let_speak(peer, node)
    for one in (node, peer):
        one.close()
    material.write(directory / "material.json")
    yield Prepared(directory=directory, material=directory / "material.json", database=database)
    if database:
        _drop_database(database)


@pytest.fixture
def directory(prepared: Prepared, tmp_path: Path) -> Iterator[Path]:
    """A copy of both nodes' directories and databases."""
    for member in (PEER, NODE):
        shutil.copytree(prepared.directory / member.region, tmp_path / member.region)
    (tmp_path / "files").mkdir()
    if not prepared.database:
        yield tmp_path
        return
    url = make_url(prepared.database)
    database = _create_database(prepared.database, str(url.database))
    set_key(tmp_path / NODE.region, "url", json.dumps(database))
    yield tmp_path
    _drop_database(database)


@pytest.mark.process
@pytest.mark.parametrize(
    ("name", "moment"),
    [
        (name, moment)
        for name in NAMES
        for moment in ("before", "after")
        # After a step of a rotation is before its next one: nothing stands between them.
        if not (name.startswith("rotate.") and name != "rotate.add" and moment == "before")
    ],
)
def test_killed_at(
    name: str, moment: str, directory: Path, prepared: Prepared, crash_server: CrashServer
) -> None:
    ended = crash_server.run(
        failpoint=f"{name}:{moment}:{NTH.get(name, len(ROUNDS))}",
        directory=directory / NODE.region,
        material=prepared.material,
        files=directory / "files",
    )
    assert ended.code == -signal.SIGKILL, f"the load never came to {name}"
    _check_what_was_said(ended)
    _check_what_is_left(directory / NODE.region, ended)
    material = Material.read(prepared.material)
    node = WiredNode(directory / NODE.region)
    peer = WiredNode(directory / PEER.region)
    try:
        _check_restarted(node, ended)
        finished = _finish(node, material, directory / "files")
        _check_finished(node, ended, finished)
        _check_ring(node)
        exchange_all(node, peer)
        for one in (node, peer):
            one.job("reconcile")
        _check_agreed(node, peer)
        node.job("outbox")
        _check_outbox(node)
        _check_notes(node, [*ended.about("note", "note"), *finished.about("note", "note")])
        _check_file_is_taken(node, directory / "files")
    finally:
        peer.close()
        node.close()


def test_the_load_is_whole_without_a_crash(
    directory: Path, prepared: Prepared, crash_server: CrashServer
) -> None:
    """The control: no failpoint, the child ends by itself, and every failpoint would be hit."""
    ended = crash_server.run(
        failpoint="",
        directory=directory / NODE.region,
        material=prepared.material,
        files=directory / "files",
    )
    assert ended.code == 0
    node = WiredNode(directory / NODE.region)
    try:
        _check_restarted(node, ended)
        _check_statements(node)
        before = {origin: log["size"] for origin, log in node.logs().items()}
        _finish(node, Material.read(prepared.material), directory / "files")
        assert {origin: log["size"] for origin, log in node.logs().items()} == before
    finally:
        node.close()


# ---------------------------------------------------------------- what a test begins with


def _let_speak(peer: WiredNode, node: WiredNode) -> Material:
    """The peer lists, then repairs and lists more; each time one batch and one request."""
    session = peer.exchange.open_session(node.me)
    peer.handle(session, Subscribe(cursors=(Cursor(origin=peer.origin, size=0),)))
    batches: list[DeliveredBatch] = []
    requests: list[bytes] = []
    size = 0
    for turn in ROUNDS:
        if turn == ROUNDS[-1]:
            peer.repair(f"{1:032x}", _first_listing(peer))
        _list_together(peer, range(5000 * turn, 5000 * turn + PEER_LISTED))
        frames = peer.exchange.plan(session)
        batches += [frame for frame in frames if isinstance(frame, DeliveredBatch)]
        with peer.store.read() as snapshot:
            head = snapshot.head(peer.origin)
            assert head is not None
            nodes = tile_nodes(snapshot, head.log, head.size)
            proof = tuple(consistency_proof(size, head.size, nodes)) if size else ()
        request = AddCheckpoint(old_size=size, proof=proof, checkpoint=peer.note())
        requests.append(format_request(request))
        size = head.size
    peer.exchange.close_session(session)
    assert len(batches) == len(ROUNDS)
    return Material(peer=peer.me, batches=tuple(batches), requests=tuple(requests))


def _list_together(node: WiredNode, numbers: range) -> None:
    drafts = [(int(Kind.LISTING), 0, b"", listing_of(node.me, number)) for number in numbers]
    submission = node.registry.publish(f"{numbers.start:032x}", drafts, "")
    node.parts.writer.publish(submission.unit).result()


def _first_listing(node: WiredNode) -> StatementId:
    return StatementId(_rows(node, node.origin)[0].statement_id)


def _create_database(beside: str, template: str) -> str:
    name = f"huxin_test_{secrets.token_hex(8)}"
    url = make_url(beside).set(database="postgres")
    _execute(
        url.render_as_string(hide_password=False), f"CREATE DATABASE {name} TEMPLATE {template}"
    )
    return url.set(database=name).render_as_string(hide_password=False)


def _drop_database(database: str) -> None:
    url = make_url(database)
    maintenance = url.set(database="postgres").render_as_string(hide_password=False)
    _execute(maintenance, f"DROP DATABASE {url.database} WITH (FORCE)")


def _execute(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


# ---------------------------------------------------------------- what must hold


def _check_what_was_said(ended: Ended) -> None:
    """It died in the second round: the whole first one had been answered."""
    assert len(ended.about("statement", "id")) >= LISTED + 1
    assert ended.about("file", "rows")[:1] == [FILE_ROWS + BAD_ROWS]
    assert len(ended.about("held", "size")) >= 1
    assert len(ended.about("witnessed", "size")) >= 1
    assert len(ended.about("delivered", "size")) >= 1


def _check_what_is_left(directory: Path, ended: Ended) -> None:
    """Before anything heals it: no note is persisted or shown that the mark does not cover."""
    config = load_config(directory)
    mark = FileHighWater(config.state_directory / HIGH_WATER_FILE, config.origin).load()
    store = open_store(config.database_url)
    with store.read() as snapshot:
        head = snapshot.head(config.origin)
    store.close()
    assert mark is not None
    assert head is not None
    shown = [peek_checkpoint(b64decode(note)).size for note in ended.about("note", "note")]
    assert max(shown) <= head.note_size <= mark[0] <= head.size


def _check_restarted(node: WiredNode, ended: Ended) -> None:
    """At once after the restart, everything that was answered is there."""
    assert node.publisher.refusal is None
    own = _rows(node, node.origin)
    by_index = {row.idx: row.statement_id.hex() for row in own}
    for statement_id, index in zip(
        ended.about("statement", "id"), ended.about("statement", "index"), strict=True
    ):
        assert by_index[index] == statement_id
    with node.store.read() as snapshot:
        heads = {head.origin: head for head in snapshot.heads()}
    mine, followed = heads[node.origin], heads[PEER.origin]
    assert mine.note_size == mine.size == len(own)
    assert followed.size >= max(ended.about("held", "size"))
    assert followed.applied_to == followed.size
    assert followed.witnessed_size >= max(ended.about("witnessed", "size"))
    assert max(ended.about("delivered", "size")) <= followed.delivered_to <= followed.size
    _check_mark(node)
    _check_notes(node, ended.about("note", "note"))
    assert node.parts.rebuild(True) == (True, [])


def _finish(node: WiredNode, material: Material, files: Path) -> Ended:
    """Do the whole load again, as departments and peers do that had no answer."""
    said: list[dict[str, Any]] = []

    def say(what: str, **fields: Any) -> None:
        said.append({"what": what, **fields})

    crash_child.load(node, material, files, say)
    return Ended(code=0, said=said)


def _check_finished(node: WiredNode, ended: Ended, finished: Ended) -> None:
    """The same requests had the same answers, and everything stands there exactly once."""
    first = _answers(ended)
    again = _answers(finished)
    assert len(again) == len(ROUNDS) * (LISTED + 1)
    assert first == {request: again[request] for request in first}
    witnessed = ended.about("witnessed", "size")
    assert all(size >= max(witnessed) for size in finished.about("conflict", "size"))
    _check_statements(node)
    _check_errors_file(node.directory.parent / "files")


def _check_statements(node: WiredNode) -> None:
    rows = _rows(node, node.origin)
    listed = len(ROUNDS) * LISTED + FILE_ROWS * len(ROUNDS)
    assert Counter(row.kind for row in rows) == {
        Kind.LISTING: listed,
        Kind.REPAIR: len(ROUNDS),
        Kind.ERASURE: len(ROUNDS),
    }
    assert len({row.statement_id for row in rows}) == len(rows)
    listings = [row for row in rows if row.kind == Kind.LISTING]
    assert len({row.record_tag for row in listings}) == listed
    repaired = {row.about for row in rows if row.kind == Kind.REPAIR}
    assert {row.about for row in rows if row.kind == Kind.ERASURE} == repaired
    for row in listings:
        ended = row.statement_id in repaired
        assert row.state == (State.REPAIRED if ended else State.ACTIVE)
        assert row.opening == (OpeningStatus.ERASED if ended else OpeningStatus.PRESENT)
    with node.store.read() as snapshot:
        head = snapshot.head(node.origin)
        assert head is not None
        held = {opening.index for opening in snapshot.openings_between(head.log, 0, head.size)}
        forks = snapshot.forks()
    assert held == {row.idx for row in rows if row.opening == OpeningStatus.PRESENT}
    assert not forks


def _check_errors_file(files: Path) -> None:
    (path,) = files.glob("*.errors.csv")
    header, *lines = path.read_text("utf-8-sig").splitlines()
    assert header == "row,column,code,value,expected,message"
    assert {line.split(",")[0] for line in lines} == {str(FILE_ROWS * len(ROUNDS) + 2)}


def _check_ring(node: WiredNode) -> None:
    """One opening key is left, all that is held stands under it, and no other lies about."""
    state = node.directory / "state"
    (key,) = json.loads((state / "keyring.json").read_text())["opening"]
    assert not [path.name for path in state.iterdir() if path.name.startswith(".")]
    with node.store.read() as snapshot:
        for head in snapshot.heads():
            held = snapshot.openings_between(head.log, 0, head.size)
            assert {opening.key for opening in held} == {key["number"]}


def _check_agreed(node: WiredNode, peer: WiredNode) -> None:
    """Both hold both logs in full and judge them alike."""
    here, there = node.logs(), peer.logs()
    assert set(here) == set(there) == {node.origin, peer.origin}
    for origin, log in here.items():
        compared = ("size", "root", "log_state", "signed_size", "records")
        assert [log[name] for name in compared] == [there[origin][name] for name in compared]
        assert log["signed_size"] == log["size"] == log["reconciled_to"]
    assert here[peer.origin]["size"] == len(ROUNDS) * PEER_LISTED + 1
    assert not node.exchange.blamed()
    assert not peer.exchange.blamed()
    for one in (node, peer):
        assert one.publisher.refusal is None
        assert one.parts.rebuild(True) == (True, [])


def _check_outbox(node: WiredNode) -> None:
    """Every leaf of the peer's was told, each file whole and with its manifest."""
    with node.store.read() as snapshot:
        head = snapshot.head(PEER.origin)
        assert head is not None
        assert head.delivered_to == head.size
        assert not snapshot.redeliveries(head.log, 10)
    folder = node.directory / "outbox" / PEER.origin.replace("/", "__")
    told: dict[int, set[str]] = {}
    for path in sorted(folder.glob("*.csv")):
        manifest = json.loads(path.with_name(f"{path.name}.done").read_text())
        assert manifest["sha256"] == sha256(path.read_bytes()).hexdigest()
        for line in path.read_text("utf-8-sig").splitlines()[1:]:
            index, _, _, statement_id = line.split(",")[:4]
            told.setdefault(int(index), set()).add(statement_id)
    assert set(told) == set(range(head.size))
    assert all(len(ids) == 1 for ids in told.values())
    assert not list(node.directory.glob("outbox/*.part"))


def _check_mark(node: WiredNode) -> None:
    """What the mark says was signed is a prefix of what is there."""
    mark = FileHighWater(node.directory / "state" / HIGH_WATER_FILE, node.origin).load()
    assert mark is not None
    size, root = mark
    assert root_of(_hashes(node, node.origin)[:size]) == root


def _check_notes(node: WiredNode, said: Sequence[str]) -> None:
    """All checkpoints ever shown are of one history, which is the one held now."""
    key = node.exchange._trust().log_key(node.origin)
    notes = [*map(b64decode, said), node.note()]
    shown = {
        (checkpoint.size, checkpoint.root): checkpoint
        for checkpoint in (open_checkpoint(note, key).checkpoint for note in notes)
    }
    ordered = sorted(shown.values(), key=lambda checkpoint: checkpoint.size)
    assert len({checkpoint.size for checkpoint in ordered}) == len(ordered)
    with node.store.read() as snapshot:
        head = snapshot.head(node.origin)
        assert head is not None
        newest = Checkpoint(
            origin=node.origin, size=head.size, root=root_of(_hashes(node, node.origin))
        )
        nodes = tile_nodes(snapshot, head.log, head.size)
        for older, newer in zip(ordered, [*ordered[1:], newest], strict=True):
            proof: Sequence[bytes] = ()
            if 0 < older.size < newer.size:
                proof = consistency_proof(older.size, newer.size, nodes)
            verify_consistency(
                old_size=older.size,
                new_size=newer.size,
                old_root=older.root,
                new_root=newer.root,
                proof=proof,
            )


def _check_file_is_taken(node: WiredNode, files: Path) -> None:
    """The same file again publishes nothing."""
    path = files / "list.csv"
    write_list(path, node.me, range(FILE_ROWS * len(ROUNDS)), bad=BAD_ROWS)
    assert node.publish_list(path)["published"] == 0


def _answers(ended: Ended) -> dict[str, tuple[str, int]]:
    answers = [entry for entry in ended.said if entry["what"] == "statement"]
    return {entry["request"]: (entry["id"], entry["index"]) for entry in answers}


def _rows(node: WiredNode, origin: Origin) -> Sequence[StatementRow]:
    with node.store.read() as snapshot:
        head = snapshot.head(origin)
        assert head is not None
        return snapshot.rows_between(head.log, 0, head.size)


def _hashes(node: WiredNode, origin: Origin) -> Sequence[bytes]:
    with node.store.read() as snapshot:
        head = snapshot.head(origin)
        assert head is not None
        return snapshot.leaf_hashes([(head.log, index) for index in range(head.size)])
