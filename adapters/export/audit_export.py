"""Writes everything that a node holds into one folder, for an auditor.

The folder is written beside its place and renamed into it when it is whole; only an earlier export
of this kind is replaced. What lies in it is told in `federation.audit.export_names`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final

from adapters.files.folders import Folder
from federation.audit.export_names import AUDIT_NAMES, LOGS, SUMS, format_sums, summed
from federation.errors import RefusedError

_UNFINISHED: Final = ".huxin-audit-"


class AuditFolder:
    """A folder that is being written."""

    def __init__(self, root: Path) -> None:
        """Write into an empty folder that nobody else knows of."""
        self._root = root
        self._sums: dict[str, bytes] = {}

    @property
    def logs(self) -> Path:
        """Where `adapters.export.tile_export.TileExport` writes the logs."""
        return self._root / LOGS

    def write(self, path: str, data: bytes) -> None:
        """Write a file, and remember its digest.

        Raises:
            OSError: it is there, or the disk is full.
        """
        *parents, name = path.split("/")
        with ExitStack() as stack:
            folder = stack.enter_context(Folder.at(self._root))
            for parent in parents:
                folder = stack.enter_context(folder.inner(parent, make=0o755))
            folder.put_new(name, data)
        self._sums[path] = sha256(data).digest()

    def finish(self) -> None:
        """Write the digests of all files but tiles and openings."""
        for log in sorted(self.logs.iterdir()) if self.logs.exists() else ():
            for file in sorted(log.iterdir()):
                path = f"{LOGS}/{log.name}/{file.name}"
                if file.is_file() and summed(path):
                    self._sums[path] = sha256(file.read_bytes()).digest()
        self.write(SUMS, format_sums(self._sums))


@contextmanager
def audit_folder(out: Path) -> Iterator[AuditFolder]:
    """Write an export; it takes its place when the block ends well, and leaves nothing otherwise.

    Raises:
        RefusedError: `export.in-the-way`: something else lies there.
    """
    if out.name in ("", "..") or out.is_symlink() or (out.exists() and not _replaceable(out)):
        message = f"{out} is in the way and is no earlier audit export; name another folder"
        raise RefusedError("export.in-the-way", message)
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = out.with_name(f"{_UNFINISHED}{out.name}")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    unfinished.mkdir()
    try:
        writing = AuditFolder(unfinished)
        yield writing
        writing.finish()
        old = out.with_name(f"{_UNFINISHED}old-{out.name}")
        if out.exists():
            if old.exists():  # of a run that was ended here; what took its place is whole
                shutil.rmtree(old)
            out.rename(old)
        unfinished.rename(out)
        if old.exists():
            shutil.rmtree(old)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def _replaceable(out: Path) -> bool:
    names = {entry.name for entry in out.iterdir()} if out.is_dir() else {""}
    return not names or (SUMS in names and names <= set(AUDIT_NAMES))
