"""The exchange with peers, without network: frames in, frames out, everything in the store.

`Exchange` is synchronous and knows no sockets: the gRPC driver (`node.follow`) and the fake
network of the scenario tests call the same methods. Methods that write run on the store's writer
thread; `plan` and `openings_for` only read and may run beside them.

A peer is trusted with availability only: what it delivers is proved against checkpoints signed by
the log's own key from the charter, whoever delivers it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import structlog

from crypto.checkpoint import SignedCheckpoint, peek_checkpoint
from crypto.cosignature import merge_signatures
from crypto.errors import CryptoError
from crypto.fork import parse_fork, verify_fork
from crypto.merkle import EMPTY_ROOT
from crypto.notes import parse_note
from federation import witness
from federation.errors import FederationError, RefusedError, ReplicationError
from federation.frames import (
    CharterFrame,
    Cursor,
    ForkFrame,
    Frame,
    HeadFrame,
    LateOpening,
    Refusal,
    Subscribe,
)
from federation.ids import MemberId, Origin, Timestamp
from federation.ports import LogHead, ReadSession, Store, WriteSession
from federation.replication import (
    MAX_BATCH_LEAVES,
    DeliveredBatch,
    DeliveredOpening,
    ForkError,
    Replica,
    accept,
    check_openings,
    open_note,
    see,
)
from federation.rows import OpeningStatus
from node.cosigning import Cosigning
from node.failpoints import Failpoints
from node.ledger import Ledger, frontier_of, tile_nodes
from node.peers import TrustView
from node.publisher import Publisher
from node.serving import Served, Serving

_log = structlog.get_logger()

FUTURE_SECONDS: Final = 300
"""A cosignature further ahead than this is ignored (design §4)."""
HEAD_INTERVAL_SECONDS: Final = 5
"""Cosignatures alone are passed on at most this often on one stream; new sizes at once."""
MAX_OPENINGS_ASKED: Final = 256


@dataclass(slots=True, kw_only=True)
class Session:
    """One stream with one peer: what the peer wants of us, and what we sent of it."""

    peer: MemberId
    cursors: dict[Origin, int] = field(default_factory=dict)
    sent_notes: dict[Origin, tuple[bytes, Timestamp]] = field(default_factory=dict)
    outbox: deque[Frame] = field(default_factory=deque)
    subscribed: set[Origin] = field(default_factory=set)
    """Logs that we asked this peer for."""


class Exchange:
    """Serves logs to peers and follows theirs."""

    def __init__(  # noqa: PLR0913 - wired once, in node.wiring
        self,
        *,
        own_origin: Origin,
        store: Store,
        ledger: Ledger,
        publisher: Publisher,
        serving: Serving,
        trust: Callable[[], TrustView],
        adopt: Callable[[bytes], bool],
        cosigning: Cosigning,
        now: Callable[[], Timestamp],
        failpoints: Failpoints,
        changed: Callable[[], None],
    ) -> None:
        """Wire the exchange.

        Args:
            own_origin: our current epoch.
            store: logs, openings, rows.
            ledger: appends proved leaves.
            publisher: our own log, told when peers show that we lost part of it.
            serving: reads what peers may be shown.
            trust: the charters in force, asked anew each time.
            adopt: offers a charter envelope; says whether it was new and valid.
            cosigning: our witness and mirror keys.
            now: seconds UTC.
            failpoints: for the crash tests.
            changed: called when some log can be served further; from any thread.
        """
        self._own = own_origin
        self._store = store
        self._ledger = ledger
        self._publisher = publisher
        self._serving = serving
        self._trust = trust
        self._adopt = adopt
        self._cosigning = cosigning
        self._now = now
        self._failpoints = failpoints
        self._changed = changed
        self._lock = threading.Lock()
        self._served: dict[Origin, Served] = {}
        self._replicas: dict[Origin, Replica] = {}
        self._sessions: list[Session] = []
        self._forked: set[Origin] = set()
        self._blamed: dict[tuple[MemberId, str], int] = {}

    def start(self) -> None:
        """Load what is held; call after the publisher has started."""
        with self._store.read() as session:
            for head in session.heads():
                self._load(session, head)

    # ------------------------------------------------------------------ sessions

    def open_session(self, peer: MemberId) -> Session:
        """Begin a stream with a peer; what must be said first is in the session's outbox."""
        session = Session(peer=peer)
        with self._store.read() as snapshot:
            session.outbox.extend(ForkFrame(file=file) for _, file in snapshot.forks())
        session.outbox.extend(
            CharterFrame(envelope=envelope) for envelope in self._trust().envelopes_for(peer)
        )
        with self._lock:
            self._sessions.append(session)
        return session

    def close_session(self, session: Session) -> None:
        """Forget a stream."""
        with self._lock:
            self._sessions = [s for s in self._sessions if s is not session]

    def subscription(self, session: Session) -> Subscribe | None:
        """What to ask this peer for: its own logs, and those that nobody nearer delivers.

        A log is asked of its own node where we have a stream with it, else of any peer that
        serves mirrors.
        """
        trust = self._trust()
        with self._lock:
            near = {s.peer for s in self._sessions}
        wanted: list[Cursor] = []
        for origin in trust.followed():
            owners = trust.owners(origin)
            direct = session.peer in owners
            relayed = trust.mirrors(session.peer) and not owners & near
            if origin not in session.subscribed and (direct or relayed):
                replica = self._replicas.get(origin)
                wanted.append(Cursor(origin=origin, size=replica.size if replica else 0))
                session.subscribed.add(origin)
        return Subscribe(cursors=tuple(wanted)) if wanted else None

    def plan(self, session: Session) -> list[Frame]:
        """Decide what to send next on a stream: waiting frames, then one batch for each log.

        An empty list means that there is nothing to say until `changed` is called.
        """
        frames: list[Frame] = []
        while session.outbox:
            frames.append(session.outbox.popleft())
        for origin, cursor in list(session.cursors.items()):
            served = self._served.get(origin)
            if served is None:
                continue
            if cursor < served.size:
                batch = self._serving.batch(session.peer, origin, cursor, served)
                session.cursors[origin] = cursor + len(batch.leaves)
                session.sent_notes[origin] = (served.note, self._now())
                frames.append(batch)
            elif self._note_is_due(session, origin, served):
                session.sent_notes[origin] = (served.note, self._now())
                frames.append(HeadFrame(origin=origin, checkpoint=served.note))
        return frames

    def handle(self, session: Session, frame: Frame) -> None:
        """Take a frame from a peer; answers go to the session's outbox.

        Raises:
            ReplicationError: the peer delivered something false; the driver closes the stream.
            StoreError: the database failed; nothing of the frame was kept.
        """
        match frame:
            case Subscribe():
                self._subscribe(session, frame)
            case DeliveredBatch():
                self._receive(session, frame)
            case HeadFrame():
                self._take_head(session, frame)
            case LateOpening():
                self.take_openings(frame.origin, [(frame.index, frame.opening)], session.peer)
            case ForkFrame():
                self._take_fork(frame.file)
            case CharterFrame():
                if self._adopt(frame.envelope):
                    self.charters_changed()
            case Refusal():
                session.subscribed.discard(frame.origin)
                _log.warning(
                    "log refused", peer=session.peer, origin=frame.origin, reason=frame.reason
                )

    # ------------------------------------------------------------------ following

    def _receive(self, session: Session, batch: DeliveredBatch) -> None:
        origin = batch.origin
        if origin not in session.subscribed or origin == self._own:
            message = f"{origin} was not asked of {session.peer}"
            raise self._blame(session.peer, ReplicationError("batch.unasked", message))
        replica = self._replicas.get(origin) or self._new_replica(origin)
        try:
            proved = accept(replica, batch, self._trust().log_key(origin))
        except ForkError as error:
            self._keep_fork(error.origin, error.proof.to_bytes())
            return
        except ReplicationError as error:
            raise self._blame(session.peer, error) from error
        if proved is None:
            return
        served = self._served.get(origin)
        held = b"" if served is None else served.note
        try:
            known = self._cosigning.known_lines(proved.signed.note, held)
        except ReplicationError as error:
            raise self._blame(session.peer, error) from error
        for index in proved.misopened:
            _log.warning(
                "opening does not open",
                code="opening.mismatch",
                peer=session.peer,
                origin=origin,
                index=index,
            )
        if proved.misopened:
            self._count_blame(session.peer, "opening.mismatch", len(proved.misopened))
        with self._failpoints.at("follow.receive"):
            pass
        with self._failpoints.at("follow.commit"), self._store.write() as transaction:
            head = transaction.head(origin) or transaction.add_log(origin, ours=False)
            head = self._ledger.append(
                transaction,
                head,
                replica.frontier,
                proved.leaves,
                proved.leaf_hashes,
                proved.openings,
            ).head
            if proved.complete:
                head = self._cosigning.hold(head, proved.signed, known)
            transaction.set_head(head)
        self._replicas[origin] = proved.replica
        if not proved.complete:
            return
        with self._failpoints.at("follow.cosign"):
            self._serve(head)
            session.outbox.append(HeadFrame(origin=origin, checkpoint=head.note))

    def _take_head(self, session: Session, frame: HeadFrame) -> None:
        origin = frame.origin
        trust = self._trust()
        if origin not in trust.trust.origins():
            return
        try:
            signed = open_note(origin, frame.checkpoint, trust.log_key(origin))
        except ReplicationError as error:
            raise self._blame(session.peer, error) from error
        if origin == self._own and signed.checkpoint.size > self._served[origin].size:
            self._publisher.refuse(
                RefusedError(
                    "own-log.behind",
                    f"{session.peer} shows our own signature on {signed.checkpoint.size} leaves; "
                    f"this node holds {self._served[origin].size}; run `huxin recover`",
                )
            )
            return
        served = self._served.get(origin)
        if served is not None and peek_checkpoint(served.note) == signed.checkpoint:
            self._merge_lines(session, origin, signed)
            return
        replica = self._replicas.get(origin) or self._new_replica(origin)
        if served is None:
            self._hold_empty(session, replica, signed)
            return
        try:
            with self._store.read() as snapshot:
                nodes = tile_nodes(snapshot, served.log, replica.size)
                self._replicas[origin] = see(replica, signed, served.note, nodes)
        except ForkError as error:
            self._keep_fork(origin, error.proof.to_bytes())

    def _hold_empty(self, session: Session, replica: Replica, signed: SignedCheckpoint) -> None:
        """The first checkpoint seen of a log that has no leaf yet: its head is fresh too."""
        if replica.size or signed.checkpoint.size or signed.checkpoint.root != EMPTY_ROOT:
            return
        try:
            known = self._cosigning.known_lines(signed.note, b"")
        except ReplicationError as error:
            raise self._blame(session.peer, error) from error
        with self._store.write() as transaction:
            head = transaction.add_log(replica.origin, ours=False)
            head = self._cosigning.hold(head, signed, known)
            transaction.set_head(head)
        self._serve(head)

    def _merge_lines(self, session: Session, origin: Origin, signed: SignedCheckpoint) -> None:
        """Keep good cosignatures that we did not have on the checkpoint that we serve."""
        with self._store.write() as transaction:
            head = transaction.head(origin)
            if head is None or parse_note(head.note).text != signed.note.text:
                return
            try:
                known = self._cosigning.known_lines(signed.note, head.note)
            except ReplicationError as error:
                raise self._blame(session.peer, error) from error
            merged = merge_signatures(parse_note(head.note), known).to_bytes()
            if merged == head.note:
                return
            head = replace(head, note=merged)
            transaction.set_head(head)
        self._serve(head)

    # ------------------------------------------------------------------ openings

    def missing_openings(self, limit: int) -> dict[Origin, list[int]]:
        """Openings that this node should have and does not, for asking peers."""
        result: dict[Origin, list[int]] = {}
        with self._store.read() as snapshot:
            names = {head.log: head.origin for head in snapshot.heads()}
            for log, index in snapshot.pending(None, limit):
                indices = result.setdefault(names[log], [])
                if len(indices) < MAX_OPENINGS_ASKED:
                    indices.append(index)
        return result

    def take_openings(
        self, origin: Origin, openings: Sequence[tuple[int, DeliveredOpening]], peer: MemberId
    ) -> int:
        """Take openings that were asked for; those that do not open are blamed on the peer.

        Returns:
            The number that opened.
        """
        present = [(i, o) for i, o in openings if o.status == OpeningStatus.PRESENT]
        with self._store.write() as transaction:
            head = transaction.head(origin)
            if head is None:
                return 0
            good: list[tuple[int, bytes, bytes]] = []
            for index, opening in present:
                if not 0 <= index < head.size:
                    continue
                leaves = transaction.leaves(head.log, index, index + 1)
                (checked,), misopened = check_openings(origin, index, leaves, [opening])
                if misopened:
                    self._count_blame(peer, "opening.mismatch", 1)
                if checked.status == OpeningStatus.PRESENT:
                    good.append((index, checked.salt, checked.payload))
            if good:
                self._ledger.open_late(transaction, head, good)
        return len(good)

    def openings_for(
        self, peer: MemberId, origin: Origin, indices: Sequence[int]
    ) -> list[DeliveredOpening]:
        """Answer GetOpenings: what the peer is entitled to, in the order asked.

        Raises:
            RefusedError: `log.unknown`: the log is not offered to this peer.
        """
        served = self._served.get(origin)
        if served is None or not self._trust().offers(origin, peer):
            raise RefusedError("log.unknown", f"{origin} is not a log offered to {peer}")
        return self._serving.openings(peer, origin, served, indices)

    # ------------------------------------------------------------------ serving

    def add_checkpoint(self, body: bytes) -> bytes:
        """Answer add-checkpoint: check, persist, then cosign (C2SP tlog-witness).

        Raises:
            WitnessError: refused, with the status of the specification.
        """
        request = witness.parse_request(body)
        origin = Origin(witness.origin_of(request))
        trust = self._trust()
        if origin not in trust.trust.origins() or origin == self._own:
            raise witness.WitnessError(witness.NOT_FOUND, f"no charter here names {origin}")
        with self._failpoints.at("witness.commit"), self._store.write() as transaction:
            head = transaction.add_log(origin, ours=False)
            size, root = (
                (head.witnessed_size, head.witnessed_root)
                if head.witnessed_size
                else (
                    0,
                    EMPTY_ROOT,
                )
            )
            signed = witness.check(request, trust.log_key(origin), size, root)
            replica = self._replicas.get(origin) or self._new_replica(origin)
            nodes = tile_nodes(transaction, head.log, head.size)
            fork: ForkError | None = None
            try:
                self._replicas[origin] = see(replica, signed, head.note, nodes)
            except ForkError as error:
                fork = error
            else:
                checkpoint = signed.checkpoint
                transaction.set_head(
                    replace(head, witnessed_size=checkpoint.size, witnessed_root=checkpoint.root)
                )
        if fork is not None:
            self._keep_fork(origin, fork.proof.to_bytes())
            raise witness.WitnessError(witness.UNPROCESSABLE, str(fork))
        lines = [self._cosigning.witness_line(signed)]
        if replica.size >= signed.checkpoint.size:
            lines.append(self._cosigning.mirror_line(signed))
        return "".join(map(str, lines)).encode()

    def heads_for(self, peer: MemberId) -> tuple[list[bytes], list[bytes]]:
        """Answer ListHeads: newest notes of the logs offered to the peer, and fork files."""
        trust = self._trust()
        notes = [
            served.note for origin, served in self._served.items() if trust.offers(origin, peer)
        ]
        with self._store.read() as snapshot:
            return notes, [file for _, file in snapshot.forks()]

    def take_heads(self, session: Session, notes: Iterable[bytes], forks: Iterable[bytes]) -> None:
        """Take the answer of ListHeads: compare every checkpoint with what is held."""
        for file in forks:
            self._take_fork(file)
        for note in notes:
            try:
                origin = Origin(peek_checkpoint(note).origin)
            except CryptoError as error:
                message = f"heads: {error}"
                raise self._blame(
                    session.peer, ReplicationError("batch.checkpoint", message)
                ) from error
            self._take_head(session, HeadFrame(origin=origin, checkpoint=note))

    def published(self) -> None:
        """Our own log has a new note: show it."""
        with self._failpoints.at("publish.show"), self._store.read() as snapshot:
            head = snapshot.head(self._own)
            if head is not None:
                self._serve(head)

    def charters_changed(self) -> None:
        """The charters are others now: read again what they had set aside."""
        with self._store.write() as transaction:
            for head in transaction.heads():
                places = [
                    row.idx
                    for row in transaction.set_aside(head.log)
                    if row.rule.startswith("entitlement.")
                ]
                for begin in range(0, len(places), MAX_BATCH_LEAVES):
                    part = places[begin : begin + MAX_BATCH_LEAVES]
                    self._ledger.read_again(transaction, head, part)
        self._changed()

    # ------------------------------------------------------------------ looking in

    def served(self) -> dict[Origin, Served]:
        """What is shown of each log."""
        return dict(self._served)

    def replicas(self) -> dict[Origin, Replica]:
        """What is held of each followed log."""
        return dict(self._replicas)

    def forked(self) -> frozenset[Origin]:
        """Logs of which a fork proof is held."""
        return frozenset(self._forked)

    def blamed(self) -> dict[tuple[MemberId, str], int]:
        """How often each peer delivered something false, by reason code."""
        return dict(self._blamed)

    def peers(self) -> frozenset[MemberId]:
        """Peers with which there is a stream now."""
        with self._lock:
            return frozenset(s.peer for s in self._sessions)

    # ------------------------------------------------------------------ inner parts

    def _load(self, session: ReadSession, head: LogHead) -> None:
        if head.note:
            self._served[head.origin] = Served(log=head.log, size=head.note_size, note=head.note)
        if not head.ours:
            self._replicas[head.origin] = Replica(
                origin=head.origin, frontier=frontier_of(session, head)
            )
        if head.forked:
            self._forked.add(head.origin)

    def _new_replica(self, origin: Origin) -> Replica:
        with self._store.write() as transaction:
            head = transaction.add_log(origin, ours=False)
            replica = Replica(origin=origin, frontier=frontier_of(transaction, head))
        self._replicas[origin] = replica
        return replica

    def _serve(self, head: LogHead) -> None:
        self._served[head.origin] = Served(log=head.log, size=head.note_size, note=head.note)
        self._changed()

    def _subscribe(self, session: Session, frame: Subscribe) -> None:
        trust = self._trust()
        for cursor in frame.cursors:
            if not trust.offers(cursor.origin, session.peer):
                session.outbox.append(
                    Refusal(
                        origin=cursor.origin,
                        reason="log.unknown",
                        message=f"{cursor.origin} is not a log offered to {session.peer}",
                    )
                )
                continue
            session.cursors[cursor.origin] = cursor.size
            served = self._served.get(cursor.origin)
            if cursor.origin == self._own and served and cursor.size > served.size:
                # The peer holds more of our log than we do: it must be able to prove it.
                _log.error("peer holds more of our log", peer=session.peer, size=cursor.size)

    def _note_is_due(self, session: Session, origin: Origin, served: Served) -> bool:
        sent = session.sent_notes.get(origin)
        if sent is None:
            return True
        note, at = sent
        if note == served.note:
            return False
        return self._now() - at >= HEAD_INTERVAL_SECONDS

    def _take_fork(self, file: bytes) -> None:
        """Keep a fork file that holds; one that does not is worth nothing and says nothing."""
        try:
            fork = parse_fork(file)
            origin = Origin(peek_checkpoint(fork.smaller).origin)
            if origin not in self._trust().trust.origins() or origin in self._forked:
                return
            verify_fork(fork, self._trust().log_key(origin))
        except (CryptoError, FederationError) as error:
            _log.warning("fork file refused", code="fork.invalid", error=str(error))
            return
        self._keep_fork(origin, file)

    def _keep_fork(self, origin: Origin, file: bytes) -> None:
        """A log has two histories: keep the proof and tell everyone."""
        if origin in self._forked:
            return
        _log.error("two histories", code="log.forked", origin=origin)
        with self._store.write() as transaction:
            self._ensure_log(transaction, origin)
            transaction.put_fork(origin, file)
        self._forked.add(origin)
        with self._lock:
            for session in self._sessions:
                session.outbox.append(ForkFrame(file=file))
        self._changed()

    @staticmethod
    def _ensure_log(transaction: WriteSession, origin: Origin) -> None:
        if transaction.head(origin) is None:
            transaction.add_log(origin, ours=False)

    def _blame(self, peer: MemberId, error: ReplicationError) -> ReplicationError:
        self._count_blame(peer, error.code, 1)
        _log.warning("peer blamed", peer=peer, code=error.code, error=str(error))
        return error

    def _count_blame(self, peer: MemberId, code: str, count: int) -> None:
        self._blamed[peer, code] = self._blamed.get((peer, code), 0) + count
