"""Notices 属地通报 as people read them: the record of today, and what its subject may do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from federation.ids import Date
from federation.payloads import Listing, content_of
from federation.ports.notices import KeptNotice
from federation.ports.store import ReadSession
from federation.reconcile.catalog import Catalog
from federation.reconcile.identity import BaseSubject
from federation.reconcile.views import RecordView
from federation.relief.exits import repair_from, repair_possible
from federation.rows import StatementRow
from federation.screening.notices import ENDED, Stage, reminder_due
from node.records.endings import subject_by_relief
from node.records.local_subjects import LocalSubjects
from node.records.records import Records, in_force
from node.texts.catalog_names import name_of_list


class NoticeDocuments:
    """Makes the documents that services give."""

    def __init__(
        self,
        *,
        records: Records,
        local: LocalSubjects,
        catalog: Callable[[], Catalog],
        today: Callable[[], Date],
    ) -> None:
        """Wire it; `today` is never behind any clock that is believed."""
        self._records = records
        self._local = local
        self._catalog = catalog
        self._today = today

    def of(self, session: ReadSession, kept: Sequence[KeptNotice]) -> list[dict[str, Any]]:
        """Their documents, in order."""
        places = [(one.log, one.idx) for one in kept]
        found = {(row.log, row.idx): row for row in session.rows_at(places)}
        shown = [one for one in kept if (one.log, one.idx) in found]
        rows = [found[one.log, one.idx] for one in shown]
        views = self._records.views(session, rows, whole=True)
        current = in_force(session, rows)
        said = self._records.payloads(session, current)
        contents = [content_of(said.get((now.log, now.idx))) for now in current]
        subjects = [self._named(session, row, view) for row, view in zip(rows, views, strict=True)]
        known = self._local.known([(scheme, code) for scheme, code, _ in subjects if code])
        return [
            self._document(one, view, content, subject, known.get(subject[:2]))
            for one, view, content, subject in zip(shown, views, contents, subjects, strict=True)
        ]

    def _document(
        self,
        kept: KeptNotice,
        view: RecordView,
        content: object,
        subject: tuple[str, str, str],
        known: BaseSubject | None,
    ) -> dict[str, Any]:
        listing = content if isinstance(content, Listing) else None
        opens = Date(0) if listing is None else repair_from(listing)
        reminded = Stage(kept.reminded)
        due = reminder_due(
            view.state, reminded, opens, self._today(), ceased=known is not None and known.ceased
        )
        ended = view.ended_by
        return {
            "statement_id": view.statement_id.hex(),
            "position": str(kept.position),
            "origin": view.origin,
            "city": view.city or view.origin,
            "index": view.index,
            "subject": {"scheme": subject[0], "code": subject[1], "name": subject[2]},
            "in_library": known is not None,
            "subject_status": "" if known is None else str(known.status),
            "list_type": view.list_type,
            "list_name": name_of_list(self._catalog(), self._today(), view.list_type),
            "authority": view.authority,
            "authority_name": view.authority_name,
            "document": view.document,
            "decided_on": view.decided_on,
            "publish_until": view.publish_until,
            "reason": "" if listing is None else listing.reason,
            "basis": "" if listing is None else listing.basis,
            "state": view.state,
            "rule": view.rule,
            "annotations": list(view.annotations),
            "repair_possible": [] if listing is None else list(repair_possible(listing)),
            "repair_from": opens,
            "ended_by": None
            if ended is None
            else {
                "statement_id": ended.statement_id.hex(),
                "city": ended.city,
                "authority": ended.authority,
                "document": ended.document,
                "decided_on": ended.decided_on,
            },
            "noticed_at": kept.noticed_at,
            "changed_at": kept.changed_at,
            "reminded": reminded.name.lower(),
            "reminded_at": kept.reminded_at,
            "reminder_due": "" if due is Stage.NONE else due.name.lower(),
        }

    def _named(
        self, session: ReadSession, row: StatementRow, view: RecordView
    ) -> tuple[str, str, str]:
        """Whose listing it is; of one that was erased the relief that ended it says it (NO4)."""
        found = view.subject
        if found is None and row.state in ENDED:
            found = subject_by_relief(session, row, self._records.payloads)
        return ("", "", "") if found is None else (found.scheme, found.code, found.name)
