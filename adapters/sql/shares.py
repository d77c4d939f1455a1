"""Listed shares 列入主体占比 by day: the questions of a session, and its changes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from adapters.sql import share_tables as tables
from adapters.sql.row_questions import RowQuestions
from federation.ids import Date
from federation.ports.shares import DayShare


class ShareQuestions(RowQuestions):
    """`federation.ports.shares.ShareReads` inside a transaction that the store began."""

    def day_shares(self, first: Date, last: Date) -> Sequence[DayShare]:
        """See `ShareReads.day_shares`."""
        c = tables.listed_shares.c
        columns = [c[name] for name in DayShare._fields]
        query = select(*columns).where(c.day.between(first, last))
        rows = self._connection.execute(query.order_by(c.day, c.region, c.list_type))
        return [DayShare(*row) for row in rows]


class ShareChanges(ShareQuestions):
    """`federation.ports.shares.ShareWrites` inside the transaction of the only writer."""

    def put_day_shares(self, shares: Sequence[DayShare]) -> None:
        """See `ShareWrites.put_day_shares`."""
        if shares:
            self._bulk.insert_absent(tables.listed_shares, list(shares))
