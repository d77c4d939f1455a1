"""Refilling our own log from peers, after its database was lost or set back (`huxin recover`).

A database behind the high-water mark, or behind what a peer shows under our own signature, signs
nothing. While a recovery runs, every peer is asked for our own log as for any other; what comes is
proved against checkpoints that we signed ourselves, and at the size of the mark the root must be
the mark's. When the database holds all that was signed, the publisher starts anew.

Nothing here can be overridden: a log that goes on without all that was signed is a fork.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from adapters.errors import StoreError
from crypto.checkpoint import SignedCheckpoint
from federation.errors import RefusedError, ReplicationError
from federation.ids import MemberId, Origin, Timestamp
from federation.peers.replica import Replica
from federation.peers.replication import DeliveredBatch, ProvedBatch, accept, open_note
from federation.ports.store import LogHead, Store
from node.charters.view import TrustView
from node.log.ledger import Ledger
from node.log.publisher import Publisher
from node.log.refill import Refilling
from node.log.tiles import frontier_of
from node.log.writer import OnWriter
from node.system.failpoints import Failpoints

_log = structlog.get_logger()

RECOVERABLE: Final = ("high-water.ahead", "own-log.behind")
"""Refusals that end when the missing leaves are back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """How far a recovery is."""

    size: int
    """Leaves held."""
    target: int
    """Leaves that were signed, as far as mark and peers say."""
    refilled: int
    """Leaves that came back since it began."""
    openings: int
    """Of those, openings that came back with them."""
    shown: dict[MemberId, int]
    """Size of our own log that each peer showed or gave."""
    unfitting: frozenset[MemberId]
    """Peers whose leaves do not continue what is held."""
    fault: str
    """Why the database kept nothing of what came last; empty where it kept it."""
    done: bool


class Recovery:
    """Takes our own log back from peers; methods that write run on the writer thread."""

    def __init__(
        self,
        *,
        origin: Origin,
        store: Store,
        ledger: Ledger,
        publisher: Publisher,
        refilling: Refilling,
        trust: Callable[[], TrustView],
        now: Callable[[], Timestamp],
        failpoints: Failpoints,
    ) -> None:
        """Wire the recovery of the log `origin`, our own; asks nobody until `begin`."""
        self._origin = origin
        self._store = store
        self._ledger = ledger
        self._publisher = publisher
        self._refilling = refilling
        self._trust = trust
        self._now = now
        self._failpoints = failpoints
        self._replica: Replica | None = None
        self._marks: dict[int, bytes] = {}
        """Root that was signed at each size of the mark since the recovery began."""
        self._refilled = 0
        self._openings = 0
        self._shown: dict[MemberId, int] = {}
        self._unfitting: set[MemberId] = set()
        self._failure: RefusedError | None = None
        self._fault = ""
        self._moved = threading.Event()

    @property
    def active(self) -> bool:
        """Whether peers are to be asked for our own log."""
        return self._replica is not None

    @property
    def size(self) -> int:
        """Leaves held while it runs."""
        return 0 if self._replica is None else self._replica.size

    def begin(self) -> None:
        """Ask peers from now on.

        Raises:
            RefusedError: `recover.not-needed`, or the refusal that leaves alone do not end.
        """
        refusal = self._publisher.refusal
        if refusal is None:
            message = "the database holds all that was signed; there is nothing to recover"
            raise RefusedError("recover.not-needed", message)
        if refusal.code not in RECOVERABLE:
            raise refusal
        with self._store.write() as session:
            head = session.add_log(self._origin, ours=True)
            self._replica = Replica(origin=self._origin, frontier=frontier_of(session, head))
        size, root = self._publisher.mark
        self._marks = {size: root}
        self._unfitting = set()
        self._refilled = self._openings = 0
        self._failure = None
        self._fault = ""
        self._moved.clear()
        _log.info("recovery begun", size=self.size, target=size)

    def go_on(self, by: Sequence[str], reason: str, note: str) -> None:
        """Nothing is to be recovered, as these persons say; see `Publisher.go_on`."""
        self._publisher.go_on(by, reason, note)

    def end(self) -> None:
        """Ask no longer; what came back stays."""
        self._replica = None

    def wait(self, seconds: float) -> bool:
        """Wait until something came or failed; whether it did within so many seconds."""
        moved = self._moved.wait(seconds)
        self._moved.clear()
        return moved

    def progress(self) -> Recovered:
        """How far it is.

        Raises:
            RefusedError: the log cannot be recovered from what was shown.
        """
        if self._failure is not None:
            raise self._failure
        target = self._publisher.mark[0]
        done = self._publisher.refusal is None
        return Recovered(
            size=target if done else self.size,
            target=target,
            refilled=self._refilled,
            openings=self._openings,
            shown=dict(self._shown),
            unfitting=frozenset(self._unfitting),
            fault=self._fault,
            done=done,
        )

    def saw(self, peer: MemberId, note: bytes) -> SignedCheckpoint:
        """A peer shows a checkpoint of our own log.

        Raises:
            ReplicationError: `batch.checkpoint`: it is not signed by our key.
        """
        signed = open_note(self._origin, note, self._trust().log_key(self._origin))
        size = signed.checkpoint.size
        self._shown[peer] = max(size, self._shown.get(peer, 0))
        self._publisher.shown_larger(peer, size, signed.checkpoint.root)
        return signed

    def receive(self, peer: MemberId, batch: DeliveredBatch) -> LogHead | None:
        """Take leaves of our own log; the log's head when all are back, else None.

        Raises:
            ReplicationError: the peer's fault; nothing was kept.
            ForkError: we signed two histories; nothing was kept.
            StoreError: the database failed; nothing was kept.
        """
        replica = self._replica
        if replica is None:
            return None  # what was asked for before all was back
        size, root = self._publisher.mark
        self._marks.setdefault(size, root)
        self.saw(peer, batch.checkpoint)
        try:
            proved = accept(replica, batch, self._trust().log_key(self._origin))
        except ReplicationError:
            self._unfitting.add(peer)
            raise
        if proved is None or not self._follows_marks(replica, proved):
            return None
        try:
            head = self._keep(proved)
        except StoreError as error:
            self._fault = str(error)
            raise
        self._fault = ""
        self._replica = proved.replica
        self._refilled += len(proved.leaves)
        self._openings += sum(1 for opening in proved.openings if opening.payload)
        if head.size >= self._publisher.mark[0]:
            head = self._resume()
        self._moved.set()
        return head if self._publisher.refusal is None else None

    def _keep(self, proved: ProvedBatch) -> LogHead:
        with self._failpoints.at("follow.commit"), self._store.write() as session:
            head = session.add_log(self._origin, ours=True)
            first = head.size
            head = self._ledger.append(
                session, head, proved.leaves, proved.leaf_hashes, proved.openings
            )
            session.set_head(head)
            self._refilling.record(session, head, first, proved.openings, self._now())
        return head

    def _follows_marks(self, replica: Replica, proved: ProvedBatch) -> bool:
        """Whether the leaves lead to every root that the mark said was signed."""
        before = replica.frontier
        for size, root in self._marks.items():
            if not before.size <= size <= proved.replica.size:
                continue
            if before.extend(proved.leaf_hashes[: size - before.size]).root() != root:
                self._failure = RefusedError(
                    "recover.other-history",
                    f"what peers hold of {self._origin} has another root at size {size} than this "
                    "node signed: two histories were signed; nothing was taken and nothing is "
                    "signed; tell the members",
                )
                _log.error("recovery failed", code=self._failure.code)
                self.end()
                self._moved.set()
                return False
        return True

    def _resume(self) -> LogHead:
        """All is back: the publisher compares mark and database anew, then signs."""
        self._publisher.start()
        with self._store.read() as snapshot:
            head = snapshot.head(self._origin)
        if head is None:
            message = f"{self._origin} is not in the database"
            raise RefusedError("high-water.ahead", message)
        if self._publisher.refusal is None:
            _log.info("recovery done", size=head.size, refilled=self._refilled)
        self.end()
        return head


class Recovering:
    """`huxin recover`: begins a recovery, waits, and says how it went; or takes persons' word."""

    def __init__(
        self,
        *,
        recovery: Recovery,
        on_writer: OnWriter,
        changed: Callable[[], None],
        peers: Callable[[], frozenset[MemberId]],
        members: Callable[[], Collection[MemberId]],
    ) -> None:
        """Wire it.

        Args:
            recovery: of our own log.
            on_writer: runs a job on the writer thread and waits for it.
            changed: wakes the streams, so that they ask.
            peers: with whom there is a stream now.
            members: the other members of the charters in force.
        """
        self._recovery = recovery
        self._on_writer = on_writer
        self._changed = changed
        self._peers = peers
        self._members = members

    def recover(self, wait_seconds: float, progress: Callable[[int], None]) -> Recovered:
        """Refill our own log; blocks until all is back or nothing more comes.

        Args:
            wait_seconds: how long nothing may come before it is given up.
            progress: told how many leaves are held.

        Raises:
            RefusedError: `recover.not-needed`, `recover.incomplete`, `recover.other-history`,
                `recover.no-members`, or why the log cannot be recovered at all.
        """
        self._on_writer(self._recovery.begin)
        try:
            if not self._members():
                message = (
                    "no charter in force names another member: nobody holds our log; bring back "
                    "the newer database, or adopt the charter (huxin charter adopt)"
                )
                raise RefusedError("recover.no-members", message)
            self._changed()
            while self._recovery.wait(wait_seconds):
                state = self._recovery.progress()
                progress(state.size)
                if state.done:
                    return state
            raise self._incomplete(self._recovery.progress())
        finally:
            self._on_writer(self._recovery.end)

    def go_on(self, by: Sequence[str], reason: str, note: str = "") -> None:
        """Go on without an answer of members, by the word of persons (`Publisher.go_on`).

        Raises:
            RefusedError: see there.
        """
        self._on_writer(lambda: self._recovery.go_on(by, reason, note))

    def _incomplete(self, state: Recovered) -> RefusedError:
        first, last = state.size, state.target - 1
        asked = sorted({*self._peers(), *state.shown})
        said = ", ".join(f"{peer}: {state.shown.get(peer, 'nothing')}" for peer in asked)
        doubt = (
            ""
            if not state.unfitting
            else f"leaves of {', '.join(sorted(state.unfitting))} do not continue what this "
            "database holds: it may be another history. "
        )
        if state.fault:
            todo = "数据库没有存下最后到达的部分：腾出空间或修好后再试，已补回的不会丢"
            again = (
                f"This database could not keep what came last ({state.fault}): free space or mend "
                "it, then try again; what came back stays"
            )
        else:
            todo = "先连上其余成员再试一次；谁都没有的，取回签名时的数据库（故障切换之后即原主库）"
            again = (
                "Try again when other members are connected; what none of them holds is in the "
                "database that signed it alone (after a failover, the former primary)"
            )
        return RefusedError(
            "recover.incomplete",
            f"本日志第 {first} 至 {last} 条签过名，这里仍缺；{todo} / leaves {first} to {last} of "
            f"our log are missing, {state.refilled} came back; asked, with the size that each "
            f"showed: {said or 'nobody is connected'}. {doubt}{again}; nothing is signed until "
            "then",
        )
