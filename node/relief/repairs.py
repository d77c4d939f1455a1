"""How far each relief 修复、撤销 has come, as an operator asks for it (`huxin repairs`).

Read from the logs as they are held, in one snapshot: a page costs a few questions for each log that
it names, and one for each receipt on it. By the rules RP1-RP15 of `federation.relief.progress`.

    RP16 a relief is done here once every member has executed it and no department of this city has
         still to say that what it did on the listing was undone or looked at again
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from adapters.state.keyring import KeyRing
from federation.errors import RefusedError
from federation.facts import PayloadReader
from federation.ids import Date, Origin, StatementId, Timestamp
from federation.payloads import Annotation, Relief
from federation.ports.findings import Place
from federation.ports.store import LogHead, ReadSession, Store
from federation.reconcile.catalog import Catalog
from federation.reconcile.deadlines import Due, confirmed, due, end_of, rows
from federation.reconcile.obligations import Obligation
from federation.relief.progress import (
    Progress,
    Rates,
    Verdict,
    begins_on,
    is_relief,
    obligation_of,
    owed,
    progress,
    rates,
)
from federation.rows import LISTED_KINDS, RELIEF_KINDS, OpeningStatus, State, StatementRow
from federation.screening.outcomes import ENDING
from federation.statements import Kind
from federation.working_days import WorkingDays
from node.charters.view import TrustView
from node.relief.member_words import MemberWords, by_log

Departments = Callable[
    [Collection[tuple[str, int]]], Mapping[tuple[str, int], Sequence[Mapping[str, Any]]]
]
KINDS: Final = (Kind.REPAIR, Kind.WITHDRAWAL, Kind.ANNOTATION)
RATED: Final = 200
"""Reliefs read at once for rates."""
SCANNED: Final = 150
"""Leaves looked at for one page, where few of them are what was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which reliefs are asked for; all where nothing is said."""

    late: bool = False
    outstanding: bool = False
    member: str = ""
    """Region, name or log of a member: only what is its to do."""
    since: Date = Date(0)
    """Decided on this day or later."""
    list_type: str = ""


EVERYTHING: Final = Wanted()


class Followed(NamedTuple):
    """A relief and how far it has come."""

    row: StatementRow
    origin: Origin
    city: str
    about: StatementRow | None
    """The listing, where it is held."""
    obligation: Obligation | None
    unknown: str
    """Why the deadline is not known: `no-obligation`, `no-date`, `not-proved` (RP12), `no-row`,
    `year-not-covered`; empty where it is."""
    audience_known: bool
    over: bool
    """Whether nobody has to execute it any more (RP10)."""
    subject_name: str
    document: str
    progress: Progress
    departments: Sequence[Mapping[str, Any]] = ()
    """What departments of this city have still to say of it (RP16), where it was asked for."""

    @property
    def done(self) -> bool:
        """Whether neither a member nor a department of this city has anything left to do."""
        return not self.departments and all(
            one.executed is not None for one in self.progress.members
        )


class Repairs:
    """Reads reliefs and what members did about them; any thread, blocks."""

    def __init__(
        self,
        *,
        own: Origin,
        store: Store,
        keyring: KeyRing,
        payloads: PayloadReader,
        trust: Callable[[], TrustView],
        catalog: Callable[[], Catalog],
        working_days: Callable[[], WorkingDays],
        now: Callable[[], Timestamp],
        departments: Departments,
    ) -> None:
        """Wire it.

        Args:
            own: our log.
            store: what is held.
            keyring: opens it.
            payloads: reads it.
            trust: the charters of the moment.
            catalog: this city's, of the moment.
            working_days: the tables.
            now: never behind any clock that is believed.
            departments: of listings by place, what departments here have still to say of them.
        """
        self._own = own
        self._store = store
        self._keyring = keyring
        self._payloads = payloads
        self._trust = trust
        self._catalog = catalog
        self._working_days = working_days
        self._now = now
        self._departments = departments

    def get(self, statement_id: StatementId) -> Followed:
        """One relief; of a listing the one that ended it, else the last masking or pause of it.

        Raises:
            RefusedError: `record.unknown`; `relief.unknown`: it is no relief, and no listing that
                has one.
        """
        with self._store.read() as session:
            found = session.rows_by_id(None, [statement_id])
            if not found:
                message = f"no statement {statement_id.hex()} is held here"
                raise RefusedError("record.unknown", message)
            reliefs = [row for row in found if is_relief(row.kind, row.action)]
            if not reliefs and any(row.kind in LISTED_KINDS for row in found):
                reliefs = _of_listing(session, statement_id)
            if not reliefs:
                message = (
                    f"{statement_id.hex()} 不是修复、撤销、屏蔽或暂停，也不是有此类声明的列入；"
                    f"见 huxin repairs list / {statement_id.hex()} is no repair, withdrawal, "
                    "masking or pause, and no listing that has one; see huxin repairs list"
                )
                raise RefusedError("relief.unknown", message)
            return self._with_departments(session, self.followed(session, reliefs[:1]))[0]

    def page(
        self, wanted: Wanted, page_size: int, after: Place | None
    ) -> tuple[Sequence[Followed], Place | None]:
        """A page, and after which place the next one begins; None at the end.

        A page may be shorter than asked for, even empty, where few of many are wanted.
        """
        found: list[Followed] = []
        with self._store.read() as session:
            for _ in range(max(1, SCANNED // page_size)):
                rows = session.list_rows(
                    log=None, kinds=KINDS, states=[State.IN_FORCE], after=after, limit=page_size
                )
                followed = self.followed(session, _reliefs(rows, wanted))
                for one in self._with_departments(session, followed):
                    if _fits(one, wanted):
                        if len(found) == page_size:
                            return found, after
                        found.append(one)
                        after = (one.row.log, one.row.idx)
                if len(rows) < page_size:
                    return found, None
                after = (rows[-1].log, rows[-1].idx)
                if len(found) == page_size:
                    break
        return found, after

    def rates(self, first: Date, last: Date) -> tuple[int, Rates]:
        """How many reliefs of our own log were decided in a period, and their rates.

        Raises:
            RefusedError: `working-days.invalid`.
        """
        found: list[Followed] = []
        with self._store.read() as session:
            head, after = session.head(self._own), -1
            while head is not None and (
                page := session.list_rows(
                    log=head.log,
                    kinds=KINDS,
                    states=[State.IN_FORCE],
                    after=(head.log, after),
                    limit=RATED,
                )
            ):
                after = page[-1].idx
                decided = [row for row in _reliefs(page, EVERYTHING) if first <= row.decided_on]
                decided = [row for row in decided if row.decided_on <= last]
                found += [one for one in self.followed(session, decided) if not one.over]
        return len(found), rates((end_of(Date(one.row.decided_on)), one.progress) for one in found)

    def followed(
        self, session: ReadSession, reliefs: Sequence[StatementRow], *, timed: bool = True
    ) -> list[Followed]:
        """How far reliefs have come.

        Args:
            session: what is held.
            reliefs: rows of reliefs, maskings and pauses.
            timed: whether times of members are wanted; without them it is only who has done what.
        """
        now = self._now()
        found = MemberWords(session, self._trust(), self._own, reliefs, timed=timed, now=now)
        said = self._payloads_of(session, found.heads, reliefs) if timed else {}
        deadlines = _Deadlines(self._catalog(), self._working_days())
        return [
            self._one(row, found, deadlines, said.get((row.log, row.idx), ("", "")), now)
            for row in reliefs
        ]

    def _with_departments(self, session: ReadSession, found: Sequence[Followed]) -> list[Followed]:
        """With what departments here have still to say of the listings that these ended (RP16).

        Of each copy of the record that ended with it too, by whatever log it came.
        """
        heads = {head.log: head.origin for head in session.heads()}
        ended = [
            one.about
            for one in found
            if one.row.kind in RELIEF_KINDS and one.about is not None and not one.over
        ]
        tags = sorted({row.record_tag for row in ended if row.record_tag is not None})
        copies = session.rows_by_record(tags, LISTED_KINDS) if tags else ()
        of_record: dict[bytes, set[tuple[str, int]]] = {}
        for row in (*ended, *copies):
            if row.state in ENDING:
                held = of_record.setdefault(row.record_tag or row.statement_id, set())
                held.add((heads[row.log], row.idx))
        told = self._departments(set().union(*of_record.values())) if of_record else {}
        return [
            one._replace(
                departments=[
                    said
                    for place in sorted(
                        of_record.get(one.about.record_tag or one.about.statement_id, ())
                    )
                    for said in told.get(place, ())
                ]
            )
            if one.about is not None and one.row.kind in RELIEF_KINDS
            else one
            for one in found
        ]

    @staticmethod
    def _one(
        row: StatementRow,
        found: MemberWords,
        deadlines: _Deadlines,
        said: tuple[str, str],
        now: Timestamp,
    ) -> Followed:
        origin = found.heads[row.log].origin
        obligation = obligation_of(row.kind, row.action)
        published = found.published(row)
        begins = begins_on(Date(row.decided_on), published)
        spoken, unknown = deadlines.due(obligation, row.decided_on)
        until = None
        if spoken is not None and begins is None:
            unknown = "not-proved"
        elif spoken is not None and begins is not None:
            until, unknown = deadlines.due(obligation, begins)
        return Followed(
            row=row,
            origin=origin,
            city=found.trust.city(origin),
            about=found.listings.get((row.log, row.idx)),
            obligation=obligation,
            unknown=unknown,
            audience_known=row.audience is not None,
            over=(row.log, row.idx) in found.over,
            subject_name=said[0],
            document=said[1],
            progress=progress(
                row.kind,
                found.region(origin),
                published,
                [found.words(row, member) for member in found.members(row)],
                due=until,
                push_due=None if begins is None else deadlines.due(Obligation.PUSH, begins)[0],
                said_due=deadlines.due(Obligation.WITHDRAW, row.decided_on)[0],
                spoken_due=owed(spoken, found.member_since(row, origin)),
                now=now,
            ),
        )

    def _payloads_of(
        self, session: ReadSession, heads: Mapping[int, LogHead], reliefs: Sequence[StatementRow]
    ) -> dict[Place, tuple[str, str]]:
        """Name of the subject and document of those whose openings are held."""
        found: dict[Place, tuple[str, str]] = {}
        for log, held in by_log(reliefs).items():
            kinds = {row.idx: Kind(row.kind) for row in held}
            stored = session.openings(
                log, [row.idx for row in held if row.opening == OpeningStatus.PRESENT]
            )
            for one, opening in self._keyring.held_openings(heads[log].origin, stored):
                payload = self._payloads.decode(kinds[one.index], opening.payload)
                if isinstance(payload, Relief):
                    found[log, one.index] = (payload.subject_name, payload.document)
                elif isinstance(payload, Annotation):
                    found[log, one.index] = ("", payload.document)
        return found


class _Deadlines:
    """Until when, by the editions adopted; each day is looked up once."""

    def __init__(self, catalog: Catalog, days: WorkingDays) -> None:
        self._catalog = catalog
        self._days = days
        self._known: dict[tuple[Obligation, int], tuple[Due | None, str]] = {}

    def due(self, obligation: Obligation | None, begins: int) -> tuple[Due | None, str]:
        """The deadline, and where there is none why."""
        if obligation is None:
            return None, "no-obligation"
        if not begins:
            return None, "no-date"
        asked = (obligation, begins)
        if asked not in self._known:
            day = Date(begins)
            found = due(obligation, day, self._catalog, self._days)
            self._known[asked] = (found, "" if found is not None else self._why(obligation, day))
        return self._known[asked]

    def _why(self, obligation: Obligation, day: Date) -> str:
        counts = any(
            row.obligation is obligation and confirmed(self._catalog, edition, row)
            for edition, row in rows(self._catalog, day)
        )
        return "year-not-covered" if counts else "no-row"


def _of_listing(session: ReadSession, listing: StatementId) -> list[StatementRow]:
    """What relieves a listing by its id and is in force: what ends it first, the last one first."""
    about = [
        row
        for row in session.rows_about([listing])
        if is_relief(row.kind, row.action) and row.state == State.IN_FORCE
    ]
    return sorted(about, key=lambda row: (row.kind in RELIEF_KINDS, row.log, row.idx), reverse=True)


def _reliefs(found: Sequence[StatementRow], wanted: Wanted) -> list[StatementRow]:
    return [
        row for row in found if is_relief(row.kind, row.action) and row.decided_on >= wanted.since
    ]


def _fits(one: Followed, wanted: Wanted) -> bool:
    """Whether a relief is what was asked for."""
    if one.over:
        return False
    members = one.progress.members
    spoken = one.progress.spoken is Verdict.LATE
    if wanted.member:
        spoken = spoken and _is(one.origin, one.city, "", wanted.member)
        members = [m for m in members if _is(m.member, m.city, m.region, wanted.member)]
        if not members and not spoken:
            return False
    if wanted.outstanding and (
        all(m.executed is not None for m in members) if wanted.member else one.done
    ):
        return False
    owing = not wanted.member and any(each["overdue"] for each in one.departments)
    if wanted.late and not spoken and not owing and not any(m.late for m in members):
        return False
    listed = one.row.list_type or (one.about.list_type if one.about is not None else "")
    return not wanted.list_type or listed == wanted.list_type


def _is(member: Origin, city: str, region: str, named: str) -> bool:
    return named in (member, city, region)
