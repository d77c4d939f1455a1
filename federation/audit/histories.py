"""Whether the checkpoints of one log are all of one history, in one export or in several.

    AD11 every checkpoint of a log, from wherever it comes, is a prefix of the largest one; two that
        are not prove that its key signed two histories, and a fork file says so to anyone
    AD12 a checkpoint with a time that the auditor's clock has not reached proves a wrong clock: a
         finding where all who vouched for it say so; what only some say judges nothing

Nothing is read here but the verified hash tiles of the larger log.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crypto.checkpoint import SignedCheckpoint, open_checkpoint
from crypto.cosignature import verify_cosignatures
from crypto.errors import CryptoError, ProofError
from crypto.fork import ForkProof, bare_fork, parse_fork, verify_fork
from crypto.keys import VerifierKey
from crypto.merkle import EMPTY_ROOT, consistency_proof, frontier_at
from crypto.tiles import TILE_SIZE, TILE_WIDTH, TileReader, tile_path
from federation.audit.found import Found, Weight
from federation.audit.log_facts import AHEAD_SECONDS, KeptNote
from federation.audit.months import LATEST
from federation.audit.verification import ExportFiles
from federation.ids import Origin, Timestamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A checkpoint that an export shows: `data` verbatim, signed by the log's key."""

    export: int
    path: str
    data: bytes
    signed: SignedCheckpoint


def open_seen(data: bytes | None, key: VerifierKey, export: int, path: str) -> Seen:
    """Open a checkpoint.

    Raises:
        CryptoError: it is none, or not signed by the log's key.
    """
    return Seen(
        export=export, path=path, data=data or b"", signed=open_checkpoint(data or b"", key)
    )


def times_of(seen: Seen, independent: Sequence[VerifierKey]) -> tuple[Timestamp, ...]:
    """The times at which independent keys vouched for a checkpoint, none after `LATEST`.

    Raises:
        CryptoError: a line of a known key is bad.
    """
    found = verify_cosignatures(seen.signed.note, independent)
    return tuple(Timestamp(min(one.timestamp, LATEST)) for one in found)


def kept(
    seen: Iterable[Seen], independent: Sequence[VerifierKey], heads: Sequence[VerifierKey]
) -> list[KeptNote]:
    """Checkpoints with the times that others gave them, by size, of each size the earliest.

    Lines that are bad count for nothing here; whoever reads the files finds them.

    Args:
        seen: of one log and history.
        independent: keys of other nodes.
        heads: keys by which its own node says what its newest head is.
    """
    by_size: dict[int, tuple[Timestamp, Timestamp, Timestamp]] = {}
    for one in seen:
        try:
            times, own = times_of(one, independent), times_of(one, heads)
        except CryptoError:
            continue
        if not times:
            continue
        size = one.signed.checkpoint.size
        first = min(times), max(times), Timestamp(0)
        earliest, latest, signed = by_size.get(size, first)
        by_size[size] = min(earliest, *times), max(latest, *times), max(signed, *own, signed)
    return [KeptNote(size, *by_size[size]) for size in sorted(by_size)]


def tiles_of(files: ExportFiles, size: int, folder: str = "") -> TileReader:
    """Read subtrees of a log whose tiles were verified."""

    def fetch(places: Sequence[tuple[int, int]]) -> list[bytes]:
        found = []
        for level, number in places:
            count = size >> 8 * level
            width = min(TILE_WIDTH, count - number * TILE_WIDTH)
            data = files.read(f"{folder}{tile_path(level, number, width)}", TILE_SIZE)
            if data is None:
                message = f"{tile_path(level, number, width)}: expected this file"
                raise ProofError(message)
            found.append(data)
        return found

    return TileReader(size, fetch)


def compared(
    largest: Seen, others: Iterable[Seen], read: TileReader, key: VerifierKey
) -> list[tuple[Seen, ForkProof]]:
    """Those checkpoints that are not of the history of the largest, each with the proof (AD11).

    Args:
        largest: whose tree is verified.
        others: of the same log, no larger.
        read: the tree of the largest.
        key: of the log.

    Raises:
        CryptoError: the tree cannot be read.
    """
    size = largest.signed.checkpoint.size
    forks = []
    for one in others:
        point = one.signed.checkpoint
        root = frontier_at(point.size, read).root() if point.size else EMPTY_ROOT
        if root == point.root:
            continue
        same = point.size == size
        proof = ForkProof(
            smaller=one.data,
            larger=largest.data,
            prefix=None if same else root,
            path=() if same else tuple(consistency_proof(point.size, size, read)),
        )
        forks.append((one, bare_fork(proof, key)))
    return forks


def proved_again(data: bytes, key: VerifierKey) -> tuple[int, int]:
    """Sizes of the two checkpoints of a fork file, verified.

    Raises:
        CryptoError: it proves nothing.
    """
    smaller, larger = verify_fork(parse_fork(data), key)
    return smaller.checkpoint.size, larger.checkpoint.size


def ahead(notes: Iterable[KeptNote], origin: Origin, export: int, now: Timestamp) -> list[Found]:
    """Times that the auditor's clock has not reached (AD12)."""
    found = [note for note in notes if note.latest > now + AHEAD_SECONDS]
    if not found:
        return []
    latest = max(note.latest for note in found)
    by_all = any(note.earliest > now + AHEAD_SECONDS for note in found)
    message = (
        f"a checkpoint is cosigned {latest - now} s ahead of this machine's clock: the clock of "
        "the cosigner, or this one, is wrong"
        if by_all
        else f"one of several cosigned a checkpoint {latest - now} s ahead of this machine's clock "
        "and of the others: the clock of that cosigner is wrong, and the log is not to blame"
    )
    return [
        Found(
            weight=Weight.FINDING if by_all else Weight.INCOMPLETE,
            code="checkpoint.time-ahead",
            message=message,
            export=export,
            origin=origin,
        )
    ]
