"""`node.access.query_log`: sealed rows, commitments and promises.

And how a node gets its own (node/access/wiring.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.errors import KeyRingError
from adapters.sql.query_rows import row_by_id
from adapters.sql.query_store import QueryStore, open_query_store
from crypto.keys import KeyType, Signer
from crypto.merkle import leaf_hash
from federation.errors import RefusedError
from federation.ids import Origin, Timestamp
from federation.screening.query_log import EntryKind, LeafHeader, verify_leaf, verify_promise
from node.access.query_keys import QueryKeys
from node.access.query_log import Entry, QueryLog, Subject, entry_of
from node.access.wiring import wire_queries
from node.directory.config import NodeSection
from node.directory.creation import NewNode, create_node
from node.directory.keys import KeyFileError
from node.directory.opened import open_directory
from node.system.entropy import token

NOW = Timestamp(1_795_000_000)
ORIGIN = Origin("queries.a.example/1")
SIGNER = Signer(name=ORIGIN, type=KeyType.NOTE, seed=b"q" * 32)
ENTRY = Entry(
    kind=EntryKind.QUESTION,
    asker="c1",
    department="财政局",
    action="check",
    at=NOW,
    matter="procurement",
    purpose="screening",
    case_no="2026-17",
    subjects=(Subject(code="91510500MA0000000X", name="甲（演示）"),),
    result="clear",
    number="511500-20261118-0123456789ab",
    references=("a.example/1/7",),
)


@pytest.fixture
def store() -> Iterator[QueryStore]:
    store = open_query_store("sqlite:///:memory:")
    yield store
    store.close()


def log(tmp_path: Path) -> QueryLog:
    keys = QueryKeys(tmp_path / "queries", now=lambda: NOW, token=token)
    return QueryLog(origin=ORIGIN, signer=SIGNER, keys=keys, token=token)


def test_an_entry_is_sealed_committed_to_and_promised(store: QueryStore, tmp_path: Path) -> None:
    queries = log(tmp_path)
    with store.write() as writes:
        promise = queries.record(writes, ENTRY)
    with store.read() as reads:
        row = row_by_id(reads, promise.query_id)
    assert row is not None
    assert row.sealed is not None
    assert b"91510500" not in row.sealed + row.leaf
    opening = queries.opening(row)
    assert opening is not None
    header = verify_leaf(ORIGIN, row.leaf, *opening)
    assert entry_of(header, opening[1]) == ENTRY
    promised = verify_promise(str(promise.to_json()["note"]).encode(), SIGNER.verifier)
    assert promised.leaf_hash == leaf_hash(row.leaf)
    assert (promised.query_id, promised.at) == (row.query_id, NOW)


def test_an_entry_that_is_too_long_is_refused(store: QueryStore, tmp_path: Path) -> None:
    long = Entry(
        kind=EntryKind.READ,
        asker="",
        department="",
        action="x",
        at=NOW,
        references=("a" * 40_000,),
    )
    with pytest.raises(RefusedError, match="32768"), store.write() as writes:
        log(tmp_path).record(writes, long)


@pytest.mark.parametrize("payload", [b"", b"[]", b"{}", b'{"action":"a","subjects":[1]}'])
def test_a_payload_that_is_no_entry_is_refused(payload: bytes) -> None:
    header = LeafHeader(kind=EntryKind.READ, query_id=b"i" * 16, at=NOW)
    with pytest.raises(RefusedError) as caught:
        entry_of(header, payload)
    assert caught.value.code == "queries.row"


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("nodes") / "a"
    identity = NodeSection(region="510500", name="泸州", role="city", origin="a.example/1")
    new = NewNode(identity=identity, listen="127.0.0.1:0", advertise="", charter_key=None)
    create_node(made, new, now=NOW, token=token)
    return made


def recorded(directory: Path) -> bytes:
    """Record in a run of its own; a tag of that run."""
    opened = open_directory(directory)
    queries = wire_queries(opened)
    assert queries.log.origin == ORIGIN
    promise = queries.writer.submit(lambda writes: queries.log.record(writes, ENTRY)).result()
    with queries.store.read() as reads:
        assert row_by_id(reads, promise.query_id) is not None
    queries.close()
    opened.store.close()
    return queries.keys.tag(b"x")


def test_a_node_makes_its_query_log_at_the_start_and_finds_it_again(directory: Path) -> None:
    tags = [recorded(directory), recorded(directory)]
    assert tags[0] == tags[1]
    kept = directory / "state" / "queries"
    kept.rename(directory / "state" / "away")
    opened = open_directory(directory)
    for _ in range(2):
        with pytest.raises(KeyRingError, match="missing"):
            wire_queries(opened)
    kept.rmdir()
    (directory / "state" / "away").rename(kept)
    queries = wire_queries(opened)
    assert queries.keys.tag(b"x") == tags[0]
    queries.close()
    key = directory / "keys" / "queries.key"
    key.write_text(
        Signer(name="queries.b.example/1", type=KeyType.NOTE, seed=b"s" * 32).to_seed_text()
    )
    with pytest.raises(KeyFileError, match=r"a\.example"):
        wire_queries(opened)
    opened.store.close()
