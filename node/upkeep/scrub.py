"""The scrub job: what is stored is read and proved while the node runs, a little at a time.

A disk that changes bytes nobody asks for is found before they are served or signed. Each run reads
on from the place of the last one (`DIR/state/scrub.json`), log after log, and begins anew after the
last. Of a mirror it heals, on the writer thread and only what it finds damaged there once more:

    openings    forgotten, and asked of peers
    hashes      of a full tile whose leaves lead to the level above: written anew from the leaves
    leaves      asked of a peer again, and proved by the hashes (`node.peers.tile_refetch`)

All else is named in the status until it is sound again; `huxin doctor --heal` heals it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog

from adapters.files.atomic import write_atomically
from adapters.state.keyring import KeyRing
from crypto.keys import VerifierKey
from crypto.merkle import leaf_hashes
from crypto.tiles import TILE_WIDTH
from federation.ids import Origin, Timestamp
from federation.ports.store import LogHead, Store, WriteSession
from federation.rows import OpeningStatus
from node.log.ledger import Ledger
from node.log.soundness import (
    HASH_TILES,
    HASHES,
    LEAVES,
    OPENINGS,
    Damage,
    leads_up,
    root_damages,
    stored_leaves,
    tile_damages,
    unopened,
)
from node.log.writer import WriteThread

_log = structlog.get_logger()

_ROOT: Final = -1
"""In the place of a tile's number, where a log as a whole is damaged."""
KEPT_MAX: Final = 1000
"""Damages kept of one log; a disk with more is lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where the last run stopped, and when all was read last."""

    origin: str = ""
    tile: int = 0
    ended_at: int = 0
    """Seconds UTC when the last pass over all logs ended; 0 for none yet."""


class Scrub:
    """Reads on at each run; runs in a thread of its own."""

    def __init__(  # noqa: PLR0913 - wired once, in node.app.wiring
        self,
        *,
        store: Store,
        keyring: KeyRing,
        ledger: Ledger,
        writer: WriteThread,
        path: Path,
        leaves: int,
        keys: Callable[[Origin], Sequence[VerifierKey]],
        now: Callable[[], Timestamp],
        mend: Callable[[Origin, int], None],
        sound_again: Callable[[Origin], None],
    ) -> None:
        """Wire the job.

        Args:
            store: read in sessions of its own, one for each tile.
            keyring: opens openings.
            ledger: derives rows of what was forgotten.
            writer: where it heals.
            path: of the file that keeps the place.
            leaves: read in one run, rounded up to tiles.
            keys: of a log and its cosigners; none where no charter names the log.
            now: seconds UTC.
            mend: asks peers again for the leaves of a tile of a mirror.
            sound_again: told of each log that was read to its end and found sound.
        """
        self._store = store
        self._keyring = keyring
        self._ledger = ledger
        self._writer = writer
        self._path = path
        self._leaves = leaves
        self._keys = keys
        self._now = now
        self._mend = mend
        self._sound_again = sound_again
        self._place = _read_place(path)
        self._found: dict[tuple[Origin, int], list[Damage]] = {}
        """By log and number of the tile; `_ROOT` for the log as a whole."""
        self._healed = 0

    def run(self) -> int:
        """Read on; the number of leaves read.

        Raises:
            StoreError: the database cannot be read, or not be healed.
            OSError: the place cannot be kept.
        """
        read = looked = 0
        heads = self._heads()
        origin, tile = self._place.origin, self._place.tile
        for head in [h for h in heads if h.origin >= origin]:
            tile = tile if head.origin == origin else 0
            while tile * TILE_WIDTH < head.size:
                if looked * TILE_WIDTH >= self._leaves:  # a short log costs as much as a tile
                    self._keep(_Place(origin=head.origin, tile=tile, ended_at=self._place.ended_at))
                    return read
                read += self._look(head.origin, tile)
                looked += 1
                tile += 1
            self._look_at_root(head.origin)
        self._keep(_Place(ended_at=self._now()))
        return read

    def damages(self) -> list[Damage]:
        """What was found and is not sound again, by log and place."""
        return [damage for _, found in sorted(self._found.copy().items()) for damage in found]

    def report(self) -> dict[str, Any]:
        """The `scrub` part of the status."""
        place = self._place
        return {
            "log": place.origin,
            "leaf": place.tile * TILE_WIDTH,
            "ended_at": place.ended_at or None,
            "healed": self._healed,
            "damaged": [
                {"origin": d.origin, "part": d.part, "first": d.first, "message": d.message}
                for d in self.damages()
            ],
        }

    def _heads(self) -> list[LogHead]:
        with self._store.read() as session:
            return sorted(session.heads(), key=lambda head: head.origin)

    def _look(self, origin: Origin, n: int) -> int:
        """Prove a tile as it stands now, and heal it where that can be done."""
        with self._store.read() as session:
            head = session.head(origin)
            if head is None or head.size <= n * TILE_WIDTH:
                return 0
            found = tile_damages(session, self._keyring, head, n)
        self._say(origin, n, found)
        if found and not head.ours:
            found = self._writer.submit(lambda: self._heal(origin, n)).result()
            if any(damage.part == LEAVES for damage in found):
                self._mend(origin, n)
        self._note(origin, n, found)
        return min(TILE_WIDTH, head.size - n * TILE_WIDTH)

    def _look_at_root(self, origin: Origin) -> None:
        with self._store.read() as session:
            head = session.head(origin)
            found = [] if head is None else root_damages(session, head, self._keys(origin))
        self._say(origin, _ROOT, found)
        self._note(origin, _ROOT, found)
        if not any(o == origin for o, _ in self._found):
            self._sound_again(origin)

    def _heal(self, origin: Origin, n: int) -> list[Damage]:
        """Heal a tile of a mirror; what is damaged after it."""
        with self._store.write() as session:
            head = session.head(origin)
            if head is None or head.size <= n * TILE_WIDTH:
                return []
            before = tile_damages(session, self._keyring, head, n)
            for damage in before:
                if damage.part == HASH_TILES:
                    self._write_hashes(session, head, n)
                elif damage.part == OPENINGS:
                    self._forget_openings(session, head, n)
            after = tile_damages(session, self._keyring, head, n)
        if len(after) < len(before):
            self._healed += len(before) - len(after)
            _log.warning("stored bytes healed", code="store.healed", origin=origin, tile=n)
        return after

    @staticmethod
    def _write_hashes(session: WriteSession, head: LogHead, n: int) -> None:
        leaves = stored_leaves(session, head.log, n, TILE_WIDTH)
        hashes = leaf_hashes(leaves)
        if leaves and leads_up(session, head, n, hashes):
            session.replace_tile(head.log, HASHES, n, b"".join(hashes))

    def _forget_openings(self, session: WriteSession, head: LogHead, n: int) -> None:
        begin, width = n * TILE_WIDTH, min(TILE_WIDTH, head.size - n * TILE_WIDTH)
        leaves = stored_leaves(session, head.log, n, width)
        stored = session.openings_between(head.log, begin, begin + width)
        lost = list(unopened(self._keyring, head.origin, begin, leaves, stored))
        forget_openings(session, self._ledger, head, lost)

    def _note(self, origin: Origin, n: int, found: list[Damage]) -> None:
        key = (origin, n)
        if not found:
            self._found.pop(key, None)
            return
        if key in self._found or sum(o == origin for o, _ in self._found) < KEPT_MAX:
            self._found[key] = found

    def _say(self, origin: Origin, n: int, found: list[Damage]) -> None:
        """Log what was not known yet."""
        if (origin, n) in self._found:
            return
        for damage in found:
            _log.error(
                "stored bytes damaged",
                code="store.damaged",
                origin=origin,
                part=damage.part,
                first=damage.first,
                error=damage.message,
            )

    def _keep(self, place: _Place) -> None:
        self._place = place
        text = {"origin": place.origin, "tile": place.tile, "ended_at": place.ended_at}
        write_atomically(self._path, json.dumps(text).encode(), 0o600)


def forget_openings(
    session: WriteSession, ledger: Ledger, head: LogHead, indices: list[int]
) -> None:
    """Treat openings that are damaged as missing, so that peers are asked for them."""
    rows = session.rows_at([(head.log, index) for index in indices])
    session.erase_openings(head.log, indices)
    session.replace_rows([row._replace(opening=OpeningStatus.PENDING) for row in rows])
    ledger.read_again(session, head, [row.idx for row in rows])


def _read_place(path: Path) -> _Place:
    """The place kept; the beginning where there is none that can be read."""
    try:
        read = json.loads(path.read_text("utf-8"))
        return _Place(
            origin=str(read["origin"]), tile=int(read["tile"]), ended_at=int(read["ended_at"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return _Place()
