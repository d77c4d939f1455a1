"""Bytes that the disk has changed: found before they are served or signed, nobody is accused.

Covers node/upkeep/rebuild.py.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.sql import schema
from federation.ids import MemberId, Origin
from federation.rows import State
from federation.statements import Kind
from node.log.tiles import ENTRIES
from node.upkeep.rebuild import rebuild
from tests.support.flipping import flip
from tests.support.liar import records_of
from tests.support.simulation import Federation, SimNode, Wire, listing

CITY, PEER, HUB = "510300", "510500", "510000"
HASHES = 0
LISTED = 260
"""More than one tile, so that a full one and a partial one can be damaged."""


@pytest.fixture
def databases(tmp_path: Path) -> Callable[[str], str]:
    """SQLite alone: what is checked here is above the database."""
    return lambda name: f"sqlite:///{tmp_path / name}.db"


def speak(node: SimNode, count: int = LISTED, first: int = 0) -> None:
    numbers = range(first, first + count)
    node.say(*(node.draft(Kind.LISTING, listing(n, audience=node.audience())) for n in numbers))


def met(federation: Federation) -> Wire:
    wire = federation.connect(PEER, CITY)
    federation.settle()
    return wire


def held(node: SimNode, origin: Origin) -> int:
    return node.sizes().get(origin, 0)


@pytest.mark.parametrize(
    ("level", "n", "at"),
    [(ENTRIES, 0, 40), (ENTRIES, 1, 100), (HASHES, 1, 64)],
)
def test_a_flipped_bit_is_never_served(
    level: int, n: int, at: int, federate: Callable[..., Federation]
) -> None:
    federation = federate(CITY, PEER)
    city, peer = federation[CITY], federation[PEER]
    speak(city)
    flip(city, schema.tiles, "data", at, level=level, n=n)
    met(federation)
    assert city.origin in city.exchange.damaged()
    assert held(peer, city.origin) in ((0, 256) if level == ENTRIES else (0, 256, LISTED))
    assert city.publisher.refusal is None
    assert not city.exchange.heads_for(peer.member)[1]
    assert peer.exchange.blamed() == {}
    assert city.exchange.blamed() == {}
    assert not peer.exchange.heads_for(peer.member)[1]


def test_a_damaged_mirror_accuses_nobody(federate: Callable[..., Federation]) -> None:
    federation = federate(CITY, PEER)
    city, peer = federation[CITY], federation[PEER]
    speak(city)
    met(federation)
    with peer.store.read() as snapshot:
        mirrored = next(head for head in snapshot.heads() if head.origin == city.origin)
    flip(peer, schema.tiles, "data", 64, log=mirrored.log, level=HASHES, n=1)
    speak(city, 20, first=LISTED)
    federation.settle()
    assert peer.exchange.blamed() == {}
    for node in (city, peer):
        assert not node.exchange.heads_for(MemberId(HUB))[1]
        assert node.publisher.refusal is None
    federation.connect(HUB, PEER)
    federation.settle()
    assert held(federation[HUB], city.origin) == 0
    assert federation[HUB].exchange.blamed() == {}


def test_other_logs_go_on_beside_a_damaged_one(federate: Callable[..., Federation]) -> None:
    federation = federate(CITY, PEER)
    city, peer = federation[CITY], federation[PEER]
    speak(city)
    speak(peer, 10)
    flip(city, schema.tiles, "data", 40, level=ENTRIES, n=0)
    met(federation)
    assert held(city, peer.origin) == 10
    assert held(peer, city.origin) == 0


def test_a_flipped_opening_counts_as_not_held(federate: Callable[..., Federation]) -> None:
    federation = federate(CITY, PEER)
    city, peer = federation[CITY], federation[PEER]
    speak(city)
    flip(city, schema.openings, "sealed", 30, idx=7)
    met(federation)
    assert held(peer, city.origin) == LISTED
    assert peer.exchange.blamed() == {}
    with peer.store.read() as snapshot:
        head = snapshot.head(city.origin)
        assert head is not None
        kept = {opening.index for opening in snapshot.openings_between(head.log, 0, LISTED)}
    assert kept == set(range(LISTED)) - {7}


def damage(node: SimNode, statement_id: bytes) -> None:
    """Change a bit of the opening of a statement of the node's own log."""
    with node.store.read() as snapshot:
        (row,) = snapshot.rows_by_id(None, [statement_id])
    flip(node, schema.openings, "sealed", 30, idx=row.idx)


def test_a_relief_with_a_flipped_opening_is_told_by_its_leaf(
    federate: Callable[..., Federation],
) -> None:
    federation = federate(CITY, PEER)
    city, peer = federation[CITY], federation[PEER]
    listed = city.list_(listing(1, audience=city.audience()))
    other = city.list_(listing(2, audience=city.audience()))
    damage(city, city.relieve(Kind.REPAIR, listed))
    city.relieve(Kind.REPAIR, other)
    met(federation)
    assert peer.state(listed) == peer.state(other) == State.REPAIRED
    assert peer.exchange.blamed() == {}


def test_a_listing_with_a_flipped_opening_is_repaired(federate: Callable[..., Federation]) -> None:
    federation = federate(CITY, PEER)
    city, peer = federation[CITY], federation[PEER]
    listed = city.list_(listing(1, audience=city.audience()))
    met(federation)
    damage(city, listed)
    city.relieve(Kind.REPAIR, listed)
    federation.settle()
    assert city.state(listed) == peer.state(listed) == State.REPAIRED


def test_what_does_not_open_stops_neither_rebuild_nor_judging(
    federate: Callable[..., Federation],
) -> None:
    federation = federate(CITY)
    city = federation[CITY]
    listed = [city.list_(listing(n, audience=city.audience())) for n in range(4)]
    damage(city, listed[0])
    damage(city, city.relieve(Kind.REPAIR, listed[1]))
    damage(city, city.relieve(Kind.REPAIR, listed[0]))
    city.reconcile()
    assert records_of(city).get(listed[0]).subject is None
    rebuild(city.store, city.ledger, city.reconciliation, check_only=False)
    ended = [city.state(statement_id) for statement_id in listed]
    assert ended == [State.REPAIRED, State.REPAIRED, State.ACTIVE, State.ACTIVE]


def test_the_root_is_compared_before_anything_is_signed(
    federate: Callable[..., Federation],
) -> None:
    federation = federate(CITY, PEER)
    city = federation[CITY]
    speak(city)
    flip(city, schema.tiles, "data", 64, level=HASHES, n=1)
    city.restart()
    assert city.publisher.refusal is not None
    assert city.publisher.refusal.code == "high-water.other-root"
