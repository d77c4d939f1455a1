"""The hearing job: what receipts say of reliefs, and of what they lifted, is put into an index.

A receipt names leaves, up to thousands, and is sealed; who asks of one relief which cities have
lifted it cannot open them all. So each receipt of each log, our own too, is opened once when it has
come, and where it says something that counts (RP3) the store keeps whose it is and where it stands.
A receipt may be here before the leaves that it names: of those a few are kept in advance, so that a
speaker who invents leaves fills no disk.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from adapters.state.keyring import KeyRing
from federation.facts import PayloadReader
from federation.ids import Origin, node_of
from federation.payloads import Receipt
from federation.ports.receipts import Heard
from federation.ports.store import LogHead, ReadSession, Store
from federation.reconcile.receipts import ReceiptOutcome
from federation.relief.progress import is_relief
from federation.rows import LISTED_KINDS, OpeningStatus, StatementRow
from federation.statements import Kind
from node.charters.view import TrustView
from node.log.writer import WriteThread
from node.system.tracing import point

BATCH: Final = 64
"""Receipts of one transaction."""
AHEAD: Final = 4096
"""Leaves beyond those held of which a receipt is heard."""
_OF_RELIEFS: Final = (ReceiptOutcome.APPLIED, ReceiptOutcome.OPENED)
HEARD: Final = (*_OF_RELIEFS, ReceiptOutcome.LIFTED)
"""Outcomes that say how far a relief has come."""


class Hearing:
    """Goes through the receipts that have come; `run` is called in a thread of the job."""

    def __init__(
        self,
        *,
        store: Store,
        writer: WriteThread,
        keyring: KeyRing,
        payloads: PayloadReader,
        trust: Callable[[], TrustView],
    ) -> None:
        """Wire it."""
        self._store = store
        self._writer = writer
        self._keyring = keyring
        self._payloads = payloads
        self._trust = trust
        self._through: dict[int, tuple[int, int]] = {}
        """How far each log was applied and heard when nothing of it was left: it is asked again
        when either has changed, as it does when rows are derived anew."""

    def run(self) -> int:
        """Hear all that has come; the number of receipts."""
        count = 0
        with self._store.read() as session:
            heard_to = session.heard_to()
            logs = []
            for head in session.heads():
                at = (head.applied_to, heard_to.get(head.log, 0))
                if self._through.get(head.log) == at:
                    continue
                found, waits = self._next(session, head, at[1])
                if found:
                    logs.append(head.log)
                elif not waits:
                    self._through[head.log] = at
        for log in logs:
            while heard := self._writer.submit(partial(self._some, log)).result():
                count += heard
        return count

    def _some(self, log: int) -> int:
        """Hear the next receipts of a log, if there are any, in one transaction."""
        with self._store.read() as session:
            (head,) = [one for one in session.heads() if one.log == log]
            rows, _ = self._next(session, head, session.heard_to().get(log, 0))
            said = self._said(session, head, rows)
            lifted = _lifted_of_ours(session, said)
        if rows:
            with self._store.write(durable=False) as session:
                for about, words in said.items():
                    session.put_heard(about, words)
                session.put_heard_to(log, rows[-1].idx + 1)
            for listing in lifted:
                point("relief heard", listing, peer=node_of(Origin(head.origin)))
        return len(rows)

    @staticmethod
    def _next(
        session: ReadSession, head: LogHead, start: int
    ) -> tuple[Sequence[StatementRow], bool]:
        """The next receipts, as far as they are opened, and whether one is not yet."""
        rows = session.list_rows(
            log=head.log,
            kinds=[Kind.RECEIPT],
            states=None,
            after=(head.log, start - 1),
            limit=BATCH,
        )
        pending = [n for n, row in enumerate(rows) if row.opening == OpeningStatus.PENDING]
        return (rows[: pending[0]], True) if pending else (rows, False)

    def _said(
        self, session: ReadSession, head: LogHead, rows: Sequence[StatementRow]
    ) -> dict[int, list[Heard]]:
        """What receipts say that counts, by the log of which they say it."""
        heads = {one.origin: one for one in session.heads()}
        own = {head.origin, *self._trust().chain(Origin(head.origin))}
        stored = session.openings(head.log, [row.idx for row in rows])
        found: dict[int, list[Heard]] = defaultdict(list)
        for one, opening in self._keyring.held_openings(
            head.origin, sorted(stored, key=lambda one: one.index)
        ):
            receipt = self._payloads.decode(Kind.RECEIPT, opening.payload)
            if not isinstance(receipt, Receipt) or receipt.origin in own:
                continue
            about = heads.get(receipt.origin)
            if about is not None:
                found[about.log] += _counting(session, about, receipt, head.log, one.index)
        return found


def _lifted_of_ours(session: ReadSession, said: Mapping[int, Sequence[Heard]]) -> list[bytes]:
    """Statement ids of our own listings that are said to be lifted."""
    ours = {one.log for one in session.heads() if one.ours}
    places = [
        (log, one.idx)
        for log, words in said.items()
        if log in ours
        for one in words
        if one.outcome == ReceiptOutcome.LIFTED
    ]
    return [row.statement_id for row in session.rows_at(places)]


def _counting(
    session: ReadSession, about: LogHead, receipt: Receipt, speaker: int, place: int
) -> list[Heard]:
    """What a receipt says of reliefs, and of what was lifted."""
    named = [
        (index, batch.outcome)
        for batch in receipt.batches
        if batch.outcome in HEARD
        for index in batch.indices
        if index < about.size + AHEAD
    ]
    rows = {row.idx: row for row in session.rows_at([(about.log, index) for index, _ in named])}
    return [
        Heard(index, speaker, outcome, place)
        for index, outcome in named
        if index not in rows or _counts(rows[index], outcome)
    ]


def _counts(row: StatementRow, outcome: int) -> bool:
    if outcome == ReceiptOutcome.LIFTED:
        return row.kind in LISTED_KINDS
    return is_relief(row.kind, row.action)
