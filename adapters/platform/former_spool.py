"""What waited for a platform before schema 0009: batches as files, with their content in clear.

    platform/<name>/<number, 12 digits>.json
    platform/<name>.last

Read once for which leaves they were, then removed; nothing is written here any more.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from adapters.files.atomic import sync_directory
from federation.ids import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Waited:
    """What files of a former version said."""

    leaves: dict[Origin, set[int]] | None
    """By log; None where a file cannot be read: it may have been any."""
    number: int
    """The highest number of a batch."""


class FormerSpool:
    """One platform's files."""

    def __init__(self, directory: Path) -> None:
        """Take the directory; it need not exist."""
        self._directory = directory
        self._given = directory.with_name(f"{directory.name}.last")

    def exists(self) -> bool:
        """Whether a former version told this platform."""
        return self._directory.is_dir()

    def read(self) -> Waited:
        """Read which leaves waited.

        Raises:
            OSError: a file cannot be read.
        """
        files = sorted(self._directory.glob("*.json"))
        leaves: dict[Origin, set[int]] | None = defaultdict(set)
        given = self._given.read_text("ascii", "replace") if self._given.exists() else ""
        number = int(given) if given.strip().isdecimal() else 0
        for path in files:
            number = max(number, int(path.stem) if path.stem.isdecimal() else 0)
            try:
                document = json.loads(path.read_bytes())
                if leaves is not None:
                    leaves[Origin(document["origin"])] |= {row["index"] for row in document["rows"]}
            except (ValueError, KeyError, TypeError):
                leaves = None
        return Waited(leaves=leaves, number=number)

    def remove(self) -> None:
        """Remove the files: they name subjects.

        Raises:
            OSError: one cannot be removed; it is tried again at the next start.
        """
        for path in (*self._directory.glob("*"), *self._directory.glob(".*.part"), self._given):
            path.unlink(missing_ok=True)
        for path in self._directory.parent.glob(f".{self._given.name}.*.part"):
            path.unlink()
        self._directory.rmdir()
        sync_directory(self._directory.parent)
