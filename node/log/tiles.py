"""Tiles of a log in the store: read as a tree, and grown by new leaves (C2SP tlog-tiles)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from crypto.merkle import Frontier, NodeReader, frontier_at
from crypto.tiles import TILE_WIDTH, TileReader, format_entry_tile, grow, parse_entry_tile

ENTRIES: Final = -1
"""Level under which the store keeps entry tiles."""


class Held(Protocol):
    """A log in a store: its number there, and the leaves held."""

    @property
    def log(self) -> int:
        """Its number."""
        ...

    @property
    def size(self) -> int:
        """Leaves in its tiles."""
        ...


class TileReads(Protocol):
    """`federation.ports.store.ReadSession`, or another store's, as far as tiles go."""

    def tiles(self, log: int, level: int, numbers: Sequence[int]) -> Sequence[bytes]:
        """Stored data of tiles in the order asked."""
        ...


class TileWrites(TileReads, Protocol):
    """Likewise, to be written."""

    def put_tiles(self, log: int, level: int, tiles: dict[int, bytes]) -> None:
        """Insert tiles or replace partial ones by longer ones."""
        ...


def tile_nodes(session: TileReads, log: int, size: int) -> NodeReader:
    """Read subtrees of a log held, as it was at `size`."""

    def fetch(places: Sequence[tuple[int, int]]) -> list[bytes]:
        found: dict[tuple[int, int], bytes] = {}
        for level in {level for level, _ in places}:
            numbers = [n for lvl, n in places if lvl == level]
            for number, data in zip(numbers, session.tiles(log, level, numbers), strict=True):
                found[level, number] = data
        return [found[place] for place in places]

    return TileReader(size, fetch)


def frontier_of(session: TileReads, head: Held) -> Frontier:
    """Read the frontier of a log at the size held."""
    return frontier_at(head.size, tile_nodes(session, head.log, head.size))


def put_tiles(
    session: TileWrites, head: Held, leaves: Sequence[bytes], hashes: Sequence[bytes]
) -> None:
    """Grow hash tiles and entry tiles by new leaves."""
    partials: dict[int, bytes] = {}
    level, count = 0, head.size
    while count:
        if width := count % TILE_WIDTH:
            (data,) = session.tiles(head.log, level, [count // TILE_WIDTH])
            partials[level] = data[: width * 32]
        level, count = level + 1, count // TILE_WIDTH
    by_level: dict[int, dict[int, bytes]] = {}
    for (tile_level, number), data in grow(head.size, partials, hashes).tiles.items():
        by_level.setdefault(tile_level, {})[number] = data
    number, width = divmod(head.size, TILE_WIDTH)
    entries: list[bytes] = []
    if width:
        (data,) = session.tiles(head.log, ENTRIES, [number])
        entries = parse_entry_tile(data)[:width]
    entries += leaves
    by_level[ENTRIES] = {
        number + i // TILE_WIDTH: format_entry_tile(entries[i : i + TILE_WIDTH])
        for i in range(0, len(entries), TILE_WIDTH)
    }
    for tile_level, tiles in by_level.items():
        session.put_tiles(head.log, tile_level, tiles)
