"""Batches of questions that a platform lays into the database for us, and our answers beside them.

As `adapters.platform.checks`, with two more columns: rows of one `batch` are asked about together,
once as many of them are there as each says in `size`. Answers of rows that were asked together are
written together or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import func, select

from adapters.platform.checks import CheckAnswer, CheckRow, DatabaseChecks
from adapters.platform.database import DatabasePlatform
from adapters.platform.errors import UnreadableError
from adapters.platform.tables import batch_checks

BATCHES_MAX: Final = 16
"""Batches of a source that are looked at in one run."""


class DatabaseBatches(DatabaseChecks):
    """The table of batches of one platform."""

    def __init__(self, database: DatabasePlatform) -> None:
        """Prepare; nothing is connected yet."""
        super().__init__(database, batch_checks)

    def ready(self, source: str) -> list[str]:
        """Return the batches of a source that are whole and of which rows wait, the oldest first.

        Rows that were answered count among those that are there; where rows disagree about the
        size, the largest counts.

        Raises:
            PlatformError: they cannot be read.
        """
        c = batch_checks.c
        waiting = func.count() - func.count(c.answered_at)
        question = (
            select(c.batch)
            .where(c.source == source)
            .group_by(c.batch)
            .having(waiting > 0, func.count() >= func.max(c.size))
            .order_by(func.min(c.id))
            .limit(BATCHES_MAX)
        )
        with self._database.transaction() as connection:
            return list(connection.execute(question).scalars())

    def rows_of(self, source: str, batch: str, most: int) -> list[CheckRow]:
        """Return rows of a batch that wait, the oldest ids first.

        Raises:
            PlatformError: they cannot be read.
        """
        c = batch_checks.c
        return self._rows([c.source == source, c.batch == batch], most)

    def answer_all(self, answered: Sequence[tuple[CheckRow, CheckAnswer]]) -> int:
        """Write answers beside rows that still wait and still ask what they asked.

        Returns:
            How many have theirs.

        Raises:
            PlatformError: nothing was kept.
        """
        try:
            return self._written(answered)
        except UnreadableError:
            plain = [(row, replace(one, message="", measures=_plain(one))) for row, one in answered]
            return self._written(plain)

    def _written(self, answered: Sequence[tuple[CheckRow, CheckAnswer]]) -> int:
        with self._database.transaction() as connection:
            return sum(self._said(connection, row, one) for row, one in answered)


def _plain(answer: CheckAnswer) -> str:
    return json.dumps(json.loads(answer.measures))
