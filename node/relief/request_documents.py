"""Requests 转办 as people read them: whose, about what, until when, what was answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from federation.ids import Origin, Timestamp
from federation.names import KINDS, REQUEST_ACTIONS, REQUEST_TYPES
from federation.payloads import Reference
from federation.ports.store import LogHead, ReadSession
from federation.reconcile.catalog import Catalog
from federation.reconcile.deadlines import Due
from federation.relief.requests import Stage, begins_on, due_of, overdue
from federation.requests import OPEN_STATES
from federation.rows import StatementRow
from federation.working_days import WorkingDays
from node.charters.view import TrustView
from node.log.first_notes import first_note_of
from node.log.head_times import signed_on
from node.records.records import Records
from node.records.requests import AnswerRead, RequestRead
from node.relief.request_drafts import RequestDrafts, number_of
from node.system.clock import date_of
from node.texts.catalog_names import name_of_list


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
        now: Callable[[], Timestamp],
    ) -> None:
        """Wire it; `now` is never behind any clock that is believed."""
        self._records = records
        self._drafts = drafts
        self._trust = trust
        self._catalog = catalog
        self._working_days = working_days
        self._now = now

    def of(self, session: ReadSession, requests: Sequence[RequestRead]) -> list[dict[str, Any]]:
        """Their documents, in order."""
        return [self._document(session, one) for one in requests]

    def late(self, session: ReadSession, one: RequestRead) -> tuple[str, ...]:
        """The stages of a request that are overdue (RQ7, RQ9)."""
        if one.state not in OPEN_STATES:
            return ()
        until = self._heard_until(session, one)
        return tuple(map(str, overdue(one.state, self._due(session, one), until)))

    def _due(self, session: ReadSession, one: RequestRead) -> dict[Stage, Due | None]:
        head = session.head(one.origin)
        first = None if head is None else first_note_of(session, head, one.row)
        begins = begins_on(one.submission.received_on, None if first is None else first.cosigned_at)
        return due_of(begins, self._catalog(), self._working_days())

    def _heard_until(self, session: ReadSession, one: RequestRead) -> Timestamp:
        """Up to when the logs of all who may answer are known here (RQ9); 0: they are not."""
        if self._drafts.ours_to_answer(session, one):
            return self._now()
        listing = session.head(one.submission.listing.origin)
        if listing is None:
            return Timestamp(0)
        trust, chains = self._trust(), self._drafts.chains(session)
        answering = [
            head
            for head in session.heads()
            if trust.chain(head.origin)[-1:] == (head.origin,)
            and listing.log in chains.speaks_for(head.log, head.size)
        ]
        return min((self._signed_on(head) for head in answering), default=Timestamp(0))

    def _signed_on(self, head: LogHead) -> Timestamp:
        if head.applied_to < head.note_size:
            return Timestamp(0)
        keys = self._trust().trust.head_keys(head.origin)
        return signed_on(head.note, keys) or Timestamp(0)

    def _document(self, session: ReadSession, one: RequestRead) -> dict[str, Any]:
        submission = one.submission
        known = self._due(session, one)
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
            "overdue": list(self.late(session, one)),
            "text": submission.text,
            "record": {
                "list_type": submission.record.list_type,
                "list_name": name_of_list(
                    self._catalog(), date_of(self._now()), submission.record.list_type
                ),
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
