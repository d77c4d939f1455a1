"""An export of 信用中国 is compared with what stands here, once a day (NE1-NE5).

What it says has ended is stopped here at once: our own listings by an annotation that pauses them,
those of other cities by opening their case anew: they are held here as contradicted
(`record.conflict`) until persons decide, and the origin hears of it by our receipt. What it shows
still and a relief has ended here is a line of the result, for the letter to 信用中国.

The rules are in `federation.relief.nation_export`; nothing here lists, resumes or revives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from adapters.files.faults import RowFault, shown
from adapters.files.nation_export import KIND, ExportRow, read_export
from adapters.files.tables import Limits
from federation.errors import FederationError, RefusedError
from federation.ids import Date, Origin, Timestamp
from federation.life.life import STANDING, at
from federation.own_log import Draft
from federation.ports.findings import Place
from federation.ports.journal import Decision
from federation.ports.store import ReadSession, Store, Tagger, WriteSession
from federation.reconcile.cases import SHOWN_ENDED
from federation.reconcile.findings import Finding
from federation.record_key import pack_subject
from federation.relief.nation_export import (
    STILL_SHOWN,
    STOPPED,
    Step,
    check_absent,
    fits,
    step,
)
from federation.relief.rules import check_name
from federation.rows import ADVERSE_KINDS, State, StatementRow
from federation.statements import AnnotationAction
from node.intake.answers import fault_of
from node.intake.file_rows import CHUNK
from node.log.units import Placed, Unit
from node.log.writer import Writer
from node.publishing.own_statements import OwnListing, OwnRecord, OwnStatements
from node.publishing.registry import Registry
from node.records.subject_codes import Name

Linked = Callable[[Iterable[Name]], Mapping[Name, Sequence[Name]]]
"""All names of the subjects that are named (`SubjectCodes.names`)."""
LINES_MAX: Final = 10_000
"""Lines of a result; the errors file has all."""
_BATCH: Final = 1024
_TEXT: Final = "信用中国导出显示已终止 / an export of 信用中国 says that it has ended"
_ABSENT: Final = "信用中国全量导出没有此记录 / a full export of 信用中国 lacks it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A listing that a row of the export finds, and what follows."""

    row: int
    """Number of the row; 0: no row has it."""
    step: Step
    listing: OwnListing
    record: OwnRecord
    ours: bool


class NationExport:
    """Compares exports; blocks."""

    def __init__(  # noqa: PLR0913 - wired once, in node.intake.files
        self,
        *,
        store: Store,
        writer: Writer,
        registry: Registry,
        statements: OwnStatements,
        tagger: Tagger,
        now: Callable[[], Timestamp],
        today: Callable[[], Date],
        limits: Limits,
        names: Callable[[], Mapping[str, str]],
        share_max: float,
        linked: Linked,
    ) -> None:
        """Wire it.

        `names` gives list type ids by names, `share_max` is that of NE4, `linked` all names of
        subjects.
        """
        self._store = store
        self._writer = writer
        self._registry = registry
        self._statements = statements
        self._tagger = tagger
        self._now = now
        self._today = today
        self._limits = limits
        self._names = names
        self._share_max = share_max
        self._linked = linked

    def take(
        self,
        path: Path,
        progress: Callable[[int], None],
        *,
        dry_run: bool,
        full: bool,
        anyway: bool,
    ) -> tuple[list[RowFault], dict[str, Any]]:
        """Compare an export, and stop here what it says has ended.

        Args:
            path: the private copy of the file.
            progress: told the number of rows read.
            dry_run: compare only.
            full: it has everything that is shown; what it lacks has ended (NE4).
            anyway: two persons say that much is rightly absent.

        Returns:
            Faults of rows and lines of the comparison, and the result without them.

        Raises:
            FileAdapterError: the file cannot be read.
        """
        faults: list[RowFault] = []
        rows: list[ExportRow] = []
        for item in read_export(path, self._names(), self._today(), self._limits):
            (rows if isinstance(item, ExportRow) else faults).append(item)  # type: ignore[arg-type]
        progress(len(rows) + len(faults))
        refused = len({fault.row for fault in faults})
        counts: Counter[str] = Counter()
        found: list[Compared] = []
        for begin in range(0, len(rows), CHUNK):
            part = rows[begin : begin + CHUNK]
            with self._store.read() as session:
                compared, wrong = self._compared(session, part)
            faults += wrong
            refused += len(wrong)
            seen = {one.row for one in compared}
            counts["not-here"] += sum(
                row.row not in seen and row.row not in {fault.row for fault in wrong}
                for row in part
            )
            found += compared
        found = _once(found)
        published = 0 if dry_run else self._stop(found, _TEXT)
        if full:
            absent, refusal = self._absent(rows, anyway=anyway)
            published += 0 if dry_run else self._stop(absent, _ABSENT)
            found += absent
            faults += refusal
        counts.update(one.step.value for one in found)
        told = [one for one in found if one.step is not Step.AGREES]
        faults += [fault for one in told if (fault := _line(one)) is not None]
        return faults, {
            "kind": KIND,
            "dry_run": dry_run,
            "rows": len(rows) + refused,
            "published": published,
            "decisions": dict(sorted(counts.items())),
            "lines": [_shown(one) for one in told[:LINES_MAX]],
            "refused_rows": refused,
        }

    def _compared(
        self, session: ReadSession, rows: Sequence[ExportRow]
    ) -> tuple[list[Compared], list[RowFault]]:
        """The listings that rows find, and the rows that name another subject."""
        heads = {head.log: head for head in session.heads()}
        found: list[Compared] = []
        faults: list[RowFault] = []
        linked = self._linked((row.scheme, row.code) for row in rows)
        for row in rows:
            names = linked[row.scheme, row.code]
            tags = sorted({self._tagger.lookup(pack_subject(*name)) for name in names})
            of_row: list[Compared] = []
            try:
                for listed in session.rows_by_subject(tags, ADVERSE_KINDS):
                    head = heads[listed.log]
                    listing = self._statements.with_payload(session, listed, head.origin)
                    known = self._record(session, listing)
                    if known is None or not fits(known.key, names, row.document, row.list_type):
                        continue
                    check_name(listing.payload, row.name)
                    of_row.append(
                        self._step(
                            session, listing, known, row.row, ours=head.ours, ended=row.ended
                        )
                    )
            except FederationError as error:
                faults.append(fault_of(row.row, error.code, str(error)))
                continue
            found += of_row
        return found, faults

    def _record(self, session: ReadSession, listing: OwnListing) -> OwnRecord | None:
        with suppress(RefusedError):  # erased: nothing of it is compared any more
            return self._statements.record(session, listing)
        return None

    def _step(
        self,
        session: ReadSession,
        listing: OwnListing,
        known: OwnRecord,
        row: int,
        *,
        ours: bool,
        ended: bool,
    ) -> Compared:
        state = at(State(listing.row.state), Date(listing.row.until), self._today())
        stopped = ended and state in STANDING and self._stopped(session, listing, ours=ours)
        says = step(ended=ended, state=state, ours=ours, stopped=stopped)
        return Compared(row=row, step=says, listing=listing, record=known, ours=ours)

    def _stopped(self, session: ReadSession, listing: OwnListing, *, ours: bool) -> bool:
        """Whether it is paused, or a comparison stopped it before."""
        place = _place(listing.row)
        said = session.decisions([place]).get(place, ())
        if any(one.verdict == SHOWN_ENDED for one in said):
            return True
        if ours:
            with suppress(RefusedError):
                self._statements.begun(session, listing, AnnotationAction.RESUMED)
                return True
        return False

    def _absent(
        self, rows: Sequence[ExportRow], *, anyway: bool
    ) -> tuple[list[Compared], list[RowFault]]:
        """Our listings that a full export lacks, on the lists that it names (NE4)."""
        lists = {row.list_type for row in rows if row.list_type}
        standing: list[OwnListing] = []
        absent: list[Compared] = []
        linked = self._linked((row.scheme, row.code) for row in rows)
        there = _by_subject(rows, linked)
        with self._store.read() as session:
            head = self._statements.head(session)
            for row in _listings(session, head.log, head.applied_to):
                if at(State(row.state), Date(row.until), self._today()) not in STANDING:
                    continue
                listing = self._statements.with_payload(session, row, head.origin)
                known = self._record(session, listing)
                if known is None or known.key.list_type not in lists:
                    continue
                standing.append(listing)
                subject = pack_subject(known.key.scheme, known.key.code)
                if not any(
                    fits(known.key, linked[one.scheme, one.code], one.document, one.list_type)
                    for one in there.get(subject, ())
                ):
                    says = self._step(session, listing, known, 0, ours=True, ended=True)
                    absent.append(says)
        try:
            if not anyway:
                check_absent(absent, standing, self._share_max)
        except RefusedError as error:
            return [], [fault_of(0, error.code, str(error))]
        return absent, []

    def _stop(self, found: Sequence[Compared], text: str) -> int:
        """Pause what is ours, and hold what is others'; how many were paused."""
        ours = [one.listing.row for one in found if one.step is Step.PAUSE]
        others = [_place(one.listing.row) for one in found if one.step is Step.HOLD]
        paused = 0
        for begin in range(0, len(ours), CHUNK):
            unit = self._pause(ours[begin : begin + CHUNK], text)
            paused += len(self._writer.publish(unit).result())
        if others:
            self._writer.submit(lambda: self._hold(others)).result()
        return paused

    def _pause(self, rows: Sequence[StatementRow], text: str) -> Unit:
        meant: list[Place] = []

        def drafts(session: WriteSession) -> list[Draft]:
            meant.clear()
            made: list[Draft] = []
            head = self._statements.head(session)
            for row in session.rows_at([_place(row) for row in rows]):
                listing = self._statements.with_payload(session, row, head.origin)
                state = at(State(row.state), Date(row.until), self._today())
                if state not in STANDING or self._stopped(session, listing, ours=True):
                    continue
                meant.append(_place(row))
                made.append(
                    self._registry.annotation_draft(
                        session, listing, AnnotationAction.PAUSED, "", self._today(), text
                    )
                )
            return made

        def record(session: WriteSession, placed: Sequence[Placed]) -> None:
            del placed
            for place in meant:
                session.put_decision(self._mark(place))

        return Unit(drafts=drafts, record=record)

    def _hold(self, places: Sequence[Place]) -> None:
        with self._store.write() as session:
            said = session.decisions(places)
            # Stopped by another comparison since: its case is not opened anew.
            new = [p for p in places if all(o.verdict != SHOWN_ENDED for o in said.get(p, ()))]
            for place in new:
                session.put_decision(self._mark(place))
            session.put_due(new)

    def _mark(self, place: Place) -> Decision:
        """What is kept of a listing that a comparison stopped: its case is open anew."""
        return Decision(
            at=self._now(),
            log=place[0],
            index=place[1],
            finding=Finding.CONFLICT,
            verdict=SHOWN_ENDED,
            person="",
            reason=_TEXT,
        )


def _once(found: Iterable[Compared]) -> list[Compared]:
    """Each listing once; where rows say different things of one, that it has ended counts."""
    by_place: dict[Place, Compared] = {}
    for one in found:
        place = _place(one.listing.row)
        if place not in by_place or one.step in (Step.PAUSE, Step.HOLD):
            by_place[place] = one
    return list(by_place.values())


def _by_subject(
    rows: Iterable[ExportRow], linked: Mapping[Name, Sequence[Name]]
) -> Mapping[bytes, Sequence[ExportRow]]:
    found: dict[bytes, list[ExportRow]] = {}
    for row in rows:
        for subject in {pack_subject(*name) for name in linked[row.scheme, row.code]}:
            found.setdefault(subject, []).append(row)
    return found


def unlinked(asked: Iterable[Name]) -> Mapping[Name, Sequence[Name]]:
    """Names without a base library that links them: each its own."""
    return {name: (name,) for name in asked}


def _listings(session: ReadSession, log: int, size: int) -> Iterator[StatementRow]:
    for start in range(0, size, _BATCH):
        rows = session.rows_between(log, start, min(size, start + _BATCH))
        yield from (row for row in rows if row.kind in ADVERSE_KINDS)


def _place(row: StatementRow) -> Place:
    return row.log, row.idx


def _line(one: Compared) -> RowFault | None:
    """A line of the errors file: what was stopped here, and what the letter is about."""
    told = {
        Step.PAUSE: (STOPPED, "信用中国已终止，本地已暂停 / ended there, paused here"),
        Step.HOLD: (STOPPED, "信用中国已终止，本市待核不用 / ended there, held from use here"),
        Step.LETTER: (STILL_SHOWN, "本地已解除，信用中国仍公示 / relieved here, still shown there"),
    }
    if one.step not in told:
        return None
    code, message = told[one.step]
    return RowFault(
        row=one.row,
        column="",
        code=code,
        value=shown(one.record.key.document),
        expected="",
        message=f"{message}: {one.listing.row.statement_id.hex()}",
    )


def _shown(one: Compared) -> dict[str, Any]:
    origin: Origin = one.listing.origin
    return {
        "row": one.row,
        "step": one.step.value,
        "statement_id": one.listing.row.statement_id.hex(),
        "origin": origin,
        "ours": one.ours,
        "state": State(one.listing.row.state).name.lower(),
        "subject_code": one.record.key.code,
        "subject_name": one.record.subject_name,
        "list_type": one.record.key.list_type,
        "authority": one.record.authority,
        "document": one.record.key.document,
    }
