"""Relief that stands in the other history of a forked log.

A node follows a forked log along the history that it holds; leaves of another one do not continue
it (R2, R5) and are left out. Their reliefs count all the same: the log's key signed them, and in
doubt nobody is punished. So each peer with whom a charter that names the log is shared, also one
of whom it is not followed, is asked for a forked log from its beginning, once on a stream, and what
comes is proved on a frontier of its own (R1-R5, R7), whichever history it is of.

A stream that ended is gone on with where it ended; but from the first relief on whose record was
not known, and from the beginning where the peer has another history now, or the charters are
others: none of that may be lost with a stream. After our own restart all is looked through again.

A relief that our own history does not hold ends its record here: as after an erasure a suppression
tag stands in the journal, and all copies of the record are judged again. Nothing else of the other
history is taken, and no leaf of it is kept; ADR 0019.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Final

import structlog

from crypto.merkle import Frontier
from federation.comparison import Spelt
from federation.errors import FederationError
from federation.facts import PayloadFacts
from federation.ids import MemberId, Origin
from federation.life.reading import rows_of
from federation.peers.frames import Cursor
from federation.peers.openings import DeliveredOpening
from federation.peers.replica import Replica
from federation.peers.replication import DeliveredBatch, link
from federation.ports.store import LogHead, Store, WriteSession
from federation.rows import LISTED_KINDS, RELIEF_KINDS, OpeningStatus, StatementRow, is_act
from node.charters.view import TrustView
from node.log.ledger import Ledger
from node.peers.prepared import PreparedBatch, PreparedRun, batches_of
from node.peers.session import Session

_log = structlog.get_logger()

_UNPROVED: Final = "batch.unproved"


class ForkRelief:
    """Looks through forked logs; `take` on the writer thread."""

    def __init__(
        self,
        *,
        store: Store,
        ledger: Ledger,
        trust: Callable[[], TrustView],
        forked: AbstractSet[Origin],
        replicas: Mapping[Origin, Replica],
    ) -> None:
        """Look at the logs in `forked`, which grows, of those followed."""
        self._store = store
        self._ledger = ledger
        self._trust = trust
        self._forked = forked
        self._replicas = replicas
        self._seen: dict[tuple[MemberId, Origin], Frontier] = {}
        """How far each peer's history of a forked log was looked through since the start."""
        self._unknown: dict[tuple[MemberId, Origin], Frontier] = {}
        """Before the first relief of it whose record was not known: looked at again."""

    def cursors(self, session: Session) -> list[Cursor]:
        """Ask a peer for forked logs from where its history was looked through; once a stream."""
        asked: list[Cursor] = []
        trust = self._trust()
        for origin in sorted(self._forked & self._replicas.keys()):
            if origin in session.other or not trust.offers(origin, session.peer):
                continue
            session.other.add(origin)
            session.subscribed.add(origin)
            place = (session.peer, origin)
            if place in self._unknown:
                self._seen[place] = self._unknown.pop(place)
            seen = self._seen.get(place, Frontier.empty())
            # What continues our own history is asked for with it.
            size = min(seen.size, self._replicas[origin].size)
            asked.append(Cursor(origin=origin, size=size))
        return asked

    def charters_changed(self) -> None:
        """What could end no record by the charters before may end one now: look again."""
        self._seen.clear()
        self._unknown.clear()

    def take(
        self, session: Session, delivered: DeliveredBatch | PreparedBatch | PreparedRun
    ) -> None:
        """Look through batches of a forked log; what does not prove says nothing here.

        Raises:
            StoreError: the database failed; nothing was kept, and it is looked at again.
        """
        if delivered.origin in session.other:
            for batch in batches_of(delivered):
                self._look(session.peer, batch)

    def _look(self, peer: MemberId, batch: DeliveredBatch) -> None:
        place = (peer, batch.origin)
        frontier = self._seen.get(place, Frontier.empty())
        try:
            linked = link(frontier, batch, self._trust().log_key(batch.origin))
        except FederationError as error:
            if error.code == _UNPROVED:
                self._seen.pop(place, None)  # another history than before: from its beginning
            return
        if linked is None:
            return
        reliefs = [
            (index, leaf, opening)
            for index, (leaf, opening) in enumerate(
                zip(linked.leaves, linked.openings, strict=True), frontier.size
            )
            if leaf[1:2] and leaf[1] in RELIEF_KINDS
        ]
        if reliefs:
            with self._store.write() as session:
                head = session.head(batch.origin)
                known = [
                    head is not None and self._end_record(session, head, index, leaf, opening)
                    for index, leaf, opening in reliefs
                ]
            if not all(known):
                self._unknown.setdefault(place, frontier)
        self._seen[place] = linked.after

    def _end_record(
        self,
        session: WriteSession,
        head: LogHead,
        index: int,
        leaf: bytes,
        opening: DeliveredOpening,
    ) -> bool:
        """End the record of a relief that our own history does not hold, if it may end it.

        Returns:
            Whether what there is to do is done; False where its record is not known yet.
        """
        examined = self._ledger.prepare(head.origin, index, [leaf], [opening]).examined
        ((row, facts),) = rows_of(head.log, index, examined, session.audience_number)
        held = session.rows_by_id([head.log], [row.statement_id])
        if not is_act(row) or any(one.kind in RELIEF_KINDS for one in held):
            return True
        row, record = self._with_record(session, row, facts)
        if record is None:
            return opening.status == OpeningStatus.PRESENT
        trust = self._trust()
        if not trust.competent(head.origin, index, row.authority) or not trust.within_cut(
            head.origin, index
        ):
            return True
        if (head.log, index) in self._ledger.relieved.ending(session, record):
            return True
        session.append_journal(self._ledger.relieved.tags.ended(row, record))
        _log.warning(
            "record ended by another history", code="relief.other-history", origin=head.origin
        )
        tags = [] if row.record_tag is None else [row.record_tag]
        self._ledger.read_rows_again(session, session.rows_by_record(tags, LISTED_KINDS))
        self._ledger.relieved.hold_similar(session, [row])
        return True

    def _with_record(
        self, session: WriteSession, relief: StatementRow, said: PayloadFacts
    ) -> tuple[StatementRow, Spelt | None]:
        """A relief's record is that of the listing which it names, where we hold that opened."""
        for listing in session.rows_by_id([relief.log], [relief.about or b""]):
            if listing.kind in LISTED_KINDS and listing.record_tag is not None:
                named = relief._replace(
                    tag=listing.record_tag,
                    authority=listing.authority,
                    until=max(relief.until, listing.until),
                )
                if found := self._ledger.relieved.record_of(session, named, None):
                    return named, found
        return relief, said.spelt if said.key else None
