"""Nodes over mutual TLS on the loopback: dialler, service and driver around a fake exchange."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import grpc
from huxin.v1.exchange_pb2_grpc import ExchangeStub, add_ExchangeServicer_to_server

from federation.charters.chain import HeldVersion
from federation.ids import MemberId
from federation.peers.frames import Frame
from node.charters.contacts import Contact
from node.network.backoff import Backoff
from node.network.dialer import Dialer
from node.network.follow import Follower, Timing
from node.network.pull import Puller
from node.network.transport import Doorman, secure_channel, server_credentials, server_options
from node.services.exchange import ExchangeService, NodeInfo
from tests.support.exchange import FakeExchange, FakeWriter, log_of
from tests.support.tls import Holder, holder

if TYPE_CHECKING:
    from huxin.v1.exchange_pb2_grpc import ExchangeAsyncStub

QUICK = Timing(tick=0.05, resubscribe=0.05)
TLS = {name: holder(f"{name}.example") for name in "abc"}


@dataclass
class Node:
    """One node: its exchange, its server, its dialler."""

    name: str
    exchange: FakeExchange
    tls: Holder
    timing: Timing = QUICK
    contacts: dict[str, Contact] = field(default_factory=dict)
    frames: list[Frame] = field(default_factory=list)
    port: int = 0
    features: tuple[str, ...] = ()
    holds: Sequence[HeldVersion] = ()
    """Charter versions that it says it holds."""
    told: list[tuple[str, tuple[HeldVersion, ...]]] = field(default_factory=list)
    """Who asked it for charters, holding what."""
    now: float = 0.0
    replaced: bool = False
    """Whether another host is this node now."""

    def __post_init__(self) -> None:
        self.writer = FakeWriter()
        self.readers = ThreadPoolExecutor(4)
        self.follower = Follower(
            exchange=self.exchange,
            writer=self.writer,
            changes=self.exchange.changes,
            readers=self.readers,
            received=lambda _, frame: self.frames.append(frame),
            timing=self.timing,
        )
        self.dialer = Dialer(
            contacts=lambda: [] if self.replaced else list(self.contacts.values()),
            identities=lambda: [self.tls.identity],
            held=lambda _: self.holds,
            exchange=self.exchange,
            follower=self.follower,
            random=lambda: 0.0,
        )
        self.puller = Puller(
            exchange=self.exchange,
            writer=self.writer,
            readers=self.readers,
            live=self.dialer.live,
            backoff=Backoff(clock=lambda: self.now, first_seconds=30.0),
        )

    def identify(self, der: bytes) -> MemberId | None:
        return next((c.peer for c in self.contacts.values() if der in c.certificates), None)

    def knows(self, other: Node, *, dials: bool = True) -> None:
        endpoint = f"127.0.0.1:{other.port}"
        self.contacts[other.name] = Contact(
            peer=MemberId(other.name),
            endpoints=(endpoint,) if dials else (),
            certificates=(other.tls.der,),
            origins=frozenset({log_of(other.name)}),
        )

    def envelopes_for(self, peer: MemberId, held: Sequence[HeldVersion]) -> list[bytes]:
        self.told += [(peer, tuple(held))]
        return [f"charter for {peer}".encode()]

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        service = ExchangeService(
            info=lambda: NodeInfo(
                region="510500",
                name="泸州",
                origin=log_of(self.name),
                version="1",
                features=self.features,
            ),
            envelopes=self.envelopes_for,
            exchange=self.exchange,
            writer=self.writer,
            follower=self.follower,
            doorman=Doorman(self.identify),
            asks=self.dialer.must_be_asked_back,
            readers=self.readers,
            attest=lambda peer, question: f"for {peer}: ".encode() + question,
            query_witness=lambda body: b"for the query witness: " + body,
            replaced=lambda: self.replaced,
        )
        server = grpc.aio.server(options=server_options())
        add_ExchangeServicer_to_server(service, server)
        credentials = server_credentials(
            lambda: self.tls.identity,
            lambda: [der for c in self.contacts.values() for der in c.certificates],
        )
        self.port = server.add_secure_port(f"127.0.0.1:{self.port}", credentials)
        await server.start()
        try:
            yield
        finally:
            await server.stop(None)

    @asynccontextmanager
    async def dialling(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.dialer.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def close(self) -> None:
        self.writer.close()
        self.readers.shutdown()


def node(name: str, wanted: Sequence[str] = (), timing: Timing = QUICK) -> Node:
    return Node(name=name, exchange=FakeExchange(name, wanted), tls=TLS[name], timing=timing)


@asynccontextmanager
async def running(*nodes: Node, dialling: Sequence[Node]) -> AsyncIterator[None]:
    """All serve and all know each other; `dialling` dial those they know."""
    async with AsyncExitStack() as stack:
        for one in nodes:
            stack.callback(one.close)
            await stack.enter_async_context(one.serving())
        for one in nodes:
            for other in nodes:
                if one is not other and other.name not in one.contacts:
                    one.knows(other, dials=one in dialling)
        for one in dialling:
            await stack.enter_async_context(one.dialling())
        yield


@asynccontextmanager
async def called(caller: Node, other: Node) -> AsyncIterator[ExchangeAsyncStub]:
    """A stub for single calls."""
    endpoint = f"127.0.0.1:{other.port}"
    async with secure_channel(endpoint, caller.tls.identity, other.tls.der) as channel:
        yield ExchangeStub(channel)
