"""One way for every command to reach a node: as a client of its services.

Where a server runs on the directory, that is its Unix socket. Otherwise the directory is locked,
and the same services are started in this process, without streams and without a schedule, for as
long as the command takes; members are asked before what must not fork
(`node.network.startup_inquiry`). There is never more than one writer.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import grpc

from node.app.parts import Parts
from node.app.servers import local_server, new_health
from node.directory.presence import RunningError, locked, read_node_file, socket_path
from node.network.startup_inquiry import Inquiry
from node.network.transport import MAX_MESSAGE, Options
from node.status.metrics import Metrics

CLOSE_SECONDS: Final = 5.0

_CHANNEL: Final[Options] = [("grpc.max_receive_message_length", 4 * MAX_MESSAGE)]


@contextmanager
def connect(
    directory: Path,
    build: Callable[[Path], Parts],
    unchecked: Callable[[float], None] = lambda _: None,
    *,
    patience: float = 0,
) -> Iterator[grpc.Channel]:
    """Give a channel to the node's Registry and Admin services.

    Args:
        directory: the node's directory.
        build: wires the parts, where no server runs.
        unchecked: told where, without a server, signing goes on though no member has said within
            so many seconds how much of our log it holds; on another thread.
        patience: as of `locked`.

    Raises:
        NotReadyError: a server runs, but serves nobody yet or any more.
        Exception: what `build` raises.
    """
    with _reached(directory, build, unchecked, patience) as socket:
        channel = grpc.insecure_channel(f"unix:{socket}", options=_CHANNEL)
        try:
            yield channel
        finally:
            channel.close()


@contextmanager
def _reached(
    directory: Path,
    build: Callable[[Path], Parts],
    unchecked: Callable[[float], None],
    patience: float,
) -> Iterator[str]:
    """Give the socket of the running server, or of one started here."""
    with ExitStack() as stack:
        try:
            stack.enter_context(locked(directory, patience=patience))
        except RunningError:
            socket = read_node_file(directory).socket
        else:
            path = stack.enter_context(socket_path(directory))
            stack.enter_context(_served(build(directory), path, unchecked))
            socket = str(path)
        yield socket


@contextmanager
def _served(parts: Parts, path: Path, unchecked: Callable[[float], None]) -> Iterator[None]:
    """Serve in a thread with a loop of its own."""
    ready: Future[Callable[[], None]] = Future()
    thread = threading.Thread(
        target=_thread, args=(parts, path, ready, unchecked), name="local-node"
    )
    thread.start()
    try:
        stop = ready.result()
        try:
            yield
        finally:
            stop()
    finally:
        thread.join()


def _thread(
    parts: Parts,
    path: Path,
    ready: Future[Callable[[], None]],
    unchecked: Callable[[float], None],
) -> None:
    try:
        asyncio.run(_serve(parts, path, ready, unchecked))
    except BaseException as error:  # noqa: BLE001 - told to the thread that waits, if it still does
        if not ready.done():
            ready.set_exception(error)
    finally:
        parts.writer.close()
        parts.queries.close()
        parts.store.close()


async def _serve(
    parts: Parts,
    path: Path,
    ready: Future[Callable[[], None]],
    unchecked: Callable[[float], None],
) -> None:
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    metrics = Metrics(status=parts.status, blamed=dict, live=tuple)

    def stop() -> None:
        loop.call_soon_threadsafe(stopped.set)

    with ThreadPoolExecutor(thread_name_prefix="reader") as readers:
        health = await new_health()
        answered = Inquiry(
            asking=parts.asking,
            refusal=lambda: parts.publisher.refusal,
            exchange=parts.exchange,
            writer=parts.writer,
            contacts=parts.charters.contacts,
            identity=lambda: parts.identities()[0],
            unchecked=unchecked,
        ).answered
        server = await local_server(parts, path, readers, metrics, health, answered)
        try:
            await health.ready()
            ready.set_result(stop)
            await stopped.wait()
        finally:
            await server.stop(CLOSE_SECONDS)
