"""The jobs that let go of what relief and time have ended."""

from __future__ import annotations

from typing import Final

from node.clocks.trusted_clock import TrustedClock
from node.directory.opened import Opened
from node.log.ledger import Ledger
from node.log.startup_check import StartupCheck
from node.log.writer import Writer
from node.publishing.registry import Registry
from node.relief.erasure import Erasures
from node.relief.erasure_job import erase_job
from node.relief.suppression_keys import SuppressionKeys
from node.system.schedule import AnyJob, Job

ERASURE_SECONDS: Final = 30
SUPPRESSION_SECONDS: Final = 600


def relief_jobs(
    opened: Opened,
    *,
    registry: Registry,
    ledger: Ledger,
    asking: StartupCheck,
    writer: Writer,
    trusted: TrustedClock,
) -> tuple[AnyJob, ...]:
    """Build the jobs that erase openings, and that end suppression tags and their keys.

    Both by trusted time, which no single clock can move (Z7).
    """
    erasures = Erasures(
        own=opened.config.origin,
        registry=registry,
        now=opened.clock.now,
        today=trusted.today,
        failpoints=opened.failpoints,
    )
    suppression = SuppressionKeys(
        store=opened.store, keyring=opened.keyring, ledger=ledger, today=trusted.today
    )
    return (
        Job(
            name="erasure",
            seconds=ERASURE_SECONDS,
            run=erase_job(opened.store, erasures, writer, asking),
        ),
        Job(
            name="suppression",
            seconds=SUPPRESSION_SECONDS,
            run=lambda: writer.submit(suppression.run).result(),
        ),
    )
