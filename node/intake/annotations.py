"""Annotation files and rows 标注: objections taken up and settled, publication masked and shown.

They come from departments, and from the window that takes repairs and objections for all of them
(一口受理: a source with `relief_only`). What is noted already is noted once; what ends something
needs something that is open. A record that comes twice is taken in the order of its rows.

    I7  a source with `relief_only` speaks for the authorities of all sources, and gives no list
    I8  what is open is noted once; a row speaks only for listings of its source's authorities
    I9  nothing that was paused is resumed by a file or a platform's row: persons do that
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from adapters.files.annotations import KIND, AnnotationRow, annotation_rows, read_annotations
from adapters.files.faults import RowFault
from adapters.files.reliefs import ReliefContext
from adapters.files.tables import Limits, Rows
from adapters.platform.inbox import Answer
from federation.errors import FederationError, RefusedError
from federation.ids import Date, StatementId
from federation.life.annotations import ENDS
from federation.own_log import Draft
from federation.ports.store import ReadSession, Store, WriteSession
from federation.record_key import RecordKey
from federation.relief.rules import check_name
from node.intake.answers import answer_of, fault_of
from node.intake.file_rows import CHUNK
from node.intake.reliefs import NOT_BOUND, NOT_BOUND_TEXT, Reliefs, seen_act
from node.intake.seen_rows import See, unseen
from node.log.units import Placed, Unit
from node.log.writer import Writer
from node.publishing.own_statements import OwnListing, OwnStatements
from node.publishing.registry import Registry

NOTED: Final = "annotated"
BEFORE: Final = "annotated-before"
_ENDED_BY: Final = {begin: end for end, begin in ENDS.items()}


class _Decided(NamedTuple):
    """What a row that is no fault leads to; `draft` is None where it was noted before."""

    outcome: str
    listing: OwnListing
    draft: Draft | None


class Annotations:
    """Publishes annotations of our own listings; blocks."""

    def __init__(
        self,
        *,
        store: Store,
        writer: Writer,
        registry: Registry,
        statements: OwnStatements,
        reliefs: Reliefs,
        limits: Limits,
    ) -> None:
        """Wire it; `reliefs` finds the listings that rows name."""
        self._store = store
        self._writer = writer
        self._registry = registry
        self._statements = statements
        self._reliefs = reliefs
        self._limits = limits

    def take(
        self,
        path: Path,
        context: ReliefContext,
        progress: Callable[[int], None],
        *,
        dry_run: bool,
        see: See = unseen,
    ) -> tuple[list[RowFault], dict[str, Any]]:
        """Take an annotation file; `see` is told of each good row.

        Returns:
            Faults of rows, and the result without them.

        Raises:
            FileAdapterError: the file cannot be read.
        """
        faults: list[RowFault] = []
        rows: list[AnnotationRow] = []
        for item in read_annotations(path, context, self._limits):
            (faults if isinstance(item, RowFault) else rows).append(item)  # type: ignore[arg-type]
        progress(len(rows) + len({fault.row for fault in faults}))
        bound = context.bound
        counts: Counter[str] = Counter()
        published: list[str] = []
        for part in _parts(rows):
            found, tally, placed = self._publish(part, bound, dry_run=dry_run)
            faults += found
            counts.update(one.outcome for one in tally.values())
            for row in part:
                if (one := tally.get(row.row)) is not None:
                    see(seen_act(row.said, one.listing, one.outcome, one.draft if placed else None))
            published += placed
        return faults, {
            "kind": KIND,
            "dry_run": dry_run,
            "rows": len(rows) + len({fault.row for fault in faults} - {row.row for row in rows}),
            "published": len(published),
            "statement_ids": published[:CHUNK],
            "decisions": dict(sorted(counts.items())),
            "refused_rows": len({fault.row for fault in faults}),
        }

    def take_rows(self, rows: Rows, context: ReliefContext) -> dict[int, Answer]:
        """Publish annotations that stand in rows at hand, together; by the row's number its answer.

        Raises:
            MappingError: `header.missing`.
        """
        answers: dict[int, Answer] = {}
        good: list[AnnotationRow] = []
        for item in annotation_rows(rows, context):
            if isinstance(item, AnnotationRow):
                good.append(item)
            else:
                answers[item.row] = answer_of(item, answers.get(item.row))
        bound = context.bound
        for part in _parts(good):
            faults, tally, _ = self._publish(part, bound, dry_run=False)
            answers |= {fault.row: answer_of(fault) for fault in faults}
            answers |= {
                row: Answer(outcome=one.outcome, statement_id=one.listing.row.statement_id.hex())
                for row, one in tally.items()
            }
        return answers

    def _publish(
        self, rows: Sequence[AnnotationRow], bound: frozenset[str], *, dry_run: bool
    ) -> tuple[list[RowFault], dict[int, _Decided], list[str]]:
        """Publish rows together; faults, what each other row led to, ids of what was said."""
        faults: list[RowFault] = []
        tally: dict[int, _Decided] = {}

        def drafts(session: ReadSession) -> list[Draft]:
            faults.clear()
            tally.clear()
            done: set[tuple[bytes, int]] = set()
            return [
                draft
                for row in rows
                if (draft := self._draft(session, row, bound, faults, tally, done)) is not None
            ]

        if dry_run:
            with self._store.read() as session:
                drafts(session)
            return faults, tally, []
        placed = self._writer.publish(Unit(drafts=drafts, record=_no_record)).result()
        return faults, tally, [one.statement_id.hex() for one in placed]

    def _draft(
        self,
        session: ReadSession,
        row: AnnotationRow,
        bound: frozenset[str],
        faults: list[RowFault],
        tally: dict[int, _Decided],
        done: set[tuple[bytes, int]],
    ) -> Draft | None:
        """Draft one annotation, or say why there is none; `done` are those drafted with it."""
        try:
            listing = self._reliefs.listing_of(session, row.said)
            day = Date(0) if row.action in ENDS else row.said.decided_on  # AU3: it resumes nothing
            if not self._reliefs.speaks_for(session, listing, bound, day):
                raise RefusedError(NOT_BOUND, NOT_BOUND_TEXT)
            check_name(listing.payload, row.said.subject_name)
            listed = listing.row.statement_id
            if row.action in _ENDED_BY:
                with suppress(RefusedError):
                    self._statements.begun(session, listing, _ENDED_BY[row.action])
                    done.add((listed, row.action))
            if (listed, row.action) in done:
                tally[row.row] = _Decided(BEFORE, listing, None)
                return None
            draft = self._registry.annotation_draft(
                session,
                listing,
                row.action,
                row.said.document,
                row.said.decided_on,
                row.said.reason,
            )
        except FederationError as error:
            faults.append(fault_of(row.row, error.code, str(error)))
            return None
        done.add((listed, row.action))
        tally[row.row] = _Decided(NOTED, listing, draft)
        return draft


def _parts(rows: Sequence[AnnotationRow]) -> Iterator[list[AnnotationRow]]:
    """Rows in their order, so many together, and of one record or listing one in each part."""
    part: list[AnnotationRow] = []
    seen: set[tuple[RecordKey | None, StatementId | None]] = set()
    for row in rows:
        name = (row.said.record, row.said.statement_id)
        if name in seen or len(part) == CHUNK:
            yield part
            part, seen = [], set()
        part.append(row)
        seen.add(name)
    if part:
        yield part


def _no_record(session: WriteSession, placed: Sequence[Placed]) -> None:
    """Annotations leave no trace of their own: the listing's state says all."""
    del session, placed
