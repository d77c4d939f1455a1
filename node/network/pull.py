"""The pull job: peers are asked for newest heads and missing openings, beside the streams.

The streams bring both by themselves; pulling finds what they did not: a checkpoint that a peer
shows to others only, an opening that did not open, or that its deliverer did not have.

Each peer and each log is asked on its own (`node.system.item_errors`): who is silent, or closes the
connection under the question, keeps no other from being asked, and is asked no more in this round.
Openings of reliefs are asked for first, of all logs; then what else is missing, with a bound of its
own.

Openings are asked of the origin's own node first. Who brings nothing is
asked again later and later (`node.network.backoff`), so that what nobody gives keeps nothing else
from being asked for, and nobody's silence another from being asked. NOT_FOR_YOU is believed (E3) of
the origin's own node; of anybody else once the origin's own node has answered a question for that
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
from federation.peers.openings import DeliveredOpening
from federation.rows import OpeningStatus
from node.codec.frames import opening_from_proto
from node.log.writer import WriteThread
from node.network.answering import answer_of
from node.network.backoff import Backoff
from node.network.dialer import Live
from node.network.errors import error_of
from node.peers.session import Session
from node.system.item_errors import ItemErrors, is_silence

_log = structlog.get_logger()

CALL_SECONDS: Final = 30.0
MAX_ASKED: Final = 256
"""Openings of one log asked of one peer in one round, and in one request, as in exchange.proto."""
MAX_ROUND: Final = 4096
"""Openings of all logs together asked of one peer in one round; as many of reliefs before them."""
CANDIDATES: Final = 1024
"""Openings of one log looked at in one round, many of which may not be due yet."""
UNREACHED_TRIES: Final = 3
"""Questions after which an origin's own node that cannot be asked counts as asked."""


class Pulling(Protocol):
    """What pulling needs of `node.peers.exchange.Exchange`."""

    def take_heads(self, session: Session, notes: Iterable[bytes], forks: Iterable[bytes]) -> None:
        """Take the answer of ListHeads; on the writer thread."""
        ...

    def missing_openings(self, limit: int, *, reliefs: bool = False) -> dict[Origin, list[int]]:
        """Openings that this node should have and does not, at most so many of one log.

        With `reliefs` those of reliefs alone, else reliefs first.
        """
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
        self._silent: set[MemberId] = set()
        """Who did not answer in this round."""
        self._exchange = exchange
        self._writer = writer
        self._readers = readers
        self._live = live

    async def pull(self) -> None:
        """Ask once for heads and openings; a peer that fails is asked again the next time.

        Raises:
            Exception: what was no answer of a peer, after all others were asked.
        """
        items = ItemErrors()
        live = tuple(self._live().values())
        await asyncio.gather(*(self._heads(items, one) for one in live))
        self._silent.clear()
        self._turn += 1
        for reliefs in (True, False):
            await self._round(items, live, reliefs=reliefs)
        items.settle()

    async def _round(self, items: ItemErrors, live: Sequence[Live], *, reliefs: bool) -> None:
        missing = await asyncio.get_running_loop().run_in_executor(
            self._readers, partial(self._exchange.missing_openings, CANDIDATES, reliefs=reliefs)
        )
        # Each round begins with another log, so that the bound of a round is no log's alone.
        origins = list(missing)
        begin = self._turn % len(origins) if origins else 0
        left = MAX_ROUND
        for origin in (*origins[begin:], *origins[:begin]):
            with items.each(f"openings of {origin}"):
                left -= await self._fetch(items, live, origin, missing[origin], left)

    async def _heads(self, items: ItemErrors, one: Live) -> None:
        with items.each(f"heads of {one.contact.peer}"):
            try:
                await self._ask_heads(one)
            except (FederationError, CryptoError, grpc.aio.AioRpcError) as error:
                _report(one, error)

    async def _ask_heads(self, one: Live) -> None:
        request = pb.ListHeadsRequest()
        answer = await answer_of(lambda: one.stub.ListHeads(request, timeout=CALL_SECONDS))
        job = partial(
            self._exchange.take_heads, one.session, tuple(answer.checkpoints), tuple(answer.forks)
        )
        await asyncio.wrap_future(self._writer.submit(job))

    async def _fetch(
        self,
        items: ItemErrors,
        live: Sequence[Live],
        origin: Origin,
        missing: Sequence[int],
        limit: int,
    ) -> int:
        """Ask for openings of one log, of each peer at most `limit`.

        Returns:
            For how many one peer was asked, at most.
        """
        left = list(missing)
        asked = 0
        # The origin's own node first: nobody else knows sooner what may be handed out.
        for one in sorted(live, key=lambda one: origin not in one.contact.origins):
            peer = one.contact.peer
            due = self._backoff.due(peer, origin, left, min(MAX_ASKED, limit))
            if not due or peer in self._silent:
                continue
            asked = max(asked, len(due))
            over = await self._brought(items, live, one, origin, due)
            left = [index for index in left if index not in over]
        return asked

    async def _brought(
        self, items: ItemErrors, live: Sequence[Live], one: Live, origin: Origin, due: Sequence[int]
    ) -> set[int]:
        """Ask one peer; returns the indices for which nobody else is to be asked."""
        peer, silent = one.contact.peer, True
        with items.each(f"openings of {origin} from {peer}"):
            try:
                return await self._openings(live, one, origin, due)
            except (FederationError, CryptoError, grpc.aio.AioRpcError) as error:
                _report(one, error)
                silent = is_silence(error)
        self._backoff.in_vain(peer, origin, due, answered=False)
        if silent:
            self._silent.add(peer)
        return set()

    async def _openings(
        self, live: Sequence[Live], one: Live, origin: Origin, indices: Sequence[int]
    ) -> set[int]:
        """Ask one peer, as `_brought` does."""
        peer = one.contact.peer
        request = pb.GetOpeningsRequest(origin=origin, indices=indices)
        answer = await answer_of(lambda: one.stub.GetOpenings(request, timeout=CALL_SECONDS))
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
