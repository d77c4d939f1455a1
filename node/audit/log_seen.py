"""One log as an audit reads it, from a folder or from a node's store: verified byte by byte.

AD16 an export that leaves out what an earlier one has is read together with that one, and proves
     nothing of what neither has
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from adapters.export.export_files import ExportFolder
from adapters.processes import spread
from crypto.keys import VerifierKey
from crypto.tiles import TILE_WIDTH, tile_path
from federation.audit.export_names import SINCE, lies_before
from federation.audit.histories import Seen, kept
from federation.audit.log_facts import LogFacts, LogReader
from federation.audit.verification import ExportFiles, Finding, LogAudit
from federation.charters.trust import Trust
from federation.facts import PayloadReader
from federation.ids import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How logs are read.

    Attributes:
        payloads: reads openings.
        processes: that read a log.
        by_month: also note what is said in which month, for the alliance's report.
    """

    payloads: PayloadReader
    processes: int = 1
    by_month: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSeen:
    """A log of one export, verified by itself."""

    export: int
    folder: str
    origin: Origin
    files: ExportFiles
    key: VerifierKey
    checkpoint: Seen
    notes: tuple[Seen, ...]
    facts: LogFacts
    cosigners: tuple[str, ...]
    openings: int
    sound: bool
    """Every byte is what the log's key signed."""

    @property
    def size(self) -> int:
        """Leaves."""
        return self.checkpoint.signed.checkpoint.size


class ContinuedFolder:
    """The files of a log of which an earlier export has the first ones (AD16)."""

    def __init__(self, own: ExportFolder, since: int, earlier: Sequence[Path]) -> None:
        """Name them.

        Args:
            own: the folder of the log.
            since: of how many first leaves the files lie elsewhere.
            earlier: folders of the same log, in other exports.
        """
        self._own = own
        self._since = since
        self._roots = earlier
        self._earlier = [ExportFolder(root) for root in earlier]

    def paths(self) -> Iterator[str]:
        """Every file of its own but `since`."""
        return (path for path in self._own.paths() if path != SINCE)

    def read(self, path: str, limit: int) -> bytes | None:
        """As of `ExportFolder`; what lies before `since` from whichever export has it."""
        data = self._own.read(path, limit)
        if data is None and lies_before(path, self._since):
            for folder in self._earlier:
                if (data := folder.read(path, limit)) is not None:
                    break
        return data

    def lacks(self) -> int | None:
        """The first leaf that is in no export; None where all are."""
        for number in range(self._since // TILE_WIDTH):
            path = tile_path("entries", number, TILE_WIDTH)
            if not any((root / path).is_file() for root in self._roots):
                return number * TILE_WIDTH
        return None


def read_log(
    files: ExportFiles,
    *,
    export: int,
    folder: str,
    key: VerifierKey,
    head: Seen,
    notes: tuple[Seen, ...],
    trust: Trust,
    reading: Reading,
    elsewhere: Collection[Origin],
) -> tuple[LogSeen, list[Finding]]:
    """Verify a log, and read what its leaves say.

    Args:
        files: of the log.
        export: its number in the report.
        folder: name of its folder.
        key: of the log, by the charters.
        head: its checkpoint, signed by that key.
        notes: its kept checkpoints, likewise.
        trust: of the pinned charters.
        reading: how.
        elsewhere: logs that an alliance names which nobody pinned.
    """
    origin = Origin(head.signed.checkpoint.origin)
    reader = LogReader(
        origin,
        export,
        head.signed.checkpoint.size,
        notes=kept((head, *notes), trust.independent_keys(origin), trust.head_keys(origin)),
        trust=trust,
        payloads=reading.payloads,
        by_month=reading.by_month,
        elsewhere=origin in elsewhere,
    )
    audit = LogAudit(
        files,
        directory=folder,
        trusted=(key,),
        spread=partial(spread, processes=reading.processes),
        noted=reader.add,
        handed=reader.handed,
    )
    wrong = list(audit.run())
    seen = LogSeen(
        export=export,
        folder=folder,
        origin=origin,
        files=files,
        key=key,
        checkpoint=head,
        notes=notes,
        facts=reader.finish(),
        cosigners=audit.cosigners,
        openings=audit.openings,
        sound=not wrong,
    )
    return seen, wrong
