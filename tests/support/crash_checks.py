"""What must hold of a node whose load was interrupted: at once, restarted, and at its end.

The load is that of `tests.support.crash_child`. What a child said before its end is what somebody
had an answer for.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from adapters.platform.tables import CONTENT
from adapters.sql import open_store
from adapters.state.highwater import FileHighWater
from crypto.checkpoint import Checkpoint, open_checkpoint, peek_checkpoint
from crypto.merkle import consistency_proof, root_of, verify_consistency
from federation.ids import MemberId, Origin
from federation.payloads import Receipt
from federation.ports.receipts import Told
from federation.reconcile.receipts import ReceiptOutcome
from federation.rows import OpeningStatus, State, StatementRow
from federation.statements import Kind
from node.codec import ProtobufPayloads
from node.demo.members import LUZHOU, ZIGONG
from node.directory.config import load_config
from node.directory.marks import HIGH_WATER_FILE
from node.log.tiles import tile_nodes
from tests.support import crash_child
from tests.support.crash_child import (
    BAD_ROWS,
    FILE_ROWS,
    IMPORT_ROWS,
    INBOX_ROWS,
    LISTED,
    ROUNDS,
    Material,
)
from tests.support.exchange_tables import laid, told
from tests.support.federation_dirs import WiredNode, exchange_all, write_list
from tests.support.processes import Ended

PEER_LISTED = 12
"""Statements of the peer in each round."""
PEER, NODE = ZIGONG, LUZHOU


def check_recovered(directory: Path, material: Material, ended: Ended) -> None:
    """Start the node after its end, let it finish the load and meet its peer.

    Args:
        directory: the nodes' directories as the end left them, and `files`.
        material: what the peer said in the load.
        ended: what the child had said.
    """
    check_what_is_left(directory / NODE.region, ended)
    node = WiredNode(directory / NODE.region)
    peer = WiredNode(directory / PEER.region)
    try:
        check_restarted(node, ended)
        finished = finish(node, material, directory / "files")
        _check_finished(node, ended, finished)
        _check_ring(node)
        exchange_all(node, peer)
        for one in (node, peer):
            one.job("reconcile")
        _check_agreed(node, peer)
        node.job("notices")
        _check_notices(node)
        node.job("outbox")
        _check_outbox(node)
        _check_platform(node)
        check_notes(node, [*ended.about("note", "note"), *finished.about("note", "note")])
        _check_file_is_taken(node, directory / "files")
    finally:
        peer.close()
        node.close()


def check_what_is_left(directory: Path, ended: Ended) -> None:
    """Before anything heals it: no note is persisted or shown that the mark does not cover."""
    config = load_config(directory)
    file = FileHighWater(config.state_directory / HIGH_WATER_FILE, config.origin)
    mark = file.load() or file.remains()  # what a torn slot was to say was not shown yet
    store = open_store(config.database_url)
    with store.read() as snapshot:
        head = snapshot.head(config.origin)
    store.close()
    assert mark is not None
    assert head is not None
    shown = [peek_checkpoint(b64decode(note)).size for note in ended.about("note", "note")]
    assert max(shown, default=0) <= mark[0] <= head.size
    assert head.note_size <= mark[0]


def check_restarted(node: WiredNode, ended: Ended) -> None:
    """Once a member has answered after the restart, everything that was answered is there."""
    _check_missing(node)
    node.publisher.heard(MemberId(PEER.region), 0)
    assert node.publisher.refusal is None
    node.renew_head()
    own = rows_of(node, node.origin)
    by_index = {row.idx: row.statement_id.hex() for row in own}
    for statement_id, index in zip(
        ended.about("statement", "id"), ended.about("statement", "index"), strict=True
    ):
        assert by_index[index] == statement_id
    with node.store.read() as snapshot:
        heads = {head.origin: head for head in snapshot.heads()}
    mine = heads[node.origin]
    assert mine.note_size == mine.size == len(own)
    held, witnessed, delivered = (
        max(ended.about(what, "size"), default=0) for what in ("held", "witnessed", "delivered")
    )
    if PEER.origin in heads or held or witnessed:  # else nothing of it had come yet
        followed = heads[PEER.origin]
        assert followed.size >= held
        assert followed.applied_to == followed.size
        assert followed.witnessed_size >= witnessed
        assert delivered <= followed.delivered_to <= followed.size
    if not ended.about("acknowledging", "turn"):
        assert not _lifted(node)
    _check_mark(node)
    _check_imports(node, ended)
    check_notes(node, ended.about("note", "note"))
    assert node.parts.rebuild(True) == (True, [])


def _check_missing(node: WiredNode) -> None:
    """Nothing but a slot that is torn keeps the node from signing, and it says so."""
    refusal = node.publisher.refusal
    mark = FileHighWater(node.directory / "state" / HIGH_WATER_FILE, node.origin)
    assert (None if refusal is None else refusal.code) == (
        None if mark.load() is not None else "high-water.missing"
    )


def finish(node: WiredNode, material: Material, files: Path) -> Ended:
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
    assert all(size >= max(witnessed, default=0) for size in finished.about("conflict", "size"))
    check_statements(node)
    _check_letters(node, ended, finished)
    _check_errors_file(node.directory.parent / "files")


def check_statements(node: WiredNode) -> None:
    rows = rows_of(node, node.origin)
    listed = len(ROUNDS) * (LISTED + FILE_ROWS + INBOX_ROWS + IMPORT_ROWS)
    check_receipts(node)
    assert Counter(row.kind for row in rows if row.kind != Kind.RECEIPT) == {
        Kind.LISTING: listed,
        Kind.REPAIR: len(ROUNDS) + 1,
        Kind.ERASURE: len(ROUNDS) + 1,
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


def _check_letters(node: WiredNode, ended: Ended, finished: Ended) -> None:
    """Each letter has the number that was answered, and the numbers run without a gap."""
    said = dict(zip(ended.about("letter", "about"), ended.about("letter", "number"), strict=True))
    page, _ = node.parts.letters.page(0, "")
    kept = {one["about"]: one["number"] for one in page}
    assert list(kept) == list(reversed(dict.fromkeys(finished.about("letter", "about"))))
    assert said.items() <= kept.items()
    assert [int(number.split("〕")[1][:-1]) for number in kept.values()] == [
        *range(len(ROUNDS), 0, -1)
    ]


def _check_imports(node: WiredNode, ended: Ended) -> None:
    """An import whose number was answered is there, and no file of one that is published."""
    imports = {one["import"]: one for one in node.parts.imports.list()}
    node.job("imports")
    for number, digest in zip(
        ended.about("brought", "number"), ended.about("brought", "sha256"), strict=True
    ):
        assert imports[number]["sha256"] == digest
    for number in ended.about("imported", "number"):
        assert imports[number]["state"] == "published"
    left = {path.parents[1].name for path in (node.directory / "imports").glob("*/file/*.csv")}
    assert left == {number for number, one in imports.items() if one["state"] != "published"}


def _check_notices(node: WiredNode) -> None:
    """Each listing of the peer, whose subjects are known here, was told once, as it is."""
    with node.store.read() as snapshot:
        kept = snapshot.notices_after(0, 1000)
        followed = snapshot.head(PEER.origin)
        assert followed is not None
        assert not snapshot.notices_due(1)
    states = {row.idx: row.state for row in rows_of(node, PEER.origin) if row.kind == Kind.LISTING}
    assert {one.idx: one.state for one in kept} == states
    assert {one.log for one in kept} <= {followed.log}


def check_receipts(node: WiredNode) -> None:
    """Of every leaf of the peer's that may be told of its last outcome was told, and none twice."""
    with node.store.read() as snapshot:
        followed = snapshot.head(PEER.origin)
        assert followed is not None
        assert followed.receipted_to == followed.size
        assert not snapshot.untold(followed.log, 1)
        kept = snapshot.told_between(followed.log, 0, followed.size)
    said = _told_of_peer(node)
    assert set(said) == set(range(followed.size))
    assert all(len(set(told)) == len(told) for told in said.values())
    # After `erased` it stands beside what is kept.
    assert {index: told[-1] for index, told in said.items()} | {0: said[0][-2]} == kept
    assert [one.outcome for one in said[0]][-2:] == [ReceiptOutcome.ERASED, ReceiptOutcome.LIFTED]
    assert _lifted(node) == [0]


def _lifted(node: WiredNode) -> list[int]:
    """The leaves of the peer's of which it was said, and how often, that they are lifted."""
    return [
        index
        for index, told in _told_of_peer(node).items()
        for one in told
        if one.outcome == ReceiptOutcome.LIFTED
    ]


def _told_of_peer(node: WiredNode) -> dict[int, list[Told]]:
    """What our receipts said of the peer's leaves, in order."""
    with node.store.read() as snapshot:
        own = snapshot.head(node.origin)
        assert own is not None
        receipts = [r.idx for r in rows_of(node, node.origin) if r.kind == Kind.RECEIPT]
        stored = sorted(snapshot.openings(own.log, receipts), key=lambda one: one.index)
    said: dict[int, list[Told]] = {}
    for opening in node.registry._statements._keyring.open_openings(node.origin, stored):
        receipt = ProtobufPayloads().decode(Kind.RECEIPT, opening.payload)
        assert isinstance(receipt, Receipt)
        for batch in receipt.batches:
            for index in batch.indices:
                said.setdefault(index, []).append(Told(batch.outcome, batch.reason))
    return said


def _check_errors_file(files: Path) -> None:
    (path,) = files.glob("*.errors.csv")
    header, *lines = path.read_text("utf-8-sig").splitlines()
    assert header == "row,column,code,value,expected,message"
    assert {line.split(",")[0] for line in lines} == {str(FILE_ROWS * len(ROUNDS) + 2)}


def _check_ring(node: WiredNode) -> None:
    """One opening key is left, all that is held stands under it, and no other lies about."""
    state = node.directory / "state"
    (key,) = json.loads((state / "keyring.json").read_text())["opening"]
    hidden = [path.name for path in state.iterdir() if path.name.startswith(".")]
    assert not hidden, hidden
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
    name = PEER.origin.replace("/", "__")
    folders = [node.directory / where / name for where in ("read", "outbox")]
    told: dict[int, set[str]] = {}
    for path in sorted(path for folder in folders for path in folder.glob("*.csv")):
        manifest = json.loads(path.with_name(f"{path.name}.done").read_text())
        assert manifest["sha256"] == sha256(path.read_bytes()).hexdigest()
        for line in path.read_text("utf-8-sig").splitlines()[1:]:
            index, _, _, statement_id = line.split(",")[:4]
            told.setdefault(int(index), set()).add(statement_id)
    assert set(told) == set(range(head.size))
    assert all(len(ids) == 1 for ids in told.values())
    assert not list(node.directory.glob("outbox/*.part"))


def _check_platform(node: WiredNode) -> None:
    """The platform's database was told every leaf, no state of it twice, and nothing waits."""
    node.job("platform.city")
    assert not (node.directory / "platform").exists()
    (report,) = node.parts.status()["platforms"]
    assert report["waiting"] == 0
    with node.store.read() as snapshot:
        head = snapshot.head(PEER.origin)
        assert head is not None
    rows = told(make_url(f"sqlite:///{node.directory / 'city.db'}"))
    assert {(row["origin"], row["idx"]) for row in rows} == {
        (PEER.origin, index) for index in range(head.size)
    }
    _check_inbox(node)
    said: dict[int, list[tuple[object, ...]]] = {}
    for row in rows:
        said.setdefault(row["idx"], []).append(tuple(row[name] for name in CONTENT))
    assert all(one != other for states in said.values() for one, other in pairwise(states))


def _check_inbox(node: WiredNode) -> None:
    """Every row that the platform laid has its answer, by the id of its listing."""
    answered = laid(make_url(f"sqlite:///{node.directory / 'city.db'}"))
    assert len(answered) == INBOX_ROWS * len(ROUNDS) + 1
    assert all(row["answered_at"] and not row["code"] for row in answered)
    listings = {row.statement_id.hex() for row in rows_of(node, node.origin)}
    assert all(row["statement_id"] in listings for row in answered)


def _check_mark(node: WiredNode) -> None:
    """What the mark says was signed is a prefix of what is there."""
    mark = FileHighWater(node.directory / "state" / HIGH_WATER_FILE, node.origin).load()
    assert mark is not None
    size, root = mark
    assert root_of(_hashes(node, node.origin)[:size]) == root


def check_notes(node: WiredNode, said: Sequence[str]) -> None:
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


def rows_of(node: WiredNode, origin: Origin) -> Sequence[StatementRow]:
    with node.store.read() as snapshot:
        head = snapshot.head(origin)
        assert head is not None
        return snapshot.rows_between(head.log, 0, head.size)


def _hashes(node: WiredNode, origin: Origin) -> Sequence[bytes]:
    with node.store.read() as snapshot:
        head = snapshot.head(origin)
        assert head is not None
        return snapshot.leaf_hashes([(head.log, index) for index in range(head.size)])
