"""Cities tell origins what became of their statements, once, coalesced, and what changed later.

Covers node/log/catching_up.py, node/log/receipt_queue.py, node/reconcile/receipt_job.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from federation.ids import StatementId
from federation.statements import MAX_PAYLOAD, Kind
from node.relief.erasure import Erasures
from tests.support.desks import desk_of
from tests.support.simulation import Federation, SimNode, listing
from tests.support.telling import receipt_job, receipts_of, said_of

Federate = Callable[..., Federation]
CITY, PEER, HUB = "510300", "510500", "510000"
RECOGNISED = ("applied", "record.recognised")


@pytest.fixture
def federation(federate: Federate) -> Federation:
    made = federate(CITY, PEER)
    made.connect(CITY, PEER)
    made.connect(CITY, HUB)
    made.connect(PEER, HUB)
    return made


def told(federation: Federation) -> int:
    """Everybody follows, reconciles and tells what there is."""
    federation.settle()
    for node in federation.nodes.values():
        node.reconcile()
    found = sum(receipt_job(node).run() for node in federation.nodes.values())
    federation.settle()
    return found


def list_many(node: SimNode, numbers: range) -> list[StatementId]:
    drafts = [node.draft(Kind.LISTING, listing(n, audience=node.audience())) for n in numbers]
    return [placed.statement_id for placed in node.say(*drafts)]


def erase(node: SimNode) -> None:
    with node.store.write() as session:
        for head in session.heads():
            if not head.ours:
                session.set_head(replace(head, delivered_to=head.size))
    erasures = Erasures(
        own=node.origin,
        registry=node.registry,
        now=node.clock.now,
        today=node.clock.today,
        failpoints=node.failpoints,
    )
    node.run(erasures.unit())


def test_every_outcome_is_told_once_and_then_there_is_silence(federation: Federation) -> None:
    city, peer, hub = (federation[m] for m in (CITY, PEER, HUB))
    city.list_(listing(1, audience=city.audience()))
    city.list_(listing(2, audience=city.audience(), name="别名（演示）"))
    assert told(federation) == 2
    assert said_of(peer, city.origin) == [
        (0, *RECOGNISED),
        (1, "held", "identity.name-mismatch"),
    ]
    assert receipts_of(hub) == receipts_of(city) == []
    sizes = city.sizes()
    for _ in range(3):
        assert told(federation) == 0
    assert city.sizes() == sizes == {city.origin: 2, peer.origin: 1}
    for node in (city, hub):
        assert said_of(peer, node.origin) == ([] if node is hub else said_of(peer, city.origin))


def test_what_changes_later_is_told_by_a_new_receipt(federation: Federation) -> None:
    city, peer = federation[CITY], federation[PEER]
    listed = city.list_(listing(1, audience=city.audience(), name="别名（演示）"))
    told(federation)
    for person in ("张某", "李某"):
        desk_of(peer).decide(listed, "use", person, "已核对")
    assert told(federation) == 1
    city.relieve(Kind.REPAIR, listed)
    assert told(federation) == 2
    erase(peer)
    assert told(federation) == 1
    assert told(federation) == 0
    assert said_of(peer, city.origin) == [
        (0, "held", "identity.name-mismatch"),
        (0, "applied", "decision.use"),
        (1, "applied", ""),
        (0, "lifted", "relief.direct"),
        (0, "erased", "relief.direct"),
    ]


def test_a_full_list_makes_few_receipts_and_a_change_of_it_one(federation: Federation) -> None:
    city, peer = federation[CITY], federation[PEER]
    ids = list_many(city, range(300))
    told(federation)
    (one,) = receipts_of(peer)
    assert len(peer.payloads.encode(one)) <= MAX_PAYLOAD
    for statement_id in ids[:3]:
        city.relieve(Kind.REPAIR, statement_id)
    told(federation)
    assert len(receipts_of(peer)) == 2
    assert len(said_of(peer, city.origin)) == 300 + 3 + 3


def test_relief_does_not_wait_for_the_rest(federation: Federation) -> None:
    city, peer, clock = federation[CITY], federation[PEER], federation.clock
    job = receipt_job(peer, seconds=3000, relief_seconds=3)
    assert job.run() == 0
    ids = list_many(city, range(2))

    def run() -> int:
        federation.settle()
        peer.reconcile()
        return job.run()

    assert run() == 0
    clock.advance(2999)
    assert run() == 0
    clock.advance(1)
    assert run() == 2
    list_many(city, range(2, 3))
    assert run() == 0
    clock.advance(10)
    city.relieve(Kind.REPAIR, ids[0])
    assert run() == 0
    clock.advance(2)
    assert run() == 0
    clock.advance(1)
    assert run() == 3
    assert [word for _, word, _ in said_of(peer, city.origin)][2:] == [
        "applied",
        "applied",
        "lifted",
    ]


def test_what_an_earlier_process_gathered_is_told_at_its_start(federation: Federation) -> None:
    city, peer = federation[CITY], federation[PEER]
    job = receipt_job(peer, seconds=3000)
    job.run()
    city.list_(listing(1, audience=city.audience()))
    federation.settle()
    peer.reconcile()
    assert job.run() == 0
    assert receipt_job(peer, seconds=3000).run() == 1


def test_nothing_is_told_of_what_is_not_reconciled_or_still_comes(federation: Federation) -> None:
    city, peer = federation[CITY], federation[PEER]
    city.list_(listing(1, audience=city.audience()))
    federation.settle()
    assert receipt_job(peer).run() == 0
    peer.reconcile()
    with peer.store.write() as session:
        head = session.head(city.origin)
        assert head is not None
        session.set_head(replace(head, note_size=head.size + 1))
    job = receipt_job(peer)
    assert job.run() == 0  # the log may be on its way to a checkpoint
    assert job.run() == 1  # it has stopped


def test_a_node_that_may_not_sign_tells_nothing_and_goes_on_later(federation: Federation) -> None:
    city, peer = federation[CITY], federation[PEER]
    city.list_(listing(1, audience=city.audience()))
    federation.settle()
    peer.reconcile()
    peer.publisher.shown_larger("hub", 99, b"r" * 32)
    assert receipt_job(peer).run() == 0
    with peer.store.read() as session:
        head = session.head(city.origin)
    assert head is not None
    assert head.receipted_to == 0


def test_a_decision_while_a_catalog_is_judged_anew_is_not_lost(federation: Federation) -> None:
    city, peer = federation[CITY], federation[PEER]
    city.list_(listing(1, audience=city.audience()))
    told(federation)
    with peer.store.write() as session:
        session.reconcile_anew()
    peer.library = type(peer.library)()
    peer.restart()
    federation.reconnect(PEER)
    assert told(federation) == 1
    assert said_of(peer, city.origin)[-1] == (0, "held", "identity.subject-unknown")
