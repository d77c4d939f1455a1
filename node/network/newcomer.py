"""A node that joins: asks the members of an alliance for the version that names it.

An alliance whose charter does not name this node has no peers of it, so nobody is followed. Until a
version does, each member with an address is asked by GetNode, which answers a node that its own
newest version names, with the charters that both share, from the version that we hold on. What
comes is proved as ever, and what fails is one member's trouble: the next is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

import structlog
from huxin.v1 import exchange_pb2 as pb
from huxin.v1.exchange_pb2_grpc import ExchangeStub

from federation.charters.chain import CharterChain, HeldVersion
from federation.charters.values import Member
from federation.ids import Origin
from federation.peers.frames import CharterFrame
from node.codec.held import held_to_proto
from node.log.writer import WriteThread
from node.network.follow import Following
from node.network.transport import (
    PeerRefusedError,
    TlsIdentity,
    presented_certificate,
    secure_channel,
)
from node.system.item_errors import is_ended, stray

_log = structlog.get_logger()

ASK_SECONDS: Final = 10.0
"""Between the first two rounds; then half as much again each time, up to `LONGEST_SECONDS`."""
LONGEST_SECONDS: Final = 300.0
"""Signing takes days; and nobody waits longer than this once the last one has signed."""
MAX_CHARTERS: Final = 64
"""Of one answer."""


class Newcomer:
    """Asks until every alliance that this node was told to trust names it, or nobody is left."""

    def __init__(
        self,
        *,
        chains: Callable[[], Sequence[CharterChain]],
        own: Origin,
        identities: Callable[[], Sequence[TlsIdentity]],
        exchange: Following,
        writer: WriteThread,
        connect_seconds: float,
    ) -> None:
        """Wire it.

        Args:
            chains: of all alliances of this node, as held.
            own: our log.
            identities: our TLS keys, the one to use first.
            exchange: takes charters.
            writer: where they are taken.
            connect_seconds: until an attempt is given up.
        """
        self._chains = chains
        self._own = own
        self._identities = identities
        self._exchange = exchange
        self._writer = writer
        self._seconds = connect_seconds

    async def run(self) -> None:
        """Ask until cancelled, less and less often while nothing is new."""
        wait, known = ASK_SECONDS, self._asked_of()
        while True:
            for held, member in self._members():
                await self._ask(held, member)
            await asyncio.sleep(wait)
            now = self._asked_of()
            wait = min(wait * 1.5, LONGEST_SECONDS) if now == known else ASK_SECONDS
            known = now

    def _asked_of(self) -> frozenset[bytes]:
        """The versions held of the alliances that do not name this node."""
        return frozenset(held.digest for held, _ in self._members())

    def _members(self) -> Iterator[tuple[HeldVersion, Member]]:
        """Members with an address, of alliances that do not name our log, and what we hold."""
        for chain in self._chains():
            members = chain.latest.terms.members
            if not any(s.origin == self._own for one in members for s in one.segments):
                yield from ((chain.held, one) for one in members if one.endpoints and not one.ended)

    async def _ask(self, held: HeldVersion, member: Member) -> None:
        for endpoint in member.endpoints:
            try:
                await self._asked(held, member, endpoint)
            except asyncio.CancelledError as error:
                if is_ended():
                    raise
                trouble: Exception = stray(error)
            except Exception as error:  # noqa: BLE001 - one member's trouble is not the others'
                trouble = error
            else:
                return
            code = trouble.code if isinstance(trouble, PeerRefusedError) else "peer.unreachable"
            _log.info(
                "not joined yet",
                peer=member.id,
                endpoint=endpoint,
                code=code,
                reason=type(trouble).__name__,
            )

    async def _asked(self, held: HeldVersion, member: Member, endpoint: str) -> None:
        certificate = await presented_certificate(endpoint, member.certificates, self._seconds)
        async with secure_channel(endpoint, self._identities()[0], certificate) as channel:
            request = pb.GetNodeRequest(held=[held_to_proto(held)])
            node = await ExchangeStub(channel).GetNode(request, timeout=self._seconds)
        await self._take(member, node.charters[:MAX_CHARTERS])

    async def _take(self, member: Member, envelopes: Sequence[bytes]) -> None:
        """Offer charters to the exchange, which judges each beside the writer."""
        session = await asyncio.to_thread(self._exchange.open_session, member.id)
        try:
            for envelope in envelopes:
                frame = CharterFrame(envelope=envelope)
                new = await asyncio.to_thread(self._exchange.prepare, session, frame)
                if new is not None:
                    job = partial(self._exchange.handle, session, new)
                    await asyncio.wrap_future(self._writer.submit(job))
        finally:
            self._exchange.close_session(session)
