"""Erasing openings when the ground to hold them ends (SPEC §6.5).

A listing that is relieved or expired is no longer held: its opening and those of the corrections,
annotations and relistings about it are deleted, once the local platform has been told. What stays
is the leaf, the outcome in the journal, and the suppression tag. Reliefs keep their opening until
the longest publication period ends, so that late nodes can form the tag. What else has lost its
ground is looked for once a day (`node.relief.ended_grounds`), and what is kept under a term of the
editions (`node.relief.ended_terms`). For our own statements an ERASURE
leaf says so to everyone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from federation.ids import Date, Origin, StatementId, Timestamp
from federation.own_log import Draft
from federation.payloads import Erasure, ErasureGround
from federation.ports.store import ReadSession, WriteSession
from federation.reconcile.findings import Finding
from federation.relief.erased import erased, erasure
from federation.rows import LISTED_KINDS, RELIEF_KINDS, OpeningStatus, State, StatementRow
from federation.statements import OPEN_KINDS, Kind
from node.log.receipt_queue import tell_of_again
from node.log.redelivery import ask_about_copies
from node.log.units import Placed, Unit
from node.publishing.registry import Registry
from node.relief.ended_grounds import EndedGrounds
from node.relief.ended_terms import EndedTerms
from node.system.failpoints import Failpoints

BATCH: Final = 256
"""Listings erased in one transaction."""

_GROUNDS: Final = {
    State.REPAIRED: ErasureGround.REPAIRED,
    State.WITHDRAWN: ErasureGround.WITHDRAWN,
}


class Erasures:
    """Finds what is due and makes the unit that erases it."""

    def __init__(
        self,
        *,
        own: Origin,
        registry: Registry,
        now: Callable[[], Timestamp],
        today: Callable[[], Date],
        failpoints: Failpoints,
        requests: Callable[[ReadSession, Date], Sequence[StatementRow]] = lambda _session, _day: (),
        terms: EndedTerms | None = None,
    ) -> None:
        """Wire the job; `requests` and `terms` give what is kept no longer on a day."""
        self._requests = requests
        self._own = own
        self._registry = registry
        self._now = now
        self._today = today
        self._failpoints = failpoints
        grounds = EndedGrounds(registry.trust)
        self._endings = (grounds,) if terms is None else (terms, grounds)

    def due(self, session: ReadSession) -> bool:
        """Whether there is anything to erase now."""
        return bool(self._due(session))

    def unit(self) -> Unit:
        """Erase a batch: delete, journal, and say so in our own log."""
        batch: list[StatementRow] = []

        def drafts(session: WriteSession) -> list[Draft]:
            batch[:] = self._with_acts(session, self._due(session))
            head = session.head(self._own)
            own = [row for row in batch if head is not None and row.log == head.log]
            return [self._statement(row) for row in own]

        def record(session: WriteSession, placed: Sequence[Placed]) -> None:
            del placed
            with self._failpoints.at("relief.erase"):
                self._erase(session, batch)

        return Unit(drafts=drafts, record=record)

    def _due(self, session: ReadSession) -> list[StatementRow]:
        """What has lost its ground and whose end the local platform has been told."""
        delivered = {h.log: h.size if h.ours else h.delivered_to for h in session.heads()}
        rows = [row for row in session.relieved(BATCH) if row.idx < delivered[row.log]]
        if not rows:
            over = self._requests(session, self._today())[:BATCH]
            rows = [row for row in over if row.idx < delivered[row.log]]
        for endings in self._endings:
            while not rows and (ended := endings.next(session, self._today())):
                rows = [row for row in ended if row.idx < delivered[row.log]]
                if not rows:
                    endings.skip()
        return rows

    @staticmethod
    def _with_acts(session: ReadSession, ended: Sequence[StatementRow]) -> list[StatementRow]:
        """Add what is said about listings, of whatever kind, but for reliefs and relistings."""
        listings = [row for row in ended if row.kind in LISTED_KINDS]
        acts = session.rows_about([row.statement_id for row in listings])
        about = {(row.log, row.statement_id) for row in listings}
        given = {(row.log, row.idx) for row in ended}
        return [
            *ended,
            *(
                act
                for act in acts
                if act.kind not in (*RELIEF_KINDS, Kind.RELISTING, *OPEN_KINDS)
                and act.opening == OpeningStatus.PRESENT
                and (act.log, act.about) in about
                and (act.log, act.idx) not in given
            ),
        ]

    def _statement(self, row: StatementRow) -> Draft:
        ground = _GROUNDS.get(State(row.state), ErasureGround.EXPIRED)
        return self._registry.open_draft(
            Kind.ERASURE,
            0,
            Erasure(ground=ground, erased_at=self._now()),
            StatementId(row.statement_id),
        )

    def _erase(self, session: WriteSession, batch: Sequence[StatementRow]) -> None:
        session.put_findings({(row.log, row.idx): Finding.NONE for row in batch})
        by_log: dict[int, list[StatementRow]] = {}
        for row in batch:
            by_log.setdefault(row.log, []).append(row)
        for log, rows in by_log.items():
            session.erase_openings(log, [row.idx for row in rows])
        # Our own ERASURE, said just now, may have changed them (L15).
        batch = [erased(row) for row in session.rows_at([(row.log, row.idx) for row in batch])]
        session.replace_rows(batch)
        self._tell_without_content(session, batch)
        tell_of_again(session, batch)
        ask_about_copies(session, batch)
        session.append_journal([erasure(self._now(), row).entry() for row in batch])

    @staticmethod
    def _tell_without_content(session: WriteSession, batch: Sequence[StatementRow]) -> None:
        """Have what is erased told again where the platform has it, and taken out of its files."""
        session.put_redeliveries([(row.log, row.idx) for row in batch])
