"""Directories in which somebody else may write: whatever others rename there, nothing leads out.

    F26 where others may write, the node opens real directories and files only, each name within the
        directory that it holds open; it follows no link, waits for no pipe, overwrites no file that
        has another name, and moves a file only into a directory of the same folder

A path is looked up anew at each use, so that a link put in its place between two uses leads
elsewhere, with the node's rights. A directory once opened stays the one that it was (openat(2)).
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from hashlib import sha256
from pathlib import Path, PurePath
from types import TracebackType
from typing import BinaryIO, Final, Self

NAME_MAX: Final = 255
"""Bytes of a name in the usual file systems."""
_DIRECTORY: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_NO_SUCH: Final = (errno.ENOENT, errno.ENAMETOOLONG)


class Folder:
    """A real directory, held open; close it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def at(cls, path: Path) -> Folder:
        """Open a directory by its path, of which the last part is no link.

        Raises:
            OSError: there is none, or it may not be read.
        """
        return cls(os.open(path, _DIRECTORY))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._descriptor)

    def inner(self, name: str, *, make: int = 0) -> Folder:
        """Open a directory of this one, and make it first where `make` gives its mode.

        Raises:
            OSError: there is none, or what has this name is a link or a file.
        """
        if make:
            with suppress(FileExistsError):
                os.mkdir(name, make, dir_fd=self._descriptor)
        return Folder(os.open(name, _DIRECTORY, dir_fd=self._descriptor))

    def names(self) -> list[str]:
        """All names, in order; bytes that are no UTF-8 as `os.fsdecode` gives them."""
        return sorted(os.listdir(self._descriptor))  # noqa: PTH208 - not by a path

    def status(self, name: str) -> os.stat_result | None:
        """Status of what has this name, itself and not what it leads to; None where nothing has.

        Raises:
            OSError: it cannot be asked for.
        """
        try:
            return os.stat(name, dir_fd=self._descriptor, follow_symlinks=False)
        except OSError as error:
            if error.errno in _NO_SUCH:
                return None
            raise

    def open_file(self, name: str) -> BinaryIO:
        """Open a plain file for reading.

        Raises:
            OSError: there is none, it is none, or it may not be read.
        """
        descriptor = os.open(name, _FILE, dir_fd=self._descriptor)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(errno.EINVAL, "expected a plain file", name)
        return os.fdopen(descriptor, "rb")

    def move(self, name: str, to: Folder, new_name: str) -> None:
        """Move what has this name, itself.

        Raises:
            OSError: it is gone, or may not be moved.
        """
        os.rename(name, new_name, src_dir_fd=self._descriptor, dst_dir_fd=to._descriptor)

    def write(self, name: str, data: bytes, mode: int = 0o644) -> None:
        """Write a file whole, or leave what had this name; a link of this name is replaced.

        Raises:
            OSError: no space, or the directory may not be written.
        """
        part = with_ending(f".{name}", f".{os.getpid()}.part")
        self.remove(part)  # what somebody else laid there may be another name of another file
        descriptor = os.open(part, _NEW, mode, dir_fd=self._descriptor)
        try:
            with os.fdopen(descriptor, "wb") as file:
                os.fchmod(file.fileno(), mode)  # the umask may have taken bits away
                file.write(data)
                file.flush()
                # Before the rename, or the name could survive a crash without the content.
                os.fsync(file.fileno())
            self.move(part, self, name)
        except BaseException:
            self.remove(part)
            raise
        self.sync()

    def put_new(self, name: str, data: bytes) -> None:
        """Write a file that is not there yet; it is neither synced nor whole after a crash.

        Raises:
            OSError: something has this name, no space, or the directory may not be written.
        """
        with os.fdopen(os.open(name, _NEW, 0o666, dir_fd=self._descriptor), "wb") as file:
            file.write(data)

    def remove(self, name: str) -> bool:
        """Remove a name that is no directory's; returns whether there was one.

        Raises:
            OSError: it may not be removed.
        """
        try:
            os.unlink(name, dir_fd=self._descriptor)
        except FileNotFoundError:
            return False
        return True

    def free_name(self, name: str) -> str:
        """Return the name, or NAME.2, NAME.3 … before its ending, where it is in use."""
        stem, ending = split_ending(name)
        number, free = 1, name
        while self.status(free) is not None:
            number += 1
            free = with_ending(stem, f".{number}{ending}")
        return free

    def sync(self) -> None:
        """Make the names durable, after a rename into or within it."""
        os.fsync(self._descriptor)


_ENDING_MAX: Final = 16


def split_ending(name: str) -> tuple[str, str]:
    """Split a name before its last dot, where a short ending follows."""
    path = PurePath(name)
    short = len(os.fsencode(path.suffix)) <= _ENDING_MAX
    return (path.stem, path.suffix) if short else (name, "")


def with_ending(name: str, ending: str) -> str:
    """Return `name + ending`, shortened where no file could be called so.

    What is cut away is told apart by a digest of the whole name.
    """
    whole, more = os.fsencode(name), len(os.fsencode(ending))
    if len(whole) + more <= NAME_MAX:
        return name + ending
    mark = f"~{sha256(whole).hexdigest()[:8]}"
    while len(os.fsencode(name)) + len(mark) + more > NAME_MAX:
        name = name[:-1]
    return name + mark + ending
