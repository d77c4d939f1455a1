"""A simulated node's requests 转办: its desk and its job."""

from __future__ import annotations

from dataclasses import dataclass

from federation.ids import Date
from federation.working_days import WorkingDays
from node.records.records import Records
from node.relief.request_documents import RequestDocuments
from node.relief.request_drafts import RequestDrafts
from node.relief.request_job import RequestJob
from node.relief.requests import RequestDesk
from node.system.clock import date_of
from tests.support.desks import records_of
from tests.support.simulation import SimNode
from tests.support.telling import InlinePublishing


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What a node has for requests."""

    desk: RequestDesk
    job: RequestJob
    records: Records
    documents: RequestDocuments


def asking_of(node: SimNode, days: WorkingDays | None = None, *, settles: bool = True) -> Asking:
    """Wire it as the program does; without `settles` nothing is `done` until the job runs."""
    records = records_of(node)

    def working_days() -> WorkingDays:
        return days or WorkingDays({})

    def today() -> Date:
        return date_of(node.clock.now())

    drafts = RequestDrafts(
        registry=node.registry,
        statements=node.statements,
        records=records,
        trust=node.trust,
        today=today,
    )
    documents = RequestDocuments(
        records=records,
        drafts=drafts,
        trust=node.trust,
        catalog=lambda: node.catalog,
        working_days=working_days,
        now=node.trusted.latest.now,
    )
    job = RequestJob(
        store=node.store,
        writer=InlinePublishing(node.run),
        records=records,
        drafts=drafts,
        documents=documents,
        own=node.origin,
        trust=node.trust,
        today=today,
    )
    desk = RequestDesk(
        store=node.store,
        writer=InlinePublishing(node.run),
        registry=node.registry,
        statements=node.statements,
        records=records,
        drafts=drafts,
        documents=documents,
        catalog=lambda: node.catalog,
        working_days=working_days,
        today=today,
        settle=job.run if settles else lambda: None,
    )
    return Asking(desk=desk, job=job, records=records, documents=documents)
