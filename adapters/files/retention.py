"""Files that have done their work and name subjects are not kept."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from adapters.files.dropfolder import REFUSED, TAKEN

PART_SECONDS: Final = 3600
"""Age at which a half-written file is what a crash left, and nobody's work."""


def remove_done(folder: Path, now: float, keep_seconds: float) -> int:
    """Delete from a source's folder what was taken or refused long ago, with its companions.

    Args:
        folder: `inbox/<source>`.
        now: seconds since 1970, as the file system gives times.
        keep_seconds: how long a file is kept after it was moved there.

    Returns:
        The number of files deleted.

    Raises:
        OSError: something may not be read or deleted.
    """
    done = (path for where in (TAKEN, REFUSED) for path in (folder / where).glob("*"))
    return _remove(done, now - keep_seconds)


def remove_parts(folder: Path, now: float) -> int:
    """Delete `.NAME.<pid>.part` files that a crash left in a folder and those in it.

    Raises:
        OSError: something may not be read or deleted.
    """
    return _remove(folder.rglob(".*.part"), now - PART_SECONDS)


def _remove(paths: Iterable[Path], before: float) -> int:
    """Delete files whose name or content last changed before a time; moving one counts."""
    count = 0
    for path in paths:
        status = path.lstat()
        if not path.is_dir() and status.st_ctime < before:
            path.unlink(missing_ok=True)
            count += 1
    return count
