"""One delivered batch, read by a worker where there is one; `node.workers` says when there is not.

What is proved about a log stays here: `federation.peers.replication.link` asks `check` once leaves
and checkpoint hold, so no worker sees what its log has not signed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

import structlog

from federation.ids import Origin
from federation.life.reading import StatementReading
from federation.peers.openings import PENDING, DeliveredOpening, check_openings
from node.charters.view import TrustView
from node.workers.form import Answer, Entitled, Question
from node.workers.pool import LethalError

_log = structlog.get_logger()


class Reader(Protocol):
    """`node.workers.pool.Workers`."""

    def read(self, question: Question, entitled: Entitled) -> Answer | None:
        """Read proved leaves; None where they are to be read in this process.

        Raises:
            LethalError: workers died of it.
        """
        ...


class _Nobody:
    def read(self, question: Question, entitled: Entitled) -> Answer | None:  # noqa: ARG002
        return None


NOBODY: Final[Reader] = _Nobody()
"""Reads nothing: all is done in this process."""


class BatchReading:
    """The reading of one batch, by the charters of `trust`."""

    def __init__(self, reader: Reader, trust: TrustView, reading: StatementReading) -> None:
        """Prepare to ask; `reading` is of the batch's log."""
        self._reader = reader
        self._reading = reading
        self.trust = trust
        self.answer: Answer | None = None
        """What a worker read."""
        self.lethal = False
        """Whether workers died of it: its openings are left to be asked for again."""

    def check(
        self,
        origin: Origin,
        first_index: int,
        leaves: Sequence[bytes],
        openings: Sequence[DeliveredOpening],
        *,
        by_origin: bool,
    ) -> tuple[tuple[DeliveredOpening, ...], tuple[int, ...]]:
        """See `federation.peers.openings.check_openings`."""
        question = Question(
            origin=origin,
            first=first_index,
            leaves=leaves,
            openings=openings,
            by_origin=by_origin,
        )
        try:
            self.answer = self._reader.read(question, self._reading.entitled)
        except LethalError:
            _log.error("batch without openings", code="workers.lethal", origin=origin)
            self.lethal = True
            return (PENDING,) * len(leaves), ()
        if self.answer is None:
            return check_openings(origin, first_index, leaves, openings, by_origin=by_origin)
        return tuple(self.answer.openings), tuple(self.answer.misopened)
