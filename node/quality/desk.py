"""Quality 数据质量 as an operator asks for it: our own log, and what receivers said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, Final

from adapters.catalog.working_days import working_days
from adapters.state.keyring import KeyRing
from federation.facts import PayloadReader
from federation.ids import Date, Origin
from federation.life.life import STANDING
from federation.payloads import Listing, Penalty
from federation.ports.receipts import Told as Word
from federation.ports.store import LogHead, ReadSession, Store
from federation.quality.collection import Delivery, collection
from federation.quality.figures import (
    Act,
    Figures,
    Group,
    Matched,
    Missed,
    PenaltyDue,
    Reported,
    figures,
)
from federation.quality.formulas import Formulas
from federation.quality.wording import wording
from federation.reconcile.catalog import Catalog
from federation.reconcile.deadlines import due
from federation.reconcile.obligations import Obligation
from federation.reconcile.receipts import JUDGEMENTS, about_ours, collect
from federation.rows import OpeningStatus, State, StatementRow
from federation.screening.case_figures import cases
from federation.statements import Kind, parse_header
from federation.working_days import WorkingDays
from node.charters.view import TrustView
from node.directory.config import FilesSection
from node.intake.inbox_tally import taken_rows
from node.intake.tally import taken
from node.quality.listed import ListedSubjects
from node.quality.naming import in_words, names
from node.records.told import Told
from node.screening.outcome_origin import OutcomeRead
from node.system.clock import date_of

BATCH: Final = 4096
"""Leaves of our own log read at once."""
_REPORTED: Final = (Kind.LISTING, Kind.PENALTY)
_NOTHING: Final = Delivery(0, Date(0))
_ACTS: Final = (Kind.CORRECTION, Kind.WITHDRAWAL)


class QualityDesk:
    """Answers `huxin quality`; any thread, blocks."""

    def __init__(  # noqa: PLR0913 - wired once, in node.quality.wiring
        self,
        *,
        own: Origin,
        directory: Path,
        files: FilesSection,
        formulas: Formulas,
        store: Store,
        keyring: KeyRing,
        payloads: PayloadReader,
        trust: Callable[[], TrustView],
        catalog: Callable[[], Catalog],
        listed: ListedSubjects,
        outcomes: Callable[[ReadSession], Sequence[OutcomeRead]],
    ) -> None:
        """Wire it; `directory` may hold tables of working days, `files` binds sources.

        `outcomes` reads what departments told of matches.
        """
        self._outcomes = outcomes
        self._own = own
        self._directory = directory
        self._files = files
        self._formulas = formulas
        self._store = store
        self._keyring = keyring
        self._payloads = payloads
        self._trust = trust
        self._catalog = catalog
        self._listed = listed
        self._told = Told(keyring=keyring, payloads=payloads, trust=trust)

    def quality(
        self, first: Date, last: Date, *, records: bool, shares: bool = False
    ) -> dict[str, Any]:
        """Figures of a period, by source department and list.

        Args:
            first: first day, Asia/Shanghai.
            last: last day.
            records: name the records behind each figure.
            shares: count also which share of the base library stands on lists; reads it whole.

        Raises:
            RefusedError: `working-days.invalid`.
        """
        days = working_days(self._directory)
        with self._store.read() as session:
            head = session.head(self._own)
            said = self._said(session, head)
            listings: list[Reported] = []
            acts: list[Act] = []
            since = Date(0)
            missed: list[Missed] = []
            matched: list[Matched] = []
            departments = _Departments(self._files, self._source)
            delivered: dict[tuple[str, str], Delivery] = {}
            counted = self._listed.shares(session) if shares else None
            over_time = session.day_shares(first, last) if shares else ()
            if head is not None:
                listings, acts, since = self._published(
                    session, head, said, departments, first, last, delivered
                )
                missed = list(self._missed(session, departments, first, last))
                matched = self._matched(session, head, departments, first, last)
            both = (*taken(session), *taken_rows(session))
            files = [one for at, one in both if first <= date_of(at) <= last]
        catalog = self._catalog()
        day = min(last, self._listed.today())
        found = figures(
            listings,
            files,
            acts,
            days,
            self._formulas,
            missed=missed,
            matched=matched,
            bound=departments.groups,
            penalty_due=_penalty_due(catalog, days),
        )
        decided = {one.decided_on // 10000 for one in listings if one.decided_on}
        return {
            "period": {"first": first, "last": last},
            "since": since,
            "formulas": [{"zh": in_words(zh), "en": en} for zh, en in wording(self._formulas)],
            "names": names(catalog, day, self._files, sorted(_logs_of(found)), self._trust().city),
            "working_days": _covered(days, decided, listings),
            "rows": [_row(one, records=records) for one in found],
            "collection": {
                "day": day,
                "items": [
                    asdict(item)
                    for item in collection(catalog, day, delivered, departments.authorities_of)
                ],
            },
        } | (
            {}
            if counted is None
            else {
                "shares": [asdict(one) for one in counted],
                "shares_by_day": [one._asdict() for one in over_time],
            }
        )

    def _said(self, session: ReadSession, head: LogHead | None) -> dict[int, dict[Origin, Word]]:
        """The last judgement of every other member about each of our leaves."""
        if head is None:
            return {}
        trust = self._trust()
        kinds = {index: kind for index, kind, _, _, _ in session.outcomes(head.log)}
        said = [
            (origin, receipt)
            for origin, _, receipt in self._told.receipts(session)
            if about_ours(receipt, trust.chain(origin) or (origin,), self._own)
        ]
        found: dict[int, dict[Origin, Word]] = {}
        for (speaker, index), told in collect(said, kinds, JUDGEMENTS).items():
            found.setdefault(index, {})[speaker] = told
        return found

    def _published(
        self,
        session: ReadSession,
        head: LogHead,
        said: Mapping[int, Mapping[Origin, Word]],
        departments: _Departments,
        first: Date,
        last: Date,
        delivered: dict[tuple[str, str], Delivery],
    ) -> tuple[list[Reported], list[Act], Date]:
        """Listings and acts that our log published in the period; `delivered` is filled (CS3).

        Returns:
            They, and the day of the first listing that our log ever published; 0: none.
        """
        listings: list[Reported] = []
        acts: list[Act] = []
        since = Date(0)
        for start in range(0, head.size, BATCH):
            end = min(start + BATCH, head.size)
            on = [
                date_of(parse_header(leaf).issued_at)
                for leaf in session.leaves(head.log, start, end)
            ]
            held = session.rows_between(head.log, start, end)
            _deliver(held, on, start, first, last, delivered)
            if not since:
                days = (on[row.idx - start] for row in held if row.kind in _REPORTED)
                since = next(days, since)
            rows = [
                row
                for row in held
                if first <= on[row.idx - start] <= last and row.state != State.SET_ASIDE
            ]
            listed = [row for row in rows if row.kind in _REPORTED]
            listings += [
                Reported(
                    group=group,
                    statement_id=row.statement_id.hex(),
                    decided_on=row.decided_on,
                    published_on=on[row.idx - start],
                    verdicts=said.get(row.idx, {}),
                )
                for row, group in zip(listed, departments.of(session, head, listed), strict=True)
            ]
            acting = [row for row in rows if row.kind in _ACTS and row.about is not None]
            about = self._listings(session, head, acting)
            named = [about[row.about] for row in acting if row.about in about]
            groups = dict(
                zip(
                    (row.statement_id for row in named),
                    departments.of(session, head, named),
                    strict=True,
                )
            )
            acts += [
                Act(
                    group=groups[row.about],
                    statement_id=row.statement_id.hex(),
                    withdraws=row.kind == Kind.WITHDRAWAL,
                )
                for row in acting
                if row.about in groups
            ]
        return listings, acts, since

    def _matched(
        self,
        session: ReadSession,
        head: LogHead,
        departments: _Departments,
        first: Date,
        last: Date,
    ) -> list[Matched]:
        """Cases about listings of ours that departments told in the period (G16)."""
        read = self._outcomes(session)
        listings = {
            one.listing.idx: one.listing
            for one in read
            if one.listing is not None and one.listing.log == head.log
        }
        ours = [one.told for one in read if one.listing is not None and one.listing.log == head.log]
        found = [one for one in cases(ours) if first <= one.now.said_on <= last]
        rows = [listings[one.now.index] for one in found]
        return [
            Matched(group, row.statement_id.hex(), one.wrong)
            for one, row, group in zip(
                found, rows, departments.of(session, head, rows), strict=True
            )
        ]

    @staticmethod
    def _missed(
        session: ReadSession, departments: _Departments, first: Date, last: Date
    ) -> Iterator[Missed]:
        """What stands in other logs of authorities of ours, and in none of our own (G9)."""
        origins = {head.log: head.origin for head in session.heads() if not head.ours}
        ours = {head.log for head in session.heads() if head.ours}
        after: tuple[int, int] | None = None
        while rows := session.list_rows(
            log=None,
            kinds=[Kind.LISTING],
            states=STANDING,
            authorities=departments.authorities,
            after=after,
            limit=BATCH,
        ):
            after = (rows[-1].log, rows[-1].idx)
            theirs = [row for row in rows if row.log in origins and first <= row.decided_on <= last]
            tags = [row.record_tag for row in theirs if row.record_tag is not None]
            known = {
                row.record_tag for row in session.rows_by_record(tags, _REPORTED) if row.log in ours
            }
            for row in theirs:
                if row.record_tag is not None and row.record_tag not in known:
                    group = departments.bound(row)
                    yield Missed(group, row.statement_id.hex(), origins[row.log])

    @staticmethod
    def _listings(
        session: ReadSession, head: LogHead, acts: Sequence[StatementRow]
    ) -> dict[bytes | None, StatementRow]:
        asked = sorted({row.about for row in acts if row.about is not None})
        found = session.rows_by_id([head.log], asked) if asked else ()
        return {row.statement_id: row for row in found if row.kind in _REPORTED}

    def _source(
        self, session: ReadSession, head: LogHead, rows: Sequence[StatementRow]
    ) -> dict[int, str]:
        """The source that listings name themselves, by index; those erased are left out."""
        held = [row.idx for row in rows if row.opening == OpeningStatus.PRESENT]
        kinds = {row.idx: Kind(row.kind) for row in rows}
        stored = session.openings(head.log, held)
        found: dict[int, str] = {}
        for one, opening in self._keyring.held_openings(head.origin, stored):
            payload = self._payloads.decode(kinds[one.index], opening.payload)
            if isinstance(payload, (Listing, Penalty)):
                found[one.index] = payload.source.department
        return found


class _Departments:
    """Which source department answers for a listing: 谁产生、谁负责.

    The one that the configuration binds to authority and list; where several are, or none, the one
    that the listing names, as long as it is held.
    """

    def __init__(
        self,
        files: FilesSection,
        ask: Callable[[ReadSession, LogHead, Sequence[StatementRow]], dict[int, str]],
    ) -> None:
        self._ask = ask
        self._bound: dict[tuple[str, str], list[str]] = {}
        for name, section in files.sources.items():
            for authority in set(section.authorities.values()):
                for list_type in section.list_types:
                    self._bound.setdefault((authority, list_type), []).append(name)

    @property
    def authorities(self) -> Sequence[str]:
        """All for which a source may speak."""
        return sorted({authority for authority, _ in self._bound})

    @property
    def authorities_of(self) -> Sequence[tuple[str, str]]:
        """List type and authority of all that is bound."""
        return sorted((list_type, authority) for authority, list_type in self._bound)

    @property
    def groups(self) -> Sequence[Group]:
        """Each source with each of its lists."""
        return sorted(
            {(n, list_type) for (_, list_type), names in self._bound.items() for n in names}
        )

    def bound(self, row: StatementRow) -> Group:
        """The group of a listing by the configuration alone; no source where it is not clear."""
        names = self._bound.get((row.authority, row.list_type), [])
        return (names[0] if len(names) == 1 else "", row.list_type)

    def of(self, session: ReadSession, head: LogHead, rows: Sequence[StatementRow]) -> list[Group]:
        """The group of each listing of our own log."""
        bound = [self._bound.get((row.authority, row.list_type), []) for row in rows]
        unclear = [row for row, names in zip(rows, bound, strict=True) if len(names) != 1]
        named = self._ask(session, head, unclear) if unclear else {}
        return [
            (names[0] if len(names) == 1 else named.get(row.idx, ""), row.list_type)
            for row, names in zip(rows, bound, strict=True)
        ]


def _deliver(
    rows: Sequence[StatementRow],
    on: Sequence[Date],
    start: int,
    first: Date,
    last: Date,
    delivered: dict[tuple[str, str], Delivery],
) -> None:
    """Count what was published up to the last day, by list and authority (CS3)."""
    for row in rows:
        day = on[row.idx - start]
        if row.kind in _REPORTED and row.state != State.SET_ASIDE and day <= last:
            key = (row.list_type, row.authority)
            number, before = delivered.get(key, _NOTHING)
            delivered[key] = Delivery(number + (day >= first), max(before, day))


def _logs_of(found: Sequence[Figures]) -> set[Origin]:
    """The logs that faults name."""
    return {Origin(fault.by) for one in found for fault in one.faults if fault.by}


def _penalty_due(catalog: Catalog, days: WorkingDays) -> PenaltyDue:
    """Until when a penalty of a day is to be published; each day is looked up once."""

    @cache
    def last(decided: Date) -> Date | None:
        found = due(Obligation.PUBLISH_PENALTY, decided, catalog, days)
        return None if found is None else found.last

    return last


def _covered(days: WorkingDays, decided: set[int], listings: Sequence[Reported]) -> dict[str, Any]:
    """The tables that there are, and the years that are needed and have none."""
    needed = decided | {one.published_on // 10000 for one in listings}
    return {
        "years": [
            {
                "year": table.year,
                "source": table.source,
                "confirmed_by": table.confirmed_by,
            }
            for _, table in sorted(days.years.items())
        ],
        "not_covered": sorted(needed - days.years.keys()),
    }


def _row(found: Figures, *, records: bool) -> dict[str, Any]:
    source, list_type = found.group
    row = {"source": source, "list_type": list_type} | asdict(found)
    row["faults"] = [fault._asdict() for fault in found.faults]
    del row["group"]
    if not records:
        del row["records"], row["faults"]
    return row
