"""The job of each platform: its database or service is told what it was not told yet.

Nothing that waits has content: an outlet has a cursor for each log, behind that of the files, and
the numbers of the leaves that it is to be told of again. Rows are made when they are told, as they
are then; of what was erased meanwhile the platform that has it is told without content, and one
that never had it is told nothing (`node.platform.outbox_rows`). So what waits is bounded by the
leaves held, some 30 bytes each, and there is always room for relief, which goes first (N8): what
was told and is lifted before anything new, log by log in turn.

What is told is read before it is told, and kept after: what changed in between waits to be told
again (`node.log.meanwhile`), so that no relief is lost behind the older word.

A platform that is down, slow or full keeps only what is its own waiting. `report` is what the
status says of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Protocol

import structlog

from adapters.files.outbox import OutboxRow
from adapters.platform.acknowledging import Answer, Later, Owed
from adapters.platform.errors import PlatformError
from federation.ids import Origin
from federation.ports.outlets import Waiting
from federation.ports.store import LogHead, ReadSession, Store
from federation.ports.touched import Touched
from federation.rows import StatementRow
from node.log.meanwhile import Meanwhile
from node.log.writer import WriteThread
from node.platform.demands import Demands, of_telling
from node.platform.outbox_rows import OutboxRows
from node.platform.relief_first import told_again
from node.system.failpoints import Failpoints
from node.texts.states import TOLD_WORDS

_log = structlog.get_logger()

BATCH: Final = 1024
"""Leaves in one batch."""
PROBE: Final = 16
"""Leaves in one batch while a platform is in fault: making a thousand rows each second for one that
is down for days costs too much, and a value that it does not take holds up no more than these."""
BATCHES_MAX: Final = 256
"""In one run, so that the schedule stays in turn."""
ASKED: Final = 512
"""Ends of listings that a platform is asked about at once."""
_START: Final = (-1, -1)
_NUMBERS: Final = 256
"""Numbers of batches taken at once; those of a node that ends are left out."""


class Platform(Protocol):
    """Where rows go: `DatabasePlatform` or `ServicePlatform` of `adapters.platform`."""

    def tell(self, origin: Origin, rows: Sequence[OutboxRow], number: int, /) -> Answer:
        """Write a batch whole or not at all; the same batch again changes nothing.

        Args:
            origin: the log.
            rows: at most one for each leaf.
            number: of the batch, growing; the same only where the same rows are told again.

        Returns:
            What it acknowledges at once.

        Raises:
            PlatformError: nothing was kept.
        """
        ...

    def later(self, owed: Sequence[Owed], after: int, /) -> Later:
        """Ask what was acknowledged since it was told.

        Args:
            owed: some of what was not acknowledged.
            after: how far that was read before.

        Raises:
            PlatformError: it does not say.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    head: LogHead
    rows: Sequence[OutboxRow]
    leaves: Sequence[StatementRow] = ()
    """All leaves of the batch, also those of which nothing is told."""
    waiting: Sequence[Waiting] = ()
    start: int = 0
    end: int = 0
    """Of the cursor; 0 where the batch is of leaves told before."""


class PlatformDelivery:
    """Tells one platform; runs in a thread of its own."""

    def __init__(
        self,
        *,
        name: str,
        outlet: int,
        platform: Platform,
        store: Store,
        writer: WriteThread,
        rows: OutboxRows,
        demands: Demands,
        failpoints: Failpoints,
    ) -> None:
        """Wire the job; `outlet` is the platform's number in the store."""
        self._name = name
        self._outlet = outlet
        self._platform = platform
        self._store = store
        self._writer = writer
        self._rows = rows
        self._demands = demands
        self._failpoints = failpoints
        self._meanwhile = Meanwhile(store)
        self._fault: PlatformError | None = None
        self._silent: PlatformError | None = None
        """Why it could not be asked what it acknowledges."""
        self._asked = _START
        """The last one that it was asked about."""
        self._log = -1
        """Whose turn it was last."""
        self._numbers: range = range(0)
        self._told = (b"", 0)
        """Digest and number of the batch tried last."""

    def run(self) -> int:
        """Tell what waits until the platform does not take it.

        Returns:
            The number of batches passed.
        """
        count = 0
        try:
            while count < BATCHES_MAX and self._tell():
                count += 1
        except PlatformError as error:
            if self._fault is None or self._fault.code != error.code:
                _log.warning(
                    "platform waits", code=error.code, platform=self._name, error=str(error)
                )
            self._fault = error
            return count
        if self._fault is not None:
            _log.info("platform takes rows again", platform=self._name)
        self._fault = None
        return count

    def _tell(self) -> bool:
        """Tell the next batch; whether there was one.

        Raises:
            PlatformError: it does not take it.
        """
        with self._meanwhile.watch() as touched:
            batch = self._next()
            if batch is None:
                return False
            number, answer = 0, Answer()
            self._log = batch.head.log  # also where it fails: then others have their turn
            if batch.rows:
                number = self._number(batch)
                numbers = {row.index: number for row in batch.rows}
                self._demands.telling(self._outlet, batch.head.log, batch.rows, numbers)
                with self._failpoints.at("platform.write"):
                    answer = self._platform.tell(batch.head.origin, batch.rows, number)
            self._keep(batch, number, answer, touched)
        return True

    def _next(self) -> _Batch | None:
        size = BATCH if self._fault is None else PROBE
        with self._store.read() as session:
            heads = {
                head.log: head
                for head in session.heads()
                if not head.ours and self._rows.told_now(session, head)
            }
            if waiting := self._waiting(session, heads, size):
                head = heads[waiting[0].log]
                rows = sorted(session.rows_at([(w.log, w.idx) for w in waiting]), key=_index)
                handed = session.handed(self._outlet, head.log, [row.idx for row in rows])
                made = self._rows.made(session, head, rows, handed)
                return _Batch(head=head, rows=made, leaves=rows, waiting=waiting)
            cursors = session.handed_to(self._outlet)
            for log in self._in_turn(heads):
                head, start = heads[log], cursors.get(log, 0)
                end = min(head.delivered_to, start + size)
                if start < end:
                    rows = list(session.rows_between(log, start, end))
                    handed = session.handed(self._outlet, log, range(start, end))
                    made = self._rows.made(session, head, rows, handed)
                    return _Batch(head=head, rows=made, leaves=rows, start=start, end=end)
        return None

    def _waiting(
        self, session: ReadSession, heads: dict[int, LogHead], size: int
    ) -> Sequence[Waiting]:
        """What is to be told again of the log whose turn it is: relief, or else the others."""
        found = session.waiting(self._outlet, None, BATCH)
        if len(found) == BATCH:  # there may be more, of other logs
            found = [w for log in heads for w in session.waiting(self._outlet, log, BATCH)]
        found = [one for one in found if one.log in heads]
        if not found:
            return ()
        later = min(one.later for one in found)
        of_log: dict[int, list[Waiting]] = {}
        for one in found:
            if one.later == later:
                of_log.setdefault(one.log, []).append(one)
        return of_log[next(log for log in self._in_turn(heads) if log in of_log)][:size]

    def _in_turn(self, heads: dict[int, LogHead]) -> list[int]:
        return sorted(heads, key=lambda log: (log <= self._log, log))

    def _number(self, batch: _Batch) -> int:
        """The number of a batch; that of the last one where it says the same."""
        digest = sha256(repr((batch.head.origin, batch.rows)).encode()).digest()
        if self._told[0] != digest:
            if not self._numbers:
                self._numbers = self._writer.submit(self._more_numbers).result()
            self._told = (digest, self._numbers[0])
            self._numbers = self._numbers[1:]
        return self._told[1]

    def _more_numbers(self) -> range:
        with self._store.write() as session:
            first = session.give_numbers(self._outlet, _NUMBERS)
        return range(first, first + _NUMBERS)

    def _keep(self, batch: _Batch, number: int, answer: Answer, touched: Touched) -> None:
        """Keep that the platform has it: nothing of it waits any more, but what changed since."""
        log = batch.head.log

        def job() -> None:
            with self._failpoints.at("platform.cursor"), self._store.write() as session:
                session.clear_waiting(self._outlet, batch.waiting)
                session.put_waiting(self._outlet, told_again(session, batch.leaves, touched))
                if batch.end and session.handed_to(self._outlet).get(log, 0) == batch.start:
                    session.set_handed_to(self._outlet, log, batch.end)
                self._demands.passed(session, batch.leaves)
                telling = (batch.head.origin, number)
                said = of_telling(session, self._outlet, log, telling, answer)
                self._demands.acknowledged(session, self._outlet, said)

        self._writer.submit(job).result()
        self._told = (b"", 0)

    def ask(self) -> int:
        """Ask the platform what it has acknowledged since it was told.

        Returns:
            The number of acknowledgements read.
        """
        with self._store.read() as session:
            owed = session.unacknowledged(self._outlet, self._asked, ASKED)
            origins = {head.log: head.origin for head in session.heads()}
            after = session.acknowledged_to(self._outlet)
        self._asked = (owed[-1].log, owed[-1].idx) if len(owed) == ASKED else _START
        asked = [Owed(origins[one.log], one.idx, one.number, TOLD_WORDS[one.word]) for one in owed]
        try:
            later = self._platform.later(asked, after) if asked else Later((), 0)
        except PlatformError as error:
            if self._silent is None or self._silent.code != error.code:
                _log.warning(
                    "platform acknowledges nothing",
                    code=error.code,
                    platform=self._name,
                    error=str(error),
                )
            self._silent = error
            return 0
        self._silent = None
        self._demands.take(self._outlet, later.said, to=later.to)
        return len(later.said)

    def report(self) -> dict[str, Any]:
        """Return `name`, `waiting` (statements), `relief` (of them), `fault` and `message`.

        And in `silent` why it cannot be asked what it has acknowledged.
        """
        fault = self._fault
        with self._store.read() as session:
            relief, others = session.count_waiting(self._outlet)
            cursors = session.handed_to(self._outlet)
            behind = sum(
                max(0, head.delivered_to - cursors.get(head.log, 0))
                for head in session.heads()
                if not head.ours
            )
        return {
            "name": self._name,
            "waiting": relief + others + behind,
            "relief": relief,
            "fault": "" if fault is None else fault.code,
            "message": "" if fault is None else str(fault),
            "silent": "" if self._silent is None else str(self._silent),
        }


def _index(row: StatementRow) -> int:
    return row.idx
