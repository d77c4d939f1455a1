"""Leaves of a mirror that a disk has changed are asked of a peer again, while the node runs.

`node.upkeep.scrub` finds a tile whose leaves do not have the hashes stored beside them, which lead
to the signed root. The log is then asked for once more from that tile on; of what comes, each leaf
that has its stored hash is kept until the tile is whole, and the tile is written anew. Nobody is
believed, and nobody blamed: a leaf with another hash is left out. Then the log is asked for from
where it stands.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import structlog

from crypto.merkle import leaf_hashes
from crypto.tiles import TILE_WIDTH, format_entry_tile
from federation.ids import Origin
from federation.peers.frames import Cursor
from federation.peers.replication import DeliveredBatch
from federation.ports.store import LogHead, ReadSession, Store
from node.log.soundness import leads_up, stored_hashes
from node.log.tiles import ENTRIES
from node.peers.prepared import PreparedBatch, PreparedRun, batches_of
from node.peers.session import Session

_log = structlog.get_logger()

TILES_MAX: Final = 64
"""Tiles of one log that are mended at a time; the next pass of the scrub names the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tile:
    want: int
    """Number of the want: a tile may be damaged again."""
    found: dict[int, bytes] = field(default_factory=dict)
    """Leaves that came so far, by index."""


class TileRefetch:
    """Knows which leaves are wanted again; `take` on the writer thread, the rest on any."""

    def __init__(self, store: Store, sizes: Callable[[], Mapping[Origin, int]]) -> None:
        """Mend what is in the store; `sizes` says where each followed log stands."""
        self._store = store
        self._sizes = sizes
        self._lock = threading.Lock()
        self._wanted: dict[Origin, dict[int, _Tile]] = {}
        """By log and number of the tile."""
        self._wants = 0

    def want(self, origin: Origin, n: int) -> None:
        """Leaves of this tile are damaged, and its hashes are sound."""
        with self._lock:
            tiles = self._wanted.setdefault(origin, {})
            if n not in tiles and len(tiles) < TILES_MAX:
                self._wants += 1
                tiles[n] = _Tile(want=self._wants)

    def cursors(self, session: Session) -> list[Cursor]:
        """What to ask of a peer of whom we follow these logs; once for each tile on a stream."""
        sizes = self._sizes()
        asked: list[Cursor] = []
        with self._lock:
            for origin in session.subscribed & (self._wanted.keys() | session.mending.keys()):
                tiles = self._wanted.get(origin)
                if not tiles:
                    del session.mending[origin]
                    asked.append(Cursor(origin=origin, size=sizes.get(origin, 0)))
                    continue
                first = min(tiles)
                if session.mending.get(origin) != tiles[first].want:
                    session.mending[origin] = tiles[first].want
                    asked.append(Cursor(origin=origin, size=first * TILE_WIDTH))
        return asked

    def take(
        self, _session: Session, delivered: DeliveredBatch | PreparedBatch | PreparedRun
    ) -> None:
        """Take of batches what is wanted, and write the tiles that are whole.

        Raises:
            StoreError: the database failed; nothing was written.
        """
        if delivered.origin in self._wanted:
            for batch in batches_of(delivered):
                self._take(batch)

    def _take(self, batch: DeliveredBatch) -> None:
        end = batch.first_index + len(batch.leaves)
        with self._lock:
            tiles = {
                n: tile.found
                for n, tile in self._wanted.get(batch.origin, {}).items()
                if n * TILE_WIDTH < end and batch.first_index < (n + 1) * TILE_WIDTH
            }
        for n, found in tiles.items():
            with self._store.read() as session:
                head = session.head(batch.origin)
                if head is None:
                    return
                hashes = _sound_hashes(session, head, n)
            for index, one in enumerate(hashes, n * TILE_WIDTH):
                if batch.first_index <= index < end:
                    leaf = batch.leaves[index - batch.first_index]
                    if leaf_hashes([leaf]) == [one]:
                        found[index] = leaf
            if hashes and len(found) >= len(hashes):
                self._write(batch.origin, n, found)

    def _write(self, origin: Origin, n: int, found: Mapping[int, bytes]) -> None:
        with self._store.write() as session:
            head = session.head(origin)
            hashes = [] if head is None else _sound_hashes(session, head, n)
            leaves = [found.get(index, b"") for index in range(n * TILE_WIDTH, _end(n, hashes))]
            if head is None or not hashes or leaf_hashes(leaves) != hashes:
                return  # the tile has grown meanwhile: what it lacks comes with the next batches
            session.replace_tile(head.log, ENTRIES, n, format_entry_tile(leaves))
        with self._lock:
            tiles = self._wanted[origin]
            del tiles[n]
            if not tiles:
                del self._wanted[origin]
        _log.warning("stored bytes healed", code="store.healed", origin=origin, tile=n)


def _sound_hashes(session: ReadSession, head: LogHead, n: int) -> list[bytes]:
    """The stored hashes of a tile; none where they do not lead upwards."""
    width = min(TILE_WIDTH, head.size - n * TILE_WIDTH)
    hashes = stored_hashes(session, head.log, n, width)
    return hashes if len(hashes) == width and leads_up(session, head, n, hashes) else []


def _end(n: int, hashes: list[bytes]) -> int:
    return n * TILE_WIDTH + len(hashes)
