"""Blocking work in threads, and work that tells how far it is."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent import futures
from concurrent.futures import Executor
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")


async def in_thread(readers: Executor, job: Callable[..., T], *arguments: Any) -> T:  # noqa: ANN401
    """Run a job that blocks, in the context of who asks for it."""
    loop, context = asyncio.get_running_loop(), copy_context()
    return await loop.run_in_executor(readers, context.run, partial(job, *arguments))


class Crossing:
    """Brings to a loop what threads answer: many answers that come together wake it once."""

    def __init__(self) -> None:
        """Begin; the loop is that of the first `bring`."""
        self._landed: deque[tuple[asyncio.Future[Any], futures.Future[Any]]] = deque()
        self._lock = threading.Lock()
        self._woken = False

    def bring(self, answer: futures.Future[T]) -> asyncio.Future[T]:
        """What a thread's future becomes, as a future of the running loop.

        Who stops waiting for it takes the question back, where nobody has begun to answer it.
        """
        loop = asyncio.get_running_loop()
        here: asyncio.Future[T] = loop.create_future()
        here.add_done_callback(lambda done: done.cancelled() and answer.cancel())
        answer.add_done_callback(lambda done: self._land(loop, here, done))
        return here

    def _land(
        self, loop: asyncio.AbstractEventLoop, here: asyncio.Future[T], done: futures.Future[T]
    ) -> None:
        with self._lock:
            self._landed.append((here, done))
            wakes, self._woken = not self._woken, True
        if wakes:
            with suppress(RuntimeError):  # the loop has ended: nobody waits any more
                loop.call_soon_threadsafe(self._settle)

    def _settle(self) -> None:
        with self._lock:
            landed, self._landed = self._landed, deque()
            self._woken = False
        for here, done in landed:
            if here.done():
                continue
            if done.cancelled():
                here.cancel()
            elif (error := done.exception()) is not None:
                here.set_exception(error)
            else:
                here.set_result(done.result())


async def watched(
    readers: Executor, job: Callable[[Callable[[int], None]], T]
) -> AsyncIterator[int | T]:
    """Run a job that tells a count; yields the newest count now and then, its result last."""
    loop = asyncio.get_running_loop()
    counts: list[int] = [0]
    wake = asyncio.Event()

    def progress(count: int) -> None:
        counts[0] = count
        loop.call_soon_threadsafe(wake.set)

    running = asyncio.create_task(in_thread(readers, job, progress))
    running.add_done_callback(lambda _: wake.set())
    while not running.done():
        await wake.wait()
        wake.clear()
        if not running.done():
            yield counts[0]
    yield running.result()
