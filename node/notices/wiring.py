"""Notices 属地通报, wired: for the operator, and the job that finds them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from federation.reconcile.catalog import Catalog
from node.charters.view import TrustView
from node.directory.opened import Opened
from node.log.writer import Writer
from node.notices.desk import NoticeDesk
from node.notices.documents import NoticeDocuments
from node.notices.job import NoticeJob
from node.records.judged_pages import JudgedPages
from node.records.records import Records
from node.system.clock import Clock
from node.system.rests import Rests
from node.system.schedule import AnyJob, Job

NOTICE_SECONDS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """The list for the operator, and the job."""

    desk: NoticeDesk
    jobs: tuple[AnyJob, ...]


def wire_notices(
    opened: Opened,
    records: Records,
    pages: JudgedPages,
    writer: Writer,
    trust: Callable[[], TrustView],
    catalog: Callable[[], Catalog],
    latest: Clock,
) -> Notices:
    """Build it; `latest` is never behind any clock that is believed."""
    job = NoticeJob(
        store=opened.store,
        writer=writer,
        keyring=opened.keyring,
        payloads=opened.payloads,
        trust=trust,
        pages=pages,
        now=opened.clock.now,
        today=latest.today,
        failpoints=opened.failpoints,
    )
    documents = NoticeDocuments(
        records=records, local=pages.local, catalog=catalog, today=latest.today
    )
    return Notices(
        desk=NoticeDesk(
            store=opened.store, writer=writer, documents=documents, now=opened.clock.now
        ),
        jobs=(
            Job(
                name="notices",
                seconds=NOTICE_SECONDS,
                run=job.run,
                at_once=True,
                rests=Rests(store=opened.store, waits=job.waits),
            ),
        ),
    )
