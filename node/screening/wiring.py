"""The desks at which departments ask, wired."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from federation.errors import RefusedError
from federation.reconcile.catalog import Catalog
from node.access.admitting import Access
from node.access.wiring import Queries
from node.charters.view import TrustView
from node.clocks.trusted_clock import TrustedClock
from node.directory.opened import Opened
from node.records.coverage import LogCoverage
from node.records.subject_reading import SubjectReading
from node.records.wiring import Reading
from node.screening.batch_desk import BatchDesk
from node.screening.batch_recording import BatchRecording
from node.screening.batch_snapshot import Snapshots, WholeLibrary
from node.screening.desk import ScreeningDesk
from node.screening.due_days import DueDays
from node.screening.judging import Judging
from node.screening.recording import Recording
from node.screening.watch_judging import WatchJudging
from node.screening.wire_watches import Watches, wire_watches
from node.system.entropy import token


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """The desks at which departments ask: about one subject, about many, and over time."""

    desk: ScreeningDesk
    judging: Judging
    batches: BatchDesk
    watches: Watches


def wire_screening(  # noqa: PLR0913 - wired once, in node.app.wiring
    opened: Opened,
    *,
    queries: Queries,
    access: Access,
    reading: Reading,
    subjects: SubjectReading,
    trust: Callable[[], TrustView],
    catalog: Callable[[], Catalog],
    refusal: Callable[[], RefusedError | None],
    library: WholeLibrary,
    trusted: TrustedClock,
) -> Screening:
    """Build it.

    Args:
        opened: the node's directory.
        queries: where questions are recorded.
        access: who may ask.
        reading: what reads records, and doubts them.
        subjects: reads what is held of a subject.
        trust: the charters of the moment.
        catalog: this city's, of the moment.
        refusal: why nothing, or no listing, is signed here, or None: reliefs may be missing.
        library: the city's base library.
        trusted: trusted time, and the later of it and the machine's clock.
    """
    latest = trusted.latest
    judging = Judging(
        region=opened.config.node.region,
        store=opened.store,
        reading=subjects,
        coverage=LogCoverage(doubts=reading.doubts, trust=trust, refusal=refusal),
        catalog=catalog,
        due_on=DueDays(opened.config.directory),
        clock=latest,
        token=token,
    )
    recording = Recording(keys=queries.keys, log=queries.log, answered=access.answered)
    desk = ScreeningDesk(
        judging=judging,
        catalog=catalog,
        access=access,
        writer=queries.writer,
        recording=recording,
        clock=latest,
        failpoints=opened.failpoints,
    )
    batches = BatchDesk(
        judging=judging,
        snapshots=Snapshots(
            store=opened.store, library=library, tagger=opened.keyring, clock=latest
        ),
        access=access,
        queries=queries.store,
        writer=queries.writer,
        recording=BatchRecording(
            keys=queries.keys, log=queries.log, recording=recording, answered=access.answered
        ),
        clock=latest,
        failpoints=opened.failpoints,
    )
    watched = WatchJudging(
        reading=subjects,
        coverage=LogCoverage(doubts=reading.doubts, trust=trust, refusal=refusal),
        doubts=reading.doubts,
        trust=trust,
        refusal=refusal,
        catalog=catalog,
        library=library.about,
        clock=latest,
    )
    watches = wire_watches(opened, queries=queries, access=access, judging=watched, trusted=trusted)
    return Screening(desk=desk, judging=judging, batches=batches, watches=watches)
