"""What peers deliver of logs: leaves and checkpoints, each to who is to take it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

import structlog

from adapters.errors import AdapterError
from crypto.checkpoint import SignedCheckpoint, peek_checkpoint
from crypto.errors import CryptoError
from federation.errors import ReplicationError
from federation.ids import MemberId, Origin, Timestamp
from federation.peers.frames import Frame, HeadFrame, Refusal
from federation.peers.replication import DeliveredBatch
from node.peers.blame import Blame
from node.peers.disk_pressure import DiskPressure
from node.peers.forks import Forks
from node.peers.mirrors import Mirrors
from node.peers.own_log_claims import OwnLogClaims
from node.peers.prepared import PreparedBatch, PreparedRun
from node.peers.serving import fitting
from node.peers.session import Sent, Session
from node.peers.subscriptions import Beside
from node.system.tracing import span

NOTES_OF_ONE: Final = 2
"""Notes of one log in an answer of ListHeads: what is served, and what was seen beyond it."""

_CODE: Final = re.compile(r"(?=.{1,64}$)[a-z][a-z0-9-]*\.[a-z0-9-]+", re.ASCII)
"""Of SPEC §13.2."""

_log = structlog.get_logger()


def refused(session: Session, frame: Refusal) -> None:
    """A log is not served on this stream; what was not asked for is no news, and not logged."""
    if frame.origin not in session.subscribed:
        return
    session.subscribed.discard(frame.origin)
    session.known.discard(frame.origin)
    # A code, and nothing else that a peer might write here.
    reason = frame.reason if _CODE.fullmatch(frame.reason) else ""
    _log.warning("log refused", peer=session.peer, origin=frame.origin, reason=reason)


class Incoming:
    """Hands our own log's to the recovery, others' to the mirrors; on the writer thread."""

    def __init__(
        self,
        *,
        own: Origin,
        mirrors: Mirrors,
        forks: Forks,
        blame: Blame,
        heard: OwnLogClaims,
        beside: Sequence[Beside],
        room: DiskPressure,
        now: Callable[[], Timestamp],
    ) -> None:
        """Wire it for our log `own`; `beside` look at all leaves before the mirrors do."""
        self._own = own
        self._mirrors = mirrors
        self._forks = forks
        self._blame = blame
        self._heard = heard
        self._beside = beside
        self._room = room
        self._now = now

    def prepare(self, session: Session, frame: Frame) -> Frame | PreparedBatch:
        """Do beforehand what of a frame's work needs no store.

        On any thread, for one stream's frames in their order; never raises for a peer's fault.

        Returns:
            What `handle` is to be given.
        """
        if (
            isinstance(frame, DeliveredBatch)
            and frame.origin in session.subscribed
            and frame.origin != self._own
        ):
            return self._mirrors.prepare(session.peer, frame, session.ahead) or frame
        return frame

    def receive(
        self, session: Session, delivered: DeliveredBatch | PreparedBatch | PreparedRun
    ) -> None:
        """Take leaves of a log that was asked for.

        Raises:
            ReplicationError: the peer's fault; nothing was kept.
            StoreError: the database failed; nothing was kept.
        """
        if delivered.origin not in session.subscribed:
            message = f"{delivered.origin} was not asked of {session.peer}"
            raise self._blame.peer(session.peer, ReplicationError("batch.unasked", message))
        if isinstance(delivered, DeliveredBatch) and delivered.origin == self._own:
            self._heard.take_back(session.peer, delivered)
            return
        for one in self._beside:
            one.take(session, delivered)
        admitted = self._room.admitted(session, delivered)
        with span("follow", log=delivered.origin, peer=session.peer):
            match admitted:
                case PreparedRun():
                    self._mirrors.receive_run(session.peer, admitted)
                case PreparedBatch():
                    self._mirrors.receive(session.peer, admitted.batch, admitted)
                case DeliveredBatch():
                    self._mirrors.receive(session.peer, admitted)
        if admitted is not delivered:  # of what is not taken now, the checkpoint is compared
            self._mirrors.take_head(session.peer, delivered.origin, delivered.checkpoint)

    def head(self, session: Session, frame: HeadFrame) -> None:
        """Take a checkpoint that came without leaves; raises like `receive`."""
        for error in self.heads([(session, frame)]):
            if error is not None:
                raise error

    def heads(self, heads: Sequence[tuple[Session, HeadFrame]]) -> list[Exception | None]:
        """Take checkpoints that came without leaves, on several streams; those of one in order.

        Returns:
            Of each what `receive` would raise, or None.

        Raises:
            StoreError: the database failed.
        """
        failed: list[Exception | None] = []
        told: list[tuple[Session, SignedCheckpoint]] = []
        with self._mirrors.lines.together():
            for session, frame in heads:
                try:
                    signed = self._head(session.peer, frame.origin, frame.checkpoint)
                except AdapterError:
                    raise
                except Exception as error:  # noqa: BLE001 - whatever it is, it is one stream's
                    failed.append(error)
                    continue
                failed.append(None)
                if signed is not None:
                    told.append((session, signed))
        for session, signed in told:
            self._told(session, signed)
        return failed

    def _head(self, peer: MemberId, origin: Origin, note: bytes) -> SignedCheckpoint | None:
        if origin == self._own:
            return self._heard.head(peer, note)
        return self._mirrors.take_head(peer, origin, note)

    def _told(self, session: Session, signed: SignedCheckpoint) -> None:
        """A peer has this note; and where its leaves came from us, the size is no news to it."""
        origin, checkpoint = Origin(signed.checkpoint.origin), signed.checkpoint
        served, sent = self._mirrors.served.get(origin), session.sent.get(origin)
        if served is None or peek_checkpoint(served.note) != checkpoint:
            return
        note = signed.note.to_bytes()
        if served.note == note:
            session.sent[origin] = Sent(note=note, size=checkpoint.size, at=self._now())
        elif sent is not None and not sent.size:
            session.sent[origin] = replace(sent, size=checkpoint.size)

    def listed(self, session: Session, notes: Iterable[bytes], forks: Iterable[bytes]) -> None:
        """Take the answer of ListHeads: compare every checkpoint with what is held.

        It is one job of the writer, for which others wait: of more notes of one log than an honest
        answer has, and of more than fits into one, the first count (SPEC §9.2).

        Raises:
            ReplicationError: the peer's fault.
        """
        self._forks.take_all(fitting(tuple(forks)))
        self._heard.heed_fork()
        listed: Counter[Origin] = Counter()
        for note in fitting(tuple(notes)):
            try:
                origin = Origin(peek_checkpoint(note).origin)
            except CryptoError as error:
                refusal = ReplicationError("batch.checkpoint", f"heads: {error}")
                raise self._blame.peer(session.peer, refusal) from error
            listed[origin] += 1
            if listed[origin] > NOTES_OF_ONE:
                continue
            signed = self._head(session.peer, origin, note)
            if signed is not None:
                self._told(session, signed)
        self._heard.heads(session.peer, listed)
