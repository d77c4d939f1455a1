"""The rows that a settlement has in hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from federation.life.chains import Place
from federation.rows import (
    StatementRow,
)


class Known:
    """Rows that the settlement has in hand: of the batch, and fetched; the batch's win."""

    def __init__(self, batch: Iterable[StatementRow]) -> None:
        self.rows: dict[Place, StatementRow] = {(r.log, r.idx): r for r in batch}
        self.fetched: dict[Place, StatementRow] = {}

    def add(self, rows: Iterable[StatementRow]) -> None:
        """Take rows as the store has them, unless they are in hand."""
        for row in rows:
            place = (row.log, row.idx)
            if place not in self.rows:
                self.rows[place] = self.fetched[place] = row

    def put(self, row: StatementRow) -> None:
        """Replace a row in hand."""
        self.rows[row.log, row.idx] = row

    def of_kinds(self, kinds: Sequence[int]) -> list[StatementRow]:
        """The rows in hand of these kinds."""
        return [row for row in self.rows.values() if row.kind in kinds]
