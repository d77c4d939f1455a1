"""Requests 转办, wired: for the operator, and the job that answers what needs nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from adapters.catalog.working_days import working_days
from federation.reconcile.catalog import Catalog
from federation.working_days import WorkingDays
from node.charters.view import TrustView
from node.directory.opened import Opened
from node.log.writer import Writer
from node.publishing.wiring import Publishing
from node.records.records import Records
from node.relief.ended_requests import EndedRequests
from node.relief.ended_terms import EndedTerms
from node.relief.request_documents import RequestDocuments
from node.relief.request_drafts import RequestDrafts
from node.relief.request_job import RequestJob
from node.relief.requests import RequestDesk
from node.system.clock import Clock
from node.system.schedule import AnyJob, Job

REQUEST_SECONDS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Requests: for the operator, and what goes on by itself."""

    desk: RequestDesk
    job: RequestJob
    ended: EndedRequests
    terms: EndedTerms

    @property
    def jobs(self) -> tuple[AnyJob, ...]:
        """The job that answers what needs nobody."""
        return (Job(name="requests", seconds=REQUEST_SECONDS, run=self.job.run),)


def wire_requests(
    opened: Opened,
    *,
    publishing: Publishing,
    records: Records,
    writer: Writer,
    trust: Callable[[], TrustView],
    catalog: Callable[[], Catalog],
    latest: Clock,
) -> Asking:
    """Build it; `latest` is never behind any clock that is believed."""
    today = latest.today

    def days() -> WorkingDays:
        return working_days(opened.config.directory)

    drafts = RequestDrafts(
        registry=publishing.registry,
        statements=publishing.statements,
        records=records,
        trust=trust,
        today=today,
    )
    documents = RequestDocuments(
        records=records,
        drafts=drafts,
        trust=trust,
        catalog=catalog,
        working_days=days,
        now=latest.now,
    )
    job = RequestJob(
        store=opened.store,
        writer=writer,
        records=records,
        drafts=drafts,
        documents=documents,
        own=opened.config.origin,
        trust=trust,
        today=today,
    )
    desk = RequestDesk(
        store=opened.store,
        writer=writer,
        registry=publishing.registry,
        statements=publishing.statements,
        records=records,
        drafts=drafts,
        documents=documents,
        catalog=catalog,
        working_days=days,
        today=today,
        settle=job.run,
    )
    ended = EndedRequests(requests=records.requests, catalog=catalog, working_days=days)
    terms = EndedTerms(
        requests=records.requests,
        payloads=records.payloads,
        catalog=catalog,
        working_days=days,
        now=latest.now,
    )
    return Asking(desk=desk, job=job, ended=ended, terms=terms)
