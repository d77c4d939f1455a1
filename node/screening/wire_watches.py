"""The desk of watches, wired, and its job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from node.access.admitting import Access
from node.access.wiring import Queries, keep_seconds
from node.clocks.trusted_clock import TrustedClock
from node.directory.opened import Opened
from node.screening.watch_desk import WatchDesk
from node.screening.watch_ending import WatchEnding
from node.screening.watch_judging import WatchJudging
from node.screening.watch_opening import WatchOpening
from node.screening.watch_reading import WatchReading
from node.system.clock import monotonic
from node.system.entropy import token
from node.system.schedule import AnyJob, Job

ENDING_SECONDS: Final = 600
"""Between two runs; nothing is answered of what has ended in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watches:
    """The desk, and what erases what has ended."""

    desk: WatchDesk
    job: AnyJob


def wire_watches(
    opened: Opened,
    *,
    queries: Queries,
    access: Access,
    judging: WatchJudging,
    trusted: TrustedClock,
) -> Watches:
    """Build it.

    Args:
        opened: the node's directory.
        queries: where questions are recorded.
        access: who may ask.
        judging: judges watched subjects.
        trusted: trusted time, by which content ends.
    """
    pages = WatchReading(
        store=opened.store,
        queries=queries.store,
        writer=queries.writer,
        keys=queries.keys,
        log=queries.log,
        judging=judging,
        monotonic=monotonic,
        failpoints=opened.failpoints,
    )
    desk = WatchDesk(
        opening=WatchOpening(
            region=opened.config.node.region,
            judging=judging,
            access=access,
            queries=queries.store,
            writer=queries.writer,
            keys=queries.keys,
            log=queries.log,
            clock=trusted.latest,
            keep_seconds=keep_seconds(opened.config),
            token=token,
            failpoints=opened.failpoints,
        ),
        reading=pages,
        access=access,
        queries=queries.store,
        writer=queries.writer,
        keys=queries.keys,
        log=queries.log,
        clock=trusted.latest,
        failpoints=opened.failpoints,
    )
    opened.store.listen(desk.touched)
    ending = WatchEnding(
        queries=queries.store,
        writer=queries.writer,
        counts=access.counts,
        trusted=trusted.now,
        forget=pages.forget,
    )
    return Watches(
        desk=desk, job=Job(name="watches-ending", seconds=ENDING_SECONDS, run=ending.run)
    )
