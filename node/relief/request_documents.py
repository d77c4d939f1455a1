"""Requests 转办 as people read them: whose, about what, until when, what was answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from federation.ids import Date, Origin
from federation.names import KINDS, REQUEST_ACTIONS, REQUEST_TYPES
from federation.payloads import Reference
from federation.ports.store import ReadSession
from federation.reconcile.catalog import Catalog
from federation.relief.requests import due_of, overdue
from federation.rows import StatementRow
from federation.working_days import WorkingDays
from node.charters.view import TrustView
from node.records.records import Records
from node.records.requests import AnswerRead, RequestRead
from node.relief.request_drafts import RequestDrafts, number_of


class RequestDocuments:
    """Makes the documents that services give."""

    def __init__(
        self,
        *,
        records: Records,
        drafts: RequestDrafts,
        trust: Callable[[], TrustView],
        catalog: Callable[[], Catalog],
        working_days: Callable[[], WorkingDays],
        today: Callable[[], Date],
    ) -> None:
        """Wire it."""
        self._records = records
        self._drafts = drafts
        self._trust = trust
        self._catalog = catalog
        self._working_days = working_days
        self._today = today

    def of(self, session: ReadSession, requests: Sequence[RequestRead]) -> list[dict[str, Any]]:
        """Their documents, in order."""
        return [self._document(session, one) for one in requests]

    def late(self, one: RequestRead) -> tuple[str, ...]:
        """The stages of a request that are overdue today (RQ7)."""
        known = due_of(one.submission.received_on, self._catalog(), self._working_days())
        return tuple(map(str, overdue(one.state, known, self._today())))

    def _document(self, session: ReadSession, one: RequestRead) -> dict[str, Any]:
        submission = one.submission
        known = due_of(submission.received_on, self._catalog(), self._working_days())
        row = self._drafts.listing(session, one)
        return {
            "statement_id": one.row.statement_id.hex(),
            "number": number_of(one),
            "type": REQUEST_TYPES.name(submission.request_type),
            "state": str(one.state),
            "from": self._city(one.origin),
            "from_origin": one.origin,
            "to": self._city(submission.listing.origin),
            "to_origin": submission.listing.origin,
            "side": "answer" if self._drafts.ours_to_answer(session, one) else "sent",
            "forwarded_at": one.issued_at,
            "received_on": submission.received_on,
            "due": {
                str(stage): None
                if by is None
                else {"last": by.last, "edition": by.edition, "basis": by.by.basis}
                for stage, by in known.items()
            },
            "asked_due_on": submission.due_on,
            "overdue": list(self.late(one)),
            "text": submission.text,
            "record": {
                "list_type": submission.record.list_type,
                "authority": submission.record.authority,
                "scheme": submission.record.scheme,
                "code": submission.record.code,
                "document": submission.record.document,
            },
            "listing": None if row is None else self._listing(session, row),
            "answers": [self._answer(session, answer) for answer in one.answers],
        }

    def _listing(self, session: ReadSession, row: StatementRow) -> dict[str, Any]:
        (view,) = self._records.views(session, [row])
        return {
            "statement_id": view.statement_id.hex(),
            "state": view.state,
            "annotations": list(view.annotations),
            "subject_name": "" if view.subject is None else view.subject.name,
            "subject_code": "" if view.subject is None else view.subject.code,
            "authority_name": view.authority_name,
            "decided_on": view.decided_on,
        }

    def _answer(self, session: ReadSession, answer: AnswerRead) -> dict[str, Any]:
        result = answer.answer.result
        return {
            "action": REQUEST_ACTIONS.name(answer.row.action),
            "origin": answer.origin,
            "city": self._city(answer.origin),
            "issued_at": answer.issued_at,
            "reason": answer.answer.reason,
            "result": None if result is None else self._result(session, result),
        }

    def _result(self, session: ReadSession, result: Reference) -> dict[str, Any]:
        """What granted it, as far as it is held here."""
        shown = {"origin": result.origin, "index": result.index}
        head = session.head(result.origin)
        rows = [] if head is None else session.rows_at([(head.log, result.index)])
        if rows:
            (view,) = self._records.views(session, rows)
            shown |= {
                "statement_id": view.statement_id.hex(),
                "kind": KINDS.name(view.kind),
                "document": view.document,
                "decided_on": view.decided_on,
            }
        return shown

    def _city(self, origin: Origin) -> str:
        return self._trust().city(origin) or origin
