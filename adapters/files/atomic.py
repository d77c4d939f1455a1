"""A file that is there whole or not at all, also after a loss of power."""

from __future__ import annotations

import os
from pathlib import Path


def write_atomically(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file so that a reader, or a restart, sees the old content or the new, never a part.

    A crash leaves at most a hidden `.NAME.<pid>.part` file beside it, which nobody reads.

    Args:
        path: its directory must exist.
        data: the whole content.
        mode: permission bits of the file from its first moment on.

    Raises:
        OSError: the disk is full or the directory may not be written; the old file still stands.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    descriptor = os.open(part, flags, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)  # the umask may have taken bits away
            file.write(data)
            file.flush()
            # Before the rename, or the name could survive a crash without the content.
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable, after a rename into or within it."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
