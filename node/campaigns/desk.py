"""Campaigns 专项治理 for the operator: opened, filled, shown with their exit rate 退出率.

How a campaign stands is read from the rows of its listings (CA2): nothing of it is stored, so that
a relief counts with the first question after it, and no entry can be made to have exited; what has
been read is kept in memory (`node.campaigns.ledgers`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, Final

from federation.errors import RefusedError, StatementError
from federation.ids import Date, StatementId, Timestamp
from federation.life import life
from federation.payloads import Subject, content_of
from federation.ports.campaigns import Campaign, KeptEntry
from federation.ports.store import ReadSession, Store
from federation.quality.campaigns import Query, Standing
from federation.reconcile.catalog import Catalog
from federation.rows import State, StatementRow
from federation.statements import Kind
from node.campaigns.ledgers import Ledger, Ledgers, listings
from node.log.writer import WriteThread
from node.records.endings import subject_by_relief
from node.records.local_subjects import LocalSubjects
from node.records.payload_fields import subject_of
from node.records.records import Records, in_force
from node.records.subject_codes import SubjectCodes
from node.texts.catalog_names import name_of_list

PAGE: Final = 200
ENTRIES_MAX: Final = 100_000
"""Listings in one ledger, which is kept in memory."""
_BATCH: Final = 2048
_KINDS: Final = (int(Kind.LISTING),)
_NOTHING: Final = Query()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entering:
    """What is to be entered; several at once add up."""

    statements: tuple[StatementId, ...] = ()
    codes: tuple[str, ...] = ()
    """Unified codes: all standing listings of these subjects."""
    query: Query = _NOTHING
    unit: str = ""


class CampaignDesk:
    """Answers `huxin campaign`; any thread, blocks."""

    def __init__(
        self,
        *,
        store: Store,
        writer: WriteThread,
        codes: SubjectCodes,
        records: Records,
        ledgers: Ledgers,
        local: LocalSubjects,
        catalog: Callable[[], Catalog],
        now: Callable[[], Timestamp],
        today: Callable[[], Date],
    ) -> None:
        """Wire it; `codes` links those of a subject, `today` is never behind any believed clock."""
        self._store = store
        self._writer = writer
        self._codes = codes
        self._records = records
        self._ledgers = ledgers
        self._local = local
        self._catalog = catalog
        self._now = now
        self._today = today

    def open(
        self, request_id: str, name: str, document: str, unit: str, due: Date
    ) -> dict[str, Any]:
        """Open a campaign; the same request again gives the same one.

        Raises:
            RefusedError: `campaign.due`: the day is over; `request.reused`.
        """
        today = self._today()
        said = sha256(repr((name, document, unit, due)).encode()).hexdigest()

        def job() -> int:
            with self._store.write() as session:
                before = session.request(request_id)
                if before is not None:
                    digest, _, number = before.decode().partition(" ")
                    if digest != said:
                        message = f"{request_id}: another campaign was opened by this request"
                        raise RefusedError("request.reused", message)
                    return int(number)
                if due and due < today:
                    message = f"期限 {due} 已过 / expected a day from {today} on, got {due}"
                    raise RefusedError("campaign.due", message)
                made = session.add_campaign(Campaign(0, name, document, unit, due, today))
                session.put_request(request_id, f"{said} {made}".encode(), self._now())
                return made

        return self.get(self._writer.submit(job).result())

    def enter(self, campaign: int, entering: Entering) -> dict[str, Any]:
        """Enter listings; what is there stays.

        Returns:
            `added`, `already` (counts), and `unknown`: what named no standing listing, as it was
            given.

        Raises:
            RefusedError: `campaign.unknown`, `campaign.full`; `check.unready`: rows cannot be found
                by their subjects yet.
        """

        def job() -> dict[str, Any]:
            with self._store.write() as session:
                held = len(session.campaign_entries(campaign))
                if held + len(ids) > ENTRIES_MAX:
                    raise _full(held + len(ids))
                added = session.add_entries(campaign, entries)
            return {"added": added, "already": len(ids) - added, "unknown": unknown}

        # Looked for beside the writer, which a query over all records would hold: what ends before
        # it is entered stood when it was asked for, and has exited.
        with self._store.read() as session:
            self._campaign(session, campaign)
            found, unknown = self._wanted(session, entering)
        ids = dict.fromkeys(row.statement_id for row in found)
        today = self._today()
        entries = [KeptEntry(one, today, entering.unit) for one in ids]
        answer = self._writer.submit(job).result()
        self._ledgers.entered(campaign)
        return answer

    def every(self) -> list[dict[str, Any]]:
        """All campaigns, each with its rate of today."""
        today = self._today()
        with self._ledgers.reading(lambda session: session.campaigns()) as (_, found):
            return [_document(one, ledger, today) for one, ledger in found]

    def get(self, campaign: int, day: Date | None = None) -> dict[str, Any]:
        """One campaign with its rate as of a day.

        Raises:
            RefusedError: `campaign.unknown`.
        """
        with self._ledgers.reading(lambda session: [self._campaign(session, campaign)]) as (
            _,
            [(found, ledger)],
        ):
            return _document(found, ledger, day or self._today())

    def subjects(
        self, campaign: int, page_size: int, page_token: str, *, brief: bool = False
    ) -> tuple[list[dict[str, Any]], str]:
        """The ledger, subject by subject, in the order of entry; if `brief` without `entries`.

        Raises:
            RefusedError: `campaign.unknown`.
            StatementError: `page-token.invalid`.
        """
        start, size = _start(page_token), page_size or PAGE
        with self._ledgers.reading(lambda session: [self._campaign(session, campaign)]) as (
            session,
            [(found, ledger)],
        ):
            page = ledger.subjects[start : start + size]
            shown = self._shown(session, found, page)
            if not brief:
                for one, entries in zip(shown, self._entries(session, page), strict=True):
                    one["entries"] = entries
        return shown, str(start + size) if start + size < len(ledger.subjects) else ""

    # ---- reading

    def _campaign(self, session: ReadSession, campaign: int) -> Campaign:
        for one in session.campaigns():
            if one.campaign == campaign:
                return one
        message = (
            f"没有第 {campaign} 号专项；见 huxin campaign list / "
            f"there is no campaign {campaign}: huxin campaign list"
        )
        raise RefusedError("campaign.unknown", message)

    def _shown(
        self, session: ReadSession, campaign: Campaign, page: Sequence[Standing]
    ) -> list[dict[str, Any]]:
        today = self._today()
        shown = []
        for standing, subject in zip(page, self._subjects(session, page), strict=True):
            last = standing.last
            late = bool(campaign.due) and last is None and today > campaign.due
            shown.append(
                {
                    "statement_id": standing.entries[0].statement_id.hex(),
                    "subject": _subject(subject),
                    "unit": standing.entries[0].unit,
                    "added_on": standing.added_on,
                    "exited": last is not None,
                    "ground": "" if last is None or last.state is None else last.state.name.lower(),
                    "exited_on": Date(0) if last is None else last.ended_on,
                    "overdue": late,
                }
            )
        return shown

    def _subjects(self, session: ReadSession, page: Sequence[Standing]) -> list[Subject | None]:
        """Whose each is, by the first of its entries that can be opened, else by a relief.

        Of most the very first can: the others, of which there may be hundreds, are not read then.
        """
        found: dict[int, Subject] = {}
        held: dict[int, StatementRow] = {}
        for some in (slice(1), slice(1, None)):
            asked = {
                entry.statement_id: place
                for place, one in enumerate(page)
                if place not in found
                for entry in one.entries[some]
            }
            rows = listings(session, asked)
            current = dict(zip(rows, in_force(session, list(rows.values())), strict=True))
            said = self._records.payloads(session, current.values())
            for id_ in (one for one in asked if one in rows):
                held.setdefault(asked[id_], rows[id_])
                subject = _named(said.get((current[id_].log, current[id_].idx)))
                if subject is not None:
                    found.setdefault(asked[id_], subject)
        for place in held.keys() - found.keys():
            told = subject_by_relief(session, held[place], self._records.payloads)
            if told is not None:
                found[place] = told
        return [found.get(place) for place in range(len(page))]

    def _entries(
        self, session: ReadSession, page: Sequence[Standing]
    ) -> list[list[dict[str, Any]]]:
        """Of each its listings as records show them."""
        today = self._today()
        rows = listings(session, (o.statement_id for one in page for o in one.entries))
        views = dict(zip(rows, self._records.views(session, list(rows.values())), strict=True))
        return [
            [
                {
                    "statement_id": view.statement_id.hex(),
                    "city": view.city or view.origin,
                    "list_type": view.list_type,
                    "list_name": name_of_list(self._catalog(), today, view.list_type),
                    "authority": view.authority,
                    "authority_name": view.authority_name,
                    "document": view.document,
                    "publish_until": view.publish_until,
                    "state": view.state,
                }
                for entry in one.entries
                if (view := views.get(entry.statement_id)) is not None
            ]
            for one in page
        ]

    # ---- entering

    def _wanted(
        self, session: ReadSession, entering: Entering
    ) -> tuple[list[StatementRow], list[str]]:
        """Standing listings that are named, and what names none."""
        rows = listings(session, entering.statements)
        found = [row for row in rows.values() if self._stands(row)]
        known = {row.statement_id for row in found}
        unknown = [one.hex() for one in entering.statements if one not in known]
        if entering.codes and session.unformed():
            message = "数据正在更新，请稍后再试 / tags are being formed anew: try again later"
            raise RefusedError("check.unready", message)
        for code in entering.codes:
            tags = self._codes.tags(self._codes.of_code(code))
            of_subject = session.rows_by_subject(tags, _KINDS)
            standing = sorted(row for row in of_subject if self._stands(row))
            found += standing
            if not standing:
                unknown.append(code)
        if entering.query:
            found += self._of_query(session, entering.query)
        return found, unknown

    def _of_query(self, session: ReadSession, query: Query) -> list[StatementRow]:
        """The standing listings that a query means, of subjects registered here (CA6)."""
        origins = {head.log: head.origin for head in session.heads()}
        found: list[StatementRow] = []
        after: tuple[int, int] | None = None
        while rows := session.list_rows(
            log=None, kinds=_KINDS, states=[State.ACTIVE], after=after, limit=_BATCH
        ):
            after = (rows[-1].log, rows[-1].idx)
            listed = [
                row for row in rows if query.fits(row, origins[row.log]) and self._stands(row)
            ]
            current = in_force(session, listed)
            said = self._records.payloads(session, current)
            subjects = {
                row.statement_id: subject
                for row, now in zip(listed, current, strict=True)
                if (subject := _named(said.get((now.log, now.idx)))) is not None
            }
            local = self._local.of([(one.scheme, one.code) for one in subjects.values()])
            found += [
                row
                for row in listed
                if (one := subjects.get(row.statement_id)) and local[one.scheme, one.code]
            ]
            if len(found) > ENTRIES_MAX:
                raise _full(len(found))
        return found

    def _stands(self, row: StatementRow) -> bool:
        return life.at(State(row.state), Date(row.until), self._today()) is State.ACTIVE


def _document(campaign: Campaign, ledger: Ledger, day: Date) -> dict[str, Any]:
    month = Date(day // 100 * 100 + 1)
    before, _ = ledger.counted(campaign.due, Date(month - 1))
    counted, entries = ledger.counted(campaign.due, day)
    return {
        "campaign": campaign.campaign,
        "name": campaign.name,
        "document": campaign.document,
        "unit": campaign.unit,
        "due": campaign.due,
        "opened_on": campaign.opened_on,
        "day": day,
        "entries": entries,
        **asdict(counted),
        "exited_this_month": counted.exited - before.exited,
    }


def _full(entries: int) -> RefusedError:
    return RefusedError(
        "campaign.full", f"expected at most {ENTRIES_MAX} entries, got {entries} or more"
    )


def _named(payload: Any) -> Subject | None:  # noqa: ANN401 - of whatever kind
    return subject_of(payload, content_of(payload))


def _subject(subject: Subject | None) -> dict[str, str]:
    return {
        "code": "" if subject is None else subject.code,
        "name": "" if subject is None else subject.name,
    }


def _start(token: str) -> int:
    if not token:
        return 0
    if not (token.isascii() and token.isdecimal() and len(token) < 10):
        message = f"expected a page token, as an answer gave it, got {token[:40]!r}"
        raise StatementError("page-token.invalid", message)
    return int(token)
