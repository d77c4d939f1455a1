"""The copy of a followed log in a folder: what is put is whole or not there."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from adapters.export.export_files import ExportFolder
from adapters.files.atomic import write_atomically
from adapters.files.folders import Folder


class FolderCopy(ExportFolder):
    """`federation.audit.following.Copy` in a folder of its own."""

    def __init__(self, root: Path) -> None:
        """Use a folder; it is made where it does not exist."""
        root.mkdir(parents=True, exist_ok=True)
        super().__init__(root)
        self._path = root

    def put(self, path: str, data: bytes) -> None:
        """Put a file in the place of an older one, durably."""
        place = self._path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(place, data, mode=0o644)

    def drop_below(self, path: str) -> None:
        """Remove a folder with the files that lie directly in it; nothing where there is none."""
        with suppress(FileNotFoundError), Folder.at(self._path / path) as folder:
            for name in folder.names():
                folder.remove(name)
        with suppress(OSError):
            (self._path / path).rmdir()

    def drop(self, path: str) -> None:
        """Remove a file, and the folders that it leaves empty."""
        place = self._path / path
        place.unlink(missing_ok=True)
        with suppress(OSError):
            place.parent.rmdir()
