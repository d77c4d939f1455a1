"""What was read of a file, kept until it is published; nothing of it is in clear on a disk.

A file is read once, to its end, before anything of it is published. What it comes to may be more
than memory should hold, so it is written page by page into a file without a name, in the node's
private room, under a key that only this process's memory holds (ChaCha20-Poly1305; the number of
the page is the nonce, so that no page stands for another). A process that dies leaves bytes that
nobody can read in a file that is gone.
"""

from __future__ import annotations

import errno
import marshal
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from adapters.errors import FullError
from adapters.files.errors import TableError

KEY_SIZE: Final = 32
_NONCE_SIZE: Final = 12
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_LENGTH_SIZE: Final = 4


class Spool:
    """Pages of plain values (texts, bytes, numbers, None, tuples); one thread at a time."""

    def __init__(self, directory: Path, key: bytes, most: int, need: Callable[[int], None]) -> None:
        """Begin with no pages.

        Args:
            directory: of the node's own; made where it is not there.
            key: 32 fresh random bytes, used for nothing else and kept nowhere.
            most: bytes that the pages may take on the disk.
            need: raises where there is no room for so many bytes more.

        Raises:
            OSError: the directory or the file cannot be made.
        """
        directory.mkdir(mode=0o700, exist_ok=True)
        self._cipher = ChaCha20Poly1305(key)
        self._file = tempfile.TemporaryFile(dir=directory)  # noqa: SIM115 - see `close`
        self._most = most
        self._need = need
        self._size = self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the space back."""
        self._file.close()

    def add(self, page: list[tuple[Any, ...]]) -> None:
        """Put down a page.

        Raises:
            TableError: `file.size`: what the file comes to is too large.
            FullError: there is no space for it.
            Exception: as `need` does.
        """
        # Of plain values alone, which this process has made: nothing that could act is in it.
        sealed = self._cipher.encrypt(_nonce(self._count), marshal.dumps(page), None)
        self._size += _LENGTH_SIZE + len(sealed)
        if self._size > self._most:
            message = (
                f"文件过大 / the rows of the file come to more than {self._most} bytes; split it"
            )
            raise TableError("file.size", message)
        self._need(_LENGTH_SIZE + len(sealed))
        try:
            self._file.write(len(sealed).to_bytes(_LENGTH_SIZE, "big") + sealed)
            self._file.flush()
        except OSError as error:
            if error.errno in _FULL:
                message = f"no space for the rows of a file: {error.strerror}"
                raise FullError(message) from error
            raise
        self._count += 1

    def pages(self, first: int = 0) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the pages again, in their order, any number of times; none is added meanwhile.

        Those before the `first`, counted from 0, are passed over.

        Raises:
            OSError: they cannot be read.
            InvalidTag: they were changed.
        """
        self._file.seek(0)
        for number in range(self._count):
            length = int.from_bytes(self._file.read(_LENGTH_SIZE), "big")
            if number < first:
                self._file.seek(length, os.SEEK_CUR)
                continue
            plain = self._cipher.decrypt(_nonce(number), self._file.read(length), None)
            page: list[tuple[Any, ...]] = marshal.loads(plain)  # noqa: S302 - authenticated
            yield page


def _nonce(number: int) -> bytes:
    return number.to_bytes(_NONCE_SIZE, "big")
