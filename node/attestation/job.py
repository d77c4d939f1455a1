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
from node.network.dialer import Live
from node.network.errors import error_of
from node.system.item_errors import ItemErrors, is_silence

_log = structlog.get_logger()

CALL_SECONDS: Final = 30.0


class AsksHomes(Protocol):
    """What is needed of `node.attestation.attesting.Attesting`."""

    def questions(self, peers: Collection[MemberId]) -> Sequence[Sent]:
        """Make the questions of one round."""
        ...

    def take(self, sent: Sent, note: bytes) -> int:
        """Take an answer; on the writer thread."""
        ...

    def review(self) -> None:
        """Have judged again what has grown old; on the writer thread."""
        ...


class AttestJob:
    """One round: what grew old, then questions and their answers, one after the other of a peer."""

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
        loop = asyncio.get_running_loop()
        sent = await loop.run_in_executor(self._readers, self._attesting.questions, live.keys())
        items = ItemErrors()
        by_peer: dict[MemberId, list[Sent]] = defaultdict(list)
        for one in sent:
            by_peer[one.peer].append(one)
        await asyncio.gather(
            *(self._ask_all(items, live[peer], asked) for peer, asked in by_peer.items())
        )
        items.settle()

    async def _ask_all(self, items: ItemErrors, live: Live, asked: Sequence[Sent]) -> None:
        """Ask one peer, until it is silent; the others are asked meanwhile."""
        peer = live.contact.peer
        for one in asked:
            with items.each(peer):
                try:
                    await self._ask(live, one)
                except ReplicationError as error:
                    self._blame(peer, error)
                    _report(peer, error)
                except (FederationError, grpc.aio.AioRpcError) as error:
                    _report(peer, error)
                    if is_silence(error):
                        return
            if peer in items.failed:
                return

    async def _ask(self, live: Live, sent: Sent) -> None:
        request = pb.AttestSubjectsRequest(question=sent.question)
        answer = await live.stub.AttestSubjects(request, timeout=CALL_SECONDS)
        job = partial(self._attesting.take, sent, answer.attestation)
        await asyncio.wrap_future(self._writer.submit(job))


def _report(peer: MemberId, error: FederationError | grpc.aio.AioRpcError) -> None:
    if isinstance(error, grpc.aio.AioRpcError):
        error = error_of(error)
    _log.warning("subjects not attested", peer=peer, code=error.code, error=str(error))
