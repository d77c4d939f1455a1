"""Notices 属地通报 and reminders 失信提醒 for the operator: the list, and what was reminded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from federation.errors import RefusedError, StatementError
from federation.ids import StatementId, Timestamp
from federation.ports.notices import KeptNotice
from federation.ports.store import ReadSession, Store
from federation.screening.notices import Stage
from node.log.writer import WriteThread
from node.notices.documents import NoticeDocuments

PAGE: Final = 100
ROUNDS: Final = 16
"""Pages looked through for one: what does not fit may leave a page short, even empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which notices are asked for."""

    state: str = ""
    """State of the record; empty: all."""
    due: bool = False
    """Only those whose subject is to be reminded."""

    def fits(self, document: dict[str, Any]) -> bool:
        """Whether a notice is asked for."""
        return (not self.state or document["state"] == self.state) and (
            not self.due or bool(document["reminder_due"])
        )


class NoticeDesk:
    """Answers `huxin notices`; any thread, blocks."""

    def __init__(
        self,
        *,
        store: Store,
        writer: WriteThread,
        documents: NoticeDocuments,
        now: Callable[[], Timestamp],
    ) -> None:
        """Wire it."""
        self._store = store
        self._writer = writer
        self._documents = documents
        self._now = now

    def page(
        self, wanted: Wanted, page_size: int, page_token: str
    ) -> tuple[list[dict[str, Any]], str, str]:
        """Notices in the order in which they changed last.

        Args:
            wanted: which.
            page_size: at most so many; 0 for a hundred.
            page_token: of the page before, or a position from which to go on; empty: the beginning.

        Returns:
            The notices, the token of the next page (empty at the end), and the position reached:
            what changes later comes after it, also where the page is empty.

        Raises:
            StatementError: `page-token.invalid`.
        """
        after, size = _position(page_token), page_size or PAGE
        found: list[dict[str, Any]] = []
        with self._store.read() as session:
            for _ in range(ROUNDS):
                kept = session.notices_after(after, size)
                for one in self._documents.of(session, kept):
                    if len(found) == size:
                        break
                    after = int(one["position"])
                    if wanted.fits(one):
                        found.append(one)
                else:
                    after = kept[-1].position if kept else after
                if len(found) == size or len(kept) < size:
                    break
            more = bool(session.notices_after(after, 1))
        return found, str(after) if more else "", str(after)

    def get(self, statement_id: StatementId) -> dict[str, Any]:
        """One notice.

        Raises:
            RefusedError: `notice.unknown`.
        """
        with self._store.read() as session:
            (document,) = self._documents.of(session, [self._kept(session, statement_id)])
        return document

    def remind(self, statement_ids: Sequence[StatementId]) -> list[dict[str, Any]]:
        """Keep that subjects were reminded; all of them or none.

        Raises:
            RefusedError: `notice.unknown`; `notice.not-due`: one of them is not to be reminded,
                since it was relieved meanwhile, or was reminded before.
        """

        def job() -> list[dict[str, Any]]:
            now = self._now()
            with self._store.write() as session:
                kept = [self._kept(session, one) for one in dict.fromkeys(statement_ids)]
                documents = self._documents.of(session, kept)
                position = session.notice_position()
                changed = []
                for number, (one, document) in enumerate(zip(kept, documents, strict=True), 1):
                    stage = _due(document)
                    changed.append(
                        one._replace(
                            position=position + number, reminded=int(stage), reminded_at=now
                        )
                    )
                session.put_notices(changed)
                return self._documents.of(session, changed)

        return self._writer.submit(job).result()

    def _kept(self, session: ReadSession, statement_id: StatementId) -> KeptNotice:
        places = [(row.log, row.idx) for row in session.rows_by_id(None, [statement_id])]
        kept = session.notices(places)
        if not kept:
            message = (
                f"没有关于 {statement_id.hex()} 的属地通报，见 huxin notices list / "
                f"no notice is about {statement_id.hex()}: its subject is not registered here, "
                "or it is no listing of another city"
            )
            raise RefusedError("notice.unknown", message)
        return min(kept.values())


def _due(document: dict[str, Any]) -> Stage:
    """Of what a subject is to be reminded.

    Raises:
        RefusedError: `notice.not-due`.
    """
    if not document["reminder_due"]:
        message = (
            f"{document['statement_id']}：现为 {document['state']}，此前提醒 "
            f"{document['reminded']}，现在无须提醒 / it is {document['state']}, "
            f"reminded before: {document['reminded']}; nobody is to be reminded of it now"
        )
        raise RefusedError("notice.not-due", message)
    return Stage[document["reminder_due"].upper()]


def _position(token: str) -> int:
    if not token:
        return 0
    if not (token.isascii() and token.isdecimal() and len(token) <= 18):
        message = f"expected a position, as an answer gave it, got {token[:40]!r}"
        raise StatementError("page-token.invalid", message)
    return int(token)
