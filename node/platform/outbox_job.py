"""The outbox job: what peers said goes to the city's platform, as files and as what waits for it.

Delivery is a cursor over each followed log: what the files are going to say is noted, they are
written, then the cursor moves, so a crash in between writes the same again. Platforms
(`node.platform.delivery`) follow behind that cursor. Statements whose opening came later or went,
or whose state changed since (a relief from another log, a correction), are asked for again by
number, for the files and for each platform by itself, and first of all. Logs have turns, those that
carry relief first (`node.log.round_robin`); a log that fails keeps no other waiting.

What files say is read before they are written, and kept after: what changed in between waits to be
told again (`node.log.meanwhile`), so that no relief is lost behind the older word.

Of what was erased nothing stays in files that the platform has not fetched: its lines in them are
those of today, without content (N10).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Final

from adapters.files.outbox import (
    NUMBERS,
    STREAMS,
    FileOutbox,
    OutboxRow,
    number_of,
)
from adapters.files.outbox_acks import FileAck, take_acknowledged
from adapters.platform.acknowledging import Answer
from federation.ids import Origin
from federation.life.life import STANDING
from federation.ports.outlets import Waiting
from federation.ports.store import LogHead, Store, WriteSession
from federation.ports.touched import Touched
from federation.relief.execution import NEVER_SENT
from federation.rows import LISTED_KINDS, OpeningStatus, StatementRow
from node.log.catching_up import CatchingUp
from node.log.executed import FILES
from node.log.meanwhile import Meanwhile
from node.log.round_robin import ROUNDS_MAX, carries_relief, in_turns
from node.log.writer import WriteThread
from node.platform.demands import Demands, of_telling
from node.platform.outbox_rows import OutboxRows
from node.platform.relief_first import told_again, waiting_of
from node.system.failpoints import Failpoints
from node.system.item_errors import ItemErrors

BATCH: Final = 1024
"""Leaves in one batch."""
_NUMBERS: Final = 64 * NUMBERS
"""Numbers of tellings taken at once; those of a node that ends are left out."""


class OutboxDelivery:
    """Delivers what is held and not yet delivered; runs in a thread of its own."""

    def __init__(
        self,
        *,
        outbox: Path | None,
        store: Store,
        writer: WriteThread,
        rows: OutboxRows,
        demands: Demands,
        failpoints: Failpoints,
    ) -> None:
        """Wire the job.

        Args:
            outbox: where files are laid, which must exist; None for no files.
            store: of the logs.
            writer: moves the cursor.
            rows: what the files say.
            demands: what the platform owes for what they say.
            failpoints: of the process.
        """
        self._outbox = outbox
        self._files = None if outbox is None else FileOutbox(outbox)
        self._outlet = 0
        """Number of the files among the outlets, once it is known."""
        self._store = store
        self._writer = writer
        self._rows = rows
        self._demands = demands
        self._numbers: range = range(0)
        self._failpoints = failpoints
        self._meanwhile = Meanwhile(store)
        self._catching_up = CatchingUp()
        self._passed = 0

    def waits(self) -> bool:
        """Whether time alone brings it on: a log is on its way to a checkpoint."""
        return bool(self._catching_up)

    def run(self) -> int:
        """Deliver all logs as far as they are held.

        Returns:
            The number of leaves passed.

        Raises:
            OSError: a file cannot be written; the next run goes on where this one was.
        """
        items = ItemErrors()
        if self._outbox is not None:
            self._outlet = self._outlet or self._writer.submit(self._known).result()
        with self._store.read() as session:
            heads = [
                head
                for head in session.heads()
                if not head.ours and self._rows.told_now(session, head)
            ]
            changed = session.to_deliver_again()
        for head in (head for head in heads if head.log in changed):
            with items.each(f"{head.origin}, again"):
                self._ask_again(head)
        self._passed = 0
        with items.each("what is told again"):
            self._passed += self._deliver_again(items, heads)
        due = [h for h in heads if not self._catching_up.is_under_way(h, h.delivered_to)]
        waiting = [head for head in due if head.delivered_to < head.reconciled_to]
        in_turns(items, waiting, self._deliver, self._relief_next)
        items.settle()
        return self._passed

    def remove_acknowledged(self) -> int:
        """Remove what the platform has acknowledged; also where there is no space left to deliver.

        Less often than what is delivered, since it looks into a folder of each log.

        Returns:
            The number of files removed.

        Raises:
            OSError: a file cannot be removed; all others were.
        """
        return 0 if self._outbox is None else take_acknowledged(self._outbox, self._keep_ack)

    def _relief_next(self, head: LogHead) -> bool:
        end = min(head.reconciled_to, head.delivered_to + BATCH)
        return carries_relief(self._store, head, head.delivered_to, end)

    def _known(self) -> int:
        with self._store.write() as session:
            return session.add_outlet(FILES).outlet

    def _ask_again(self, head: LogHead) -> None:
        """Let all outlets that were told of leaves be told of them again."""

        def job() -> bool:
            with self._store.write() as session:
                return _ask_again(session, head.origin, files=self._files is not None)

        for _ in range(ROUNDS_MAX):
            with self._store.read() as session:
                if not session.redeliveries(head.log, 1):
                    return
            if not self._writer.submit(job).result():
                return

    def _deliver_again(self, items: ItemErrors, heads: Sequence[LogHead]) -> int:
        """Tell the files again of what changed, log by log in turn: one that fails stops no other.

        Returns:
            The number of leaves told.
        """
        if self._files is None:
            return 0
        files, count = self._files, 0
        with self._store.read() as session:
            found = session.waiting(self._outlet, None, BATCH)
        if len(found) < BATCH:
            logs = {one.log for one in found}
            heads = [head for head in heads if head.log in logs]

        def again(head: LogHead) -> LogHead | None:
            nonlocal count
            with self._store.read() as session:
                waiting = session.waiting(self._outlet, head.log, BATCH)
            if waiting:
                self._tell_again(files, head, waiting)
            count += len(waiting)
            return head if len(waiting) == BATCH else None

        def relief_next(head: LogHead) -> bool:
            with self._store.read() as session:
                return any(not one.later for one in session.waiting(self._outlet, head.log, 1))

        in_turns(items, heads, again, relief_next)
        return count

    def _tell_again(self, files: FileOutbox, head: LogHead, waiting: Sequence[Waiting]) -> None:
        with self._meanwhile.watch() as touched:
            with self._store.read() as session:
                found = session.rows_at([(one.log, one.idx) for one in waiting])
                rows = sorted(found, key=lambda row: row.idx)
                handed = session.handed(self._outlet, head.log, [row.idx for row in rows])
                told = self._rows.made(session, head, rows, handed)
            number = self._next_number()
            self._telling(head, told, number)
            erased = {row.idx for row in rows if row.opening == OpeningStatus.ERASED}
            with self._failpoints.at("outbox.write"):
                # Leaves that follow one another share their files.
                for _, run in groupby(enumerate(told), lambda item: item[1].index - item[0]):
                    together = [row for _, row in run]
                    files.put(head.origin, together[0].index, together[-1].index, together, number)
                files.replace(head.origin, [row for row in told if row.index in erased])
            self._keep(head, rows, touched, waiting=waiting)

    def _deliver(self, head: LogHead) -> LogHead | None:
        """Deliver a batch; the log as it stands then, None at its end."""
        start, end = head.delivered_to, min(head.reconciled_to, head.delivered_to + BATCH)
        rows: Sequence[StatementRow] = ()
        with self._meanwhile.watch() as touched:
            if self._files is not None:
                with self._store.read() as session:
                    rows = list(session.rows_between(head.log, start, end))
                    handed = session.handed(self._outlet, head.log, range(start, end))
                    told = self._rows.made(session, head, rows, handed)
                number = self._next_number()
                self._telling(head, told, number)
                with self._failpoints.at("outbox.write"):
                    self._files.put(head.origin, start, end - 1, told, number)
            self._keep(head, rows, touched, end=end)
        self._passed += end - start
        return replace(head, delivered_to=end) if end < head.reconciled_to else None

    def _telling(self, head: LogHead, told: Sequence[OutboxRow], number: int) -> None:
        """Keep what the files are going to say, and under which numbers."""
        numbers = {one.index: number_of(one.kind, number) for one in told if one.kind in STREAMS}
        self._demands.telling(self._outlet, head.log, told, numbers)

    def _keep(
        self,
        head: LogHead,
        rows: Sequence[StatementRow],
        touched: Touched,
        *,
        waiting: Sequence[Waiting] = (),
        end: int = 0,
    ) -> None:
        """Keep that the files say it, and how far they go; what changed since waits."""

        def job() -> None:
            with self._failpoints.at("outbox.cursor"), self._store.write() as session:
                session.clear_waiting(self._outlet, waiting)
                session.put_waiting(self._outlet, told_again(session, rows, touched))
                now = session.head(head.origin)
                if now is not None and now.delivered_to < end:
                    session.set_head(replace(now, delivered_to=end))
                self._demands.passed(session, rows)

        self._writer.submit(job).result()

    def _next_number(self) -> int:
        """First of the numbers of one telling."""
        if not self._numbers:
            self._numbers = self._writer.submit(self._more_numbers).result()
        first = self._numbers[0]
        self._numbers = self._numbers[NUMBERS:]
        return first

    def _more_numbers(self) -> range:
        with self._store.write() as session:
            first = session.give_numbers(self._outlet, _NUMBERS)
        return range(first, first + _NUMBERS)

    def _keep_ack(self, said: FileAck) -> None:
        """Keep what the platform says of a file, before the file goes."""

        def odd(code: str) -> None:
            with self._store.write() as session:
                self._demands.odd(session, self._outlet, code)

        self._outlet = self._outlet or self._writer.submit(self._known).result()
        if said.code:
            self._writer.submit(lambda: odd(said.code)).result()
        if not said.done:
            return
        with self._store.read() as session:
            logs = {head.origin: head.log for head in session.heads() if not head.ours}
            given = {one.outlet: one.numbered for one in session.outlets()}
            origin = Origin(said.origin)
            known = origin in logs and 0 < said.number <= given[self._outlet]
            acks = of_telling(
                session,
                self._outlet,
                logs.get(origin, -1),
                (origin, said.number),
                Answer(done=True, refused=said.refused),
            )
        if known:
            self._demands.take(self._outlet, acks)
        else:
            self._writer.submit(lambda: odd(NEVER_SENT)).result()


def _ask_again(session: WriteSession, origin: Origin, *, files: bool) -> bool:
    """Move a batch of redeliveries to the outlets that have those leaves; whether there were any.

    An outlet that has not come so far is told of them in their turn, as they are then; one that
    came later and never had a listing is not told of its end (N9).
    """
    head = session.head(origin)
    indices = [] if head is None else list(session.redeliveries(head.log, BATCH))
    if head is None or not indices:
        return False
    rows = session.rows_at([(head.log, index) for index in indices])
    for outlet in session.outlets():
        if outlet.name == FILES and not files:
            continue
        cursor = session.handed_to(outlet.outlet).get(head.log, 0)
        told_to = head.delivered_to if outlet.name == FILES else cursor
        handed = session.handed(outlet.outlet, head.log, indices)
        asked = [
            row for row in rows if row.idx in handed or (row.idx < told_to and not _is_ended(row))
        ]
        session.put_waiting(outlet.outlet, waiting_of(asked))
    session.clear_redeliveries(head.log, indices)
    return True


def _is_ended(row: StatementRow) -> bool:
    return row.kind in LISTED_KINDS and row.state not in STANDING
