"""Reliefs come in, as files and as rows: each good row one REPAIR or WITHDRAWAL.

Idempotent by content: a relief of a listing that is relieved already publishes nothing.

A source speaks for its authorities, and by the confirmed table of the catalog for those that are
gone and whose successors they are (`federation.reconcile.succession`). A row names such a record by
the authority that listed it, or by the successor that decides now: then the record of the one that
is gone is looked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from adapters.files.faults import RowFault
from adapters.files.mapping import Mapping as Layout
from adapters.files.mapping import list_names
from adapters.files.reliefs import ReliefContext, ReliefRow, read_reliefs, relief_rows
from adapters.files.tables import Limits, Rows
from adapters.platform.inbox import Answer
from federation.comparison import Spelt
from federation.errors import FederationError, RefusedError
from federation.ids import Date
from federation.own_log import Draft
from federation.ports.store import LogHead, ReadSession, Store, Tagger, WriteSession
from federation.reconcile.catalog import Catalog
from federation.reconcile.succession import names_of, predecessors
from federation.record_key import RecordKey
from federation.relief.rules import BEFORE_LISTED, EARLY, check_name
from federation.rows import LISTED_KINDS, StatementRow
from federation.statements import Kind
from node.intake.answers import answer_of, fault_of
from node.intake.seen_rows import See, SeenRow, unseen
from node.intake.sources import UNSAID, Unsaid
from node.log.units import Placed, Unit
from node.log.writer import Writer
from node.publishing.own_statements import OwnListing, OwnStatements
from node.publishing.registry import Registry

CHUNK: Final = 256
NOT_BOUND: Final = "authority.not-bound"
NOT_BOUND_TEXT: Final = (
    "本数据源不代表列入的认定单位，也不是目录所载的承继机关 / the source may not speak for the "
    "listing's authority, and the confirmed table names none of its own as the successor"
)


SHOWN: Final = 20
"""Rows that a remark names."""
_EARLY: Final = {
    BEFORE_LISTED: (
        "修复决定早于列入之日，请核对日期；照常发布",
        "repaired before the day of the listing; published all the same",
    ),
    EARLY: (
        "修复决定早于最短公示期届满之日，请核对日期；照常发布",
        "repaired before the shortest period of publication was over; published all the same",
    ),
}
"""What F56 says of a row, in both languages."""


class _Decided(NamedTuple):
    """A row of relief that is no fault."""

    row: ReliefRow
    listing: OwnListing
    draft: Draft | None
    """None where the listing is relieved already, or with a row before."""
    early: str = ""
    """Why its day may be a slip of the pen (F56)."""

    @property
    def outcome(self) -> str:
        return "relieved-before" if self.draft is None else "relieved"

    def seen(self, *, published: bool) -> SeenRow:
        return seen_act(self.row, self.listing, self.outcome, self.draft if published else None)


def seen_act(row: ReliefRow, listing: OwnListing, outcome: str, draft: Draft | None) -> SeenRow:
    """Return a row that says something of a listing; `draft` is of what was published by it."""
    payload = listing.payload
    subject = None if payload is None else payload.subject
    return SeenRow(
        row=row.row,
        decision=outcome,
        statement_id=listing.row.statement_id.hex(),
        act_id="" if draft is None else draft.statement_id.hex(),
        name=row.subject_name if subject is None else subject.name,
        code="" if subject is None else subject.code,
        scheme="" if subject is None else subject.scheme,
        list_type="" if payload is None else payload.list_type,
        document=row.document,
        listing_document="" if payload is None else payload.document,
        decided_on=row.decided_on,
    )


class Relieved(NamedTuple):
    """What reliefs that were brought together have led to."""

    faults: list[RowFault]
    published: list[str]
    """Ids of what was published."""
    counts: Counter[str]
    """How many rows led to what."""
    early: dict[str, list[int]]
    """Rows whose day may be a slip of the pen (F56), by the code of why."""

    @property
    def remarks(self) -> list[str]:
        """What is to be said of them, in both languages."""
        return [_remark(code, rows) for code, rows in sorted(self.early.items())]


class Reliefs:
    """Takes what relieves our listings."""

    def __init__(
        self,
        *,
        store: Store,
        writer: Writer,
        registry: Registry,
        statements: OwnStatements,
        tagger: Tagger,
        today: Callable[[], Date],
        limits: Limits,
        names: Callable[[], Mapping[str, str]],
        catalog: Callable[[], Catalog],
    ) -> None:
        """Wire it; `names` gives list type ids by what files call the lists."""
        self._catalog = catalog
        self._list_names = names
        self._limits = limits
        self._store = store
        self._writer = writer
        self._registry = registry
        self._statements = statements
        self._tagger = tagger
        self._today = today

    def take(
        self,
        path: Path,
        kind: Kind,
        authorities: dict[str, str],
        progress: Callable[[int], None],
        *,
        dry_run: bool,
        layouts: Sequence[Layout] = (),
        unsaid: Unsaid = UNSAID,
        see: See = unseen,
    ) -> tuple[list[RowFault], dict[str, Any]]:
        """Take a file of reliefs; `layouts` are of the lists that they may be about.

        `unsaid` is what holds of rows that do not say it; `see` is told of each good one.

        Returns:
            Faults of rows, and the result without them.

        Raises:
            FileAdapterError: the file cannot be read.
        """
        context = self.context(authorities, layouts, unsaid)
        faults: list[RowFault] = []
        rows: list[ReliefRow] = []
        for item in read_reliefs(path, context, self._limits):
            (rows if isinstance(item, ReliefRow) else faults).append(item)  # type: ignore[arg-type]
        progress(len(rows) + len(faults))
        done = self.relieve(rows, kind, context.bound, dry_run=dry_run, see=see)
        faults += done.faults
        return faults, {
            "kind": kind.name.lower(),
            "dry_run": dry_run,
            "rows": len(rows) + len(faults) - len(done.faults),
            "published": len(done.published),
            "statement_ids": done.published[:CHUNK],
            "decisions": dict(sorted(done.counts.items())),
            "refused_rows": len({fault.row for fault in faults}),
            "remarks": done.remarks,
        }

    def relieve(
        self,
        rows: Sequence[ReliefRow],
        kind: Kind,
        bound: frozenset[str],
        *,
        dry_run: bool,
        see: See = unseen,
    ) -> Relieved:
        """Publish reliefs.

        Args:
            rows: what is relieved, each once.
            kind: REPAIR or WITHDRAWAL.
            bound: the authorities for which the source may speak.
            dry_run: decide only.
            see: told of each that is no fault.
        """
        faults: list[RowFault] = []
        early: dict[str, list[int]] = {}
        counts: Counter[str] = Counter()
        published: list[str] = []
        for begin in range(0, len(rows), CHUNK):
            chunk = rows[begin : begin + CHUNK]
            found: list[RowFault] = []
            decided: list[_Decided] = []

            def drafts(
                session: ReadSession,
                chunk: Sequence[ReliefRow] = chunk,
                found: list[RowFault] = found,
                decided: list[_Decided] = decided,
            ) -> list[Draft]:
                found.clear()
                done: set[bytes] = set()
                decided[:] = [
                    one
                    for row in chunk
                    if (one := self._relief(session, row, kind, bound, found, done)) is not None
                ]
                return [one.draft for one in decided if one.draft is not None]

            if dry_run:
                with self._store.read() as session:
                    drafts(session)
            else:
                unit = Unit(drafts=drafts, record=_no_record)
                placed = self._writer.publish(unit).result()
                published += [p.statement_id.hex() for p in placed]
            faults += found
            counts.update(one.outcome for one in decided)
            counts += Counter(refused=len(found))
            for one in decided:
                see(one.seen(published=not dry_run))
                if one.early:
                    early.setdefault(one.early, []).append(one.row.row)
        return Relieved(faults, published, counts, early)

    def context(
        self,
        authorities: dict[str, str],
        layouts: Sequence[Layout] = (),
        unsaid: Unsaid = UNSAID,
    ) -> ReliefContext:
        """Return what a source's rows cannot say themselves, as of today."""
        bound = frozenset(authorities.values())
        gone = predecessors(self._catalog(), bound, self._today())
        return ReliefContext(
            authorities={**names_of(gone.values()), **authorities},
            bound=bound,
            list_types={**self._list_names(), **list_names(layouts)},
            today=self._registry.relieving_today,
            layouts=tuple(layouts),
            list_type=unsaid.list_type,
            authority=unsaid.authority,
        )

    def relieve_rows(
        self, rows: Rows, kind: Kind, authorities: dict[str, str]
    ) -> dict[int, Answer]:
        """Publish reliefs that stand in rows at hand, together.

        Returns:
            By the row's number what became of it.

        Raises:
            MappingError: `header.missing`.
        """
        context = self.context(authorities)
        answers: dict[int, Answer] = {}
        good: list[ReliefRow] = []
        for item in relief_rows(rows, context, whole=False):
            if isinstance(item, ReliefRow):
                good.append(item)
            else:
                answers[item.row] = answer_of(item, answers.get(item.row))
        return answers | self.relieve_read(good, kind, context.bound)

    def relieve_read(
        self, rows: Sequence[ReliefRow], kind: Kind, bound: frozenset[str]
    ) -> dict[int, Answer]:
        """Publish reliefs that rows at hand ask for, together; by the row's number its answer."""
        answers: dict[int, Answer] = {}

        def drafts(session: ReadSession) -> list[Draft]:
            made = []
            done: set[bytes] = set()
            for row in rows:
                found: list[RowFault] = []
                one = self._relief(session, row, kind, bound, found, done)
                if one is None:
                    answers[row.row] = answer_of(found[0])
                    continue
                listed = one.listing.row.statement_id.hex()
                told = _remark(one.early, [row.row]) if one.early else ""
                answers[row.row] = Answer(outcome=one.outcome, statement_id=listed, message=told)
                if one.draft is not None:
                    made.append(one.draft)
            return made

        self._writer.publish(Unit(drafts=drafts, record=_no_record)).result()
        return answers

    def _relief(
        self,
        session: ReadSession,
        row: ReliefRow,
        kind: Kind,
        bound: frozenset[str],
        faults: list[RowFault],
        done: set[bytes],
    ) -> _Decided | None:
        """Decide one relief; None for a fault. `done` are the listings relieved with it."""
        try:
            listing = self.listing_of(session, row)
            if not self.speaks_for(session, listing, bound, row.decided_on):
                raise RefusedError(NOT_BOUND, NOT_BOUND_TEXT)
            check_name(listing.payload, row.subject_name)
            if listing.row.statement_id in done:
                return _Decided(row, listing, None)
            draft = self._draft(session, listing, kind, row)
        except FederationError as error:
            faults.append(fault_of(row.row, error.code, str(error)))
            return None
        if draft is not None:
            done.add(listing.row.statement_id)
        if draft is None:
            return _Decided(row, listing, draft)
        return _Decided(row, listing, draft, self._registry.early(listing, kind, row.decided_on))

    def _draft(
        self, session: ReadSession, listing: OwnListing, kind: Kind, row: ReliefRow
    ) -> Draft | None:
        """Draft a relief; None where one of this kind stands."""
        try:
            return self._registry.relief_draft(
                session, listing, kind, row.document, row.decided_on, row.reason
            )
        except FederationError as error:
            if error.code != "relief.already":
                raise
            return None

    def speaks_for(
        self, session: ReadSession, listing: OwnListing, bound: frozenset[str], day: Date
    ) -> bool:
        """Whether who is bound to authorities may relieve a listing, by a decision of a day.

        What is erased names no authority, and may be ended still.
        """
        if listing.payload is None or listing.payload.authority in bound:
            return True
        if listing.row.log not in self._statements.chain(session):  # AU3
            return False
        return listing.payload.authority in predecessors(self._catalog(), bound, day)

    def listing_of(self, session: ReadSession, row: ReliefRow) -> OwnListing:
        """Find the listing that a row names by its id, or by its record.

        Raises:
            RefusedError: `relief.no-record`, `relief.no-listing`, `relief.several-listings`,
                `record.…`.
        """
        if row.statement_id is not None:
            return self._statements.listing(session, row.statement_id)
        if row.record is None:
            raise RefusedError("relief.no-record", "the row names no listing")
        head = self._statements.head(session)
        named = self._newest(session, head, row.record)
        if named is None:
            named = self._of_predecessor(session, head, row.record, row.decided_on)
        if named is None:
            message = (
                "没有这条列入记录 / no listing of this subject, list, authority and document "
                "stands in our log"
            )
            raise RefusedError("relief.no-listing", message)
        return self._statements.with_payload(session, named, head.origin)

    def _of_predecessor(
        self, session: ReadSession, head: LogHead, record: RecordKey, day: Date
    ) -> StatementRow | None:
        """The listing of an authority that is gone, where its successor is named (AU1)."""
        gone = predecessors(self._catalog(), frozenset({record.authority}), day)
        named = [
            found
            for code in sorted(gone)
            if (found := self._newest(session, head, replace(record, authority=code)))
        ]
        if len(named) > 1:
            message = (
                "有几个已撤并机关的列入与此相符，请写明列入编号 / listings of several authorities "
                "that are gone fit; name the listing by its statement id"
            )
            raise RefusedError("relief.several-listings", message)
        return named[0] if named else None

    def _newest(
        self, session: ReadSession, head: LogHead, record: RecordKey
    ) -> StatementRow | None:
        tag = Spelt.of(record).tag(self._tagger.lookup)
        rows = [r for r in session.rows_by_record([tag], LISTED_KINDS) if r.log == head.log]
        return max(rows, key=lambda r: r.idx, default=None)


def _remark(code: str, rows: Sequence[int]) -> str:
    """What is said of rows that are published all the same (F56), the first of them by number."""
    shown = "、".join(map(str, rows[:SHOWN])) + (f" 等 {len(rows)} 行" if rows[SHOWN:] else " 行")
    zh, en = _EARLY[code]
    return f"第 {shown}：{zh} / rows from {rows[0]} on, {len(rows)} in all, look at the dates: {en}"


def _no_record(session: WriteSession, placed: Sequence[Placed]) -> None:
    """Relief rows leave no trace of their own: the listing's state says all."""
    del session, placed
