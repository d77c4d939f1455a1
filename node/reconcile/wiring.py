"""What judges listings of other cities, wired, and its jobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from adapters.catalog.library import FILE_NAME, FileLibrary
from adapters.catalog.working_days import working_days
from federation.ids import Date
from node.charters.view import TrustView
from node.directory.opened import Opened
from node.log.executed import FILES, Executed
from node.log.ledger import Ledger
from node.log.meanwhile import Meanwhile
from node.log.writer import Writer
from node.persons.posts import Posts
from node.persons.roster import Persons
from node.publishing.registry import Registry
from node.reconcile.case_desk import CaseDesk
from node.reconcile.case_queue import CaseQueue
from node.reconcile.catalog_book import CatalogBook
from node.reconcile.catalog_desk import CatalogDesk
from node.reconcile.job import ReconcileJob
from node.reconcile.judging import Reconciliation
from node.reconcile.proposals import Proposals
from node.reconcile.receipt_job import ReceiptJob
from node.records.attestations import KeptAttestations
from node.records.judged_pages import JudgedPages
from node.records.local_subjects import LocalSubjects
from node.records.records import Records
from node.system.clock import monotonic
from node.system.rests import Rests
from node.system.schedule import AnyJob, Job
from node.texts.catalog_names import name_of_list

RECONCILE_SECONDS: Final = 0.25
RECEIPT_SECONDS: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """Catalogs, base library, what regions say of subjects; who judges, and what that read."""

    catalogs: CatalogBook
    library: FileLibrary
    attestations: KeptAttestations
    reconciliation: Reconciliation
    desk: CatalogDesk
    pages: JudgedPages


def wire_judging(
    opened: Opened,
    *,
    trust: Callable[[], TrustView],
    writer: Writer,
    persons: Persons,
    posts: Posts,
    today: Callable[[], Date],
) -> Judging:
    """Build it; `today` is never behind any clock that is believed."""
    path = opened.config.directory / FILE_NAME
    catalogs = CatalogBook(store=opened.store, now=opened.clock.now, persons=persons)
    library = FileLibrary(path)
    attestations = KeptAttestations(keyring=opened.keyring, trust=trust, now=opened.clock.now)
    reconciliation = Reconciliation(
        keyring=opened.keyring,
        trust=trust,
        catalog=catalogs.catalog,
        library=library,
        attestations=attestations,
        today=today,
    )
    local = LocalSubjects(
        region=opened.config.node.region,
        library=library,
        catalog=catalogs.catalog,
        today=today,
    )
    return Judging(
        pages=JudgedPages(local),
        catalogs=catalogs,
        library=library,
        attestations=attestations,
        reconciliation=reconciliation,
        desk=CatalogDesk(
            store=opened.store,
            writer=writer,
            book=catalogs,
            reconciliation=reconciliation,
            library=library,
            library_path=path,
            files=opened.config.files,
            posts=posts,
            working_days=lambda: working_days(opened.config.directory),
            today=opened.clock.today,
        ),
    )


def wire_cases(
    opened: Opened,
    *,
    judging: Judging,
    records: Records,
    ledger: Ledger,
    writer: Writer,
    persons: Persons,
    posts: Posts,
) -> CaseDesk:
    """Build the desk at which persons decide about what is held."""
    return CaseDesk(
        store=opened.store,
        writer=writer,
        records=records,
        reconciliation=judging.reconciliation,
        attestations=judging.attestations,
        library=judging.library,
        proposals=Proposals(catalog=judging.catalogs.catalog, adopted=judging.catalogs.adopted),
        queue=CaseQueue(
            store=opened.store,
            records=records,
            working_days=lambda: working_days(opened.config.directory),
            today=opened.clock.today,
        ),
        list_name=lambda code: name_of_list(judging.catalogs.catalog(), opened.clock.today(), code),
        persons=persons,
        posts=posts,
        ledger=ledger,
        now=opened.clock.now,
    )


def reconcile_jobs(
    opened: Opened,
    *,
    judging: Judging,
    trust: Callable[[], TrustView],
    registry: Registry,
    writer: Writer,
    changed: Callable[[], None],
) -> tuple[AnyJob, ...]:
    """Build the jobs that judge, and that tell the receipts to the cities judged.

    `changed` is called when a job has made something that peers may be shown.
    """
    config = opened.config
    reconcile = ReconcileJob(
        store=opened.store,
        writer=writer,
        reconciliation=judging.reconciliation,
        meanwhile=Meanwhile(opened.store),
        failpoints=opened.failpoints,
        pages=judging.pages,
        changed=changed,
    )

    def judge() -> int:
        judging.desk.heed_library()
        return reconcile.run()

    names = [*config.platform, *([FILES] if config.outbox is not None else [])]
    receipt = ReceiptJob(
        own=config.origin,
        store=opened.store,
        writer=writer,
        registry=registry,
        trust=trust,
        clock=monotonic,
        seconds=config.receipts.seconds,
        relief_seconds=config.receipts.relief_seconds,
        failpoints=opened.failpoints,
        executed=Executed(names),
    )
    return (
        Job(
            name="reconcile",
            seconds=RECONCILE_SECONDS,
            run=judge,
            rests=Rests(store=opened.store, waits=reconcile.waits),
        ),
        Job(
            name="receipt",
            seconds=RECEIPT_SECONDS,
            run=receipt.run,
            rests=Rests(store=opened.store, waits=receipt.waits),
        ),
    )
