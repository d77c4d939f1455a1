"""Requests 转办 for the operator: forwarded, listed, answered.

A request goes into our own log, for the origin of the listing alone. Who answers grants by the
statement that does what was asked, which names the request (RQ5); that the request is then `done`
is said by `node.relief.request_job`, also after a crash between the two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from federation.errors import RefusedError
from federation.ids import Date, LeafHash, StatementId
from federation.life import life
from federation.own_log import Draft
from federation.payloads import (
    Answer,
    Payload,
    Reference,
    Request,
    RequestType,
    Submission,
)
from federation.ports.store import ReadSession, Store, WriteSession
from federation.reconcile.catalog import Catalog
from federation.relief.requests import REASONS, How, Stage, Verdict, due_of, grants
from federation.requests import OPEN_STATES
from federation.rows import ADVERSE_KINDS, OpeningStatus, State, StatementRow
from federation.statements import AnnotationAction, Kind, RequestAction
from federation.working_days import WorkingDays
from node.codec import page_tokens
from node.log.writer import UnitWriter
from node.publishing.own_statements import OwnStatements
from node.publishing.registry import Registry
from node.publishing.restated import a_decision
from node.records.records import Records
from node.records.requests import RequestRead
from node.relief.request_documents import RequestDocuments
from node.relief.request_drafts import RequestDrafts

ENDED: Final = (State.REPAIRED, State.WITHDRAWN, State.EXPIRED)


_RELIEFS: Final = {How.REPAIR: Kind.REPAIR, How.WITHDRAWAL: Kind.WITHDRAWAL}
_NOTES: Final = {
    How.MASKING: AnnotationAction.MASKING_BEGUN,
    How.PAUSE: AnnotationAction.PAUSED,
}
_SAID: Final = {
    Verdict.RECEIVED: RequestAction.RECEIVED,
    Verdict.ACCEPTED: RequestAction.ACCEPTED,
    Verdict.REFUSED: RequestAction.DECLINED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What a person decided about a request."""

    verdict: Verdict
    reason: str = ""
    """Code of `REASONS`; of a refusal."""
    how: How | None = None
    """Of a grant that is said with it; else there is a `result`."""
    document: str = ""
    decided_on: Date = Date(0)
    result: StatementId | None = None
    """The statement of ours that grants it, said before."""


class RequestDesk:
    """Forwards, shows and answers requests; blocks."""

    def __init__(  # noqa: PLR0913 - wired once, in node.relief.wiring
        self,
        *,
        store: Store,
        writer: UnitWriter,
        registry: Registry,
        statements: OwnStatements,
        records: Records,
        drafts: RequestDrafts,
        documents: RequestDocuments,
        catalog: Callable[[], Catalog],
        working_days: Callable[[], WorkingDays],
        today: Callable[[], Date],
        settle: Callable[[], object],
    ) -> None:
        """Wire it; `settle` says `done` of what was granted (`node.relief.request_job`)."""
        self._store = store
        self._writer = writer
        self._registry = registry
        self._statements = statements
        self._records = records
        self._drafts = drafts
        self._documents = documents
        self._catalog = catalog
        self._working_days = working_days
        self._today = today
        self._settle = settle

    def send(
        self,
        request_id: str,
        *,
        statement_id: StatementId,
        kind: RequestType,
        received_on: Date,
        text: str,
    ) -> dict[str, Any]:
        """Forward what was handed in here about a listing of another.

        Raises:
            RefusedError: `record.unknown`, `record.erased`, `request.own`, `request.ended`,
                `request.exists`, `request.received`, `request.reused`, `entitlement.…`.
        """
        if received_on > self._today():
            message = f"handed in on {received_on}: expected a day not after {self._today()}"
            raise RefusedError("request.received", message)

        def prepare(session: WriteSession) -> list[Draft]:
            row = self._listing_of_others(session, statement_id)
            self._check_new(session, row, kind)
            origin = self._drafts.chains(session).origin(row.log)
            found = self._statements.with_payload(session, row, origin)
            if found.payload is None:
                message = f"the content of {statement_id.hex()} is not held; nothing to forward"
                raise RefusedError("record.erased", message)
            due = due_of(received_on, self._catalog(), self._working_days())[Stage.RESULT]
            (leaf_hash,) = session.leaf_hashes([(row.log, row.idx)])
            to = Reference(origin=origin, index=row.idx, leaf_hash=LeafHash(leaf_hash))
            submission = Submission(
                request_type=kind,
                listing=to,
                record=found.payload.key,
                received_on=received_on,
                due_on=Date(0) if due is None else due.last,
                text=text,
            )
            return [self._drafts.forwarded(session, submission)]

        def same(session: WriteSession, rows: Sequence[StatementRow]) -> bool:
            return self._is_forwarded(session, rows, statement_id, (kind, received_on, text))

        submission = self._registry.submissions.of(request_id, prepare, same=same)
        self._writer.publish(submission.unit).result()
        return self.get(submission.published[0].statement_id)

    def get(self, statement_id: StatementId) -> dict[str, Any]:
        """One request with its listing and answers.

        Raises:
            RefusedError: `request.unknown`, `request.erased`.
        """
        with self._store.read() as session:
            (shown,) = self._documents.of(session, [self._request(session, statement_id)])
            return shown

    def answer(
        self, request_id: str, statement_id: StatementId, decided: Decided
    ) -> dict[str, Any]:
        """Answer a request about a listing of ours, or take back one of our own.

        Raises:
            RefusedError: `request.unknown`, `request.erased`, `request.not-ours`,
                `request.closed`, `request.reason`, `request.how`, `request.reused`, `record.…`,
                `relief.…`.
        """
        _check(decided)

        def prepare(session: WriteSession) -> list[Draft]:
            asked = self._request(session, statement_id)
            if asked.state not in OPEN_STATES:
                message = f"{statement_id.hex()} is {asked.state} already; expected an open one"
                raise RefusedError("request.closed", message)
            if decided.verdict is Verdict.WITHDRAWN:
                return [self._taken_back(session, asked)]
            return self._answers(session, asked, decided)

        def same(session: WriteSession, rows: Sequence[StatementRow]) -> bool:
            return self._is_answered(session, rows, statement_id, decided)

        submission = self._registry.submissions.of(request_id, prepare, same=same)
        self._writer.publish(submission.unit).result()
        self._settle()
        return self.get(statement_id)

    def _is_forwarded(
        self,
        session: WriteSession,
        rows: Sequence[StatementRow],
        statement_id: StatementId,
        stated: tuple[RequestType, Date, str],
    ) -> bool:
        """Whether these rows are a request about a listing, of this kind, day and text (HT16)."""
        if any((row.kind, row.action) != (Kind.REQUEST, RequestAction.FORWARDED) for row in rows):
            return False
        chains = self._drafts.chains(session)
        about = {
            (chains.origin(row.log), row.idx)
            for row in session.rows_by_id(None, [statement_id])
            if row.kind in ADVERSE_KINDS
        }
        said = [one.submission for one in self._records.requests.of(session, rows)]
        return all(
            (one.request_type, one.received_on, one.text) == stated
            and (one.listing.origin, one.listing.index) in about
            for one in said
        )

    def _is_answered(
        self,
        session: WriteSession,
        rows: Sequence[StatementRow],
        statement_id: StatementId,
        decided: Decided,
    ) -> bool:
        """Whether these rows say this of a request, and of no other (HT16)."""
        acts = {(row.log, row.idx) for row in rows if (row.kind, row.action) == _act(decided)}
        if rows and not acts:
            return False
        asked = self._request(session, statement_id).reference
        said = self._records.payloads(session, rows)
        result = None
        if decided.result is not None:
            for row in session.rows_by_id(None, [decided.result]):
                result = self._drafts.reference(session, row)
        return all(_named(payload) == asked for payload in said.values()) and all(
            _decides(said[place], decided, result) for place in acts & said.keys()
        )

    def _answers(self, session: WriteSession, asked: RequestRead, decided: Decided) -> list[Draft]:
        row = self._drafts.listing(session, asked)
        if row is None or not self._drafts.ours_to_answer(session, asked):
            message = (
                f"{asked.submission.listing.origin} answers it: only the origin of the listing, "
                "or who acts for it, does (谁认定谁办理)"
            )
            raise RefusedError("request.not-ours", message)
        self._check_ungranted(session, asked, row, decided)
        if decided.verdict is Verdict.GRANTED:
            return self._granted(session, asked, row, decided)
        action = _SAID[decided.verdict]
        said = [self._drafts.answer(session, asked, action, reason=decided.reason)]
        if decided.verdict is Verdict.REFUSED:
            said += self._drafts.unmark(session, asked, row, decided.document, decided.decided_on)
        elif asked.submission.request_type is RequestType.OBJECTION and not (
            self._drafts.is_marked(session, row)
        ):
            said.append(self._drafts.mark(session, asked, row))
        return said

    def _check_ungranted(
        self, session: WriteSession, asked: RequestRead, row: StatementRow, decided: Decided
    ) -> None:
        """Let nobody refuse or grant again, on an older page, what was granted or relieved since.

        It is open until `done` is said of it, and the listing's relief closes it (RQ2).

        Raises:
            RefusedError: `request.closed`.
        """
        if decided.result is not None or decided.verdict not in (Verdict.GRANTED, Verdict.REFUSED):
            return
        granted = self._drafts.granted_by(session, asked, row)
        if (granted or self._drafts.relieved_by(session, row)) is not None:
            message = (
                "此请求已获准，或者所涉列入已解除，请重看 / it was granted, or its listing "
                "relieved, since it was shown: look at it as it stands"
            )
            raise RefusedError("request.closed", message)

    def _granted(
        self, session: WriteSession, asked: RequestRead, row: StatementRow, decided: Decided
    ) -> list[Draft]:
        unmark = self._drafts.unmark(session, asked, row, decided.document, decided.decided_on)
        if decided.result is not None:
            act = next(
                (
                    act
                    for act in self._drafts.acts(session, row)
                    if act.statement_id == decided.result and grants(act.kind, act.action)
                ),
                None,
            )
            if act is None:
                message = (
                    f"{decided.result.hex()}: expected a repair, withdrawal, correction, masking "
                    "or pause of ours about the same listing"
                )
                raise RefusedError("request.how", message)
            result = self._drafts.reference(session, act)
            done = self._drafts.answer(session, asked, RequestAction.DONE, result=result)
            return [*unmark, done]
        listing = self._statements.listing(session, StatementId(row.statement_id))
        how, document, on = decided.how, decided.document, decided.decided_on
        if how in _RELIEFS:
            grant = self._registry.relief_draft(
                session, listing, _RELIEFS[how], document, on, "", request=asked.reference
            )
        else:
            assert how is not None  # noqa: S101 - `_check` has seen to it
            grant = self._registry.annotation_draft(
                session, listing, _NOTES[how], document, on, "", request=asked.reference
            )
        return [*unmark, grant]

    def _taken_back(self, session: WriteSession, asked: RequestRead) -> Draft:
        if asked.row.log not in self._statements.chain(session):
            message = f"{asked.origin} forwarded it: only who forwarded a request withdraws it"
            raise RefusedError("request.not-ours", message)
        return self._drafts.answer(session, asked, RequestAction.WITHDRAWN)

    def _request(self, session: ReadSession, statement_id: StatementId) -> RequestRead:
        rows = [
            row
            for row in session.rows_by_id(None, [statement_id])
            if row.kind == Kind.REQUEST
            and row.action == RequestAction.FORWARDED
            and row.state == State.IN_FORCE
        ]
        found = self._records.requests.of(session, rows)
        if found:
            return found[0]
        if any(row.opening == OpeningStatus.ERASED for row in rows):
            message = f"the content of {statement_id.hex()} is erased; nothing is left to answer"
            raise RefusedError("request.erased", message)
        message = f"no request {statement_id.hex()} can be read here; see `huxin requests list`"
        raise RefusedError("request.unknown", message)

    def _listing_of_others(self, session: ReadSession, statement_id: StatementId) -> StatementRow:
        rows = [
            row
            for row in session.rows_by_id(None, [statement_id])
            if row.kind in ADVERSE_KINDS and row.state not in (State.SET_ASIDE, State.HELD)
        ]
        if not rows:
            message = f"no listing {statement_id.hex()} stands here; see `huxin records list`"
            raise RefusedError("record.unknown", message)
        head = self._statements.head(session)
        ours = self._drafts.chains(session).speaks_for(head.log, head.size)
        theirs = [row for row in rows if row.log not in ours]
        if not theirs:
            message = (
                f"{statement_id.hex()} is ours: decide it here: huxin annotate, repair, withdraw"
            )
            raise RefusedError("request.own", message)
        return theirs[0]

    def _check_new(self, session: ReadSession, row: StatementRow, kind: RequestType) -> None:
        """Refuse one about what has ended, and a second one."""
        if life.at(State(row.state), Date(row.until), self._today()) in ENDED:
            message = f"{row.statement_id.hex()} has ended: nothing is left to ask for"
            raise RefusedError("request.ended", message)
        found = self._records.requests.open_about(session, [row]).get((row.log, row.idx), ())
        if any(one.submission.request_type == kind for one in found):
            message = f"one of this kind about {row.statement_id.hex()} is open already"
            raise RefusedError("request.exists", message)

    def list(
        self, page_size: int, page_token: str, *, open_only: bool
    ) -> tuple[list[dict[str, Any]], str]:
        """A page of requests, ours and those to be answered here, by place.

        Raises:
            StatementError: `page-token.invalid`.
        """
        after = page_tokens.read(page_token)
        with self._store.read() as session:
            found = [
                one
                for one in self._records.requests.all(session)
                if (after is None or (one.row.log, one.row.idx) > after)
                and (not open_only or one.state in OPEN_STATES)
            ]
            page = found[:page_size]
            shown = self._documents.of(session, page)
        last = (page[-1].row.log, page[-1].row.idx) if len(found) > len(page) else None
        return shown, page_tokens.write(last)


def _act(decided: Decided) -> tuple[int, int]:
    """Kind and action of the statement that says a verdict."""
    if decided.verdict is Verdict.WITHDRAWN:
        return Kind.REQUEST, RequestAction.WITHDRAWN
    if decided.verdict is not Verdict.GRANTED:
        return Kind.REQUEST, _SAID[decided.verdict]
    if decided.how is None:
        return Kind.REQUEST, RequestAction.DONE
    if decided.how in _RELIEFS:
        return _RELIEFS[decided.how], 0
    return Kind.ANNOTATION, _NOTES[decided.how]


def _named(payload: Payload) -> Reference | None:
    """The request that a statement names, where it does."""
    if isinstance(payload, Request):
        return payload.body.request if isinstance(payload.body, Answer) else None
    found: Reference | None = getattr(payload, "request", None)
    return found


def _decides(said: Payload, decided: Decided, result: Reference | None) -> bool:
    """Whether the statement that says a verdict says it as it was decided."""
    if isinstance(said, Request) and isinstance(said.body, Answer):
        reason = decided.reason if decided.verdict in _SAID else ""
        return (said.body.reason, said.body.result) == (reason, result)
    return a_decision(decided.document, decided.decided_on)(said)


def _check(decided: Decided) -> None:
    """Refuse what does not say all that its verdict needs."""
    if decided.verdict is Verdict.REFUSED and decided.reason not in REASONS:
        message = f"expected one of {', '.join(REASONS)}, got {decided.reason[:40]!r}"
        raise RefusedError("request.reason", message)
    if decided.verdict is not Verdict.GRANTED:
        return
    said_with_it = decided.how is not None and bool(decided.document and decided.decided_on)
    if said_with_it == (decided.result is not None):
        message = "expected how, with document and date, or the statement that grants it"
        raise RefusedError("request.how", message)
