"""What was told of others' leaves: the questions of a session, and its changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import exists, select

from adapters.sql import heard_tables, schema
from adapters.sql.row_questions import RowQuestions
from federation.ports.findings import Place
from federation.ports.receipts import Heard, Told

_TOLD = ("idx", "outcome", "reason")
_LIFTED, _ERASED = 3, 4
"""Outcomes, as on the wire."""


class ReceiptQuestions(RowQuestions):
    """`federation.ports.receipts.ReceiptReads` inside a transaction that the store began."""

    def told(self, log: int, indices: Sequence[int]) -> dict[int, Told]:
        """See `ReceiptReads.told`."""
        rows = self._bulk.select(_TOLD, schema.told, {"log": log}, "idx", indices)
        return {index: Told(outcome, reason) for index, outcome, reason in rows}

    def told_between(self, log: int, start: int, end: int) -> dict[int, Told]:
        """See `ReceiptReads.told_between`."""
        rows = self._bulk.select_between(_TOLD, schema.told, log, start, end)
        return {index: Told(outcome, reason) for index, outcome, reason in rows}

    def told_lifted(self, log: int, indices: Sequence[int]) -> frozenset[int]:
        """See `ReceiptReads.told_lifted`."""
        rows = self._bulk.select(("idx",), heard_tables.lifted, {"log": log}, "idx", indices)
        return frozenset(index for (index,) in rows)

    def untold(self, log: int, limit: int) -> Sequence[int]:
        """See `ReceiptReads.untold`."""
        c = schema.untold.c
        query = select(c.idx).where(c.log == log).order_by(c.idx).limit(limit)
        return list(self._connection.execute(query).scalars())

    def to_tell_of(self) -> frozenset[int]:
        """See `ReceiptReads.to_tell_of`."""
        return self._logs_with(exists().where(schema.untold.c.log == schema.logs.c.log))

    def is_urgent(self, log: int) -> bool:
        """See `ReceiptReads.is_urgent`."""
        query = select(schema.untold.c.idx).where(schema.untold.c.log == log, schema.URGENT_ONLY)
        return self._connection.execute(query.limit(1)).first() is not None

    def heard(self, log: int, indices: Sequence[int]) -> Sequence[Heard]:
        """See `ReceiptReads.heard`."""
        rows = self._bulk.select(Heard._fields, heard_tables.heard, {"log": log}, "idx", indices)
        return [Heard(*row) for row in rows]

    def heard_to(self) -> Mapping[int, int]:
        """See `ReceiptReads.heard_to`."""
        rows = self._connection.execute(select(heard_tables.heard_to))
        return {row.log: row.heard_to for row in rows}


class ReceiptChanges(ReceiptQuestions):
    """`federation.ports.receipts.ReceiptWrites` inside the transaction of the only writer."""

    def put_told(self, log: int, told: Mapping[int, Told]) -> None:
        """See `ReceiptWrites.put_told`."""
        lifted = [(log, index) for index, said in told.items() if said.outcome == _LIFTED]
        gone = {
            index
            for index, said in self.told(log, [index for _, index in lifted]).items()
            if said.outcome == _ERASED
        }
        rows = [(log, i, said.outcome, said.reason) for i, said in told.items() if i not in gone]
        if rows:
            self._bulk.upsert(schema.told, rows)
        if lifted:
            self._bulk.insert_absent(heard_tables.lifted, lifted)
        again = [index for index, said in told.items() if said.outcome not in (_LIFTED, _ERASED)]
        if stand := self.told_lifted(log, again) if again else ():
            self._bulk.delete(heard_tables.lifted, {"log": log}, "idx", sorted(stand))

    def put_untold(self, places: Mapping[Place, bool]) -> None:
        """See `ReceiptWrites.put_untold`; what is urgent stays so."""
        urgent = [(log, index, 1) for (log, index), now in places.items() if now]
        if urgent:
            self._bulk.upsert(schema.untold, urgent)
        others = [(log, index, 0) for (log, index), now in places.items() if not now]
        if others:
            self._bulk.insert_absent(schema.untold, others)

    def clear_untold(self, log: int, indices: Sequence[int]) -> None:
        """See `ReceiptWrites.clear_untold`."""
        self._bulk.delete(schema.untold, {"log": log}, "idx", indices)

    def put_heard(self, log: int, said: Sequence[Heard]) -> None:
        """See `ReceiptWrites.put_heard`."""
        first = {(one.idx, one.speaker, one.outcome): one.place for one in reversed(said)}
        if first:
            rows = [(log, *key, place) for key, place in first.items()]
            self._bulk.insert_absent(heard_tables.heard, rows)

    def put_heard_to(self, log: int, index: int) -> None:
        """See `ReceiptWrites.put_heard_to`."""
        self._bulk.upsert(heard_tables.heard_to, [(log, index)])
