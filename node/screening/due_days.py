"""The last day for an outcome, by the tables of working days as they are at the moment.

Reading the tables takes longer than a check: they are read again only when a file has changed. A
table that cannot be read must not keep an answer away: no day is named then (OC5), as of a year
that no table covers.
"""

from __future__ import annotations

from pathlib import Path

import structlog

from adapters.catalog.working_days import FOLDER, working_days
from federation.errors import RefusedError
from federation.ids import Date
from federation.screening.outcomes import due_on
from federation.working_days import WorkingDays

_log = structlog.get_logger()

_Stamp = tuple[tuple[str, int, int], ...]


class DueDays:
    """Counts working days; any thread."""

    def __init__(self, directory: Path) -> None:
        """Read the tables of a node's directory when they are asked for."""
        self._directory = directory
        self._read: tuple[_Stamp, WorkingDays] | None = None

    def __call__(self, day: Date, days: int) -> Date:
        """The day that is so many working days after a day; 0 where it is not known."""
        return due_on(day, days, self._tables())

    def _tables(self) -> WorkingDays:
        stamp = self._stamp()
        read = self._read
        if read is None or read[0] != stamp:
            try:
                tables = working_days(self._directory)
            except (RefusedError, OSError) as error:
                code = getattr(error, "code", "system.failed")
                _log.warning("no working days: no last day is named", code=code, error=str(error))
                tables = WorkingDays({})
            self._read = read = (stamp, tables)
        return read[1]

    def _stamp(self) -> _Stamp:
        found = []
        for path in sorted((self._directory / FOLDER).glob("*.yaml")):
            status = path.stat()
            found.append((path.name, status.st_mtime_ns, status.st_size))
        return tuple(found)
