"""What other members' receipts 回执 say of leaves of our own log, and when they said it.

A receipt is read from the log of its speaker as it is held here, never from memory: what is told is
what can be proved. `collect` says which word counts (`federation.reconcile.receipts`, Q12, Q13).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from adapters.state.reading_ring import ReadingRing
from federation.facts import PayloadReader
from federation.ids import Origin, Timestamp
from federation.payloads import Receipt
from federation.ports.store import LogHead, ReadSession
from federation.reconcile.receipts import TOLD_KINDS, about_ours, collect
from federation.reconcile.views import ToldBy
from federation.rows import State, StatementRow
from federation.statements import HEADER_SIZE, Kind, parse_header
from node.charters.view import TrustView

RECEIPTS: Final = 256
"""Receipts read at once; a peer may make each of them as large as a payload."""
_SKEW: Final = 86_400
"""Seconds by which clocks of members may differ before a receipt is not looked at."""


class SaidReceipt(NamedTuple):
    """A receipt with its speaker and the time in its header."""

    origin: Origin
    at: Timestamp
    receipt: Receipt


class Told:
    """Reads receipts out of the logs that are followed."""

    def __init__(
        self, *, keyring: ReadingRing, payloads: PayloadReader, trust: Callable[[], TrustView]
    ) -> None:
        """Wire it; `trust` is asked anew each time."""
        self._keyring = keyring
        self._payloads = payloads
        self._trust = trust

    def receipts(self, session: ReadSession, since: int = 0) -> Iterator[SaidReceipt]:
        """The receipts of all followed logs that are in force, in the order of the logs.

        Args:
            session: what is held.
            since: only those said from this time on.
        """
        for head in session.heads():
            after: tuple[int, int] | None = None
            while not head.ours and (
                rows := session.list_rows(
                    log=head.log,
                    kinds=[Kind.RECEIPT],
                    states=[State.IN_FORCE],
                    after=after,
                    limit=RECEIPTS,
                )
            ):
                after = (head.log, rows[-1].idx)
                yield from self._opened(session, head, _said_since(session, rows, since))

    def about(
        self, session: ReadSession, head: LogHead, row: StatementRow, issued_at: int
    ) -> tuple[ToldBy, ...]:
        """What each other member said last of a leaf of our own.

        Args:
            session: what is held.
            head: the leaf's log, of our node.
            row: the leaf's row.
            issued_at: when it was said.

        Returns:
            In the order of the origins, also of those who have said nothing yet; empty for a leaf
            of another's log, and of a kind of which no receipts are given.
        """
        if not head.ours or row.kind not in TOLD_KINDS:
            return ()
        trust = self._trust()
        own, kinds = Origin(head.origin), {row.idx: row.kind}
        newest: dict[Origin, int] = {}
        said: list[tuple[Origin, Receipt]] = []
        for one in self.receipts(session, max(0, issued_at - _SKEW)):
            speaker = trust.chain(one.origin) or (one.origin,)
            if about_ours(one.receipt, speaker, own):
                said.append((one.origin, one.receipt))
                if any(row.idx in batch.indices for batch in one.receipt.batches):
                    newest[one.origin] = one.at
        found = {
            origin: ToldBy(origin=origin, city=trust.city(origin)) for origin in trust.tellers()
        }
        found |= {
            speaker: ToldBy(
                origin=speaker,
                city=trust.city(speaker),
                outcome=told.outcome,
                reason=told.reason,
                at=Timestamp(newest[speaker]),
            )
            for (speaker, _), told in collect(said, kinds).items()
        }
        return tuple(found[origin] for origin in sorted(found))

    def _opened(
        self, session: ReadSession, head: LogHead, said: dict[int, int]
    ) -> Iterator[SaidReceipt]:
        stored = sorted(session.openings(head.log, list(said)), key=lambda one: one.index)
        for one, opening in self._keyring.held_openings(head.origin, stored):
            receipt = self._payloads.decode(Kind.RECEIPT, opening.payload)
            if isinstance(receipt, Receipt):
                yield SaidReceipt(Origin(head.origin), Timestamp(said[one.index]), receipt)


def _said_since(session: ReadSession, rows: Sequence[StatementRow], since: int) -> dict[int, int]:
    """When each receipt was said, by index, without those before a time."""
    leaves = session.leaves_at([(row.log, row.idx) for row in rows])
    times = {
        row.idx: parse_header(leaf).issued_at
        for row, leaf in zip(rows, leaves, strict=True)
        if len(leaf) >= HEADER_SIZE
    }
    return {index: at for index, at in times.items() if at >= since}
