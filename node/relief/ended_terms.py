"""What is kept under terms of the editions (`federation.relief.keeping`, EK1-EK6), looked at daily.

    rows of each sort → the day on which each begins → its last day by the catalog → what is over

Closed requests are found at every moment (`node.relief.ended_requests`); here they are counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from federation.ids import Date, Timestamp
from federation.payloads import Commitment, Outcome, Payload
from federation.ports.findings import Place
from federation.ports.store import ReadSession
from federation.reconcile.catalog import Catalog
from federation.relief.keeping import (
    Sort,
    Tally,
    commitment_begins,
    is_over,
    last_day,
    said_at,
)
from federation.requests import OPEN_STATES
from federation.rows import LISTED_KINDS, RELIEF_KINDS, OpeningStatus, State, StatementRow
from federation.statements import OPEN_KINDS, Kind, RequestAction, parse_header
from federation.working_days import WorkingDays
from node.records.requests import RequestRead, Requests
from node.system.clock import date_of

PAGE: Final = 256
"""Rows looked at, and given, at once."""
_ASIDE: Final = (int(State.HELD), int(State.SET_ASIDE))
_ACTS: Final = (int(Kind.CORRECTION), int(Kind.ANNOTATION), int(Kind.RELISTING))
_TOLD: Final = (int(Kind.REQUEST), int(Kind.OUTCOME), int(Kind.COMMITMENT))
_IN_FORCE: Final = (int(State.IN_FORCE),)
_ENDED: Final = (State.REPAIRED, State.WITHDRAWN)
_START: Final = (-1, -1)


class _Kept(NamedTuple):
    """Something kept, and the day on which its term begins, where that is known."""

    sort: Sort
    place: Place
    begins: Date | None


Page = Callable[[Place], Sequence[StatementRow]]


class EndedTerms:
    """Finds what is over, once for each day of trusted time, and counts what has no term."""

    def __init__(
        self,
        *,
        requests: Requests,
        payloads: Callable[[ReadSession, Iterable[StatementRow]], Mapping[Place, Payload]],
        catalog: Callable[[], Catalog],
        working_days: Callable[[], WorkingDays],
        now: Callable[[], Timestamp],
    ) -> None:
        """Wire it.

        Args:
            requests: reads the requests.
            payloads: decodes what is held of rows.
            catalog: this city's, of the moment.
            working_days: the tables.
            now: the latest time that is believed; what is dated after it has no day (EK2).
        """
        self._requests = requests
        self._payloads = payloads
        self._catalog = catalog
        self._working_days = working_days
        self._now = now
        self._looked_on: Date | None = None
        self._over: list[Place] = []
        self._given = 0
        self._tallies: Mapping[Sort, Tally] = MappingProxyType({})

    def next(self, session: ReadSession, today: Date) -> list[StatementRow]:
        """Rows whose term is over and whose opening is held still; empty when the day is done.

        The page is given again until nothing of it is left to erase.
        """
        if self._looked_on != today:
            self._over = sorted(self._look(session, today))
            self._given = 0
            self._looked_on = today
        while self._given < len(self._over):
            page = self._over[self._given : self._given + PAGE]
            held = [r for r in session.rows_at(page) if r.opening == OpeningStatus.PRESENT]
            if held:
                return held
            self._given += PAGE
        return []

    def skip(self) -> None:
        """Leave the rows given last for another day."""
        self._given += PAGE

    def report(self) -> dict[str, Any]:
        """How much of each sort was held when it was looked at last, for `huxin status`."""
        return {
            sort.value: {"held": one.held, "without_term": one.without_term}
            for sort, one in self._tallies.items()
            if one.held
        }

    def counted(self, session: ReadSession) -> dict[str, Any]:
        """The same of now."""
        self._look(session, Date(0))
        return self.report()

    def _look(self, session: ReadSession, today: Date) -> list[Place]:
        """Places of what is over; counts all on the way."""
        catalog, days = self._catalog(), self._working_days()
        found: list[Place] = []
        counts = dict.fromkeys(Sort, Tally())
        for sort, place, begins in self._kept(session):
            last = last_day(sort, begins, catalog, days)
            counts[sort] = counts[sort].plus(last)
            if sort is not Sort.REQUEST and is_over(last, today):
                found.append(place)
        self._tallies = MappingProxyType(counts)
        return found

    def _kept(self, session: ReadSession) -> Iterator[_Kept]:
        """What has neither last day nor relief."""
        requests = self._requests.all(session)
        yield from _closed(requests)
        yield from self._told(session, requests)
        for rows in _pages(lambda after: session.undated(after, PAGE)):
            yield from _undated(rows)
        yield from self._others(session)

    def _told(self, session: ReadSession, requests: Sequence[RequestRead]) -> Iterator[_Kept]:
        """Reports, commitments, and answers that count for no request."""
        counted = {(one.row.log, one.row.idx) for asked in requests for one in asked.answers}
        cases: dict[tuple[int, bytes], list[tuple[Place, Date | None]]] = defaultdict(list)
        for rows in _pages(_listed(session, _TOLD, _IN_FORCE)):
            said = self._payloads(session, [row for row in rows if row.kind != Kind.REQUEST])
            for row, day in self._said_on(session, rows):
                place = (row.log, row.idx)
                match said.get(place):
                    case Outcome(case_id=case):
                        cases[row.log, case].append((place, day))
                    case Commitment() as commitment:
                        yield _Kept(Sort.COMMITMENT, place, _commitment(commitment, day))
                    case _ if _is_answer(row) and place not in counted:
                        yield _Kept(Sort.ANSWER, place, day)
                    case _ if row.kind != Kind.REQUEST:  # it cannot be read any more
                        yield _Kept(Sort.OTHER, place, day)
        for reports in cases.values():
            days = [day for _, day in reports if day is not None]
            begins = max(days) if len(days) == len(reports) else None
            yield from (_Kept(Sort.OUTCOME, place, begins) for place, _ in reports)

    def _others(self, session: ReadSession) -> Iterator[_Kept]:
        """What cannot be read, and what is about nothing that is held."""
        for rows in _pages(_listed(session, None, _ASIDE)):
            unread = [row for row in rows if row.kind not in RELIEF_KINDS and not row.until]
            for row, day in self._said_on(session, unread):
                yield _Kept(Sort.OTHER, (row.log, row.idx), day)
        for rows in _pages(_listed(session, _ACTS, _IN_FORCE)):
            for row, day in self._said_on(session, _about_nothing(session, rows)):
                yield _Kept(Sort.OTHER, (row.log, row.idx), day)

    def _said_on(
        self, session: ReadSession, rows: Sequence[StatementRow]
    ) -> Iterator[tuple[StatementRow, Date | None]]:
        """Rows with the day on which each was said (EK2)."""
        believed = self._now()
        places = [(row.log, row.idx) for row in rows]
        for row, leaf in zip(rows, session.leaves_at(places) if places else (), strict=True):
            first = session.first_note(row.log, row.idx)
            size = session.first_note_below(row.log, row.idx + 1)
            before = session.first_note(row.log, size - 1) if size else None
            at = said_at(
                parse_header(leaf).issued_at,
                after=Timestamp(0) if before is None else before.cosigned_at,
                covered=None if first is None else first.cosigned_at,
                believed=believed,
            )
            yield row, None if at is None else date_of(at)


def _closed(requests: Sequence[RequestRead]) -> Iterator[_Kept]:
    """Requests that are closed; what is open is kept for what it is."""
    for one in requests:
        last = one.last()
        if one.state not in OPEN_STATES and last is not None:
            closed = date_of(max(one.issued_at, last.issued_at))
            yield _Kept(Sort.REQUEST, (one.row.log, one.row.idx), closed)


def _is_answer(row: StatementRow) -> bool:
    return row.kind == Kind.REQUEST and row.action != RequestAction.FORWARDED


def _pages(page: Page) -> Iterator[Sequence[StatementRow]]:
    """Rows whose opening is held and no open kind's, a page at a time."""
    after = _START
    while rows := page(after):
        after = (rows[-1].log, rows[-1].idx)
        yield [
            row
            for row in rows
            if row.opening == OpeningStatus.PRESENT and row.kind not in OPEN_KINDS
        ]


def _commitment(payload: Commitment, said: Date | None) -> Date | None:
    """The day on which a commitment's term begins (EK4)."""
    if said is None:
        return None
    return commitment_begins(said, payload.due_on, payload.performed_on)


def _listed(session: ReadSession, kinds: Sequence[int] | None, states: Sequence[int]) -> Page:
    def page(after: Place) -> Sequence[StatementRow]:
        return session.list_rows(log=None, kinds=kinds, states=states, after=after, limit=PAGE)

    return page


def _undated(rows: Iterable[StatementRow]) -> Iterator[_Kept]:
    """Listings, penalties and commendations by their decision; reliefs, which have no row (EK5)."""
    for row in rows:
        if row.kind in RELIEF_KINDS:
            yield _Kept(Sort.RELIEF, (row.log, row.idx), None)
        elif row.state not in (*_ENDED, *_ASIDE):
            yield _Kept(Sort.UNDATED, (row.log, row.idx), Date(row.decided_on) or None)


def _about_nothing(session: ReadSession, rows: Sequence[StatementRow]) -> Sequence[StatementRow]:
    """Acts that end with nothing: what they are about, or its record, is not held here."""
    abouts = sorted({row.about for row in rows if row.about})
    listed = {
        (target.log, target.statement_id)
        for target in session.rows_by_id(None, abouts)
        if target.kind in LISTED_KINDS and target.opening != OpeningStatus.NOT_FOR_US
    }
    tags = sorted({row.record_tag for row in rows if row.record_tag})
    records = {row.record_tag for row in session.rows_by_record(tags, LISTED_KINDS)}
    return [
        row
        for row in rows
        if (
            row.record_tag not in records
            if row.kind == Kind.RELISTING
            else (row.log, row.about) not in listed
        )
    ]
