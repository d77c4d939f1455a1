"""A page of a watch: who must be judged again is, what differs is kept, and then it is told.

    one snapshot of the store → judged (a part of the sweep, who was touched) → events, judged in
    the same snapshot → one unit of the query store: answers that differ, the entry of the query
    log → the page

    WA7  events are judged when they are read, in one snapshot, by what a question of that moment
         would be told (`node.screening.watch_judging`); what was remembered decides only whether
         something is told, never what
    WA8  a page is given only once its entry of the query log, with the subjects it tells of, and
         the answers that differ are durable, together or not at all. A stream gives no page that
         tells nothing, but for its first and while subjects are left; what is not given leaves no
         entry
    WA9  one reading takes bounded time: what is not judged by then is judged by the next one, and
         the page says how many are left

What fails in between leaves what is kept as it was; what was known in memory is forgotten and read
anew.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Final

from adapters.sql.query_store import QueryStore, QueryWrites
from adapters.sql.watches import (
    StoredAnswer,
    StoredWatch,
    add_answers,
    answers_of,
    group_rows,
    groups_of,
    watch_by_number,
)
from federation.errors import RefusedError
from federation.ids import Timestamp
from federation.ports.store import ReadSession, Store
from federation.ports.touched import Touched
from federation.screening.query_log import EntryKind, Promise
from federation.screening.roles import Action, Asker
from federation.screening.watches import (
    COVERAGE,
    HELD,
    Change,
    Held,
    Position,
    Seen,
    Subject,
    covered,
    event,
    seen_from_bytes,
)
from node.access.query_keys import QueryKeys, Sealed
from node.access.query_log import Entry, QueryLog
from node.access.query_log import Subject as Asked
from node.access.query_writer import QueryWriter
from node.screening.watch_index import WatchIndex
from node.screening.watch_judging import Judged, Moment, Terms, WatchJudging
from node.screening.watch_subjects import firsts_of, grouped, open_group
from node.system.failpoints import Failpoints

LOOK_SECONDS: Final = 1.0
"""Until one reading leaves the rest to the next (WA9)."""
KNOWN_SUBJECTS: Final = 4_000_000
"""Subjects of watches that are known in memory at one time; the one read longest ago goes first."""
GROUPS: Final = 4
"""Groups judged together."""
REFERENCES: Final = 256
"""Records that an entry of the query log names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An event: a subject whose answer is another one now."""

    judged: Judged
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What was read."""

    moment: Moment
    logs: tuple[Change, ...]
    events: tuple[Told, ...]
    position: Position
    more: bool
    pending: int
    promises: tuple[Promise, ...]


class WatchReading:
    """Reads pages; any thread, one at a time of each watch."""

    def __init__(
        self,
        *,
        store: Store,
        queries: QueryStore,
        writer: QueryWriter,
        keys: QueryKeys,
        log: QueryLog,
        judging: WatchJudging,
        monotonic: Callable[[], float],
        failpoints: Failpoints,
        seconds: float = LOOK_SECONDS,
    ) -> None:
        """Wire it.

        Args:
            store: of the statements; only read.
            queries: the query store; only read.
            writer: of the query store.
            keys: seal what is kept.
            log: the query log.
            judging: judges subjects.
            monotonic: seconds that only go forward.
            failpoints: for the crash tests.
            seconds: that one reading may take, about.
        """
        self._store = store
        self._queries = queries
        self._writer = writer
        self._keys = keys
        self._log = log
        self._judging = judging
        self._monotonic = monotonic
        self._failpoints = failpoints
        self._seconds = seconds
        self._guard = threading.Lock()
        self._known: dict[str, WatchIndex] = {}
        """By number, the one read last at the end; replaced as a whole."""

    def touched(self, touched: Touched) -> None:
        """What is held of some subjects changed; called on the thread that wrote."""
        for index in self._known.values():
            index.touch(touched)

    def forget(self, number: str) -> None:
        """Let go of what is known of a watch."""
        with self._guard:
            self._known = {one: index for one, index in self._known.items() if one != number}

    def page(
        self,
        asker: Asker,
        watch: StoredWatch,
        terms: Terms,
        position: Position,
        *,
        size: int,
        quiet: bool = False,
    ) -> Page | None:
        """Read a page.

        Args:
            asker: who reads, and may.
            watch: that is read.
            terms: for what it is.
            position: from where.
            size: events on it, at most.
            quiet: whether a page that tells nothing, with nobody left, is none.

        Raises:
            RefusedError: `matter.…`, `check.unready`, `watch.unknown`.
            StoreError: a store; nothing was told.
        """
        with self._guard:
            index = self._index(watch)
        with index.lock:
            try:
                return self._page(index, asker, watch, terms, position, size=size, quiet=quiet)
            except BaseException:
                self.forget(watch.number)
                raise

    # ------------------------------------------------------------------ reading

    def _page(
        self,
        index: WatchIndex,
        asker: Asker,
        watch: StoredWatch,
        terms: Terms,
        position: Position,
        *,
        size: int,
        quiet: bool,
    ) -> Page | None:
        fresh: list[Held] = []
        rows: list[int] = []

        def keep(row: int, seen: Seen) -> None:
            held = index.held.get(row)
            if (held[-1].seen if held else seen_from_bytes(b"", row)) != seen:
                one = Held(number=index.changes + len(fresh) + 1, seen=seen)
                index.keep(row, one)
                fresh.append(one)
                rows.append(row)

        touched = index.taken()  # before the snapshot begins: what comes later is judged later
        with self._store.read() as session:
            origins = {head.log: head.origin for head in session.heads()}
            moment = self._judging.moment(session, watch.matter)
            index.begin(moment, touched, origins)
            sweeping = not index.is_swept
            judged = self._judge(index, session, moment, watch.number, terms)
            for one in judged.values():
                keep(one.subject.row, one.seen)
            keep(COVERAGE, covered(moment.coverage))
            waiting = self._waiting(index, position, size + 1)
            wanted = [row for row in waiting if row not in judged]
            judged |= self._look(session, moment, watch.number, terms, index, wanted)
            for row in wanted:
                keep(row, judged[row].seen)
        changes = index.changes + len(fresh)
        events = [
            Told(judged=judged[row], changes=said)
            for row in waiting[:size]
            if (said := event(index.held[row], position.after, judged[row].seen, row))
        ]
        logs: tuple[Change, ...] = ()
        if position.row < 0 and COVERAGE in index.held:
            logs = event(index.held[COVERAGE], position.after, covered(moment.coverage), COVERAGE)
        more = len(waiting) > size
        page = Page(
            moment=moment,
            logs=logs,
            events=tuple(events),
            position=position.next(changes, waiting[size - 1] if more else None),
            more=more,
            pending=index.pending,
            promises=(),
        )
        nothing = quiet and not (events or logs or more or sweeping)
        if nothing and not fresh:
            return None
        forgotten = _trimmed(index, rows)
        answers = [
            self._sealed(watch.number, row, one) for row, one in zip(rows, fresh, strict=True)
        ]
        entries = [] if nothing else list(_entries(asker, watch.number, terms, page))
        unit = partial(self._kept, number=watch.number, answers=answers, forgotten=forgotten)
        with self._failpoints.at("watch.read"):
            promises = self._writer.submit(partial(unit, entries=entries)).result()
        index.changes = changes
        return None if nothing else replace(page, promises=tuple(promises))

    def _judge(
        self,
        index: WatchIndex,
        session: ReadSession,
        moment: Moment,
        number: str,
        terms: Terms,
    ) -> dict[int, Judged]:
        """Judge who was touched, and go on with the sweep, as long as there is time (WA9).

        Only those whose answer is another one than the last are given back.
        """
        until = self._monotonic() + self._seconds
        differing: dict[int, Judged] = {}

        def differs(one: Judged) -> bool:
            held = index.held.get(one.subject.row)
            before = held[-1].seen if held else seen_from_bytes(b"", one.subject.row)
            return before != one.seen

        while index.dirty and self._monotonic() < until:
            some = sorted(index.dirty)[: GROUPS * 64]
            found = self._look(session, moment, number, terms, index, some)
            for row in some:  # whoever is not watched was taken for somebody who is
                index.dirty.discard(row)
            differing |= {row: one for row, one in found.items() if differs(one)}
        while not index.is_swept and self._monotonic() < until:
            firsts = index.firsts[index.swept : index.swept + GROUPS]
            for subjects in self._groups(number, firsts):
                found_now = list(self._judging.judged(session, moment, terms, subjects))
                index.swept_group(found_now)
                differing |= {one.subject.row: one for one in found_now if differs(one)}
        return differing

    def _look(
        self,
        session: ReadSession,
        moment: Moment,
        number: str,
        terms: Terms,
        index: WatchIndex,
        rows: Sequence[int],
    ) -> dict[int, Judged]:
        """Judge the subjects of some rows."""
        if not rows:
            return {}
        wanted = frozenset(rows)
        found: dict[int, Judged] = {}
        for subjects in self._groups(number, firsts_of(index.firsts, rows)):
            some = [one for one in subjects if one.row in wanted]
            for one in self._judging.judged(session, moment, terms, some):
                index.note(one)
                found[one.subject.row] = one
        return found

    def _groups(self, number: str, firsts: Sequence[int]) -> Iterator[list[Subject]]:
        with self._queries.read() as reads:
            stored = groups_of(reads, number, list(firsts))
        for group in stored:
            yield open_group(self._keys, group)

    @staticmethod
    def _waiting(index: WatchIndex, position: Position, most: int) -> list[int]:
        """Rows of the first subjects that may have to be told, in order."""
        after = position.after
        waiting = (
            row
            for row in index.rows_after(max(position.row, COVERAGE))
            if (held := index.held[row])[-1].number > after
            and event(held, after, held[-1].seen, row)
        )
        return list(islice(waiting, most))

    # ------------------------------------------------------------------ keeping

    def _index(self, watch: StoredWatch) -> WatchIndex:
        """What is known of a watch, made anew where it is not."""
        known = self._known
        index = known.get(watch.number)
        if index is None:
            with self._queries.read() as reads:
                firsts = group_rows(reads, watch.number)
                stored = list(answers_of(reads, watch.number))
                now = watch_by_number(reads, watch.number) or watch
            index = WatchIndex(firsts, watch.subjects, now.changes)
            index.load((one.row, Held(number=one.change, seen=self._opened(one))) for one in stored)
        others = {one: some for one, some in known.items() if one != watch.number}
        room = KNOWN_SUBJECTS - watch.subjects
        for number in reversed(others):
            room -= others[number].subjects
            if room < 0:
                others = {one: some for one, some in others.items() if one != number}
        self._known = others | {watch.number: index}
        return index

    def _kept(
        self,
        writes: QueryWrites,
        *,
        number: str,
        answers: Sequence[StoredAnswer],
        forgotten: Sequence[int],
        entries: Sequence[Entry],
    ) -> Sequence[Promise]:
        """Keep answers and entries of the watch, which must be there still (WA8)."""
        watch = watch_by_number(writes, number)
        if watch is None or watch.ended_at or watch.sealed is None:
            raise gone()
        add_answers(writes, number, answers, forgotten)
        return self._log.record_all(writes, entries) if entries else ()

    def _sealed(self, number: str, row: int, held: Held) -> StoredAnswer:
        sealed = self._keys.seal(held.seen.to_bytes(), place=_place(number, held.number, row))
        return StoredAnswer(
            number=number, change=held.number, row=row, key=sealed.key, sealed=sealed.data
        )

    def _opened(self, one: StoredAnswer) -> Seen:
        sealed = Sealed(key=one.key, data=one.sealed)
        plain = self._keys.open(sealed, place=_place(one.number, one.change, one.row))
        return seen_from_bytes(plain, one.row)


def gone() -> RefusedError:
    """What is said of a watch that is not there, or another's."""
    return RefusedError("watch.unknown", "没有此跟踪 / expected the number of an own watch")


def _place(number: str, change: int, row: int) -> bytes:
    return f"watch-answer\0{number}\0{change}\0{row}".encode()


def _trimmed(index: WatchIndex, rows: Sequence[int]) -> list[int]:
    """Let go of answers beyond those that are remembered (WA5); numbers of their changes."""
    forgotten: list[int] = []
    for row in rows:
        held = index.held[row]
        forgotten += [one.number for one in held[:-HELD]]
        index.held[row] = held[-HELD:]
    return forgotten


def _entries(asker: Asker, number: str, terms: Terms, page: Page) -> Iterator[Entry]:
    """What the query log is told: who was told of, and by which records."""
    by_row = {one.judged.subject.row: one.judged for one in page.events}
    groups = list(grouped(one.judged.subject for one in page.events)) or [[]]
    for group in groups:
        answers = [by_row[one.row].answer for one in group]
        named = [
            *(one.reference for answer in answers for one in answer.matches),
            *(one.reference for answer in answers for one in answer.notes),
        ]
        yield Entry(
            kind=EntryKind.QUESTION,
            asker=asker.credential,
            department=asker.department,
            action=Action.WATCH.value,
            at=Timestamp(page.moment.at),
            matter=terms.matter,
            purpose=terms.purpose,
            case_no=terms.case_no,
            subjects=tuple(Asked(code=one.code, name=one.name) for one in group),
            result=f"{len(group)}",
            number=number,
            references=tuple(f"{one.origin}/{one.index}" for one in named[:REFERENCES]),
        )
