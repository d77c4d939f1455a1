"""Openings asked of peers: of whom, how often, and what is believed (`node.network.pull`).

Covers node/network/backoff.py.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest
from grpc.aio import AioRpcError, Metadata
from huxin.v1 import exchange_pb2 as pb

from federation.ids import MemberId, Origin
from node.charters.contacts import Contact
from node.network.backoff import LONGEST_SECONDS, Backoff
from node.network.dialer import Live
from node.network.pull import MAX_ASKED, MAX_ROUND, UNREACHED_TRIES, Puller
from node.peers.session import Session
from tests.support.exchange import FakeExchange, FakeWriter, log_of

ROUND = 30.0
LOG = log_of("a")
Answer = Callable[[int], int]
PRESENT, NOT_FOR_YOU, ERASED, PENDING = (
    pb.OPENING_STATE_PRESENT,
    pb.OPENING_STATE_NOT_FOR_YOU,
    pb.OPENING_STATE_ERASED,
    pb.OPENING_STATE_PENDING,
)


@dataclass
class Peer:
    """A peer that answers each question for an opening with a state, or not at all."""

    name: str
    answer: int | None
    closed: type[BaseException] | None = None
    """What every call raises, since its channel is closed."""
    asked: list[tuple[Origin, list[int]]] = field(default_factory=list)

    async def ListHeads(self, _: pb.ListHeadsRequest, timeout: float) -> pb.ListHeadsResponse:  # noqa: ASYNC109, N802
        del timeout
        if self.closed:
            raise self.closed("Channel is closed.")
        return pb.ListHeadsResponse(checkpoints=[self.name.encode()])

    async def GetOpenings(  # noqa: N802
        self,
        request: pb.GetOpeningsRequest,
        timeout: float,  # noqa: ASYNC109
    ) -> pb.GetOpeningsResponse:
        del timeout
        self.asked.append((Origin(request.origin), list(request.indices)))
        if self.closed:
            raise self.closed("Channel is closed.")
        if self.answer is None:
            raise AioRpcError(grpc.StatusCode.UNAVAILABLE, Metadata(), Metadata())
        state = pb.OpeningState.ValueType(self.answer)
        salt = bytes(32) if self.answer == PRESENT else b""
        return pb.GetOpeningsResponse(
            openings=[pb.Opening(state=state, salt=salt) for _ in request.indices]
        )

    @property
    def indices(self) -> list[list[int]]:
        return [indices for _, indices in self.asked]


class Asker:
    """The puller over a fake exchange, with a clock of its own."""

    def __init__(self, *peers: Peer) -> None:
        self.now = 0.0
        self.peers = list(peers)
        self.exchange = FakeExchange("me")
        self.writer = FakeWriter()
        self.readers = ThreadPoolExecutor(1)
        self.backoff = Backoff(clock=lambda: self.now, first_seconds=ROUND)
        self.puller = Puller(
            exchange=self.exchange,
            writer=self.writer,
            readers=self.readers,
            live=lambda: {MemberId(peer.name): _live(peer) for peer in self.peers},
            backoff=self.backoff,
        )

    async def rounds(self, count: int) -> None:
        for _ in range(count):
            await self.puller.pull()
            self.now += ROUND

    def close(self) -> None:
        self.writer.close()
        self.readers.shutdown()


def _live(peer: Peer) -> Live:
    contact = Contact(
        peer=MemberId(peer.name),
        endpoints=(),
        certificates=(),
        origins=frozenset({log_of(peer.name)}),
    )
    stub: Any = peer
    return Live(contact=contact, session=Session(peer=MemberId(peer.name)), stub=stub)


@pytest.fixture
def asker() -> Iterator[Callable[..., Asker]]:
    made: list[Asker] = []

    def make(*peers: Peer, missing: Sequence[int] = (7,)) -> Asker:
        made.append(Asker(*peers))
        made[-1].exchange.missing = {LOG: list(missing)}
        return made[-1]

    yield make
    for one in made:
        one.close()


Make = Callable[..., Asker]


async def test_the_origin_s_own_node_is_asked_first_and_then_nobody_who_need_not_be(
    asker: Make,
) -> None:
    hub, own = Peer("hub", PRESENT), Peer("a", PRESENT)
    asking = asker(hub, own)
    await asking.rounds(1)
    assert (own.indices, hub.indices) == ([[7]], [])
    assert asking.exchange.opened == [(LOG, 7, b"")]


async def test_who_brings_nothing_is_asked_later_and_later(asker: Make) -> None:
    hub = Peer("hub", PENDING)
    asking = asker(hub)
    times: list[float] = []
    for _ in range(6000):
        before = len(hub.asked)
        await asking.rounds(1)
        times += [asking.now - ROUND] * (len(hub.asked) - before)
    gaps = [b - a for a, b in itertools.pairwise(times)]
    assert gaps[:6] == [30, 60, 120, 240, 480, 960]
    assert max(gaps) <= LONGEST_SECONDS
    assert gaps == sorted(gaps)
    assert gaps[-1] > LONGEST_SECONDS / 2


async def test_one_who_is_pending_for_ever_keeps_nobody_from_being_asked(asker: Make) -> None:
    own, hub, other = Peer("a", PENDING), Peer("hub", None), Peer("b", PRESENT)
    asking = asker(own, hub, other)
    await asking.rounds(1)
    assert (own.indices, hub.indices, other.indices) == ([[7]], [[7]], [[7]])
    assert asking.exchange.opened == [(LOG, 7, b"")]


async def test_a_peer_that_comes_later_is_asked_at_once(asker: Make) -> None:
    hub = Peer("hub", ERASED)
    asking = asker(hub)
    await asking.rounds(40)
    asking.peers.append(Peer("b", PRESENT))
    await asking.rounds(1)
    assert asking.exchange.opened == [(LOG, 7, b"")]


async def test_openings_of_one_round_are_bounded(asker: Make) -> None:
    hub = Peer("hub", PENDING)
    asking = asker(hub, missing=range(600))
    await asking.rounds(3)
    assert [len(indices) for indices in hub.indices] == [MAX_ASKED] * 3
    assert hub.indices[0] == list(range(256)), "in the order given: reliefs come first"
    asking.exchange.missing = {log_of(f"log{n}"): list(range(600)) for n in range(50)}
    hub.asked.clear()
    await asking.rounds(1)
    assert sum(map(len, hub.indices)) == MAX_ROUND
    first = {origin for origin, _ in hub.asked}
    hub.asked.clear()
    await asking.rounds(1)
    assert {origin for origin, _ in hub.asked} != first, "no log keeps the others from their turn"


@pytest.mark.parametrize("raised", [asyncio.CancelledError, grpc.aio.UsageError])
async def test_a_closed_channel_ends_the_round_of_no_other_peer(
    raised: type[BaseException], asker: Make
) -> None:
    closed, other = Peer("a", PRESENT, closed=raised), Peer("b", PRESENT)
    asking = asker(closed, other)
    asking.exchange.missing[log_of("c")] = [1]
    await asking.puller.pull()
    assert asking.exchange.notes == [b"b"]
    assert set(asking.exchange.opened) == {(LOG, 7, b""), (log_of("c"), 1, b"")}
    assert len(closed.asked) == 1, "who is silent is asked no more in the round"


async def test_who_is_silent_is_asked_no_more_in_the_round(asker: Make) -> None:
    silent, other = Peer("hub", None), Peer("b", PRESENT)
    asking = asker(silent, other)
    asking.exchange.missing = {log_of(f"log{n}"): [0] for n in range(50)}
    await asking.rounds(1)
    assert (len(silent.asked), len(other.asked)) == (1, 50)
    await asking.rounds(1)
    assert len({origin for origin, _ in silent.asked}) == len(silent.asked)


async def test_reliefs_of_all_logs_are_asked_for_before_the_flood_of_one(asker: Make) -> None:
    """And a flood of reliefs of one log keeps neither those of another nor listings waiting."""
    hub = Peer("hub", PENDING)
    asking = asker(hub)
    flood = log_of("flood")
    others = [log_of(f"log{n}") for n in range(60)]
    asking.exchange.missing = {flood: list(range(5000)), **{other: [1] for other in others}}
    asking.exchange.missing_reliefs = {flood: list(range(5000)), others[7]: [3]}
    await asking.rounds(1)
    first = hub.asked[:2]
    assert {origin for origin, _ in first} == {flood, others[7]}
    assert sorted(len(indices) for _, indices in first) == [1, MAX_ASKED]
    assert {origin for origin, _ in hub.asked[2:]} == {flood, *others}


async def test_e3_the_origin_s_word_is_believed_and_nobody_else_is_asked(asker: Make) -> None:
    own, hub = Peer("a", NOT_FOR_YOU), Peer("hub", PRESENT)
    asking = asker(hub, own)
    await asking.rounds(1)
    assert asking.exchange.not_for_us == [(LOG, 7)]
    assert hub.indices == []


async def test_e3_anybody_else_s_word_is_believed_once_the_origin_was_asked(asker: Make) -> None:
    own, hub = Peer("a", PENDING), Peer("hub", NOT_FOR_YOU)
    asking = asker(hub, own)
    await asking.rounds(1)
    assert (own.indices, hub.indices) == ([[7]], [[7]])
    assert asking.exchange.not_for_us == [(LOG, 7)]


@pytest.mark.parametrize("own", [(), (Peer("a", None),)], ids=["no line", "no answer"])
async def test_e3_an_origin_that_cannot_be_asked_counts_as_asked_after_some_tries(
    asker: Make, own: tuple[Peer, ...]
) -> None:
    """自贡 and 宜宾 have no line between them: what the hub says is believed in the end."""
    hub = Peer("hub", NOT_FOR_YOU)
    asking = asker(hub, *own)
    for tried in range(1, UNREACHED_TRIES):
        while len(hub.asked) < tried:
            await asking.rounds(1)
        assert asking.exchange.not_for_us == []
    while len(hub.asked) < UNREACHED_TRIES:
        await asking.rounds(1)
    assert asking.exchange.not_for_us == [(LOG, 7)]


async def test_e3_a_hub_that_lies_does_not_come_before_the_origin_s_opening(asker: Make) -> None:
    own, hub = Peer("a", PRESENT), Peer("hub", NOT_FOR_YOU)
    asking = asker(hub)
    await asking.rounds(1)
    asking.peers.append(own)
    await asking.rounds(1)
    assert asking.exchange.not_for_us == []
    assert asking.exchange.opened == [(LOG, 7, b"")]


def test_what_is_remembered_is_bounded_and_what_was_forgotten_is_asked_again() -> None:
    backoff = Backoff(clock=lambda: 0.0, first_seconds=ROUND, remembered=10)
    peer = MemberId("hub")
    backoff.in_vain(peer, LOG, range(20), answered=True)
    assert backoff.due(peer, LOG, range(20), 256) == list(range(10))
    assert backoff.due(peer, LOG, range(20), 3) == [0, 1, 2]
    assert [backoff.times(peer, LOG, index) for index in (9, 10)] == [0, 1]
    assert backoff.due(MemberId("other"), LOG, [15], 256) == [15]


def test_after_however_many_questions_the_next_is_due_within_a_day() -> None:
    now = 0.0
    backoff = Backoff(clock=lambda: now, first_seconds=ROUND)
    peer = MemberId("hub")
    for _ in range(200):
        backoff.in_vain(peer, LOG, [7], answered=True)
        assert not backoff.due(peer, LOG, [7], 1)
        now += LONGEST_SECONDS
        assert backoff.due(peer, LOG, [7], 1) == [7]
