"""The job `shares`: how many subjects of each district stand on lists, once a day (SH5).

SH6  while a log grows towards a checkpoint that it has not reached, or has leaves that are not
     judged yet, nothing is counted: the next look does. One that stopped on its way is counted
     as it is
"""

from __future__ import annotations

from collections.abc import Sequence

from federation.ids import Date
from federation.ports.shares import DayShare
from federation.ports.store import LogHead, Store
from node.log.catching_up import CatchingUp
from node.log.writer import WriteThread
from node.quality.listed import ListedSubjects

_NOWHERE = -1
"""A log that is looked at for the first time may be on its way."""


class ShareJob:
    """Counts a day that was not counted yet; runs in a thread of its own."""

    def __init__(self, *, store: Store, writer: WriteThread, listed: ListedSubjects) -> None:
        """Wire it."""
        self._store = store
        self._writer = writer
        self._listed = listed
        self._catching_up = CatchingUp()
        self._counted = Date(0)
        """The day that was counted last, as far as this process knows."""

    def run(self) -> int:
        """Count today, once the logs are ready for it.

        Returns:
            The number of rows kept; 0 where the day was counted, has to wait, or where there is
            no library.
        """
        today = self._listed.today()
        if today == self._counted:
            return 0
        with self._store.read() as session:
            kept = session.day_shares(today, today)
            if not kept and self._wait(session.heads()):
                return 0
            counted = [] if kept else self._listed.shares(session)
        rows = [
            DayShare(today, one.region, one.list_type, one.listed, one.subjects) for one in counted
        ]
        if rows:
            self._writer.submit(lambda: self._keep(rows)).result()
        if kept or rows:
            self._counted = today
        return len(rows)

    def _wait(self, heads: Sequence[LogHead]) -> bool:
        """Whether a log is on its way, so that what stands of it is no state of any day (SH6)."""
        others = [head for head in heads if not head.ours]
        growing = [self._catching_up.is_under_way(head, _NOWHERE) for head in others]
        unjudged = any(min(one.applied_to, one.reconciled_to) < one.size for one in others)
        return unjudged or any(growing)

    def _keep(self, rows: list[DayShare]) -> None:
        with self._store.write() as session:
            session.put_day_shares(rows)
