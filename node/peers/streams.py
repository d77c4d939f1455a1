"""The streams that are open now, as `node.peers.exchange` knows them.

Invariant: the lock is held only while the list is walked; a session's outbox takes frames from any
thread, and its own driver alone takes them out.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from federation.charters.verification import alliance_of, read_envelope
from federation.ids import MemberId, Origin
from federation.peers.frames import CharterFrame, Frame
from node.charters.view import TrustView
from node.peers.session import Session


class Streams:
    """Sessions with peers, each with a stream of its own; methods may be called on any thread."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = threading.Lock()
        self._sessions: list[Session] = []

    def add(self, session: Session) -> None:
        """A stream is open."""
        with self._lock:
            self._sessions.append(session)

    def remove(self, session: Session) -> None:
        """Forget a stream."""
        with self._lock:
            self._sessions = [s for s in self._sessions if s is not session]

    def peers(self) -> frozenset[MemberId]:
        """Peers with which there is a stream now."""
        with self._lock:
            return frozenset(s.peer for s in self._sessions)

    def left(self) -> frozenset[Origin]:
        """Logs of which leaves stay with a peer until the disk has room."""
        with self._lock:
            return frozenset(origin for s in self._sessions for origin in tuple(s.left))

    def following(self, origin: Origin, *, waiting: int) -> list[Session]:
        """Those that follow a log from us and have fewer than `waiting` frames to be sent."""
        with self._lock:
            return [s for s in self._sessions if origin in s.cursors and len(s.outbox) < waiting]

    def tell(self, frame: Frame) -> None:
        """Let every peer be sent a frame."""
        self.tell_each(lambda _: (frame,))

    def tell_members(self, frame: CharterFrame, *views: TrustView) -> None:
        """Let a charter version be sent to those with whom any of these views shares its charter.

        Before and after it was adopted: to its members and to whom it removes. Who shares it with
        nobody here learns neither that it stands nor who is in it.
        """
        alliance = alliance_of(*read_envelope(frame.envelope))
        self.tell_each(
            lambda peer: (
                (frame,) if any(alliance in one.shared_charters(peer) for one in views) else ()
            )
        )

    def tell_each(self, frames: Callable[[MemberId], Iterable[Frame]]) -> None:
        """Let each peer be sent frames of its own."""
        with self._lock:
            for session in self._sessions:
                session.outbox.extend(frames(session.peer))
