"""Outcomes 惩戒反馈, wired: the desk, and the job that says and reopens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.catalog.working_days import working_days
from federation.ids import Date
from federation.ports.findings import Place
from federation.ports.store import WriteSession
from federation.reconcile.catalog import Catalog
from federation.working_days import WorkingDays
from node.access.wiring import Queries
from node.charters.view import TrustView
from node.directory.opened import Opened
from node.log.writer import Writer
from node.publishing.wiring import Publishing
from node.records.records import Records
from node.screening.outcome_desk import OutcomeDesk
from node.screening.outcome_documents import OutcomeDocuments
from node.screening.outcome_job import OutcomeJob
from node.screening.outcome_origin import OutcomeReads
from node.screening.outcome_saying import OutcomeSaying
from node.system.entropy import token
from node.system.schedule import AnyJob, Job

OUTCOME_SECONDS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """Outcomes: for whoever reports and reads, and what goes on by itself."""

    desk: OutcomeDesk
    job: OutcomeJob
    reads: OutcomeReads
    documents: OutcomeDocuments

    @property
    def jobs(self) -> tuple[AnyJob, ...]:
        """The job that says what is kept and reopens what ended."""
        return (Job(name="outcomes", seconds=OUTCOME_SECONDS, run=self.job.run),)


def wire_outcomes(
    opened: Opened,
    *,
    queries: Queries,
    publishing: Publishing,
    records: Records,
    writer: Writer,
    judge: Callable[[WriteSession, Sequence[Place]], None],
    trust: Callable[[], TrustView],
    catalog: Callable[[], Catalog],
    today: Callable[[], Date],
) -> Outcomes:
    """Build it; `judge` judges listings anew in a transaction, `today` is the latest of clocks."""

    def days() -> WorkingDays:
        return working_days(opened.config.directory)

    reads = OutcomeReads(payloads=records.payloads, trust=trust)
    documents = OutcomeDocuments(
        queries=queries.store,
        keys=queries.keys,
        store=opened.store,
        records=records,
        reads=reads,
        trust=trust,
        catalog=catalog,
        working_days=days,
        today=today,
    )
    saying = OutcomeSaying(
        city=opened.config.node.name,
        queries=queries.store,
        query_writer=queries.writer,
        store=opened.store,
        writer=writer,
        registry=publishing.registry,
        statements=publishing.statements,
        judge=judge,
        now=opened.clock.now,
        failpoints=opened.failpoints,
    )
    desk = OutcomeDesk(
        queries=queries.store,
        query_writer=queries.writer,
        keys=queries.keys,
        saying=saying,
        documents=documents,
        now=opened.clock.now,
        today=today,
        token=token,
        failpoints=opened.failpoints,
    )
    job = OutcomeJob(
        queries=queries.store,
        query_writer=queries.writer,
        store=opened.store,
        saying=saying,
        documents=documents,
        catalog=catalog,
        working_days=days,
        now=opened.clock.now,
        today=today,
        relieved_on=records.relieved_on,
        failpoints=opened.failpoints,
    )
    return Outcomes(desk=desk, job=job, reads=reads, documents=documents)
