"""Two nodes before a load that is to be interrupted, and copies of them for each test."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import NullPool, create_engine, make_url, text

from crypto.merkle import consistency_proof
from federation.ids import StatementId
from federation.peers.frames import Cursor, Subscribe
from federation.peers.replication import DeliveredBatch
from federation.peers.witness import AddCheckpoint, format_request
from federation.statements import Kind
from node.log.tiles import tile_nodes
from tests.support.crash_checks import NODE, PEER, PEER_LISTED, rows_of
from tests.support.crash_child import ROUNDS, Material
from tests.support.exchange_tables import make_tables
from tests.support.federation_dirs import WiredNode, found, listing_of, set_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Directories of both nodes before the load, and what the peer says in it."""

    directory: Path
    material: Path
    database: str
    """The database from which each test's is copied, or empty where it lies in the directory."""


@contextmanager
def prepared_in(directory: Path, maintenance: str = "") -> Iterator[Prepared]:
    """Found the federation, let the peer speak, start the node once.

    Args:
        directory: new or empty.
        maintenance: URL of PostgreSQL's maintenance database; empty for SQLite.
    """
    with ExitStack() as stack:
        database = ""
        if maintenance:
            database = _create_database(maintenance, "template1")
            stack.callback(_drop_database, database)
        found(directory, (PEER, NODE), lambda region: database if region == NODE.region else "")
        with (directory / NODE.region / "huxin.toml").open("a") as config:
            config.write(
                '\n[platform]\ncity = { url = "sqlite:///city.db", sources = ["court"] }\n'
            )
        set_key(directory / NODE.region, "seconds", "0")
        set_key(directory / NODE.region, "code", json.dumps("泸信办（演示）"))
        make_tables(make_url(f"sqlite:///{directory / NODE.region / 'city.db'}"))
        node = WiredNode(directory / NODE.region)
        peer = WiredNode(directory / PEER.region)
        material = _let_speak(peer, node)
        for one in (node, peer):
            one.close()
        material.write(directory / "material.json")
        yield Prepared(directory=directory, material=directory / "material.json", database=database)


@contextmanager
def copied_to(directory: Path, prepared: Prepared) -> Iterator[Path]:
    """A copy of both nodes' directories and databases, and an empty folder `files`."""
    for member in (PEER, NODE):
        shutil.copytree(prepared.directory / member.region, directory / member.region)
    (directory / "files").mkdir()
    if not prepared.database:
        yield directory
        return
    url = make_url(prepared.database)
    database = _create_database(prepared.database, str(url.database))
    set_key(directory / NODE.region, "url", json.dumps(database))
    try:
        yield directory
    finally:
        _drop_database(database)


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
    return StatementId(rows_of(node, node.origin)[0].statement_id)


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
