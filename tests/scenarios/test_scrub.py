"""A running node finds what a disk has changed before anybody asks, and heals its mirrors.

Covers node/upkeep/scrub.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from adapters.sql import schema
from crypto.keys import VerifierKey
from federation.ids import Origin
from federation.peers.replication import DeliveredBatch
from federation.rows import OpeningStatus
from federation.statements import Kind
from node.log.tiles import ENTRIES
from node.upkeep.scrub import Scrub
from tests.support.flipping import flip
from tests.support.invented import InlineWriter
from tests.support.simulation import Federation, SimNode, listing

Federate = Callable[..., Federation]
CITY, PEER = "510300", "510500"
LISTED = 260
"""More than one tile, so that a full one and a partial one can be damaged."""
ALL = 1_000_000


def told(federate: Federate) -> tuple[SimNode, SimNode]:
    """A city that listed much, and the peer that follows it."""
    return told_in(federate(CITY, PEER))


def told_in(federation: Federation) -> tuple[SimNode, SimNode]:
    city, peer = federation[CITY], federation[PEER]
    city.say(
        *(city.draft(Kind.LISTING, listing(n, audience=city.audience())) for n in range(LISTED))
    )
    federation.connect(PEER, CITY)
    federation.settle()
    assert peer.states() == city.states()
    return city, peer


def scrub_of(node: SimNode, leaves: int = ALL) -> Scrub:
    def keys(origin: Origin) -> Sequence[VerifierKey]:
        return [node.view.log_key(origin), *node.view.cosigner_keys()]

    return Scrub(
        store=node.store,
        keyring=node.keyring,
        ledger=node.ledger,
        writer=InlineWriter(),
        path=node.directory / "state" / "scrub.json",
        leaves=leaves,
        keys=keys,
        now=node.clock.now,
        mend=node.exchange.mend,
        sound_again=node.exchange.sound_again,
    )


def number_of(node: SimNode, origin: Origin) -> int:
    with node.store.read() as session:
        head = session.head(origin)
    assert head is not None
    return head.log


def found(scrub: Scrub) -> list[tuple[str, int]]:
    return [(damage.part, damage.first) for damage in scrub.damages()]


FLIPS: list[tuple[Any, dict[str, int], str, int, list[tuple[str, int]]]] = [
    (schema.tiles, {"level": ENTRIES, "n": 0}, "data", 40, [("leaves", 0)]),
    (schema.tiles, {"level": ENTRIES, "n": 0}, "data", 0, [("leaves", 0)]),
    (schema.tiles, {"level": ENTRIES, "n": 1}, "data", 100, [("leaves", 256)]),
    (schema.tiles, {"level": 0, "n": 0}, "data", 64, [("hashes", 0)]),
    (schema.tiles, {"level": 0, "n": 1}, "data", 64, [("hashes", 0), ("hashes", 256)]),
    (
        schema.tiles,
        {"level": 1, "n": 0},
        "data",
        5,
        [("hashes", 0), ("hashes", 0), ("hashes", 256)],
    ),
    (schema.openings, {"idx": 7}, "sealed", 30, [("openings", 7)]),
    (schema.logs, {}, "note", -5, [("note", 0)]),
]
HEALED = (3, 6)
"""Of a mirror: hashes of a full tile, and openings."""


def test_what_is_damaged_is_found_and_a_mirror_healed(federate: Federate) -> None:
    city, peer = told(federate)
    for node in (city, peer):
        scrub, healed = scrub_of(node), 0
        assert scrub.run() == LISTED
        for number, (table, where, column, at, expected) in enumerate(FLIPS):
            flip(node, table, column, at, log=number_of(node, city.origin), **where)
            mended = node is peer and number in HEALED
            healed += mended
            scrub.run()
            assert found(scrub) == ([] if mended else expected)
            report = scrub.report()
            assert report["healed"] == healed
            assert [(d["part"], d["first"]) for d in report["damaged"]] == found(scrub)
            if not mended:
                flip(node, table, column, at, log=number_of(node, city.origin), **where)
                scrub.run()
            assert scrub.damages() == []


def test_a_forgotten_opening_is_asked_for_and_does_not_punish_meanwhile(
    federate: Federate,
) -> None:
    city, peer = told(federate)
    log = number_of(peer, city.origin)
    flip(peer, schema.openings, "sealed", 30, log=log, idx=7)
    scrub_of(peer).run()
    with peer.store.read() as session:
        (row,) = session.rows_at([(log, 7)])
    assert (row.opening, row.rule) == (OpeningStatus.PENDING, "opening.missing")
    assert peer.exchange.missing_openings(10) == {city.origin: [7]}
    (opening,) = city.exchange.openings_for(peer.member, city.origin, [7])
    assert peer.exchange.take_openings(city.origin, [(7, opening)], city.member) == 1
    assert peer.states() == city.states()


def test_each_run_reads_so_much_and_the_next_goes_on(federate: Federate) -> None:
    city, peer = told(federate)
    log = number_of(peer, city.origin)
    flip(peer, schema.tiles, "data", 100, log=log, level=ENTRIES, n=1)
    first = scrub_of(peer, leaves=1)
    assert first.run() == 256
    assert (first.damages(), first.report()["leaf"]) == ([], 256)
    assert first.report()["ended_at"] is None
    second = scrub_of(peer, leaves=1)  # after a restart
    assert second.run() == LISTED - 256
    assert found(second) == [("leaves", 256)]
    assert second.report()["ended_at"] == peer.clock.now()
    assert second.run() == 256
    (peer.directory / "state" / "scrub.json").write_text("{")
    assert scrub_of(peer, leaves=1).run() == 256


def test_a_log_that_is_sound_again_is_served_and_named_no_more(federate: Federate) -> None:
    city, peer = told(federate)
    log = number_of(peer, city.origin)
    flip(peer, schema.tiles, "data", 64, log=log, level=0, n=0)
    session = peer.exchange.open_session(city.member)
    session.cursors[city.origin] = 10
    peer.exchange.plan(session)
    assert set(peer.exchange.damaged()) == {city.origin}
    scrub = scrub_of(peer)
    scrub.run()
    assert peer.exchange.damaged() == {}
    assert any(getattr(frame, "leaves", ()) for frame in peer.exchange.plan(session))


def test_damaged_leaves_of_a_mirror_come_again(federate: Federate) -> None:
    federation = federate(CITY, PEER)
    city, peer = told_in(federation)
    (wire,) = federation.wires
    log = number_of(peer, city.origin)
    scrub = scrub_of(peer)
    for n, at in ((0, 40), (0, 0), (1, 100)):
        flip(peer, schema.tiles, "data", at, log=log, level=ENTRIES, n=n)
        scrub.run()
        assert found(scrub) == [("leaves", 256 * n)]
        federation.subscribe(wire)
        federation.settle()
        scrub.run()
        assert scrub.damages() == []
    city.list_(listing(999, audience=city.audience()))
    federation.subscribe(wire)
    federation.settle()
    assert peer.states() == city.states()
    assert peer.sizes() == city.sizes()
    assert peer.exchange.blamed() == {}


def test_a_leaf_with_another_hash_is_not_taken(federate: Federate) -> None:
    federation = federate(CITY, PEER)
    city, peer = told_in(federation)
    (wire,) = federation.wires
    log = number_of(peer, city.origin)
    flip(peer, schema.tiles, "data", 40, log=log, level=ENTRIES, n=0)
    scrub = scrub_of(peer)
    scrub.run()
    federation.subscribe(wire)
    batches = [f for f in city.exchange.plan(wire.sessions[1]) if isinstance(f, DeliveredBatch)]
    assert [batch.first_index for batch in batches] == [0]
    other = (*batches[0].leaves[:7], bytes(76), *batches[0].leaves[8:])
    peer.exchange.handle(wire.sessions[0], replace(batches[0], leaves=other))
    scrub.run()
    assert found(scrub) == [("leaves", 0)]
    peer.exchange.handle(wire.sessions[0], batches[0])
    scrub.run()
    assert scrub.damages() == []
