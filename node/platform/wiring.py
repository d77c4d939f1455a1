"""What tells the city's platforms and takes their rows, wired, and its jobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from adapters.files.atomic import make_directory
from federation.ids import Date
from node.directory.config import Environment
from node.directory.opened import Opened
from node.intake.wiring import Intakes
from node.log.startup_check import StartupCheck
from node.log.writer import Writer
from node.persons.roster import Persons
from node.platform.batch_job import AsksMany
from node.platform.check_job import Asks
from node.platform.demands import Demands
from node.platform.desk import PlatformDesk
from node.platform.outbox_job import OutboxDelivery
from node.platform.outbox_rows import OutboxRows
from node.platform.platforms import Platforms
from node.records.local_subjects import LocalSubjects
from node.records.records import Records
from node.system.rests import Rests
from node.system.schedule import AnyJob, Job

OUTBOX_SECONDS: Final = 1
ACKNOWLEDGED_SECONDS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlets:
    """Where results go, and where platforms lay rows."""

    desk: PlatformDesk
    jobs: tuple[AnyJob, ...]


def configured_platforms(opened: Opened) -> Platforms:
    """The platforms of the configuration; nothing is connected yet.

    Raises:
        ConfigError: a password.
    """
    return Platforms(
        opened.config.directory,
        opened.config.platform,
        Environment().platform_passwords,
        opened.failpoints,
    )


def wire_platforms(  # noqa: PLR0913 - wired once, in node.app.wiring
    opened: Opened,
    *,
    platforms: Platforms,
    intakes: Intakes,
    records: Records,
    asking: StartupCheck,
    writer: Writer,
    persons: Persons,
    today: Callable[[], Date],
    asks: Asks,
    asks_many: AsksMany,
    local: LocalSubjects,
) -> Outlets:
    """Build it, and make the outbox.

    `today` is never behind any clock that is believed; `asks` answers rows of `huxin_check`,
    `asks_many` batches of `huxin_check_batch`; `local` says who is registered here.
    """
    config = opened.config
    outbox = config.outbox
    if outbox is not None:
        make_directory(outbox, 0o750)
    rows = OutboxRows(records, today, local.of)
    demands = Demands(
        store=opened.store, writer=writer, now=opened.clock.now, failpoints=opened.failpoints
    )
    delivery = OutboxDelivery(
        outbox=outbox,
        store=opened.store,
        writer=writer,
        rows=rows,
        demands=demands,
        failpoints=opened.failpoints,
    )
    platforms.open(opened.store, writer, rows, demands, opened.clock.now)
    return Outlets(
        desk=PlatformDesk(platforms, config.files.sources, intakes.limits, intakes.tally, persons),
        jobs=(
            Job(
                name="outbox",
                seconds=OUTBOX_SECONDS,
                run=delivery.run,
                rests=Rests(store=opened.store, waits=delivery.waits),
            ),
            Job(
                name="acknowledged",
                seconds=ACKNOWLEDGED_SECONDS,
                run=delivery.remove_acknowledged,
            ),
            *platforms.jobs(
                intakes.intake.rows,
                intakes.tally,
                lambda: opened.reserve.short or not asking.over,
                asks,
                asks_many,
            ),
        ),
    )
