"""The desks of benefits, wired."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from federation.errors import RefusedError
from federation.reconcile.catalog import Catalog
from node.access.admitting import Access
from node.access.wiring import Queries
from node.charters.view import TrustView
from node.directory.opened import Opened
from node.log.writer import Writer
from node.publishing.wiring import Publishing
from node.recognition.benefit_desk import BenefitDesk
from node.recognition.benefit_reading import BenefitReading, Trust
from node.recognition.benefit_recording import BenefitRecording
from node.recognition.promises import Promises
from node.recognition.scenarios import ScenarioBook
from node.recognition.use_desk import UseDesk
from node.recognition.use_job import UseJob
from node.recognition.use_saying import UseSaying
from node.records.coverage import LogCoverage
from node.records.subject_codes import SubjectCodes
from node.records.subject_reading import SubjectReading
from node.records.wiring import Reading
from node.system.clock import Clock
from node.system.entropy import token
from node.system.schedule import AnyJob, Job

USE_SECONDS: Final = 30.0
"""How often what could not be said is tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefits:
    """Benefits: for whoever asks and reports, and what goes on by itself."""

    desk: BenefitDesk
    uses: UseDesk
    job: UseJob

    @property
    def jobs(self) -> tuple[AnyJob, ...]:
        """The job that says what is kept."""
        return (Job(name="benefit-uses", seconds=USE_SECONDS, run=self.job.run),)

    def report(self) -> dict[str, Any]:
        """What the status says."""
        return self.job.report()


def wire_benefits(  # noqa: PLR0913 - it stands on many wings, and may import none beside it
    opened: Opened,
    *,
    queries: Queries,
    access: Access,
    reading: Reading,
    subjects: SubjectReading,
    commended: Trust,
    codes: SubjectCodes,
    book: ScenarioBook,
    publishing: Publishing,
    writer: Writer,
    trust: Callable[[], TrustView],
    catalog: Callable[[], Catalog],
    refusal: Callable[[], RefusedError | None],
    latest: Clock,
) -> Benefits:
    """Build it.

    Args:
        opened: the node's directory.
        queries: where questions are recorded.
        access: who may ask.
        reading: what reads records, and doubts them.
        subjects: reads what is listed of a subject.
        commended: judges commendations of a subject.
        codes: links the codes of a subject.
        book: scenarios and how they stand.
        publishing: drafts.
        writer: of the store.
        trust: the charters of the moment.
        catalog: this city's, of the moment.
        refusal: why nothing, or no listing, is signed here, or None: reliefs may be missing.
        latest: never behind any clock that is believed.
    """
    desk = BenefitDesk(
        region=opened.config.node.region,
        store=opened.store,
        book=book,
        reading=BenefitReading(
            reading=subjects,
            trust=commended,
            promises=Promises(payloads=reading.records.payloads, codes=codes, trust=trust),
            catalog=catalog,
            today=latest.today,
        ),
        coverage=LogCoverage(doubts=reading.doubts, trust=trust, refusal=refusal),
        trust=trust,
        catalog=catalog,
        access=access,
        writer=queries.writer,
        recording=BenefitRecording(keys=queries.keys, log=queries.log, answered=access.answered),
        clock=latest,
        token=token,
        failpoints=opened.failpoints,
    )
    saying = UseSaying(
        city=opened.config.node.name,
        queries=queries.store,
        query_writer=queries.writer,
        writer=writer,
        registry=publishing.registry,
        statements=publishing.statements,
        failpoints=opened.failpoints,
    )
    uses = UseDesk(
        queries=queries.store,
        query_writer=queries.writer,
        keys=queries.keys,
        store=opened.store,
        book=book,
        payloads=reading.records.payloads,
        trust=trust,
        saying=saying,
        now=opened.clock.now,
        today=latest.today,
        token=token,
        failpoints=opened.failpoints,
    )
    return Benefits(desk=desk, uses=uses, job=UseJob(saying=saying, waiting=uses.waiting))
