"""What counts and reports the quality of published data, wired."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from federation.ids import Date
from federation.ports.store import ReadSession
from federation.quality.formulas import Formulas
from federation.reconcile.catalog import Catalog
from node.charters.view import TrustView
from node.directory.opened import Opened
from node.log.writer import Writer
from node.quality.desk import QualityDesk
from node.quality.kept import KeptFigures
from node.quality.listed import Findings, ListedSubjects, SubjectRegister
from node.quality.share_job import ShareJob
from node.screening.outcome_origin import OutcomeRead
from node.system.clock import SystemClock
from node.system.schedule import AnyJob, Job

SHARE_SECONDS: Final = 600
QUALITY_SECONDS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """The desk, and the jobs that count: listed subjects each day, figures that were asked for."""

    desk: KeptFigures
    jobs: tuple[AnyJob, ...]


def wire_quality(
    opened: Opened,
    *,
    trust: Callable[[], TrustView],
    catalog: Callable[[], Catalog],
    library: SubjectRegister,
    findings: Findings,
    today: Callable[[], Date],
    outcomes: Callable[[ReadSession], Sequence[OutcomeRead]],
    writer: Writer,
) -> Quality:
    """Build the desk; `today` is never behind any clock that is believed."""
    config = opened.config
    listed = ListedSubjects(library=library, tagger=opened.keyring, findings=findings, today=today)
    job = ShareJob(store=opened.store, writer=writer, listed=listed)
    desk = QualityDesk(
        own=config.origin,
        directory=config.directory,
        files=config.files,
        formulas=Formulas(**config.quality.model_dump()),
        store=opened.store,
        keyring=opened.keyring,
        payloads=opened.payloads,
        trust=trust,
        catalog=catalog,
        outcomes=outcomes,
        listed=listed,
    )
    kept = KeptFigures(figures=desk, store=opened.store, now=SystemClock().now, today=today)
    return Quality(
        desk=kept,
        jobs=(
            Job(name="shares", seconds=SHARE_SECONDS, run=job.run),
            Job(
                name="quality",
                seconds=QUALITY_SECONDS,
                run=kept.run,
                at_once=True,
                rests=kept.rests,
            ),
        ),
    )
