"""Tiles of a log (C2SP tlog-tiles v0.1.0, height 8): the tree cut into files.

A tile holds up to 256 neighbouring hashes of every eighth level of the tree: level 0 the
leaf hashes, level l + 1 the roots of the *full* tiles of level l. The levels between are
hashed again when they are needed. A full tile never changes; a partial one, with its width
in its name, never changes either, and is replaced by a wider one. Widths are in hashes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from crypto._tree import require_hashes
from crypto.errors import FormatError, ProofError
from crypto.merkle import HASH_SIZE, root_of
from crypto.strict import MAX_SIZE, parse_decimal, require_length, require_range

TILE_HEIGHT = 8
"""Levels of the tree that one tile spans."""

TILE_WIDTH = 1 << TILE_HEIGHT
"""Hashes of a full tile, entries of a full entry tile."""

TILE_SIZE = TILE_WIDTH * HASH_SIZE
"""Bytes of a full hash tile."""

MAX_LEVEL = 63
"""Highest tile level that can be named (tlog-tiles, Merkle Tree)."""

MAX_ENTRY = 0xFFFF
"""Bytes of the longest entry of an entry tile."""

TileLevel: TypeAlias = int | Literal["entries"]
"""Level of a hash tile, or the word that stands in its place in the path of entry tiles."""

TileFetch: TypeAlias = Callable[[Sequence[tuple[int, int]]], Sequence[bytes]]
"""Reads stored hash tiles by (level, n), in order: each as wide as it is stored."""

_GROUP = 1000
_LENGTH_SIZE = 2
_PATH = re.compile(
    r"tile/(?P<level>entries|[0-9]{1,2})/(?P<n>(?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/(?P<width>[0-9]{1,3}))?"
)


def tile_path(level: TileLevel, n: int, width: int) -> str:
    """Name a tile under a log's prefix (tlog-tiles, Merkle Tree and Log Entries).

    Such as ``tile/0/x001/x234/067``, or ``tile/entries/000.p/12`` for a partial one.

    Args:
        level: 0 to 63, or ``entries``.
        n: number of the tile at its level, from 0.
        width: 1 to 256; a full tile has no width in its name.

    Raises:
        FormatError: a part is out of range.
    """
    if level != "entries":
        require_range("tile level", level, 0, MAX_LEVEL)
    require_range("tile number", n, 0, MAX_SIZE)
    require_range("tile width", width, 1, TILE_WIDTH)
    rest, last = divmod(n, _GROUP)
    path = f"{last:03}"
    while rest:
        rest, group = divmod(rest, _GROUP)
        path = f"x{group:03}/{path}"
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{level}/{path}{partial}"


def parse_tile_path(path: str) -> tuple[TileLevel, int, int]:
    """Read what ``tile_path`` wrote, in that one spelling.

    Returns:
        (level, n, width).

    Raises:
        FormatError: any other text, such as a width of 256 or groups of leading zeroes.
    """
    match = _PATH.fullmatch(path)
    if match is None:
        msg = f"not the path of a tile: {path[:64]!r}"
        raise FormatError(msg)
    level: TileLevel = "entries"
    if match["level"] != "entries":
        level = parse_decimal(match["level"])
    n = int(match["n"].replace("x", "").replace("/", ""))
    width = TILE_WIDTH if match["width"] is None else parse_decimal(match["width"])
    if tile_path(level, n, width) != path:
        msg = f"not the only spelling of the path of a tile: {path[:64]!r}"
        raise FormatError(msg)
    return level, n, width


def tiles_for_size(size: int) -> Iterator[tuple[int, int, int]]:
    """List the hash tiles of a log of ``size`` leaves, none of them empty.

    Yields:
        (level, n, width), level by level from 0, in each the full tiles and then the partial
        one of width ``(size >> 8 * level) mod 256``, if that is not 0.

    Raises:
        FormatError: the size is out of range.
    """
    require_range("tree size", size, 0, MAX_SIZE)
    level, count = 0, size
    while count:
        for n, width in _cut(count):
            yield level, n, width
        level, count = level + 1, count >> TILE_HEIGHT


def entry_tiles_for_size(size: int) -> Iterator[tuple[int, int]]:
    """List the entry tiles of a log of ``size`` leaves: (n, width), the partial one last.

    Raises:
        FormatError: the size is out of range.
    """
    require_range("tree size", size, 0, MAX_SIZE)
    yield from _cut(size)


def format_entry_tile(entries: Sequence[bytes]) -> bytes:
    """Write ``u16 length || entry`` for each entry, big-endian (tlog-tiles, Log Entries).

    Raises:
        FormatError: more than 256 entries, or one longer than 65,535 bytes.
    """
    require_range("entries in a tile", len(entries), 0, TILE_WIDTH)
    parts: list[bytes] = []
    for entry in entries:
        require_range("entry length", len(entry), 0, MAX_ENTRY)
        parts += (len(entry).to_bytes(_LENGTH_SIZE, "big"), entry)
    return b"".join(parts)


def parse_entry_tile(data: bytes) -> list[bytes]:
    """Read the entries of an entry tile, full or partial.

    Raises:
        FormatError: bytes are missing at the end, or there are more than 256 entries.
    """
    entries: list[bytes] = []
    begin = 0
    while begin < len(data):
        body = begin + _LENGTH_SIZE
        end = body + int.from_bytes(data[begin:body], "big")
        if end > len(data) or len(entries) == TILE_WIDTH:
            msg = f"entry tile: entry {len(entries)} ends at {end} of {len(data)} bytes"
            raise FormatError(msg)
        entries.append(data[body:end])
        begin = end
    return entries


@dataclass(frozen=True, slots=True, kw_only=True)
class GrownTiles:
    """What a log's tiles are after it has grown.

    Attributes:
        size: leaves of the grown log.
        tiles: tiles to write, (level, n) -> 32 bytes for each hash: those that became full,
            and the partial ones that became wider.
        partials: the partial tile of each level at ``size``, level -> data, none of them
            empty: the argument of the next ``grow``.
    """

    size: int
    tiles: Mapping[tuple[int, int], bytes]
    partials: Mapping[int, bytes]


def grow(old_size: int, partials: Mapping[int, bytes], hashes: Sequence[bytes]) -> GrownTiles:
    """Add leaves to the tiles of a log.

    The cost depends on the number of new leaves alone, not on the size of the log.

    Args:
        old_size: leaves before.
        partials: the partial tile of each level at ``old_size``, of exactly the width of
            that size; absent where the width is 0.
        hashes: hashes of the new leaves, 32 bytes each.

    Raises:
        FormatError: a partial tile of wrong length, a hash that has not 32 bytes, or too
            many leaves.
    """
    require_range("tree size", old_size + len(hashes), len(hashes), MAX_SIZE)
    _check_partials(old_size, partials)
    require_hashes("new leaf hashes", hashes)
    new_data = b"".join(hashes)
    now = dict(partials)
    tiles: dict[tuple[int, int], bytes] = {}
    level, count = 0, old_size
    while new_data:
        data = now.pop(level, b"") + new_data
        first, roots = count >> TILE_HEIGHT, []
        full = len(data) // TILE_SIZE
        for i in range(full):
            tile = data[i * TILE_SIZE : (i + 1) * TILE_SIZE]
            tiles[level, first + i] = tile
            roots.append(root_of(_hashes_of(tile)))
        if rest := data[full * TILE_SIZE :]:
            tiles[level, first + full] = now[level] = rest
        level, count, new_data = level + 1, first, b"".join(roots)
    return GrownTiles(size=old_size + len(hashes), tiles=tiles, partials=now)


class TileReader:
    """Reads perfect subtrees of a log of known size out of its stored tiles.

    A `crypto.merkle.NodeReader`. Keeps nothing between calls; each call fetches every tile
    that it needs once, all in one batch.
    """

    __slots__ = ("_fetch", "_size")

    def __init__(self, size: int, fetch: TileFetch) -> None:
        """Read the log as it was at ``size``.

        Args:
            size: leaves that are in the stored tiles; nothing beyond is read.
            fetch: gives stored tiles; a partial one may be wider than ``size`` needs,
                because the log has grown since.

        Raises:
            FormatError: the size is out of range.
        """
        require_range("tree size", size, 0, MAX_SIZE)
        self._size = size
        self._fetch = fetch

    def __call__(self, nodes: Sequence[tuple[int, int]]) -> list[bytes]:
        """Give the hashes of these perfect subtrees, (level, index), in order.

        Raises:
            ProofError: a subtree is not in the log at this size, or the store gave another
                number of tiles than it was asked for.
            FormatError: a stored tile is not made of hashes or is not wide enough.
        """
        places = [self._place(level, index) for level, index in nodes]
        wanted = list(dict.fromkeys(tile for tile, _, _ in places))
        fetched = self._fetch(wanted) if wanted else ()
        if len(fetched) != len(wanted):
            msg = f"expected {len(wanted)} tiles from the store, got {len(fetched)}"
            raise ProofError(msg)
        tiles = dict(zip(wanted, fetched, strict=True))
        return [_node_of(tile, tiles[tile], begin, end) for tile, begin, end in places]

    def _place(self, level: int, index: int) -> tuple[tuple[int, int], int, int]:
        """Give the tile and the range of its hashes over which a node stands."""
        if level < 0 or index < 0 or (index + 1) << level > self._size:
            msg = f"no subtree {index} of level {level} in a log of {self._size} leaves"
            raise ProofError(msg)
        tile_level, inside = divmod(level, TILE_HEIGHT)
        n, begin = divmod(index << inside, TILE_WIDTH)
        return (tile_level, n), begin, begin + (1 << inside)


def _node_of(tile: tuple[int, int], data: bytes, begin: int, end: int) -> bytes:
    if len(data) % HASH_SIZE or not end * HASH_SIZE <= len(data) <= TILE_SIZE:
        msg = (
            f"tile {tile_path(*tile, TILE_WIDTH)}: expected {end} to {TILE_WIDTH} hashes, "
            f"got {len(data)} bytes"
        )
        raise FormatError(msg)
    return root_of(_hashes_of(data[begin * HASH_SIZE : end * HASH_SIZE]))


def _hashes_of(data: bytes) -> list[bytes]:
    return [data[i : i + HASH_SIZE] for i in range(0, len(data), HASH_SIZE)]


def _cut(count: int) -> Iterator[tuple[int, int]]:
    full, rest = divmod(count, TILE_WIDTH)
    for n in range(full):
        yield n, TILE_WIDTH
    if rest:
        yield full, rest


def _check_partials(size: int, partials: Mapping[int, bytes]) -> None:
    level = 0
    seen = 0
    while count := size >> TILE_HEIGHT * level:
        if width := count % TILE_WIDTH:
            require_length(
                f"partial tile of level {level}", partials.get(level, b""), width * HASH_SIZE
            )
            seen += 1
        level += 1
    if seen != len(partials):
        msg = f"expected {seen} partial tiles at size {size}, got {len(partials)}"
        raise FormatError(msg)
