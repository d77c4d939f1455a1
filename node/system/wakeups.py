"""Tells waiting tasks that something changed, from whichever thread it was."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class Changes:
    """A bell: `ring` from any thread wakes every event that listens.

    It says only *that* something changed; who wakes looks for what.
    """

    def __init__(self) -> None:
        """Begin with nobody listening."""
        self._lock = threading.Lock()
        self._listeners: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    def ring(self) -> None:
        """Wake all who listen; from any thread, never blocks; each loop is woken once."""
        events: dict[asyncio.AbstractEventLoop, list[asyncio.Event]] = {}
        with self._lock:
            for event, loop in self._listeners.items():
                events.setdefault(loop, []).append(event)
        for loop, listening in events.items():
            try:
                loop.call_soon_threadsafe(_set, listening)
            except RuntimeError:  # that loop has ended, and with it whoever listened
                with self._lock:
                    for event in listening:
                        self._listeners.pop(event, None)

    @contextmanager
    def listen(self) -> Iterator[asyncio.Event]:
        """Give an event of the running loop that is set at each change; the listener clears it."""
        event = asyncio.Event()
        with self._lock:
            self._listeners[event] = asyncio.get_running_loop()
        try:
            yield event
        finally:
            with self._lock:
                self._listeners.pop(event, None)


def _set(events: Iterable[asyncio.Event]) -> None:
    for event in events:
        event.set()
