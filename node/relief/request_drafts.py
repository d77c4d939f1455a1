"""What is said of requests 转办 in our own log: answers, objections opened and closed, grants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from federation.errors import RefusedError
from federation.ids import Date, LeafHash, StatementId, node_of
from federation.life.annotations import open_annotations
from federation.own_log import Draft
from federation.payloads import (
    Annotation,
    Answer,
    Audience,
    Payload,
    Reference,
    Request,
    Submission,
)
from federation.ports.store import ReadSession, WriteSession
from federation.relief.requests import grants, unmarks
from federation.rows import ADVERSE_KINDS, State, StatementRow
from federation.statements import AnnotationAction, Kind, RequestAction
from node.charters.view import TrustView
from node.log.chains import TrustChains
from node.publishing.own_statements import OwnStatements
from node.publishing.registry import Registry
from node.records.records import Records
from node.records.requests import RequestRead

SHORT_ID: Final = 8
"""Digits of a request's statement id that make the number of an annotation."""


class RequestDrafts:
    """Drafts about requests, in the transaction that publishes them."""

    def __init__(
        self,
        *,
        registry: Registry,
        statements: OwnStatements,
        records: Records,
        trust: Callable[[], TrustView],
        today: Callable[[], Date],
    ) -> None:
        """Wire it."""
        self._registry = registry
        self._statements = statements
        self._records = records
        self._trust = trust
        self._today = today

    def chains(self, session: ReadSession) -> TrustChains:
        """Which logs belong together now."""
        return TrustChains(self._trust(), session.heads())

    def ours_to_answer(self, session: ReadSession, asked: RequestRead) -> bool:
        """Whether we speak for the log that the request names, and it was another who forwarded.

        Of another's log, for which we act, only once the leaf is held: until then nothing is known.
        """
        head, chains = self._statements.head(session), self.chains(session)
        named = asked.submission.listing
        listing = session.head(named.origin)
        return (
            listing is not None
            and (listing.ours or named.index < listing.applied_to)
            and listing.log in chains.speaks_for(head.log, head.size)
            and asked.row.log not in chains.chain(head.log)
        )

    def listing(self, session: ReadSession, asked: RequestRead) -> StatementRow | None:
        """The listing that it names, where leaf hash and record agree with what is held (RQ1)."""
        named = asked.submission.listing
        head = session.head(named.origin)
        if head is None or named.index >= head.applied_to:
            return None
        rows = session.rows_at([(head.log, named.index)])
        if not rows or rows[0].kind not in ADVERSE_KINDS:
            return None
        (leaf_hash,) = session.leaf_hashes([(head.log, named.index)])
        if leaf_hash != named.leaf_hash or rows[0].record_tag not in (None, asked.row.record_tag):
            return None
        return rows[0]

    def forwarded(self, session: WriteSession, submission: Submission) -> Draft:
        """A request for the origin of a listing alone."""
        audience = _only(node_of(submission.listing.origin))
        payload = Request(audience=audience, body=submission)
        return self._said(session, RequestAction.FORWARDED, payload)

    def answer(
        self,
        session: WriteSession,
        asked: RequestRead,
        action: RequestAction,
        *,
        reason: str = "",
        result: Reference | None = None,
    ) -> Draft:
        """An answer; for who forwarded it, or, taken back by them, for the listing's origin."""
        theirs = action is not RequestAction.WITHDRAWN
        to = asked.origin if theirs else asked.submission.listing.origin
        body = Answer(request=asked.reference, reason=reason, result=result)
        return self._said(session, action, Request(audience=_only(node_of(to)), body=body))

    def mark(self, session: WriteSession, asked: RequestRead, row: StatementRow) -> Draft:
        """An objection opened for a request (RQ4)."""
        return self._registry.annotation_draft(
            session,
            self._statements.listing(session, StatementId(row.statement_id)),
            AnnotationAction.OBJECTION_OPENED,
            number_of(asked),
            self._today(),
            "",
            request=asked.reference,
        )

    def unmark(
        self,
        session: WriteSession,
        asked: RequestRead,
        row: StatementRow,
        document: str = "",
        decided_on: Date | None = None,
    ) -> list[Draft]:
        """The end of the objection that a request opened, unless another keeps it (RQ6)."""
        others = [
            (one.submission.request_type, one.state)
            for one in self._records.requests.all(session)
            if one.submission.listing == asked.submission.listing
            and one.reference != asked.reference
        ]
        if not unmarks(asked.submission.request_type, others):
            return []
        ends = self._opened(session, row)
        if ends is None:
            return []
        try:
            return [
                self._registry.annotation_draft(
                    session,
                    self._statements.listing(session, StatementId(row.statement_id)),
                    AnnotationAction.OBJECTION_CLOSED,
                    document or number_of(asked),
                    decided_on or self._today(),
                    "",
                    request=asked.reference,
                    ended=ends,
                )
            ]
        except RefusedError as error:
            if error.code in ("record.erased", "record.pending"):
                return []  # with the record, what was noted about it has gone
            raise

    def is_marked(self, session: ReadSession, row: StatementRow) -> bool:
        """Whether an objection to a listing is open."""
        found = open_annotations(session, [row], self.chains(session)).get((row.log, row.idx), ())
        return any(one.row.action == AnnotationAction.OBJECTION_OPENED for one in found)

    def granted_by(
        self, session: ReadSession, asked: RequestRead, row: StatementRow
    ) -> Reference | None:
        """The first statement of ours that names the request and grants it (RQ5)."""
        acts = self.acts(session, row)
        said = self._records.payloads(session, acts)
        for act in acts:
            named = getattr(said.get((act.log, act.idx)), "request", None)
            if named == asked.reference and grants(act.kind, act.action):
                return self.reference(session, act)
        return None

    def relieved_by(self, session: ReadSession, row: StatementRow) -> Reference | None:
        """The last relief of ours that ended a listing (RQ2)."""
        reliefs = self._statements.reliefs(session, row)
        return self.reference(session, reliefs[-1]) if reliefs else None

    def acts(self, session: ReadSession, row: StatementRow) -> list[StatementRow]:
        """What our chain said about a listing, in force, by place."""
        ours = self._statements.chain(session)
        return sorted(
            (
                act
                for act in session.rows_about([row.statement_id])
                if act.log in ours and act.state == State.IN_FORCE
            ),
            key=lambda act: (act.log, act.idx),
        )

    def reference(self, session: ReadSession, row: StatementRow) -> Reference:
        """A leaf that is held, as others refer to it."""
        (leaf_hash,) = session.leaf_hashes([(row.log, row.idx)])
        origin = self.chains(session).origin(row.log)
        return Reference(origin=origin, index=row.idx, leaf_hash=LeafHash(leaf_hash))

    def _opened(self, session: ReadSession, row: StatementRow) -> LeafHash | None:
        """The newest objection that is open and was opened for a request."""
        found = open_annotations(session, [row], self.chains(session)).get((row.log, row.idx), ())
        ours = self._statements.chain(session)
        said = self._records.payloads(session, [one.row for one in found])
        for one in reversed(found):
            payload = said.get((one.row.log, one.row.idx))
            if (
                one.row.action == AnnotationAction.OBJECTION_OPENED
                and one.row.log in ours
                and isinstance(payload, Annotation)
                and payload.request is not None
            ):
                return LeafHash(one.leaf_hash)
        return None

    def _said(self, session: WriteSession, action: RequestAction, payload: Payload) -> Draft:
        return self._registry.checked_draft(session, Kind.REQUEST, action, b"", payload)


def number_of(asked: RequestRead) -> str:
    """The number under which a request is kept here, of its statement id."""
    return (
        f"转办〔{asked.submission.received_on // 10_000}〕{asked.row.statement_id.hex()[:SHORT_ID]}"
    )


def _only(member: str) -> Audience:
    """One node; the registry adds our alliances and their purposes."""
    return Audience(charters=(), purposes=(), members=(member,))
