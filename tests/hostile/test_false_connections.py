"""Over real mutual TLS: peers that send too much, nothing, garbage, or never read."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import grpc
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from huxin.v1 import exchange_pb2 as pb
from huxin.v1.exchange_pb2_grpc import ExchangeStub

from federation.ids import Origin
from federation.peers.frames import MAX_CURSORS, Cursor, Subscribe
from federation.peers.witness import MAX_BODY
from node.codec.frames import frame_to_request
from node.network.errors import error_of
from node.network.follow import Timing
from node.network.transport import secure_channel
from tests.support import charters as build
from tests.support.exchange import log_of
from tests.support.network import Node, called, node, running
from tests.support.served_child import ME, PEER, STREAMS, identity
from tests.support.waiting import until

if TYPE_CHECKING:
    from huxin.v1.exchange_pb2_grpc import ExchangeAsyncStub

Follow: TypeAlias = "grpc.aio.StreamStreamCall[pb.FollowRequest, pb.FollowResponse]"
ROOT = Path(__file__).parents[2]
MEGABYTES_PENDING = 100
MEMORY_BOUND = 512 * 1024 * 1024


@asynccontextmanager
async def unbounded(
    caller: Node, other: Node, compression: grpc.Compression = grpc.Compression.NoCompression
) -> AsyncIterator[ExchangeAsyncStub]:
    """A stub of a client that keeps none of the bounds."""
    credentials = grpc.ssl_channel_credentials(
        other.tls.certificate.public_bytes(Encoding.PEM),
        caller.tls.identity.key_pem,
        caller.tls.identity.certificate_pem,
    )
    options = [
        ("grpc.ssl_target_name_override", f"{other.name}.example"),
        ("grpc.max_send_message_length", -1),
        ("grpc.max_metadata_size", 1024 * 1024),
    ]
    endpoint = f"127.0.0.1:{other.port}"
    async with grpc.aio.secure_channel(
        endpoint, credentials, options=options, compression=compression
    ) as channel:
        yield ExchangeStub(channel)


async def is_served(honest: Node, server: Node, leaf: bytes) -> None:
    """The honest node gets the next leaf of the server's log."""
    server.exchange.say(leaf)
    await until(lambda: honest.exchange.held(server.name)[-1:] == [leaf])


async def told(stub: ExchangeAsyncStub, *frames: pb.FollowRequest) -> grpc.aio.AioRpcError:
    """How a stream ends on which these are sent, and which is read to its end."""
    call = stub.Follow()
    try:
        for frame in frames:
            await call.write(frame)
        async for _ in call:
            pass
    except grpc.aio.AioRpcError as error:
        return error
    pytest.fail("expected a stream that ends with a status, got its plain end")


async def heard(call: Follow) -> pb.FollowResponse:
    """The next frame on a stream."""
    frame = await call.read()
    assert isinstance(frame, pb.FollowResponse)
    return frame


async def test_an_oversized_frame_ends_its_stream_and_no_other() -> None:
    liar, server, honest = node("a"), node("b"), node("c", wanted="b")
    async with running(liar, server, honest, dialling=[honest]), unbounded(liar, server) as stub:
        await is_served(honest, server, b"before")
        frame = pb.FollowRequest(fork=pb.Fork(file=bytes(5 * 1024 * 1024)))
        assert (await told(stub, frame)).code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.AddCheckpoint(pb.AddCheckpointRequest(body=bytes(5 * 1024 * 1024)))
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        await is_served(honest, server, b"after")
        info = await stub.GetNode(pb.GetNodeRequest(), timeout=60)
        assert info.origin == log_of("b")


async def test_a_body_beyond_its_bound_is_refused() -> None:
    liar, server = node("a"), node("b")
    async with running(liar, server, dialling=[]), unbounded(liar, server) as stub:
        for request in (
            stub.AddCheckpoint(pb.AddCheckpointRequest(body=bytes(MAX_BODY + 1)), timeout=60),
            stub.GetOpenings(pb.GetOpeningsRequest(origin="x", indices=range(257)), timeout=60),
            stub.GetOpenings(pb.GetOpeningsRequest(origin="x" * 201, indices=[0]), timeout=60),
        ):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await request
            assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_compressed_frame_ends_its_stream_and_no_other() -> None:
    liar, server, honest = node("a"), node("b"), node("c", wanted="b")
    gzip = unbounded(liar, server, grpc.Compression.Gzip)
    async with running(liar, server, honest, dialling=[honest]), gzip as stub:
        frame = pb.FollowRequest(fork=pb.Fork(file=bytes(3 * 1024 * 1024)))
        # The server's answer, or the client's own word for a stream that ended under its write.
        ended = (grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.INTERNAL)
        assert (await told(stub, frame)).code() in ended
        assert not [frame for frame in server.frames if not isinstance(frame, Subscribe)]
        await is_served(honest, server, b"after")


async def test_huge_metadata_is_refused() -> None:
    liar, server, honest = node("a"), node("b"), node("c", wanted="b")
    async with running(liar, server, honest, dialling=[honest]), unbounded(liar, server) as stub:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.GetNode(pb.GetNodeRequest(), metadata=(("x", "y" * 200_000),), timeout=60)
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        await is_served(honest, server, b"after")


async def test_too_many_cursors_end_the_stream_by_their_code() -> None:
    liar, server = node("a"), node("b")
    asked = tuple(Cursor(origin=Origin(f"{i}/1"), size=0) for i in range(MAX_CURSORS + 1))
    async with running(liar, server, dialling=[]), called(liar, server) as stub:
        error = await told(stub, frame_to_request(Subscribe(cursors=asked)))
        assert error_of(error).code == "frame.invalid"
        call = stub.Follow()
        await call.write(frame_to_request(Subscribe(cursors=asked[:-1])))
        refusals = [(await heard(call)).refusal.reason for _ in asked[:-1]]
        assert set(refusals) == {"log.unknown"}
        call.cancel()


async def test_frames_that_nobody_knows_are_ignored() -> None:
    """An empty frame, and one of a kind that only a newer program knows."""
    liar, server = node("a"), node("b")
    server.exchange.say(b"leaf")
    async with running(liar, server, dialling=[]), called(liar, server) as stub:
        call = stub.Follow()
        unknown = pb.FollowRequest.FromString(b"\xfa\x7f\x04more")
        for frame in (pb.FollowRequest(), unknown):
            await call.write(frame)
        cursor = Cursor(origin=log_of("b"), size=0)
        await call.write(frame_to_request(Subscribe(cursors=(cursor,))))
        answer = await heard(call)
        assert list(answer.batch.leaves) == [b"leaf"]
        call.cancel()


async def test_a_client_that_says_nothing_holds_its_own_places_only() -> None:
    liar, server, honest = node("a"), node("b"), node("c", wanted="b")
    async with running(liar, server, honest, dialling=[honest]), called(liar, server) as stub:
        silent = [stub.Follow() for _ in range(STREAMS)]
        await until(lambda: server.exchange.opened_sessions >= STREAMS + 1)
        one_more = stub.Follow()
        assert await one_more.code() is grpc.StatusCode.UNAVAILABLE
        await is_served(honest, server, b"beside four silent streams")
        assert not any(call.done() for call in silent)
        for call in silent:
            call.cancel()
        await until(lambda: len(server.exchange.sessions) == 1)


async def test_a_server_that_says_nothing_is_left() -> None:
    """Whoever is asked for a log and gives no sign of life is dialled anew."""
    quick = Timing(tick=0.02, idle=0.05)
    honest, liar = node("a", wanted="b", timing=quick), node("b")
    async with running(honest, liar, dialling=[honest]):
        await until(lambda: honest.exchange.opened_sessions >= 3)
        liar.exchange.say(b"leaf")
        await until(lambda: honest.exchange.held("b") == [b"leaf"])


GARBAGE = {
    "five bytes": b"\x16\x03\x01\xff\xff",
    "plain HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/1": b"GET / HTTP/1.1\r\n\r\n",
    "nothing": b"",
    "zeros": bytes(5),
    "much": b"\x16\x03\x01" * 50_000,
}


@contextmanager
def connected(port: int, data: bytes) -> Iterator[socket.socket]:
    """A connection without TLS on which something was sent."""
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):  # it may hang up in the middle
            connection.sendall(data)
        yield connection


@pytest.mark.parametrize("garbage", GARBAGE)
async def test_garbage_for_tls_disturbs_nobody(garbage: str) -> None:
    server, honest = node("b"), node("c", wanted="b")
    async with running(server, honest, dialling=[honest]):
        await is_served(honest, server, b"before")
        with connected(server.port, GARBAGE[garbage]), connected(server.port, GARBAGE[garbage]):
            await is_served(honest, server, b"during")
            async with called(honest, server) as stub:
                info = await stub.GetNode(pb.GetNodeRequest(), timeout=60)
                assert info.origin == log_of("b")
        await is_served(honest, server, b"after")
        assert server.exchange.opened_sessions == 1


async def test_openings_that_are_too_few_are_taken_from_another() -> None:
    honest, liar, helper = node("a", wanted="bc"), node("b"), node("c")
    for other in (liar, helper):
        other.exchange.logs[log_of("b")] = [b"zero", b"one"]
    liar.exchange.openings_for = lambda *_: []  # type: ignore[method-assign]
    async with running(honest, liar, helper, dialling=[honest]):
        await until(lambda: len(honest.dialer.live()) == 2)
        honest.exchange.missing = {log_of("b"): [0, 1]}
        await honest.puller.pull()
    assert honest.exchange.opened == [(log_of("b"), 0, b"zero"), (log_of("b"), 1, b"one")]
    assert honest.exchange.helpers == ["c"]


@pytest.mark.process
async def test_a_peer_that_never_reads_costs_little_memory(tmp_path: Path) -> None:
    """Four streams ask for 100 MB and take nothing; the server gives up each in time."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.support.served_child", str(tmp_path), str(MEGABYTES_PENDING)),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        endpoint = f"127.0.0.1:{int(await child.stdout.readline())}"
        cursor = Cursor(origin=build.origin_of(ME), size=0)
        async with secure_channel(endpoint, identity(PEER), build.certificate(ME)) as channel:
            calls = [ExchangeStub(channel).Follow() for _ in range(STREAMS)]
            for call in calls:
                await call.write(frame_to_request(Subscribe(cursors=(cursor,))))
            said = json.loads(await child.stdout.readline())
            # What the transport had taken can still be read, then why there is no more.
            for call in calls:
                with pytest.raises(grpc.aio.AioRpcError) as caught:
                    async for _ in call:
                        pass
                assert error_of(caught.value).code == "stream.stalled"
        child.stdin.close()
        assert await child.wait() == 0
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    assert said["peak"] <= MEMORY_BOUND
    assert said["batches"] < MEGABYTES_PENDING
