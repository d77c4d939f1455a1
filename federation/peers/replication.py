"""Following a log: only what is proved against a signed checkpoint is ever accepted.

`accept` takes a `Replica` and one delivered batch and returns the next replica with the checked
leaves, or raises; nothing here does I/O. Each batch carries the RFC 6962 §2.1.2 consistency path
from its end to its checkpoint, so that a prefix of a long history can be committed at once.

Checks of a batch, in this order:

    R1  bounds: at most `MAX_BATCH_LEAVES` leaves, `MAX_BATCH_BYTES` bytes, one opening for each
    R2  it begins where the replica ends (a repetition is skipped, a gap refused)
    R3  the checkpoint is signed by the log's key and names the log
    R4  the checkpoint is not smaller than the batch's end
    R5  the consistency path leads from the root over our leaves and these to the checkpoint's
    R6  `federation.peers.replica`: no checkpoint seen before contradicts our leaves
    R7  `federation.peers.openings`: an opening opens the commitment of its leaf

Once a batch is read (`federation.life.reading.misdirected`):

    R8  an opening whose audience does not let us receive it is not kept; where it names no
        alliance of ours, or as members only others, the deliverer is blamed. What relieves a
        subject is kept all the same
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from crypto.checkpoint import SignedCheckpoint, open_checkpoint
from crypto.errors import CryptoError
from crypto.keys import VerifierKey
from crypto.merkle import (
    Frontier,
    leaf_hashes,
    verify_consistency,
)
from federation.errors import ReplicationError
from federation.ids import Origin
from federation.peers.openings import DeliveredOpening, OpeningCheck, check_openings
from federation.peers.replica import Replica, advance, compare_with_seen

MAX_BATCH_LEAVES: Final = 1024
"""SPEC §9.4 (R1); throughput was best with batches of 256 to 1024 leaves."""
MAX_BATCH_BYTES: Final = 1024 * 1024
"""Leaves and payloads of one batch; with salts of 32 KiB a message is far below gRPC's 4 MiB."""
MAX_PATH: Final = 64
"""Hashes of a path; none in a tree of 2⁶³-1 leaves has more."""
MAX_LEAF: Final = 1024
"""Longest leaf of any version that is mirrored."""


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
    compare_with_seen(replica, linked.leaf_hashes, linked.signed, linked.path)
    return ProvedBatch(
        origin=batch.origin,
        first_index=replica.size,
        leaves=linked.leaves,
        leaf_hashes=linked.leaf_hashes,
        openings=linked.openings,
        misopened=linked.misopened,
        signed=linked.signed,
        replica=advance(replica, linked.after, linked.signed),
    )


def link(
    frontier: Frontier,
    batch: DeliveredBatch,
    log_key: VerifierKey,
    *,
    by_origin: bool = False,
    check: OpeningCheck | None = None,
) -> LinkedBatch | None:
    """Check all of a batch that depends on nothing but where the log stands (R1-R5, R7).

    This is nearly all of the work, and can be done while the batch before is being stored.

    Args:
        frontier: where the log stands.
        batch: as delivered.
        log_key: the log's key.
        by_origin: whether the origin's own node delivered it (E3).
        check: `check_openings`, or who does the same elsewhere; asked once R1-R5 hold.

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
    checked, misopened = (check or check_openings)(
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
