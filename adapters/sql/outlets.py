"""What the city's platform was told: the questions of a session, and its changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Final

from sqlalchemy import delete, func, insert, literal, select, update

from adapters.sql import outlet_tables as tables
from adapters.sql import schema
from adapters.sql.demands import DemandChanges, DemandQuestions
from federation.ids import Timestamp
from federation.ports.findings import Place
from federation.ports.outlets import Difference, Outlet, Waiting
from federation.rows import by_log

_STEP: Final = 8192
"""Leaves for each question of a stream: bounds what is held in memory at once."""


class OutletQuestions(DemandQuestions):
    """`federation.ports.outlets.OutletReads` inside a transaction that the store began."""

    def outlets(self) -> Sequence[Outlet]:
        """See `OutletReads.outlets`."""
        columns = [tables.outlets.c[one.name] for one in fields(Outlet)]
        rows = self._connection.execute(select(*columns).order_by(tables.outlets.c.outlet))
        return [Outlet(**row) for row in rows.mappings()]

    def handed_to(self, outlet: int) -> Mapping[int, int]:
        """See `OutletReads.handed_to`."""
        c = tables.outlet_cursors.c
        query = select(c.log, c.handed_to).where(c.outlet == outlet)
        return {row.log: row.handed_to for row in self._connection.execute(query)}

    def handed(self, outlet: int, log: int, indices: Sequence[int]) -> Mapping[int, int]:
        """See `OutletReads.handed`."""
        fixed = {"outlet": outlet, "log": log}
        return dict(self._bulk.select(("idx", "word"), tables.handed, fixed, "idx", indices))

    def handed_all(self, outlet: int, log: int) -> Iterator[tuple[int, bytes, int]]:
        """See `OutletReads.handed_all`."""
        c, s = tables.handed.c, schema.statements.c
        after = -1
        while True:
            query = (
                select(c.idx, s.statement_id, c.word)
                .join(schema.statements, (s.log == c.log) & (s.idx == c.idx))
                .where(c.outlet == outlet, c.log == log, c.idx > after)
                .order_by(c.idx)
                .limit(_STEP)
            )
            rows = self._connection.execute(query).all()
            if not rows:
                return
            for row in rows:
                yield row.idx, row.statement_id, row.word
            after = rows[-1].idx

    def waiting(self, outlet: int, log: int | None, limit: int) -> Sequence[Waiting]:
        """See `OutletReads.waiting`."""
        c = tables.waiting.c
        query = select(c.log, c.idx, c.later, c.mark).where(c.outlet == outlet)
        if log is not None:
            query = query.where(c.log == log)
        query = query.order_by(c.later, c.log, c.idx).limit(limit)
        return [Waiting(*row) for row in self._connection.execute(query)]

    def count_waiting(self, outlet: int) -> tuple[int, int]:
        """See `OutletReads.count_waiting`."""
        c = tables.waiting.c
        query = select(c.later, func.count()).where(c.outlet == outlet).group_by(c.later)
        found: dict[int, int] = {later: count for later, count in self._connection.execute(query)}  # noqa: C416 - types of Any rows
        return found.get(0, 0), found.get(1, 0)

    def differences(self, outlet: int, limit: int) -> Sequence[Difference]:
        """See `OutletReads.differences`."""
        c = tables.outlet_differences.c
        query = (
            select(c.log, c.idx, c.told, c.found)
            .where(c.outlet == outlet)
            .order_by(c.log, c.idx)
            .limit(limit)
        )
        return [Difference(*row) for row in self._connection.execute(query)]


class OutletChanges(DemandChanges, OutletQuestions):
    """`federation.ports.outlets.OutletWrites` inside the transaction of the only writer."""

    def add_outlet(self, name: str) -> Outlet:
        """See `OutletWrites.add_outlet`."""
        found = [one for one in self.outlets() if one.name == name]
        if not found:
            new = {"name": name, "numbered": 0, "compared_at": 0, "compared": ""}
            self._connection.execute(insert(tables.outlets).values(new))
            found = [one for one in self.outlets() if one.name == name]
            told = select(
                literal(found[0].outlet), schema.logs.c.log, schema.logs.c.delivered_to
            ).where(schema.logs.c.ours.is_(False))
            self._connection.execute(
                insert(tables.outlet_cursors).from_select(["outlet", "log", "handed_to"], told)
            )
        return found[0]

    def copy_handed(self, source: int, outlet: int) -> None:
        """See `OutletWrites.copy_handed`."""
        c = tables.handed.c
        copied = select(literal(outlet), c.log, c.idx, c.word).where(c.outlet == source)
        self._connection.execute(
            insert(tables.handed).from_select(["outlet", "log", "idx", "word"], copied)
        )

    def set_handed_to(self, outlet: int, log: int, index: int) -> None:
        """See `OutletWrites.set_handed_to`."""
        self._bulk.upsert(tables.outlet_cursors, [(outlet, log, index)])

    def put_handed(self, outlet: int, log: int, words: Mapping[int, int]) -> None:
        """See `OutletWrites.put_handed`."""
        if words:
            rows = [(outlet, log, index, word) for index, word in words.items()]
            self._bulk.upsert(tables.handed, rows)

    def put_waiting(self, outlet: int, places: Mapping[Place, bool]) -> None:
        """See `OutletWrites.put_waiting`."""
        if places:
            newest = select(func.max(tables.waiting.c.mark))
            mark = int(self._connection.execute(newest).scalar_one() or 0) + 1
            rows = [
                (outlet, log, index, 0 if relief else 1, mark)
                for (log, index), relief in places.items()
            ]
            self._bulk.upsert(tables.waiting, rows)

    def clear_waiting(self, outlet: int, told: Iterable[Waiting]) -> None:
        """See `OutletWrites.clear_waiting`."""
        marks: dict[int, list[Place]] = {}
        for one in told:
            marks.setdefault(one.mark, []).append((one.log, one.idx))
        for mark, places in marks.items():
            for log, indices in by_log(places).items():
                fixed = {"outlet": outlet, "log": log, "mark": mark}
                self._bulk.delete(tables.waiting, fixed, "idx", indices)

    def give_numbers(self, outlet: int, count: int) -> int:
        """See `OutletWrites.give_numbers`."""
        c = tables.outlets.c
        query = select(c.numbered).where(c.outlet == outlet)
        given = int(self._connection.execute(query).scalar_one())
        self._connection.execute(
            update(tables.outlets).where(c.outlet == outlet).values(numbered=given + count)
        )
        return given + 1

    def put_compared(
        self, outlet: int, at: Timestamp, compared: str, differences: Sequence[Difference]
    ) -> None:
        """See `OutletWrites.put_compared`."""
        table = tables.outlet_differences
        self._connection.execute(delete(table).where(table.c.outlet == outlet))
        if differences:
            self._bulk.insert(table, [(outlet, *one) for one in differences])
        self._connection.execute(
            update(tables.outlets)
            .where(tables.outlets.c.outlet == outlet)
            .values(compared_at=at, compared=compared)
        )
