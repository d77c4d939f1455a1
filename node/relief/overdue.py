"""The overdue job: who has not executed a relief although its last day is over, for the status.

Each relief is looked at until every member has executed it, and then never again: what is asked is
who did what, not when, so a page costs a few questions. What was found stands in memory; after a
start all reliefs are gone through once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from federation.ports.findings import Place
from federation.ports.store import ReadSession, Store
from federation.relief.progress import is_relief
from federation.rows import State
from node.relief.repairs import KINDS, Repairs

PAGE: Final = 200
PER_RUN: Final = 4000
"""Reliefs looked at again in one run; the others wait for the next."""


class _Late(NamedTuple):
    statement_id: str
    decided_on: int
    members: tuple[str, ...]


class Overdue:
    """Finds overdue reliefs; `run` in a thread of the job, `report` in any."""

    def __init__(self, *, store: Store, repairs: Repairs) -> None:
        """Begin with nothing known."""
        self._store = store
        self._repairs = repairs
        self._seen: dict[int, int] = {}
        """How far reliefs of each log were found."""
        self._open: dict[Place, None] = {}
        """Those that somebody has not executed, in the order in which it is their turn."""
        self._late: dict[Place, _Late] = {}

    def run(self) -> int:
        """Look at what is new and at what is open; the number of those that are overdue.

        Raises:
            StoreError: the database.
            RefusedError: `working-days.invalid`.
        """
        with self._store.read() as session:
            for head in session.heads():
                self._find(session, head.log, head.applied_to)
            turn = list(self._open)[:PER_RUN]
            for start in range(0, len(turn), PAGE):
                self._look(session, turn[start : start + PAGE])
        return len(self._late)

    def report(self) -> dict[str, Any]:
        """Return `open`, `overdue`, `by_member` (name → number), `oldest` (null for none)."""
        late = list(self._late.values())
        oldest = min(late, key=lambda one: (one.decided_on, one.statement_id), default=None)
        counts = Counter(member for one in late for member in one.members)
        return {
            "open": len(self._open),
            "overdue": len(late),
            "by_member": dict(sorted(counts.items())),
            "oldest": None
            if oldest is None
            else {"statement_id": oldest.statement_id, "decided_on": oldest.decided_on},
        }

    def _find(self, session: ReadSession, log: int, applied_to: int) -> None:
        if self._seen.get(log) == applied_to:
            return
        after = min(self._seen.get(log, 0), applied_to) - 1
        while rows := session.list_rows(
            log=log, kinds=KINDS, states=None, after=(log, after), limit=PAGE
        ):
            self._open |= {
                (row.log, row.idx): None for row in rows if is_relief(row.kind, row.action)
            }
            after = rows[-1].idx
        self._seen[log] = max(after + 1, applied_to)

    def _look(self, session: ReadSession, places: Sequence[Place]) -> None:
        rows = session.rows_at(places)
        found = self._repairs.followed(
            session, [row for row in rows if row.state == State.IN_FORCE], timed=False
        )
        by_place = {(one.row.log, one.row.idx): one for one in found}
        for place in places:
            del self._open[place]
            self._late.pop(place, None)
            one = by_place.get(place)
            if one is None:
                self._open[place] = None  # not in force, or set back: it may come to be
                continue
            if one.over or (one.audience_known and not one.progress.outstanding):
                continue
            self._open[place] = None
            overdue = one.progress.overdue
            if overdue:
                members = tuple(member.city or member.member for member in overdue)
                self._late[place] = _Late(one.row.statement_id.hex(), one.row.decided_on, members)
