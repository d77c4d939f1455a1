"""The reconcile job: judges what is new or due of each log (cursor `reconciled_to`).

Of our own log it finds what the base library contradicts (O3); nothing else of it is judged, and it
is passed only where there is a listing: what else we say moves no cursor. A long one, after a start
or a new catalog or library, has a few batches a run, after all others: reliefs do not wait for it.

Restarting is resuming: what is found out about leaves and the cursor behind them are written in one
transaction. Listings that changed meanwhile, by a correction, a relief or a late opening, are
queued (`due`) by whoever changes them, and judged again; so is, on each new day, what was held as
decided in the future (M1). What is judged is read outside the writer: of what was touched before it
is written (`node.log.meanwhile`), the finding is not written and the listing is judged again; where
catalog, charters, library or day became others, so is all of it. Logs have turns, those that carry
relief first (`node.log.round_robin`); a log or a listing that fails keeps no other waiting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final, NamedTuple

from adapters.catalog.library import DAMAGED
from adapters.errors import AdapterError
from federation.errors import RefusedError
from federation.ids import Date, Origin
from federation.ports.findings import Place
from federation.ports.store import LogHead, Store, WriteSession
from federation.ports.touched import Touched
from federation.reconcile.findings import Finding
from federation.rows import ADVERSE_KINDS
from node.log.catching_up import CatchingUp
from node.log.meanwhile import Meanwhile
from node.log.round_robin import carries_relief, in_turns
from node.log.writer import WriteThread
from node.reconcile.judging import Basis, Reconciliation
from node.reconcile.kept_words import by_words
from node.records.judged_pages import JudgedPages
from node.system.failpoints import Failpoints
from node.system.item_errors import ItemErrors

BATCH: Final = 1024
"""Leaves judged in one transaction."""
OWN_ROUNDS: Final = 8
"""Batches of our own log in one run."""


class Judged(NamedTuple):
    """What was found out in a snapshot, and what was not seen in it."""

    found: Mapping[Place, int]
    basis: Basis
    touched: Touched
    """Since before the snapshot; read on the writer's thread."""

    @property
    def late(self) -> list[Place]:
        """Of which something came that was not seen."""
        return sorted(self.touched.places & self.found.keys())


class ReconcileJob:
    """Judges what is applied and not yet reconciled; runs in a thread of its own."""

    def __init__(
        self,
        *,
        store: Store,
        writer: WriteThread,
        reconciliation: Reconciliation,
        meanwhile: Meanwhile,
        failpoints: Failpoints,
        pages: JudgedPages,
        changed: Callable[[], None],
    ) -> None:
        """Wire the job.

        Args:
            store: the node's.
            writer: of the store.
            reconciliation: judges.
            meanwhile: what is written while it judges.
            failpoints: for the crash tests.
            pages: gets what was read of each page.
            changed: is called when what is shown of a listing may be other than it was.
        """
        self._store = store
        self._writer = writer
        self._reconciliation = reconciliation
        self._failpoints = failpoints
        self._pages = pages
        self._changed = changed
        self._meanwhile = meanwhile
        self._catching_up = CatchingUp()
        self._day = Date(0)
        self._passed = 0
        self._nothing: dict[int, tuple[int, int]] = {}
        """Of a log of ours, between which leaves there is no listing; the first is its cursor."""
        self._listed_to: dict[int, int] = {}
        """Of a log of ours, up to where there are listings."""
        self._own_left = False
        self._told = False
        """Whether this run wrote a finding that is another one than before."""

    def waits(self) -> bool:
        """Whether time alone brings it on: a log is on its way to a checkpoint, or ours is long."""
        return bool(self._catching_up) or self._own_left

    def run(self) -> int:
        """Reconcile all logs as far as they are applied, and what is due.

        Returns:
            The number of leaves passed, of logs of others.
        """
        with self._store.read() as session:
            every = session.heads()
        heads = [head for head in every if not head.ours]
        due = [h for h in heads if not self._catching_up.is_under_way(h, h.reconciled_to)]
        items = ItemErrors()
        self._passed, self._told = 0, False
        waiting = [head for head in due if head.reconciled_to < head.applied_to]
        in_turns(items, waiting, self._pass, self._relief_next)
        with items.each("what was of the future"):
            self._on_another_day()
        failed: set[Place] = set()
        with items.each("what is queued"):
            while self._due(items, failed):
                self._passed += 1
        self._own_left = False
        for head in every:
            if head.ours:
                with items.each(head.origin):
                    self._own_left |= self._pass_own(head)
        if self._passed or self._told:
            self._changed()
        items.settle()
        return self._passed

    def _relief_next(self, head: LogHead) -> bool:
        end = min(head.applied_to, head.reconciled_to + BATCH)
        return carries_relief(self._store, head, head.reconciled_to, end)

    def _on_another_day(self) -> None:
        """Have what was of the future (M1) judged anew, once a day and after a start."""
        today = self._reconciliation.today
        if today == self._day:
            return
        after: Place | None = None
        while True:
            with self._store.read() as session:
                places = session.places_found([Finding.FUTURE], after, BATCH)
            if not places:
                break
            self._writer.submit(partial(self._put_due, places)).result()
            after = places[-1]
        self._day = today

    def _put_due(self, places: Sequence[Place]) -> None:
        with self._store.write() as session:
            session.put_due(places)

    def _pass(self, head: LogHead) -> LogHead | None:
        """Judge a batch; the log as it stands then, None at its end."""
        start, end = head.reconciled_to, min(head.applied_to, head.reconciled_to + BATCH)
        with self._meanwhile.watch() as touched:
            basis = self._reconciliation.basis
            registered = self._pages.basis()
            with self._store.read() as session:
                rows = session.rows_between(head.log, start, end)
                found, read = self._reconciliation.page(session, rows)
            if not head.ours:
                self._pages.put(
                    registered,
                    rows,
                    {
                        place: ((one.candidate.scheme, one.candidate.code), one.known)
                        for place, one in read.items()
                    },
                )
            after = self._keep(head.origin, start, end, Judged(found, basis, touched))
        self._passed += 0 if head.ours else end - start
        if after is None:
            return None
        head = replace(
            head,
            applied_to=min(head.applied_to, after.applied_to),
            reconciled_to=after.reconciled_to,
        )
        return head if head.reconciled_to < head.applied_to else None

    def _pass_own(self, own: LogHead) -> bool:
        """Judge some listings of our own log that have not been (O3); whether more may be left."""
        head: LogHead | None = own
        for _ in range(OWN_ROUNDS):
            if head is None:
                return False
            if head.reconciled_to < self._listed_to.get(head.log, 0):
                head = self._pass(head)
            elif not self._looked(head):
                return False
        return head is not None

    def _looked(self, head: LogHead) -> bool:
        """Look for listings in the next batch of our own log; False at its end."""
        cursor, seen = self._nothing.get(head.log, (0, 0))
        start = seen if cursor == head.reconciled_to else head.reconciled_to
        end = min(head.applied_to, start + BATCH)
        if end <= start:
            return False
        with self._store.read() as session:
            rows = session.rows_between(head.log, start, end)
        if any(row.kind in ADVERSE_KINDS for row in rows):
            self._listed_to[head.log] = end
        else:
            self._nothing[head.log] = (head.reconciled_to, end)
        return True

    def _due(self, items: ItemErrors, failed: set[Place]) -> bool:
        """Judge again what is queued, but for what failed in this run; whether anything was."""
        with self._store.read() as session:
            places = [p for p in session.due(BATCH + len(failed)) if p not in failed]
        together = ItemErrors()
        with together.each("all"):
            self._judge(places)
        error = together.first()
        if isinstance(error, AdapterError):  # the database: no listing's fault
            raise error
        if isinstance(error, RefusedError) and error.code == DAMAGED:  # nor the base library
            failed.update(places)
            with items.each("all"):
                self._put_words(places)
                raise error
            return False
        if error is not None:  # of one of them, or of all: each for itself
            for place in places:
                with items.each(f"log {place[0]} leaf {place[1]}"):
                    failed.add(place)
                    self._judge([place])
                    failed.discard(place)
        return bool(places)

    def _judge(self, places: Sequence[Place]) -> None:
        if not places:
            return
        with self._meanwhile.watch() as touched:
            basis = self._reconciliation.basis
            with self._store.read() as session:
                found = self._reconciliation.findings(session, session.rows_at(places))
            judged = Judged(found, basis, touched)
            self._writer.submit(partial(self._keep_due, places, judged)).result()

    def _put_words(self, places: Sequence[Place]) -> None:
        """Take out of use what words do, and leave all of it queued (F57)."""

        def job() -> None:
            with self._store.write() as session:
                found = by_words(session, session.rows_at(places))
                self._told |= put(session, found)

        with self._store.read() as session:
            found = by_words(session, session.rows_at(places))
        if found:
            self._writer.submit(job).result()

    def _keep(self, origin: Origin, start: int, end: int, judged: Judged) -> LogHead | None:
        """Keep findings and the cursor behind them; the log as it stands then, None without it."""

        def job() -> LogHead | None:
            with self._failpoints.at("reconcile.commit"), self._store.write() as session:
                head = session.head(origin)
                # Set back meanwhile: a catalog changed, and all is judged anew.
                if head is None or head.reconciled_to != start or self._is_of_before(judged):
                    return head
                self._put(session, judged)
                after = replace(head, reconciled_to=end)
                session.set_head(after)
                return after

        return self._writer.submit(job).result()

    def _keep_due(self, places: Sequence[Place], judged: Judged) -> None:
        with self._store.write() as session:
            if self._is_of_before(judged):
                return
            session.clear_due(places)
            self._put(session, judged)

    def _is_of_before(self, judged: Judged) -> bool:
        """Whether nothing of it may be written, as it rests on what was replaced meanwhile.

        That a log was set back is not seen by its cursor where the cursor stood at 0 before, and
        the catalog in force is replaced when the transaction that adopted it has ended.
        """
        touched = judged.touched
        anew = touched.everything or touched.judged_anew
        return anew or not judged.basis.same(self._reconciliation.basis)

    def _put(self, session: WriteSession, judged: Judged) -> None:
        """Write what nothing came between, and have the others judged again."""
        late = judged.late
        self._told |= put(session, {p: f for p, f in judged.found.items() if p not in late})
        session.put_due(late)


def judge_anew(
    reconciliation: Reconciliation, session: WriteSession, places: Sequence[Place]
) -> None:
    """Judge listings in the transaction in which something was decided about them.

    While the library is damaged, only what was said takes them out of use (F57).
    """
    rows = session.rows_at(places)
    try:
        found = reconciliation.findings(session, rows)
    except RefusedError as error:
        if error.code != DAMAGED:
            raise
        found = by_words(session, rows)
    put(session, found)


def put(session: WriteSession, found: Mapping[Place, int]) -> bool:
    """Write findings, and have what was delivered or told of by an older one told again.

    Returns:
        Whether any of them is another one than before.
    """
    before = session.findings(list(found))
    changed = {p: f for p, f in found.items() if before.get(p, Finding.NONE) != f}
    again = {*changed, *_merged(session, found, before)}
    if not again:
        return False
    session.put_findings(changed)
    told_of = {head.log: head.receipted_to for head in session.heads()}
    session.put_redeliveries(sorted(again))
    session.put_untold({p: False for p in changed if p[1] < told_of[p[0]]})
    return True


def _merged(
    session: WriteSession, found: Mapping[Place, int], before: Mapping[Place, int]
) -> set[Place]:
    """Copies of records of which one is merged, or was: what the record says may have changed."""
    copies = [p for p, f in found.items() if Finding.COPY in (f, before.get(p))]
    tags = [row.record_tag for row in session.rows_at(copies) if row.record_tag is not None]
    return {place for _, place in session.listings_of(tags)} if tags else set()
