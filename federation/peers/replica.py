"""A log as it is held, and the signed checkpoints still to be compared with it.

R6  every signed checkpoint seen before has the root that our leaves give at its size, and
    none of one size has another root; else the log has two histories: a fork proof
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from crypto.checkpoint import SignedCheckpoint, peek_checkpoint
from crypto.fork import ForkProof
from crypto.merkle import (
    Frontier,
    NodeReader,
    consistency_from_known,
    consistency_proof,
    frontier_at,
)
from federation.errors import FederationError
from federation.ids import Origin

SEEN_MAX: Final = 16
"""Signed checkpoints remembered of one log until our own leaves reach them."""


class ForkError(FederationError):
    """The origin's fault: it signed two histories. `proof` holds for every reader."""

    def __init__(self, origin: Origin, proof: ForkProof) -> None:
        super().__init__("log.forked", f"{origin} signed two histories that contradict each other")
        self.origin = origin
        self.proof = proof


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """What is held and proved of one log, and signed checkpoints still to be compared with it.

    `beyond` are checkpoints larger than what is held: each is compared with our own leaves when
    they reach it. `suspects` contradict what is held, but the held note is too small yet to prove
    it; they are proved as soon as a larger note is complete. Both are bounded: of more than
    `SEEN_MAX` the smallest and the largest are kept, and the first suspect. Both hold the log's
    own line alone: the others of a note that is only remembered were not verified.
    """

    origin: Origin
    frontier: Frontier
    beyond: tuple[SignedCheckpoint, ...] = ()
    suspects: tuple[SignedCheckpoint, ...] = ()

    @property
    def size(self) -> int:
        """Leaves held."""
        return self.frontier.size


def see(replica: Replica, signed: SignedCheckpoint, note: bytes, read: NodeReader) -> Replica:
    """Take note of a signed checkpoint that came without leaves (R6).

    Args:
        replica: what is held of the log.
        signed: a verified checkpoint of it.
        note: the newest note held of a size ≤ the replica's, the other half of a fork proof.
        read: reads the tree held.

    Returns:
        The replica, which remembers a checkpoint that reaches beyond it.

    Raises:
        ForkError: it contradicts what is held.
    """
    size, root = signed.checkpoint.size, signed.checkpoint.root
    if size > replica.size:
        _compare_with_rivals(replica, signed)
        return replace(replica, beyond=_remember(replica.beyond, signed))
    held_root = frontier_at(size, read).root() if size < replica.size else replica.frontier.root()
    if held_root == root:
        return replica
    if note and peek_checkpoint(note).size >= size:
        raise ForkError(replica.origin, fork_against_held(signed, note, read))
    return replace(replica, suspects=replica.suspects or (signed.bare(),))


def fork_against_held(signed: SignedCheckpoint, note: bytes, read: NodeReader) -> ForkProof:
    """Build the proof that `signed` contradicts the newest note held, whose tree `read` gives.

    The held note must be of at least the size of `signed`.
    """
    held = peek_checkpoint(note)
    mine, other = signed.checkpoint, signed.note.to_bytes()
    if held.size == mine.size:
        return ForkProof(smaller=note, larger=other, prefix=None, path=())
    return ForkProof(
        smaller=other,
        larger=note,
        prefix=frontier_at(mine.size, read).root(),
        path=tuple(consistency_proof(mine.size, held.size, read)),
    )


def compare_with_seen(
    replica: Replica,
    hashes: Sequence[bytes],
    signed: SignedCheckpoint,
    path: Sequence[bytes],
) -> None:
    """Compare our root at the size of each checkpoint seen before with its root (R6)."""
    end = replica.size + len(hashes)
    _compare_with_rivals(replica, signed)
    for seen in replica.beyond:
        size = seen.checkpoint.size
        if size > end:
            continue
        known = size - replica.size
        at_seen = replica.frontier.extend(hashes[:known])
        if at_seen.root() == seen.checkpoint.root:
            continue
        newest = signed.checkpoint.size
        proof = ForkProof(
            smaller=seen.note.to_bytes(),
            larger=signed.note.to_bytes(),
            prefix=at_seen.root(),
            path=tuple(consistency_from_known(size, at_seen, hashes[known:], newest, path)),
        )
        raise ForkError(replica.origin, proof)


def _compare_with_rivals(replica: Replica, signed: SignedCheckpoint) -> None:
    """Two signed roots of one size are a fork, also where no leaf of ours reaches it (R6)."""
    for seen in replica.beyond:
        one, other = seen.checkpoint, signed.checkpoint
        if one.size == other.size and one.root != other.root:
            notes = seen.note.to_bytes(), signed.note.to_bytes()
            proof = ForkProof(smaller=notes[0], larger=notes[1], prefix=None, path=())
            raise ForkError(replica.origin, proof)


def advance(replica: Replica, frontier: Frontier, signed: SignedCheckpoint) -> Replica:
    """The replica once leaves up to `frontier` are held, which `signed` covers."""
    beyond = tuple(s for s in replica.beyond if s.checkpoint.size > frontier.size)
    if signed.checkpoint.size > frontier.size:
        beyond = _remember(beyond, signed)
    return replace(replica, frontier=frontier, beyond=beyond)


def _remember(
    beyond: tuple[SignedCheckpoint, ...], signed: SignedCheckpoint
) -> tuple[SignedCheckpoint, ...]:
    known = {s.checkpoint: s for s in (*beyond, signed.bare())}
    by_size = sorted(known.values(), key=lambda s: (s.checkpoint.size, s.checkpoint.root))
    return tuple(by_size) if len(by_size) <= SEEN_MAX else (by_size[0], by_size[-1])
