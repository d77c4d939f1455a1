"""A directory of the node's own, in which files of others are read while nobody can change them.

    F27 a file is read from a private copy, made once: its digest is that of the copy, and all that
        is published of it stands in the copy. One that changes while it is copied is not used

A copy is removed as soon as it was read, that of a list before anything of it is published; what a
crash left is removed when the room is opened.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

from adapters.errors import FullError
from adapters.files.errors import TableError
from adapters.files.folders import split_ending, with_ending
from adapters.files.spool import Spool

_CHUNK: Final = 1024 * 1024
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateCopy:
    """A copy, and the SHA-256 of its bytes in hex."""

    path: Path
    sha256: str


class PrivateRoom:
    """Makes copies; any thread."""

    def __init__(self, directory: Path, most: int) -> None:
        """Take the directory, which is made at the first copy and belongs to one process.

        Args:
            directory: mode 0700; what lies in it is removed.
            most: bytes of a file.
        """
        self._directory = directory
        self._most = most
        if directory.exists():
            for left in directory.iterdir():
                shutil.rmtree(left)

    @contextmanager
    def copy(self, source: BinaryIO, name: str) -> Iterator[PrivateCopy]:
        """Copy what is left of an open file; the copy has its name, and goes with the context.

        Raises:
            TableError: `file.size`.
            FullError: there is no space for it.
            OSError: it cannot be read or written.
        """
        self._directory.mkdir(mode=0o700, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=self._directory))
        try:
            path = folder / with_ending(*split_ending(name))
            yield PrivateCopy(path=path, sha256=self._fill(path, source))
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def spool(self, key: bytes, most: int, need: Callable[[int], None]) -> Spool:
        """Make a place for what is read of a copy (`adapters.files.spool`)."""
        return Spool(self._directory, key, most, need)

    def _fill(self, path: Path, source: BinaryIO) -> str:
        digest, size = sha256(), 0
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            while chunk := source.read(_CHUNK):
                size += len(chunk)
                if size > self._most:
                    message = f"文件过大 / expected at most {self._most} bytes; split it"
                    raise TableError("file.size", message)
                digest.update(chunk)
                try:
                    out.write(chunk)
                    out.flush()
                except OSError as error:
                    if error.errno in _FULL:
                        message = f"no space for a copy of {path.name}: {error.strerror}"
                        raise FullError(message) from error
                    raise
        return digest.hexdigest()
