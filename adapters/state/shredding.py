"""Replacing a file of secrets so that what the old one held is overwritten, whatever interrupts it.

    link the old file as .NAME.old → write and rename the new one → overwrite .NAME.old → unlink it

A crash leaves at most the link, or a `.NAME.<pid>.part` of `write_atomically`; `shred_leftovers`
ends what was begun. Overwriting reaches the blocks that the file system has under the file now:
not copies made by snapshots, by a copy-on-write file system or by a flash disk's own remapping.
"""

from __future__ import annotations

import os
from pathlib import Path

from adapters.files.atomic import sync_directory, write_atomically


def replace_retaining(path: Path, data: bytes, mode: int) -> None:
    """Replace a file; the old content stays under `.NAME.old` until `shred_leftovers`.

    Raises:
        OSError: the directory may not be written, or the disk is full; the old file still stands.
    """
    shred_leftovers(path)
    os.link(path, _old(path), follow_symlinks=False)
    write_atomically(path, data, mode)


def shred_leftovers(path: Path) -> None:
    """Overwrite and remove what a replacement of this file left beside it.

    Only for the process that holds the directory: another one's `.part` is taken for a leftover.
    """
    old = _old(path)
    leftovers = [*path.parent.glob(f".{path.name}.*.part"), *([old] if old.exists() else [])]
    for leftover in leftovers:
        # A crash before the rename leaves a second name of the file in use, and no old content.
        if not (path.exists() and leftover.samefile(path)):
            _overwrite(leftover)
        leftover.unlink()
    if leftovers:
        sync_directory(path.parent)


def shred(path: Path) -> None:
    """Overwrite and remove a file of secrets; one that is gone is let pass.

    Raises:
        OSError: it cannot be written or removed; what it held may still stand.
    """
    if not path.exists():
        return
    _overwrite(path)
    path.unlink()
    sync_directory(path.parent)


def _old(path: Path) -> Path:
    return path.with_name(f".{path.name}.old")


def _overwrite(path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "wb") as file:
        file.write(bytes(os.fstat(file.fileno()).st_size))
        file.flush()
        os.fsync(file.fileno())
