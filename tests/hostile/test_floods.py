"""A member floods a real node over real mutual TLS; another one is served all the while.

The node runs in a child process, whose peak memory is looked at.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import pytest
from huxin.v1 import exchange_pb2 as pb
from huxin.v1.exchange_pb2_grpc import ExchangeStub

from federation import witness
from node import pace
from node.codec.frames import frame_to_request
from node.services.errors import error_of
from node.services.exchange import CALLS_OF_ONE
from tests.support import charters as build
from tests.support import raw_h2 as raw
from tests.support.flooded import Flooded, flooded, honest_stream
from tests.support.flooded_child import LIAR
from tests.support.liar import HostileLog
from tests.support.network import called, node, running
from tests.support.served_child import identity
from tests.support.waiting import until

if TYPE_CHECKING:
    from huxin.v1.exchange_pb2_grpc import ExchangeAsyncStub

pytestmark = pytest.mark.process
MEMORY_BOUND = 512 * 1024 * 1024
MANY = 200_000 if os.environ.get("HUXIN_SOAK") else 4_000
AT_ONCE = 100
"""Frames in one write."""

Parts = Iterator[bytes]


def _resets() -> Parts:
    """Calls that are taken back at once (CVE-2023-44487)."""
    headers, reset = raw.call("GetNode"), (8).to_bytes(4, "big")
    for begin in range(0, MANY, AT_ONCE):
        streams = range(1 + 2 * begin, 1 + 2 * (begin + AT_ONCE), 2)
        yield b"".join(
            raw.frame(raw.HEADERS, n, headers, raw.END_HEADERS)
            + raw.frame(raw.RST_STREAM, n, reset)
            for n in streams
        )


def _calls() -> Parts:
    """Calls that are never answered, since their answers are never read: far above the bound."""
    body = raw.frame(raw.DATA, 1, raw.message(b""), raw.END_STREAM)
    for n in range(1, 2 * MANY, 2):
        head = raw.frame(raw.HEADERS, n, raw.call("ListHeads"), raw.END_HEADERS)
        yield head + body[:5] + n.to_bytes(4, "big") + body[9:]


def _continuations() -> Parts:
    """Headers that never end (CVE-2024-27316)."""
    yield raw.frame(raw.HEADERS, 1, raw.call("GetNode"))
    more = raw.header("x", "y" * 100) * 150
    for _ in range(MANY // 10):
        yield raw.frame(raw.CONTINUATION, 1, more)


def _pings() -> Parts:
    for _ in range(0, MANY, AT_ONCE):
        yield raw.frame(raw.PING, 0, bytes(8)) * AT_ONCE


def _settings() -> Parts:
    for _ in range(0, MANY, AT_ONCE):
        yield raw.frame(raw.SETTINGS, 0, b"\0\4\0\1\0\0") * AT_ONCE


def _empty_data() -> Parts:
    yield raw.frame(raw.HEADERS, 1, raw.call("Follow"), raw.END_HEADERS)
    for _ in range(0, MANY, AT_ONCE):
        yield raw.frame(raw.DATA, 1) * AT_ONCE


def _endless_message() -> Parts:
    """A message that states four gigabytes."""
    yield raw.frame(raw.HEADERS, 1, raw.call("Follow"), raw.END_HEADERS)
    yield raw.frame(raw.DATA, 1, raw.message(bytes(16_000), stated=2**32 - 1))
    for _ in range(MANY // 10):
        yield raw.frame(raw.DATA, 1, bytes(16_000))


def _endless_frames() -> Parts:
    """A stream of frames that say nothing, one after the other."""
    yield raw.frame(raw.HEADERS, 1, raw.call("Follow"), raw.END_HEADERS)
    for _ in range(0, MANY, AT_ONCE):
        yield raw.frame(raw.DATA, 1, raw.message(b"") * AT_ONCE)


FLOODS: dict[str, Callable[[], Parts]] = {
    "resets": _resets,
    "calls": _calls,
    "headers without end": _continuations,
    "pings": _pings,
    "settings": _settings,
    "empty data": _empty_data,
    "a message without end": _endless_message,
    "frames without end": _endless_frames,
}


def attack(port: int, flood: Callable[[], Parts], context: ssl.SSLContext) -> int:
    """Flood once over one connection, by a member with a good certificate."""
    with raw.connected(port, context) as connection:
        return raw.sent(connection, flood())


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


async def test_connections_that_say_nothing_leave_others_served(tmp_path: Path) -> None:
    """Five bytes and silence, three hundred times."""
    async with flooded(tmp_path) as server:
        with ExitStack() as stack:
            async with honest_stream(server) as honest:
                await server.serves(honest)
                for _ in range(300):
                    silent = socket.create_connection(("127.0.0.1", server.port), 10)
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


async def shown(server: Flooded, log: HostileLog, sizes: range) -> None:
    """The liar shows a checkpoint for each size on one stream, as fast as it goes."""
    async with server.stub(LIAR) as channel:
        stream = ExchangeStub(channel).Follow()
        for size in sizes:
            note = log.note(size, root=build.seed("any", "root", size))
            head = pb.Head(origin=log.origin, checkpoint=note)
            await stream.write(pb.FollowRequest(head=head))
        stream.cancel()


async def test_endless_checkpoints_leave_others_served(tmp_path: Path) -> None:
    """Each is signed by the log's key, and each reaches further than the one before."""
    async with flooded(tmp_path) as server, honest_stream(server) as honest:
        under_way = asyncio.create_task(shown(server, HostileLog(), range(1, MANY // 5)))
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
        codes = await asyncio.gather(*(_asked(server, body, 2 * CALLS_OF_ONE) for _ in range(3)))
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
