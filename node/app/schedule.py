"""What a node does again and again; `node.system.schedule` says when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from adapters.state.keyring import KeyRing
from federation.ports.store import Store
from node.charters.view import TrustView
from node.clocks.trusted_clock import TrustedClock
from node.directory.config import Config
from node.intake.drop_job import Inbox
from node.intake.files import Intake
from node.intake.inbox_tally import InboxTally
from node.intake.retention import Retention
from node.log.ledger import Ledger
from node.log.startup_check import Asking
from node.log.writer import Writer
from node.platform.outbox_job import OutboxDelivery
from node.platform.outbox_rows import OutboxRows
from node.platform.platforms import Platforms
from node.publishing.registry import Registry
from node.reconcile.job import ReconcileJob
from node.reconcile.judging import Reconciliation
from node.reconcile.receipt_job import ReceiptJob
from node.records.records import Records
from node.relief.erasure import Erasures
from node.relief.erasure_job import erase_job
from node.relief.suppression_keys import SuppressionKeys
from node.system.clock import Clock, monotonic
from node.system.disk import Reserve
from node.system.failpoints import Failpoints
from node.system.schedule import AnyJob, Job
from node.upkeep.rotation import Rotation
from node.upkeep.scrub import Scrub

CLOCK_SECONDS: Final = 5
RECONCILE_SECONDS: Final = 0.25
RECEIPT_SECONDS: Final = 1
OUTBOX_SECONDS: Final = 1
DROP_SECONDS: Final = 2
ERASURE_SECONDS: Final = 30
ROTATION_SECONDS: Final = 60
SCRUB_SECONDS: Final = 10
SUPPRESSION_SECONDS: Final = 600
RETENTION_SECONDS: Final = 600


def jobs(  # noqa: PLR0913 - called once, in node.wiring
    *,
    config: Config,
    store: Store,
    keyring: KeyRing,
    platforms: Platforms,
    tally: InboxTally,
    reserve: Reserve,
    asking: Asking,
    writer: Writer,
    registry: Registry,
    intake: Intake,
    inbox: Inbox,
    records: Records,
    rotation: Rotation,
    ledger: Ledger,
    reconciliation: Reconciliation,
    heed_library: Callable[[], None],
    scrub: Scrub,
    trust: Callable[[], TrustView],
    clock: Clock,
    trusted: TrustedClock,
    changed: Callable[[], None],
    failpoints: Failpoints,
) -> tuple[AnyJob, ...]:
    """Build the jobs out of a node's parts; each runs in a thread of its own, never twice at once.

    `changed` is called when a job has made something that peers may be shown, `heed_library` before
    anything is judged.
    """
    outbox = config.outbox
    if outbox is not None:
        outbox.mkdir(mode=0o750, exist_ok=True)
    rows = OutboxRows(records, trusted.latest.today)
    delivery = OutboxDelivery(
        outbox=outbox, store=store, writer=writer, rows=rows, failpoints=failpoints
    )
    platforms.open(store, writer, rows, clock.now)
    erasures = Erasures(
        own=config.origin,
        registry=registry,
        now=clock.now,
        today=trusted.today,
        failpoints=failpoints,
    )
    suppression = SuppressionKeys(store=store, keyring=keyring, ledger=ledger, today=trusted.today)
    retention = Retention(
        outbox=outbox,
        inbox=config.inbox,
        sources=config.files.sources,
        keep_days=config.files.keep_days,
        now=trusted.now,
    )
    reconcile = ReconcileJob(
        store=store,
        writer=writer,
        reconciliation=reconciliation,
        failpoints=failpoints,
        changed=changed,
    )

    def judge() -> int:
        heed_library()
        return reconcile.run()

    receipt = ReceiptJob(
        own=config.origin,
        store=store,
        writer=writer,
        registry=registry,
        trust=trust,
        clock=monotonic,
        seconds=config.receipts.seconds,
        relief_seconds=config.receipts.relief_seconds,
        failpoints=failpoints,
    )
    scrubs = [Job(name="scrub", seconds=SCRUB_SECONDS, run=scrub.run)]
    if not config.storage.scrub_leaves:
        scrubs = []
    return (
        Job(name="clock", seconds=CLOCK_SECONDS, run=trusted.tick),
        Job(name="reconcile", seconds=RECONCILE_SECONDS, run=judge),
        Job(name="receipt", seconds=RECEIPT_SECONDS, run=receipt.run),
        Job(name="outbox", seconds=OUTBOX_SECONDS, run=delivery.run),
        *platforms.jobs(intake.rows, tally, lambda: reserve.short or not asking.over),
        Job(name="reliefs", seconds=DROP_SECONDS, run=inbox.reliefs.run),
        Job(name="inbox", seconds=DROP_SECONDS, run=inbox.others.run),
        Job(
            name="erasure",
            seconds=ERASURE_SECONDS,
            run=erase_job(store, erasures, writer, asking),
        ),
        Job(name="rotation", seconds=ROTATION_SECONDS, run=rotation.run),
        Job(
            name="suppression",
            seconds=SUPPRESSION_SECONDS,
            run=lambda: writer.submit(suppression.run).result(),
        ),
        Job(name="retention", seconds=RETENTION_SECONDS, run=retention.run),
        *scrubs,
    )
