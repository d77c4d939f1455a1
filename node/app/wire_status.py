"""The status document, wired: every wing hands in what it knows of itself."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from node.app.wire_peers import Federated
from node.charters.contacts import contacts_of
from node.charters.expiring_certificates import ending_certificates, ending_listener
from node.directory.opened import Opened
from node.intake.wiring import Intakes
from node.platform.platforms import Platforms
from node.reconcile.wiring import Judging
from node.records.wiring import Reading
from node.relief.wiring import Reliefs
from node.status.job_runs import JobRuns
from node.status.report import StatusReport
from node.upkeep.wiring import Upkeep


def wire_status(  # noqa: PLR0913 - every wing hands in what it knows
    opened: Opened,
    *,
    peers: Federated,
    judging: Judging,
    reading: Reading,
    upkeep: Upkeep,
    intakes: Intakes,
    platforms: Platforms,
    requests: Callable[[], dict[str, Any]],
    kept: Callable[[], dict[str, Any]],
    outcomes: Callable[[], dict[str, Any]],
    reliefs: Reliefs,
    displays: Callable[[], dict[str, Any]],
    queries: Callable[[], dict[str, Any]],
    access: Callable[[], dict[str, Any]],
    runs: JobRuns,
) -> StatusReport:
    """The status document; every wing hands in what it knows of itself."""
    return StatusReport(
        region=opened.config.node.region,
        name=opened.config.node.name,
        version=version("huxin"),
        own=opened.config.origin,
        store=opened.store,
        exchange=peers.exchange,
        publisher=peers.log.publisher,
        trust=peers.charters.view,
        now=opened.clock.now,
        today=peers.trusted.latest.today,
        doubts=reading.doubts,
        endings=lambda: (
            *ending_certificates(
                peers.tls.certificate,
                contacts_of(peers.charters.view()),
                opened.clock.now(),
                waits=lambda: peers.tls.waiting,
            ),
            *ending_listener(opened.config.http_certificate, opened.clock.now()),
        ),
        key_ring=lambda: upkeep.rotation.report() | upkeep.lookup_keys.report(),
        platforms=platforms.report,
        requests=requests,
        kept=kept,
        outcomes=outcomes,
        disk=opened.reserve.report,
        scrub=upkeep.scrub.report,
        trusted=peers.trusted.report,
        jobs=runs.report,
        trouble=lambda: peers.writer.trouble,
        inbox=intakes.inbox.problems,
        catalog=judging.catalogs.catalog,
        reliefs=reliefs.overdue.report,
        displays=displays,
        config=opened.reloading.report,
        queries=queries,
        access=access,
        library=judging.library.fault,
    )
