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
from crypto.merkle import Frontier, NodeReader, frontier_at, leaf_hashes
from crypto.tiles import TILE_WIDTH, TileReader, format_entry_tile, grow, parse_entry_tile
from federation.comparison import Spelt
from federation.facts import PayloadFacts, PayloadReader
from federation.ids import Origin, Timestamp
from federation.life.life import SIMILAR, STANDING
from federation.life.reading import Examined, ReadStatement, StatementReading, misdirected, rows_of
from federation.life.settling import RECORD_DIFFERS, SUPPRESSED, Changes, settle
from federation.life.similar import told_apart
from federation.peers.replication import DeliveredOpening
from federation.ports.store import JournalEntry, LogHead, ReadSession, StoredOpening, WriteSession
from federation.relief.erased import Kept, kept_of, read_as_kept
from federation.rows import ADVERSE_KINDS, LISTED_KINDS, OpeningStatus, StatementRow, by_log
from federation.statements import Kind
from node.charters.view import TrustView
from node.log.chains import TrustChains, suppressed_records
from node.log.holds import Holds
from node.log.receipt_queue import tell_of_again, tell_of_reliefs
from node.log.relieved_tags import RelievedTags

NOTHING_KEPT: Final[Mapping[int, Kept]] = MappingProxyType({})
BY_TAG: Final = (SUPPRESSED, SIMILAR)
"""Rules of listings that a tag or its twin alone ended or holds."""
ENTRIES: Final = -1
"""Level under which the store keeps entry tiles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Statements read and openings sealed before the transaction, by the charters of `trust`."""

    trust: TrustView
    examined: Sequence[Examined]
    sealed: Sequence[StoredOpening]
    misdirected: Sequence[int] = ()
    """Indices of openings that were left out (R8) and of which the deliverer knew it."""


def tile_nodes(session: ReadSession, log: int, size: int) -> NodeReader:
    """Read subtrees of a log held, as it was at `size`."""

    def fetch(places: Sequence[tuple[int, int]]) -> list[bytes]:
        found: dict[tuple[int, int], bytes] = {}
        for level in {level for level, _ in places}:
            numbers = [n for lvl, n in places if lvl == level]
            for number, data in zip(numbers, session.tiles(log, level, numbers), strict=True):
                found[level, number] = data
        return [found[place] for place in places]

    return TileReader(size, fetch)


def frontier_of(session: ReadSession, head: LogHead) -> Frontier:
    """Read the frontier of a log at the size held."""
    return frontier_at(head.size, tile_nodes(session, head.log, head.size))


class Ledger:
    """Appends statements to logs in the store and settles what they change."""

    def __init__(
        self,
        *,
        keyring: KeyRing,
        payloads: PayloadReader,
        trust: Callable[[], TrustView],
        now: Callable[[], Timestamp],
    ) -> None:
        """Wire the ledger; `trust` is asked anew for each transaction."""
        self._keyring = keyring
        self._payloads = payloads
        self._trust = trust
        self._now = now
        self.tags = RelievedTags(keyring, now)
        """Makes the tags of relieved records."""
        self._holds = Holds(keyring, payloads, trust)

    def prepare(
        self,
        origin: Origin,
        first: int,
        leaves: Sequence[bytes],
        openings: Sequence[DeliveredOpening],
    ) -> Prepared:
        """Do of an append what needs no store; on any thread.

        Args:
            origin: the log.
            first: index of the first leaf.
            leaves: exact bytes.
            openings: checked against the leaves.
        """
        trust = self._trust()
        reading = self._reading(origin, trust)
        examined = reading.examine(first, leaves, openings)
        left_out = {} if trust.is_ours(origin) else misdirected(trust.we_may_keep, first, examined)
        if left_out:
            kept = list(openings)
            for index in left_out:
                kept[index - first] = DeliveredOpening(OpeningStatus.NOT_FOR_US)
            openings = kept
            examined = reading.examine(first, leaves, openings)
        present = [
            (index, salt, payload)
            for index, (status, salt, payload, _) in enumerate(openings, first)
            if status == OpeningStatus.PRESENT
        ]
        return Prepared(
            trust=trust,
            examined=examined,
            sealed=self._keyring.seal_openings(origin, present),
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
        self._put_tiles(session, head, leaves, hashes)
        session.put_openings(head.log, prepared.sealed)
        statements = _statements(session, head.log, first, prepared.examined)
        changes = self._settle(session, head, statements, hashes)
        inserts = self._holds.hold(session, changes.inserts, statements)
        session.insert_rows(inserts)
        if head.ours:
            ask_about_copies(session, inserts)
            session.put_due([(row.log, row.idx) for row in inserts if row.rule == SIMILAR])
        else:
            tell_of_reliefs(session, inserts)
        self._record(session, statements, changes)
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
        for index, opening in delivered:
            (leaf,) = session.leaves(head.log, index, index + 1)
            examined = reading.examine(index, [leaf], [opening])
            statements += _statements(session, head.log, index, examined)
        changes = self._settle(session, head, _with_kept(statements, kept), None)
        self._record(session, statements, changes)
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
                [s.facts.spelt for s in statements if s.key and s.row.kind in LISTED_KINDS],
            ),
            stored=hashes is None,
        )

    @staticmethod
    def tell_again(session: WriteSession, head: LogHead) -> None:
        """Let the platform be told again of the standing listings of a log that it was told of.

        For what changes without a statement, such as a fork proof.
        """
        session.put_redeliveries(
            [
                (head.log, index)
                for index, kind, state, _, _ in session.outcomes(head.log)
                if index < head.delivered_to and kind in LISTED_KINDS and state in STANDING
            ]
        )

    def _record(
        self, session: WriteSession, statements: Sequence[ReadStatement], changes: Changes
    ) -> None:
        """Write what follows from the changes: rows, tags, redelivery."""
        relistings = [s.row for s in statements if s.row.kind == Kind.RELISTING]
        if not (changes.replaces or changes.relieved or relistings):
            return
        self.changed(session, self._holds.hold(session, changes.replaces, statements))
        said = {(s.row.log, s.row.idx): s.facts for s in statements}
        entries: list[JournalEntry] = []
        ended: list[StatementRow] = []
        for row in changes.relieved:
            record = self.record_of(session, row, said.get((row.log, row.idx)))
            if record and (row.log, row.idx) not in self.ending(session, record):
                entries += self.tags.ended(row, record, until=self._lasting(session, row))
                ended.append(row)
        for row in changes.relisted:
            entries += self.tags.lifted(row, said[row.log, row.idx].spelt)
        session.append_journal(entries)
        self._ask_tags(session, ended, relistings)
        self.hold_similar(session, [*changes.relieved, *changes.relisted])

    @staticmethod
    def _lasting(session: ReadSession, relief: StatementRow) -> int:
        """Last day of what a relief ended: its own, or a later one of a listing that is held.

        0 where one of them never ends: an end that a relief states too early revives nothing.
        """
        tags = [relief.record_tag] if relief.record_tag is not None else []
        listings = session.rows_by_record(tags, LISTED_KINDS)
        lasting = [relief.until, *(row.until for row in listings if row.until or _is_read(row))]
        if 0 in lasting:
            return 0
        return max(lasting)

    def _ask_tags(
        self,
        session: WriteSession,
        ended: Sequence[StatementRow],
        relistings: Sequence[StatementRow],
    ) -> None:
        """Read listings again that a new tag may end, or whose tag may reach nothing any more.

        So they come to the same as those that are read when the tag is there already.
        """
        set_now = {row.record_tag for row in ended}
        revoked = {row.record_tag for row in relistings} - {None}
        tags = sorted(tag for tag in set_now | revoked if tag is not None)
        self.read_rows_again(
            session,
            [
                row
                for row in (session.rows_by_record(tags, LISTED_KINDS) if tags else ())
                if (row.record_tag in set_now and row.state in STANDING)
                or (row.record_tag in revoked and row.rule == SUPPRESSED)
            ],
        )

    def ending(self, session: ReadSession, record: Spelt) -> Sequence[tuple[int, int]]:
        """The reliefs, by log and index, of the suppression tags that stand for a record."""
        return suppressed_records(session, self._keyring, [record]).get(record.key, ())

    def hold_similar(self, session: WriteSession, said: Sequence[StatementRow]) -> None:
        """Hold what is similar to the records of reliefs, and what no longer is no more (L14).

        Args:
            session: the transaction, in which their tags have been set or lifted.
            said: reliefs and relistings.
        """
        held, free = self._holds.of_subjects(session, said)
        self.changed(session, held)
        self.read_rows_again(session, free)

    def tell_apart(
        self, session: WriteSession, listing: StatementRow, persons: Sequence[str]
    ) -> None:
        """Keep that a listing's record is none of the relieved ones like it, and read it again.

        The same holds of all copies of its record.
        """
        for record_tag, relieved in self._holds.records(session, [listing]).items():
            session.append_journal(
                [told_apart(self._now(), one, record_tag, persons) for one in sorted(relieved)]
            )
            copies = session.rows_by_record([record_tag], ADVERSE_KINDS)
            self.read_rows_again(session, [row for row in copies if row.rule == SIMILAR])

    def read_rows_again(self, session: WriteSession, rows: Sequence[StatementRow]) -> None:
        """See `read_again`, for rows of any logs."""
        heads = {head.log: head for head in session.heads()} if rows else {}
        for log, indices in by_log([(row.log, row.idx) for row in rows]).items():
            self.read_again(session, heads[log], indices)

    @staticmethod
    def changed(session: WriteSession, rows: Sequence[StatementRow]) -> None:
        """Write rows that are others now, and have them judged, delivered and told of again."""
        if not rows:
            return
        session.replace_rows(rows)
        session.put_due([(r.log, r.idx) for r in rows if r.kind in ADVERSE_KINDS])
        delivered = {head.log: head.delivered_to for head in session.heads()}
        session.put_redeliveries(
            [(row.log, row.idx) for row in rows if row.idx < delivered[row.log]]
        )
        tell_of_again(session, rows)

    def record_of(
        self, session: ReadSession, relief: StatementRow, said: PayloadFacts | None
    ) -> Spelt | None:
        """A relief's record, by its own opening, else by that of the listing that it names.

        Args:
            session: what is held.
            relief: its row; `record_tag` is that of the listing, where that is known.
            said: by its own opening, where that was read.
        """
        if said is not None and said.key and relief.rule != RECORD_DIFFERS:
            return said.spelt
        if relief.about is None:
            return None
        for row in session.rows_by_id(None, [relief.about]):
            if row.kind in LISTED_KINDS and row.record_tag == relief.record_tag:
                for record in self._holds.opened(session, [row]).values():
                    return record
        return None

    @staticmethod
    def _put_tiles(
        session: WriteSession, head: LogHead, leaves: Sequence[bytes], hashes: Sequence[bytes]
    ) -> None:
        """Grow hash tiles and entry tiles by new leaves."""
        partials: dict[int, bytes] = {}
        level, count = 0, head.size
        while count:
            if width := count % TILE_WIDTH:
                (data,) = session.tiles(head.log, level, [count // TILE_WIDTH])
                partials[level] = data[: width * 32]
            level, count = level + 1, count // TILE_WIDTH
        by_level: dict[int, dict[int, bytes]] = {}
        for (tile_level, number), data in grow(head.size, partials, hashes).tiles.items():
            by_level.setdefault(tile_level, {})[number] = data
        number, width = divmod(head.size, TILE_WIDTH)
        entries: list[bytes] = []
        if width:
            (data,) = session.tiles(head.log, ENTRIES, [number])
            entries = parse_entry_tile(data)[:width]
        entries += leaves
        by_level[ENTRIES] = {
            number + i // TILE_WIDTH: format_entry_tile(entries[i : i + TILE_WIDTH])
            for i in range(0, len(entries), TILE_WIDTH)
        }
        for tile_level, tiles in by_level.items():
            session.put_tiles(head.log, tile_level, tiles)


def _statements(
    session: WriteSession, log: int, first: int, examined: Sequence[Examined]
) -> list[ReadStatement]:
    return rows_of(log, first, examined, cache(session.audience_number))


def _is_read(row: StatementRow) -> bool:
    return row.opening == OpeningStatus.PRESENT


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


def ask_about_copies(session: WriteSession, rows: Sequence[StatementRow]) -> None:
    """Have the copies of these records judged again: what stands against them came or went."""
    tags = [r.record_tag for r in rows if r.kind in ADVERSE_KINDS and r.record_tag is not None]
    if tags:
        own = {(row.log, row.idx) for row in rows}
        session.put_due([place for _, place in session.listings_of(tags) if place not in own])


MAY_OPEN: Final = (OpeningStatus.PENDING, OpeningStatus.NOT_FOR_US)
