"""Where imports lie until they are published: a folder of the node's own that outlives a restart.

IM1  What is published is the very file that was tried, and the mapping that was signed: bytes
     that are no longer those of the digest that was noted are refused, and published in nothing.
     A mapping that is refused leaves the one before it as it was
IM2  An import is whole or not there: its file is on the disk before it is named. It lies where
     nobody else may enter, bounded in number and in bytes; seven days after it was brought
     nothing is published of it any more, and it is removed. What relieves or annotates waits
     behind no list: it has bounds of its own, and goes into the disk's reserve

DIR/imports/<number>/import.json     what is known of it
                     mapping-<digest>.yaml    one that was proposed with it
                     file/<name>     as it was brought, whatever its name; gone once published
                     file/<name>.errors.csv
                     rows.jsonl      once published: of each good row its number, what it led to,
                                     and ids (IM8); nothing that tells who it is about
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Final

from adapters.files.atomic import sync_directory, write_atomically
from federation.errors import RefusedError
from federation.names import ABOUT_LISTINGS
from node.intake.imported import Import

FOLDER: Final = "imports"
MOST: Final = 200
"""Imports at a time, of lists and the like; as many of reliefs and annotations."""
BYTES_MOST: Final = 4 * 1024**3
"""Of all files of either together."""
_NUMBER: Final = re.compile(r"[0-9a-f]{32}")
_STATE: Final = "import.json"
_MAPPING: Final = "mapping-{}.yaml"
_DIGEST_SHOWN: Final = 16
_FILE: Final = "file"
_ROWS: Final = "rows.jsonl"
_CHUNK: Final = 1024 * 1024


class ImportFolder:
    """The folder; its caller sees to it that one import is changed by one thread at a time."""

    def __init__(self, directory: Path, need: Callable[[int], None]) -> None:
        """Take the folder, which is made with the first import.

        Args:
            directory: of the node.
            need: raises where so many bytes would go into the disk's reserve.
        """
        self._folder = directory / FOLDER
        self._need = need

    def all(self) -> Iterator[Import]:
        """Yield all imports, the oldest first; what a crash left of one is none."""
        found = []
        for one in self._entries():
            with suppress(OSError, ValueError, TypeError, KeyError):
                found.append(Import.of_json((one / _STATE).read_bytes()))
        yield from sorted(found, key=lambda one: (one.at, one.number))

    def get(self, number: str) -> Import:
        """Find one.

        Raises:
            RefusedError: `import.unknown`.
        """
        path = self._folder / number / _STATE
        if not _NUMBER.fullmatch(number) or not path.is_file():
            message = (
                "没有这一导入，或已过期、已删去；请重新导入文件 / expected an import that is here, "
                "got none of that number: bring the file again"
            )
            raise RefusedError("import.unknown", message)
        return Import.of_json(path.read_bytes())

    def new(self, number: str, path: Path, kind: str) -> tuple[Path, str]:
        """Take a file of a kind in; its place and the SHA-256 of its bytes, in hexadecimal.

        Raises:
            RefusedError: `import.full`, `disk.reserve`.
            OSError: it cannot be read, or written.
        """
        size = path.stat().st_size
        urgent = kind in ABOUT_LISTINGS
        other = {one.number for one in self.all() if (one.kind in ABOUT_LISTINGS) != urgent}
        here = [one for one in self._entries() if one.name not in other]
        used = sum(_size(file) for one in here for file in one.rglob("*"))
        if len(here) >= MOST or used + size > BYTES_MOST:
            message = (
                f"待办的导入过多，请先办结或删去一些 / expected fewer than {MOST} imports of "
                f"together at most {BYTES_MOST >> 20} MB: publish or drop some first"
            )
            raise RefusedError("import.full", message)
        if not urgent:
            self._need(size)
        self._folder.mkdir(mode=0o700, exist_ok=True)
        place = self._folder / number / _FILE
        place.mkdir(mode=0o700, parents=True)
        copy = place / path.name
        digest = sha256()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        with path.open("rb") as source, os.fdopen(os.open(copy, flags, 0o600), "wb") as out:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        for made in (place, place.parent, self._folder, self._folder.parent):
            sync_directory(made)
        return copy, digest.hexdigest()

    def _entries(self) -> list[Path]:
        return list(self._folder.iterdir()) if self._folder.exists() else []

    def put(self, one: Import) -> None:
        """Keep what is known of an import."""
        write_atomically(self._folder / one.number / _STATE, one.to_json(), 0o600)

    def file_of(self, one: Import) -> Path:
        """Its file, whose bytes are those that were brought.

        Raises:
            RefusedError: `import.changed` (IM1).
        """
        return _of_digest(self.beside(one), one.sha256)

    def beside(self, one: Import) -> Path:
        """Where its file lies, or lay."""
        return self._folder / one.number / _FILE / one.file

    def own_mapping(self, one: Import) -> Path | None:
        """A mapping of its own, whose bytes are those that were laid; None where none was.

        Raises:
            RefusedError: `import.changed` (IM1).
        """
        return _of_digest(self._mapping_at(one), one.own_sha256) if one.own else None

    def put_mapping(self, one: Import, data: bytes) -> Path:
        """Lay the mapping of its digest beside it; others that are there stay."""
        path = self._mapping_at(one)
        write_atomically(path, data, 0o600)
        return path

    def drop_mappings(self, one: Import) -> None:
        """Remove all mappings beside it but its own."""
        for path in (self._folder / one.number).glob(_MAPPING.format("*")):
            if path != self._mapping_at(one):
                path.unlink(missing_ok=True)

    def _mapping_at(self, one: Import) -> Path:
        return self._folder / one.number / _MAPPING.format(one.own_sha256[:_DIGEST_SHOWN])

    def remove_file(self, one: Import) -> None:
        """Remove its file and its mapping: it was published."""
        self.beside(one).unlink(missing_ok=True)
        self.drop_mappings(replace(one, own_sha256=""))

    @contextmanager
    def noting(self, one: Import) -> Iterator[Callable[[str], None]]:
        """Take notes of what is published, line by line; there once all of it is.

        Where there is no room for them it is published without.
        """
        place = self._folder / one.number / _ROWS
        begun, whole = place.with_suffix(".begun"), True
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        try:
            out = os.fdopen(os.open(begun, flags, 0o600), "w", encoding="ascii")
        except OSError:
            yield lambda _: None
            return

        def note(line: str) -> None:
            nonlocal whole
            try:
                out.write(f"{line}\n")
            except OSError:
                whole = False

        try:
            yield note
        except BaseException:
            with suppress(OSError):
                out.close()
            raise
        try:
            with out:
                out.flush()
                os.fsync(out.fileno())
        except OSError:
            whole = False
        if whole:
            begun.replace(place)
        else:
            begun.unlink(missing_ok=True)

    def noted(self, one: Import) -> Iterator[str]:
        """Yield the lines that were noted of what was published; none where none are there."""
        place = self._folder / one.number / _ROWS
        if place.is_file():
            with place.open(encoding="ascii") as lines:
                yield from lines

    def remove(self, number: str) -> None:
        """Remove an import whole."""
        shutil.rmtree(self._folder / number, ignore_errors=True)

    def left(self) -> Iterator[str]:
        """Yield the numbers of what a crash left: folders in which nothing says what they are."""
        yield from (one.name for one in self._entries() if self.is_left(one.name))

    def is_left(self, number: str) -> bool:
        """Whether nothing says what a folder is."""
        return not (self._folder / number / _STATE).is_file()


def _size(path: Path) -> int:
    """Bytes of a file; of one that was published or dropped meanwhile none."""
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return 0


def _of_digest(path: Path, digest: str) -> Path:
    """A file whose bytes are those of a digest.

    Raises:
        RefusedError: `import.changed` (IM1).
    """
    if not path.is_file() or _digest(path) != digest:
        message = (
            f"文件与检查时的不一致，不予发布；请重新导入 / {path.name}: expected the bytes with "
            f"the digest {digest}, got others; bring the file again"
        )
        raise RefusedError("import.changed", message)
    return path


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
