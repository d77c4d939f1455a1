"""Rows of parts of a log that may be rare: read in the database, which gives back what fits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from adapters.sql import schema
from adapters.sql.count_tables import OTHERS, block_counts
from adapters.sql.row_questions import RowQuestions
from federation.ports.seeking import BLOCK, Sought
from federation.rows import State, StatementRow


class SeekQuestions(RowQuestions):
    """`federation.ports.seeking.SeekReads` inside a transaction that the store began."""

    def seek_rows(
        self, sought: Sought, log: int, start: int, end: int, limit: int
    ) -> Sequence[StatementRow]:
        """See `SeekReads.seek_rows`."""
        c, f = schema.statements.c, schema.findings.c
        query = (
            select(schema.statements)
            .where(c.log == log, c.idx >= start, c.idx < end, c.kind.in_(sought.kinds))
            .order_by(c.idx)
            .limit(limit)
        )
        if sought.states is not None:
            query = query.where(c.state.in_(sought.states))
        if sought.list_types is not None:
            query = query.where(c.list_type.in_(sought.list_types))
        if sought.unfound:
            query = query.where(or_(_ours(log), ~_found(sought.unfound)))
        corrected = c.current != c.idx
        if sought.over:
            ended = (c.until > 0) & (c.until < sought.over)
            query = query.where(or_(corrected, c.state == int(State.EXPIRED), ended))
        if sought.lasting:
            query = query.where(or_(corrected, c.until == 0, c.until >= sought.lasting))
        if sought.found is None or self._is_ours(log):
            return self._sought([query], limit)
        # By their findings, in the order of these, and never by looking at each row.
        found = (
            query.join(schema.findings, and_(f.log == c.log, f.idx == c.idx))
            .where(f.log == log, f.idx >= start, f.idx < end, f.finding.in_(sorted(sought.found)))
            .order_by(None)
            .order_by(f.idx)
        )
        return self._sought([found, *self._aside(query, sought, log, range(start, end))], limit)

    def _aside(
        self, query: Select[Any], sought: Sought, log: int, leaves: range
    ) -> Iterator[Select[Any]]:
        """Questions for those of its rows that are held as they came, block by block."""
        c, held = schema.statements.c, (int(State.HELD),)
        if sought.states is not None and held[0] not in sought.states:
            return
        for block in self.blocks(replace(sought, states=held), log):
            first = block * BLOCK
            if first < leaves.stop and first + BLOCK > leaves.start:
                yield query.where(c.state.in_(held), c.idx >= first, c.idx < first + BLOCK)

    def blocks(self, sought: Sought, log: int) -> Sequence[int]:
        """See `SeekReads.blocks`."""
        c = block_counts.c
        query = select(c.block).distinct().order_by(c.block)
        query = query.where(c.log == log, c.kind.in_(sought.kinds), c.number > 0)
        if sought.states is not None:
            query = query.where(c.state.in_(sought.states))
        if sought.list_types is not None:
            query = query.where(c.list_type.in_((*sought.list_types, OTHERS)))
        return self._connection.execute(query).scalars().all()

    def _sought(self, queries: Iterable[Select[Any]], limit: int) -> Sequence[StatementRow]:
        """Rows that any of these gives, each once, by index."""
        rows = {row.idx: row for one in queries for row in self._connection.execute(one)}
        return [StatementRow._make(rows[index]) for index in sorted(rows)[:limit]]

    def _is_ours(self, log: int) -> bool:
        return bool(self._connection.execute(select(_ours(log))).scalar_one())


def _ours(log: int) -> ColumnElement[bool]:
    """Whether a log is our own: what is found out about its rows stands in the catalog as well."""
    return exists().where(schema.logs.c.log == log, schema.logs.c.ours)


def _found(findings: Collection[int]) -> ColumnElement[bool]:
    c, f = schema.statements.c, schema.findings.c
    return exists().where(f.log == c.log, f.idx == c.idx, f.finding.in_(sorted(findings)))
