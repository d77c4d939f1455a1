"""Writes logs as folders of static files (C2SP tlog-tiles), for anyone to verify or serve.

A folder is written beside its place and renamed into it when it is whole. What is in the way is
replaced only if it is an earlier export of the same log; anything else is refused. Where others may
write into the folder too, no link that they lay there is followed, and no file of theirs written
into (F26).

What the store returns is not trusted here: the export is verified as a whole by whoever gets it
(`federation.audit.verification`), who needs nothing but the log's key.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from adapters.export.export_files import ExportFolder
from adapters.files.folders import Folder
from crypto.checkpoint import peek_checkpoint
from crypto.cosignature import only_known, verify_cosignatures
from crypto.errors import CryptoError
from crypto.keys import VerifierKey
from crypto.merkle import HASH_SIZE
from crypto.notes import MAX_NOTE_SIZE, parse_note
from crypto.tiles import (
    TILE_WIDTH,
    entry_tiles_for_size,
    format_entry_tile,
    parse_entry_tile,
    tile_path,
    tiles_for_size,
)
from federation.audit.export_names import (
    CHECKPOINT,
    SINCE,
    TOP_NAMES,
    VKEY,
    directory_name,
    format_opening,
    opening_path,
)
from federation.errors import RefusedError
from federation.ids import Origin
from federation.ports.store import LogHead, ReadSession, StoredOpening
from federation.statements import LEAF_SIZE, LEAF_VERSION, OPEN_KINDS, Opening

ENTRIES: Final = -1
"""Level under which the store keeps entry tiles."""
CHUNK_TILES: Final = 32
"""Tiles read from the store at a time: half a megabyte."""
_UNFINISHED: Final = ".huxin-export-"

Open: TypeAlias = Callable[[Origin, Sequence[StoredOpening]], list[tuple[StoredOpening, Opening]]]
Choose: TypeAlias = Callable[[LogHead, Sequence[int]], Sequence[int]]
"""Of leaves of closed kinds, those whose openings go into the export."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedLog:
    """A log as it was exported; sizes in leaves, `missing` openings are not held here."""

    origin: Origin
    size: int
    root: bytes
    path: Path
    openings: int
    missing: int


class TileExport:
    """Exports logs of one snapshot into one folder."""

    def __init__(
        self, session: ReadSession, out: Path, open_openings: Open, *, closed: Choose | None = None
    ) -> None:
        """Prepare; nothing is written yet.

        Args:
            session: the snapshot.
            out: the folder; made where it does not exist.
            open_openings: unseals what the store holds, without what does not open.
            closed: which openings of closed kinds are exported, as far as they are held; None
                for none of them.
        """
        self._session = session
        self._out = out
        self._open = open_openings
        self._closed = closed

    def check(self, origins: Sequence[Origin], *, flat: bool) -> None:
        """Refuse a folder in which something else lies.

        Raises:
            RefusedError: `export.in-the-way`, naming what is there.
        """
        if self._out.exists() and not self._out.is_dir():
            raise _in_the_way(self._out)
        lies_flat = _origin_in(self._out)
        for entry in sorted(self._out.iterdir()) if self._out.exists() else ():
            if entry.name.startswith(_UNFINISHED):
                continue
            if entry.name in TOP_NAMES and lies_flat is not None:
                if flat and lies_flat in origins:
                    continue
            elif (origin := _origin_in(entry)) and directory_name(origin) == entry.name:
                continue
            raise _in_the_way(entry)

    def write(
        self, head: LogHead, keys: Iterable[VerifierKey], *, flat: bool, since: int = 0
    ) -> ExportedLog:
        """Export one log at the size of its newest note.

        Args:
            head: the log.
            keys: its key first, then those of possible cosigners.
            flat: also put the files directly into the folder.
            since: of how many first leaves, a multiple of 256, an earlier export has what proves
                them; the file `since` says so.

        Raises:
            RefusedError: `log.unsigned`: it has no checkpoint yet.
        """
        if not head.note:
            message = f"{head.origin} has no signed checkpoint yet; wait until it has been followed"
            raise RefusedError("log.unsigned", message)
        self._out.mkdir(parents=True, exist_ok=True)
        for left in self._out.glob(f"{_UNFINISHED}*"):
            _remove(left)
        name = directory_name(head.origin)
        unfinished = self._out / f"{_UNFINISHED}{name}"
        unfinished.mkdir()
        note, vkeys = _note_and_keys(head.note, list(keys))
        with Folder.at(unfinished) as root:
            files = _Files(root)
            files.write(VKEY, vkeys)
            if since:
                files.write(SINCE, f"{since}\n".encode())
            self._hash_tiles(files, head, since)
            openings, missing = self._entries(files, head, since)
            files.write(CHECKPOINT, note)
        target = self._out / name
        _replace(unfinished, target)
        if flat:
            self._flatten(target)
        return ExportedLog(
            origin=head.origin,
            size=head.note_size,
            root=peek_checkpoint(note).root,
            path=target,
            openings=openings,
            missing=missing,
        )

    def _hash_tiles(self, files: _Files, head: LogHead, since: int) -> None:
        before = since // TILE_WIDTH
        lacking = (tile for tile in tiles_for_size(head.note_size) if tile[0] or tile[1] >= before)
        for chunk in _chunks(lacking):
            by_level: dict[int, list[tuple[int, int]]] = {}
            for level, number, width in chunk:
                by_level.setdefault(level, []).append((number, width))
            for level, tiles in by_level.items():
                stored = self._session.tiles(head.log, level, [n for n, _ in tiles])
                for (number, width), data in zip(tiles, stored, strict=True):
                    # stored as its longest version: the log has grown since the note
                    files.write(tile_path(level, number, width), data[: width * HASH_SIZE])

    def _entries(self, files: _Files, head: LogHead, since: int) -> tuple[int, int]:
        """Write entry tiles and openings; returns how many openings, and how many are not held."""
        written = missing = 0
        before = since // TILE_WIDTH
        lacking = (tile for tile in entry_tiles_for_size(head.note_size) if tile[0] >= before)
        for chunk in _chunks(lacking):
            tiles = self._session.tiles(head.log, ENTRIES, [number for number, _ in chunk])
            wanted: list[int] = []
            closed: list[int] = []
            for (number, width), data in zip(chunk, tiles, strict=True):
                leaves = parse_entry_tile(data)[:width]
                files.write(tile_path("entries", number, width), format_entry_tile(leaves))
                for index, leaf in enumerate(leaves, number * TILE_WIDTH):
                    (wanted if _is_open(leaf) else closed).append(index)
            if self._closed is not None and closed:
                wanted = sorted((*wanted, *self._closed(head, closed)))
            stored = self._session.openings(head.log, wanted) if wanted else ()
            found = self._open(head.origin, stored)
            for sealed, opening in found:
                files.write(opening_path(sealed.index), format_opening(opening))
            written += len(found)
            missing += len(wanted) - len(found)
        return written, missing

    def _flatten(self, target: Path) -> None:
        """Put the same files directly into the folder, without a second copy on disk."""
        flat = self._out / f"{_UNFINISHED}flat"
        shutil.copytree(target, flat, symlinks=True, copy_function=_link)
        for name in reversed(TOP_NAMES):
            place = self._out / name
            _remove(place)
            if (flat / name).exists():
                (flat / name).rename(place)
        flat.rmdir()


class _Files:
    """Writes files below a folder that nobody else knows of."""

    def __init__(self, root: Folder) -> None:
        self._root = root

    def write(self, path: str, data: bytes) -> None:
        *parents, name = path.split("/")
        with ExitStack() as stack:
            folder = self._root
            for parent in parents:
                folder = stack.enter_context(folder.inner(parent, make=0o777))
            folder.put_new(name, data)


def _chunks(items: Iterable[tuple[int, ...]]) -> Iterator[list[tuple[int, ...]]]:
    chunk: list[tuple[int, ...]] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == CHUNK_TILES:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _note_and_keys(data: bytes, keys: Sequence[VerifierKey]) -> tuple[bytes, bytes]:
    """The note, and the keys of its lines: the log's, then those that cosigned.

    Lines of keys that are known no more are left out: nobody could verify them.
    """
    note = only_known(parse_note(data), keys)
    cosigned = {c.key for c in verify_cosignatures(note, keys)}
    named = [keys[0], *(key for key in keys[1:] if key in cosigned)]
    return note.to_bytes(), "".join(f"{key}\n" for key in named).encode()


def _is_open(leaf: bytes) -> bool:
    return len(leaf) == LEAF_SIZE and leaf[0] == LEAF_VERSION and leaf[1] in OPEN_KINDS


def _origin_in(folder: Path) -> str | None:
    """Origin of the export that a folder is, or None."""
    try:
        data = ExportFolder(folder).read(CHECKPOINT, MAX_NOTE_SIZE)
        return None if data is None else peek_checkpoint(data).origin
    except (OSError, CryptoError):
        return None


def _in_the_way(path: Path) -> RefusedError:
    message = f"{path} is in the way and is no earlier export of this log; name another folder"
    return RefusedError("export.in-the-way", message)


def _replace(new: Path, target: Path) -> None:
    old = target.with_name(f"{_UNFINISHED}old-{target.name}")
    if target.exists() or target.is_symlink():
        target.rename(old)
    new.rename(target)
    _remove(old)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _link(source: str, target: str) -> None:
    """A second name for a file, or a copy where the file system has no such thing."""
    with suppress(OSError):
        os.link(source, target)
        return
    shutil.copyfile(source, target)
