"""Ledgers of campaigns as they stand, kept in memory, so that no page reads all their listings.

A ledger is read whole when it is asked for first, and again when the day, the charters, the base
library or everything changed. After that only entries are read again of which a transaction touched
what they hang on: the listing itself, what is about it (a correction, a relief), and a relief or
relisting of its record. So a relief counts with the first question after it, as if nothing were
kept (CA2), and after a restart nothing of it is needed.

What was touched is taken before a snapshot begins: what comes later is not in it for sure, and is
taken by the next reading. One lock keeps readers from mending the same ledgers at once; whoever
writes only notes ids, under a lock that nobody holds while something is read.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Final, NamedTuple

from adapters.state.reading_ring import ReadingRing
from federation.ids import Date, StatementId
from federation.life import life
from federation.ports.campaigns import Campaign, KeptEntry
from federation.ports.findings import Place
from federation.ports.store import ReadSession, Store
from federation.ports.touched import Touched
from federation.quality.campaigns import Entry, Rate, Standing, rate, standings
from federation.rows import State, StatementRow
from federation.statements import Kind
from node.charters.view import TrustView
from node.records.endings import ended_days
from node.records.listed_subjects import listed_subjects
from node.records.records import in_force
from node.records.subject_codes import SubjectCodes

KEPT_MAX: Final = 400_000
"""Entries kept of all ledgers together, about 500 bytes each; those asked for last stay."""
_AT_ONCE: Final = 4096
_RELIEVED: Final = (State.REPAIRED, State.WITHDRAWN)


class Ledger:
    """A ledger as it stood in one snapshot."""

    def __init__(self, subjects: Sequence[Standing]) -> None:
        """Of subjects in the order of entry."""
        self.subjects: Final = tuple(subjects)
        self._rates: dict[tuple[Date, Date], tuple[Rate, int]] = {}

    def counted(self, due: Date, day: Date) -> tuple[Rate, int]:
        """How far it had come on a day, and how many entries it had; counted once."""
        found = self._rates.get((due, day))
        if found is None:
            entries = sum(len(one.entries) for one in self.subjects if one.added_on <= day)
            found = self._rates[due, day] = rate(self.subjects, due, day), entries
        return found


class _Moment(NamedTuple):
    """All but rows and openings on which entries hang."""

    day: Date
    trust: TrustView
    library: object


class _Read(NamedTuple):
    """An entry as it was read, its subject under the tag of its own code."""

    entry: Entry
    record: bytes | None
    """Tag of its record, where that is known."""
    tags: tuple[bytes, ...]
    """Of all codes of its subject (SJ1), where its opening is held."""


class _Kept:
    """One ledger in memory, and what was touched of it since it was read."""

    def __init__(self, campaign: Campaign, moment: _Moment) -> None:
        self.campaign: Final = campaign
        self.moment: Final = moment
        self.entries: dict[bytes, Entry] = {}
        """By statement, in the order in which they were entered."""
        self.by_record: defaultdict[bytes, set[bytes]] = defaultdict(set)
        """Entries by the tag of their record."""
        self.codes: dict[bytes, tuple[bytes, tuple[bytes, ...]]] = {}
        """Of each entry the tag of its own code, and those of all codes of its subject."""
        self.place: dict[bytes, int] = {}
        """Of each subject in `subjects`."""
        self.subjects: list[Standing] = []
        self.ledger = Ledger(())
        self.dirty: set[bytes] = set()
        """Taken from `touched` before the snapshot of the next reading; `grown` likewise."""
        self.grown = True
        self.touched: set[bytes] = set()
        self.entered = False
        self.everything = False

    def touch(self, touched: Touched) -> None:
        """Note which entries have to be read again."""
        if touched.everything:
            self.everything = True
            return
        entered = self.entries.keys()
        self.touched |= entered & touched.listings
        self.touched |= entered & touched.statements
        for tag in self.by_record.keys() & touched.records:
            self.touched |= self.by_record[tag]

    def take(self) -> None:
        """What was touched until now is to be read again by the snapshot that begins next."""
        self.dirty |= self.touched
        self.grown |= self.entered
        self.touched, self.entered = set(), False

    def note(self, read: Sequence[_Read]) -> bool:
        """Note entries that were read; whether their subjects may be others than before."""
        apart = False
        for one in read:
            entry = one.entry
            codes = entry.subject, one.tags
            if self.codes.get(entry.statement_id) != codes:
                apart = True
                self.codes[entry.statement_id] = codes
            else:
                entry = replace(entry, subject=self.entries[entry.statement_id].subject)
            self.entries[entry.statement_id] = entry
            if one.record is not None:
                self.by_record[one.record].add(entry.statement_id)
        return apart

    def stand(self, read: Sequence[_Read], *, apart: bool) -> None:
        """Stand the subjects anew of whom entries were read; all, where others may be one now."""
        if apart:
            linked: dict[bytes, bytes] = {}
            for _, tags in self.codes.values():
                linked |= dict.fromkeys(tags, tags[0] if tags else b"")
            for id_, (own, _) in self.codes.items():
                subject = linked.get(own, own)
                if self.entries[id_].subject != subject:
                    self.entries[id_] = replace(self.entries[id_], subject=subject)
            self.subjects = standings(self.entries.values())
            self.place = {one.entries[0].subject: n for n, one in enumerate(self.subjects)}
        else:
            ids = (one.entry.statement_id for one in read)
            for subject in {self.entries[one].subject for one in ids}:
                place = self.place[subject]
                held = (self.entries[one.statement_id] for one in self.subjects[place].entries)
                (self.subjects[place],) = standings(held)
        self.ledger = Ledger(self.subjects)


class Ledgers:
    """The ledgers of a node; any thread."""

    def __init__(
        self,
        *,
        store: Store,
        keyring: ReadingRing,
        codes: SubjectCodes,
        trust: Callable[[], TrustView],
        library: Callable[[], object],
        today: Callable[[], Date],
    ) -> None:
        """Keep nothing yet.

        Args:
            store: what is held.
            keyring: opens it.
            codes: by which codes one subject stands (CA3).
            trust: the charters of the moment.
            library: which base library it is.
            today: never behind any clock that is believed.
        """
        self._store = store
        self._keyring = keyring
        self._codes = codes
        self._trust = trust
        self._library = library
        self._today = today
        self._kept: dict[int, _Kept] = {}
        """The one that was asked for last stands last."""
        self._noted: Touched | None = None
        """What was touched since the snapshot of a reading began, while ledgers are read."""
        self._lock = threading.Lock()
        self._guard = threading.Lock()

    def touched(self, touched: Touched) -> None:
        """What is held changed; called on the thread that wrote."""
        with self._guard:
            if self._noted is not None:
                self._noted.add(touched)
            for kept in self._kept.values():
                kept.touch(touched)

    def entered(self, campaign: int) -> None:
        """Listings were entered into a campaign."""
        with self._guard:
            if campaign in self._kept:
                self._kept[campaign].entered = True

    @contextmanager
    def reading(
        self, chosen: Callable[[ReadSession], Iterable[Campaign]]
    ) -> Iterator[tuple[ReadSession, list[tuple[Campaign, Ledger]]]]:
        """A snapshot, and campaigns chosen in it with their ledgers as they stand in it."""
        with ExitStack() as held:
            with self._lock:
                moment = _Moment(self._today(), self._trust(), self._library())
                self._take(moment)
                try:
                    session = held.enter_context(self._store.read())
                    found = [(one, self._ledger(session, one, moment)) for one in chosen(session)]
                finally:
                    with self._guard:
                        self._noted = None
            yield session, found

    def _take(self, moment: _Moment) -> None:
        with self._guard:
            self._noted = Touched()
            for number, kept in list(self._kept.items()):
                if kept.everything or kept.moment != moment:
                    del self._kept[number]
                else:
                    kept.take()

    def _ledger(self, session: ReadSession, campaign: Campaign, moment: _Moment) -> Ledger:
        kept = self._kept.get(campaign.campaign) or _Kept(campaign, moment)
        if kept.grown:
            entered = session.campaign_entries(campaign.campaign)
            unread = [one for one in entered if one.statement_id not in kept.entries]
        else:
            unread = []
        again = (kept.entries[one] for one in kept.dirty)
        unread += (KeptEntry(one.statement_id, one.added_on, one.unit) for one in again)
        if unread:
            made = list(self._read(session, kept, unread))
            with self._guard:  # whoever writes looks at what is noted
                apart = kept.note(made)
            kept.stand(made, apart=apart)
        kept.dirty, kept.grown = set(), False
        self._keep(kept)
        return kept.ledger

    def _keep(self, kept: _Kept) -> None:
        """Keep a ledger, with what was touched since its snapshot began, and not too many."""
        with self._guard:
            self._kept.pop(kept.campaign.campaign, None)
            self._kept[kept.campaign.campaign] = kept
            if self._noted:
                kept.touch(self._noted)
            while len(self._kept) > 1 and self._entries() > KEPT_MAX:
                del self._kept[next(iter(self._kept))]

    def _entries(self) -> int:
        return sum(len(one.entries) for one in self._kept.values())

    def _read(
        self, session: ReadSession, kept: _Kept, unread: Sequence[KeptEntry]
    ) -> Iterator[_Read]:
        """Entries as they stand today."""
        for start in range(0, len(unread), _AT_ONCE):
            some = unread[start : start + _AT_ONCE]
            rows = listings(session, (one.statement_id for one in some))
            held = list(rows.values())
            current = dict(zip(rows, in_force(session, held), strict=True))
            decided = ended_days(session, held, kept.moment.trust)
            named = listed_subjects(session, self._keyring, held)
            names = self._codes.names(named.values())
            for one in some:
                row = rows.get(one.statement_id)
                name = None if row is None else named.get((row.log, row.idx))
                until = Date(0 if row is None else current[one.statement_id].until)
                state, ended_on = _ended(kept.moment.day, row, until, decided)
                yield _Read(
                    entry=Entry(
                        statement_id=StatementId(one.statement_id),
                        subject=(row.subject_tag if row else None) or one.statement_id,
                        added_on=one.added_on,
                        unit=one.unit or kept.campaign.unit,
                        state=state,
                        ended_on=ended_on,
                    ),
                    record=row.record_tag if row else None,
                    tags=tuple(self._codes.tags(names[name])) if name else (),
                )


def _ended(
    today: Date, row: StatementRow | None, until: Date, decided: Mapping[Place, Date]
) -> tuple[State | None, Date]:
    """State of a listing, and the day on which it ended; where its relief does not say, today."""
    if row is None:
        return None, Date(0)
    state = life.at(State(row.state), until, today)
    if state is State.EXPIRED:
        return state, until
    return state, decided.get((row.log, row.idx)) or today if state in _RELIEVED else Date(0)


def listings(session: ReadSession, ids: Iterable[bytes]) -> dict[bytes, StatementRow]:
    """The listings with these statement ids, the first of each."""
    wanted = list(dict.fromkeys(ids))
    rows = session.rows_by_id(None, wanted) if wanted else ()
    found: dict[bytes, StatementRow] = {}
    for row in sorted(rows, key=lambda one: (one.log, one.idx)):
        if row.kind == Kind.LISTING:
            found.setdefault(row.statement_id, row)
    return found
