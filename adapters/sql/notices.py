"""Notices 属地通报: the questions of a session, and its changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import func, select

from adapters.sql import notice_tables as tables
from adapters.sql import schema
from adapters.sql.row_questions import RowQuestions
from federation.ports.findings import Place
from federation.ports.notices import KeptNotice, NoticeCursor
from federation.rows import by_log

_NOTICE: Final = [tables.notices.c[name] for name in KeptNotice._fields]
_POSITION: Final = select(func.max(tables.notices.c.position))
_CURSORS: Final = select(tables.notice_cursors)


class NoticeQuestions(RowQuestions):
    """`federation.ports.notices.NoticeReads` inside a transaction that the store began."""

    def notices(self, places: Sequence[Place]) -> Mapping[Place, KeptNotice]:
        """See `NoticeReads.notices`."""
        found: dict[Place, KeptNotice] = {}
        for log, indices in by_log(places).items():
            rows = self._bulk.select(
                KeptNotice._fields, tables.notices, {"log": log}, "idx", indices
            )
            found |= {(one.log, one.idx): one for one in map(KeptNotice._make, rows)}
        return found

    def noticed_between(self, log: int, start: int, end: int) -> Sequence[int]:
        """See `NoticeReads.noticed_between`."""
        c = tables.notices.c
        query = select(c.idx).where(c.log == log, c.idx >= start, c.idx < end).order_by(c.idx)
        return self._connection.execute(query).scalars().all()

    def notices_after(self, position: int, limit: int) -> Sequence[KeptNotice]:
        """See `NoticeReads.notices_after`."""
        c = tables.notices.c
        query = select(*_NOTICE).where(c.position > position).order_by(c.position).limit(limit)
        return [KeptNotice(*row) for row in self._connection.execute(query)]

    def notice_position(self) -> int:
        """See `NoticeReads.notice_position`."""
        return int(self._connection.execute(_POSITION).scalar_one() or 0)

    def notices_over(self, today: int, states: Sequence[int], limit: int) -> Sequence[Place]:
        """See `NoticeReads.notices_over`."""
        c, s = tables.notices.c, schema.statements.c
        query = (
            select(c.log, c.idx)
            .join(schema.statements, (s.log == c.log) & (s.idx == c.current))
            .where(c.state.in_(list(states)), s.until > 0, s.until < today)
            .order_by(c.log, c.idx)
            .limit(limit)
        )
        return [(row.log, row.idx) for row in self._connection.execute(query)]

    def notice_cursors(self) -> Mapping[int, NoticeCursor]:
        """See `NoticeReads.notice_cursors`."""
        rows = self._connection.execute(_CURSORS)
        return {row.log: NoticeCursor(row.noticed_to, row.basis) for row in rows}

    def notices_due(self, limit: int) -> Sequence[Place]:
        """See `NoticeReads.notices_due`."""
        c = tables.notices_due.c
        query = select(c.log, c.idx).order_by(c.log, c.idx).limit(limit)
        return [(row.log, row.idx) for row in self._connection.execute(query)]


class NoticeChanges(NoticeQuestions):
    """`federation.ports.notices.NoticeWrites` inside the transaction of the only writer."""

    def put_notices(self, notices: Sequence[KeptNotice]) -> None:
        """See `NoticeWrites.put_notices`."""
        if notices:
            self._bulk.upsert(tables.notices, list(notices))

    def put_notice_cursor(self, log: int, cursor: NoticeCursor) -> None:
        """See `NoticeWrites.put_notice_cursor`."""
        self._bulk.upsert(tables.notice_cursors, [(log, *cursor)])

    def put_notices_due(self, places: Sequence[Place]) -> None:
        """See `NoticeWrites.put_notices_due`."""
        if places:
            self._bulk.insert_absent(tables.notices_due, list(places))

    def clear_notices_due(self, places: Sequence[Place]) -> None:
        """See `NoticeWrites.clear_notices_due`."""
        for log, indices in by_log(places).items():
            self._bulk.delete(tables.notices_due, {"log": log}, "idx", indices)
