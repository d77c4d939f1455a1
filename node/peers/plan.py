"""What is sent next on a stream: what waits, then batches and checkpoints, log by log in turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from federation.ids import MemberId, Origin, Timestamp
from federation.peers.frames import Frame, HeadFrame, Refusal
from node.peers.served import ServedLogs
from node.peers.serving import Served, Serving
from node.peers.session import HEAD_INTERVAL_SECONDS, NEVER, Sent, Session

BATCHES_AT_ONCE: Final = 4
"""Batches read for one stream before the first of them is taken, so that memory is bounded."""


class Plan:
    """Reads what is shown of each log; runs beside the writer."""

    def __init__(
        self,
        *,
        served: ServedLogs,
        serving: Serving,
        offers: Callable[[Origin, MemberId], bool],
        now: Callable[[], Timestamp],
    ) -> None:
        """Wire it.

        Args:
            served: what is shown of each log; changes.
            serving: reads it.
            offers: whether a log may be shown to a peer today; asked before anything of it is sent.
            now: seconds UTC.
        """
        self._served = served
        self._serving = serving
        self._offers = offers
        self._now = now

    def frames(self, session: Session, *, read: bool = True) -> list[Frame]:
        """Decide what to send next on a stream: waiting frames, then a batch of some logs in turn.

        A log's checkpoint with new cosignatures also goes to the log's own node, and to the peer
        from which we follow it: so that cosignatures find their way to the origin.

        An empty list means that there is nothing to say until `changed` is called. Looked at are
        only the logs that changed since, that are new on the stream, or of which more is to come.

        Args:
            session: the stream; asked for it by one thread at a time.
            read: whether the store may be read; if not, what is to be read stays due.
        """
        frames: list[Frame] = []
        while session.outbox:
            frames.append(session.outbox.popleft())
        self._look(session)
        left = BATCHES_AT_ONCE if read else 0
        later: list[Origin] = []
        for origin in tuple(session.due):
            # Before it is looked at: the writer may make it due again meanwhile.
            session.due.pop(origin, None)
            served = self._served.get(origin)
            if served is None or not session.speaks_of(origin):
                continue
            if not self._offers(origin, session.peer):
                frames += self._ended(session, origin)
                continue
            cursor = session.cursors.get(origin, served.size)
            if cursor >= served.size:
                frames += self._note(session, origin, served)
                continue
            batch = self._serving.at_hand(session.peer, origin, cursor, served)
            if batch is None and left:
                batch = self._serving.batch(session.peer, origin, cursor, served)
                left -= batch is not None
            if batch is None:
                session.due[origin] = None
                continue
            session.cursors[origin] = cursor + len(batch.leaves)
            session.sent[origin] = Sent(note=batch.checkpoint, size=0, at=self._now())
            frames.append(batch)
            if session.cursors[origin] < served.size:
                later.append(origin)
        session.due |= dict.fromkeys(later)
        return frames

    def is_quiet(self, session: Session) -> bool:
        """Whether `frames` would have nothing to look at; asked often, and cheap."""
        return not (session.outbox or session.due or session.seen != self._served.changes) and (
            session.known.issuperset(session.cursors)
            and session.known.issuperset(session.subscribed)
        )

    @staticmethod
    def _ended(session: Session, origin: Origin) -> list[Frame]:
        """Say of a log that the peer follows that it is offered to it no longer.

        It has left the alliance, or the log has, and another one keeps the stream.
        """
        if session.cursors.pop(origin, None) is None:
            return []
        message = f"{origin} is no longer a log offered to {session.peer}"
        return [Refusal(origin=origin, reason="log.unknown", message=message)]

    def _note(self, session: Session, origin: Origin, served: Served) -> list[Frame]:
        """The checkpoint of a log of which the peer has all leaves, if it is to be sent now."""
        now, due = self._now(), session.note_due(origin, served)
        if due <= now or now + HEAD_INTERVAL_SECONDS < due < NEVER:  # the clock was set back
            session.later.pop(origin, None)
            session.sent[origin] = Sent(note=served.note, size=served.size, at=now)
            return [HeadFrame(origin=origin, checkpoint=served.note)]
        if due < NEVER:
            session.later[origin] = due
            session.look_at = min(session.look_at, due)
        return []

    def _look(self, session: Session) -> None:
        """Find the logs of which there may be something to say since the stream looked last."""
        if session.look_at <= (now := self._now()):
            due = [origin for origin, at in session.later.items() if at <= now]
            for origin in due:
                del session.later[origin]
            session.due |= dict.fromkeys(due)
            session.look_at = min(session.later.values(), default=NEVER)
        session.seen, changed = self._served.since(session.seen)
        spoken_of = (session.cursors, session.owns, session.subscribed)
        new: set[Origin] = set()
        if not all(map(session.known.issuperset, spoken_of)):
            new = {*session.cursors, *session.owns, *session.subscribed} - session.known
            session.known |= new
        for origin in (*sorted(new), *reversed(changed)):
            if session.speaks_of(origin):
                session.due[origin] = None
