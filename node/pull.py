"""What is asked of peers beside the streams: their newest heads, and openings that are missing.

The streams bring both by themselves; pulling finds what they did not: a checkpoint that a peer
shows to others only, an opening that did not open or came before we were entitled to it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Final, Protocol

import grpc
import structlog
from huxin.v1 import exchange_pb2 as pb

from crypto.errors import CryptoError
from federation.errors import FederationError, ReplicationError
from federation.ids import MemberId, Origin
from federation.replication import DeliveredOpening
from federation.rows import OpeningStatus
from node.codec.frames import opening_from_proto
from node.dialer import Live
from node.follow import WriteThread
from node.services.errors import error_of
from node.session import Session

_log = structlog.get_logger()

CALL_SECONDS: Final = 30.0
MAX_ASKED: Final = 256
"""Openings of one log asked for in one round, and in one request, as in exchange.proto."""


class Pulling(Protocol):
    """What pulling needs of `node.exchange.Exchange`."""

    def take_heads(self, session: Session, notes: Iterable[bytes], forks: Iterable[bytes]) -> None:
        """Take the answer of ListHeads; on the writer thread."""
        ...

    def missing_openings(self, limit: int) -> dict[Origin, list[int]]:
        """Openings that this node should have and does not, at most so many of one log."""
        ...

    def take_openings(
        self, origin: Origin, openings: Sequence[tuple[int, DeliveredOpening]], peer: MemberId
    ) -> int:
        """Take openings that were asked for; on the writer thread."""
        ...


class Puller:
    """Asks the peers to whom a stream stands."""

    def __init__(
        self,
        *,
        exchange: Pulling,
        writer: WriteThread,
        readers: Executor,
        live: Callable[[], dict[MemberId, Live]],
    ) -> None:
        """Wire the puller; `live` gives the peers that can be asked now."""
        self._exchange = exchange
        self._writer = writer
        self._readers = readers
        self._live = live

    async def pull(self) -> None:
        """Ask once for heads and openings; a peer that fails is asked again the next time."""
        live = tuple(self._live().values())
        for one in live:
            try:
                await self._heads(one)
            except (FederationError, CryptoError, grpc.aio.AioRpcError) as error:
                _report(one, error)
        loop = asyncio.get_running_loop()
        missing = await loop.run_in_executor(
            self._readers, self._exchange.missing_openings, MAX_ASKED
        )
        for origin, indices in missing.items():
            await self._fetch(live, origin, indices)

    async def _heads(self, one: Live) -> None:
        answer = await one.stub.ListHeads(pb.ListHeadsRequest(), timeout=CALL_SECONDS)
        job = partial(
            self._exchange.take_heads, one.session, tuple(answer.checkpoints), tuple(answer.forks)
        )
        await asyncio.wrap_future(self._writer.submit(job))

    async def _fetch(self, live: Sequence[Live], origin: Origin, indices: Sequence[int]) -> None:
        """Ask for openings of one log until nobody is left to ask, or nothing to ask for."""
        left = list(indices)
        # The origin's own node first: nobody else knows sooner what may be handed out.
        for one in sorted(live, key=lambda one: origin not in one.contact.origins):
            if not left:
                return
            try:
                brought = await self._openings(one, origin, left)
            except (FederationError, CryptoError, grpc.aio.AioRpcError) as error:
                _report(one, error)
                continue
            left = [index for index in left if index not in brought]

    async def _openings(self, one: Live, origin: Origin, indices: Sequence[int]) -> set[int]:
        """Ask one peer; returns the indices for which it brought something to open."""
        request = pb.GetOpeningsRequest(origin=origin, indices=indices)
        answer = await one.stub.GetOpenings(request, timeout=CALL_SECONDS)
        if len(answer.openings) != len(indices):
            message = f"{origin}: expected {len(indices)} openings, got {len(answer.openings)}"
            raise ReplicationError("openings.count", message)
        openings = list(zip(indices, map(opening_from_proto, answer.openings), strict=True))
        present = [(i, o) for i, o in openings if o.status == OpeningStatus.PRESENT]
        if present:
            job = partial(self._exchange.take_openings, origin, present, one.contact.peer)
            if await asyncio.wrap_future(self._writer.submit(job)) < len(present):
                # Some did not open: ask the next peer for all of these, those held are ignored.
                return set()
        return {index for index, _ in present}


def _report(one: Live, error: Exception) -> None:
    known = error_of(error) if isinstance(error, grpc.aio.AioRpcError) else error
    code = known.code if isinstance(known, FederationError) else "peer.malformed"
    _log.info("peer could not be asked", peer=one.contact.peer, code=code)
