"""Publishing on request: listings, reliefs, annotations, one idempotent submission each.

What a request refuses or allows is what the log says at the moment of its transaction
(`node.publishing.submissions`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

from federation.errors import RefusedError, StatementError
from federation.facts import PayloadFacts, PayloadReader, Written
from federation.ids import NO_STATEMENT, Date, LeafHash, StatementId, Timestamp
from federation.life.annotations import ENDS
from federation.own_log import Draft
from federation.payloads import (
    Annotation,
    Commendation,
    Correction,
    Listed,
    Listing,
    Outcome,
    Payload,
    Penalty,
    Recognition,
    Reference,
    Relief,
    RelistingGround,
    Request,
    Scenario,
)
from federation.payloads import Commitment as CreditCommitment
from federation.ports.journal import JournalEntry, OtherSubjects, ToldApart, pair
from federation.ports.store import ReadSession, Tagger, WriteSession
from federation.reconcile.catalog import Catalog
from federation.reconcile.own_lists import check_own
from federation.record_key import RecordKey
from federation.relief.rules import check_come, check_decided
from federation.rows import State
from federation.statements import Kind
from node.charters.view import TrustView
from node.log.standing import NO_TAGS, Standing
from node.persons.roster import Agreed, Persons
from node.publishing.new_records import check_new
from node.publishing.own_statements import OwnListing, OwnStatements
from node.publishing.plausibility import Plausibility
from node.publishing.relisting import Relistings
from node.publishing.restated import a_decision, a_draft, a_relisting
from node.publishing.scenarios import ScenarioChecks
from node.publishing.submissions import Act, Submission, Submissions

ClosedPayload = Listing | Commendation | CreditCommitment | Outcome | Request | Correction | Penalty

_NO_RIGHT: Final = (
    "章程未授权本节点就此名单、此机关恢复列入 / our charters do not let us relist on this list for "
    "this authority; its own node, or a delegate that may list, says so"
)


class Registry:
    """Turns requests into units for the publisher."""

    def __init__(  # noqa: PLR0913 - wired once, in node.app.wiring
        self,
        *,
        statements: OwnStatements,
        payloads: PayloadReader,
        tagger: Tagger,
        trust: Callable[[], TrustView],
        sources: Callable[[str], frozenset[str] | None],
        now: Callable[[], Timestamp],
        token: Callable[[int], bytes],
        plausibility: Plausibility,
        persons: Persons,
        scenarios: ScenarioChecks,
        catalog: Callable[[], Catalog] = lambda: Catalog(()),
    ) -> None:
        """Wire the registry.

        `sources` gives the authorities bound to a source department, `catalog` that of the moment.
        """
        self._catalog = catalog
        self._scenarios = scenarios
        self._plausibility = plausibility
        self._relisting = Relistings(
            statements=statements,
            payloads=payloads,
            persons=persons,
            now=now,
            plausibility=plausibility,
        )
        keep, read = self._relisting.keep, statements.payload
        self.submissions = Submissions(own=statements.own, keep=keep, read=read, now=now)
        """Publishes what is drafted in the transaction, once for a request id."""
        self._statements = statements
        self.payloads = payloads
        """Reads and writes payloads."""
        self._tagger = tagger
        self.trust = trust
        """The charters of the moment."""
        self._sources = sources
        self._now = now
        self._token = token

    def publish(
        self,
        request_id: str,
        drafts: Sequence[tuple[int, int, bytes, Payload]],
        source: str,
    ) -> Submission:
        """Publish statements that are not relief; all or none.

        Args:
            request_id: 32 hexadecimal digits.
            drafts: (kind, action, about, payload).
            source: the source department; empty for the operator.
        """
        self._plausibility.check_drafts([said for *_, said in drafts])

        def prepare(session: WriteSession) -> list[Draft]:
            return [self._checked(session, *draft, source=source) for draft in drafts]

        acts = [Act(kind, action, of or None, a_draft(said)) for kind, action, of, said in drafts]
        return self.submissions.of(request_id, prepare, acts=acts)

    def checked_draft(
        self, session: WriteSession, kind: int, action: int, about: bytes, payload: Payload
    ) -> Draft:
        """Draft what the operator publishes, where it is right and we may.

        Raises:
            RefusedError: it is not, or we may not.
        """
        return self._checked(session, kind, action, about, payload, source="")

    def relieve(
        self,
        request_id: str,
        *,
        kind: int,
        statement_id: StatementId,
        document: str,
        decided_on: Date,
        reason: str = "",
    ) -> Submission:
        """Publish a REPAIR or WITHDRAWAL of a listing."""

        def prepare(session: WriteSession) -> list[Draft]:
            found = self._statements.listing(session, statement_id)
            made.early = self.early(found, kind, decided_on)
            return [self.relief_draft(session, found, kind, document, decided_on, reason)]

        acts = [Act(kind, 0, statement_id, a_decision(document, decided_on, reason))]
        made = self.submissions.of(request_id, prepare, acts=acts)
        return made

    def relist(
        self,
        request_id: str,
        *,
        relief: StatementId,
        document: str,
        decided_on: Date,
        ground: RelistingGround,
        by: Sequence[str],
        note: str,
        listing: Listing | Penalty | None = None,
    ) -> Submission:
        """Publish a RELISTING that revokes reliefs, as two persons decided (V9)."""
        decided: list[Agreed] = []

        def prepare(session: WriteSession) -> list[Draft]:
            relisting, agreed = self._relisting.payload(
                session,
                relief=relief,
                document=document,
                decided_on=decided_on,
                ground=ground,
                by=by,
                note=note,
                listing=listing,
            )
            index = self._statements.head(session).size
            facts = self.payloads.facts(Kind.RELISTING, self.payloads.encode(relisting))
            if code := self.rights_fault(index, Kind.RELISTING, facts):
                raise RefusedError(code, _NO_RIGHT)
            check_own(self._catalog(), relisting.payload)
            self._plausibility.check(relisting)
            decided[:] = [agreed]
            stated = self._plausibility.with_term(relisting)
            return [self._draft(Kind.RELISTING, stated, about=relief)]

        acts = [Act(Kind.RELISTING, 0, relief, a_relisting(document, decided_on, ground, listing))]
        return self.submissions.of(request_id, prepare, decided, acts)

    def relief_draft(
        self,
        session: ReadSession,
        found: OwnListing,
        kind: int,
        document: str,
        decided_on: Date,
        reason: str,
        *,
        request: Reference | None = None,
    ) -> Draft:
        """Draft a relief of one of our listings; `request` is the REQUEST that it grants.

        Raises:
            RefusedError: `relief.already`: a relief of this kind stands for it;
                `relief.before-listing`, `date.future` (F22).
        """
        state = found.row.state
        if state == State.WITHDRAWN or (state == State.REPAIRED and kind == Kind.REPAIR):
            message = f"{found.row.statement_id.hex()} is {State(state).name.lower()} already"
            raise RefusedError("relief.already", message)
        check_decided(found.payload, decided_on, self._plausibility.today_of(relief=True))
        record: RecordKey | None = None
        name, authority, until = "", "", found.row.until
        if not self._statements.is_lost(session, found):
            record, name, authority, until = self._statements.record(session, found)
        return self._draft(
            kind,
            Relief(
                audience=self._statements.audience(),
                record=record,
                subject_name=name,
                authority=authority,
                document=document,
                decided_on=decided_on,
                publish_until=Date(until),
                reason=reason,
                request=request,
            ),
            about=StatementId(found.row.statement_id),
        )

    @property
    def relieving_today(self) -> Date:
        """The day by which a relief is of the future (F22)."""
        return self._plausibility.today_of(relief=True)

    def early(self, found: OwnListing, kind: int, decided_on: Date) -> str:
        """Why the day of a relief may be a slip of the pen (F56); empty for no reason."""
        return self._plausibility.early(found.payload, decided_on) if kind == Kind.REPAIR else ""

    def annotate(
        self,
        request_id: str,
        *,
        statement_id: StatementId,
        action: int,
        document: str,
        decided_on: Date,
        text: str = "",
    ) -> Submission:
        """Publish an ANNOTATION; what ends something names the newest leaf that it ends."""

        def prepare(session: WriteSession) -> list[Draft]:
            found = self._statements.listing(session, statement_id)
            return [self.annotation_draft(session, found, action, document, decided_on, text)]

        says = a_decision(document, decided_on, text)
        acts = [Act(Kind.ANNOTATION, action, statement_id, says)]
        return self.submissions.of(request_id, prepare, acts=acts)

    def annotation_draft(
        self,
        session: ReadSession,
        found: OwnListing,
        action: int,
        document: str,
        decided_on: Date,
        text: str,
        *,
        request: Reference | None = None,
        ended: LeafHash | None = None,
    ) -> Draft:
        """Draft an annotation of one of our listings.

        `request` is the REQUEST that it answers, `ended` what it ends; else the newest.

        Raises:
            RefusedError: `annotation.nothing-open`: there is nothing that it could end;
                `record.erased`: only an annotation that begins needs no record; `date.future`
                (F22).
        """
        check_come(decided_on, self._plausibility.today_of(relief=action not in ENDS))
        record: RecordKey | None = None
        authority = ""
        if action in ENDS or not self._statements.is_lost(session, found):
            known = self._statements.record(session, found)
            record, authority = known.key, known.authority
        ends = ended
        if action in ENDS and ended is None:
            ends = self._statements.begun(session, found, action)
        return self._draft(
            Kind.ANNOTATION,
            Annotation(
                audience=replace(self._statements.audience_of(session, found), members=()),
                record=record,
                authority=authority,
                document=document,
                decided_on=decided_on,
                ends=ends,
                text=text,
                request=request,
            ),
            action=action,
            about=StatementId(found.row.statement_id),
        )

    def listing_draft(self, kind: int, written: Written, tag: bytes) -> Draft:
        """Draft what lists a record that was checked; `tag` is that of the record."""
        return Draft(
            kind=kind,
            statement_id=StatementId(self._token(16)),
            payload=written.payload,
            facts=written.facts,
            tag=tag,
        )

    def correction_draft(self, replaced: LeafHash, about: StatementId, listing: Listed) -> Draft:
        """Draft a CORRECTION of a listing."""
        return self._draft(
            Kind.CORRECTION,
            Correction(audience=listing.audience, replaces=replaced, payload=listing),
            about=about,
        )

    def open_draft(
        self, kind: int, action: int, payload: Payload, about: StatementId | None = None
    ) -> Draft:
        """Draft a statement of an open kind that has no rules of its own (receipt …)."""
        return self._draft(kind, payload, action=action, about=about)

    def scenario_draft(
        self,
        session: ReadSession,
        action: int,
        payload: Scenario | Recognition,
        about: StatementId | None,
    ) -> Draft:
        """Draft a scenario of ours, or what we say of another's, where it is right.

        Raises:
            RefusedError: it is not.
        """
        check_own(self._catalog(), payload)
        self._scenarios.check(session, action, about or b"", payload)
        kind = Kind.SCENARIO if isinstance(payload, Scenario) else Kind.RECOGNITION
        return self._draft(kind, payload, action=action, about=about)

    def rights_fault(self, index: int, kind: int, facts: PayloadFacts) -> str:
        """Code for which our own charters do not let us issue this there, or empty."""
        return self.trust().trust.fault(
            self._statements.own,
            index,
            kind,
            facts.list_type,
            facts.authority,
            facts.audience,
        )

    def _checked(
        self,
        session: WriteSession,
        kind: int,
        action: int,
        about: bytes,
        payload: Payload,
        *,
        source: str,
    ) -> Draft:
        """Check one draft: is it right, may we, may its source, and what stands already?"""
        payload = self._plausibility.with_term(payload)
        self._plausibility.check(payload)
        if isinstance(payload, ClosedPayload) and not payload.audience.charters:
            corrected = StatementId(about) if isinstance(payload, Correction) else None
            members = payload.audience.members
            audience = self._statements.audience_for(session, corrected, members)
            payload = replace(payload, audience=audience)
        if isinstance(payload, Correction):
            payload = replace(payload, payload=replace(payload.payload, audience=payload.audience))
        try:
            facts = self.payloads.facts(kind, self.payloads.encode(payload))
        except StatementError as error:
            raise RefusedError(error.code, str(error)) from error
        bound = self._sources(source) if source else None
        if source and (bound is None or facts.authority not in bound):
            message = f"source {source!r} may not speak for authority {facts.authority!r}"
            raise RefusedError("authority.not-bound", message)
        code = self.trust().trust.fault(
            self._statements.own,
            self._statements.head(session).size,
            kind,
            facts.list_type,
            facts.authority,
            facts.audience,
        )
        if code:
            message = (
                f"our charters do not let us issue kind {kind} of list {facts.list_type!r} for "
                f"authority {facts.authority!r}"
            )
            raise RefusedError(code, message)
        check_own(self._catalog(), payload)
        self._scenarios.check(session, action, about, payload)
        if isinstance(payload, Listed):
            check_new(self.standing(session, [facts]), facts)
        return self._draft(
            kind, payload, action=action, about=StatementId(about) if about else None
        )

    def standing(
        self,
        session: ReadSession,
        listed: Collection[PayloadFacts],
        tags: Mapping[bytes, bytes] = NO_TAGS,
    ) -> Standing:
        """What stands for these records, asked once for all; see `Standing`."""
        own_log = self._statements.head(session).log
        return Standing(session, self.trust(), self._tagger, own_log, listed, tags)

    def told_apart(self, relieved: bytes, listed: bytes, persons: Sequence[str]) -> JournalEntry:
        """The entry that persons call two records two, by their lookup tags."""
        said = ToldApart(at=self._now(), pair=pair(relieved, listed), by=persons)
        return said.entry()

    def said_other_subjects(self, feed: str, rows: int, persons: Sequence[str]) -> JournalEntry:
        """The entry that persons let so many rows of a feed name other subjects (F14)."""
        return OtherSubjects(at=self._now(), by=persons, feed=feed, rows=rows).entry()

    def _draft(
        self, kind: int, payload: Payload, *, action: int = 0, about: StatementId | None = None
    ) -> Draft:
        try:
            written = self.payloads.written(payload)
        except StatementError as error:
            raise RefusedError(error.code, str(error)) from error
        return Draft(
            kind=kind,
            action=action,
            statement_id=StatementId(self._token(16)),
            about=NO_STATEMENT if about is None else about,
            payload=written.payload,
            facts=written.facts,
        )
