"""The end of every file that was taken: what was refused is kept, written and told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from adapters.files.faults import Faults, write_faults
from federation.ids import Timestamp
from federation.ports.store import Store, Tagger
from node.intake import tally as intake_tally
from node.log.writer import Writer
from node.system.failpoints import Failpoints
from node.texts.expected import told


class FileEnds:
    """Keeps what was refused for the quality of the source, and tells it to who gave the file."""

    def __init__(
        self,
        *,
        store: Store,
        writer: Writer,
        tagger: Tagger,
        now: Callable[[], Timestamp],
        failpoints: Failpoints,
    ) -> None:
        """Wire it."""
        self._store = store
        self._writer = writer
        self._tagger = tagger
        self._now = now
        self._failpoints = failpoints

    def note(
        self,
        batch: str,
        group: tuple[str, str],
        faults: Faults,
        refused: int,
        exists: int,
        *,
        relief: bool = False,
    ) -> None:
        """Keep for the quality of the source what was refused."""
        tag = self._tagger.lookup(f"intake\n{'/'.join(group)}\n{batch}".encode())

        def job() -> None:
            with self._store.write() as session:
                intake_tally.note(
                    session,
                    self._now(),
                    group,
                    tag,
                    [(fault.row, fault.code) for fault in faults.kept],
                    refused=refused,
                    exists=exists,
                    relief=relief,
                )

        self._writer.submit(job).result()

    def reported(self, path: Path, faults: Faults, result: dict[str, Any]) -> dict[str, Any]:
        """Write the errors file and complete the result."""
        with self._failpoints.at("feed.report"):
            errors = write_faults(path, map(told, faults.told()))
        return {
            "file": str(path),
            **result,
            "faults": dict(sorted(faults.codes.items())),
            "errors_file": "" if errors is None else str(errors),
        }
