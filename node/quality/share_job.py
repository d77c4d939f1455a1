"""The job `shares`: how many subjects of each district stand on lists, once a day (SH5)."""

from __future__ import annotations

from federation.ids import Date
from federation.ports.shares import DayShare
from federation.ports.store import Store
from node.log.writer import WriteThread
from node.quality.listed import ListedSubjects


class ShareJob:
    """Counts a day that was not counted yet; runs in a thread of its own."""

    def __init__(self, *, store: Store, writer: WriteThread, listed: ListedSubjects) -> None:
        """Wire it."""
        self._store = store
        self._writer = writer
        self._listed = listed
        self._counted = Date(0)
        """The day that was counted last, as far as this process knows."""

    def run(self) -> int:
        """Count today; the number of rows kept, 0 where it was counted or there is no library."""
        today = self._listed.today()
        if today == self._counted:
            return 0
        with self._store.read() as session:
            kept = session.day_shares(today, today)
            counted = [] if kept else self._listed.shares(session)
        rows = [
            DayShare(today, one.region, one.list_type, one.listed, one.subjects) for one in counted
        ]
        if rows:
            self._writer.submit(lambda: self._keep(rows)).result()
        if kept or rows:
            self._counted = today
        return len(rows)

    def _keep(self, rows: list[DayShare]) -> None:
        with self._store.write() as session:
            session.put_day_shares(rows)
