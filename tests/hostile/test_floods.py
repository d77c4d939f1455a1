"""A member floods a real node over real mutual TLS; another one is served all the while.

The node runs in a child process, whose peak memory is looked at.

Covers node/network/rate_limit.py, node/services/exchange.py.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import pytest
from huxin.v1 import exchange_pb2 as pb
from huxin.v1.exchange_pb2_grpc import ExchangeStub

from federation.ids import MemberId, Origin
from federation.peers import witness
from federation.peers.frames import CharterFrame, Frame, HeadFrame
from node.codec.frames import frame_to_request
from node.network import rate_limit as pace
from node.network.errors import error_of
from node.peers.session import Session
from node.services.exchange import CALLS_OF_ONE
from tests.support import charters as build
from tests.support import raw_h2 as raw
from tests.support.flooded import Flooded, flooded, honest_stream
from tests.support.flooded_child import LIAR
from tests.support.floods import FLOODS, LONG_HEADERS, MANY, attack, shown
from tests.support.liar import HostileLog
from tests.support.network import called, node, running
from tests.support.served_child import identity
from tests.support.waiting import until

if TYPE_CHECKING:
    from huxin.v1.exchange_pb2_grpc import ExchangeAsyncStub

pytestmark = pytest.mark.process
MEMORY_BOUND = 512 * 1024 * 1024
STORMS = 10


async def test_floods_of_http2_leave_others_served_and_memory_bounded(tmp_path: Path) -> None:
    context = raw.client_context(identity(LIAR), tmp_path)
    async with flooded(tmp_path) as server, honest_stream(server) as honest:
        await server.serves(honest)
        for flood in FLOODS.values():
            under_way = asyncio.gather(
                *(asyncio.to_thread(attack, server.port, flood, context) for _ in range(2))
            )
            while not under_way.done():
                await server.serves(honest)
            assert min(await under_way), flood
            await server.serves(honest)
    assert server.peak <= MEMORY_BOUND


async def test_who_sends_headers_without_end_is_kept_out(tmp_path: Path) -> None:
    context = raw.client_context(identity(LIAR), tmp_path)
    async with flooded(tmp_path) as server, honest_stream(server) as honest:
        await server.serves(honest)
        await asyncio.to_thread(attack, server.port, FLOODS["headers without end"], context)
        while await is_let_in(server):
            await server.serves(honest)
        await server.serves(honest)
        await served_anew(server)
    assert server.peak <= MEMORY_BOUND


async def test_calls_of_long_headers_end_with_their_connection(tmp_path: Path) -> None:
    """Else a hundred of them hold more than a gigabyte."""
    context = raw.client_context(identity(LIAR), tmp_path)
    async with flooded(tmp_path) as server, honest_stream(server) as honest:
        await server.serves(honest)
        await asyncio.to_thread(attack, server.port, LONG_HEADERS, context, 3)
        assert not await is_let_in(server)
        await server.serves(honest)
    assert server.peak <= MEMORY_BOUND


async def is_let_in(server: Flooded) -> bool:
    """Whether the liar gets through a new handshake."""
    async with server.stub(LIAR) as channel:
        try:
            await ExchangeStub(channel).GetNode(pb.GetNodeRequest())
        except grpc.aio.AioRpcError:
            return False
        return True


async def test_connections_that_say_nothing_leave_others_served(tmp_path: Path) -> None:
    """Five bytes and silence, three hundred times."""
    async with flooded(tmp_path) as server:
        with ExitStack() as stack:
            async with honest_stream(server) as honest:
                await server.serves(honest)
                for _ in range(300):
                    silent = socket.create_connection(("127.0.0.1", server.port), 60)
                    stack.enter_context(silent).sendall(b"\x16\x03\x01\xff\xff")
                await server.serves(honest)
            await served_anew(server)
    assert server.peak <= MEMORY_BOUND


async def served_anew(server: Flooded) -> None:
    """A new connection is served too; tried again as the dialler does."""
    while True:
        try:
            async with honest_stream(server) as honest:
                return await server.serves(honest)
        except grpc.aio.AioRpcError:
            continue


async def test_endless_checkpoints_leave_others_served(tmp_path: Path) -> None:
    """Each is signed by the log's key, and each reaches further than the one before."""
    async with flooded(tmp_path) as server, honest_stream(server) as honest:
        under_way = asyncio.create_task(shown(server.port, HostileLog(), range(1, MANY // 5)))
        while not under_way.done():
            await server.serves(honest)
        await under_way
        await server.serves(honest)
        looked = await server.ask("look")
    assert set(looked["blamed"]) <= {"510300 stream.flood"}
    assert looked["forked"] == []
    assert server.peak <= MEMORY_BOUND


async def test_who_floods_waits_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "RATE", 50.0)
    monkeypatch.setattr(pace, "BURST", 10.0)
    liar, server, honest = node("a"), node("b"), node("c", wanted="b")
    async with running(liar, server, honest, dialling=[honest]), called(liar, server) as stub:
        call = stub.Follow()
        for number in range(40):
            head = pb.Head(origin="a.example/1", checkpoint=b"%d" % number)
            await call.write(pb.FollowRequest(head=head))
        server.exchange.say(b"leaf")
        await until(lambda: honest.exchange.held("b") == [b"leaf"])
        await until(lambda: len(server.exchange.notes) == 40)
        assert server.exchange.notes == [b"%d" % number for number in range(40)]
        assert server.exchange.accused == [("a", "stream.flood")]
        call.cancel()


async def test_who_sends_charters_that_are_refused_waits_for_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    liar, server, honest = node("a"), node("b"), node("c", wanted="b")
    refused = 1024 * 1024

    def prepare(session: Session, frame: Frame) -> Frame | None:
        if not isinstance(frame, CharterFrame):
            return frame
        session.wasted += refused
        return None

    monkeypatch.setattr(server.exchange, "prepare", prepare)
    async with running(liar, server, honest, dialling=[honest]), called(liar, server) as stub:
        call = stub.Follow()
        for number in range(3):
            charter = pb.CharterNotice(envelope=b"%d" % number)
            await call.write(pb.FollowRequest(charter=charter))
        await until(lambda: server.exchange.accused)
        assert server.exchange.accused == [("a", "stream.flood")]
        assert server.exchange.charters == []
        head = HeadFrame(origin=Origin("a.example/1"), checkpoint=b"")
        waits = server.follower._pace.delay(MemberId("a"), head)
        assert 50 < waits < 60, "for one of them; the others are not looked at yet"
        assert server.follower._pace.delay(MemberId("c"), head) == 0
        server.exchange.say(b"leaf")
        await until(lambda: honest.exchange.held("b") == [b"leaf"])
        call.cancel()


async def test_checkpoints_of_one_leaf_each_are_taken_in_their_order(tmp_path: Path) -> None:
    """A log that grows leaf by leaf is nobody's fault: slowed down at most, never refused."""
    log = HostileLog()
    for number in range(30):
        log.put(build.seed("leaf", number) * 3)
    async with (
        flooded(tmp_path) as server,
        honest_stream(server) as honest,
        server.stub(LIAR) as channel,
    ):
        stream = ExchangeStub(channel).Follow()
        asked = await stream.read()
        assert isinstance(asked, pb.FollowResponse)
        for size in range(1, log.size + 1):
            await stream.write(frame_to_request(log.batch(size - 1, size, size)))
        while (await server.ask("look"))["sizes"].get(log.origin) != log.size:
            await server.serves(honest)
        looked = await server.ask("look")
        stream.cancel()
    assert looked["blamed"] == {}


async def test_one_peer_has_so_many_calls_and_no_more(tmp_path: Path) -> None:
    """It waits for its own turn; another one's call is answered beside."""
    log = HostileLog()
    body = witness.format_request(
        witness.AddCheckpoint(old_size=0, proof=(), checkpoint=log.note(1, root=bytes(32)))
    )
    async with flooded(tmp_path) as server, honest_stream(server) as honest:
        codes: list[list[str]] = []
        for _ in range(STORMS):  # a server that answers fast enough has never so many at once
            codes += await asyncio.gather(
                *(_asked(server, body, 2 * CALLS_OF_ONE) for _ in range(3))
            )
            if any("calls.many" in part for part in codes):
                break
        await server.serves(honest)
    assert {code for part in codes for code in part} <= {
        *("", "witness.409", "calls.many"),
        "peer.unavailable",  # more streams than the transport allows on a connection
    }
    assert "calls.many" in {code for part in codes for code in part}


async def _asked(server: Flooded, body: bytes, count: int) -> list[str]:
    """The codes by which so many calls of the liar, on a connection of its own, were answered."""
    async with server.stub(LIAR) as channel:
        stub: ExchangeAsyncStub = ExchangeStub(channel)
        calls = [
            stub.AddCheckpoint(pb.AddCheckpointRequest(body=body), timeout=60) for _ in range(count)
        ]
        found: list[str] = []
        for call in calls:
            try:
                await call
                found.append("")
            except grpc.aio.AioRpcError as error:
                found.append(error_of(error).code)
        return found
