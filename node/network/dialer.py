"""Dials the peers that have endpoints: one task each, for ever.

    fetch the certificate at the endpoint → channel that trusts only it → GetNode → Follow

A channel is made anew for each attempt, with the certificates and endpoints of today's charter; a
task whose contact changed is ended, and begun again with what the charter now says. Between
attempts the task waits, twice as long each time and with jitter, up to a bound.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import grpc
import structlog
from huxin.v1 import exchange_pb2 as pb
from huxin.v1.exchange_pb2_grpc import ExchangeStub

from federation.charters.chain import HeldVersion
from federation.ids import MemberId, Origin, node_of
from federation.peers.frames import CharterFrame, Frame
from node.charters.contacts import Contact
from node.codec.frames import frame_from_response, frame_to_request
from node.codec.held import MAX_HELD, held_to_proto
from node.network.errors import error_of
from node.network.follow import Ending, Follower, Following, Link, ending_of
from node.network.transport import (
    PeerRefusedError,
    TlsIdentity,
    presented_certificate,
    secure_channel,
)
from node.peers.session import Session
from node.system.item_errors import is_ended, stray

if TYPE_CHECKING:
    from huxin.v1.exchange_pb2_grpc import ExchangeAsyncStub  # only in the stub

_log = structlog.get_logger()

SHORTEST_SECONDS: Final = 0.2
SETTLED_SECONDS: Final = 30.0
"""A stream that lived this long was good: the next attempt comes soon again."""
REVIEW_SECONDS: Final = 1.0
UNREACHABLE_FAILURES: Final = 3
"""After so many failures in a row we ask for the peer's log on the stream that it dialled."""
MAX_CHARTERS: Final = 256
MAX_FEATURES: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A peer to whom a stream stands, and the stub for single calls beside it."""

    contact: Contact
    session: Session
    stub: ExchangeAsyncStub
    features: frozenset[str] = frozenset()
    """What the peer announces beyond SPEC 1 (GetNode)."""


class Dialer:
    """Keeps a stream with every peer that has endpoints."""

    def __init__(
        self,
        *,
        contacts: Callable[[], Sequence[Contact]],
        identities: Callable[[], Sequence[TlsIdentity]],
        held: Callable[[MemberId], Sequence[HeldVersion]],
        exchange: Following,
        follower: Follower,
        random: Callable[[], float],
        connect_seconds: float = 10.0,
        longest_seconds: float = 30.0,
    ) -> None:
        """Wire the dialer.

        Args:
            contacts: the peers in today's charters; asked each second.
            identities: our TLS keys and certificates, the one to use first; the others in turn
                for a peer that does not take it, because it has not heard of it yet.
            held: versions of the charters shared with a peer, told to it.
            exchange: opens and closes sessions.
            follower: runs the streams.
            random: numbers in [0, 1) for the jitter.
            connect_seconds: until an attempt is given up.
            longest_seconds: the longest pause between two attempts.
        """
        self._contacts = contacts
        self._identities = identities
        self._held = held
        self._exchange = exchange
        self._follower = follower
        self._random = random
        self._connect_seconds = connect_seconds
        self._longest_seconds = longest_seconds
        self._tasks: dict[MemberId, tuple[Contact, asyncio.Task[None]]] = {}
        self._live: dict[MemberId, Live] = {}
        self._failures: dict[MemberId, int] = {}

    async def run(self) -> None:
        """Dial until cancelled."""
        try:
            while True:
                await self._review()
                await asyncio.sleep(REVIEW_SECONDS)
        finally:
            await self._end(list(self._tasks))

    def live(self) -> dict[MemberId, Live]:
        """The peers to whom a stream stands that we dialled."""
        return dict(self._live)

    def must_be_asked_back(self, peer: MemberId) -> bool:
        """Whether we ask for a peer's logs on the stream that it dialled.

        True where it has no endpoints, and where we cannot reach those that it has.
        """
        if peer in self._live:
            return False
        contact = next((c for c in self._contacts() if c.peer == peer), None)
        return contact is not None and (
            not contact.endpoints or self._failures.get(peer, 0) >= UNREACHABLE_FAILURES
        )

    async def _review(self) -> None:
        """Begin and end tasks so that they are those of today's charters."""
        wanted = {c.peer: c for c in self._contacts() if c.endpoints}
        await self._end([p for p, (c, _) in self._tasks.items() if wanted.get(p) != c])
        for peer, contact in wanted.items():
            if peer not in self._tasks or self._tasks[peer][1].done():
                self._tasks[peer] = (contact, asyncio.create_task(self._keep(contact)))

    async def _end(self, peers: Sequence[MemberId]) -> None:
        tasks = [self._tasks.pop(peer)[1] for peer in peers]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep(self, contact: Contact) -> None:
        loop = asyncio.get_running_loop()
        self._failures[contact.peer] = 0
        for endpoint in itertools.cycle(contact.endpoints):
            began = loop.time()
            try:
                ending = await self._dial(contact, endpoint)
            except asyncio.CancelledError as error:
                if is_ended():
                    raise
                ending = self._ending(stray(error))
            except Exception as error:  # noqa: BLE001 - one peer's trouble is not the others'
                ending = self._ending(error)
            if loop.time() - began >= SETTLED_SECONDS:
                self._failures[contact.peer] = 0
            failures = self._failures[contact.peer]
            _log.info(
                "stream ended",
                peer=contact.peer,
                endpoint=endpoint,
                code=ending.code,
                reason=ending.message,
            )
            self._failures[contact.peer] = failures + 1
            longest = min(self._longest_seconds, SHORTEST_SECONDS * 2 ** min(failures, 16))
            await asyncio.sleep(longest * (0.5 + self._random() / 2))

    async def _dial(self, contact: Contact, endpoint: str) -> Ending:
        certificate = await presented_certificate(
            endpoint, contact.certificates, self._connect_seconds
        )
        ours = self._identities()
        own = ours[self._failures[contact.peer] % len(ours)]
        async with secure_channel(endpoint, own, certificate) as channel:
            stub = ExchangeStub(channel)
            held = map(held_to_proto, self._held(contact.peer)[:MAX_HELD])
            request = pb.GetNodeRequest(held=held)
            node = await stub.GetNode(request, timeout=self._connect_seconds)
            async with self._session(contact.peer) as session:
                await self._meet(contact, session, node)
                features = frozenset(node.features[:MAX_FEATURES])
                live = Live(contact=contact, session=session, stub=stub, features=features)
                self._live[contact.peer] = live
                try:
                    _log.info("stream begun", peer=contact.peer, endpoint=endpoint)
                    return await self._follow(live)
                finally:
                    del self._live[contact.peer]

    async def _follow(self, live: Live) -> Ending:
        call = live.stub.Follow()

        async def frames() -> AsyncIterator[Frame | None]:
            async for message in call:
                yield frame_from_response(message)

        async def write(frame: Frame) -> None:
            await call.write(frame_to_request(frame))

        try:
            ending = await self._follower.run(
                live.session,
                Link(frames=frames(), write=write),
                asks=lambda: True,
                stays=lambda: True,  # a contact that changed ends this task
            )
        finally:
            call.cancel()
        return ending

    async def _meet(self, contact: Contact, session: Session, node: pb.GetNodeResponse) -> None:
        """Offer the peer's charters to the exchange, then see whether it is the node we know.

        Raises:
            PeerRefusedError: `peer.other-node`: it names another node's log as its own.
        """
        for envelope in node.charters[:MAX_CHARTERS]:
            await self._follower.offer(session, CharterFrame(envelope=envelope))
        known = {node_of(origin) for origin in contact.origins}
        if known and node.origin and node_of(Origin(node.origin)) not in known:
            message = f"expected one of {sorted(known)}, got the log {node.origin[:200]!r}"
            raise PeerRefusedError("peer.other-node", message)

    @asynccontextmanager
    async def _session(self, peer: MemberId) -> AsyncIterator[Session]:
        session = await asyncio.to_thread(self._exchange.open_session, peer)
        try:
            yield session
        finally:
            self._exchange.close_session(session)

    @staticmethod
    def _ending(error: Exception) -> Ending:
        if isinstance(error, grpc.aio.AioRpcError):
            error = error_of(error)
        return ending_of(error)
