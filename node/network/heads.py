"""Checkpoints that come on many streams at about one time, taken by the writer together.

Each statement brings one from each peer that holds the log, with its cosignatures. They are on
nobody's way, so they wait a moment for each other, but not where anything has come behind one on
its stream.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, TypeAlias

from federation.peers.frames import HeadFrame
from node.log.writer import WriteThread
from node.peers.session import Session

GATHER_SECONDS: Final = 0.25
"""How long the first waits for others; one head a second of a log is no more than nothing.

Taking them keeps the writer as long as a relief does, so where several are said one after the
other, few of them meet it.
"""

Taking: TypeAlias = Callable[[Sequence[tuple[Session, HeadFrame]]], Sequence[Exception | None]]


class Heads:
    """Gathers heads on the loop; each stream has at most one here."""

    def __init__(self, *, writer: WriteThread, take: Taking) -> None:
        """Wire it; `take` takes them on the writer thread, and says of each how it failed."""
        self._writer = writer
        self._take = take
        self._waiting: list[tuple[Session, HeadFrame, asyncio.Future[None]]] = []
        self._timer: asyncio.TimerHandle | None = None

    async def take(self, session: Session, frame: HeadFrame, *, alone: bool) -> None:
        """Let a head be taken; ends when it is.

        Args:
            session: its stream.
            frame: the head.
            alone: whether nothing stands behind it on its stream.

        Raises:
            ReplicationError: the peer delivered something false.
            StoreError: the database failed; nothing of the frame was kept.
        """
        loop = asyncio.get_running_loop()
        taken: asyncio.Future[None] = loop.create_future()
        self._waiting.append((session, frame, taken))
        if not alone:
            self.hurry()
        elif self._timer is None:
            self._timer = loop.call_later(GATHER_SECONDS, self.hurry)
        await taken

    def hurry(self) -> None:
        """Hand over what waits: something stands behind it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._waiting:
            return
        group, self._waiting = self._waiting, []
        heads = [(session, frame) for session, frame, _ in group]
        ended = asyncio.wrap_future(self._writer.submit(partial(self._take, heads)))
        ended.add_done_callback(partial(_tell, [taken for _, _, taken in group]))


def _tell(
    waiting: Sequence[asyncio.Future[None]], ended: asyncio.Future[Sequence[Exception | None]]
) -> None:
    """Tell each stream how its head fared."""
    failed = None if ended.cancelled() else ended.exception()
    results = [failed] * len(waiting) if failed or ended.cancelled() else ended.result()
    for taken, result in zip(waiting, results, strict=True):
        if taken.done():
            continue
        if ended.cancelled():
            taken.cancel()
        elif result is None:
            taken.set_result(None)
        else:
            taken.set_exception(result)
