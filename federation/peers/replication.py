"""Following a log: only what is proved against a signed checkpoint is ever accepted.

A `Replica` is a value: what is held of one log, and the signed checkpoints seen beyond it.
`accept` takes one delivered batch and returns the next replica with the checked leaves, or
raises; nothing here does I/O. Each batch carries the RFC 6962 §2.1.2 consistency path from its
end to its checkpoint, so that a prefix of a long history can be committed at once.

Checks of a batch, in this order:

    R1  bounds: at most `MAX_BATCH_LEAVES` leaves, `MAX_BATCH_BYTES` bytes, one opening for each
    R2  it begins where the replica ends (a repetition is skipped, a gap refused)
    R3  the checkpoint is signed by the log's key and names the log
    R4  the checkpoint is not smaller than the batch's end
    R5  the consistency path leads from the root over our leaves and these to the checkpoint's
    R6  every signed checkpoint seen before has the root that our leaves give at its size, and
        none of one size has another root; else the log has two histories: a fork proof
    R7  an opening opens the commitment of its leaf; else the deliverer is blamed, the opening is
        dropped and asked for by another path, and the leaf stands

Once a batch is read (`federation.life.reading.misdirected`):

    R8  an opening whose audience does not let us receive it is not kept; where it names no
        alliance of ours, or as members only others, the deliverer is blamed. What relieves a
        subject is kept all the same

Absent openings are claims of the deliverer (SPEC §9.5, ADR 0009):

    E1  of an open kind, and of a relief, an absent opening is a pending one
    E2  ERASED is a pending one: that it is erased follows from the origin's own ERASURE alone
        (`federation.life.settling`)
    E3  NOT_FOR_YOU is believed of the origin's own node; of anybody else it is a pending one, until
        the origin's own node was asked (`node.network.pull`)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, TypeAlias

from crypto.checkpoint import SignedCheckpoint, open_checkpoint, peek_checkpoint
from crypto.commitment import Committer
from crypto.errors import CryptoError
from crypto.fork import ForkProof
from crypto.keys import VerifierKey
from crypto.merkle import (
    Frontier,
    NodeReader,
    consistency_from_known,
    consistency_proof,
    frontier_at,
    leaf_hashes,
    verify_consistency,
)
from federation.errors import FederationError, ReplicationError
from federation.ids import Origin
from federation.rows import RELIEF_KINDS, OpeningStatus
from federation.statements import HEADER_SIZE, LEAF_SIZE, LEAF_VERSION, OPEN_KINDS

MAX_BATCH_LEAVES: Final = 1024
"""Design §5; the best throughput was measured between 256 and 1024 (performance.md)."""
MAX_BATCH_BYTES: Final = 1024 * 1024
"""Leaves and payloads of one batch; with salts of 32 KiB a message is far below gRPC's 4 MiB."""
SEEN_MAX: Final = 16
"""Signed checkpoints remembered of one log until our own leaves reach them."""
MAX_PATH: Final = 64
"""Hashes of a path; none in a tree of 2⁶³-1 leaves has more."""
MAX_LEAF: Final = 1024
"""Longest leaf of any version that is mirrored."""


Commit: TypeAlias = Callable[[bytes, bytes, bytes], bytes]


class ForkError(FederationError):
    """The origin's fault: it signed two histories. `proof` holds for every reader."""

    def __init__(self, origin: Origin, proof: ForkProof) -> None:
        super().__init__("log.forked", f"{origin} signed two histories that contradict each other")
        self.origin = origin
        self.proof = proof


class DeliveredOpening(NamedTuple):
    """An opening as delivered: its status on the wire, and salt and payload where present."""

    status: int
    salt: bytes = b""
    payload: bytes = b""
    erased_by: int = 0
    """Index of the ERASURE leaf plus one where it is erased; 0 not known. Decides nothing (E2)."""


_NEVER_ABSENT: Final = OPEN_KINDS | frozenset(RELIEF_KINDS)

PENDING: Final = DeliveredOpening(OpeningStatus.PENDING)
_NOT_FOR_US: Final = DeliveredOpening(OpeningStatus.NOT_FOR_US)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredBatch:
    """Consecutive leaves as a peer delivered them, nothing of it checked yet."""

    origin: Origin
    first_index: int
    leaves: tuple[bytes, ...]
    openings: tuple[DeliveredOpening, ...]
    checkpoint: bytes
    path: tuple[bytes, ...]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvedBatch:
    """What may be committed: leaves [first_index, first_index + len(leaves)) and their openings."""

    origin: Origin
    first_index: int
    leaves: tuple[bytes, ...]
    leaf_hashes: tuple[bytes, ...]
    openings: tuple[DeliveredOpening, ...]
    misopened: tuple[int, ...]
    """Indices whose opening did not open (R7): blame the deliverer, ask another."""
    signed: SignedCheckpoint
    replica: Replica
    """The replica once this batch is committed."""

    @property
    def complete(self) -> bool:
        """Whether the replica reaches the checkpoint, so that its note may be served."""
        return self.replica.size == self.signed.checkpoint.size


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedBatch:
    """A batch of which R1-R5 and R7 hold for a log that stands at `before`."""

    log_key: VerifierKey
    before: Frontier
    after: Frontier
    leaves: tuple[bytes, ...]
    leaf_hashes: tuple[bytes, ...]
    openings: tuple[DeliveredOpening, ...]
    misopened: tuple[int, ...]
    signed: SignedCheckpoint
    path: tuple[bytes, ...]

    def holds(self, frontier: Frontier, log_key: VerifierKey) -> bool:
        """Whether what was checked is what is to be checked now."""
        return self.before == frontier and self.log_key == log_key


def accept(
    replica: Replica,
    batch: DeliveredBatch,
    log_key: VerifierKey,
    linked: LinkedBatch | None = None,
    *,
    by_origin: bool = False,
) -> ProvedBatch | None:
    """Check a delivered batch against the replica (R1-R7).

    Args:
        replica: what is held of the log.
        batch: as delivered.
        log_key: the log's key.
        linked: what `link` made of the batch beforehand; taken only where it still holds.
        by_origin: whether the origin's own node delivered it (E3).

    Returns:
        The proved batch, or None where it only repeats leaves that are held.

    Raises:
        ReplicationError: see `link`.
        ForkError: the origin's fault, with the proof.
    """
    if linked is None or not linked.holds(replica.frontier, log_key):
        linked = link(replica.frontier, batch, log_key, by_origin=by_origin)
    if linked is None:
        return None
    _compare_with_seen(replica, linked.leaf_hashes, linked.signed, linked.path)
    return ProvedBatch(
        origin=batch.origin,
        first_index=replica.size,
        leaves=linked.leaves,
        leaf_hashes=linked.leaf_hashes,
        openings=linked.openings,
        misopened=linked.misopened,
        signed=linked.signed,
        replica=_advance(replica, linked.after, linked.signed),
    )


def link(
    frontier: Frontier, batch: DeliveredBatch, log_key: VerifierKey, *, by_origin: bool = False
) -> LinkedBatch | None:
    """Check all of a batch that depends on nothing but where the log stands (R1-R5, R7).

    This is nearly all of the work, and can be done while the batch before is being stored.

    Args:
        frontier: where the log stands.
        batch: as delivered.
        log_key: the log's key.
        by_origin: whether the origin's own node delivered it (E3).

    Returns:
        The checked batch, or None where it only repeats leaves that are held.

    Raises:
        ReplicationError: the deliverer's fault; `batch.bounds`, `batch.gap`,
            `batch.checkpoint`, `batch.behind`, `batch.unproved`.
    """
    _check_bounds(batch)
    skip = frontier.size - batch.first_index
    if skip < 0:
        message = f"{batch.origin}: expected leaves from {frontier.size}, got {batch.first_index}"
        raise ReplicationError("batch.gap", message)
    if skip >= len(batch.leaves):
        return None
    signed = open_note(batch.origin, batch.checkpoint, log_key)
    leaves, openings = batch.leaves[skip:], batch.openings[skip:]
    end = frontier.size + len(leaves)
    target = signed.checkpoint
    if target.size < end:
        message = f"{batch.origin}: checkpoint of size {target.size} for leaves up to {end}"
        raise ReplicationError("batch.behind", message)
    hashes = leaf_hashes(leaves)
    after = frontier.extend(hashes)
    try:
        verify_consistency(
            old_size=end,
            new_size=target.size,
            old_root=after.root(),
            new_root=target.root,
            proof=batch.path,
        )
    except CryptoError as error:
        message = f"{batch.origin}: leaves up to {end} do not lead to the checkpoint: {error}"
        raise ReplicationError("batch.unproved", message) from error
    checked, misopened = check_openings(
        batch.origin, frontier.size, leaves, openings, by_origin=by_origin
    )
    return LinkedBatch(
        log_key=log_key,
        before=frontier,
        after=after,
        leaves=leaves,
        leaf_hashes=tuple(hashes),
        openings=checked,
        misopened=misopened,
        signed=signed,
        path=batch.path,
    )


def open_note(origin: Origin, note: bytes, log_key: VerifierKey) -> SignedCheckpoint:
    """Open a checkpoint that must be of this log (R3).

    Raises:
        ReplicationError: `batch.checkpoint`.
    """
    try:
        signed = open_checkpoint(note, log_key)
    except CryptoError as error:
        message = f"{origin}: checkpoint refused: {error}"
        raise ReplicationError("batch.checkpoint", message) from error
    if signed.checkpoint.origin != origin:
        message = f"expected a checkpoint of {origin}, got one of {signed.checkpoint.origin}"
        raise ReplicationError("batch.checkpoint", message)
    return signed


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


def check_openings(
    origin: Origin,
    first_index: int,
    leaves: Sequence[bytes],
    openings: Sequence[DeliveredOpening],
    *,
    by_origin: bool = False,
) -> tuple[tuple[DeliveredOpening, ...], tuple[int, ...]]:
    """Check delivered openings against their leaves (R7, E1-E3).

    Args:
        origin: the log.
        first_index: of the first leaf.
        leaves: exact bytes.
        openings: one for each, as delivered.
        by_origin: whether the origin's own node delivered them.

    Returns:
        The openings, with `PENDING` where one did not open or its absence is not believed, and
        the indices of those that did not open.
    """
    commit = Committer(origin).commit
    checked: list[DeliveredOpening] = []
    misopened: list[int] = []
    for offset, (leaf, opening) in enumerate(zip(leaves, openings, strict=True)):
        status = opening.status
        if len(leaf) != LEAF_SIZE or leaf[0] != LEAF_VERSION or status != OpeningStatus.PRESENT:
            checked.append(_absent(leaf, status, by_origin=by_origin))
        elif _opens(commit, leaf, opening):
            checked.append(opening)
        else:
            misopened.append(first_index + offset)
            checked.append(PENDING)
    return tuple(checked), tuple(misopened)


def _opens(commit: Commit, leaf: bytes, opening: DeliveredOpening) -> bool:
    try:
        computed = commit(opening.salt, leaf[:HEADER_SIZE], opening.payload)
    except CryptoError:
        return False
    return computed == leaf[HEADER_SIZE:]


def _absent(leaf: bytes, status: int, *, by_origin: bool) -> DeliveredOpening:
    """What an absent opening means (E1-E3).

    Open kinds are for everyone and never erased; reliefs are kept for every node until the
    longest period ends, and a deliverer that says otherwise could keep a relief from a record.
    """
    if status == OpeningStatus.NOT_FOR_US and by_origin and may_be_absent(leaf):
        return _NOT_FOR_US
    return PENDING


def may_be_absent(leaf: bytes) -> bool:
    """Whether an opening of this leaf's kind may be kept from a reader at all (E1)."""
    return len(leaf) <= 1 or leaf[1] not in _NEVER_ABSENT


def _check_bounds(batch: DeliveredBatch) -> None:
    count = len(batch.leaves)
    total = sum(map(len, batch.leaves)) + sum(len(o.payload) for o in batch.openings)
    longest = max(map(len, batch.leaves), default=0)
    if (
        not 0 < count <= MAX_BATCH_LEAVES
        or len(batch.openings) != count
        or total > MAX_BATCH_BYTES
        or longest > MAX_LEAF
        or len(batch.path) > MAX_PATH
        or batch.first_index < 0
    ):
        message = (
            f"{batch.origin}: expected 1-{MAX_BATCH_LEAVES} leaves of at most {MAX_LEAF} bytes "
            f"with one opening each and {MAX_BATCH_BYTES} bytes in all, got {count} leaves, "
            f"{len(batch.openings)} openings, {total} bytes, {len(batch.path)} hashes"
        )
        raise ReplicationError("batch.bounds", message)


def _compare_with_seen(
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


def _advance(replica: Replica, frontier: Frontier, signed: SignedCheckpoint) -> Replica:
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
