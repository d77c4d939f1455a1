"""The receipt job: origins are told what became of their statements (cursor `receipted_to`).

What is found out about leaves goes into our own log as RECEIPTs, together with the cursor behind
them in one transaction: a crash tells nothing twice and forgets nothing. Outcomes are gathered, so
that a list of ten thousand rows makes a few receipts; relief does not wait for the rest. Logs have
turns, those that carry relief first (`node.log.round_robin`); one that fails keeps no other
waiting. Leaves that changed later are queued (`node.log.receipt_queue`) and told of again only
where their outcome differs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Final

from federation.errors import RefusedError
from federation.ids import Origin
from federation.own_log import Draft
from federation.ports.receipts import Told
from federation.ports.store import LogHead, ReadSession, Store, WriteSession
from federation.reconcile import receipts
from federation.reconcile.findings import Finding
from federation.rows import ACT_KINDS, ADVERSE_KINDS, LISTED_KINDS, NOT_YOURS, StatementRow
from federation.statements import Kind
from node.charters.view import TrustView
from node.log.catching_up import CatchingUp
from node.log.chains import TrustChains
from node.log.executed import Executed
from node.log.round_robin import in_turns
from node.log.units import Placed, Unit
from node.log.writer import UnitWriter
from node.publishing.registry import Registry
from node.system.failpoints import Failpoints
from node.system.item_errors import ItemErrors
from node.system.tracing import point

BATCH: Final = 4096
"""Leaves told of in one transaction; it holds the writer for some hundredths of a second."""


@dataclass(slots=True)
class _Batch:
    """What one transaction tells of a log, filled in it."""

    head: LogHead
    told: dict[int, Told] = field(default_factory=dict)
    queued: Sequence[int] = ()
    lifted: Sequence[bytes] = ()
    """Statement ids of the listings among it of which it is told that they are lifted."""


class ReceiptJob:
    """Tells what is reconciled and not yet told of; runs in a thread of its own."""

    def __init__(  # noqa: PLR0913 - each part is used
        self,
        *,
        own: Origin,
        store: Store,
        writer: UnitWriter,
        registry: Registry,
        trust: Callable[[], TrustView],
        clock: Callable[[], float],
        seconds: int,
        relief_seconds: int,
        failpoints: Failpoints,
        executed: Executed,
    ) -> None:
        """Wire the job.

        Args:
            own: our log.
            store: of the logs.
            writer: publishes.
            registry: drafts.
            trust: the charters of the moment.
            clock: seconds that never go back.
            seconds: how long outcomes are gathered.
            relief_seconds: how long, where relief is among them.
            failpoints: of the process.
            executed: what the city's platforms have done.
        """
        self._own = own
        self._store = store
        self._writer = writer
        self._registry = registry
        self._trust = trust
        self._clock = clock
        self._seconds = seconds
        self._relief_seconds = relief_seconds
        self._failpoints = failpoints
        self._executed = executed
        self._catching_up = CatchingUp()
        self._due: dict[Origin, float] = {}
        """When what is gathered of a log is told, at the latest."""
        self._started = False
        self._told = 0

    def waits(self) -> bool:
        """Whether time alone brings it on: outcomes are gathered, or a log is on its way."""
        return bool(self._catching_up) or bool(self._due)

    def run(self) -> int:
        """Tell of all logs whose time has come.

        What an earlier process had gathered is told at once, since nobody knows for how long.

        Returns:
            The number of outcomes told.

        Raises:
            StoreError: the database; the next run goes on where this one was.
        """
        trust = self._trust().trust
        members = map(trust.member, trust.members(self._own))
        if not receipts.may_tell(role for member in members for role in member.roles):
            return 0
        with self._store.read() as session:
            heads = [head for head in session.heads() if not head.ours]
            changed = session.to_tell_of()
            due = [head for head in heads if self._is_due(session, head, changed)]
        self._started = True
        items = ItemErrors()
        self._told = 0
        in_turns(items, due, self._tell, self._relief_next)
        items.settle()
        return self._told

    def _relief_next(self, head: LogHead) -> bool:
        with self._store.read() as session:
            return session.is_urgent(head.log)

    def _is_due(self, session: ReadSession, head: LogHead, changed: AbstractSet[int]) -> bool:
        if self._catching_up.is_under_way(head, head.receipted_to):
            return False
        if head.receipted_to >= head.reconciled_to and head.log not in changed:
            self._due.pop(head.origin, None)
            return False
        now = self._clock()
        pause = self._seconds
        if session.is_urgent(head.log):
            pause = min(pause, self._relief_seconds)
        due = min(self._due.get(head.origin, now + pause), now + pause)
        self._due[head.origin] = due
        return now >= due or not self._started

    def _tell(self, head: LogHead) -> LogHead | None:
        """Tell of a batch; the log as it stands then, None at its end."""
        batch = _Batch(head)
        try:
            self._writer.publish(self._unit(batch)).result()
        except RefusedError:  # nothing may be signed now; `huxin status` says why
            return None
        self._told += len(batch.told)
        for listing in batch.lifted:
            point("relief lifted", listing, log=batch.head.origin)
        if batch.head.receipted_to >= batch.head.reconciled_to and len(batch.queued) < BATCH:
            self._due.pop(head.origin, None)
            return None
        return batch.head

    def _unit(self, batch: _Batch) -> Unit:
        """Read, decide and tell in one transaction, so that nothing changes in between."""
        origin = batch.head.origin

        def drafts(session: WriteSession) -> list[Draft]:
            head = session.add_log(origin, ours=False)
            start = head.receipted_to
            end = max(start, min(head.reconciled_to, start + BATCH))
            queued = session.untold(head.log, BATCH)
            rows = list(session.rows_between(head.log, start, end))
            rows += session.rows_at([(head.log, i) for i in queued if not start <= i < end])
            batch.head = replace(head, receipted_to=end)
            batch.queued = queued
            batch.told = self._news(session, head, rows)
            batch.lifted = [row.statement_id for row in rows if _is_lifted(batch.told, row)]
            return [
                self._registry.open_draft(Kind.RECEIPT, 0, receipt)
                for receipt in receipts.coalesce(origin, batch.told)
            ]

        def record(session: WriteSession, placed: Sequence[Placed]) -> None:
            del placed
            with self._failpoints.at("receipt.commit"):
                session.put_told(batch.head.log, batch.told)
                session.clear_untold(batch.head.log, batch.queued)
                session.set_head(batch.head)

        return Unit(drafts=drafts, record=record)

    def _news(
        self, session: ReadSession, head: LogHead, rows: Sequence[StatementRow]
    ) -> dict[int, Told]:
        """The outcomes that differ from what was told last."""
        findings = session.findings([(r.log, r.idx) for r in rows if r.kind in ADVERSE_KINDS])
        reaching, ending = self._reaching(session, head, rows), _ending(session, rows)
        before = session.told(head.log, [row.idx for row in rows])
        ends = self._executed.of(session, head, rows)
        news: dict[int, Told] = {}
        for row in rows:
            finding = findings.get((row.log, row.idx), Finding.NONE)
            reaches = row.idx in reaching or row.record_tag in ending
            executed, late = ends.get(row.idx, (True, False))
            told = receipts.outcome(row, finding, reaches=reaches, executed=executed, late=late)
            if told is not None and before.get(row.idx) != told:
                news[row.idx] = told
        return news

    def _reaching(
        self, session: ReadSession, head: LogHead, rows: Sequence[StatementRow]
    ) -> frozenset[int]:
        """The indices of the acts that are about something that stands where they may act."""
        acts = [row for row in rows if row.kind in ACT_KINDS and row.about is not None]
        if not acts:
            return frozenset()
        chains = TrustChains(self._trust(), session.heads())
        speaks_for = {row.idx: chains.speaks_for(head.log, row.idx) for row in acts}
        logs = frozenset[int]().union(*speaks_for.values())
        found: dict[bytes | None, set[int]] = defaultdict(set)
        for one in session.rows_by_id(
            sorted(logs), sorted({row.about for row in acts if row.about})
        ):
            found[one.statement_id].add(one.log)
        return frozenset(row.idx for row in acts if found[row.about] & speaks_for[row.idx])


def _is_lifted(told: Mapping[int, Told], row: StatementRow) -> bool:
    return row.idx in told and told[row.idx].outcome == receipts.ReceiptOutcome.LIFTED


def _ending(session: ReadSession, rows: Sequence[StatementRow]) -> frozenset[bytes]:
    """Records of which a copy has ended, among those of reliefs about what is not their speaker's.

    Of these alone it is asked: of any other relief it goes without saying.
    """
    tags = {row.record_tag for row in rows if row.rule == NOT_YOURS and row.record_tag is not None}
    copies = session.rows_by_record(sorted(tags), LISTED_KINDS) if tags else ()
    return frozenset(
        copy.record_tag
        for copy in copies
        if copy.record_tag is not None and copy.state in receipts.ENDED
    )
