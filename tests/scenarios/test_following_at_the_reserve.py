"""A follower whose disk is short: listings stay with the peer, and reliefs arrive all the same.

Covers node/peers/disk_pressure.py, node/peers/prepared.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from federation.errors import ReplicationError
from federation.ids import Origin
from federation.peers.frames import Frame
from federation.peers.replication import DeliveredBatch
from federation.rows import State
from federation.statements import Kind
from node.peers.prepared import in_runs
from node.peers.session import Session
from tests.support.simulation import Federation, SimNode, listing

Federate = Callable[..., Federation]
pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
"""Nothing here depends on the database."""
CITY, PEER = "510300", "510500"
BATCH = 1024


class Stream:
    """A stream between a city and the node that follows it, driven as the program drives it."""

    def __init__(self, city: SimNode, peer: SimNode) -> None:
        self.ends = (city, peer)
        self.sessions = (
            city.exchange.open_session(peer.member),
            peer.exchange.open_session(city.member),
        )

    @property
    def followed(self) -> Session:
        return self.sessions[1]

    def ask(self) -> bool:
        """The follower asks for what it wants; whether there was anything."""
        asked = self.ends[1].exchange.subscription(self.followed)
        if asked is not None:
            self.ends[0].exchange.handle(self.sessions[0], asked)
        return asked is not None

    def frames(self) -> list[Frame]:
        """What the city says next."""
        return self.ends[0].exchange.plan(self.sessions[0])

    def batches(self) -> list[DeliveredBatch]:
        """All batches that the city has to bring now."""
        result: list[DeliveredBatch] = []
        while frames := self.frames():
            result += [frame for frame in frames if isinstance(frame, DeliveredBatch)]
        return result

    def bring(self, frames: list[Frame]) -> None:
        """Batches that arrive together are stored in runs."""
        exchange = self.ends[1].exchange
        for frame in in_runs([exchange.prepare(self.followed, frame) for frame in frames]):
            exchange.handle(self.followed, frame)

    def flow(self) -> None:
        """Let everything arrive, asking anew while there is something to ask for."""
        self.ask()
        while frames := self.frames():
            self.bring(frames)
            self.ask()

    def close(self) -> None:
        for node, session in zip(self.ends, self.sessions, strict=True):
            node.exchange.close_session(session)


def listed(city: SimNode, count: int, first: int = 1) -> list[bytes]:
    drafts = [
        city.draft(Kind.LISTING, listing(n, audience=city.audience()))
        for n in range(first, first + count)
    ]
    return [placed.statement_id for placed in city.say(*drafts)]


def held(peer: SimNode, origin: Origin) -> int:
    return peer.sizes().get(origin, 0)


@pytest.fixture
def pair(federate: Federate) -> tuple[SimNode, SimNode, list[bytes]]:
    """A city, a follower that holds three of its listings, and those."""
    federation = federate(CITY, PEER)
    city, peer = federation[CITY], federation[PEER]
    ids = listed(city, 3)
    stream = Stream(city, peer)
    stream.flow()
    stream.close()
    assert held(peer, city.origin) == 3
    return city, peer, ids


def test_listings_wait_until_there_is_room(pair: tuple[SimNode, SimNode, list[bytes]]) -> None:
    city, peer, _ = pair
    peer.tight = True
    stream = Stream(city, peer)
    listed(city, 3, 10)
    stream.flow()
    listed(city, 3, 20)
    stream.flow()
    assert held(peer, city.origin) == 3
    assert peer.exchange.left() == {city.origin}
    assert peer.exchange.served()[city.origin].size == 3
    peer.tight = False
    stream.flow()
    assert peer.exchange.left() == frozenset()
    assert peer.states() == city.states()
    assert peer.exchange.blamed() == {}


def test_relief_behind_what_waits_arrives(pair: tuple[SimNode, SimNode, list[bytes]]) -> None:
    city, peer, ids = pair
    peer.tight = True
    stream = Stream(city, peer)
    listed(city, 2 * BATCH, 10)
    city.relieve(Kind.REPAIR, ids[0])
    size = held(city, city.origin)
    listed(city, 2 * BATCH, 10 + 2 * BATCH)
    stream.flow()
    assert peer.state(ids[0]) == State.REPAIRED
    # Batches begin where the follower stands: the relief is in the third of them.
    assert size <= held(peer, city.origin) < size + BATCH
    assert peer.exchange.left() == {city.origin}
    assert peer.exchange.blamed() == {}
    peer.tight = False
    stream.flow()
    assert peer.states() == city.states()


@pytest.mark.parametrize("kind", [Kind.REPAIR, Kind.WITHDRAWAL])
def test_relief_among_listings_takes_its_batch_along(
    kind: Kind, pair: tuple[SimNode, SimNode, list[bytes]]
) -> None:
    city, peer, ids = pair
    peer.tight = True
    stream = Stream(city, peer)
    listed(city, 2, 10)
    city.relieve(kind, ids[0])
    stream.flow()
    assert peer.states() == city.states()
    assert peer.exchange.left() == frozenset()


def test_a_relief_that_is_not_proved_opens_nothing(
    pair: tuple[SimNode, SimNode, list[bytes]],
) -> None:
    city, peer, ids = pair
    peer.tight = True
    stream = Stream(city, peer)
    listed(city, BATCH, 10)
    city.relieve(Kind.REPAIR, ids[0])
    stream.ask()
    waits, relief = stream.batches()
    stream.bring([waits])
    assert peer.exchange.left() == {city.origin}
    stream.bring([replace(relief, path=(bytes(32),))])
    assert not stream.ask()
    assert held(peer, city.origin) == 3


def test_a_checkpoint_to_which_it_leads_is_verified(
    pair: tuple[SimNode, SimNode, list[bytes]],
) -> None:
    city, peer, _ = pair
    peer.tight = True
    stream = Stream(city, peer)
    listed(city, 2, 10)
    stream.ask()
    (batch,) = stream.batches()
    altered = batch.checkpoint.replace(b"\n5\n", b"\n6\n")
    assert altered != batch.checkpoint
    with pytest.raises(ReplicationError) as refused:
        stream.bring([replace(batch, checkpoint=altered)])
    assert refused.value.code == "batch.checkpoint"


def test_batches_on_their_way_are_nobodys_fault(
    pair: tuple[SimNode, SimNode, list[bytes]],
) -> None:
    """Room came back, the log was asked for again, and what was sent before arrives first."""
    city, peer, _ = pair
    peer.tight = True
    stream = Stream(city, peer)
    listed(city, 2 * BATCH + 1, 10)
    stream.ask()
    first, second, _ = stream.batches()
    stream.bring([first])
    peer.tight = False
    assert stream.ask()
    assert not stream.ask()
    stream.bring([second])
    assert held(peer, city.origin) == 3
    stream.flow()
    assert peer.states() == city.states()
    assert peer.exchange.blamed() == {}


def test_a_packet_is_taken_whole(pair: tuple[SimNode, SimNode, list[bytes]]) -> None:
    city, peer, _ = pair
    peer.tight = True
    stream = Stream(city, peer)
    stream.followed.carried = True
    listed(city, 3, 10)
    stream.flow()
    assert held(peer, city.origin) == 6


def test_a_run_is_taken_as_far_as_its_relief(
    pair: tuple[SimNode, SimNode, list[bytes]],
) -> None:
    city, peer, ids = pair
    peer.tight = True
    stream = Stream(city, peer)
    city.relieve(Kind.REPAIR, ids[0])
    listed(city, 2 * BATCH, 10)
    stream.ask()
    batches = stream.batches()
    assert len(batches) == 3
    stream.bring(list(batches))
    assert held(peer, city.origin) == 3 + BATCH
