"""Files that somebody handed over: never more of one is read than its form may have."""

from __future__ import annotations

from pathlib import Path


def read_bounded(path: Path, most: int) -> bytes:
    """Read a file, at most one byte more than it may have, by which its reader refuses it.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return file.read(most + 1)
