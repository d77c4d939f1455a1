"""Proofs of statements for strangers: leaf, inclusion, checkpoint, keys, opening if held."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from adapters.state.keyring import KeyRing
from crypto.cosignature import verify_cosignatures
from crypto.keys import VerifierKey
from crypto.merkle import inclusion_proof
from crypto.notes import parse_note
from crypto.proof import ProofFile
from federation.errors import RefusedError
from federation.ids import Origin, StatementId, Timestamp
from federation.ports.store import Store
from node.charters.view import TrustView
from node.log.first_notes import first_note_of
from node.log.tiles import tile_nodes


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofBundle:
    """A statement with everything that a stranger needs to verify it, and its opening if held."""

    origin: Origin
    index: int
    leaf: bytes
    proof: bytes
    vkey: str
    salt: bytes | None
    payload: bytes | None
    first_cosigned_at: Timestamp
    """Of a relief or receipt: by when it was said, as others cosigned; 0 where it is not proved."""


class Proofs:
    """Builds proofs out of the store."""

    def __init__(
        self,
        *,
        store: Store,
        keyring: KeyRing,
        trust: Callable[[], TrustView],
        own_keys: Sequence[VerifierKey],
        own: Origin,
    ) -> None:
        """Wire it; `own_keys` are our log key, then our cosigner keys."""
        self._store = store
        self._keyring = keyring
        self._trust = trust
        self._own_keys = tuple(own_keys)
        self._own = own

    def proof(self, statement_id: StatementId) -> ProofBundle:
        """Build the proof of one statement against the newest checkpoint that is held.

        Of a relief or a receipt against the first one that others cosigned (SPEC §3.5), where one
        is kept: that shows when it was said at the latest.

        Raises:
            RefusedError: `record.unknown`, or `proof.unsigned` while no checkpoint covers it.
        """
        with self._store.read() as session:
            rows = session.rows_by_id(None, [statement_id])
            if not rows:
                message = f"no statement {statement_id.hex()} is held here"
                raise RefusedError("record.unknown", message)
            row = rows[0]
            head = next(h for h in session.heads() if h.log == row.log)
            if row.idx >= head.note_size:
                message = f"{statement_id.hex()} is not covered by a signed checkpoint yet"
                raise RefusedError("proof.unsigned", message)
            first = first_note_of(session, head, row)
            size, note = (head.note_size, head.note) if first is None else (first.size, first.note)
            nodes = tile_nodes(session, row.log, size)
            proof = ProofFile(
                index=row.idx,
                proof=tuple(inclusion_proof(row.idx, size, nodes)),
                checkpoint=note,
            )
            (leaf,) = session.leaves(row.log, row.idx, row.idx + 1)
            opening = None
            for _, held in self._keyring.held_openings(
                head.origin, session.openings(row.log, [row.idx])
            ):
                opening = held
        return ProofBundle(
            origin=head.origin,
            index=row.idx,
            leaf=leaf,
            proof=proof.to_bytes(),
            vkey="".join(f"{key}\n" for key in self._signers(head.origin, note)),
            first_cosigned_at=Timestamp(0) if first is None else first.cosigned_at,
            salt=None if opening is None else opening.salt,
            payload=None if opening is None else opening.payload,
        )

    def verifier_keys(self, origin: Origin) -> tuple[VerifierKey, ...]:
        """The log's key, then the cosigners' keys, by the charters (ours by our own keys)."""
        trust = self._trust()
        if origin == self._own:
            log_key, own = self._own_keys[0], self._own_keys[1:]
        else:
            log_key, own = trust.log_key(origin), ()
        cosigners = (*own, *trust.cosigner_keys())
        return tuple(dict.fromkeys((log_key, *cosigners)))

    def _signers(self, origin: Origin, note: bytes) -> tuple[VerifierKey, ...]:
        """The log's key, then those of who cosigned a checkpoint of it."""
        log_key, *cosigners = self.verifier_keys(origin)
        signed = verify_cosignatures(parse_note(note), cosigners)
        return (log_key, *(cosignature.key for cosignature in signed))
