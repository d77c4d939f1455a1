"""The requests job 转办: answers what needs nobody, and says `done` of what was granted.

Everything is decided in the transaction that publishes it, from what is held: a crash between a
grant and its `done`, or between two batches, loses nothing and says nothing twice. What a person
has to do is counted for `huxin status`: what waits, what is late.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from federation.errors import RefusedError
from federation.ids import Date, Origin, node_of
from federation.life import life
from federation.own_log import Draft
from federation.payloads import RequestType
from federation.ports.store import ReadSession, Store, WriteSession
from federation.relief.requests import Asked, Next, next_answer
from federation.requests import OPEN_STATES, Came, waiting
from federation.rows import State
from node.charters.view import TrustView
from node.log.units import Unit
from node.log.writer import UnitWriter
from node.records.records import Records
from node.records.requests import RequestRead
from node.relief.request_documents import RequestDocuments
from node.relief.request_drafts import RequestDrafts
from node.relief.requests import ENDED
from node.system.clock import date_of

BATCH: Final = 256
"""Requests answered in one transaction."""
RELIEVED: Final = (State.REPAIRED, State.WITHDRAWN)
NAMED: Final = 20
"""Overdue requests that the status names one by one."""

Standing = Sequence[tuple[RequestRead, bool]]
"""Requests to be answered here, and whether each waits (J5)."""


class RequestJob:
    """Answers what needs nobody; runs in a thread of its own, or after a person's answer."""

    def __init__(
        self,
        *,
        store: Store,
        writer: UnitWriter,
        records: Records,
        drafts: RequestDrafts,
        documents: RequestDocuments,
        own: Origin,
        trust: Callable[[], TrustView],
        today: Callable[[], Date],
    ) -> None:
        """Wire the job."""
        self._store = store
        self._writer = writer
        self._records = records
        self._drafts = drafts
        self._documents = documents
        self._own = own
        self._trust = trust
        self._today = today

    def run(self) -> int:
        """Answer batch by batch until nothing is left to say by itself.

        Returns:
            The number of requests of which something was said.

        Raises:
            StoreError: the database; the next run does it.
        """
        said = 0
        while True:
            with self._store.read() as session:
                if not self._to_say(session):
                    return said
            answered: list[RequestRead] = []
            try:
                self._writer.publish(self._unit(answered)).result()
            except RefusedError:  # nothing may be signed now; `huxin status` says why
                return said
            if not answered:
                return said
            said += len(answered)

    def report(self) -> dict[str, Any]:
        """What stands open, waits and is late; no subject in it."""
        with self._store.read() as session:
            requests = self._records.requests.all(session)
            here = self._waiting(session, requests)
            waits = Counter(node_of(one.origin) for one, late in here if late)
            ours = {one.reference for one, _ in here}
            late = [
                {
                    "statement_id": one.row.statement_id.hex(),
                    "side": "answer" if one.reference in ours else "sent",
                    "stage": stage,
                    "from": node_of(one.origin),
                    "to": node_of(one.submission.listing.origin),
                }
                for one in requests
                for stage in self._documents.late(session, one)
            ]
        open_ones = Counter(
            "answer" if one.reference in ours else "sent"
            for one in requests
            if one.state in OPEN_STATES
        )
        sides = Counter(str(one["side"]) for one in late)
        return {
            "open": {side: open_ones[side] for side in ("answer", "sent")},
            "overdue": {side: sides[side] for side in ("answer", "sent")},
            "late": late[:NAMED],
            "waiting": dict(sorted(waits.items())),
        }

    def _unit(self, answered: list[RequestRead]) -> Unit:
        def drafts(session: WriteSession) -> list[Draft]:
            said = self._to_say(session)[:BATCH]
            answered[:] = [one for one, _ in said]
            marked: set[tuple[int, int]] = set()
            return [draft for one, what in said for draft in self._said(session, one, what, marked)]

        return Unit(drafts=drafts, record=lambda _session, _placed: None)

    def _to_say(self, session: ReadSession) -> list[tuple[RequestRead, Next]]:
        """Requests of which something is to be said by itself, and what."""
        requests = self._records.requests.all(session)
        found = [
            (one, next_answer(self._asked(session, one, waits=waits)))
            for one, waits in self._waiting(session, requests)
            if one.state in OPEN_STATES
        ]
        return [(one, what) for one, what in found if what is not None]

    def _said(
        self,
        session: WriteSession,
        one: RequestRead,
        what: Next,
        marked: set[tuple[int, int]],
    ) -> list[Draft]:
        said = [
            self._drafts.answer(session, one, what.action, reason=what.reason, result=what.result)
        ]
        row = self._drafts.listing(session, one)
        if what.mark and row is not None and (row.log, row.idx) not in marked:
            marked.add((row.log, row.idx))
            said.append(self._drafts.mark(session, one, row))
        return said

    def _asked(self, session: ReadSession, one: RequestRead, *, waits: bool) -> Asked:
        kind = RequestType(one.submission.request_type)
        row = self._drafts.listing(session, one)
        if row is None:
            return Asked(
                type=kind,
                state=one.state,
                found=False,
                ended=False,
                relief=None,
                marked=False,
                grant=None,
                waits=waits,
            )
        return Asked(
            type=kind,
            state=one.state,
            found=True,
            ended=life.at(State(row.state), Date(row.until), self._today()) in ENDED,
            relief=self._drafts.relieved_by(session, row) if row.state in RELIEVED else None,
            marked=self._drafts.is_marked(session, row),
            grant=self._drafts.granted_by(session, one, row),
            waits=waits,
        )

    def _waiting(self, session: ReadSession, requests: Sequence[RequestRead]) -> Standing:
        """Those that we answer, the ones taken up first."""
        here = [one for one in requests if self._drafts.ours_to_answer(session, one)]
        here.sort(key=lambda one: (not one.answers, one.row.log, one.row.idx))
        today = self._today()
        came = [
            Came(
                member=node_of(one.origin),
                day=date_of(one.answers[0].issued_at) if one.answers else today,
                state=one.state,
            )
            for one in here
        ]
        return list(zip(here, waiting(came, self._limits(here)), strict=True))

    def _limits(self, requests: Sequence[RequestRead]) -> Mapping[str, int]:
        """What charters of both say, of each member that asks."""
        trust = self._trust()
        terms = {a.id: a.charter.terms for a in trust.trust.alliances}
        mine = {ref.charter for ref in trust.trust.members(self._own)}
        found: dict[str, int] = {}
        for origin in {one.origin for one in requests}:
            both = mine & {ref.charter for ref in trust.trust.members(origin)}
            said = [terms[charter].requests_per_day for charter in both if charter in terms]
            known = [number for number in said if number is not None]
            if known:
                found[node_of(origin)] = max(known)
        return found
