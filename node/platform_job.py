"""What waits in a platform's spool goes to its database or service, a job of its own for each.

A platform that is down, slow or full keeps only its own spool waiting. `report` is what the status
says of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

import structlog

from adapters.files.outbox import OutboxRow
from adapters.platform.errors import PlatformError
from adapters.platform.spool import Spool
from federation.ids import Origin
from node.failpoints import Failpoints

_log = structlog.get_logger()

BATCHES_MAX: Final = 256
"""In one run, so that the schedule stays in turn."""


class Platform(Protocol):
    """Where rows go: `DatabasePlatform` or `ServicePlatform` of `adapters.platform`."""

    def write(self, origin: Origin, rows: Sequence[OutboxRow], number: int, /) -> int:
        """Write a batch whole or not at all; the same batch again changes nothing.

        Args:
            origin: the log.
            rows: at most one for each leaf.
            number: of the batch; the same only where it is told again.

        Raises:
            PlatformError: nothing was kept.
        """
        ...


class PlatformDelivery:
    """Empties the spool of one platform; runs in a thread of its own."""

    def __init__(
        self, *, name: str, platform: Platform, spool: Spool, failpoints: Failpoints
    ) -> None:
        """Wire the job."""
        self._name = name
        self._platform = platform
        self._spool = spool
        self._failpoints = failpoints
        self._fault: PlatformError | None = None

    def run(self) -> int:
        """Write what waits, oldest first, until the platform does not take it.

        Returns:
            The number of batches that the platform has now.
        """
        count = 0
        try:
            for path in self._spool.waiting()[:BATCHES_MAX]:
                origin, rows = self._spool.read(path)
                with self._failpoints.at("platform.write"):
                    self._platform.write(origin, rows, self._spool.number(path))
                with self._failpoints.at("platform.cursor"):
                    self._spool.remove(path)
                count += 1
        except PlatformError as error:
            if self._fault is None or self._fault.code != error.code:
                _log.warning(
                    "platform waits", code=error.code, platform=self._name, error=str(error)
                )
            self._fault = error
            return count
        if self._fault is not None:
            _log.info("platform takes rows again", platform=self._name)
        self._fault = None
        return count

    def report(self) -> dict[str, Any]:
        """Return `name`, `waiting` (batches), `fault` (a code, or empty) and `message`."""
        fault = self._fault
        return {
            "name": self._name,
            "waiting": len(self._spool.waiting()),
            "fault": "" if fault is None else fault.code,
            "message": "" if fault is None else str(fault),
        }
