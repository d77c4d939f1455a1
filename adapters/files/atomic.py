"""A file that is there whole or not at all, also after a loss of power."""

from __future__ import annotations

from pathlib import Path

from adapters.files.folders import Folder


def write_atomically(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file so that a reader, or a restart, sees the old content or the new, never a part.

    A crash leaves at most a hidden `.NAME.<pid>.part` file beside it, which nobody reads. Whatever
    somebody else laid under either name is replaced, and neither followed nor written into (F26).

    Args:
        path: its directory must exist.
        data: the whole content.
        mode: permission bits of the file from its first moment on.

    Raises:
        OSError: the disk is full or the directory may not be written; the old file still stands.
    """
    # the directory's own path may lead over links: it is the caller's
    with Folder.at(path.parent.resolve()) as folder:
        folder.write(path.name, data, mode)


def make_directory(directory: Path, mode: int) -> None:
    """Make a directory where there is none; its name is durable before anything is written in it.

    Without that a loss of power takes the directory away with whatever was made durable inside.

    Args:
        directory: its parent must exist.
        mode: permission bits.

    Raises:
        OSError: it cannot be made, or a file has its name.
    """
    if not directory.is_dir():
        directory.mkdir(mode=mode, exist_ok=True)
        sync_directory(directory.parent)


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable, after a rename into or within it."""
    with Folder.at(directory.resolve()) as folder:
        folder.sync()
