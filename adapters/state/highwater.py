"""The high-water mark as a file: what this node has signed, kept apart from its database.

Three lines: origin, size, root in base64. Written beside, made durable, renamed, and the directory
made durable, so that a crash leaves the old mark or the new one. A lock file of its own is held
from the comparison to the rename: the mark itself changes its inode.

An attacker who can write this file can make the node refuse to sign, or, with control over the
database as well, sign a second history; peers show it, and their cosignatures prove it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.errors import HighWaterError
from adapters.files.atomic import write_atomically
from crypto.errors import FormatError
from crypto.merkle import EMPTY_ROOT, HASH_SIZE
from crypto.strict import b64, b64_strict, parse_decimal
from federation.errors import RefusedError
from federation.ids import Origin


class FileHighWater:
    """`federation.ports.store.HighWater` for one host; several hosts need a shared store."""

    def __init__(self, path: Path, origin: Origin) -> None:
        """Use a file, which need not exist, as the mark of our own log.

        Args:
            path: its directory must exist.
            origin: our log; a mark of another one is refused.
        """
        self._path = path
        self._origin = origin

    def load(self) -> tuple[int, bytes] | None:
        """See `HighWater.load`.

        Raises:
            HighWaterError: there is a mark, but it cannot be read, is damaged, or is of another
                log. That is not the same as none: never go on as if it were missing.
        """
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            message = f"{self._path}: the high-water mark cannot be read: {error}"
            raise HighWaterError(message) from error
        return self._parse(data)

    def create_empty(self) -> None:
        """Write the mark of size 0, for a fresh key.

        Raises:
            RefusedError: `high-water.exists`.
            HighWaterError: it cannot be written.
        """
        with self._locked():
            if self.load() is not None:
                message = f"{self._path}: there is a high-water mark already"
                raise RefusedError("high-water.exists", message)
            self._write(0, EMPTY_ROOT)

    def advance(self, expected: tuple[int, bytes] | None, new: tuple[int, bytes]) -> None:
        """See `HighWater.advance`.

        Raises:
            RefusedError: `high-water.moved`; also where the mark has gone missing, or has come
                back where none was expected.
            HighWaterError: it is damaged or cannot be written; the mark is the old one, or, if
                only the last step failed, perhaps the new one.
        """
        with self._locked():
            found = self.load()
            if found != expected:
                message = (
                    f"{self._path}: expected {_said(expected)}, found {_said(found)}: another "
                    "process signs for this log; stop one of the two"
                )
                raise RefusedError("high-water.moved", message)
            self._write(*new)

    def _parse(self, data: bytes) -> tuple[int, bytes]:
        try:
            origin, size, root, rest = data.decode("utf-8").split("\n")
            mark = parse_decimal(size), b64_strict(root)
        except (ValueError, FormatError) as error:
            message = (
                f"{self._path}: the high-water mark is damaged; do not delete it; see "
                "docs/operations/running.md"
            )
            raise HighWaterError(message) from error
        if origin != self._origin or rest or len(mark[1]) != HASH_SIZE:
            message = f"{self._path}: expected a mark of {self._origin}, got {origin[:200]!r}"
            raise HighWaterError(message)
        return mark

    def _write(self, size: int, root: bytes) -> None:
        """Write under the lock; also remove what a process left that was killed while it wrote."""
        text = f"{self._origin}\n{size}\n{b64(root)}\n"
        try:
            for leftover in self._path.parent.glob(f".{self._path.name}.*.part"):
                leftover.unlink()
            write_atomically(self._path, text.encode(), mode=0o600)
        except OSError as error:
            message = f"{self._path}: the high-water mark cannot be written: {error}"
            raise HighWaterError(message) from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = self._path.with_name(f"{self._path.name}.lock")
        try:
            descriptor = os.open(lock, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as error:
            message = f"{lock}: cannot be opened: {error}"
            raise HighWaterError(message) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _said(mark: tuple[int, bytes] | None) -> str:
    return "none" if mark is None else f"the mark at size {mark[0]}"
