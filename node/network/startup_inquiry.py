"""Requests that wait until members have said how much of our log they hold.

Where the node runs, the streams bring the answers (`node.peers.own_log_claims`), and `expected`
waits for them.

A command that runs while no node does has no streams. `Inquiry` dials all members at once, for
`ASK_SECONDS` in all, over the TLS of the streams (`node.network.transport`), and takes their
ListHeads as the schedule does (`node.network.pull`). A member that shows more than we hold stops
us. Where none answers, whoever typed the command at this machine has given the word, and is told
what was not checked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Protocol

import grpc
import structlog
from huxin.v1 import exchange_pb2 as pb
from huxin.v1.exchange_pb2_grpc import ExchangeStub

from federation.errors import FederationError, RefusedError
from node.charters.contacts import Contact
from node.log.startup_check import Awaited
from node.log.writer import WriteThread
from node.network.errors import error_of
from node.network.follow import Following
from node.network.pull import Pulling
from node.network.transport import TlsIdentity, presented_certificate, secure_channel

ASK_SECONDS: Final = 3.0
"""A command waits so long in all for members; one that can be reached answers in far less."""
LOOK_SECONDS: Final = 0.05

_log = structlog.get_logger()


async def expected(asking: Awaited) -> None:
    """Wait while an answer may come any moment; whether it came is asked where it matters."""
    while asking.expected:  # noqa: ASYNC110 - answers come on the writer thread, for a few seconds
        await asyncio.sleep(LOOK_SECONDS)


class Asked(Following, Pulling, Protocol):
    """What an inquiry needs of `node.peers.exchange.Exchange`."""


class Inquiry:
    """Asks members once, when the first request of a command has to wait for them."""

    def __init__(
        self,
        *,
        asking: Awaited,
        refusal: Callable[[], RefusedError | None],
        exchange: Asked,
        writer: WriteThread,
        contacts: Callable[[], Sequence[Contact]],
        identity: Callable[[], TlsIdentity],
        unchecked: Callable[[float], None],
    ) -> None:
        """Wire it.

        Args:
            asking: whether members were asked for our own log.
            refusal: why nothing is signed, if so.
            exchange: takes the answers.
            writer: on whose thread they are taken.
            contacts: members and their endpoints.
            identity: our side of the TLS.
            unchecked: tells that nobody answered; it is given the seconds for which was asked.
        """
        self._asking = asking
        self._refusal = refusal
        self._exchange = exchange
        self._writer = writer
        self._contacts = contacts
        self._identity = identity
        self._unchecked = unchecked
        self._one_at_a_time = asyncio.Lock()

    async def answered(self) -> None:
        """Ask, unless everything may be signed already or nothing at all; then go on."""
        async with self._one_at_a_time:
            if not self._asking.over:
                await self._ask()

    async def _ask(self) -> None:
        asking = self._asking
        before = self._refusal()
        asked = [
            asyncio.create_task(self._one(contact, endpoint))
            for contact in self._contacts()
            for endpoint in contact.endpoints
        ]
        try:
            async with asyncio.timeout(ASK_SECONDS):
                for answer in asyncio.as_completed(asked):
                    await answer
                    if asking.over or self._refusal() is not before:
                        break
        except TimeoutError:
            pass
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
        if self._refusal() is None and not asking.over:
            asking.end()
            self._unchecked(ASK_SECONDS)

    async def _one(self, contact: Contact, endpoint: str) -> None:
        """Ask one member at one endpoint; whatever its trouble is, it is not the command's."""
        try:
            certificate = await presented_certificate(endpoint, contact.certificates, ASK_SECONDS)
            async with secure_channel(endpoint, self._identity(), certificate) as channel:
                stub = ExchangeStub(channel)
                answer = await stub.ListHeads(pb.ListHeadsRequest(), timeout=ASK_SECONDS)
            await self._take(contact, answer)
        except Exception as error:  # noqa: BLE001
            known = error_of(error) if isinstance(error, grpc.aio.AioRpcError) else error
            code = known.code if isinstance(known, FederationError) else "peer.unreachable"
            _log.info("member could not be asked", peer=contact.peer, code=code)

    async def _take(self, contact: Contact, answer: pb.ListHeadsResponse) -> None:
        exchange = self._exchange
        session = await asyncio.to_thread(exchange.open_session, contact.peer)
        try:
            notes, forks = tuple(answer.checkpoints), tuple(answer.forks)
            job = partial(exchange.take_heads, session, notes, forks)
            await asyncio.wrap_future(self._writer.submit(job))
        finally:
            exchange.close_session(session)
