"""A statement alone is sent without being read again; what anything wrote since is read anew.

Covers node/log/newest.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from crypto.merkle import Frontier
from federation.ids import MemberId, node_of
from federation.payloads import Erasure, ErasureGround
from federation.peers.frames import Cursor, Frame, HeadFrame, Subscribe
from federation.peers.replication import DeliveredBatch
from federation.rows import OpeningStatus
from federation.statements import Kind
from node.log.newest import FEW, SHORT
from node.peers.session import Session
from tests.support import charters as build
from tests.support.simulation import Federation, SimNode, listing

Federate = Callable[..., Federation]
CITY, NAMED, OTHER, HUB = "510500", "510300", "511500", "510000"
LOG = build.origin_of(CITY)


@pytest.fixture
def federation(federate: Federate) -> Federation:
    return federate(CITY, NAMED, OTHER)


def follows(node: SimNode, member: str, size: int = 0) -> Session:
    """A stream on which a member asks for 泸州's log from a size on."""
    session = node.exchange.open_session(MemberId(member))
    node.exchange.handle(session, Subscribe(cursors=(Cursor(origin=LOG, size=size),)))
    node.exchange.plan(session)
    return session


def batches(frames: list[Frame]) -> list[DeliveredBatch]:
    return [frame for frame in frames if isinstance(frame, DeliveredBatch)]


def say(node: SimNode, first: int, count: int, *, reason: str = "") -> None:
    node.say(
        *(
            node.draft(
                Kind.LISTING,
                replace(listing(n, audience=node.audience()), reason=reason or "不履行"),
            )
            for n in range(first, first + count)
        )
    )


@pytest.mark.parametrize("count", [1, FEW])
def test_what_was_just_said_is_sent_as_the_store_has_it(federation: Federation, count: int) -> None:
    city = federation[CITY]
    at_hand, read = follows(city, NAMED), follows(city, OTHER)
    say(city, 1, count)
    (batch,) = batches(city.exchange.plan(at_hand, read=False))
    served = city.exchange.served()[LOG]
    assert batch == city.exchange._serving.batch(MemberId(OTHER), LOG, 0, served)
    assert len(batch.leaves) == count
    assert city.exchange.plan(at_hand, read=False) == []
    assert batches(city.exchange.plan(read)) == [batch]


def test_relief_is_sent_without_being_read(federation: Federation) -> None:
    city, named = federation[CITY], federation[NAMED]
    wire = federation.connect(CITY, NAMED)
    listed = city.list_(listing(1, audience=city.audience()))
    federation.settle()
    city.relieve(Kind.REPAIR, listed)
    session = wire.sessions[wire.ends.index(city)]
    (batch,) = batches(city.exchange.plan(session, read=False))
    named.exchange.handle(wire.sessions[wire.ends.index(named)], batch)
    assert named.states() == city.states()


def test_a_hub_passes_on_what_it_has_just_taken_without_reading_it(federation: Federation) -> None:
    city, hub = federation[CITY], federation[HUB]
    federation.connect(CITY, HUB)
    federation.settle()
    session = follows(hub, NAMED)
    say(city, 1, 1)
    while not hub.sizes().get(LOG):
        federation.step()
    (batch,) = batches(hub.exchange.plan(session, read=False))
    served = hub.exchange.served()[LOG]
    assert batch == hub.exchange._serving.batch(MemberId(NAMED), LOG, 0, served)


def test_each_peer_gets_the_openings_that_it_may_have(federation: Federation) -> None:
    city = federation[CITY]
    audience = replace(city.audience(), members=(node_of(build.origin_of(NAMED)),))
    sessions = {member: follows(city, member) for member in (NAMED, OTHER, HUB)}
    city.list_(listing(1, audience=audience))
    found = {
        member: batches(city.exchange.plan(session, read=False))[0].openings[0]
        for member, session in sessions.items()
    }
    assert {member: one.status for member, one in found.items()} == {
        NAMED: OpeningStatus.PRESENT,
        OTHER: OpeningStatus.NOT_FOR_US,
        HUB: OpeningStatus.NOT_FOR_US,
    }
    assert not found[OTHER].payload + found[HUB].payload + found[OTHER].salt


def test_what_did_not_come_is_passed_on_as_pending(federation: Federation) -> None:
    """A hub that a narrowed listing is not for cannot judge it for others."""
    city, hub = federation[CITY], federation[HUB]
    federation.connect(CITY, HUB)
    federation.settle()
    session = follows(hub, NAMED)
    audience = replace(city.audience(), members=(node_of(build.origin_of(NAMED)),))
    city.list_(listing(1, audience=audience))
    while not hub.sizes().get(LOG):
        federation.step()
    (batch,) = batches(hub.exchange.plan(session, read=False))
    assert [one.status for one in batch.openings] == [OpeningStatus.PENDING]


def test_what_anything_wrote_since_is_read_anew(federation: Federation) -> None:
    """It may have erased the opening."""
    city = federation[CITY]
    session = follows(city, NAMED)
    say(city, 1, 1)
    with city.store.write() as transaction:
        head = transaction.head(LOG)
        assert head is not None
        transaction.erase_openings(head.log, [0])
    assert city.exchange.plan(session, read=False) == []
    (batch,) = batches(city.exchange.plan(session))
    assert [one.status for one in batch.openings] == [OpeningStatus.PENDING]


def test_what_is_shown_again_is_read_anew(federation: Federation) -> None:
    """With each new head the log is shown anew, and what stood in memory was erased since."""
    city = federation[CITY]
    session = follows(city, NAMED)
    say(city, 1, 1)
    with city.store.write() as transaction:
        head = transaction.head(LOG)
        assert head is not None
        transaction.erase_openings(head.log, [0])
    assert city.publisher.renew_head() is not None
    city.exchange.published()
    assert batches(city.exchange.plan(session, read=False)) == []
    (batch,) = batches(city.exchange.plan(session))
    assert [one.status for one in batch.openings] == [OpeningStatus.PENDING]


def test_what_comes_back_with_its_erasure_is_read_from_the_store(federation: Federation) -> None:
    """A peer may hold the opening still; our log said that it is erased, and so it is here."""
    city = federation[CITY]
    payload = Erasure(ground=ErasureGround.EXPIRED, erased_at=city.clock.now())
    with city.store.write() as transaction:
        head = transaction.add_log(LOG, ours=True)
        listed = city.draft(Kind.LISTING, listing(1, audience=city.audience()))
        drafts = [listed, city.draft(Kind.ERASURE, payload, about=listed.statement_id)]
        city.publisher._append(transaction, head, Frontier.empty(), city.publisher._seal(drafts))
    newest = city.exchange._mirrors._ledger.newest
    assert newest.shown(LOG, 2, city.store.written) is None


def test_who_is_further_behind_is_read_to(federation: Federation) -> None:
    city = federation[CITY]
    session = follows(city, NAMED)
    say(city, 1, 1)
    say(city, 2, 1)
    assert city.exchange.plan(session, read=False) == []
    assert not city.exchange.is_quiet(session)
    (batch,) = batches(city.exchange.plan(session))
    assert len(batch.leaves) == 2


@pytest.mark.parametrize(("count", "reason"), [(FEW + 1, ""), (FEW, "理" * (SHORT // 3 // FEW))])
def test_much_is_read_from_the_store(federation: Federation, count: int, reason: str) -> None:
    city = federation[CITY]
    session = follows(city, NAMED)
    say(city, 1, count, reason=reason)
    assert city.exchange.plan(session, read=False) == []
    (batch,) = batches(city.exchange.plan(session))
    assert len(batch.leaves) == count


def test_checkpoints_need_no_store(federation: Federation) -> None:
    city = federation[CITY]
    say(city, 1, 1)
    session = follows(city, NAMED, size=1)
    say(city, 2, 1)
    session.cursors[LOG] = 2
    (head,) = city.exchange.plan(session, read=False)
    assert isinstance(head, HeadFrame)
