"""The notices job: listings of others about subjects registered here, and what became of them.

Each followed log is gone through behind the judging job (cursor `noticed_to`), and what changed
since is queued by whoever changes it (`node.log.redelivery`). What is found and the cursor are
written in one transaction: a crash tells nothing twice and forgets nothing. What was touched after
it was read (`node.log.meanwhile`) is looked at again: nobody is told of a listing as it was. Where
the base library, the region or its successors change, all is gone through again; what was told
stays (NO5). Relief goes first, log by log in turn.

What judging has just read is not read again (NO8). A log on its way to a checkpoint is left until
it is there, as the other stages do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from adapters.state.keyring import KeyRing
from federation.facts import PayloadReader
from federation.ids import Date, Origin, Timestamp
from federation.life import life
from federation.life.annotations import open_annotations
from federation.life.life import STANDING
from federation.payloads import Relief
from federation.ports.findings import Place
from federation.ports.notices import KeptNotice, NoticeCursor
from federation.ports.store import LogHead, ReadSession, Store, WriteSession
from federation.ports.touched import Touched
from federation.rows import ACT_KINDS, RELIEF_KINDS, OpeningStatus, State, StatementRow
from federation.screening.notices import ENDED, Noticed, bits, has_changed, relief_tells, tells
from federation.statements import Kind
from node.charters.view import TrustView
from node.log.catching_up import CatchingUp
from node.log.chains import TrustChains
from node.log.meanwhile import Meanwhile
from node.log.round_robin import carries_relief, in_turns
from node.log.writer import WriteThread
from node.records.judged_pages import JudgedPages
from node.records.listed_subjects import listed_subjects
from node.records.records import in_force
from node.records.subject_codes import Name
from node.system.failpoints import Failpoints
from node.system.item_errors import ItemErrors

BATCH: Final = 1024
"""Leaves of one transaction."""
KNOWN_BATCH: Final = 16 * BATCH
"""Leaves of one transaction where it is known of most that there is nothing to tell."""
_START: Final = NoticeCursor(0, "")


class NoticeJob:
    """Finds what is told of; runs in a thread of its own."""

    def __init__(
        self,
        *,
        store: Store,
        writer: WriteThread,
        keyring: KeyRing,
        payloads: PayloadReader,
        trust: Callable[[], TrustView],
        pages: JudgedPages,
        now: Callable[[], Timestamp],
        today: Callable[[], Date],
        failpoints: Failpoints,
    ) -> None:
        """Wire it; `pages` has what judging read, `today` is never behind any believed clock."""
        self._store = store
        self._writer = writer
        self._keyring = keyring
        self._payloads = payloads
        self._trust = trust
        self._local = pages.local
        self._pages = pages
        self._now = now
        self._today = today
        self._failpoints = failpoints
        self._meanwhile = Meanwhile(store)
        self._catching_up = CatchingUp()
        self._passed = 0

    def waits(self) -> bool:
        """Whether time alone brings it on: a log is on its way to a checkpoint."""
        return bool(self._catching_up)

    def run(self) -> int:
        """Go through what has come, what changed and what has run out.

        Returns:
            The number of leaves passed.

        Raises:
            StoreError: the database; the next run goes on where this one was.
        """
        basis = self._local.basis()
        items = ItemErrors()
        self._passed = 0
        with self._store.read() as session:
            heads = self._followed(session)
            cursors = session.notice_cursors()
        waiting = [
            head
            for head in heads
            if not self._catching_up.is_under_way(head, _at(cursors, head, basis))
            and _at(cursors, head, basis) < head.reconciled_to
        ]
        with items.each("what changed"):
            self._due()
        in_turns(items, waiting, partial(self._pass, basis), partial(self._relief_next, basis))
        with items.each("what has run out"):
            self._over()
        items.settle()
        return self._passed

    def _followed(self, session: ReadSession) -> list[LogHead]:
        """The logs of other members (NO1)."""
        trust = self._trust()
        return [h for h in session.heads() if not h.ours and not trust.is_ours(Origin(h.origin))]

    def _relief_next(self, basis: str, head: LogHead) -> bool:
        with self._store.read() as session:
            start = _at(session.notice_cursors(), head, basis)
        return carries_relief(self._store, head, start, min(head.reconciled_to, start + BATCH))

    def _pass(self, basis: str, head: LogHead) -> LogHead | None:
        """Go through a batch of a log; the log as it stands, None at its end."""
        with self._meanwhile.watch() as touched:
            with self._store.read() as session:
                before = session.notice_cursors().get(head.log, _START)
                start = _at({head.log: before}, head, basis)
                end, left = self._read_when_judged(session, head, start, basis)
                if end > start:
                    rows = session.rows_at([(head.log, index) for index in left]) if left else ()
                else:
                    end = min(head.reconciled_to, start + BATCH)
                    rows = session.rows_between(head.log, start, end)
                found = self._found(session, rows)
            step = (before, NoticeCursor(end, basis))
            self._writer.submit(partial(self._keep, head.log, step, found, touched)).result()
        self._passed += end - start
        return head if end < head.reconciled_to else None

    def _read_when_judged(
        self, session: ReadSession, head: LogHead, start: int, basis: str
    ) -> tuple[int, Sequence[int]]:
        """How far all is known by what judging read, and which leaves are left (NO8).

        What is in the list is looked at whosever it is by now (NO5).
        """
        left: list[int] = []
        end = start
        while len(left) < BATCH and end - start < KNOWN_BATCH:
            page = self._pages.take(head.log, end, head.reconciled_to, basis)
            if page is None:
                break
            end, left = page.end, [*left, *page.left]
        told = session.noticed_between(head.log, start, end) if end > start else ()
        return end, sorted({*left, *told})

    def _due(self) -> None:
        """Look again at what changed since it was gone through."""
        while True:
            with self._meanwhile.watch() as touched:
                with self._store.read() as session:
                    places = session.notices_due(BATCH)
                    followed = {head.log for head in self._followed(session)}
                    rows = [r for r in session.rows_at(places) if r.log in followed]
                    found = self._found(session, rows)
                if not places:
                    return
                self._writer.submit(partial(self._keep_due, places, found, touched)).result()
            self._passed += len(places)

    def _over(self) -> None:
        """Look again at what was told of as standing and has run out."""
        today = self._today()
        standing = [int(state) for state in STANDING]
        while True:
            with self._meanwhile.watch() as touched:
                with self._store.read() as session:
                    places = session.notices_over(today, standing, BATCH)
                    found = self._stand(session, session.rows_at(places)) if places else {}
                if not found:
                    return
                self._writer.submit(partial(self._keep_due, (), found, touched)).result()
            if len(places) < BATCH:
                return

    def _found(self, session: ReadSession, rows: Sequence[StatementRow]) -> Mapping[Place, Noticed]:
        """How those listings stand of which rows say something new to our subjects."""
        listings = {(r.log, r.idx): r for r in rows if r.kind == Kind.LISTING}
        listings |= self._about(session, rows)
        kept = session.notices(sorted(listings))
        untold = [r for p, r in listings.items() if p not in kept and tells(r)]
        subjects = listed_subjects(session, self._keyring, untold)
        unread = {p: r for p, r in listings.items() if p not in kept and p not in subjects}
        subjects |= self._relieved(session, rows, unread)
        local = self._local.of(list(subjects.values()))
        new = [place for place, code in subjects.items() if local[code]]
        return self._stand(session, [listings[place] for place in (*kept, *new)])

    def _about(
        self, session: ReadSession, rows: Sequence[StatementRow]
    ) -> dict[Place, StatementRow]:
        """The listings of other members about which acts among rows are."""
        about = {row.about for row in rows if row.kind in ACT_KINDS and row.about is not None}
        if not about:
            return {}
        followed = {head.log for head in self._followed(session)}
        return {
            (row.log, row.idx): row
            for row in session.rows_by_id(None, sorted(about))
            if row.log in followed and row.kind == Kind.LISTING
        }

    def _relieved(
        self,
        session: ReadSession,
        rows: Sequence[StatementRow],
        listings: Mapping[Place, StatementRow],
    ) -> dict[Place, Name]:
        """Whose listings those were that a relief ended, and that cannot be read (NO4).

        Args:
            session: what is held.
            rows: that came or changed.
            listings: those among them, and those that acts among them are about.

        Returns:
            The subject that the relief names, of each. What stands all the same was ended by
            nobody, whatever a relief that does not count says of it.
        """
        targets: dict[bytes, list[StatementRow]] = defaultdict(list)
        for row in listings.values():
            if row.state in ENDED and relief_tells(row):
                targets[row.statement_id].append(row)
        if not targets:
            return {}
        came = {(row.log, row.idx): row for row in rows if row.about in targets}
        held = {(row.log, row.idx): row for row in session.rows_about(sorted(targets))}
        reliefs = [
            row
            for row in (held | came).values()
            if row.kind in RELIEF_KINDS and row.opening == OpeningStatus.PRESENT
        ]
        origins = {head.log: head.origin for head in session.heads()}
        found: dict[Place, Name] = {}
        for log in {row.log for row in reliefs}:
            named = {row.idx: row.about or b"" for row in reliefs if row.log == log}
            kinds = {row.idx: row.kind for row in reliefs if row.log == log}
            stored = session.openings(log, sorted(named))
            for one, opening in self._keyring.held_openings(origins[log], stored):
                said = self._payloads.decode(kinds[one.index], opening.payload)
                if isinstance(said, Relief) and said.record is not None:
                    for row in targets[named[one.index]]:
                        found[row.log, row.idx] = (said.record.scheme, said.record.code)
        return found

    def _stand(self, session: ReadSession, rows: Sequence[StatementRow]) -> Mapping[Place, Noticed]:
        """How listings stand today, where that is other than was told of them."""
        if not rows:
            return {}
        today = self._today()
        chains = TrustChains(self._trust(), session.heads())
        notes = open_annotations(session, rows, chains)
        kept = session.notices([(row.log, row.idx) for row in rows])
        found: dict[Place, Noticed] = {}
        for row, current in zip(rows, in_force(session, rows), strict=True):
            place = (row.log, row.idx)
            now = Noticed(
                state=life.at(State(row.state), Date(current.until), today),
                annotations=bits(one.row.action for one in notes.get(place, ())),
                current=row.current,
            )
            before = kept.get(place)
            told = None if before is None else Noticed(*before[3:6])
            if has_changed(told, now):
                found[place] = now
        return found

    def _keep(
        self,
        log: int,
        step: tuple[NoticeCursor, NoticeCursor],
        found: Mapping[Place, Noticed],
        touched: Touched,
    ) -> None:
        before, reached = step
        with self._failpoints.at("notice.commit"), self._store.write(durable=False) as session:
            # Set back meanwhile, by a rebuild or a fork: gone through again from there.
            set_back = session.notice_cursors().get(log, _START) != before or touched.everything
            if not set_back:
                self._put_seen(session, found, touched)
                session.put_notice_cursor(log, reached)

    def _keep_due(
        self, places: Sequence[Place], found: Mapping[Place, Noticed], touched: Touched
    ) -> None:
        with self._store.write(durable=False) as session:
            if touched.everything:
                return
            session.clear_notices_due([p for p in places if p not in touched.places])
            self._put_seen(session, found, touched)

    def _put_seen(
        self, session: WriteSession, found: Mapping[Place, Noticed], touched: Touched
    ) -> None:
        """Keep of what nothing was touched since it was read; the others are looked at again."""
        late = found.keys() & touched.places
        self._put(session, {p: one for p, one in found.items() if p not in late})
        session.put_notices_due(sorted(late))

    def _put(self, session: WriteSession, found: Mapping[Place, Noticed]) -> None:
        if not found:
            return
        now, position = self._now(), session.notice_position()
        kept = session.notices(sorted(found))
        notices = []
        for number, place in enumerate(sorted(found), position + 1):
            before = kept.get(place)
            notices.append(
                KeptNotice(
                    *place,
                    number,
                    *found[place],
                    now if before is None else before.noticed_at,
                    now,
                    0 if before is None else before.reminded,
                    Timestamp(0) if before is None else before.reminded_at,
                )
            )
        session.put_notices(notices)


def _at(cursors: Mapping[int, NoticeCursor], head: LogHead, basis: str) -> int:
    """How far a log was gone through by what decides today."""
    cursor = cursors.get(head.log, _START)
    return cursor.noticed_to if cursor.basis == basis else 0
