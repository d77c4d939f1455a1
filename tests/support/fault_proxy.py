"""A network that fails: a TCP proxy before a server, which refuses, cuts, freezes or crawls.

It sees only the bytes of TLS, as a bad line would, and runs on a thread of its own.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, TypeVar

T = TypeVar("T")
CHUNK_BYTES: Final = 4096


class FaultProxy:
    """One line to `target` on the loopback; good until a test says otherwise."""

    def __init__(self, target: int, port: int = 0) -> None:
        """Listen on a port and pass everything on to another."""
        self._target = target
        self._refuses = False
        self._chunk_seconds = 0.0
        self._frozen: set[asyncio.StreamWriter] = set()
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._run(asyncio.start_server(self._accept, "127.0.0.1", port))
        self.port: int = self._server.sockets[0].getsockname()[1]
        self.accepted = 0

    def cut(self) -> None:
        """Reset every connection that stands; new ones pass."""
        self._call(self._abort)

    def freeze(self) -> None:
        """Leave every connection half open: nothing passes, nobody is told. New ones pass."""
        self._call(lambda: self._frozen.update(self._open))

    def part(self) -> None:
        """Part the two sides: reset what stands and whatever comes."""

        def part() -> None:
            self._refuses = True
            self._abort()

        self._call(part)

    def crawl(self, seconds: float) -> None:
        """Let so much time pass at each chunk of 4 KiB; 0 for a good line again."""
        self._chunk_seconds = seconds

    def heal(self) -> None:
        """Be a good line again; what is frozen stays frozen."""
        self._refuses = False
        self._chunk_seconds = 0.0

    def close(self) -> None:
        """End the proxy and everything on it."""
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    async def _end(self) -> None:
        self._server.close()
        self._abort()
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})

    def _call(self, action: Callable[[], None]) -> None:
        done = threading.Event()

        def act() -> None:
            action()
            done.set()

        self._loop.call_soon_threadsafe(act)
        done.wait()

    def _abort(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        if self._refuses:
            writer.transport.abort()
            return
        try:
            there, out = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, out}
        await asyncio.gather(self._pass(reader, out), self._pass(there, writer))
        writer.transport.abort()
        out.transport.abort()
        self._open -= {writer, out}
        self._frozen -= {writer, out}

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK_BYTES):
                if self._chunk_seconds:
                    await asyncio.sleep(self._chunk_seconds)
                if writer in self._frozen:
                    continue
                writer.write(data)
                await writer.drain()
        if writer not in self._frozen:
            writer.transport.abort()


@contextmanager
def fault_proxy(target: int, port: int = 0) -> Iterator[FaultProxy]:
    """Run a proxy before a server's port."""
    proxy = FaultProxy(target, port)
    try:
        yield proxy
    finally:
        proxy.close()
