"""The jobs that let go of what relief and time have ended, and the certificates of repair."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from adapters.catalog.working_days import working_days
from federation.charters.chain import CharterChain
from federation.errors import RefusedError
from federation.ids import Date
from federation.ports.store import ReadSession
from federation.reconcile.catalog import Catalog
from federation.rows import StatementRow
from node.access.admitting import Access
from node.access.wiring import Queries
from node.charters.view import TrustView
from node.clocks.trusted_clock import TrustedClock
from node.directory.opened import Opened
from node.log.ledger import Ledger
from node.log.startup_check import StartupCheck
from node.log.writer import Writer
from node.persons.roster import Persons
from node.publishing.registry import Registry
from node.records.coverage import LogCoverage
from node.records.doubts import Doubts
from node.records.proofs import Proofs
from node.records.subject_codes import SubjectCodes
from node.records.told import Told
from node.relief.audit import Compared, RepairAudit
from node.relief.certificates import Certificates
from node.relief.displayed_records import DisplayedRecords
from node.relief.displays import DisplayDesk
from node.relief.ended_terms import EndedTerms
from node.relief.erasure import Erasures
from node.relief.erasure_job import erase_job
from node.relief.hearing import Hearing
from node.relief.overdue import Overdue
from node.relief.rechecks import Rechecks
from node.relief.repair_desk import RepairDesk
from node.relief.repairs import Departments, Repairs
from node.relief.suppression_keys import SuppressionKeys
from node.system.clock import Clock
from node.system.entropy import token
from node.system.schedule import AnyJob, Job
from node.texts.catalog_names import name_of_list

ERASURE_SECONDS: Final = 30
SUPPRESSION_SECONDS: Final = 600
HEARING_SECONDS: Final = 5
OVERDUE_SECONDS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliefs:
    """What follows reliefs, and what lets go of what they ended."""

    repairs: Repairs
    desk: RepairDesk
    overdue: Overdue
    jobs: tuple[AnyJob, ...]


def wire_reliefs(  # noqa: PLR0913 - wired once, in node.app.wiring
    opened: Opened,
    *,
    trust: Callable[[], TrustView],
    catalog: Callable[[], Catalog],
    registry: Registry,
    ledger: Ledger,
    asking: StartupCheck,
    writer: Writer,
    trusted: TrustedClock,
    departments: Departments,
    platforms: Callable[[], Iterable[tuple[str, Compared]]],
    requests: Callable[[ReadSession, Date], Sequence[StatementRow]],
    terms: EndedTerms,
    persons: Persons,
) -> Reliefs:
    """Build it."""
    hearing = Hearing(
        store=opened.store,
        writer=writer,
        keyring=opened.keyring,
        payloads=opened.payloads,
        trust=trust,
    )
    repairs = Repairs(
        own=opened.config.origin,
        store=opened.store,
        keyring=opened.keyring,
        payloads=opened.payloads,
        trust=trust,
        catalog=catalog,
        working_days=partial(working_days, opened.config.directory),
        now=trusted.latest.now,
        departments=departments,
    )
    overdue = Overdue(store=opened.store, repairs=repairs)
    audit = RepairAudit(
        store=opened.store,
        repairs=repairs,
        told=Told(keyring=opened.keyring, payloads=opened.payloads, trust=trust),
        trust=trust,
        platforms=platforms,
    )
    rechecks = Rechecks(
        own=opened.config.origin,
        store=opened.store,
        writer=writer,
        repairs=repairs,
        check_known=persons.check_known,
        now=opened.clock.now,
        today=trusted.latest.today,
        seed=token,
    )
    return Reliefs(
        repairs=repairs,
        desk=RepairDesk(
            repairs,
            audit,
            rechecks,
            lambda code: name_of_list(catalog(), trusted.latest.today(), code),
        ),
        overdue=overdue,
        jobs=(
            *relief_jobs(
                opened,
                registry=registry,
                ledger=ledger,
                asking=asking,
                writer=writer,
                trusted=trusted,
                requests=requests,
                terms=terms,
            ),
            Job(name="hearing", seconds=HEARING_SECONDS, run=hearing.run, at_once=True),
            Job(name="overdue", seconds=OVERDUE_SECONDS, run=overdue.run, at_once=True),
        ),
    )


def relief_jobs(
    opened: Opened,
    *,
    registry: Registry,
    ledger: Ledger,
    asking: StartupCheck,
    writer: Writer,
    trusted: TrustedClock,
    requests: Callable[[ReadSession, Date], Sequence[StatementRow]],
    terms: EndedTerms,
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
        requests=requests,
        terms=terms,
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


def wire_displays(
    opened: Opened,
    *,
    queries: Queries,
    access: Access,
    doubts: Doubts,
    codes: SubjectCodes,
    trust: Callable[[], TrustView],
    catalog: Callable[[], Catalog],
    refusal: Callable[[], RefusedError | None],
    latest: Clock,
) -> DisplayDesk:
    """Build the desk of third parties.

    Args:
        opened: the node's directory.
        queries: where batches are recorded.
        access: who may ask.
        doubts: of logs.
        codes: links the codes of a subject.
        trust: the charters of the moment.
        catalog: this city's, of the moment.
        refusal: why nothing is signed here, or None: reliefs may be missing.
        latest: never behind any clock that is believed.
    """
    return DisplayDesk(
        region=opened.config.node.region,
        store=opened.store,
        records=DisplayedRecords(codes=codes, tagger=opened.keyring, trust=trust),
        coverage=LogCoverage(doubts=doubts, trust=trust, refusal=refusal),
        catalog=catalog,
        working_days=partial(working_days, opened.config.directory),
        access=access,
        queries=queries.store,
        writer=queries.writer,
        keys=queries.keys,
        log=queries.log,
        clock=latest,
        token=token,
    )


def wire_certificates(
    opened: Opened,
    *,
    proofs: Proofs,
    trust: Callable[[], TrustView],
    chains: Callable[[], Sequence[CharterChain]],
) -> Certificates:
    """Build what makes certificates; one without a document key says so when asked."""
    return Certificates(
        own=opened.config.origin,
        store=opened.store,
        keyring=opened.keyring,
        payloads=opened.payloads,
        proofs=proofs,
        trust=trust,
        chains=chains,
        signer=opened.keys.document,
        now=opened.clock.now,
        authorities={
            code: name
            for source in opened.config.files.sources.values()
            for name, code in source.authorities.items()
        },
    )
