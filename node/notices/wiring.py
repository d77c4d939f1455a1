"""Notices 属地通报, wired: for the operator, and the job that finds them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from adapters.catalog.library import FileLibrary
from federation.reconcile.catalog import Catalog
from node.charters.view import TrustView
from node.directory.opened import Opened
from node.log.writer import Writer
from node.notices.desk import NoticeDesk
from node.notices.documents import NoticeDocuments
from node.notices.job import NoticeJob
from node.notices.local_subjects import LocalSubjects
from node.records.records import Records
from node.system.clock import Clock
from node.system.rests import Rests
from node.system.schedule import AnyJob, Job

NOTICE_SECONDS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """The list for the operator, who says whose subjects are ours, and the job."""

    desk: NoticeDesk
    local: LocalSubjects
    jobs: tuple[AnyJob, ...]


def wire_notices(
    opened: Opened,
    records: Records,
    library: FileLibrary,
    writer: Writer,
    trust: Callable[[], TrustView],
    catalog: Callable[[], Catalog],
    latest: Clock,
) -> Notices:
    """Build it; `latest` is never behind any clock that is believed."""
    local = LocalSubjects(
        region=opened.config.node.region,
        library=library,
        catalog=catalog,
        today=latest.today,
    )
    job = NoticeJob(
        store=opened.store,
        writer=writer,
        keyring=opened.keyring,
        payloads=opened.payloads,
        trust=trust,
        local=local,
        now=opened.clock.now,
        today=latest.today,
        failpoints=opened.failpoints,
    )
    documents = NoticeDocuments(records=records, local=local, catalog=catalog, today=latest.today)
    return Notices(
        desk=NoticeDesk(
            store=opened.store, writer=writer, documents=documents, now=opened.clock.now
        ),
        local=local,
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
