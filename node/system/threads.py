"""Blocking work in threads, and work that tells how far it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from typing import Any, TypeVar

T = TypeVar("T")


async def in_thread(readers: Executor, job: Callable[..., T], *arguments: Any) -> T:  # noqa: ANN401
    """Run a job that blocks."""
    return await asyncio.get_running_loop().run_in_executor(readers, job, *arguments)


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
