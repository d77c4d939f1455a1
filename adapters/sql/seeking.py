"""Rows of parts of a log that may be rare: read in the database, which gives back what fits."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, exists, or_, select

from adapters.sql import schema
from adapters.sql.row_questions import RowQuestions
from federation.ports.seeking import Sought
from federation.rows import State, StatementRow


class SeekQuestions(RowQuestions):
    """`federation.ports.seeking.SeekReads` inside a transaction that the store began."""

    def seek_rows(
        self, sought: Sought, log: int, start: int, end: int, limit: int
    ) -> Sequence[StatementRow]:
        """See `SeekReads.seek_rows`."""
        c = schema.statements.c
        query = (
            select(schema.statements)
            .where(c.log == log, c.idx >= start, c.idx < end, c.kind.in_(sought.kinds))
            .order_by(c.idx)
            .limit(limit)
        )
        if sought.states is not None:
            query = query.where(c.state.in_(sought.states))
        if sought.list_type:
            query = query.where(c.list_type.in_(("", sought.list_type)))
        if sought.found is not None:
            held = or_(c.state == int(State.HELD), _found(sought.found))
            query = query.where(or_(_ours(log), held))
        if sought.unfound:
            query = query.where(or_(_ours(log), ~_found(sought.unfound)))
        corrected = c.current != c.idx
        if sought.over:
            ended = (c.until > 0) & (c.until < sought.over)
            query = query.where(or_(corrected, c.state == int(State.EXPIRED), ended))
        if sought.lasting:
            query = query.where(or_(corrected, c.until == 0, c.until >= sought.lasting))
        return [StatementRow._make(row) for row in self._connection.execute(query)]


def _ours(log: int) -> ColumnElement[bool]:
    """Whether a log is our own: what is found out about its rows stands in the catalog as well."""
    return exists().where(schema.logs.c.log == log, schema.logs.c.ours)


def _found(findings: Collection[int]) -> ColumnElement[bool]:
    c, f = schema.statements.c, schema.findings.c
    return exists().where(f.log == c.log, f.idx == c.idx, f.finding.in_(sorted(findings)))
