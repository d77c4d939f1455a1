"""What is sent next on a stream: what waits, then batches and checkpoints, log by log in turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from federation.ids import Origin, Timestamp
from federation.peers.frames import Frame, HeadFrame
from node.peers.serving import Served, Serving
from node.peers.session import Sent, Session

BATCHES_AT_ONCE: Final = 4
"""Batches read for one stream before the first of them is taken, so that memory is bounded."""


class Plan:
    """Reads what is shown of each log; runs beside the writer."""

    def __init__(
        self,
        *,
        served: Mapping[Origin, Served],
        serving: Serving,
        now: Callable[[], Timestamp],
    ) -> None:
        """Wire it; `served`, which changes, is what is shown of each log."""
        self._served = served
        self._serving = serving
        self._now = now

    def frames(self, session: Session) -> list[Frame]:
        """Decide what to send next on a stream: waiting frames, then a batch of some logs in turn.

        A log's checkpoint with new cosignatures also goes to the log's own node, and to the peer
        from which we follow it: so that cosignatures find their way to the origin.

        An empty list means that there is nothing to say until `changed` is called.
        """
        frames: list[Frame] = []
        while session.outbox:
            frames.append(session.outbox.popleft())
        origins = (*session.cursors, *session.owns, *sorted(session.subscribed))
        turn = 0 if session.last not in origins else origins.index(session.last) + 1
        left = BATCHES_AT_ONCE
        for origin in (*origins[turn:], *origins[:turn]):
            served = self._served.get(origin)
            if served is None:
                continue
            cursor = session.cursors.get(origin, served.size)
            if cursor < served.size:
                if left:
                    left -= 1
                    batch = self._serving.batch(session.peer, origin, cursor, served)
                    if batch is None:
                        continue
                    session.cursors[origin] = cursor + len(batch.leaves)
                    session.sent[origin] = Sent(note=batch.checkpoint, size=0, at=self._now())
                    session.last = origin
                    frames.append(batch)
            elif session.note_is_due(origin, served, self._now()):
                session.sent[origin] = Sent(note=served.note, size=served.size, at=self._now())
                frames.append(HeadFrame(origin=origin, checkpoint=served.note))
        return frames
