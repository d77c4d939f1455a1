"""Waiting for what other tasks and threads do, with an end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

DEADLINE_SECONDS = 60.0
STEP_SECONDS = 0.01


async def until(holds: Callable[[], object]) -> None:
    """Return once `holds()`; fail when it does not in time."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not holds():  # noqa: ASYNC110 - threads change it too, and ring no bell for tests
            await asyncio.sleep(STEP_SECONDS)
