"""A log as files that grow in place (C2SP tlog-tiles), for any server of files or object store.

    FO6 what a checkpoint covers is durable before the checkpoint is, which alone is ever replaced
    FO7 only what is new is written; a partial tile goes once the full one and its checkpoint stand
    FO8 nothing is published that does not begin with what stands there: an older size, another
        history or another log is refused, and what stands there stays

A folder of one file each serves as it is. To an object store go first all files but `checkpoint`,
then that (`docs/operations/running.md`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from adapters.export.copies import FolderCopy
from crypto.checkpoint import open_checkpoint
from crypto.errors import CryptoError
from crypto.keys import VerifierKey
from crypto.merkle import HASH_SIZE, frontier_at
from crypto.notes import MAX_NOTE_SIZE
from crypto.tiles import (
    TILE_HEIGHT,
    TILE_WIDTH,
    TileLevel,
    TileReader,
    format_entry_tile,
    parse_entry_tile,
    tile_path,
)
from federation.audit.export_names import CHECKPOINT, format_opening, opening_path
from federation.errors import RefusedError
from federation.ids import Origin
from federation.ports.store import LogHead, ReadSession, StoredOpening
from federation.statements import LEAF_SIZE, LEAF_VERSION, OPEN_KINDS, Opening

_ENTRIES: Final = -1
"""Level under which the store keeps entry tiles."""
_AT_ONCE: Final = 32
Open: TypeAlias = Callable[[Origin, Sequence[StoredOpening]], list[tuple[StoredOpening, Opening]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What one run added; sizes in leaves."""

    origin: Origin
    size: int
    before: int
    openings: int


def publish(
    session: ReadSession, head: LogHead, copy: FolderCopy, key: VerifierKey, open_openings: Open
) -> Published:
    """Bring a folder up to the newest checkpoint of a log.

    Args:
        session: the snapshot.
        head: the log, with a checkpoint.
        copy: the folder of the log.
        key: of the log.
        open_openings: unseals what the store holds, without what does not open.

    Raises:
        RefusedError: `publish.in-the-way`, `publish.older`, `publish.other-history`.
        OSError: the disk; the old checkpoint still stands.
    """
    before = _before(session, head, copy, key)
    for height in _levels(head.note_size):
        _tiles(session, head, copy, height, before)
    openings = _entries(session, head, copy, before, open_openings)
    copy.put(CHECKPOINT, head.note)
    levels: list[TileLevel] = ["entries", *_levels(head.note_size)]
    for level in levels:
        count, was = _count(head.note_size, level), _count(before, level)
        number = was // TILE_WIDTH
        if was % TILE_WIDTH and (number + 1) * TILE_WIDTH <= count:
            copy.drop_below(f"{tile_path(level, number, TILE_WIDTH)}.p")
    return Published(origin=head.origin, size=head.note_size, before=before, openings=openings)


def _before(session: ReadSession, head: LogHead, copy: FolderCopy, key: VerifierKey) -> int:
    """The size that stands there."""
    data = copy.read(CHECKPOINT, MAX_NOTE_SIZE)
    if data is None:
        return 0
    try:
        point = open_checkpoint(data, key).checkpoint
    except CryptoError as error:
        message = f"{head.origin}: the checkpoint that stands there is not of this log: {error}"
        raise RefusedError("publish.in-the-way", message) from error
    if point.size > head.note_size:
        message = f"{head.origin}: {point.size} leaves are published, {head.note_size} are here"
        raise RefusedError("publish.older", message)
    tree = _tree(session, head)
    if point.size and frontier_at(point.size, tree).root() != point.root:
        message = f"{head.origin}: what is published at {point.size} is another history"
        raise RefusedError("publish.other-history", message)
    return point.size


def _tree(session: ReadSession, head: LogHead) -> TileReader:
    def fetch(places: Sequence[tuple[int, int]]) -> list[bytes]:
        return [session.tiles(head.log, level, [number])[0] for level, number in places]

    return TileReader(head.note_size, fetch)


def _levels(size: int) -> Iterator[int]:
    level = 0
    while size >> TILE_HEIGHT * level:
        yield level
        level += 1


def _count(size: int, level: TileLevel) -> int:
    return size if level == "entries" else size >> TILE_HEIGHT * level


def _new(size: int, before: int, level: TileLevel) -> Iterator[list[tuple[int, int]]]:
    """Tiles that the size before did not have, (number, width), some at a time."""
    count = _count(size, level)
    numbers = range(_count(before, level) // TILE_WIDTH, -(-count // TILE_WIDTH))
    for begin in range(0, len(numbers), _AT_ONCE):
        yield [
            (number, min(TILE_WIDTH, count - number * TILE_WIDTH))
            for number in numbers[begin : begin + _AT_ONCE]
        ]


def _tiles(session: ReadSession, head: LogHead, copy: FolderCopy, level: int, before: int) -> None:
    for chunk in _new(head.note_size, before, level):
        stored = session.tiles(head.log, level, [number for number, _ in chunk])
        for (number, width), data in zip(chunk, stored, strict=True):
            copy.put(tile_path(level, number, width), data[: width * HASH_SIZE])


def _entries(
    session: ReadSession, head: LogHead, copy: FolderCopy, before: int, open_openings: Open
) -> int:
    written = 0
    for chunk in _new(head.note_size, before, "entries"):
        stored = session.tiles(head.log, _ENTRIES, [number for number, _ in chunk])
        wanted: list[int] = []
        for (number, width), data in zip(chunk, stored, strict=True):
            leaves = parse_entry_tile(data)[:width]
            copy.put(tile_path("entries", number, width), format_entry_tile(leaves))
            wanted += [
                index
                for index, leaf in enumerate(leaves, number * TILE_WIDTH)
                if index >= before
                and len(leaf) == LEAF_SIZE
                and leaf[0] == LEAF_VERSION
                and leaf[1] in OPEN_KINDS
            ]
        held = session.openings(head.log, wanted) if wanted else ()
        for sealed, opening in open_openings(head.origin, held):
            copy.put(opening_path(sealed.index), format_opening(opening))
            written += 1
    return written
