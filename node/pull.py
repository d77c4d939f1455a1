"""What is asked of peers beside the streams: their newest heads, and openings that are missing.

The streams bring both by themselves; pulling finds what they did not: a checkpoint that a peer
shows to others only, an opening that did not open, or that its deliverer did not have.

Openings are asked of the origin's own node first, reliefs before all else. Who brings nothing is
asked again later and later (`node.backoff`), so that what nobody gives keeps nothing else from
being asked for, and nobody's silence another from being asked. NOT_FOR_YOU is believed (E3) of the
origin's own node; of anybody else once the origin's own node has answered a question for that
opening, or where it could not be asked `UNREACHED_TRIES` times: cities with no line between them
have each other's log from a hub.
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
from node.backoff import Backoff
from node.codec.frames import opening_from_proto
from node.dialer import Live
from node.services.errors import error_of
from node.session import Session
from node.writer import WriteThread

_log = structlog.get_logger()

CALL_SECONDS: Final = 30.0
MAX_ASKED: Final = 256
"""Openings of one log asked of one peer in one round, and in one request, as in exchange.proto."""
MAX_ROUND: Final = 4096
"""Openings of all logs together asked of one peer in one round."""
CANDIDATES: Final = 1024
"""Openings of one log looked at in one round, many of which may not be due yet."""
UNREACHED_TRIES: Final = 3
"""Questions after which an origin's own node that cannot be asked counts as asked."""


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

    def take_not_for_us(self, origin: Origin, indices: Sequence[int]) -> None:
        """Believe that openings are not for us; on the writer thread."""
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
        backoff: Backoff,
    ) -> None:
        """Wire the puller; `live` gives the peers that can be asked now."""
        self._backoff = backoff
        self._turn = 0
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
            self._readers, self._exchange.missing_openings, CANDIDATES
        )
        # Each round begins with another log, so that the bound of a round is no log's alone.
        self._turn += 1
        origins = list(missing)
        begin = self._turn % len(origins) if origins else 0
        left = MAX_ROUND
        for origin in (*origins[begin:], *origins[:begin]):
            left -= await self._fetch(live, origin, missing[origin], left)

    async def _heads(self, one: Live) -> None:
        answer = await one.stub.ListHeads(pb.ListHeadsRequest(), timeout=CALL_SECONDS)
        job = partial(
            self._exchange.take_heads, one.session, tuple(answer.checkpoints), tuple(answer.forks)
        )
        await asyncio.wrap_future(self._writer.submit(job))

    async def _fetch(
        self, live: Sequence[Live], origin: Origin, missing: Sequence[int], limit: int
    ) -> int:
        """Ask for openings of one log, of each peer at most `limit`.

        Returns:
            For how many one peer was asked, at most.
        """
        left = list(missing)
        asked = 0
        # The origin's own node first: nobody else knows sooner what may be handed out.
        for one in sorted(live, key=lambda one: origin not in one.contact.origins):
            due = self._backoff.due(one.contact.peer, origin, left, min(MAX_ASKED, limit))
            if not due:
                continue
            asked = max(asked, len(due))
            try:
                over = await self._openings(live, one, origin, due)
            except (FederationError, CryptoError, grpc.aio.AioRpcError) as error:
                self._backoff.in_vain(one.contact.peer, origin, due, answered=False)
                _report(one, error)
                continue
            left = [index for index in left if index not in over]
        return asked

    async def _openings(
        self, live: Sequence[Live], one: Live, origin: Origin, indices: Sequence[int]
    ) -> set[int]:
        """Ask one peer; returns the indices for which nobody else is to be asked."""
        peer = one.contact.peer
        request = pb.GetOpeningsRequest(origin=origin, indices=indices)
        answer = await one.stub.GetOpenings(request, timeout=CALL_SECONDS)
        if len(answer.openings) != len(indices):
            message = f"{origin}: expected {len(indices)} openings, got {len(answer.openings)}"
            raise ReplicationError("openings.count", message)
        openings = list(zip(indices, map(opening_from_proto, answer.openings), strict=True))
        present = [(i, o) for i, o in openings if o.status == OpeningStatus.PRESENT]
        came = {index for index, _ in present}
        if present:
            job = partial(self._exchange.take_openings, origin, present, peer)
            if await asyncio.wrap_future(self._writer.submit(job)) < len(present):
                # Some did not open: ask the next peer for all of these, those held are ignored.
                came = set()
        refused = [
            index
            for index, opening in openings
            if opening.status == OpeningStatus.NOT_FOR_US
            and self._believed(live, one, origin, index)
        ]
        if refused:
            refuse = partial(self._exchange.take_not_for_us, origin, refused)
            await asyncio.wrap_future(self._writer.submit(refuse))
        in_vain = [index for index in indices if index not in came]
        self._backoff.in_vain(peer, origin, in_vain, answered=True)
        return came.union(refused)

    def _believed(self, live: Sequence[Live], one: Live, origin: Origin, index: int) -> bool:
        """Whether a peer's NOT_FOR_YOU is believed (E3); asked before this question is counted."""
        if origin in one.contact.origins:
            return True
        owners = [other.contact.peer for other in live if origin in other.contact.origins]
        if not owners:
            return self._backoff.times(one.contact.peer, origin, index) + 1 >= UNREACHED_TRIES
        return any(
            self._backoff.answered(owner, origin, index)
            or self._backoff.times(owner, origin, index) >= UNREACHED_TRIES
            for owner in owners
        )


def _report(one: Live, error: Exception) -> None:
    known = error_of(error) if isinstance(error, grpc.aio.AioRpcError) else error
    code = known.code if isinstance(known, FederationError) else "peer.malformed"
    _log.info("peer could not be asked", peer=one.contact.peer, code=code)
