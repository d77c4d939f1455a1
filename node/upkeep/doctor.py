"""`huxin doctor`: everything stored is read and proved; what a disk has changed is healed.

For each log: leaves against hashes, hashes against each other, the root against the signed note,
each opening under its key against the commitment in its leaf. A signed root says which of leaves
and hashes are sound:

    hashes      the leaves lead to the signed root: written anew from them
    leaves      the log is set back to the tile before the first damaged one. A followed log then
                comes again over the ordinary streams, proved as ever; our own, which the mark
                knows to be longer, by `huxin recover`
    opening     forgotten: it counts as missing, and peers are asked for it

Rows are derived, and compared by `node.upkeep.row_check`; what lies beside the logs by
`node.upkeep.checkup`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from adapters.state.keyring import KeyRing
from crypto.checkpoint import Checkpoint
from crypto.keys import VerifierKey
from crypto.merkle import Frontier, leaf_hashes
from crypto.tiles import TILE_HEIGHT, TILE_SIZE, TILE_WIDTH, grow
from federation.ids import Origin
from federation.ports.store import LogHead, ReadSession, Store, WriteSession
from node.log.ledger import Ledger
from node.log.soundness import (
    NOT_SIGNED,
    NOTE,
    Damage,
    signed_checkpoint,
    stored_hashes,
    stored_leaves,
    stored_tile,
    unopened,
)
from node.upkeep.scrub import forget_openings

PROGRESS_LEAVES: Final = 65_536


@dataclass(slots=True, kw_only=True)
class _Log:
    """What is found out about one log while its tiles are read once."""

    head: LogHead
    checkpoint: Checkpoint | None
    by_leaves: Frontier = field(default_factory=Frontier.empty)
    by_hashes: Frontier = field(default_factory=Frontier.empty)
    roots: tuple[bytes, bytes] | None = None
    """By leaves and by hashes, at the size of the note."""
    differing: list[int] = field(default_factory=list)
    """Numbers of tiles whose leaves and hashes disagree, or that are missing."""
    readable: bool = True
    """Whether all leaves could be read at all."""
    hashes: dict[tuple[int, int], bytes] = field(default_factory=dict)
    """Hash tiles, by level and number, as the leaves would have them, where others are stored."""
    openings: list[int] = field(default_factory=list)


class Doctor:
    """Examines a store, and heals it; one whose node does not run."""

    def __init__(
        self,
        *,
        store: Store,
        keyring: KeyRing,
        ledger: Ledger,
        keys: Callable[[Origin], Sequence[VerifierKey]],
    ) -> None:
        """Take the node's store, its key ring, and what derives its rows.

        `keys` gives a log's key and those of its cosigners; none where no charter names the log.
        """
        self._store = store
        self._keyring = keyring
        self._ledger = ledger
        self._keys = keys

    def examine(self, progress: Callable[[Origin, int, int], None]) -> list[Damage]:
        """Read all logs; changes nothing.

        Args:
            progress: told origin, leaves read and leaves in all.
        """
        with self._store.read() as session:
            return [
                damage
                for head in session.heads()
                for damage in _damages(self._read(session, head, progress))
            ]

    def heal(self, progress: Callable[[Origin, int, int], None]) -> list[Damage]:
        """Heal what is found; all of a log in one transaction.

        Returns:
            What was found, as before the healing.
        """
        healed: list[Damage] = []
        with self._store.read() as session:
            heads = list(session.heads())
        for head in heads:
            with self._store.write() as session:
                log = self._read(session, head, progress)
                damages = _damages(log)
                self._heal(session, log, damages)
                healed += damages
        return healed

    def _read(
        self, session: ReadSession, head: LogHead, progress: Callable[[Origin, int, int], None]
    ) -> _Log:
        log = _Log(head=head, checkpoint=signed_checkpoint(head, self._keys(head.origin)))
        partials: dict[int, bytes] = {}
        for begin in range(0, head.size, TILE_WIDTH):
            width = min(TILE_WIDTH, head.size - begin)
            leaves = stored_leaves(session, head.log, begin // TILE_WIDTH, width)
            kept = stored_hashes(session, head.log, begin // TILE_WIDTH, width)
            hashes = leaf_hashes(leaves) if leaves else kept
            if not leaves or hashes != kept:
                log.differing.append(begin // TILE_WIDTH)
            log.readable = log.readable and bool(leaves)
            if len(hashes) != width:
                return log  # neither leaves nor hashes of this tile can be read
            _extend(log, begin, hashes, kept if len(kept) == width else hashes)
            grown = grow(begin, partials, hashes)
            partials = dict(grown.partials)
            last = begin + width == head.size
            made = {at: data for at, data in grown.tiles.items() if len(data) == TILE_SIZE}
            if last:
                made |= {
                    (n, head.size >> TILE_HEIGHT * (n + 1)): data for n, data in partials.items()
                }
            for (level, number), data in made.items():
                if stored_tile(session, head.log, level, number)[: len(data)] != data:
                    log.hashes[level, number] = data
            if leaves:
                opened = session.openings_between(head.log, begin, begin + width)
                log.openings += unopened(self._keyring, head.origin, begin, leaves, opened)
            if last or not (begin + width) % PROGRESS_LEAVES:
                progress(head.origin, begin + width, head.size)
        return log

    def _heal(self, session: WriteSession, log: _Log, damages: Sequence[Damage]) -> None:
        head = log.head
        for damage in damages:
            match damage.part:
                case "note" if head.ours:
                    session.set_head(replace(head, note=b"", note_size=0))
                case "leaves" | "note":
                    session.set_back(head, damage.first)
                case "hashes":
                    for (level, number), data in log.hashes.items():
                        session.replace_tile(head.log, level, number, data)
                case _:
                    forget_openings(session, self._ledger, head, log.openings)


def _extend(log: _Log, begin: int, hashes: Sequence[bytes], kept: Sequence[bytes]) -> None:
    """Let both frontiers grow by a tile, and take their roots at the size of the note."""
    size = 0 if log.checkpoint is None else log.checkpoint.size
    if begin < size <= begin + len(hashes):
        inside = size - begin
        log.roots = (
            log.by_leaves.extend(hashes[:inside]).root(),
            log.by_hashes.extend(kept[:inside]).root(),
        )
    log.by_leaves, log.by_hashes = log.by_leaves.extend(hashes), log.by_hashes.extend(kept)


def _damages(log: _Log) -> list[Damage]:
    """Say what is damaged, by which of leaves and hashes lead to the signed root."""
    origin, size = log.head.origin, log.head.size
    if log.checkpoint is None and log.head.note:
        first = max(size - 1, 0) // TILE_WIDTH * TILE_WIDTH
        return [_damage(origin, NOTE, first, size - first, NOT_SIGNED)]
    signed = 0 if log.checkpoint is None else log.checkpoint.size
    leaves_hold, hashes_hold = (
        (root == log.checkpoint.root for root in log.roots)
        if log.roots is not None and log.checkpoint is not None
        else (signed == 0, signed == 0)
    )
    leaves_hold = leaves_hold and log.readable
    ends = ((n * TILE_WIDTH, min((n + 1) * TILE_WIDTH, size)) for n in log.differing)
    beyond = [first for first, end in ends if end > signed]
    if not (leaves_hold or hashes_hold):
        text = "neither leaves nor hashes lead to the signed root"
        return [_damage(origin, "leaves", 0, size, text)]
    if not leaves_hold or beyond:
        first = min([n * TILE_WIDTH for n in log.differing] if not leaves_hold else beyond)
        return [_damage(origin, "leaves", first, size - first, "leaves do not agree with hashes")]
    found: list[Damage] = []
    if log.hashes:
        level, number = min(log.hashes)
        first = number * TILE_WIDTH ** (level + 1)
        text = "hash tiles do not follow from the leaves"
        found.append(_damage(origin, "hashes", first, len(log.hashes), text))
    if log.openings:
        text = "openings do not open their leaves"
        found.append(_damage(origin, "openings", log.openings[0], len(log.openings), text))
    return found


def _damage(origin: Origin, part: str, first: int, count: int, message: str) -> Damage:
    return Damage(origin=origin, part=part, first=first, count=count, message=message)
