"""Following a log from static files (C2SP tlog-tiles), into a copy that anyone can verify again.

    FO1 nothing is kept but what the log's key signed: the leaves that are held and those that came
        give the root of the checkpoint
    FO2 a checkpoint that is smaller than the one held changes nothing; it is only older
    FO3 one that does not begin with what is held proves a fork, which is kept; nothing else changes
    FO4 what a checkpoint covers is there before the checkpoint is
    FO5 openings of open kinds come with the leaves, as far as the source has them, and open them

The source is asked for what is new alone. What a full tile holds never changes, so that an old copy
costs no more to bring up than it lacks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from crypto.checkpoint import open_checkpoint
from crypto.commitment import Committer
from crypto.cosignature import only_known, verify_cosignatures
from crypto.errors import CryptoError, FormatError, ProofError
from crypto.fork import ForkProof, bare_fork
from crypto.keys import VerifierKey
from crypto.merkle import (
    EMPTY_ROOT,
    HASH_SIZE,
    Frontier,
    consistency_proof,
    frontier_at,
    leaf_hashes,
)
from crypto.notes import MAX_NOTE_SIZE
from crypto.tiles import (
    TILE_HEIGHT,
    TILE_SIZE,
    TILE_WIDTH,
    TileLevel,
    TileReader,
    format_entry_tile,
    grow,
    parse_entry_tile,
    parse_tile_path,
    tile_path,
)
from federation.audit._tiles import MAX_ENTRY_TILE, is_open, judge_opening
from federation.audit._tree import tile_expected
from federation.audit.export_names import (
    CHECKPOINT,
    MAX_OPENING_FILE,
    TILES,
    VKEY,
    opening_path,
)
from federation.audit.histories import tiles_of
from federation.audit.verification import ExportFiles


class Source(Protocol):
    """Where the files of a log come from; `federation.audit.verification.ExportFiles` is one."""

    def read(self, path: str, limit: int) -> bytes | None:
        """The bytes of a file, at most one more than `limit`; None where there is none."""
        ...


class Copy(ExportFiles, Protocol):
    """The copy; what is put is durable and whole, or not there."""

    def put(self, path: str, data: bytes) -> None:
        """Put a file in the place of an older one."""
        ...

    def drop(self, path: str) -> None:
        """Remove a file."""
        ...


class What(StrEnum):
    """What became of a copy."""

    GROWN = "grown"
    SAME = "same"
    OLDER = "older"
    """The source shows less than is held."""
    FORKED = "forked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What one visit brought.

    Attributes:
        size: leaves of the copy.
        shown: leaves of the source's checkpoint.
        missing: openings of open kinds that the source does not have.
        fork: where two histories are signed.
    """

    what: What
    size: int
    shown: int
    missing: int = 0
    fork: ForkProof | None = None


def follow(
    copy: Copy, source: Source, key: VerifierKey, cosigners: Sequence[VerifierKey]
) -> Followed:
    """Bring a copy up to what a source shows.

    Args:
        copy: empty, or what an earlier visit left.
        source: believed in nothing.
        key: of the log, known from elsewhere.
        cosigners: keys of those whose lines are kept.

    Raises:
        CryptoError: the source shows what its key did not sign, or not all of it.
        OSError: the copy cannot be written.
    """
    data = source.read(CHECKPOINT, MAX_NOTE_SIZE)
    if data is None:
        message = f"{CHECKPOINT}: the source has no such file"
        raise FormatError(message)
    new = open_checkpoint(data, key)
    note = only_known(new.note, (key, *cosigners))
    verify_cosignatures(note, cosigners)
    held = copy.read(CHECKPOINT, MAX_NOTE_SIZE)
    old = None if held is None else open_checkpoint(held, key)
    size, shown = 0 if old is None else old.checkpoint.size, new.checkpoint.size
    if shown < size:
        return Followed(what=What.OLDER, size=size, shown=shown)
    if old is not None and shown == size:
        if old.checkpoint.root != new.checkpoint.root:
            proof = ForkProof(smaller=held or b"", larger=data, prefix=None, path=())
            fork = bare_fork(proof, key)
            return Followed(what=What.FORKED, size=size, shown=shown, fork=fork)
        copy.put(CHECKPOINT, note.to_bytes())
        return Followed(what=What.SAME, size=size, shown=shown)
    frontier = _frontier(copy, size)
    fetched = _Fetched(source, copy, new.checkpoint.origin, size, shown, frontier)
    fetched.take()
    if fetched.frontier.root() != new.checkpoint.root:
        fork = proved_fork(source, held, data, key, size, shown)
        return Followed(what=What.FORKED, size=size, shown=shown, fork=fork)
    fetched.keep()
    copy.put(VKEY, "".join(f"{one}\n" for one in (key, *cosigners)).encode())
    copy.put(CHECKPOINT, note.to_bytes())
    _drop_partials(copy, shown)
    return Followed(what=What.GROWN, size=shown, shown=shown, missing=fetched.missing)


class _Fetched:
    """New leaves, fetched and not yet kept: they are read twice, so that little is in memory."""

    def __init__(
        self,
        source: Source,
        copy: Copy,
        origin: str,
        size: int,
        shown: int,
        frontier: Frontier,
    ) -> None:
        self._source, self._copy = source, copy
        self._commit = Committer(origin)
        self._size, self._shown = size, shown
        self.frontier = frontier
        self.missing = 0

    def take(self) -> None:
        """Hash all leaves beyond those held; full entry tiles are kept as they come."""
        for _, leaves in self._tiles():
            self.frontier = self.frontier.extend(leaf_hashes(leaves))

    def keep(self) -> None:
        """Write tiles and openings; the checkpoint has proved them."""
        partials: dict[int, bytes] = {}
        level, count = 0, self._size
        while count:
            if width := count % TILE_WIDTH:
                path = tile_path(level, count // TILE_WIDTH, width)
                partials[level] = self._copy.read(path, TILE_SIZE) or b""
            level, count = level + 1, count >> TILE_HEIGHT
        at = self._size
        for number, leaves in self._tiles():
            hashes = leaf_hashes(leaves)
            grown = grow(at, partials, hashes)
            for (tile_level, place), data in grown.tiles.items():
                self._copy.put(tile_path(tile_level, place, len(data) // 32), data)
            partials, at = dict(grown.partials), grown.size
            first = number * TILE_WIDTH
            whole = [*self._before(number), *leaves]
            width = len(whole)
            self._copy.put(tile_path("entries", number, width), format_entry_tile(whole))
            for index, leaf in enumerate(whole, first):
                if index >= self._size and is_open(leaf):
                    self._opening(index, leaf)

    def _opening(self, index: int, leaf: bytes) -> None:
        path = opening_path(index)
        data = self._source.read(path, MAX_OPENING_FILE)
        if data is None:
            self.missing += 1
            return
        wrong = judge_opening(self._commit, path, data, leaf)
        if wrong is not None:
            message = f"{path}: {wrong.message}"
            raise ProofError(message)
        self._copy.put(path, data)

    def _tiles(self) -> Iterator[tuple[int, list[bytes]]]:
        return new_leaves(self._source, self._size, self._shown)

    def _before(self, number: int) -> list[bytes]:
        """The leaves of a tile that are held already."""
        width = self._size - number * TILE_WIDTH
        if not 0 < width < TILE_WIDTH:
            return []
        data = self._copy.read(tile_path("entries", number, width), MAX_ENTRY_TILE)
        return parse_entry_tile(data or b"")


def new_leaves(source: Source, size: int, shown: int) -> Iterator[tuple[int, list[bytes]]]:
    """The leaves that a source shows from `size` to `shown`, tile by tile with its number.

    Raises:
        FormatError: a tile is not there, or is none.
    """
    for number in range(size // TILE_WIDTH, -(-shown // TILE_WIDTH)):
        width = min(TILE_WIDTH, shown - number * TILE_WIDTH)
        data, wide = _read_tile(source, "entries", number, width)
        if data is None:
            message = f"{tile_path('entries', number, width)}: the source has no such file"
            raise FormatError(message)
        leaves = parse_entry_tile(data)
        if len(leaves) != wide:
            message = f"entry tile {number}: expected {wide} entries, got {len(leaves)}"
            raise FormatError(message)
        yield number, leaves[max(0, size - number * TILE_WIDTH) : width]


def source_tree(source: Source, size: int) -> TileReader:
    """The tree of a size as a source shows it; nothing of it is verified.

    What it reads raises `ProofError` where a tile is not there.
    """

    def fetch(places: Sequence[tuple[int, int]]) -> list[bytes]:
        return [_tile(source, size, level, number) for level, number in places]

    return TileReader(size, fetch)


def _read_tile(
    source: Source, level: TileLevel, number: int, width: int
) -> tuple[bytes | None, int]:
    """A tile of this width, or the full one: a partial one may go once that is there.

    Returns:
        The tile, and how wide it must be.
    """
    limit = MAX_ENTRY_TILE if level == "entries" else TILE_SIZE
    data = source.read(tile_path(level, number, width), limit)
    if data is None and width < TILE_WIDTH:
        return source.read(tile_path(level, number, TILE_WIDTH), limit), TILE_WIDTH
    return data, width


def _frontier(copy: Copy, size: int) -> Frontier:
    return frontier_at(size, tiles_of(copy, size)) if size else Frontier.empty()


def _drop_partials(copy: Copy, size: int) -> None:
    """Remove the partial tiles of smaller sizes, those too that a crash left behind."""
    for path in [path for path in copy.paths() if path.startswith(TILES) and ".p/" in path]:
        with suppress(FormatError):
            if not tile_expected(size, *parse_tile_path(path)):
                copy.drop(path)


def proved_fork(
    source: Source, held: bytes | None, data: bytes, key: VerifierKey, size: int, shown: int
) -> ForkProof:
    """Prove that the source's tree, as signed, does not begin with what is held.

    Raises:
        ProofError: the source's tiles do not give its root either: it has shown no history at all.
    """
    tree = source_tree(source, shown)
    if (
        held is None
        or frontier_at(shown, tree).root() != open_checkpoint(data, key).checkpoint.root
    ):
        message = f"the {shown} leaves that the source shows do not give the root that is signed"
        raise ProofError(message)
    prefix = frontier_at(size, tree).root() if size else EMPTY_ROOT
    path = tuple(consistency_proof(size, shown, tree))
    try:
        return bare_fork(ForkProof(smaller=held, larger=data, prefix=prefix, path=path), key)
    except CryptoError as error:
        message = f"the leaves that the source shows are not those of its tiles: {error}"
        raise ProofError(message) from error


def _tile(source: Source, size: int, level: int, number: int) -> bytes:
    width = min(TILE_WIDTH, (size >> TILE_HEIGHT * level) - number * TILE_WIDTH)
    data, wide = _read_tile(source, level, number, width)
    if data is None or len(data) != wide * HASH_SIZE:
        message = f"{tile_path(level, number, width)}: the source has no such tile"
        raise ProofError(message)
    return data[: width * HASH_SIZE]
