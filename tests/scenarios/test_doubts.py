"""In doubt the subject is not punished: what changes without a statement (node.doubts).

Covers node/records/doubts.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from federation.statements import Kind
from tests.support import charters as build
from tests.support.simulation import STALE_AFTER, Federation, SimNode, listing

Federate = Callable[..., Federation]


def rule_at(node: SimNode, statement_id: bytes) -> str:
    """Why a listing does not punish at a node, or empty."""
    with node.store.read() as session:
        (row,) = session.rows_by_id(None, [statement_id])
        (head,) = (head for head in session.heads() if head.log == row.log)
        return row.rule or node.doubts.of_listing(session, head, row)


def listed_at_a_peer(federate: Federate) -> tuple[Federation, SimNode, SimNode, bytes]:
    federation = federate("510300", "510500")
    federation.connect("510300", "510500")
    city, peer = federation["510300"], federation["510500"]
    listed = city.list_(listing(1, audience=city.audience()))
    federation.settle()
    assert rule_at(peer, listed) == ""
    return federation, city, peer, listed


def test_a_stale_origin_does_not_punish_and_others_are_not_touched(federate: Federate) -> None:
    federation, city, peer, listed = listed_at_a_peer(federate)
    own = peer.list_(listing(2, audience=peer.audience()))
    federation.clock.advance(STALE_AFTER + 1)
    assert (rule_at(peer, listed), rule_at(peer, own)) == ("log.stale", "")
    assert city.publisher.renew_head()
    city.exchange.published()
    federation.settle()
    assert rule_at(peer, listed) == ""


def test_a_hubs_cosignature_never_makes_a_head_fresh(federate: Federate) -> None:
    federation = federate("510300", "510500")
    federation.connect("510300", "510000")
    wire = federation.connect("510500", "510000")
    city, hub, peer = federation["510300"], federation["510000"], federation["510500"]
    listed = city.list_(listing(1, audience=city.audience()))
    federation.settle()
    federation.clock.advance(STALE_AFTER + 1)
    federation.cut(wire)
    federation.connect("510500", "510000")
    assert hub.publisher.renew_head()
    hub.exchange.published()
    federation.settle()
    assert rule_at(peer, listed) == "log.stale"


def test_an_expired_charter_stops_punishment_and_relief_goes_on(federate: Federate) -> None:
    federation, city, peer, listed = listed_at_a_peer(federate)
    federation.clock.advance(build.NOT_AFTER - build.NOW + 1)
    for node in federation.nodes.values():
        node.refresh_charters()
        node.publisher.renew_head()
        node.exchange.published()
    federation.settle()
    assert rule_at(peer, listed) == "entitlement.expired"
    city.relieve(Kind.REPAIR, listed)
    federation.settle()
    with peer.store.read() as session:
        (row,) = session.rows_by_id(None, [listed])
    assert row.rule == "relief.direct"


def test_a_fork_proof_stops_the_whole_origin(federate: Federate) -> None:
    federation, city, peer, listed = listed_at_a_peer(federate)
    assert not federation.wires[0].errors
    with peer.store.write() as session:
        session.put_fork(city.origin, b"proof")
    assert rule_at(peer, listed) == "log.forked"
    with peer.store.read() as session:
        head = session.head(city.origin)
    assert head is not None
    assert peer.doubts.of_log(replace(head, forked=False)) == ""
