"""What comes right again by itself, however batches were cut and clocks jumped.

Covers node/peers/late_openings.py, node/peers/tile_refetch.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from federation.charters.entitlement import AllianceState
from federation.charters.values import Role
from federation.ids import Date, MemberId, StatementId
from federation.own_log import Draft
from federation.payloads import Relisting, RelistingGround
from federation.peers.frames import CharterFrame
from federation.rows import OpeningStatus, State
from federation.statements import Kind
from node.charters.book import CharterBook
from node.charters.files import store_chain
from node.demo.members import LUZHOU, ZIGONG
from tests.support import charters as build
from tests.support.clock import FakeClock
from tests.support.federation_dirs import WiredNode, found
from tests.support.simulation import Federation, listing, relief_payload

CITIES = ("510300", "510500")
HUB = "510000"


@pytest.fixture
def federation(tmp_path: Path) -> Iterator[Federation]:
    members = [*map(build.make_member, CITIES), build.make_member(HUB, roles=(Role.HUB,))]
    made = Federation(tmp_path, (*CITIES, HUB), [build.make_chain(members)])
    yield made
    for node in made.nodes.values():
        node.store.close()


def test_a_listing_that_comes_in_one_batch_with_the_relisting_is_active(
    federation: Federation,
) -> None:
    """The suppression tag still stands when the batch begins, and is lifted within it."""
    node = federation[CITIES[0]]
    wire = federation.connect(CITIES[0], HUB)
    relief = node.relieve(Kind.REPAIR, node.list_(listing(audience=node.audience())))
    federation.settle()
    federation.cut(wire)
    node.list_(listing(audience=node.audience()))
    payload = Relisting(
        audience=node.audience(),
        reliefs=(relief,),
        document="川撤〔2026〕1号",
        decided_on=Date(20261121),
        ground=RelistingGround.FRAUD,
        approvals=2,
        payload=listing(audience=node.audience()),
    )
    node.say(node.draft(Kind.RELISTING, payload, about=relief))
    federation.connect(CITIES[0], HUB)
    federation.settle()
    assert set(federation[HUB].states().values()) == {State.ACTIVE}
    assert federation[HUB].states() == node.states()


def test_a_hub_hands_on_what_only_newer_readers_can_read(federation: Federation) -> None:
    node = federation[CITIES[0]]
    listed = node.list_(listing(audience=node.audience()))
    payload = relief_payload(listing(audience=node.audience()), node.audience())
    node.say(
        Draft(
            kind=Kind.REPAIR,
            about=listed,
            statement_id=StatementId(b"r" * 16),
            # Field 1 is min_reader; of a field that stands twice, the last one counts.
            payload=node.payloads.encode(payload) + b"\x08\x09",
        )
    )
    for city in CITIES:
        federation.connect(city, HUB)
    federation.settle()
    with federation[CITIES[1]].store.read() as session:
        (row,) = session.rows_by_id(None, [b"r" * 16])
    assert row.opening == OpeningStatus.PRESENT
    assert federation[CITIES[1]].state(listed) == State.REPAIRED


def test_a_charter_is_in_force_again_when_the_clock_is_set_right(tmp_path: Path) -> None:
    chain = build.make_chain([build.make_member(city) for city in CITIES])
    store_chain(tmp_path / "charters", chain)
    clock = FakeClock()
    book = CharterBook(
        directory=tmp_path / "charters",
        pins=lambda: [chain.id],
        own=build.origin_of(CITIES[0]),
        not_direct=(),
        now=clock.now,
        changed=lambda: None,
    )
    begun = clock.seconds
    states = []
    for seconds in (begun, build.NOT_AFTER + 1, begun):
        clock.seconds = seconds
        states.append(book.view().trust.alliances[0].state)
    expected = [AllianceState.IN_FORCE, AllianceState.EXPIRED, AllianceState.IN_FORCE]
    assert states == expected


def test_charters_that_were_read_again_are_told_on_the_streams_that_stand(tmp_path: Path) -> None:
    found(tmp_path, (ZIGONG, LUZHOU))
    node = WiredNode(tmp_path / ZIGONG.region)
    try:
        session = node.exchange.open_session(MemberId(LUZHOU.region))
        begun = [f for f in node.exchange.plan(session) if isinstance(f, CharterFrame)]
        assert begun
        node.parts.charters.reload()  # as after huxin charter adopt, and SIGHUP
        told = [f for f in node.exchange.plan(session) if isinstance(f, CharterFrame)]
        assert told == begun
    finally:
        node.close()
