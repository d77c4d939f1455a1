"""What outlets owe and have acknowledged: the questions of a session, and its changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import func, select, tuple_, update

from adapters.sql import outlet_tables as tables
from adapters.sql.row_questions import RowQuestions
from federation.ids import Timestamp
from federation.ports.demands import Demand, Oddity

_c: Final = tables.demands.c
_COLUMNS: Final = tuple(_c[name] for name in Demand._fields)


class DemandQuestions(RowQuestions):
    """`federation.ports.demands.DemandReads` inside a transaction that the store began."""

    def demands(self, outlet: int, log: int, indices: Sequence[int]) -> Mapping[int, Demand]:
        """See `DemandReads.demands`."""
        fixed = {"outlet": outlet, "log": log}
        rows = self._bulk.select(Demand._fields, tables.demands, fixed, "idx", indices)
        return {row[1]: Demand(*row) for row in rows}

    def demands_of(self, outlet: int, log: int, number: int) -> Sequence[Demand]:
        """See `DemandReads.demands_of`."""
        query = select(*_COLUMNS).where(_c.outlet == outlet, _c.log == log, _c.number == number)
        return [Demand(*row) for row in self._connection.execute(query.order_by(_c.idx))]

    def acknowledged(self, log: int, index: int) -> Mapping[int, Demand]:
        """See `DemandReads.acknowledged`."""
        query = select(_c.outlet, *_COLUMNS).where(_c.log == log, _c.idx == index)
        return {outlet: Demand(*row) for outlet, *row in self._connection.execute(query)}

    def unacknowledged(self, outlet: int, after: tuple[int, int], limit: int) -> Sequence[Demand]:
        """See `DemandReads.unacknowledged`."""
        query = (
            select(*_COLUMNS)
            .where(_c.outlet == outlet, tables.NOT_YET, tuple_(_c.log, _c.idx) > tuple_(*after))
            .order_by(_c.log, _c.idx)
            .limit(limit)
        )
        return [Demand(*row) for row in self._connection.execute(query)]

    def count_unacknowledged(self, outlet: int) -> tuple[int, Timestamp]:
        """See `DemandReads.count_unacknowledged`."""
        query = select(func.count(), func.min(_c.told_at))
        row = self._connection.execute(query.where(_c.outlet == outlet, tables.NOT_YET)).one()
        return int(row[0]), Timestamp(int(row[1] or 0))

    def oddities(self, outlet: int) -> Sequence[Oddity]:
        """See `DemandReads.oddities`."""
        c = tables.oddities.c
        query = select(c.code, c.number, c.at).where(c.outlet == outlet).order_by(c.code)
        return [Oddity(*row) for row in self._connection.execute(query)]

    def acknowledged_to(self, outlet: int) -> int:
        """See `DemandReads.acknowledged_to`."""
        c = tables.outlets.c
        query = select(c.acknowledged_to).where(c.outlet == outlet)
        return int(self._connection.execute(query).scalar_one())


class DemandChanges(DemandQuestions):
    """`federation.ports.demands.DemandWrites` inside the transaction of the only writer."""

    def put_demands(self, outlet: int, demands: Iterable[Demand]) -> None:
        """See `DemandWrites.put_demands`."""
        rows = [(outlet, *one) for one in demands]
        if rows:
            self._bulk.upsert(tables.demands, rows)

    def clear_demands(self, outlet: int, log: int, indices: Sequence[int]) -> None:
        """See `DemandWrites.clear_demands`."""
        if indices:
            fixed = {"outlet": outlet, "log": log}
            self._bulk.delete(tables.demands, fixed, "idx", indices)

    def note_oddity(self, outlet: int, code: str, at: Timestamp) -> None:
        """See `DemandWrites.note_oddity`."""
        before = {one.code: one.number for one in self.oddities(outlet)}
        self._bulk.upsert(tables.oddities, [(outlet, code, before.get(code, 0) + 1, at)])

    def set_acknowledged_to(self, outlet: int, number: int) -> None:
        """See `DemandWrites.set_acknowledged_to`."""
        c = tables.outlets.c
        self._connection.execute(
            update(tables.outlets).where(c.outlet == outlet).values(acknowledged_to=number)
        )
