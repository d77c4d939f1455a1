"""One entry tile of an exported log, with the hash tile over it and its openings of open kinds.

Needs no other tile, so that tiles may be judged one after the other or side by side; what they
give is put together, in order, by `federation.audit._tree.TreeAudit`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from crypto.commitment import Committer
from crypto.errors import CryptoError, FormatError
from crypto.merkle import HASH_SIZE, Frontier, leaf_hashes, root_of
from crypto.tiles import (
    MAX_ENTRY,
    TILE_SIZE,
    TILE_WIDTH,
    parse_entry_tile,
    tile_path,
)
from federation.audit.export_names import MAX_OPENING_FILE, opening_path, parse_opening
from federation.errors import StatementError
from federation.rows import LISTED_KINDS
from federation.statements import HEADER_SIZE, LEAF_SIZE, LEAF_VERSION, OPEN_KINDS, commitment_of

Read: TypeAlias = Callable[[str, int], bytes | None]
"""Reads a file: at most one byte more than the limit, None where there is none."""

MAX_ENTRY_TILE: Final = TILE_WIDTH * (2 + MAX_ENTRY)
MISSING: Final = "expected this file"

_STRIDE: Final = 2 + LEAF_SIZE
_KIND_OFFSET: Final = 3
_ISSUED: Final = f"6xQ{LEAF_SIZE - 12}x"
"""Of an entry: after its length and four bytes of the header."""
_IDS: Final = f"14x16s{LEAF_SIZE - 28}x"
"""Likewise: the statement id after the time."""
_LISTED: Final = bytes(LISTED_KINDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something in an export that is not as it must be; `code` is stable."""

    code: str
    path: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What the leaves of one tile say, as far as anybody reads it.

    Attributes:
        first: index of the first leaf.
        kinds: of each leaf, a byte; 0 where a leaf is too short for a header.
        issued: what each claims as its time, likewise.
        others: (index, header) of all leaves but listings and commendations.
        payloads: (index, payload) of the openings of open kinds.
    """

    first: int
    kinds: bytes
    issued: tuple[int, ...]
    others: tuple[tuple[int, bytes], ...]
    payloads: tuple[tuple[int, bytes], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TileFacts:
    """What one tile gave.

    Attributes:
        number: of the tile, from 0.
        width: its leaves.
        hashes: roots of the perfect subtrees over its leaves, the largest first: one where it
            is full. Taken from the hash tile where the entries are not to be read.
        lost: neither entries nor hashes are to be read, so that `hashes` say nothing.
        differs: the hash tile is not what `hashes` were made of.
        openings: of open kinds, that open their leaves.
        findings: what is wrong already without any other tile.
        noted: what the leaves say, where that was asked for.
    """

    number: int
    width: int
    hashes: tuple[bytes, ...]
    lost: bool
    differs: bool
    openings: int
    findings: tuple[Finding, ...]
    noted: Noted | None = None


def judge_tiles(
    read: Read, origin: str, tiles: Sequence[tuple[int, int]], *, noting: bool = False
) -> list[TileFacts]:
    """Judge some tiles of a log: A3, A4 at level 0, A5 of open kinds.

    Args:
        read: gives the files of the export.
        origin: of the log, as its checkpoint names it.
        tiles: entry tiles, (number, width).
        noting: also take down what the leaves say (`TileFacts.noted`).
    """
    commit = Committer(origin)
    return [_judge(read, commit, number, width, noting=noting) for number, width in tiles]


def parse_leaves(data: bytes, width: int) -> Sequence[bytes]:
    """Entries of a tile; those of leaves of version 1, all of one length, are cut at once.

    Raises:
        FormatError: bytes are missing, or it holds another number of entries.
    """
    if _uniform(data, width):
        return struct.unpack(f"2x{LEAF_SIZE}s" * width, data)
    leaves = parse_entry_tile(data)
    if len(leaves) != width:
        message = f"expected {width} entries, got {len(leaves)}"
        raise FormatError(message)
    return leaves


def statement_ids(data: bytes, width: int) -> Sequence[bytes]:
    """The statement ids of an entry tile, in order; of a leaf too short for one what it has.

    Raises:
        FormatError: as of `parse_leaves`.
    """
    if _uniform(data, width):
        return struct.unpack(_IDS * width, data)
    return [leaf[12:28] for leaf in parse_leaves(data, width)]


def is_open(leaf: bytes) -> bool:
    """Tell whether a leaf is of an open kind, whose opening is never erased."""
    return len(leaf) == LEAF_SIZE and leaf[0] == LEAF_VERSION and leaf[1] in OPEN_KINDS


def judge_opening(commit: Committer, path: str, data: bytes, leaf: bytes) -> Finding | None:
    """Check that the file of an opening opens its leaf (A5); None where it does."""
    try:
        opening = parse_opening(data)
        commit.verify(
            commitment_of(leaf),
            salt=opening.salt,
            header=leaf[:HEADER_SIZE],
            payload=opening.payload,
        )
    except (CryptoError, StatementError) as error:
        return Finding(code="opening.mismatch", path=path, message=str(error))
    return None


def _judge(read: Read, commit: Committer, number: int, width: int, *, noting: bool) -> TileFacts:
    findings: list[Finding] = []
    path = tile_path("entries", number, width)
    data = read(path, MAX_ENTRY_TILE)
    leaves: Sequence[bytes] = ()
    if data is None:
        findings.append(Finding(code="file.missing", path=path, message=MISSING))
    else:
        try:
            leaves = parse_leaves(data, width)
        except FormatError as error:
            findings.append(Finding(code="entries.malformed", path=path, message=str(error)))
    path = tile_path(0, number, width)
    tile = read(path, TILE_SIZE)
    if tile is None:
        findings.append(Finding(code="file.missing", path=path, message=MISSING))
    readable = tile is not None and len(tile) == width * HASH_SIZE
    lost = not leaves and not readable
    if leaves:
        hashes = leaf_hashes(leaves)
    elif tile is not None and readable:
        hashes = [tile[begin : begin + HASH_SIZE] for begin in range(0, len(tile), HASH_SIZE)]
    else:
        hashes = [bytes(HASH_SIZE)] * width
    payloads: list[tuple[int, bytes]] = []
    if data is not None and leaves and _may_be_open(data, width):
        for index, leaf in enumerate(leaves, number * TILE_WIDTH):
            if is_open(leaf):
                opened = _open_kind(read, commit, index, leaf)
                if isinstance(opened, Finding):
                    findings.append(opened)
                else:
                    payloads.append((index, opened))
    return TileFacts(
        number=number,
        width=width,
        hashes=_perfect_roots(hashes),
        lost=lost,
        differs=tile is not None and tile != b"".join(hashes),
        openings=len(payloads),
        findings=tuple(findings),
        noted=_noted(data, leaves, number, payloads) if noting and data is not None else None,
    )


def _noted(
    data: bytes, leaves: Sequence[bytes], number: int, payloads: Sequence[tuple[int, bytes]]
) -> Noted:
    first, width = number * TILE_WIDTH, len(leaves)
    if leaves and _uniform(data, width):
        kinds = data[_KIND_OFFSET::_STRIDE]
        issued = struct.unpack(">" + _ISSUED * width, data)
    else:
        kinds, issued = _kinds_and_times(leaves)
    return _noted_of(first, leaves, kinds, issued, payloads)


def note_leaves(
    first: int, leaves: Sequence[bytes], payloads: Sequence[tuple[int, bytes]]
) -> Noted:
    """What leaves say that begin at any index; `payloads` are those of open kinds among them."""
    return _noted_of(first, leaves, *_kinds_and_times(leaves), payloads)


def _kinds_and_times(leaves: Sequence[bytes]) -> tuple[bytes, tuple[int, ...]]:
    whole = [leaf if len(leaf) >= HEADER_SIZE else bytes(HEADER_SIZE) for leaf in leaves]
    kinds = bytes(leaf[1] for leaf in whole)
    return kinds, tuple(int.from_bytes(leaf[4:12], "big") for leaf in whole)


def _noted_of(
    first: int,
    leaves: Sequence[bytes],
    kinds: bytes,
    issued: tuple[int, ...],
    payloads: Sequence[tuple[int, bytes]],
) -> Noted:
    others = (
        tuple(
            (first + place, leaves[place][:HEADER_SIZE])
            for place, kind in enumerate(kinds)
            if kind not in _LISTED
        )
        if kinds.translate(None, _LISTED)
        else ()
    )
    return Noted(first=first, kinds=kinds, issued=issued, others=others, payloads=tuple(payloads))


def _perfect_roots(hashes: Sequence[bytes]) -> tuple[bytes, ...]:
    if len(hashes) == TILE_WIDTH:
        return (root_of(hashes),)
    return Frontier.empty().extend(hashes).hashes


def _open_kind(read: Read, commit: Committer, index: int, leaf: bytes) -> Finding | bytes:
    path = opening_path(index)
    data = read(path, MAX_OPENING_FILE)
    if data is None:
        message = f"leaf {index} is of an open kind; expected its opening"
        return Finding(code="opening.missing", path=path, message=message)
    return judge_opening(commit, path, data, leaf) or parse_opening(data).payload


def _uniform(data: bytes, width: int) -> bool:
    """Whether an entry tile holds this number of entries of 76 bytes."""
    return (
        len(data) == width * _STRIDE
        and not any(data[0::_STRIDE])
        and data[1::_STRIDE] == bytes((LEAF_SIZE,)) * width
    )


def _may_be_open(data: bytes, width: int) -> bool:
    """Whether a tile may hold leaves of open kinds, without looking at each."""
    return not _uniform(data, width) or not OPEN_KINDS.isdisjoint(data[_KIND_OFFSET::_STRIDE])
