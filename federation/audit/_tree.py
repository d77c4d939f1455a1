"""Recomputing the tree of an exported log from its leaves, tile by tile.

The checkpoint's root decides which file is wrong where entries and hash tiles disagree: if the
leaves give the root, the tile is wrong, else the entries are.
"""

from __future__ import annotations

from collections.abc import Iterator

from crypto.checkpoint import Checkpoint
from crypto.merkle import Frontier, root_of
from crypto.tiles import TILE_HEIGHT, TILE_SIZE, TILE_WIDTH, TileLevel, tile_path
from federation.audit._tiles import MISSING, Finding, Read, TileFacts
from federation.audit.export_names import CHECKPOINT


def tile_expected(size: int, level: TileLevel, number: int, width: int) -> bool:
    """Tell whether a log of `size` leaves has this tile, of this width."""
    count = size if level == "entries" else size >> TILE_HEIGHT * level
    full, rest = divmod(count, TILE_WIDTH)
    return (width == TILE_WIDTH and number < full) or (0 < width == rest and number == full)


class TreeAudit:
    """Takes what the tiles of a log gave, in order, and compares all tiles above them."""

    def __init__(self, read: Read, checkpoint: Checkpoint) -> None:
        """Begin with no leaves."""
        self._read = read
        self._checkpoint = checkpoint
        self._levels: list[list[bytes]] = []
        """Hashes of each level from 1 on that are in no full tile yet."""
        self._full = Frontier.empty()
        """Over the roots of full tiles of level 0, those of full tiles of level 1 only."""
        self._last: tuple[bytes, ...] = ()
        self._differing: list[tuple[int, int, int]] = []
        self._whole = True

    def add(self, tile: TileFacts) -> Iterator[Finding]:
        """Take the next tile of level 0; compare those above that are complete with it."""
        yield from tile.findings
        if tile.lost:
            self._whole = False
        elif tile.differs:
            self._differ(0, tile.number, tile.width)
        if tile.width == TILE_WIDTH:
            yield from self._raise(0, tile.number, tile.hashes[0])
        else:
            self._last = tile.hashes

    def finish(self) -> Iterator[Finding]:
        """Compare the partial tiles above level 0, then the root."""
        for level, waiting in enumerate(self._levels, 1):
            if waiting:
                number = self._checkpoint.size >> TILE_HEIGHT * (level + 1)
                yield from self._compare(level, number, waiting)
        if not self._whole:
            return  # what is missing was said
        if self._levels:
            self._full = self._full.extend(self._levels[0])
        whole = Frontier(size=self._checkpoint.size, hashes=(*self._full.hashes, *self._last))
        right = whole.root() == self._checkpoint.root
        entries = [place for place in self._differing if place[0] == 0 and not right]
        for _, number, width in entries:
            path = tile_path("entries", number, width)
            message = f"these leaves do not give {tile_path(0, number, width)}, nor the root"
            yield Finding(code="entries.mismatch", path=path, message=message)
        if entries:
            return  # whatever differs above follows from it
        for place in self._differing:
            message = "these are not the hashes that the leaves give"
            yield Finding(code="tile.mismatch", path=tile_path(*place), message=message)
        if not right:
            message = f"the leaves give the root {whole.root().hex()}, which was not signed"
            yield Finding(code="root.mismatch", path=CHECKPOINT, message=message)

    def _raise(self, level: int, number: int, root: bytes) -> Iterator[Finding]:
        """A full tile's root goes into the level above."""
        if len(self._levels) <= level:
            self._levels.append([])
        waiting = self._levels[level]
        waiting.append(root)
        if len(waiting) == TILE_WIDTH:
            if level == 0:
                self._full = self._full.extend(waiting)
            self._levels[level] = []
            yield from self._compare(level + 1, number >> TILE_HEIGHT, waiting)
            yield from self._raise(level + 1, number >> TILE_HEIGHT, root_of(waiting))

    def _compare(self, level: int, number: int, hashes: list[bytes]) -> Iterator[Finding]:
        path = tile_path(level, number, len(hashes))
        data = self._read(path, TILE_SIZE)
        if data is None:
            yield Finding(code="file.missing", path=path, message=MISSING)
        elif data != b"".join(hashes):
            self._differ(level, number, len(hashes))

    def _differ(self, level: int, number: int, width: int) -> None:
        """Keep for `finish`, unless leaves are lost: then what lies above must differ."""
        if self._whole:
            self._differing.append((level, number, width))
