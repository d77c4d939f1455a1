"""What takes files and rows of departments, wired, and its jobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from adapters.files.tables import Limits
from federation.ids import Date, Timestamp
from federation.reconcile.catalog import Catalog
from node.directory.opened import Opened
from node.intake.drop_job import Inbox
from node.intake.files import Intake
from node.intake.import_folder import ImportFolder
from node.intake.import_rows import ImportRows
from node.intake.import_words import ImportWords
from node.intake.imports import Imports
from node.intake.inbox_tally import InboxTally
from node.intake.nation_export import Linked
from node.intake.other_names import Subjects
from node.intake.retention import Retention
from node.intake.row_words import RowHearing
from node.intake.signed_mappings import SignedMappings
from node.log.publisher import Publisher
from node.log.startup_check import StartupCheck
from node.log.writer import Writer
from node.persons.roster import Persons
from node.publishing.wiring import Publishing
from node.system.clock import monotonic
from node.system.entropy import token
from node.system.schedule import AnyJob, Job

DROP_SECONDS: Final = 2
RETENTION_SECONDS: Final = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Intakes:
    """The doors for files and rows."""

    limits: Limits
    intake: Intake
    imports: Imports
    inbox: Inbox
    tally: InboxTally
    jobs: tuple[AnyJob, ...]


def wire_intake(  # noqa: PLR0913 - it stands on many wings
    opened: Opened,
    *,
    writer: Writer,
    publisher: Publisher,
    asking: StartupCheck,
    publishing: Publishing,
    persons: Persons,
    catalog: Callable[[], Catalog],
    today: Callable[[], Date],
    trusted: Callable[[], Timestamp],
    linked: Linked,
    subjects: Subjects,
) -> Intakes:
    """Build it.

    `today` is never behind any clock that is believed; what is done with is removed by `trusted`
    time.
    """
    config, now = opened.config, opened.clock.now
    limits = Limits(file_bytes=config.limits.file_bytes, rows=config.limits.file_rows)
    intake = Intake(
        hearing=RowHearing(persons=persons, store=opened.store, writer=writer, now=now),
        directory=config.directory,
        files=config.files,
        limits=limits,
        store=opened.store,
        writer=writer,
        registry=publishing.registry,
        statements=publishing.statements,
        tagger=opened.keyring,
        now=now,
        token=token,
        today=today,
        failpoints=opened.failpoints,
        signed=SignedMappings(persons=persons, store=opened.store, writer=writer),
        catalog=catalog,
        need=opened.reserve.check_room,
        linked=linked,
        subjects=subjects,
    )
    folder = ImportFolder(config.directory, opened.reserve.check_room)
    imports = Imports(
        folder=folder,
        intake=intake,
        words=ImportWords(persons=persons, origin=config.origin, now=now),
        rows=ImportRows(
            folder=folder,
            spool=intake.spool,
            store=opened.store,
            statements=publishing.statements,
        ),
        now=now,
        trusted=trusted,
        token=token,
    )
    inbox = Inbox(
        config=config,
        clock=monotonic,
        intake=intake,
        reserve=opened.reserve,
        waiting=lambda: not asking.over,
        refusal=lambda: getattr(publisher.refusal, "code", ""),
    )
    retention = Retention(
        outbox=config.outbox,
        inbox=config.inbox,
        sources=config.files.sources,
        keep_days=config.files.keep_days,
        now=trusted,
    )
    return Intakes(
        limits=limits,
        intake=intake,
        imports=imports,
        inbox=inbox,
        tally=InboxTally(store=opened.store, writer=writer, now=now),
        jobs=(
            Job(name="reliefs", seconds=DROP_SECONDS, run=inbox.reliefs.run),
            Job(name="inbox", seconds=DROP_SECONDS, run=inbox.others.run),
            Job(name="imports", seconds=RETENTION_SECONDS, run=imports.expire),
            Job(name="retention", seconds=RETENTION_SECONDS, run=retention.run),
        ),
    )
