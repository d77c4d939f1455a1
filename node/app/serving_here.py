"""A node's services in the process of one command, where no server runs (`node.app.local`)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from node.app.parts import Parts
from node.app.servers import local_server, new_health
from node.network.startup_inquiry import Inquiry
from node.status.metrics import Metrics

CLOSE_SECONDS: Final = 5.0


@contextmanager
def served(parts: Parts, path: Path, unchecked: Callable[[float], None]) -> Iterator[None]:
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
