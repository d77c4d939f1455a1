"""The other side of `flooded_child`: an honest peer that follows it, and what it says of itself."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import grpc
from huxin.v1 import exchange_pb2 as pb
from huxin.v1.exchange_pb2_grpc import ExchangeStub

from federation.peers.frames import Cursor, Subscribe
from node.codec.frames import frame_to_request
from node.network.transport import secure_channel
from tests.support import charters as build
from tests.support.flooded_child import HONEST, ME
from tests.support.served_child import identity

if TYPE_CHECKING:
    from huxin.v1.exchange_pb2_grpc import ExchangeAsyncStub

    Follow: TypeAlias = grpc.aio.StreamStreamCall[pb.FollowRequest, pb.FollowResponse]

ROOT = Path(__file__).parents[2]


@dataclass
class Flooded:
    """The child, and the honest peer's stream with it."""

    child: asyncio.subprocess.Process
    port: int = 0
    peak: int = 0
    """Largest resident size of the child, in bytes; known at the end."""
    delays: list[float] = field(default_factory=list)
    """Seconds from each wish to publish to the leaf at the honest peer."""

    async def ask(self, line: str) -> Any:
        """One line there, one line back."""
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        self.child.stdin.write(f"{line}\n".encode())
        return json.loads(await self.child.stdout.readline())

    async def serves(self, stream: Follow) -> None:
        """The node publishes, and the honest peer gets it."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        number = await self.ask("say")
        while True:
            frame = await stream.read()
            assert isinstance(frame, pb.FollowResponse), "the honest peer's stream has ended"
            batch = frame.batch
            if batch.first_index + len(batch.leaves) >= number:
                break
        self.delays.append(loop.time() - begun)

    def stub(self, member: str) -> grpc.aio.Channel:
        """A channel of one of the peers."""
        return channel_of(self.port, member)


def channel_of(port: int, member: str) -> grpc.aio.Channel:
    """A channel of a peer with the node at this port."""
    return secure_channel(f"127.0.0.1:{port}", identity(member), build.certificate(ME))


@asynccontextmanager
async def flooded(directory: Path) -> AsyncIterator[Flooded]:
    """Run the child; when it has ended, `peak` is known."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.support.flooded_child", str(directory)),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        server = Flooded(child)
        server.port = int(await child.stdout.readline())
        yield server
        child.stdin.close()
        server.peak = json.loads(await child.stdout.readline())["peak"]
        assert await child.wait() == 0
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


@asynccontextmanager
async def honest_stream(server: Flooded) -> AsyncIterator[Follow]:
    """A stream of the honest peer, which follows the node's log."""
    cursor = Cursor(origin=build.origin_of(ME), size=0)
    async with server.stub(HONEST) as channel:
        stub: ExchangeAsyncStub = ExchangeStub(channel)
        stream = stub.Follow()
        await stream.write(frame_to_request(Subscribe(cursors=(cursor,))))
        yield stream
        stream.cancel()
