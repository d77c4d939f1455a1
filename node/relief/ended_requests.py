"""Which requests 转办 are kept no longer, with their answers (RQ8)."""

from __future__ import annotations

from collections.abc import Callable

from federation.ids import Date
from federation.ports.store import ReadSession
from federation.reconcile.catalog import Catalog
from federation.relief.requests import is_over
from federation.requests import OPEN_STATES
from federation.rows import StatementRow
from federation.working_days import WorkingDays
from node.records.requests import Requests
from node.system.clock import date_of


class EndedRequests:
    """Finds them; what is found again and again until it is erased."""

    def __init__(
        self,
        *,
        requests: Requests,
        catalog: Callable[[], Catalog],
        working_days: Callable[[], WorkingDays],
    ) -> None:
        """Wire it."""
        self._requests = requests
        self._catalog = catalog
        self._working_days = working_days

    def __call__(self, session: ReadSession, today: Date) -> list[StatementRow]:
        """Rows of closed requests and answers whose term has ended on a day, by trusted time.

        One was closed no earlier than it was forwarded, whatever time its answer claims.
        """
        catalog, days = self._catalog(), self._working_days()
        ended: list[StatementRow] = []
        for one in self._requests.all(session):
            last = one.last()
            if one.state in OPEN_STATES or last is None:
                continue
            closed_on = date_of(max(one.issued_at, last.issued_at))
            if is_over(closed_on, today, catalog, days):
                ended += [one.row, *(answer.row for answer in one.answers)]
        return ended
