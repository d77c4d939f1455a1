"""Light peers in one process: the real protocol over mutual TLS, nothing checked and nothing kept.

    python -m bench.guests

Its standard input has one JSON object a line (`Task`): each opens a stream for every guest named,
as the dialer does (certificate at the endpoint, channel, GetNode, Follow), asks for the log from
`start` and reads until `size`. The answer is one JSON object (`Answer`). Streams stay open until
the next line, or the end of the input.
"""

from __future__ import annotations

from node.system import tls12_off  # isort: skip - before whatever imports grpc

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import grpc
from huxin.v1 import exchange_pb2 as pb
from huxin.v1.exchange_pb2_grpc import ExchangeStub

from bench.federations import ORIGIN, TLS_CERTIFICATE, TLS_KEY
from node.directory.config import load_config
from node.directory.keys import load_keys
from node.network.transport import (
    PeerRefusedError,
    TlsIdentity,
    presented_certificate,
    secure_channel,
)

AT_ONE_PROCESS = 250
PAUSE_SECONDS = 0.2
"""Before a guest that found no way in tries again; twice as long each time, as the dialer."""
LONGEST_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Whom to follow, and from where to where."""

    publisher: str
    guests: list[str]
    start: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the guests of one task saw.

    Attributes:
        seconds: until each guest had what it asked for, from the task's beginning.
        received: bytes of all messages on all streams.
        batches: bytes of those with leaves.
        tries: connections that were begun.
    """

    seconds: list[float]
    received: int
    batches: int
    tries: int


class Guests:
    """The processes of some guests."""

    def __init__(self, publisher: Path, folders: Sequence[Path]) -> None:
        """Start them; `close` ends them."""
        self._publisher = publisher
        self._stack = ExitStack()
        parts = range(0, len(folders), AT_ONE_PROCESS)
        self._parts = [
            (folders[begin : begin + AT_ONE_PROCESS], self._stack.enter_context(_process()))
            for begin in parts
        ]

    def follow(self, start: int, size: int) -> Answer:
        """Let all guests follow the log from `start` until they have `size` leaves."""
        for folders, process in self._parts:
            task = Task(
                publisher=str(self._publisher),
                guests=[str(folder) for folder in folders],
                start=start,
                size=size,
            )
            assert process.stdin is not None
            process.stdin.write(json.dumps(asdict(task)) + "\n")
            process.stdin.flush()
        answers = []
        for _, process in self._parts:
            assert process.stdout is not None
            answers.append(Answer(**json.loads(process.stdout.readline())))
        return Answer(
            seconds=[second for answer in answers for second in answer.seconds],
            received=sum(answer.received for answer in answers),
            batches=sum(answer.batches for answer in answers),
            tries=sum(answer.tries for answer in answers),
        )

    def close(self) -> None:
        """End the processes."""
        self._stack.close()


@contextmanager
def gathered(publisher: Path, folders: Sequence[Path]) -> Iterator[Guests]:
    """Processes of guests that are gone when the block ends."""
    guests = Guests(publisher, folders)
    try:
        yield guests
    finally:
        guests.close()


@contextmanager
def _process() -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.guests"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.communicate()


@dataclass(slots=True, kw_only=True)
class _Seen:
    received: int = 0
    batches: int = 0
    tries: int = 0


async def _follow(task: Task, folder: Path, seen: _Seen, began: float, done: Any) -> None:
    config = load_config(Path(task.publisher))
    theirs = load_keys(config.keys_directory, config.origin).certificate
    identity = TlsIdentity(
        key_pem=(folder / TLS_KEY).read_bytes(),
        certificate_pem=(folder / TLS_CERTIFICATE).read_bytes(),
    )
    pause = PAUSE_SECONDS
    while not done.done():
        seen.tries += 1
        try:
            certificate = await presented_certificate(config.listen.exchange, [theirs])
            async with secure_channel(config.listen.exchange, identity, certificate) as channel:
                await _read(task, channel, seen, began, done)
        except (grpc.aio.AioRpcError, OSError, PeerRefusedError):
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_SECONDS)


async def _read(
    task: Task, channel: grpc.aio.Channel, seen: _Seen, began: float, done: Any
) -> None:
    stub: Any = ExchangeStub(channel)
    node = await stub.GetNode(pb.GetNodeRequest(), timeout=60)
    seen.received += node.ByteSize()
    call = stub.Follow()
    cursor = pb.Cursor(origin=ORIGIN, size=task.start)
    await call.write(pb.FollowRequest(subscribe=pb.Subscribe(cursors=[cursor])))
    async for message in call:
        size = message.ByteSize()
        seen.received += size
        if message.WhichOneof("frame") == "batch":
            seen.batches += size
            held = message.batch.first_index + len(message.batch.leaves)
            if held >= task.size and not done.done():
                done.set_result(perf_counter() - began)


async def main() -> None:
    """Do what the standard input says."""
    print("ready", flush=True)
    streams: list[asyncio.Task[None]] = []
    while line := await asyncio.to_thread(sys.stdin.readline):
        for stream in streams:
            stream.cancel()
        await asyncio.gather(*streams, return_exceptions=True)
        task = Task(**json.loads(line))
        seen = _Seen()
        began = perf_counter()
        loop = asyncio.get_running_loop()
        waiting = [loop.create_future() for _ in task.guests]
        streams = [
            asyncio.create_task(_follow(task, Path(folder), seen, began, done))
            for folder, done in zip(task.guests, waiting, strict=True)
        ]
        seconds = await asyncio.gather(*waiting)
        answer = Answer(
            seconds=list(seconds),
            received=seen.received,
            batches=seen.batches,
            tries=seen.tries,
        )
        print(json.dumps(asdict(answer)), flush=True)


if __name__ == "__main__":
    tls12_off.require()
    asyncio.run(main())
