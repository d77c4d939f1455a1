"""Logs as files and the witness, over HTTP, of two real nodes without a network (HT10-HT13).

Covers node/audit/shown_logs.py, node/audit/shown_witness.py, node/audit/wiring.py,
node/web/log_app.py, node/web/log_calls.py, node/network/witness_door.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from crypto.checkpoint import Checkpoint, open_checkpoint, peek_checkpoint, sign_checkpoint
from crypto.cosignature import verify_cosignatures
from crypto.merkle import consistency_proof
from crypto.notes import parse_note
from crypto.strict import b64
from crypto.tiles import parse_entry_tile, tile_path, tiles_for_size
from federation.audit.export_names import directory_name, opening_path
from federation.audit.following import What, follow
from federation.charters.chain import CharterChain
from federation.charters.trust import Trust
from federation.charters.values import Tiles
from federation.ids import CharterId, Origin, Timestamp
from federation.statements import Kind
from node.audit import shown_witness
from node.audit.shown_logs import ShownLogs
from node.audit.shown_witness import ShownWitness
from node.charters.files import load_chains
from node.charters.view import TrustView
from node.demo.members import DemoMember
from node.directory.config import load_config
from node.directory.keys import load_keys
from node.log.tiles import tile_nodes
from node.web.figures import Figures
from node.web.log_app import LogApplication
from node.web.server import HttpServer
from tests.federation.audit.test_following import Copy
from tests.support.asgi import Answered, ask
from tests.support.commands import run
from tests.support.fake_shown import FakeJoining
from tests.support.federation_dirs import WiredNode, exchange_all, found, write_list

CITY = DemoMember(region="510500", name="泸州")
PEER = DemoMember(region="510300", name="自贡")


class World:
    """The node of 自贡, which holds the log of 泸州 too, shown to strangers."""

    def __init__(self, folder: Path, threads: ThreadPoolExecutor) -> None:
        self.folder = folder
        self.city, self.peer = WiredNode(folder / CITY.region), WiredNode(folder / PEER.region)
        config = load_config(self.peer.directory)
        self.chain = load_chains(config.charters_directory, config.pins)[0]
        self.tiles = Tiles.MEMBERS
        self.also: Tiles | None = None
        """Of a second alliance of the same members."""
        self.moment = 0.0
        files, witness = self.peer.parts.shown
        assert isinstance(files, ShownLogs)
        assert isinstance(witness, ShownWitness)
        self.files = ShownLogs(
            store=self.peer.store,
            keyring=files._keyring,
            trust=self.view,
            chains=lambda: [self._chain()],
            shown=self.peer.exchange.shown,
        )
        self.witness = ShownWitness(
            store=self.peer.store,
            trust=self.view,
            may_see=self.files.may_see,
            door=witness._door,
            cosigned=self.peer.exchange.cosigned_last,
            query_cosigned=witness._query_cosigned,
            cosigner=witness._cosigner,
            monotonic=lambda: self.moment,
        )
        self.app = LogApplication(
            self.files,
            self.witness,
            FakeJoining(),
            threads=threads,
            figures=Figures(CollectorRegistry()),
        )
        self.log = self.city.origin
        self.folder_name = directory_name(self.log)

    def _chain(self) -> CharterChain:
        latest = self.chain.latest
        terms = replace(latest.terms, tiles=self.tiles)
        return replace(self.chain, versions=(replace(latest, terms=terms),))

    def view(self) -> TrustView:
        chains = [self._chain()]
        if self.also is not None:
            latest = self.chain.latest
            terms = replace(latest.terms, tiles=self.also)
            other = replace(latest, id=CharterId(b"\1" * 32), terms=terms)
            chains.append(replace(self.chain, versions=(other,)))
        return TrustView(Trust(chains, Timestamp(1_800_000_000)), self.peer.origin)

    def get(self, path: str, *, certificate: bytes = b"", method: str = "GET") -> Answered:
        return ask(self.app, method, path, state={"certificate": certificate})

    def post(self, body: bytes, certificate: bytes = b"", client: str = "127.0.0.1") -> Answered:
        return ask(
            self.app,
            "POST",
            "/witness/add-checkpoint",
            body=body,
            state={"certificate": certificate},
            client=client,
        )

    def prefix(self, rest: str) -> str:
        return f"/logs/{self.folder_name}/{rest}"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("shown")
    found(folder, (CITY, PEER))
    with ThreadPoolExecutor(2) as threads:
        world = World(folder, threads)
        write_list(folder / "list.csv", world.city.me, range(300))
        world.city.publish_list(folder / "list.csv")
        exchange_all(world.city, world.peer)
        yield world
        world.city.close()
        world.peer.close()


@pytest.fixture
def world(made: World) -> World:
    made.tiles, made.also, made.moment = Tiles.PUBLIC, None, made.moment + 1000
    return made


class Http:
    """A node's routes as a source of files (`federation.audit.following.Source`)."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.asked: list[str] = []

    def read(self, path: str, limit: int) -> bytes | None:
        answered = self.world.get(self.world.prefix(path))
        self.asked.append(path)
        assert len(answered.body) <= limit or answered.status != 200
        return answered.body if answered.status == 200 else None


def certificate_of(world: World, region: str) -> bytes:
    (one,) = [one for one in world.chain.latest.terms.members if one.id == region]
    return one.certificates[0]


def test_a_log_is_followed_from_the_node_itself(world: World) -> None:
    key = world.view().log_key(world.log)
    copy = Copy()
    seen = follow(copy, Http(world), key, world.view().cosigner_keys())
    assert (seen.what, seen.size) == (What.GROWN, 300)
    again = Http(world)
    assert follow(copy, again, key, world.view().cosigner_keys()).what is What.SAME
    assert again.asked == ["checkpoint"]


def test_strangers_follow_and_watch_it_over_http(world: World, tmp_path: Path) -> None:
    pin, charter = world.chain.id.hex(), tmp_path / "1.json"
    charter.write_bytes(world.chain.latest.envelope)
    figures = Figures(CollectorRegistry())
    server = HttpServer(
        ("127.0.0.1", 0),
        lambda calls: LogApplication(
            world.files, world.witness, FakeJoining(), threads=calls, figures=figures
        ),
        figures=figures,
    )
    url = f"http://127.0.0.1:{server.port}"
    try:
        copy = tmp_path / "copy"
        asked = ("log", "follow", f"{url}/logs/{world.folder_name}", copy)
        told = run(*asked, "--charter", charter, "--pin", pin, "-o", "json")
        assert (told.code, told.json["size"], told.json["missing"]) == (0, 300, 0), told.err
        assert run("log", "verify", copy, "--charter", charter).code == 0
        kept = ("--state", tmp_path / "state", "--pin", pin, "--once", "-o", "json")
        seen = run("monitor", "watch", url, *kept)
        sizes = {one["origin"]: one["size"] for one in seen.json["logs"]}
        assert (seen.json["findings"], sizes[world.log]) == ([], 300), seen.out
        world.tiles = Tiles.MEMBERS
        hidden = run("monitor", "watch", url, *kept)
        assert hidden.json["findings"] == []
        assert "source.failed" in {one["code"] for one in hidden.json["incomplete"]}
        assert run(*asked, "--charter", charter, "--cert", charter).code == 2
    finally:
        server.close()


def test_ht11_every_tile_of_the_size_is_there_and_nothing_beyond(world: World) -> None:
    for level, number, width in tiles_for_size(300):
        found = world.get(world.prefix(tile_path(level, number, width)))
        assert (found.status, len(found.body)) == (200, width * 32)
        assert found.headers["content-type"] == "application/octet-stream"
        assert found.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert "content-encoding" not in found.headers
    narrow = world.get(world.prefix("tile/entries/001.p/7"))
    assert len(parse_entry_tile(narrow.body)) == 7, "of an earlier checkpoint"
    for beyond in ("tile/entries/001", "tile/entries/001.p/45", "tile/0/002.p/1", "tile/2/000.p/1"):
        refused = world.get(world.prefix(beyond))
        assert (refused.status, refused.json()["code"]) == (404, "tiles.unknown")
        assert refused.headers["cache-control"] == "no-store"
    for odd in ("tile/00/000", "tile/0/1", "tile/0/000.p/256", "tile/entries/../../x", "tile/0/"):
        assert world.get(world.prefix(odd)).status == 404


def test_ht11_the_checkpoint_changes_and_says_so(world: World) -> None:
    shown = world.get(world.prefix("checkpoint"))
    assert shown.headers["content-type"] == "text/plain; charset=utf-8"
    assert shown.headers["cache-control"] == "no-store"
    assert open_checkpoint(shown.body, world.view().log_key(world.log)).checkpoint.size == 300
    head = world.get(world.prefix("checkpoint"), method="HEAD")
    assert (head.status, head.headers["content-length"]) == (200, str(len(shown.body)))
    assert world.get(world.prefix("checkpoint?x=1")).status == 400
    assert world.get("/logs/nobody__1/checkpoint").status == 404
    assert ask(world.app, "POST", world.prefix("checkpoint")).status == 405


def test_ht10_members_alone_see_what_is_not_public(world: World) -> None:
    world.tiles = Tiles.MEMBERS
    alliance = world.chain.id.hex()
    own = certificate_of(world, CITY.region)
    for path in (
        world.prefix("checkpoint"),
        world.prefix("tile/0/000"),
        f"/charters/{alliance}/1.json",
    ):
        for stranger in (b"", b"another certificate"):
            refused = world.get(path, certificate=stranger)
            assert (refused.status, refused.json()["code"]) == (403, "tiles.members-only")
        assert world.get(path, certificate=own).status == 200
    tile = world.get(world.prefix("tile/0/000"), certificate=own)
    assert tile.headers["cache-control"] == "private, max-age=31536000, immutable"
    digest = sha256(world.log.encode()).hexdigest()
    assert world.get(f"/witness/{digest}/checkpoint").status == 403
    assert world.get(f"/witness/{digest}/checkpoint", certificate=own).status == 200


@pytest.mark.parametrize("also", Tiles)
def test_ht10_what_one_of_two_charters_keeps_for_members_is_not_public(
    world: World, also: Tiles
) -> None:
    world.also = also
    found = world.get(world.prefix("checkpoint"))
    assert found.status == (200 if also is Tiles.PUBLIC else 403)


def test_ht10_a_charter_is_shown_as_it_was_signed(world: World) -> None:
    alliance = world.chain.id.hex()
    assert world.get(f"/charters/{alliance}/1.json").body == world.chain.latest.envelope
    assert world.get(f"/charters/{alliance}/2.json").status == 404
    assert world.get(f"/charters/{'0' * 64}/1.json").status == 404


def test_ht12_openings_of_open_kinds_alone(world: World) -> None:
    assert world.get(world.prefix(opening_path(0))).status == 404, "a listing"
    assert world.get(world.prefix(opening_path(300))).status == 404
    assert world.get(world.prefix("openings/x")).status == 404
    own = directory_name(world.peer.origin)
    world.peer.job("reconcile")
    world.peer.job("receipt")
    shown = world.peer.exchange.shown[world.peer.origin]
    assert shown.size
    tile = world.get(f"/logs/{own}/{tile_path('entries', 0, min(256, shown.size))}")
    kinds = [leaf[1] for leaf in parse_entry_tile(tile.body)]
    index = kinds.index(Kind.RECEIPT)
    found = world.get(f"/logs/{own}/{opening_path(index)}")
    assert found.status == 200
    assert len(found.body) > 32


def test_the_last_cosigned_checkpoint_has_our_line(world: World) -> None:
    digest = sha256(world.log.encode()).hexdigest()
    found = world.get(f"/witness/{digest}/checkpoint")
    assert (found.status, found.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    signed = open_checkpoint(found.body, world.view().log_key(world.log))
    assert signed.checkpoint.size == 300
    keys = world.view().trust.witness_keys(world.peer.origin)
    assert len(verify_cosignatures(signed.note, keys)) == 1
    for other in ("0" * 64, digest.upper(), sha256(world.peer.origin.encode()).hexdigest()):
        assert world.get(f"/witness/{other}/checkpoint").status == 404


def test_ht13_add_checkpoint_answers_as_the_specification_says(world: World) -> None:
    keys = load_keys(world.city.directory / "keys", world.log)
    note = world.city.exchange.served()[world.log].note
    root = peek_checkpoint(note).root
    bare = open_checkpoint(note, keys.log.verifier).bare().note.to_bytes()

    def signed(size: int, root: bytes, origin: Origin = world.log) -> bytes:
        signer = keys.log if origin == world.log else replace(keys.log, name=origin)
        return sign_checkpoint(Checkpoint(origin=origin, size=size, root=root), signer).to_bytes()

    def said(old: int, checkpoint: bytes, *path: bytes) -> Answered:
        lines = [f"old {old}", *map(b64, path), "", ""]
        return world.post("\n".join(lines).encode() + checkpoint)

    done = said(300, bare)
    assert (done.status, done.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert done.body.count(b"\n") == 1, "the witness key's alone"
    merged = parse_note(bare + done.body)
    witnesses = world.view().trust.witness_keys(world.peer.origin)
    assert len(verify_cosignatures(merged, witnesses)) == 1

    conflict = said(7, bare)
    assert (conflict.status, conflict.body) == (409, b"300\n")
    assert conflict.headers["content-type"] == "text/x.tlog.size"
    zero = said(0, bare)
    assert (zero.status, zero.body) == (409, b"300\n"), "how a client learns the size"

    with world.city.store.read() as session:
        head = session.head(world.log)
        assert head is not None
        path = consistency_proof(7, 300, tile_nodes(session, head.log, 300))
    assert said(300, signed(300, bytes(32))).status == 422, "another root of one size"
    assert said(300, signed(301, root), bytes(32)).status == 422
    assert said(301, bare).status == 400
    assert said(7, signed(7, root), *path).status == 409
    assert world.post(b"old 07\n\n" + bare).status == 400
    assert world.post(b"").status == 400
    assert world.post(b"old 300\n\n" + bare.replace(b"\n300\n", b"\n301\n")).status == 403
    assert said(0, signed(1, root, Origin("nobody.example/1"))).status == 404
    assert world.post(b"x" * 200_000).status == 413
    assert world.get("/witness/add-checkpoint").status == 405


def test_ht13_members_alone_have_a_private_log_cosigned(world: World) -> None:
    world.tiles = Tiles.MEMBERS
    keys = load_keys(world.city.directory / "keys", world.log)
    note = world.city.exchange.served()[world.log].note
    bare = open_checkpoint(note, keys.log.verifier).bare().note.to_bytes()
    assert world.post(b"old 300\n\n" + bare).status == 403
    own = certificate_of(world, CITY.region)
    assert world.post(b"old 300\n\n" + bare, own).status == 200


def test_ht13_who_asks_too_often_waits_and_no_other_does(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shown_witness, "BURST", 2.0)
    keys = load_keys(world.city.directory / "keys", world.log)
    note = world.city.exchange.served()[world.log].note
    body = b"old 300\n\n" + open_checkpoint(note, keys.log.verifier).bare().note.to_bytes()
    assert [world.post(body).status for _ in range(4)] == [200, 200, 429, 429]
    assert world.post(body, certificate_of(world, CITY.region)).status == 200
    assert world.post(body, client="192.0.2.7").status == 200, "another stranger"
    assert world.post(body, client="::ffff:127.0.0.1").status == 429, "the same, written otherwise"
    assert world.post(body.replace(b"old 300", b"old 299")).status == 409, "costs nothing"
    world.moment += 1
    assert world.post(body).status == 200


def test_ht13_strangers_together_are_bounded_as_well(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shown_witness, "BURST", 1.0)
    monkeypatch.setattr(shown_witness, "STRANGERS", 3)
    monkeypatch.setattr(shown_witness, "REMEMBERED", 2)
    keys = load_keys(world.city.directory / "keys", world.log)
    note = world.city.exchange.served()[world.log].note
    body = b"old 300\n\n" + open_checkpoint(note, keys.log.verifier).bare().note.to_bytes()
    world.moment += 60
    from_one = [world.post(body, client=f"2001:db8::{n}").status for n in (1, 2)]
    assert from_one == [200, 429], "one network"
    others = [world.post(body, client=f"2001:db8:{n}::1").status for n in range(1, 6)]
    assert others == [200, 200, 429, 429, 429]
    assert world.post(body, certificate_of(world, CITY.region)).status == 200
