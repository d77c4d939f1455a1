"""Questions about subjects over the wire: who is asked, and whose fault a false answer is."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import grpc
import pytest
from huxin.v1 import exchange_pb2 as pb

from federation.errors import ReplicationError, StatementError
from federation.ids import CharterId, MemberId
from federation.reconcile.attestation import FEATURE, Asked
from node.attestation.attesting import Sent
from node.attestation.job import AttestJob
from node.network.errors import error_of
from tests.support.exchange import log_of
from tests.support.network import Node, called, node, running
from tests.support.waiting import until


class Homes:
    """Asks everybody one question, and remembers what came of it."""

    def __init__(self, *false: str) -> None:
        self.false = false
        self.asked: list[list[MemberId]] = []
        self.answers: list[tuple[MemberId, bytes]] = []
        self.reviews = 0
        self.left = 1
        """Rounds in which there is something to ask."""

    def questions(self, peers: Collection[MemberId]) -> list[Sent]:
        if not self.left:
            return []
        self.left -= 1
        self.asked.append(sorted(peers))
        return [sent(peer) for peer in sorted(peers)]

    def take_all(self, answers: Sequence[tuple[Sent, bytes]]) -> list[ReplicationError]:
        true = [(sent.peer, note) for sent, note in answers if sent.peer not in self.false]
        self.answers += true
        false = len(answers) - len(true)
        return [ReplicationError("attestation.other", "an answer to something else")] * false

    def review(self) -> None:
        self.reviews += 1


def sent(peer: MemberId) -> Sent:
    asked = Asked(
        answerer=log_of(peer),
        asker=log_of("a"),
        charter=CharterId(bytes(32)),
        question=bytes(32),
        items=0,
    )
    return Sent(peer=peer, asked=asked, question=b"question to " + peer.encode(), named=())


def job_of(one: Node, homes: Homes) -> AttestJob:
    return AttestJob(
        attesting=homes,
        writer=one.writer,
        readers=one.readers,
        live=one.dialer.live,
        blame=one.exchange.blame,
    )


async def test_only_who_announces_it_is_asked() -> None:
    a, b, c = node("a"), node("b"), node("c")
    b.features = ("x-other.example-thing", FEATURE)
    homes = Homes()
    async with running(a, b, c, dialling=[a]):
        await until(lambda: len(a.dialer.live()) == 2)
        await job_of(a, homes).run()
    assert homes.asked == [["b"]]
    assert homes.answers == [("b", b"for a: question to b")]
    assert homes.reviews == 1


async def test_a_false_answer_is_blamed_and_the_next_peer_asked() -> None:
    a, b, c = node("a"), node("b"), node("c")
    b.features = c.features = (FEATURE,)
    homes = Homes("b")
    async with running(a, b, c, dialling=[a]):
        await until(lambda: len(a.dialer.live()) == 2)
        await job_of(a, homes).run()
    assert a.exchange.accused == [("b", "attestation.other")]
    assert homes.answers == [("c", b"for a: question to c")]


async def test_rounds_follow_each_other_without_whom_lied() -> None:
    a, b, c = node("a"), node("b"), node("c")
    b.features = c.features = (FEATURE,)
    homes = Homes("b")
    homes.left = 3
    async with running(a, b, c, dialling=[a]):
        await until(lambda: len(a.dialer.live()) == 2)
        await job_of(a, homes).run()
    assert homes.asked == [["b", "c"], ["c"], ["c"]]


async def test_nobody_is_asked_where_nobody_can_be() -> None:
    a = node("a")
    homes = Homes()
    async with running(a, dialling=[]):
        await job_of(a, homes).run()
    assert (homes.asked, homes.reviews) == ([], 1)


async def test_a_question_has_bounds() -> None:
    a, b = node("a"), node("b")
    async with running(a, b, dialling=[]), called(a, b) as stub:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.AttestSubjects(pb.AttestSubjectsRequest(), timeout=60)
        error = error_of(caught.value)
    assert isinstance(error, StatementError)
    assert error.code == "request.invalid"
