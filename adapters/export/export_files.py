"""Reads exported logs from a folder, for the audit. What lies there is trusted with nothing."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from federation.audit.export_names import TOP_NAMES

_FLAGS: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_NOT_THERE: Final = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO)


class ExportFolder:
    """The files of one exported log (`federation.audit.verification.ExportFiles`)."""

    def __init__(self, root: Path, *, only_top_names: bool = False) -> None:
        """Name the folder.

        Args:
            root: where `checkpoint` lies.
            only_top_names: leave out what else lies directly there: other logs, each with an
                audit of its own.
        """
        self._root = os.fspath(root)
        self._only_top_names = only_top_names

    def paths(self) -> Iterator[str]:
        """Every file and every link, folder by folder; empty folders too, with a `/` behind.

        Raises:
            OSError: a folder cannot be read, so that nobody knows what lies in it.
        """
        for folder, folders, names in os.walk(self._root, onerror=_unreadable):
            below = os.path.relpath(folder, self._root)
            prefix = "" if below == "." else f"{below}/"
            if not prefix and self._only_top_names:
                folders[:] = [name for name in folders if name in TOP_NAMES]
                names = [name for name in names if name in TOP_NAMES]  # noqa: PLW2901
            folders.sort()
            yield from (prefix + name for name in sorted(names))
            yield from (prefix + name for name in folders if Path(folder, name).is_symlink())
            if prefix and not names and not folders:
                yield prefix

    def read(self, path: str, limit: int) -> bytes | None:
        """Read at most one byte more than `limit`; None where there is no plain file."""
        try:
            # no link is followed out of the folder, and a pipe does not keep us waiting
            descriptor = os.open(f"{self._root}/{path}", _FLAGS)
        except OSError as error:
            if error.errno in _NOT_THERE:
                return None
            raise
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return None
            return _read_up_to(descriptor, min(status.st_size, limit) + 1)
        finally:
            os.close(descriptor)


def exported_logs(out: Path) -> list[tuple[str, ExportFolder]]:
    """Find the exports in a folder: (name of its folder, files); the name is empty for a flat one.

    A folder below without a checkpoint counts too, so that a lost checkpoint is a finding.
    """
    folders = sorted(p for p in out.iterdir() if p.name not in TOP_NAMES and p.is_dir())
    found = [(folder.name, ExportFolder(folder)) for folder in folders]
    if not found or any((out / name).exists() for name in TOP_NAMES):
        found.insert(0, ("", ExportFolder(out, only_top_names=True)))
    return found


def strays(out: Path) -> list[str]:
    """Name the files that lie beside the exports and belong to none."""
    return sorted(p.name for p in out.iterdir() if p.name not in TOP_NAMES and not p.is_dir())


def _unreadable(error: OSError) -> None:
    if error.errno != errno.ENOENT:
        raise error


def _read_up_to(descriptor: int, limit: int) -> bytes:
    data = os.read(descriptor, limit)
    while data and len(data) < limit:
        more = os.read(descriptor, limit - len(data))
        if not more:
            break
        data += more
    return data
