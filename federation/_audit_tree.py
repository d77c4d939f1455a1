"""Recomputing the tree of an exported log from its leaves, tile by tile.

The checkpoint's root decides which file is wrong where entries and hash tiles disagree: if the
leaves give the root, the tile is wrong, else the entries are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from crypto.checkpoint import Checkpoint
from crypto.merkle import HASH_SIZE, Frontier, root_of
from crypto.tiles import TILE_HEIGHT, TILE_SIZE, TILE_WIDTH, TileLevel, tile_path
from federation.log_export import CHECKPOINT

Read: TypeAlias = Callable[[str, int], bytes | None]
"""Reads a file: at most one byte more than the limit, None where there is none."""

_MISSING: Final = "expected this file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something in an export that is not as it must be; `code` is stable."""

    code: str
    path: str
    message: str


def tile_expected(size: int, level: TileLevel, number: int, width: int) -> bool:
    """Tell whether a log of `size` leaves has this tile, of this width."""
    count = size if level == "entries" else size >> TILE_HEIGHT * level
    full, rest = divmod(count, TILE_WIDTH)
    return (width == TILE_WIDTH and number < full) or (0 < width == rest and number == full)


class TreeAudit:
    """Takes the leaf hashes of a log in order, a tile at a time, and compares all tiles."""

    def __init__(self, read: Read, checkpoint: Checkpoint) -> None:
        """Begin with no leaves."""
        self._read = read
        self._checkpoint = checkpoint
        self._levels: list[list[bytes]] = []
        """Hashes of each level from 1 on that are in no full tile yet."""
        self._full = Frontier.empty()
        """Over the roots of full tiles of level 0, those of full tiles of level 1 only."""
        self._last: Sequence[bytes] = ()
        self._differing: list[tuple[int, int, int]] = []
        self._whole = True

    def add(self, number: int, hashes: Sequence[bytes]) -> Iterator[Finding]:
        """Compare the next tile of level 0, and those above that are complete with it."""
        yield from self._compare(0, number, hashes)
        if len(hashes) == TILE_WIDTH:
            yield from self._raise(0, number, hashes)
        else:
            self._last = hashes

    def skip(self, number: int, width: int) -> Iterator[Finding]:
        """Go on with a tile's own hashes, because its entries are not there to compute them."""
        data = self._read(tile_path(0, number, width), TILE_SIZE)
        if data is None or len(data) != width * HASH_SIZE:
            self._whole = False
            yield from self.add(number, [bytes(HASH_SIZE)] * width)
            return
        yield from self.add(
            number, [data[begin : begin + HASH_SIZE] for begin in range(0, len(data), HASH_SIZE)]
        )

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
        lowest = Frontier.empty().extend(self._last)
        whole = Frontier(size=self._checkpoint.size, hashes=(*self._full.hashes, *lowest.hashes))
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

    def _raise(self, level: int, number: int, hashes: Sequence[bytes]) -> Iterator[Finding]:
        """A full tile's root goes into the level above."""
        if len(self._levels) <= level:
            self._levels.append([])
        waiting = self._levels[level]
        waiting.append(root_of(hashes))
        if len(waiting) == TILE_WIDTH:
            if level == 0:
                self._full = self._full.extend(waiting)
            self._levels[level] = []
            yield from self._compare(level + 1, number >> TILE_HEIGHT, waiting)
            yield from self._raise(level + 1, number >> TILE_HEIGHT, waiting)

    def _compare(self, level: int, number: int, hashes: Sequence[bytes]) -> Iterator[Finding]:
        path = tile_path(level, number, len(hashes))
        data = self._read(path, TILE_SIZE)
        if data is None:
            yield Finding(code="file.missing", path=path, message=_MISSING)
        elif data != b"".join(hashes) and self._whole:
            self._differing.append((level, number, len(hashes)))
