"""Trusted time by the word of two persons (`huxin clock confirm`; federation.trusted_time, Z6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog

from federation.errors import RefusedError
from federation.ids import Timestamp
from federation.persons import Sort, clock_body
from node.clocks.trusted_clock import TrustedClock
from node.persons.roster import Persons

_log = structlog.get_logger()


class ClockDesk:
    """Shows trusted time, and sets it."""

    def __init__(self, *, trusted: TrustedClock, persons: Persons) -> None:
        """Wire it."""
        self._trusted = trusted
        self._persons = persons

    def report(self) -> dict[str, Any]:
        """See `TrustedClock.report`."""
        return self._trusted.report()

    def confirm(
        self, moment: Timestamp, by: Sequence[str], reason: str, note: str
    ) -> dict[str, Any]:
        """Set the time, where two persons say so and give a reason.

        How old their signed word is, is not asked: the clock that would say so is the one in
        doubt. A word said again can only set the time back to what it says.

        Raises:
            RefusedError: `clock.two-persons`; `person.…` where the node names persons.
        """
        code = "clock.two-persons"
        if not reason.strip():
            raise RefusedError(code, "expected two persons and a reason, got no reason")
        body = clock_body(moment, reason)
        agreed = self._persons.agreed(by, note, Sort.CLOCK, body, code=code, words=None)
        self._trusted.confirm(moment)
        _log.warning("trusted time set", code="clock.set", time=moment, by=list(agreed.persons))
        return self.report()
