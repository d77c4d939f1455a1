"""Files that have done their work and name subjects are not kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISDIR
from typing import Final

from adapters.files.dropfolder import REFUSED, TAKEN
from adapters.files.folders import Folder

PART_SECONDS: Final = 3600
"""Age at which a half-written file is what a crash left, and nobody's work."""


def remove_done(folder: Path, now: float, keep_seconds: float) -> int:
    """Delete from a source's folder what was taken or refused long ago, with its companions.

    Whatever else the source has laid there under these names is no directory, and left (F26).

    Args:
        folder: `inbox/<source>`.
        now: seconds since 1970, as the file system gives times.
        keep_seconds: how long a file is kept after it was moved there.

    Returns:
        The number of files deleted.

    Raises:
        OSError: something may not be read or deleted; all else was.
    """
    sweep = _Sweep(now - keep_seconds)
    with sweep.opened(None, folder) as opened:
        for where in (TAKEN, REFUSED) if opened else ():
            with sweep.opened(opened, where) as inner:
                sweep.remove(inner, lambda _: True)
    return sweep.done()


def remove_parts(folder: Path, now: float) -> int:
    """Delete `.NAME.<pid>.part` files that a crash left in a folder and those in it.

    Raises:
        OSError: something may not be read or deleted; all else was.
    """
    sweep = _Sweep(now - PART_SECONDS)
    with sweep.opened(None, folder) as opened:
        sweep.remove(opened, _is_part)
        for name in opened.names() if opened else ():
            with sweep.opened(opened, name) as inner:
                sweep.remove(inner, _is_part)
    return sweep.done()


def _is_part(name: str) -> bool:
    return name.startswith(".") and name.endswith(".part")


class _Sweep:
    """Deletes files whose name or content last changed before a time; moving one counts."""

    def __init__(self, before: float) -> None:
        self._before = before
        self._count = 0
        self._failed: OSError | None = None

    @contextmanager
    def opened(self, outer: Folder | None, name: Path | str) -> Iterator[Folder | None]:
        """Open a directory; None where there is none, or it cannot be opened."""
        try:
            found = Folder.at(Path(name)) if outer is None else outer.inner(str(name))
        except (FileNotFoundError, NotADirectoryError):
            yield None
        except OSError as error:
            self._failed = self._failed or error
            yield None
        else:
            with found:
                yield found

    def remove(self, folder: Folder | None, chosen: Callable[[str], bool]) -> None:
        """Delete the old ones of the chosen files of a directory."""
        for name in filter(chosen, folder.names() if folder else ()):
            try:
                status = folder.status(name) if folder else None
                if status and not S_ISDIR(status.st_mode) and status.st_ctime < self._before:
                    self._count += bool(folder and folder.remove(name))
            except OSError as error:
                self._failed = self._failed or error

    def done(self) -> int:
        """Return the number of files deleted, or raise what failed."""
        if self._failed is not None:
            raise self._failed
        return self._count
