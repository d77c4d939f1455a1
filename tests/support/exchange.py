"""A small exchange without rules: logs are lists, whatever arrives is appended."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from federation.errors import RefusedError, ReplicationError
from federation.ids import MemberId, Origin
from federation.peers.frames import CharterFrame, Cursor, Frame, HeadFrame, Refusal, Subscribe
from federation.peers.openings import DeliveredOpening
from federation.peers.replication import DeliveredBatch
from federation.rows import OpeningStatus
from node.peers.prepared import PreparedBatch, PreparedRun
from node.peers.session import Session
from node.system.wakeups import Changes

T = TypeVar("T")
BATCH = 100


def log_of(member: str) -> Origin:
    return Origin(f"{member}.example/1")


class FakeWriter:
    """One thread; publishing is the test's."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1)

    def submit(self, job: Callable[[], T]) -> Future[T]:
        return self._executor.submit(job)

    def close(self) -> None:
        self._executor.shutdown(wait=True)


class FakeExchange:
    """Serves and follows lists of leaves. A leaf that begins with `!` is refused."""

    def __init__(self, me: str, wanted: Iterable[str] = ()) -> None:
        self.me = me
        self.changes = Changes()
        self.logs: dict[Origin, list[bytes]] = {log_of(me): []}
        self.wanted = {log_of(name) for name in wanted}
        self.missing: dict[Origin, list[int]] = {}
        self.missing_reliefs: dict[Origin, list[int]] = {}
        self.opened: list[tuple[Origin, int, bytes]] = []
        self.not_for_us: list[tuple[Origin, int]] = []
        self.notes: list[bytes] = []
        self.charters: list[bytes] = []
        self.sessions: list[Session] = []
        self.opened_sessions = 0
        self.lock = threading.Lock()
        self.helpers: list[MemberId] = []
        self.accused: list[tuple[MemberId, str]] = []
        self.shown = 0

    # what a test does and looks at

    def say(self, *leaves: bytes) -> None:
        self.logs[log_of(self.me)] += leaves
        self.changes.ring()

    def held(self, member: str) -> list[bytes]:
        return self.logs.get(log_of(member), [])

    # the driver's side

    def open_session(self, peer: MemberId) -> Session:
        session = Session(peer=peer)
        with self.lock:
            self.sessions.append(session)
            self.opened_sessions += 1
        return session

    def close_session(self, session: Session) -> None:
        with self.lock:
            self.sessions = [s for s in self.sessions if s is not session]

    def subscription(self, session: Session) -> Subscribe | None:
        wanted = sorted(
            origin
            for origin in self.wanted
            if origin == log_of(session.peer) and origin not in session.subscribed
        )
        session.subscribed.update(wanted)
        cursors = tuple(Cursor(origin=o, size=len(self.logs.get(o, ()))) for o in wanted)
        return Subscribe(cursors=cursors) if cursors else None

    def plan(self, session: Session, *, read: bool = True) -> list[Frame]:
        frames: list[Frame] = []
        if not read:
            return frames
        while session.outbox:
            frames.append(session.outbox.popleft())
        for origin, cursor in list(session.cursors.items()):
            leaves = tuple(self.logs[origin][cursor : cursor + BATCH])
            if leaves:
                session.cursors[origin] = cursor + len(leaves)
                present = DeliveredOpening(OpeningStatus.PRESENT, bytes(32), b"payload")
                frames.append(
                    DeliveredBatch(
                        origin=origin,
                        first_index=cursor,
                        leaves=leaves,
                        openings=tuple(present for _ in leaves),
                        checkpoint=b"",
                        path=(),
                    )
                )
        return frames

    def is_quiet(self, session: Session) -> bool:
        behind = any(cursor < len(self.logs[o]) for o, cursor in session.cursors.copy().items())
        return not (session.outbox or behind)

    def prepare(self, _session: Session, frame: Frame) -> Frame:
        return frame

    def take_head_frames(
        self, heads: Sequence[tuple[Session, HeadFrame]]
    ) -> Sequence[Exception | None]:
        for session, frame in heads:
            self.handle(session, frame)
        return [None] * len(heads)

    def handle(self, session: Session, frame: Frame | PreparedBatch | PreparedRun | None) -> None:
        match frame:
            case Subscribe():
                for cursor in frame.cursors:
                    if cursor.origin in self.logs:
                        session.cursors[cursor.origin] = cursor.size
                    else:
                        refusal = Refusal(origin=cursor.origin, reason="log.unknown", message="")
                        session.outbox.append(refusal)
            case DeliveredBatch():
                if frame.leaves[0].startswith(b"!"):
                    raise ReplicationError("batch.unproved", "a leaf that says so")
                held = self.logs.setdefault(frame.origin, [])
                held += frame.leaves[len(held) - frame.first_index :]
                self.changes.ring()
            case CharterFrame():
                self.charters.append(frame.envelope)
            case HeadFrame():
                self.notes.append(frame.checkpoint)
            case _:
                pass

    def openings_for(
        self, peer: MemberId, origin: Origin, indices: Sequence[int]
    ) -> list[DeliveredOpening]:
        if origin not in self.logs:
            raise RefusedError("log.unknown", f"{origin} is not offered to {peer}")
        return [
            DeliveredOpening(OpeningStatus.PRESENT, bytes(32), self.logs[origin][i])
            for i in indices
        ]

    def add_checkpoint(self, body: bytes) -> bytes:
        return b"cosigned " + body

    def heads_for(self, peer: MemberId) -> tuple[list[bytes], list[bytes]]:
        return [f"head of {self.me} for {peer}".encode()], []

    def take_heads(self, _session: Session, notes: Iterable[bytes], _: Iterable[bytes]) -> None:
        self.notes += notes

    def missing_openings(self, limit: int, *, reliefs: bool = False) -> dict[Origin, list[int]]:
        named = self.missing_reliefs if reliefs else self.missing
        return {origin: indices[:limit] for origin, indices in named.items()}

    def take_openings(
        self, origin: Origin, openings: Sequence[tuple[int, DeliveredOpening]], peer: MemberId
    ) -> int:
        self.helpers.append(peer)
        self.opened += [(origin, index, o.payload) for index, o in openings]
        self.missing.pop(origin, None)
        self.missing_reliefs.pop(origin, None)
        return len(openings)

    def take_not_for_us(self, origin: Origin, indices: Sequence[int]) -> None:
        self.not_for_us += [(origin, index) for index in indices]

    def blame(self, peer: MemberId, error: ReplicationError) -> None:
        self.accused.append((peer, error.code))

    def published(self) -> None:
        self.shown += 1

    def damaged(self) -> dict[Origin, str]:
        return {}

    def blamed(self) -> dict[tuple[MemberId, str], int]:
        return {(MemberId("b"), "batch.unproved"): 2}
