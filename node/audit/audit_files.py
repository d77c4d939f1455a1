"""The files of an audit export that lie beside its logs, and whether every file is accounted for.

AD13 every file of an export is accounted for: it stands in SHA256SUMS with its digest, or is a
     tile or an opening that its log proves. Of more files than an export has nobody looks at any
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Final

from adapters.export.export_files import ExportFolder
from crypto.errors import FormatError
from federation.audit.export_names import (
    AUDIT_NAMES,
    LOGS,
    MAX_SUMS,
    OPENINGS,
    SUMS,
    TILES,
    parse_sums,
    summed,
)
from federation.audit.found import Found, Weight
from federation.audit.verification import MAX_FINDINGS

MAX_FILE: Final = 8 * 2**20
MAX_BESIDE: Final = 500_000
"""Files beside the logs; kept checkpoints of many years are far fewer."""


class AuditFiles:
    """One export."""

    def __init__(self, number: int, root: Path) -> None:
        self.number = number
        self.root = root
        self.files = ExportFolder(root)
        self._names = sorted(entry.name for entry in root.iterdir())
        self._beside = list(islice(self._paths(), MAX_BESIDE + 1))
        self.found: list[Found] = []
        if len(self._beside) > MAX_BESIDE:
            message = f"more than {MAX_BESIDE} files lie beside the logs; none was looked at"
            self.found.append(self._found("export.too-much-wrong", message, ""))
            self._beside = []

    def _paths(self) -> Iterator[str]:
        """Files but those of logs, each by its path; what lies at no place of its own too."""
        for name in self._names:
            place = self.root / name
            if place.is_symlink() or not place.is_dir():
                yield name
            elif name != LOGS:
                yield from (f"{name}/{path}" for path in ExportFolder(place).paths())

    def below(self, folder: str) -> list[str]:
        """Files below a folder, by path."""
        return sorted(path for path in self._beside if path.startswith(f"{folder}/"))

    def folders(self, name: str) -> list[str]:
        """Folders directly in a folder."""
        place = self.root / name
        if not place.is_dir() or place.is_symlink():
            return []
        return sorted(e.name for e in place.iterdir() if e.is_dir() and not e.is_symlink())

    def accounted(self) -> Iterator[Found]:
        """Whether every file stands in SHA256SUMS, with its digest (AD13)."""
        try:
            sums = parse_sums(self.files.read(SUMS, MAX_SUMS) or b"\n")  # none has no lines
        except FormatError as error:
            yield self._found("sums.malformed", str(error), SUMS)
            sums = {}
        there = {path for path in self._beside if path != SUMS}
        logs = self.root / LOGS
        for folder in self.folders(LOGS):
            there |= {
                f"{LOGS}/{folder}/{entry.name}"
                for entry in (logs / folder).iterdir()
                if entry.name not in (TILES, OPENINGS)
            }
        if logs.is_dir() and not logs.is_symlink():
            there |= {
                f"{LOGS}/{entry.name}"
                for entry in logs.iterdir()
                if entry.is_symlink() or not entry.is_dir()
            }
        told = 0
        for path in sorted(there | sums.keys()):
            message, code = "", ""
            data = self.files.read(path, MAX_FILE) if path in there else None
            if path not in sums or path.split("/")[0] not in AUDIT_NAMES or not summed(path):
                code, message = "file.unexpected", "this file is no part of the export"
            elif data is None:
                code, message = "file.missing", "expected this file"
            elif sha256(data).digest() != sums[path]:
                code, message = "file.changed", "it is not what SHA256SUMS says"
            if code:
                yield self._found(code, message, path)
                told += 1
            if told == MAX_FINDINGS:
                message = f"more than {MAX_FINDINGS} findings; the rest was not looked at"
                yield self._found("export.too-much-wrong", message, "")
                return

    def _found(self, code: str, message: str, path: str) -> Found:
        return Found(
            weight=Weight.FINDING, code=code, message=message, export=self.number, path=path
        )
