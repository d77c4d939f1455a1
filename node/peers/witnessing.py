"""Checkpoints of others cosigned as a witness, and as a mirror where their leaves are held."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from crypto.checkpoint import open_checkpoint
from crypto.cosignature import merge_signatures
from crypto.merkle import EMPTY_ROOT
from crypto.notes import Note
from federation.errors import ReplicationError
from federation.ids import Origin
from federation.peers import witness
from federation.peers.replica import ForkError
from federation.peers.replication import (
    open_note,
)
from federation.ports.store import Store
from node.charters.view import TrustView
from node.log.cosigning import Cosigning
from node.peers.forks import Forks
from node.peers.mirrors import Mirrors, joined
from node.system.failpoints import Failpoints


class Witnessing:
    """Cosigns what continues what was cosigned before; on the writer thread."""

    def __init__(
        self,
        *,
        store: Store,
        trust: Callable[[], TrustView],
        cosigning: Cosigning,
        forks: Forks,
        mirrors: Mirrors,
        failpoints: Failpoints,
    ) -> None:
        """Wire it; `mirrors` compare each checkpoint with what is held."""
        self._store = store
        self._trust = trust
        self._cosigning = cosigning
        self._forks = forks
        self._mirrors = mirrors
        self._failpoints = failpoints

    def add_checkpoint(self, body: bytes) -> bytes:
        """Answer add-checkpoint: check, persist, then cosign (C2SP tlog-witness).

        A checkpoint that is signed and contradicts what is held or was witnessed is refused as
        the specification says, and kept as evidence.

        Raises:
            WitnessError: refused, with the status of the specification.
            ForkError: a proof of two histories was held before; ListHeads brings it.
        """
        request = witness.parse_request(body)
        origin = Origin(witness.origin_of(request))
        trust = self._trust()
        if origin not in trust.trust.origins():
            raise witness.WitnessError(witness.NOT_FOUND, f"no log {origin} is witnessed here")
        log_key = trust.log_key(origin)
        served = self._mirrors.served.get(origin)
        if served is not None and origin not in self._mirrors.replicas:
            raise witness.WitnessError(witness.NOT_FOUND, f"{origin} is our own log")
        if origin in self._forks.origins:
            raise ForkError(origin, self._forks.proof_of(origin))
        # Not signed by the log: no evidence of anything, and `check` answers 403.
        with suppress(ReplicationError):
            self._mirrors.compare(origin, open_note(origin, request.checkpoint, log_key))
        with self._failpoints.at("witness.commit"), self._store.write() as transaction:
            head = transaction.add_log(origin, ours=False)
            size = head.witnessed_size
            root = head.witnessed_root if size else EMPTY_ROOT
            signed = witness.check(request, log_key, size, root)
            checkpoint = signed.checkpoint
            head = replace(
                head,
                witnessed_size=checkpoint.size,
                witnessed_root=checkpoint.root,
                seen=joined(self._mirrors.replicas[origin]),
            )
            transaction.set_head(head)
        if origin in self._forks.origins or self._mirrors.replicas[origin].suspects:
            message = f"{origin} contradicts what this node holds of it"
            raise witness.WitnessError(witness.UNPROCESSABLE, message)
        lines = [self._cosigning.witness_line(signed)]
        if self._mirrors.replicas[origin].size >= checkpoint.size:
            lines.append(self._cosigning.mirror_line(signed))
        return "".join(map(str, lines)).encode()

    def latest(self, origin: Origin) -> bytes | None:
        """The checkpoint of a log that was cosigned last, with our line; None where none was.

        On any thread. The line is made now: it says no more than the one that was given. Where the
        checkpoint itself is not held any more (of those ahead of the leaves few are kept), it is
        the newest one that is held and was cosigned.

        Raises:
            StoreError: the store.
        """
        key = self._trust().trust.log_key(origin)
        with self._store.read() as session:
            head = session.head(origin)
        if key is None or head is None or head.ours or not head.witnessed_size:
            return None
        held = [head.note] if 0 < head.note_size <= head.witnessed_size else []
        ahead = [note for note in head.seen.split(b"\0") if note]
        for data in (*ahead, *held):
            signed = open_checkpoint(data, key)
            point = signed.checkpoint
            if (point.size, point.root) == (head.witnessed_size, head.witnessed_root) or (
                data is head.note
            ):
                bare = signed.bare()
                line = self._cosigning.witness_line(bare)
                note = bare.note
                return merge_signatures(note, Note(text=note.text, signatures=(line,))).to_bytes()
        return None
