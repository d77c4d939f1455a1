"""Statements enter the store: the one path for our own log and for every log that we follow.

`append` runs inside a write session: tiles, openings, rows, suppression tags and the new head are
one transaction. A process that dies in it has changed nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import Final

from adapters.state.keyring import KeyRing
from crypto.merkle import leaf_hashes
from federation.facts import PayloadReader
from federation.ids import Origin, Timestamp
from federation.life.life import SIMILAR
from federation.life.reading import (
    Examined,
    ReadStatement,
    Said,
    StatementReading,
    misdirected,
    rows_of,
)
from federation.life.settling import Changes, settle
from federation.life.suppression import SUPPRESSED
from federation.peers.openings import DeliveredOpening
from federation.ports.journal import Kept
from federation.ports.store import LogHead, StoredOpening, WriteSession
from federation.relief.erased import kept_of, read_as_kept
from federation.rows import LISTED_KINDS, OpeningStatus, StatementRow, by_log
from node.charters.view import TrustView
from node.log.batch_reading import NOBODY, BatchReading, Reader
from node.log.chains import TrustChains, suppressed_records
from node.log.holds import Holds
from node.log.newest import Newest
from node.log.receipt_queue import tell_of_reliefs
from node.log.redelivery import ask_about_copies
from node.log.relieved_records import RelievedRecords
from node.log.relieved_tags import RelievedTags
from node.log.tiles import put_tiles

NOTHING_KEPT: Final[Mapping[int, Kept]] = MappingProxyType({})
BY_TAG: Final = (SUPPRESSED, SIMILAR)
"""Rules of listings that a tag or its twin alone ended or holds."""
MAY_OPEN: Final = (OpeningStatus.PENDING, OpeningStatus.NOT_FOR_US)
"""Openings that may still come."""
_NOT_FOR_US: Final = DeliveredOpening(OpeningStatus.NOT_FOR_US)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Statements read and openings sealed before the transaction, by the charters of `trust`."""

    trust: TrustView
    examined: Sequence[Examined]
    sealed: Sequence[StoredOpening]
    misdirected: Sequence[int] = ()
    """Indices of openings that were left out (R8) and of which the deliverer knew it."""


class Ledger:
    """Appends statements to logs in the store and settles what they change."""

    def __init__(
        self,
        *,
        keyring: KeyRing,
        payloads: PayloadReader,
        trust: Callable[[], TrustView],
        now: Callable[[], Timestamp],
        workers: Reader = NOBODY,
    ) -> None:
        """Wire the ledger; `trust` is asked anew for each transaction."""
        self._keyring = keyring
        self._workers = workers
        self._payloads = payloads
        self._trust = trust
        self._now = now
        self.newest = Newest()
        """What was appended last."""
        self._holds = Holds(keyring, payloads, trust)
        self.relieved = RelievedRecords(
            keyring=keyring,
            holds=self._holds,
            tags=RelievedTags(keyring, now),
            now=now,
            read_rows_again=self.read_rows_again,
        )
        """What reliefs and relistings do to all that is held of a record."""

    def batch_reading(self, origin: Origin) -> BatchReading:
        """Begin to read a batch of a log, beside this process where that is possible."""
        trust = self._trust()
        return BatchReading(self._workers, trust, self._reading(origin, trust))

    def prepare(
        self,
        origin: Origin,
        first: int,
        leaves: Sequence[bytes],
        openings: Sequence[DeliveredOpening],
        read: BatchReading | None = None,
        said: Sequence[Said] = (),
    ) -> Prepared:
        """Do of an append what needs no store; on any thread.

        Args:
            origin: the log.
            first: index of the first leaf.
            leaves: exact bytes.
            openings: checked against the leaves.
            read: of these leaves and openings, what a worker did.
            said: of our own statements, what was found when they were made (`reading.examine`).
        """
        answer = None if read is None else read.answer
        trust = self._trust() if read is None else read.trust
        reading = self._reading(origin, trust)
        examined = (
            reading.examine(first, leaves, openings, said)
            if answer is None
            else list(answer.examined)
        )
        left_out = {} if trust.is_ours(origin) else misdirected(trust.we_may_keep, first, examined)
        for index in left_out:
            place = index - first
            (examined[place],) = reading.examine(index, [leaves[place]], [_NOT_FOR_US])
        if answer is None:
            present = [
                (index, salt, payload)
                for index, (status, salt, payload, _) in enumerate(openings, first)
                if status == OpeningStatus.PRESENT and index not in left_out
            ]
            sealed: Sequence[StoredOpening] = self._keyring.seal_openings(origin, present)
        else:
            sealed = [one for one in answer.sealed if one.index not in left_out]
        return Prepared(
            trust=trust,
            examined=examined,
            sealed=sealed,
            misdirected=[i for i, audience in left_out.items() if trust.meant_for_others(audience)],
        )

    def renewed(
        self,
        origin: Origin,
        first: int,
        leaves: Sequence[bytes],
        openings: Sequence[DeliveredOpening],
        prepared: Prepared | None,
    ) -> Prepared:
        """What was prepared, made anew where the charters or the opening key have changed since."""
        if (
            prepared is None
            or prepared.trust is not self._trust()
            or any(sealed.key != self._keyring.sealing for sealed in prepared.sealed[:1])
        ):
            return self.prepare(origin, first, leaves, openings)
        return prepared

    def append(
        self,
        session: WriteSession,
        head: LogHead,
        leaves: Sequence[bytes],
        hashes: Sequence[bytes],
        openings: Sequence[DeliveredOpening],
        prepared: Prepared | None = None,
    ) -> LogHead:
        """Append proved leaves; the caller sets the note of the returned head and saves it.

        Args:
            session: the transaction.
            head: the log as the session has it.
            leaves: exact bytes.
            hashes: their leaf hashes.
            openings: checked against the leaves.
            prepared: of the same leaves and openings at this place; see `renewed`.
        """
        first = head.size
        prepared = self.renewed(head.origin, first, leaves, openings, prepared)
        put_tiles(session, head, leaves, hashes)
        session.put_openings(head.log, prepared.sealed)
        statements = _statements(session, head.log, first, prepared.examined)
        changes = self._settle(session, head, statements, hashes)
        inserts = self._holds.hold(session, changes.inserts, statements)
        if head.ours:
            ask_about_copies(session, inserts)  # before they are found among the copies
        session.insert_rows(inserts)
        if head.ours:
            session.put_due([(row.log, row.idx) for row in inserts if row.rule == SIMILAR])
        else:
            tell_of_reliefs(session, inserts)
        self.relieved.record(session, statements, changes)
        self.newest.keep(head.origin, first, leaves, openings, prepared.examined)
        size = first + len(leaves)
        return replace(head, size=size, applied_to=size)

    def open_late(
        self, session: WriteSession, head: LogHead, openings: Sequence[tuple[int, bytes, bytes]]
    ) -> Changes | None:
        """Take openings that came after their leaves; they must have been checked (rule R7).

        Args:
            session: the transaction.
            head: the log.
            openings: (index, salt, payload), none of them misdirected (R8).
        """
        rows = {row.idx: row for row in session.rows_at([(head.log, i) for i, _, _ in openings])}
        wanted = [o for o in openings if o[0] in rows and rows[o[0]].opening in MAY_OPEN]
        if not wanted:
            return None
        # Also where one lies that could not be opened; see `read_again`.
        session.replace_openings(head.log, self._keyring.seal_openings(head.origin, wanted))
        delivered = [
            (index, DeliveredOpening(OpeningStatus.PRESENT, salt, payload))
            for index, salt, payload in wanted
        ]
        return self._read_again(session, head, delivered)

    def read_again(self, session: WriteSession, head: LogHead, indices: Sequence[int]) -> None:
        """Derive rows again after a charter or the program changed what may be said.

        An opening that does not open (damaged, or under a key that was destroyed since) is read
        like one that has not come: peers are asked for it, and nothing punishes meanwhile.
        """
        stored = {o.index: o for o in session.openings(head.log, indices)}
        rows = {row.idx: row for row in session.rows_at([(head.log, i) for i in indices])}
        openings = [
            self._reopened(head.origin, stored[index])
            if index in stored
            else DeliveredOpening(rows[index].opening)
            for index in indices
        ]
        kept = {i: kept_of(row) for i, row in rows.items() if row.opening == OpeningStatus.ERASED}
        self._read_again(session, head, list(zip(indices, openings, strict=True)), kept)

    def _reopened(self, origin: Origin, stored: StoredOpening) -> DeliveredOpening:
        for _, opening in self._keyring.held_openings(origin, [stored]):
            return DeliveredOpening(OpeningStatus.PRESENT, opening.salt, opening.payload)
        return DeliveredOpening(OpeningStatus.PENDING)

    def derive(
        self,
        session: WriteSession,
        head: LogHead,
        start: int,
        end: int,
        statuses: Sequence[int],
        kept: Mapping[int, Kept] = NOTHING_KEPT,
    ) -> None:
        """Derive rows of leaves [start, end) that have none, for a rebuild.

        Args:
            session: the transaction.
            head: the log.
            start: index of the first leaf.
            end: index after the last.
            statuses: opening status of each leaf of the log, for openings that are not held.
            kept: of those that this node erased, by index.
        """
        leaves = session.leaves(head.log, start, end)
        stored = session.openings_between(head.log, start, end)
        damaged = {one.index for one in stored}
        held = {
            one.index: DeliveredOpening(OpeningStatus.PRESENT, opening.salt, opening.payload)
            for one, opening in self._keyring.held_openings(head.origin, stored)
        }
        openings = [
            held.get(index)
            or DeliveredOpening(OpeningStatus.PENDING if index in damaged else statuses[index])
            for index in range(start, end)
        ]
        examined = self._reading(head.origin, self._trust()).examine(start, leaves, openings)
        statements = _with_kept(_statements(session, head.log, start, examined), kept)
        changes = self._settle(session, head, statements, leaf_hashes(leaves))
        session.insert_rows(self._holds.hold(session, changes.inserts, statements))
        session.replace_rows(self._holds.hold(session, changes.replaces, statements))

    def _read_again(
        self,
        session: WriteSession,
        head: LogHead,
        delivered: Sequence[tuple[int, DeliveredOpening]],
        kept: Mapping[int, Kept] = NOTHING_KEPT,
    ) -> Changes:
        reading = self._reading(head.origin, self._trust())
        statements: list[ReadStatement] = []
        leaves = session.leaves_at([(head.log, index) for index, _ in delivered])
        for (index, opening), leaf in zip(delivered, leaves, strict=True):
            examined = reading.examine(index, [leaf], [opening])
            statements += _statements(session, head.log, index, examined)
        changes = self._settle(session, head, _with_kept(statements, kept), None)
        self.relieved.record(session, statements, changes)
        return changes

    def _reading(self, origin: Origin, trust: TrustView) -> StatementReading:
        return StatementReading(
            origin=origin, payloads=self._payloads, tagger=self._keyring, rights=trust
        )

    def _settle(
        self,
        session: WriteSession,
        head: LogHead,
        statements: Sequence[ReadStatement],
        hashes: Sequence[bytes] | None,
    ) -> Changes:
        in_batch = (
            {}
            if hashes is None
            else {(head.log, s.row.idx): h for s, h in zip(statements, hashes, strict=True)}
        )
        return settle(
            statements,
            session,
            chains=TrustChains(self._trust(), session.heads()),
            rights=self._trust(),
            leaf_hashes=in_batch,
            suppressed=suppressed_records(
                session,
                self._keyring,
                (s.facts.spelt for s in statements if s.key and s.row.kind in LISTED_KINDS),
            ),
            stored=hashes is None,
        )

    def read_rows_again(self, session: WriteSession, rows: Sequence[StatementRow]) -> None:
        """See `read_again`, for rows of any logs."""
        heads = {head.log: head for head in session.heads()} if rows else {}
        for log, indices in by_log([(row.log, row.idx) for row in rows]).items():
            self.read_again(session, heads[log], indices)


def _statements(
    session: WriteSession, log: int, first: int, examined: Sequence[Examined]
) -> list[ReadStatement]:
    return rows_of(log, first, examined, cache(session.audience_number))


def _with_kept(statements: list[ReadStatement], kept: Mapping[int, Kept]) -> list[ReadStatement]:
    """Put in what was read of statements before this node erased their openings."""
    if not kept:
        return statements
    return [
        one._replace(row=read_as_kept(one.row, kept[one.row.idx]))
        if one.row.idx in kept and one.row.opening == OpeningStatus.ERASED
        else one
        for one in statements
    ]
