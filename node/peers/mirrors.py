"""The logs of others as this node holds them: followed, compared, witnessed.

All methods that write run on the store's writer thread. What is in memory (`Replica`s, what is
shown) is loaded from the store at the start and follows every committed transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Final

import structlog

from crypto.checkpoint import Checkpoint, SignedCheckpoint, peek_checkpoint
from crypto.merkle import EMPTY_ROOT, Frontier, frontier_at
from federation.errors import FederationError, ReplicationError
from federation.ids import MemberId, Origin
from federation.peers.openings import PENDING
from federation.peers.replica import ForkError, Replica, fork_against_held, see
from federation.peers.replication import (
    DeliveredBatch,
    LinkedBatch,
    ProvedBatch,
    accept,
    link,
    open_note,
)
from federation.ports.store import LogHead, ReadSession, Store, WriteSession
from federation.rows import RELIEF_KINDS
from node.charters.view import TrustView
from node.log.cosigning import Cosigning
from node.log.first_notes import FirstNotes
from node.log.ledger import Ledger
from node.log.tiles import frontier_of, tile_nodes
from node.peers.blame import NOT_FOR_US, Blame
from node.peers.cosigned_lines import CosignedLines
from node.peers.forks import Forks
from node.peers.prepared import PreparedBatch, PreparedRun
from node.peers.served import ServedLogs
from node.peers.serving import Served
from node.system.failpoints import Failpoints
from node.system.tracing import point

_log = structlog.get_logger()

_SEPARATOR: Final = b"\0"
"""Between notes remembered; no note holds it."""
_OTHER_HISTORY: Final = ("batch.gap", "batch.unproved")
"""How leaves of a forked log's other history fail here; who holds that history may be honest."""


class Mirrors:
    """Takes what peers deliver of followed logs, and keeps what may be shown of every log."""

    def __init__(
        self,
        *,
        store: Store,
        ledger: Ledger,
        trust: Callable[[], TrustView],
        cosigning: Cosigning,
        failpoints: Failpoints,
        forks: Forks,
        blame: Blame,
        changed: Callable[[], None],
    ) -> None:
        """Wire the mirrors.

        Args:
            store: logs, openings, rows.
            ledger: appends proved leaves.
            trust: the charters in force, asked anew each time.
            cosigning: our witness and mirror keys.
            failpoints: for the crash tests.
            forks: logs of which two histories are proved.
            blame: counts what peers deliver falsely.
            changed: called when something more can be shown.
        """
        self._store = store
        self._ledger = ledger
        self._trust = trust
        self._cosigning = cosigning
        self._failpoints = failpoints
        self._forks = forks
        self._blame = blame
        self._changed = changed
        self._first = FirstNotes(store=store, trust=trust, cosigning=cosigning)
        self.served = ServedLogs()
        self._compared: dict[Origin, Checkpoint] = {}
        """Of each log of ours the checkpoint that was compared with the tree last."""
        self.lines = CosignedLines(store=store, first=self._first, served=self.served)
        """Takes the cosignatures of heads that are shown."""
        self.replicas: dict[Origin, Replica] = {}

    def load(self) -> None:
        """Read what is held; call once, after the publisher has started."""
        with self._store.read() as session:
            for head in session.heads():
                if head.note:
                    self._show(head)
                if not head.ours:
                    self.replicas[head.origin] = self._stored_replica(session, head)
                if head.forked:
                    self._forks.origins.add(head.origin)

    def show(self, head: LogHead) -> None:
        """Show a log's newest note of a size that is held."""
        self._show(head)
        self._changed()

    # ---- following

    def prepare(
        self, peer: MemberId, batch: DeliveredBatch, ahead: dict[Origin, Frontier]
    ) -> PreparedBatch | None:
        """Do the work on a batch that needs no store, while earlier ones are being stored.

        On any thread, in the order of the stream. `receive` takes the result only where the log
        then stands as was assumed here, and the charters are the same.

        Args:
            peer: who delivered it.
            batch: as delivered.
            ahead: where each log will stand when what was prepared on this stream is stored.

        Returns:
            None where there is nothing to prepare, and where a check failed: `receive` says it.
        """
        origin = batch.origin
        replica = self.replicas.get(origin)
        held = Frontier.empty() if replica is None else replica.frontier
        frontier = ahead.get(origin, held)
        if frontier.size < held.size:
            frontier = held
        try:
            log_key = self._trust().log_key(origin)
            by_origin = self._is_origins(peer, origin)
            read = self._ledger.batch_reading(origin)
            linked = link(frontier, batch, log_key, by_origin=by_origin, check=read.check)
        except FederationError:
            return None
        if linked is None:
            return None
        ahead[origin] = linked.after
        if read.lethal:  # whoever checks it anew must not read here what workers died of
            batch = replace(batch, openings=(PENDING,) * len(batch.leaves))
        statements = self._ledger.prepare(
            origin, frontier.size, linked.leaves, linked.openings, read
        )
        return PreparedBatch(batch=batch, linked=linked, statements=statements)

    def receive(
        self, peer: MemberId, batch: DeliveredBatch, prepared: PreparedBatch | None = None
    ) -> None:
        """Take a batch of leaves: prove, commit, and cosign where a checkpoint is complete.

        Args:
            peer: who delivered it.
            batch: as delivered.
            prepared: what `prepare` made of it, if it did.

        Raises:
            ReplicationError: the peer's fault; nothing was kept.
            StoreError: the database failed; nothing was kept.
        """
        origin = batch.origin
        replica = self.replicas.get(origin) or self._new_replica(origin)
        try:
            linked = None if prepared is None else prepared.linked
            proved = self._accept(peer, replica, batch, linked)
            if proved is None:
                self._keep_evidence(origin, batch.checkpoint)
                return
            served = self.served.get(origin)
            held = b"" if served is None else served.note
            known = self._cosigning.known_lines(proved.signed.note, held)
        except ReplicationError as error:
            self._keep_evidence(origin, batch.checkpoint)
            if origin in self._forks.origins and error.code in _OTHER_HISTORY:
                _log.info("batch of another history left out", peer=peer, origin=origin)
                return
            raise self._blame.peer(peer, error) from error
        for index in proved.misopened:
            self._blame.opening(peer, origin, index)
        with self._failpoints.at("follow.receive"):
            next_replica = proved.replica
        with self._failpoints.at("follow.commit"), self._store.write() as transaction:
            head = transaction.add_log(origin, ours=False)
            used = prepared is not None and proved.openings is prepared.linked.openings
            statements = self._ledger.renewed(
                origin,
                head.size,
                proved.leaves,
                proved.openings,
                prepared.statements if prepared is not None and used else None,
            )
            head = self._ledger.append(
                transaction, head, proved.leaves, proved.leaf_hashes, proved.openings, statements
            )
            if proved.complete:
                consistent = self._agrees_with_witnessed(transaction, head)
                may_witness = consistent and origin not in self._forks.origins
                head = self._cosigning.hold(head, proved.signed, known, witness=may_witness)
                self._first.keep(transaction, head, head.note)
            transaction.set_head(replace(head, seen=joined(next_replica)))
        self.replicas[origin] = next_replica
        for one in statements.examined:
            if one.header is not None and one.header.kind in RELIEF_KINDS:
                point("relief taken", one.header.about, log=origin, peer=peer)
        for index in statements.misdirected:
            self._blame.opening(peer, origin, index, NOT_FOR_US)
        if proved.complete:
            self._complete(head, proved)

    def receive_run(self, peer: MemberId, run: PreparedRun) -> None:
        """Take batches that lead to one checkpoint, in one transaction; raises like `receive`.

        One by one where the log stands elsewhere than was assumed: a batch is then checked anew,
        and no more than one batch may be (R1).
        """
        joined = run.joined()
        origin = joined.origin
        replica = self.replicas.get(origin)
        assumed = replica is not None and joined.linked.holds(
            replica.frontier, self._trust().log_key(origin)
        )
        for batch in (joined,) if assumed else run.batches:
            self.receive(peer, batch.batch, batch)

    def take_head(self, peer: MemberId, origin: Origin, note: bytes) -> SignedCheckpoint | None:
        """Take a checkpoint that came without leaves: compare it, keep its cosignatures.

        Returns:
            The checkpoint, verified; None where the log is in no charter of ours.

        Raises:
            ReplicationError: the peer's fault.
        """
        trust = self._trust()
        if origin not in trust.trust.origins():
            return None
        try:
            signed = open_note(origin, note, trust.log_key(origin))
            served = self.served.get(origin)
            known = self._cosigning.known_lines(signed.note, b"" if served is None else served.note)
            if served is not None and peek_checkpoint(served.note) == signed.checkpoint:
                self.lines.merge(origin, signed, known)
            elif origin in self.replicas or served is None:
                self.compare(origin, signed)
        except ReplicationError as error:
            if origin in self.replicas or origin not in self.served:
                self._keep_evidence(origin, note)
            raise self._blame.peer(peer, error) from error
        return signed

    def compare_own(self, origin: Origin, signed: SignedCheckpoint) -> None:
        """Compare a checkpoint that carries our own signature with our own tree."""
        if self._compared.get(origin) == signed.checkpoint:
            return  # by each peer's cosignature of it, when the first came
        served = self.served[origin]
        with self._store.read() as snapshot:
            nodes = tile_nodes(snapshot, served.log, served.size)
            ours = frontier_at(signed.checkpoint.size, nodes).root() == signed.checkpoint.root
            proof = None if ours else fork_against_held(signed, served.note, nodes)
        if proof is None:
            if peek_checkpoint(served.note) != signed.checkpoint:  # else its lines were merged
                self._first.offer(signed)
            self._compared[origin] = signed.checkpoint
        else:
            self._forks.accuse(origin, proof)

    # ---- inner parts

    def _is_origins(self, peer: MemberId, origin: Origin) -> bool:
        """Whether a peer is the node whose log this is."""
        return peer in self._trust().owners(origin)

    def _accept(
        self, peer: MemberId, replica: Replica, batch: DeliveredBatch, linked: LinkedBatch | None
    ) -> ProvedBatch | None:
        """Check a batch; where it proves a fork, keep the proof and go on along our history.

        Once the fork is proved, checkpoints of the other history say nothing more, and relief of
        the history that we hold still acts.
        """
        log_key = self._trust().log_key(batch.origin)
        own = self._is_origins(peer, batch.origin)
        try:
            return accept(replica, batch, log_key, linked, by_origin=own)
        except ForkError as error:
            self._forks.accuse(batch.origin, error.proof)
            return accept(replace(replica, beyond=()), batch, log_key, linked, by_origin=own)

    def _keep_evidence(self, origin: Origin, note: bytes) -> None:
        """Compare the checkpoint of a batch that brought nothing: its signature is the log's word.

        A second history often shows itself as a batch that does not fit.
        """
        with suppress(ReplicationError):
            self.compare(origin, open_note(origin, note, self._trust().log_key(origin)))

    def _complete(self, head: LogHead, proved: ProvedBatch) -> None:
        """A checkpoint is held in full: show it, and prove the suspects that contradict it."""
        with self._failpoints.at("follow.cosign"):
            self.show(head)
        for suspect in proved.replica.suspects:
            with self._store.read() as snapshot:
                nodes = tile_nodes(snapshot, head.log, head.note_size)
                proof = fork_against_held(suspect, head.note, nodes)
            self._forks.accuse(head.origin, proof)

    def compare(self, origin: Origin, signed: SignedCheckpoint) -> None:
        """Compare a checkpoint with what is held; remember it where it reaches further."""
        replica = self.replicas.get(origin) or self._new_replica(origin)
        served = self.served.get(origin)
        if served is None and replica.size == signed.checkpoint.size == 0:
            self._hold_empty(origin, signed)
            return
        try:
            with self._store.read() as snapshot:
                head = snapshot.head(origin)
                nodes = tile_nodes(snapshot, head.log if head else 0, replica.size)
                seen = see(replica, signed, b"" if served is None else served.note, nodes)
        except ForkError as error:
            self._forks.accuse(origin, error.proof)
            return
        if _differs(seen, replica):
            with self._store.write() as transaction:
                head = transaction.add_log(origin, ours=False)
                transaction.set_head(replace(head, seen=joined(seen)))
        self.replicas[origin] = seen
        if seen is replica and signed.checkpoint.size <= replica.size:
            self._first.offer(signed)

    def _hold_empty(self, origin: Origin, signed: SignedCheckpoint) -> None:
        """The first checkpoint seen of a log that has no leaf yet: its head is fresh too."""
        if signed.checkpoint.root != EMPTY_ROOT:
            return
        known = self._cosigning.known_lines(signed.note, b"")
        with self._store.write() as transaction:
            head = transaction.add_log(origin, ours=False)
            head = self._cosigning.hold(head, signed, known, witness=True)
            transaction.set_head(head)
        self.show(head)

    @staticmethod
    def _agrees_with_witnessed(transaction: WriteSession, head: LogHead) -> bool:
        """Whether what is held has the root that we last cosigned as a witness."""
        if not 0 < head.witnessed_size <= head.size or head.witnessed_size <= head.note_size:
            return True
        nodes = tile_nodes(transaction, head.log, head.size)
        return frontier_at(head.witnessed_size, nodes).root() == head.witnessed_root

    def _new_replica(self, origin: Origin) -> Replica:
        with self._store.write() as transaction:
            head = transaction.add_log(origin, ours=False)
            replica = self._stored_replica(transaction, head)
        self.replicas[origin] = replica
        return replica

    def _stored_replica(self, session: ReadSession, head: LogHead) -> Replica:
        """A replica as the store has it, with the checkpoints remembered."""
        seen: list[SignedCheckpoint] = []
        if head.seen and head.origin in self._trust().trust.origins():
            log_key = self._trust().log_key(head.origin)
            notes = head.seen.split(_SEPARATOR)
            # Bare: a database of before may hold lines that nobody verified.
            seen = [open_note(head.origin, note, log_key).bare() for note in notes]
        return Replica(
            origin=head.origin,
            frontier=frontier_of(session, head),
            beyond=tuple(s for s in seen if s.checkpoint.size > head.size),
            suspects=tuple(s for s in seen if s.checkpoint.size <= head.size),
        )

    def _show(self, head: LogHead) -> None:
        newest = self._ledger.newest.shown(head.origin, head.note_size, self._store.written)
        served = Served(log=head.log, size=head.note_size, note=head.note, newest=newest)
        self.served.show(head.origin, served)


def _differs(seen: Replica, before: Replica) -> bool:
    """Whether what was seen is to be written at once.

    A log can sign any number of checkpoints that reach further: two are written, and those after
    them with the next batch.
    """
    if seen.suspects != before.suspects or seen.beyond[:1] != before.beyond[:1]:
        return True
    return len(before.beyond) < 2 and seen.beyond != before.beyond


def joined(replica: Replica) -> bytes:
    """The checkpoints remembered, as the store keeps them."""
    return _SEPARATOR.join(s.note.to_bytes() for s in (*replica.beyond, *replica.suspects))
