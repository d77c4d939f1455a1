"""The job `attest`: asks peers with an open stream about foreign subjects 主体核验."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Final, Protocol

import grpc
import structlog
from huxin.v1 import exchange_pb2 as pb

from federation.errors import FederationError, ReplicationError
from federation.ids import MemberId
from federation.reconcile.attestation import FEATURE
from node.attestation.attesting import Sent
from node.log.writer import WriteThread
from node.network.answering import answer_of
from node.network.dialer import Live
from node.network.errors import error_of
from node.system.item_errors import ItemErrors, is_silence

_log = structlog.get_logger()

CALL_SECONDS: Final = 30.0
ROUNDS: Final = 16
"""Rounds in one run; they follow each other while there is something to ask."""


class AsksHomes(Protocol):
    """What is needed of `node.attestation.attesting.Attesting`."""

    def questions(self, peers: Collection[MemberId]) -> Sequence[Sent]:
        """Make the questions of one round."""
        ...

    def take_all(self, answers: Sequence[tuple[Sent, bytes]]) -> Sequence[ReplicationError]:
        """Take answers in one write, on the writer thread; returns what was no answer."""
        ...

    def review(self) -> None:
        """Have judged again what has grown old; on the writer thread."""
        ...


class AttestJob:
    """What grew old, then rounds of questions and their answers, one after the other of a peer."""

    def __init__(
        self,
        *,
        attesting: AsksHomes,
        writer: WriteThread,
        readers: Executor,
        live: Callable[[], dict[MemberId, Live]],
        blame: Callable[[MemberId, ReplicationError], None],
    ) -> None:
        """Wire it; `live` gives the peers that can be asked now."""
        self._attesting = attesting
        self._writer = writer
        self._readers = readers
        self._live = live
        self._blame = blame

    async def run(self) -> None:
        """Ask whoever announces that it attests; who fails is asked again after a pause.

        Raises:
            Exception: what was no fault of a peer, after all others were asked.
        """
        await asyncio.wrap_future(self._writer.submit(self._attesting.review))
        live = {peer: one for peer, one in self._live().items() if FEATURE in one.features}
        if not live:
            return
        items = ItemErrors()
        for _ in range(ROUNDS):
            if not await self._round(items, live):
                break
        items.settle()

    async def _round(self, items: ItemErrors, live: dict[MemberId, Live]) -> bool:
        """Ask one round; who does not answer leaves `live`. Whether anything was asked."""
        loop = asyncio.get_running_loop()
        asking = partial(self._attesting.questions, list(live))
        sent = await loop.run_in_executor(self._readers, asking)
        by_peer: dict[MemberId, list[Sent]] = defaultdict(list)
        for one in sent:
            by_peer[one.peer].append(one)
        answered = await asyncio.gather(
            *(self._ask_all(items, live[peer], asked) for peer, asked in by_peer.items())
        )
        for peer, all_answered in zip(by_peer, answered, strict=True):
            if not all_answered:
                del live[peer]
        return bool(sent)

    async def _ask_all(self, items: ItemErrors, live: Live, asked: Sequence[Sent]) -> bool:
        """Ask one peer, until it is silent, and take its answers; whether it gave all of them."""
        peer = live.contact.peer
        answers: list[tuple[Sent, bytes]] = []
        for one in asked:
            with items.each(peer):
                try:
                    answers.append((one, await self._ask(live, one)))
                except (FederationError, grpc.aio.AioRpcError) as error:
                    _report(peer, error)
                    if is_silence(error):
                        break
            if peer in items.failed:
                break
        faults: Sequence[ReplicationError] = ()
        if answers:
            with items.each(peer):
                job = partial(self._attesting.take_all, answers)
                faults = await asyncio.wrap_future(self._writer.submit(job))
        for fault in faults:
            self._blame(peer, fault)
            _report(peer, fault)
        return len(answers) == len(asked) and not faults and peer not in items.failed

    async def _ask(self, live: Live, sent: Sent) -> bytes:
        request = pb.AttestSubjectsRequest(question=sent.question)
        answer = await answer_of(lambda: live.stub.AttestSubjects(request, timeout=CALL_SECONDS))
        return bytes(answer.attestation)


def _report(peer: MemberId, error: FederationError | grpc.aio.AioRpcError) -> None:
    if isinstance(error, grpc.aio.AioRpcError):
        error = error_of(error)
    _log.warning("subjects not attested", peer=peer, code=error.code, error=str(error))
