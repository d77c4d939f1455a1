"""The job `query-witnesses`: asks members with an open stream to cosign our query log (QL5)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from functools import partial
from typing import Final, Protocol

import grpc
import structlog
from huxin.v1 import exchange_pb2 as pb

from federation.errors import FederationError
from federation.ids import MemberId
from federation.peers import witness
from federation.peers.witness import WitnessError
from node.network.answering import answer_of
from node.network.dialer import Live
from node.network.errors import error_of
from node.system.item_errors import ItemErrors
from node.system.threads import in_thread

_log = structlog.get_logger()

CALL_SECONDS: Final = 30.0
TRIES: Final = 2
"""The first may be answered by the size that the member cosigned last."""


class Cosigned(Protocol):
    """`node.access.cosigned.CosignedQueries`; blocks."""

    def due(self) -> bytes:
        """The checkpoint to be cosigned; empty for none."""
        ...

    def request(self, peer: MemberId, note: bytes) -> bytes:
        """The body for a member."""
        ...

    def differs(self, peer: MemberId, note: bytes, size: int) -> bool:
        """A member cosigned another size last; whether to ask it once more."""
        ...

    def take(self, note: bytes, answers: Mapping[MemberId, bytes]) -> int:
        """Keep the good lines."""
        ...


class QueryWitnesses:
    """Asks all that can be asked now, each on its own."""

    def __init__(
        self,
        *,
        cosigned: Cosigned,
        readers: Executor,
        live: Callable[[], dict[MemberId, Live]],
    ) -> None:
        """Wire it; `live` gives the peers that can be asked now."""
        self._cosigned = cosigned
        self._readers = readers
        self._live = live

    async def run(self) -> None:
        """Ask once for the newest checkpoint; who does not answer is asked the next time.

        Raises:
            Exception: what was no answer of a member, after all others were asked.
        """
        note = await in_thread(self._readers, self._cosigned.due)
        live = self._live()
        if not note or not live:
            return
        items, good = ItemErrors(), dict[MemberId, bytes]()
        await asyncio.gather(*(self._lines(items, one, note, good) for one in live.values()))
        if good:
            await in_thread(self._readers, self._cosigned.take, note, good)
        items.settle()

    async def _lines(
        self, items: ItemErrors, one: Live, note: bytes, good: dict[MemberId, bytes]
    ) -> None:
        with items.each(one.contact.peer):
            if lines := await self._ask(one, note):
                good[one.contact.peer] = lines

    async def _ask(self, one: Live, note: bytes) -> bytes:
        """The lines of one member; empty where it gives none."""
        peer = one.contact.peer
        for _ in range(TRIES):
            body = await in_thread(self._readers, self._cosigned.request, peer, note)
            request = pb.AddCheckpointRequest(body=body)
            try:
                answer = await answer_of(
                    partial(one.stub.AddCheckpoint, request, timeout=CALL_SECONDS)
                )
                return bytes(answer.cosignatures)
            except grpc.aio.AioRpcError as failure:
                error: FederationError = error_of(failure)
            if isinstance(error, WitnessError) and error.status == witness.CONFLICT:
                differs = partial(self._cosigned.differs, peer, note, error.size)
                if await in_thread(self._readers, differs):
                    continue
            _log.info("query log not cosigned", peer=peer, code=error.code, error=str(error))
            break
        return b""
