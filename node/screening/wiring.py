"""The desk at which departments ask, wired."""

from __future__ import annotations

from collections.abc import Callable

from adapters.catalog.library import FileLibrary
from federation.errors import RefusedError
from federation.reconcile.catalog import Catalog
from node.access.admitting import Access
from node.access.wiring import Queries
from node.charters.view import TrustView
from node.directory.opened import Opened
from node.records.coverage import LogCoverage
from node.records.subject_reading import Judge, SubjectReading
from node.records.wiring import Reading
from node.screening.desk import ScreeningDesk
from node.screening.due_days import DueDays
from node.screening.recording import Recording
from node.system.clock import Clock
from node.system.entropy import token


def wire_screening(  # noqa: PLR0913 - it stands on many wings, and may import none beside it
    opened: Opened,
    *,
    queries: Queries,
    access: Access,
    reading: Reading,
    judged: Judge,
    library: FileLibrary,
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
        judged: judges listings of others anew.
        library: the base library.
        trust: the charters of the moment.
        catalog: this city's, of the moment.
        refusal: why nothing, or no listing, is signed here, or None: reliefs may be missing.
        latest: never behind any clock that is believed.
    """
    return ScreeningDesk(
        region=opened.config.node.region,
        store=opened.store,
        reading=SubjectReading(
            records=reading.records,
            judged=judged,
            library=library,
            tagger=opened.keyring,
            trust=trust,
            refusal=refusal,
            today=latest.today,
        ),
        coverage=LogCoverage(doubts=reading.doubts, trust=trust, refusal=refusal),
        catalog=catalog,
        access=access,
        writer=queries.writer,
        recording=Recording(keys=queries.keys, log=queries.log, answered=access.answered),
        due_on=DueDays(opened.config.directory),
        clock=latest,
        token=token,
        failpoints=opened.failpoints,
    )
