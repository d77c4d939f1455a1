"""Openings that come after their leaves: which are missing, and what comes of asking for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from federation.ids import MemberId, Origin
from federation.peers.frames import LateOpening
from federation.peers.openings import DeliveredOpening, check_openings
from federation.ports.store import LogHead, ReadSession, Store
from federation.rows import OpeningStatus, may_be_erased
from node.log.ledger import MAY_OPEN, Ledger
from node.log.receipt_queue import tell_of_again
from node.peers.blame import MISMATCH, NOT_FOR_US, Blame
from node.peers.serving import Served, Serving
from node.peers.streams import Streams

MAX_UNREAD: Final = 256
"""Frames waiting on a stream from which on no late opening is added; a peer asks for it itself."""


class LateOpenings:
    """Says what is to be asked for, and takes what comes; methods that write on the writer."""

    def __init__(
        self,
        *,
        store: Store,
        ledger: Ledger,
        blame: Blame,
        served: Mapping[Origin, Served],
        serving: Serving,
        streams: Streams,
        changed: Callable[[], None],
    ) -> None:
        """Wire it; `served`, which changes, is what is shown of each log."""
        self._store = store
        self._ledger = ledger
        self._blame = blame
        self._served = served
        self._serving = serving
        self._streams = streams
        self._changed = changed
        self._asked: dict[tuple[Origin, bool], int] = {}
        """Index of the opening of each log that was named last; of reliefs for themselves."""

    def missing(self, limit: int, *, reliefs: bool = False) -> dict[Origin, list[int]]:
        """Openings that this node should have and does not, for asking peers.

        With `reliefs` those of reliefs alone, else reliefs first.

        Each log has its own share of at most `limit`, and within a log each opening its turn:
        those that nobody ever gives keep no other from being asked for.
        """
        result: dict[Origin, list[int]] = {}
        with self._store.read() as session:
            # Of most nodes none is missing, and no log need be asked about.
            missing = session.pending(None, 1, reliefs=reliefs)
            for head in session.heads() if missing else ():
                turn = self._turn(session, head, limit, reliefs=True)
                if not reliefs:
                    turn += self._turn(session, head, limit - len(turn), reliefs=False)
                if turn:
                    result[head.origin] = list(dict.fromkeys(turn))
        return result

    def _turn(self, session: ReadSession, head: LogHead, limit: int, *, reliefs: bool) -> list[int]:
        """Those whose turn it is: after the one named last, then from the beginning."""
        if limit <= 0:
            return []
        asked = self._asked.get((head.origin, reliefs), -1)
        turn = [index for _, index in session.pending(head.log, limit, asked, reliefs=reliefs)]
        again = session.pending(head.log, limit - len(turn), reliefs=reliefs)
        first = [index for _, index in again if index <= asked]
        if turn or first:
            self._asked[head.origin, reliefs] = (first or turn)[-1]
        return sorted((*turn, *first))

    def take(
        self, origin: Origin, openings: Sequence[tuple[int, DeliveredOpening]], peer: MemberId
    ) -> int:
        """Take openings that were asked for, and pass them on.

        Those that do not open are blamed on the peer.

        Returns:
            The number of those that opened and were not held before.
        """
        good: list[tuple[int, bytes, bytes]] = []
        with self._store.write() as transaction:
            head = transaction.head(origin)
            if head is None:
                return 0
            brought = [
                (index, opening)
                for index, opening in openings
                if opening.status == OpeningStatus.PRESENT and 0 <= index < head.size
            ]
            leaves = transaction.leaves_at([(head.log, index) for index, _ in brought])
            for (index, opening), leaf in zip(brought, leaves, strict=True):
                (checked,), misopened = check_openings(origin, index, [leaf], [opening])
                if misopened:
                    self._blame.opening(peer, origin, index, MISMATCH)
                prepared = self._ledger.prepare(origin, index, [leaf], [checked])
                for misdirected in prepared.misdirected:
                    self._blame.opening(peer, origin, misdirected, NOT_FOR_US)
                (row,) = transaction.rows_at([(head.log, index)])
                # What lies here already is passed on to nobody: two who follow the log from each
                # other would send it to and fro for ever.
                if prepared.sealed and row.opening in MAY_OPEN:
                    good.append((index, checked.salt, checked.payload))
            if good:
                self._ledger.open_late(transaction, head, good)
        if good:
            self._pass_on(origin, [index for index, _, _ in good])
        return len(good)

    def take_not_for_us(self, origin: Origin, indices: Sequence[int]) -> None:
        """Believe that these openings are not for us (E3): they are asked for no more.

        Of open kinds and of reliefs it is never believed (E1).
        """
        with self._store.write() as transaction:
            head = transaction.head(origin)
            if head is None:
                return
            rows = transaction.rows_at([(head.log, index) for index in indices])
            believed = [
                row._replace(opening=OpeningStatus.NOT_FOR_US)
                for row in rows
                if row.opening == OpeningStatus.PENDING and may_be_erased(row)
            ]
            transaction.replace_rows(believed)
            tell_of_again(transaction, believed)

    def _pass_on(self, origin: Origin, indices: Sequence[int]) -> None:
        """Send openings that came late to those who follow the log from us."""
        served = self._served.get(origin)
        if served is None:
            return
        # Who does not keep up asks for them by itself.
        for session in self._streams.following(origin, waiting=MAX_UNREAD):
            known = [index for index in indices if index < session.cursors.get(origin, 0)]
            openings = self._serving.openings(session.peer, origin, served, known)
            session.outbox.extend(
                LateOpening(origin=origin, index=index, opening=opening)
                for index, opening in zip(known, openings, strict=True)
                if opening.status == OpeningStatus.PRESENT
            )
        self._changed()
