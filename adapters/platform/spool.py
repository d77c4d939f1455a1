"""Batches that wait for the platform's database, as files in the order in which they were told.

    platform/<name>/<number, 12 digits>.json

A file is there whole or not at all, is made before the delivery cursor moves, and is removed after
its rows were committed. So nothing is lost while the database is down, and a crash in between only
tells the same batch again. A number is given once: `platform/<name>.last` keeps the newest one when
its file is gone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from adapters.files.atomic import sync_directory, write_atomically
from adapters.files.outbox import STREAMS, OutboxRow
from federation.ids import Origin
from federation.statements import Kind

_DIGITS: Final = 12
_MODE: Final = 0o600
"""The rows name subjects."""


class Spool:
    """One platform's queue; one thread puts, one takes."""

    def __init__(self, directory: Path) -> None:
        """Open the queue, and make its directory where there is none.

        Raises:
            OSError: the directory cannot be made or read.
        """
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._directory = directory
        for part in directory.glob(".*.part"):  # of a process that died; none of ours runs yet
            part.unlink()
        self._given = directory.with_name(f"{directory.name}.last")
        for part in directory.parent.glob(f".{self._given.name}.*.part"):
            part.unlink()
        given = int(self._given.read_text("ascii")) if self._given.exists() else 0
        self._last = max((self.number(path) for path in self.waiting()), default=given)

    def put(self, origin: Origin, _first: int, _last: int, rows: Sequence[OutboxRow]) -> None:
        """Keep a batch; one without a row that the platform is told leaves no file.

        Raises:
            OSError: the disk is full: nothing of the batch is kept.
        """
        told = [asdict(row) for row in rows if row.kind in STREAMS]
        if not told:
            return
        document = {"format": 1, "origin": origin, "rows": told}
        path = self._directory / f"{self._last + 1:0{_DIGITS}}.json"
        write_atomically(path, json.dumps(document, ensure_ascii=False).encode(), _MODE)
        self._last += 1

    def waiting(self) -> list[Path]:
        """Return the batches, oldest first."""
        return sorted(self._directory.glob("*.json"))

    def read(self, path: Path) -> tuple[Origin, list[OutboxRow]]:
        """Read a batch."""
        document = json.loads(path.read_text("utf-8"))
        rows = [OutboxRow(**{**row, "kind": Kind(row["kind"])}) for row in document["rows"]]
        return Origin(document["origin"]), rows

    @staticmethod
    def number(path: Path) -> int:
        """Return the number of a batch; no other one of this platform ever had it."""
        return int(path.stem)

    def remove(self, path: Path) -> None:
        """Forget a batch whose rows the platform has."""
        if self.number(path) == self._last:
            write_atomically(self._given, str(self._last).encode(), _MODE)
        path.unlink()
        sync_directory(self._directory)
