"""Rows of a department's list file become statements, by the rules of `federation.intake.feed`.

One chunk of rows is one unit: the rows' tags and their statements are committed together, so that
a process that dies in a file goes on where it was, and the same file again publishes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from federation.comparison import Spelt
from federation.errors import RefusedError
from federation.facts import PayloadFacts
from federation.ids import Date, LeafHash, StatementId
from federation.intake import feed
from federation.intake.contents import listing_content
from federation.intake.feed import HELD_RULES, Decision, RowNow
from federation.own_log import Draft
from federation.payloads import Listed
from federation.ports.journal import JournalEntry
from federation.ports.store import (
    FeedRow,
    FeedRowStatus,
    ReadSession,
    Tagger,
    WriteSession,
)
from federation.reconcile.identity import BaseSubject
from federation.record_key import RecordKey
from federation.rows import ADVERSE_KINDS
from federation.statements import AnnotationAction, Kind
from node.intake.known_rows import FileRow, KnownRows, ended, listings_of, newest
from node.intake.other_names import OtherNames
from node.intake.planned import Outcome, Planned, Refused, listing_id
from node.intake.row_making import RowMaking
from node.intake.row_words import NO_WORDS, OTHER_NAMES, OTHER_SUBJECTS, TWO_RECORDS, RowWords
from node.log.units import Placed, Unit
from node.publishing.own_statements import OwnListing, OwnStatements
from node.publishing.registry import Registry

_RIGHTS: Final = "章程未授权 / our charter does not let us publish this row"


class ListingFeed:
    """One source's list of one type."""

    def __init__(
        self,
        *,
        name: str,
        making: RowMaking,
        registry: Registry,
        statements: OwnStatements,
        tagger: Tagger,
        names: OtherNames,
        today: Callable[[], Date],
    ) -> None:
        """Wire the feed; `name` is `<source>/<list type>`."""
        self._names = names
        self._name = name
        self.making = making
        """Makes its rows."""
        self._known = KnownRows(name, tagger)
        self._registry = registry
        self._statements = statements
        self._tagger = tagger
        self._today = today

    def unit(
        self,
        rows: Sequence[FileRow],
        outcome: Outcome,
        *,
        two_records: Sequence[str] = (),
        other_subjects: Sequence[str] = (),
        other_names: Sequence[str] = (),
        many_others: bool = False,
        words: RowWords = NO_WORDS,
        alone: bool = False,
        unshared: RefusedError | None = None,
    ) -> Unit:
        """Make the unit of a chunk of rows.

        Args:
            rows: of a file.
            outcome: filled when the unit is prepared.
            two_records: persons who say that rows held by F13 or F33 are records of their own.
            other_subjects: persons who say that rows do name other subjects now.
            other_names: persons who say that subjects do bear the names of the rows (F53).
            many_others: so many of the file do that they wait for these persons (F14).
            words: of which rows all of them say it.
            alone: a second person is asked for (F58).
            unshared: why no row may list anything (`Sources.unshared`).
        """
        plan: list[tuple[Planned, list[Draft]]] = []

        def drafts(session: WriteSession) -> list[Draft]:
            decided = self.decide(
                session,
                rows,
                outcome,
                words=replace(
                    words,
                    two_records=bool(two_records),
                    other_subjects=bool(other_subjects),
                    other_names=bool(other_names),
                ),
                many_others=many_others,
                alone=alone,
                unshared=unshared,
            )
            shown = [one for one in decided if words.covers(TWO_RECORDS, one.row.number)]
            session.append_journal(self._told_apart(shown, two_records))
            if many_others and other_subjects:
                session.append_journal(self._said_other(decided, other_subjects))
            plan[:] = [(planned, self._drafts(session, planned)) for planned in decided]
            return [draft for _, drafted in plan for draft in drafted]

        def record(session: WriteSession, placed: Sequence[Placed]) -> None:
            outcome.published += len(placed)
            outcome.listed = {
                planned.row.number: (planned.decision, listing_id(planned, drafted))
                for planned, drafted in plan
            }
            session.put_feed_rows(self._feed_rows(plan, outcome.listed))
            log = self._statements.head(session).log
            self._names.keep(session, log, plan, placed, other_names, words.said_at)

        return Unit(drafts=drafts, record=record)

    def decide(
        self,
        session: ReadSession,
        rows: Sequence[FileRow],
        outcome: Outcome,
        *,
        words: RowWords = NO_WORDS,
        many_others: bool = False,
        alone: bool = False,
        unshared: RefusedError | None = None,
    ) -> list[Planned]:
        """Decide what each row leads to; counts into `outcome`.

        Args:
            session: what is held.
            rows: of a file.
            outcome: of these rows.
            words: what persons say of them (F13, F14, F33, F53), whoever they are.
            many_others: see `unit`.
            alone: see `unit`.
            unshared: see `unit`.
        """
        outcome.decisions.clear()
        outcome.held.clear()
        brought = rows
        rows, outcome.superseded = newest(self._permitted(session, rows, outcome, unshared))
        tags = {row.written.facts.key: row.record_tag for row in rows}
        standing = self._registry.standing(session, [row.written.facts for row in rows], tags)
        before = self._known.of(session, rows)
        known = before.known
        listings = listings_of(session, [*known.values(), *before.leads.values()])
        over = ended(listings)
        said = {
            row.tag for row in rows if words.other_names and words.covers(OTHER_NAMES, row.number)
        }
        otherwise: Mapping[bytes, BaseSubject] = {}
        try:
            otherwise = self._names.otherwise(rows, known)
        except RefusedError as damaged:  # F57: who the subjects are is not known: none is listed
            if len(said) < len(rows):
                return self.decide(session, brought, outcome, unshared=damaged)
        planned: list[Planned] = []
        for row in rows:
            facts, tag, record_tag = row.written.facts, row.tag, row.record_tag
            key = facts.key
            prior, led = known.get(tag), before.leads.get(tag)
            waits = alone and row.kind in ADVERSE_KINDS and not words.vouch(row.number)
            if not (prior or led or waits or tag in otherwise) and standing.knows_nothing(key):
                # Whatever else would be asked, it is new, and so is its record (F2).
                standing.add(key)
                planned.append(Planned(row=row, previous=None, decision=Decision.LIST))
                continue
            moved = before.moved.get(tag)
            previous = None if prior is None else self._rekeyed(prior, facts, record_tag)
            similar = standing.similar(key)
            seen = words.other_subjects and words.covers(OTHER_SUBJECTS, row.number)
            other = (
                many_others
                and not seen
                and self._known.names_other(previous, listings, facts, record_tag)
            )
            now = RowNow(
                record_tag=record_tag,
                content_tag=row.content_tag,
                until=facts.publish_until,
                relieved=standing.relieved(key, facts.authority),
                stands=standing.stands(key),
                previous_ended=previous is not None and previous.statement_id in over,
                similar=bool(similar),
                other_subject=other,
                previous_corrected=previous is not None
                and previous.record_tag != record_tag
                and previous.statement_id in listings
                and self._is_corrected(session, previous),
                other_name=tag in otherwise
                and tag not in said
                and not (
                    previous is not None
                    and previous.record_tag == record_tag
                    and previous.statement_id in listings
                    and self._bears(session, previous, row.name)
                ),
                relieved_by_other_key=led is not None
                and self._known.relieved_for_same(led, listings, facts),
                told_apart=words.two_records and words.covers(TWO_RECORDS, row.number),
                alone=waits,
            )
            decision = feed.decide(previous, now)
            library = otherwise[tag].name if decision is Decision.HOLD_NAME else ""
            if decision in HELD_RULES:
                listed = "" if previous is None else previous.statement_id.hex()
                outcome.held.append((row.number, HELD_RULES[decision], listed, library))
            if decision in (Decision.LIST, Decision.REPLACE):
                standing.add(key)
            planned.append(
                Planned(
                    row=row,
                    previous=previous,
                    decision=decision,
                    known=library,
                    named=self._names.said(row, otherwise[tag])
                    if tag in said and tag in otherwise
                    else b"",
                    similar=similar,
                    led=led,
                    rekeyed=previous is not prior or moved is not None,
                    moved=moved,
                )
            )
        outcome.decisions.update([one.decision for one in planned])
        return planned

    def _permitted(
        self,
        session: ReadSession,
        rows: Sequence[FileRow],
        outcome: Outcome,
        unshared: RefusedError | None,
    ) -> list[FileRow]:
        """The rows, as of now, that the source, our charters and what is plausible let pass."""
        outcome.refused.clear()
        size = self._statements.head(session).size
        passed = []
        rights: dict[tuple[int, str, str], str] = {}
        for row in self.making.renewed(rows):
            facts, doubt = row.written.facts, row.doubt
            asked = (row.kind, facts.list_type, facts.authority)
            code = rights.get(asked)
            if code is None:
                code = rights[asked] = self._registry.rights_fault(size, row.kind, facts)
            if unshared is not None:
                refused = Refused(number=row.number, code=unshared.code, message=str(unshared))
                outcome.refused.append(refused)
            elif code:
                refused = Refused(number=row.number, code=code, message=_RIGHTS)
                outcome.refused.append(refused)
            elif doubt is not None:
                refused = Refused(number=row.number, code=doubt.code, message=doubt.message)
                outcome.refused.append(refused)
            else:
                passed.append(row)
        return passed

    def others(self, session: ReadSession, rows: Sequence[FileRow]) -> tuple[int, int]:
        """See `KnownRows.others`."""
        return self._known.others(session, rows)

    def _rekeyed(self, previous: FeedRow, facts: PayloadFacts, record_tag: bytes) -> FeedRow:
        """What a row said before, its tag formed anew where it is of the former form of keys."""
        if previous.record_tag == record_tag:
            return previous
        lookup, spelt = self._tagger.lookup, facts.spelt
        if previous.record_tag not in (
            spelt.former_tag(lookup),
            lookup(spelt.key),  # as up to schema 0012
            lookup(spelt.former),
        ):
            return previous
        return previous._replace(record_tag=record_tag)

    def _is_corrected(self, session: ReadSession, previous: FeedRow) -> bool:
        """Whether what is in force of a row's listing is not what its file said (F33)."""
        found = self._statements.listing(session, StatementId(previous.statement_id))
        if not isinstance(found.payload, Listed):
            return False
        said = self._tagger.lookup(listing_content(found.payload))
        return said != previous.content_tag

    def _bears(self, session: ReadSession, previous: FeedRow, name: str) -> bool:
        """Whether what is in force of a row's listing states this name already."""
        found = self._statements.listing(session, StatementId(previous.statement_id))
        return isinstance(found.payload, Listed) and found.payload.subject.name == name

    def _told_apart(self, decided: Sequence[Planned], persons: Sequence[str]) -> list[JournalEntry]:
        """Entries that the records about to be listed are not the relieved ones like them."""
        return [
            self._registry.told_apart(relieved, planned.row.record_tag, persons)
            for planned in decided
            if persons and planned.decision in (Decision.LIST, Decision.REPLACE)
            for relieved in planned.relieved
        ]

    def _said_other(self, decided: Sequence[Planned], persons: Sequence[str]) -> list[JournalEntry]:
        """The entry that persons let rows of other subjects replace what stood (F14)."""
        replaced = sum(planned.decision is Decision.REPLACE for planned in decided)
        if not replaced:
            return []
        return [self._registry.said_other_subjects(self._name, replaced, persons)]

    def gone(self, session: ReadSession, present: Iterable[FileRow]) -> tuple[list[FeedRow], int]:
        """Live rows that a full snapshot leaves out, and the number of live rows.

        A row is there by its key, or where its record is, by whatever key (F15).
        """
        rows = [r for r in session.feed_rows(self._name, None) if r.status == FeedRowStatus.LIVE]
        over = ended(listings_of(session, rows))
        live = [row for row in rows if row.statement_id not in over]
        # Only of what is live: the file may have any number of rows.
        keys = {row.row_tag for row in live}
        records = {row.record_tag for row in live}
        for there in present:
            keys.discard(there.tag)
            records.discard(there.record_tag)
        gone = [row for row in live if row.row_tag in keys and row.record_tag in records]
        return gone, len(live)

    def standing_of(self, session: ReadSession, records: Collection[RecordKey]) -> list[FeedRow]:
        """Live rows of the feed that made listings of these records, whatever their keys."""
        if not records:
            return []
        tags = {Spelt.of(record).tag(self._tagger.lookup) for record in records}
        rows = [
            row
            for row in session.feed_rows(self._name, None)
            if row.status == FeedRowStatus.LIVE and row.record_tag in tags
        ]
        over = ended(listings_of(session, rows))
        return [row for row in rows if row.statement_id not in over]

    def end_unit(self, rows: Sequence[FeedRow], text: str, rule: str) -> Unit:
        """End what rows made that are gone from a full snapshot (F9), or said to be over (F16).

        A listing is paused, a commendation withdrawn (F51).
        """
        status: dict[bytes, str] = {}

        def drafts(session: WriteSession) -> list[Draft]:
            found = [self._statements.listing(session, StatementId(r.statement_id)) for r in rows]
            for one in found:
                status[one.row.statement_id] = (
                    FeedRowStatus.WITHDRAWN
                    if one.row.kind == Kind.COMMENDATION
                    else FeedRowStatus.PAUSED
                )
            return [self._ending(session, one, text) for one in found]

        def record(session: WriteSession, placed: Sequence[Placed]) -> None:
            del placed
            session.put_feed_rows(
                [row._replace(status=status[row.statement_id], rule=rule) for row in rows]
            )

        return Unit(drafts=drafts, record=record)

    def _ending(self, session: WriteSession, found: OwnListing, text: str) -> Draft:
        if found.row.kind == Kind.COMMENDATION:
            return self._registry.relief_draft(
                session, found, Kind.WITHDRAWAL, "", self._today(), text
            )
        return self._registry.annotation_draft(
            session, found, AnnotationAction.PAUSED, "", self._today(), text
        )

    def _drafts(self, session: WriteSession, planned: Planned) -> list[Draft]:
        row, previous = planned.row, planned.previous
        match planned.decision:
            case Decision.LIST:
                return [self._registry.listing_draft(row.kind, row.written, row.record_tag)]
            case Decision.REPLACE if previous is not None:
                old = self._statements.listing(session, StatementId(previous.statement_id))
                withdrawal = self._registry.relief_draft(
                    session,
                    old,
                    Kind.WITHDRAWAL,
                    row.written.facts.document,
                    self._today(),
                    "feed.record-changed",
                )
                return [
                    withdrawal,
                    self._registry.listing_draft(row.kind, row.written, row.record_tag),
                ]
            case Decision.CORRECT if previous is not None:
                about = StatementId(previous.statement_id)
                found = self._statements.listing(session, about)
                place = (found.row.log, found.row.current)
                (replaced,) = session.leaf_hashes([place])
                listing = self.making.listing(row)
                return [self._registry.correction_draft(LeafHash(replaced), about, listing)]
            case _:
                return []

    def _feed_rows(
        self,
        plan: Sequence[tuple[Planned, list[Draft]]],
        listed: Mapping[int, tuple[Decision, bytes]],
    ) -> list[FeedRow]:
        rows: list[FeedRow] = []
        for planned, _ in plan:
            decision, previous = planned.decision, planned.previous
            if decision in (Decision.LIST, Decision.REPLACE, Decision.CORRECT):
                rows.append(
                    FeedRow(
                        feed=self._name,
                        row_tag=planned.row.tag,
                        record_tag=planned.row.record_tag,
                        content_tag=planned.row.content_tag,
                        statement_id=listed[planned.row.number][1],
                        until=Date(planned.row.written.facts.publish_until),
                        status=FeedRowStatus.LIVE,
                    )
                )
            elif decision in HELD_RULES and previous is not None:
                rows.append(
                    previous._replace(held_tag=planned.row.content_tag, rule=HELD_RULES[decision])
                )
            elif planned.rekeyed and previous is not None:
                rows.append(previous)
            if planned.moved is not None:
                status, rule = FeedRowStatus.WITHDRAWN, "feed.rekeyed"
                rows.append(planned.moved._replace(status=status, rule=rule))
        return rows
