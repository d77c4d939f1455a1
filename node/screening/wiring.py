"""The desk at which departments ask, wired."""

from __future__ import annotations

from collections.abc import Callable

from federation.errors import RefusedError
from federation.reconcile.catalog import Catalog
from node.access.admitting import Access
from node.access.wiring import Queries
from node.charters.view import TrustView
from node.directory.opened import Opened
from node.records.coverage import LogCoverage
from node.records.subject_reading import SubjectReading
from node.records.wiring import Reading
from node.screening.desk import ScreeningDesk
from node.screening.due_days import DueDays
from node.screening.judging import Judging
from node.screening.recording import Recording
from node.system.clock import Clock
from node.system.entropy import token


def wire_screening(
    opened: Opened,
    *,
    queries: Queries,
    access: Access,
    reading: Reading,
    subjects: SubjectReading,
    trust: Callable[[], TrustView],
    catalog: Callable[[], Catalog],
    refusal: Callable[[], RefusedError | None],
    latest: Clock,
) -> ScreeningDesk:
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
        latest: never behind any clock that is believed.
    """
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
    return ScreeningDesk(
        judging=judging,
        catalog=catalog,
        access=access,
        writer=queries.writer,
        recording=Recording(keys=queries.keys, log=queries.log, answered=access.answered),
        clock=latest,
        failpoints=opened.failpoints,
    )
