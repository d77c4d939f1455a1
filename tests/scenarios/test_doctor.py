"""`huxin doctor` finds what a disk has changed, and heals it without believing anybody.

Covers node/log/soundness.py, node/upkeep/doctor.py, node/upkeep/row_check.py.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import create_engine, text

from adapters.sql import schema
from crypto.keys import VerifierKey
from federation.ids import Origin
from federation.rows import OpeningStatus, State
from federation.statements import Kind
from node.log.recovery import Recovering
from node.log.soundness import Damage
from node.log.tiles import ENTRIES
from node.upkeep.doctor import Doctor
from node.upkeep.rebuild import rebuild
from node.upkeep.row_check import check_rows
from tests.support.flipping import flip
from tests.support.simulation import Federation, SimNode, listing

Federate = Callable[..., Federation]
CITY, PEER, HUB = "510300", "510500", "510000"
HASHES = 0
LISTED = 260
"""More than one tile, so that a full one and a partial one can be damaged."""


def told(federate: Federate) -> tuple[Federation, SimNode, SimNode]:
    """A city that listed much, one that repaired some of it, and the peer that follows it."""
    federation = federate(CITY, PEER)
    city, peer = federation[CITY], federation[PEER]
    drafts = [city.draft(Kind.LISTING, listing(n, audience=city.audience())) for n in range(LISTED)]
    placed = city.say(*drafts)
    city.relieve(Kind.REPAIR, placed[3].statement_id)
    for one, other in ((PEER, CITY), (HUB, CITY), (HUB, PEER)):
        federation.connect(one, other)
    federation.settle()
    assert peer.states() == city.states()
    return federation, city, peer


def doctor_of(node: SimNode) -> Doctor:
    def keys(origin: Origin) -> list[VerifierKey]:
        return [node.view.log_key(origin), *node.view.cosigner_keys()]

    return Doctor(store=node.store, keyring=node.keyring, ledger=node.ledger, keys=keys)


def examined(node: SimNode) -> list[Damage]:
    return doctor_of(node).examine(lambda _origin, _done, _size: None)


def healed(federation: Federation, node: SimNode) -> list[Damage]:
    """Heal a node that does not run, start it again, and let everybody speak."""
    damages = doctor_of(node).heal(lambda _origin, _done, _size: None)
    node.restart()
    federation.reconnect(node.member)
    federation.settle()
    return damages


def rows_of(node: SimNode) -> list[Damage]:
    return check_rows(node.store, node.ledger, whole=True, progress=lambda _o, _d, _s: None)


def refusal_of(node: SimNode) -> str:
    return "" if node.publisher.refusal is None else node.publisher.refusal.code


def shown(damages: list[Damage]) -> list[tuple[str, int]]:
    return [(damage.part, damage.first) for damage in damages]


def number_of(node: SimNode, origin: Origin) -> int:
    with node.store.read() as session:
        head = session.head(origin)
    assert head is not None
    return head.log


def test_what_is_sound_is_left_alone(federate: Federate) -> None:
    federation, city, peer = told(federate)
    before = city.states(), peer.states()
    assert healed(federation, city) == healed(federation, peer) == []
    assert (city.states(), peer.states()) == before


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM state_counts",
        "DELETE FROM state_pages",
        "DELETE FROM block_counts",
        "INSERT INTO finding_counts (log, finding, number) SELECT log, 3, 7 FROM logs",
    ],
)
def test_counts_that_are_not_those_of_the_rows_are_found_and_made_anew(
    change: str, federate: Federate
) -> None:
    _, city, _ = told(federate)
    before = city.states()
    assert rows_of(city) == []
    engine = create_engine(city.url)
    with engine.begin() as connection:
        connection.execute(text(change))
    engine.dispose()
    (damage, *_) = rows_of(city)
    assert (damage.part, "huxin rebuild" in damage.message) == ("rows", True)
    same, differences = rebuild(city.store, city.ledger, city.reconciliation, check_only=False)
    assert not same
    assert "counts" in differences[0]
    assert rows_of(city) == []
    assert city.states() == before


@pytest.mark.parametrize(
    ("level", "n", "at", "found"),
    [
        (ENTRIES, 0, 40, ("leaves", 0)),
        (ENTRIES, 0, 0, ("leaves", 0)),
        (ENTRIES, 1, 100, ("leaves", 256)),
        (HASHES, 1, 64, ("hashes", 256)),
        (1, 0, 5, ("hashes", 0)),
    ],
)
def test_a_mirror_is_healed(
    level: int, n: int, at: int, found: tuple[str, int], federate: Federate
) -> None:
    federation, city, peer = told(federate)
    before = peer.states()
    log = number_of(peer, city.origin)
    flip(peer, schema.tiles, "data", at, log=log, level=level, n=n)
    assert shown(examined(peer)) == [found]
    assert shown(examined(peer)) == [found]
    assert shown(healed(federation, peer)) == [found]
    assert examined(peer) == []
    assert peer.states() == before
    assert peer.sizes() == city.sizes()
    assert peer.exchange.damaged() == {}
    for node in (city, peer, federation[HUB]):
        assert node.exchange.blamed() == {}
        assert not node.exchange.forked()


def test_our_own_log_comes_back_from_peers(federate: Federate) -> None:
    federation, city, peer = told(federate)
    before, note = city.states(), city.exchange.served()[city.origin].size
    flip(city, schema.tiles, "data", 40, level=ENTRIES, n=0)
    assert shown(healed(federation, city)) == [("leaves", 0)]
    assert refusal_of(city) == "high-water.ahead"

    def exchange_all() -> None:
        for wire in federation.wires:
            federation.subscribe(wire)
        federation.settle()

    recovered = Recovering(
        recovery=city.recovery,
        on_writer=lambda job: job(),
        changed=exchange_all,
        peers=city.exchange.peers,
        members=lambda: frozenset(city.trust().peers),
    ).recover(0, lambda _: None)
    assert recovered.size == note
    assert refusal_of(city) == ""
    assert city.states() == before
    assert examined(city) == []
    city.list_(listing(999, audience=city.audience()))
    federation.settle()
    assert peer.states() == city.states()
    assert not peer.exchange.forked()


def test_an_opening_that_does_not_open_is_asked_for_again(federate: Federate) -> None:
    federation, city, peer = told(federate)
    log = number_of(peer, city.origin)
    flip(peer, schema.openings, "sealed", 30, log=log, idx=7)
    assert shown(healed(federation, peer)) == [("openings", 7)]
    assert examined(peer) == []
    with peer.store.read() as session:
        (row,) = session.rows_at([(log, 7)])
        assert row.opening == OpeningStatus.PENDING
        assert row.rule == "opening.missing"
        assert list(session.pending(log, 10)) == [(log, 7)]


def test_rows_that_the_log_gives_otherwise_are_named(federate: Federate) -> None:
    _, city, peer = told(federate)
    for node in (city, peer):
        log = number_of(node, city.origin)
        assert rows_of(node) == []
        with node.store.write() as session:
            kept = session.rows_at([(log, 3), (log, 4), (log, 259)])
            session.replace_rows([row._replace(state=State.WITHDRAWN) for row in kept])
        assert shown(rows_of(node)) == [("rows", 3), ("rows", 259)]
        with node.store.write() as session:
            session.replace_rows(kept)
        flip(node, schema.openings, "sealed", 30, log=log, idx=7)
        assert rows_of(node) == []


@pytest.mark.parametrize("member", [CITY, PEER])
def test_a_note_that_is_changed_is_made_or_taken_again(member: str, federate: Federate) -> None:
    federation, city, peer = told(federate)
    node = federation[member]
    before = peer.states()
    size = city.exchange.served()[city.origin].size
    flip(node, schema.logs, "note", -5, log=number_of(node, city.origin))
    assert shown(healed(federation, node)) == [("note", 256)]
    assert examined(node) == []
    assert node.exchange.served()[city.origin].size == size
    assert peer.states() == before
    assert not peer.exchange.forked()
