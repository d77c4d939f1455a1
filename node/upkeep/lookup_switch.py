"""The lookup key that is ready takes the place of the old one, at a start (ADR 0038).

Before anything else uses the store, all keyed values change in one transaction:

| value | its source | where that is gone |
|---|---|---|
| tags of rows | the opening, another row of the record or subject | blinded |
| of rows of feeds | the listing's opening, the scenario | the row goes, or is forgotten (F33) |
| of twins | the rows of their record | blinded |
| of attested names | the opening of the listing | the tag goes; the region is asked again |
| in the journal: erased statements, twins, records told apart | the rows | blinded |
| in the journal: names of files | – | blinded |

Suppression tags are not under this key: they have one of their own each year and end with it
(`node.relief.suppression_keys`).

A database whose tags stand under a key that the ring has destroyed was restored from before the
change; its tags are made anew under the ring's key, as above. One whose tags stand under a key that
the ring has not yet shows that the ring is an old copy: the node does not start with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import structlog

from adapters.errors import KeyRingError
from adapters.state.keyring import KeyRing
from adapters.state.lookup_keys import Retagging
from federation.comparison import Spelt
from federation.errors import StatementError
from federation.facts import PayloadReader
from federation.intake.contents import commitment_content, listing_content
from federation.intake.feed import (
    COMMITMENTS_FEED,
    OPEN_FEED,
    open_identity,
    open_said,
    row_identity,
)
from federation.payloads import Commitment, Payload, Recognition, Scenario, content_of
from federation.ports.findings import Place
from federation.ports.journal import Erased, FileTaken, JournalEntry, ToldApart, TwinLifted, TwinSet
from federation.ports.store import FeedRow, FeedRowStatus, Store, WriteSession
from federation.record_key import RECORD_PART_SIZE, SUBJECT_TAG_SIZE
from federation.rows import StatementRow
from federation.statements import Kind
from node.log.ledger import Ledger
from node.records.attestations import name_tag
from node.system.failpoints import Failpoints
from node.upkeep.retagging import BATCH, NextTags, fill
from node.upkeep.scrub import forget_openings

_PAGE: Final = 10_000
_CHUNK: Final = 1024
_log = structlog.get_logger()


class LookupSwitch:
    """Does it where it is owed; nothing else uses the store meanwhile."""

    def __init__(
        self,
        *,
        store: Store,
        keyring: KeyRing,
        payloads: PayloadReader,
        ledger: Ledger,
        failpoints: Failpoints,
    ) -> None:
        """Wire it."""
        self._ledger = ledger
        self._store = store
        self._keyring = keyring
        self._payloads = payloads
        self._failpoints = failpoints

    def run(self) -> None:
        """Let the key take effect whose tags are ready.

        Raises:
            KeyRingError: the ring is older than the database, or cannot be written.
            StoreError: the database failed; the next start goes on.
        """
        self._keyring.shred()
        with self._store.read() as snapshot:
            number, ready = snapshot.tagged_under()
        following, current = self._keyring.lookup_next, self._keyring.lookup_number
        if number == current and (following is None or not ready):
            return
        if following is not None and number == following.number:
            self._finish()
            return
        if number > current:
            message = (
                f"the key ring is older than the database: its lookup key is {current}, the tags "
                f"of the database stand under {number}; restore the current ring from escrow"
            )
            raise KeyRingError(message)
        if self.restored():
            _log.warning("database restored", code="keys.lookup", tags_under=number)
        elif following is not None:
            self._take(following, check=True)
            self._finish()

    def restored(self) -> bool:
        """Make the tags of a database from before a change anew (LK7); whether it was one.

        The ring stays as it is: a drill does no more to its copy.
        """
        with self._store.read() as snapshot:
            number, _ = snapshot.tagged_under()
        if number >= self._keyring.lookup_number:
            return False
        with self._store.write() as session:
            session.drop_next_tags()  # made under keys that are gone
        self._take(self._keyring.retagging(), check=False)
        return True

    def _finish(self) -> None:
        with self._failpoints.at("retag.finish"):
            self._keyring.finish_lookup_key()
        with self._failpoints.at("retag.overwrite"):
            self._keyring.shred()
        _log.info("lookup key replaced", number=self._keyring.lookup_number)

    def _take(self, made: Retagging, *, check: bool) -> None:
        tags = NextTags(keyring=self._keyring, payloads=self._payloads, made=made, check=check)

        def unit(rows: Sequence[StatementRow], sources: bool) -> int:  # noqa: FBT001 - of `fill`
            with self._store.write() as session:
                found = (tags.of_sources if sources else tags.of_others)(session, rows)
                session.put_next_tags(found)
            return len(found)

        def page(after: Place) -> Sequence[StatementRow]:
            with self._store.read() as session:
                return session.untagged(after, BATCH)

        fill(page, unit)
        with self._store.write() as session:
            split = session.drop_split_tags()
        if split:  # a source came behind the pass
            fill(page, unit)
        self._forget_unread(page)
        with self._failpoints.at("retag.switch"), self._store.write() as session:
            _Values(session, self._keyring, self._payloads, made, check=check).change()
            session.take_next_tags()
            session.put_tagged_under(made.number, ready=False)
        self._store.truncate()

    def _forget_unread(self, page: Callable[[Place], Sequence[StatementRow]]) -> None:
        """Let openings that cannot be read count as missing; peers are asked for them.

        Until they come their listings do not punish, nor could a relief of their records find them.
        """
        after = (-1, -1)
        while rows := page(after):
            after = (rows[-1].log, rows[-1].idx)
            with self._store.write() as session:
                for head in session.heads():
                    unread = [row.idx for row in rows if row.log == head.log]
                    forget_openings(session, self._ledger, head, unread)


class _Values:
    """All keyed values but the tags of rows, changed in one session."""

    def __init__(
        self,
        session: WriteSession,
        keyring: KeyRing,
        payloads: PayloadReader,
        made: Retagging,
        *,
        check: bool,
    ) -> None:
        self._session = session
        self._keyring = keyring
        self._payloads = payloads
        self._made = made
        self._check = check
        self._origins = {head.log: head.origin for head in session.heads()}
        self._records: dict[bytes, bytes] = {}

    def change(self) -> None:
        """Change them; the tags of rows are those of before still."""
        for feed in self._session.feeds():
            rows = self._session.feed_rows(feed, None)
            for begin in range(0, len(rows), _CHUNK):
                self._feed(feed, rows[begin : begin + _CHUNK])
        self._twins()
        self._names()
        self._journal()

    def _of_record(self, tag: bytes) -> bytes:
        """What the tag of a record or subject becomes that stands beside the rows."""
        if tag not in self._records:
            rows = self._session.rows_by_subject([tag[:SUBJECT_TAG_SIZE]], tuple(Kind))
            known = self._session.next_tags([(row.log, row.idx) for row in rows])
            blind = self._made.blinded(tag)
            subject = next((one.tag[:SUBJECT_TAG_SIZE] for one in known), None)
            same = next((one.tag for one in known if one.former == tag), None)
            self._records[tag] = same or (
                (subject or blind[:SUBJECT_TAG_SIZE])[: len(tag)] + blind[SUBJECT_TAG_SIZE:]
            )
        return self._records[tag]

    def _feed(self, feed: str, rows: Sequence[FeedRow]) -> None:
        session = self._session
        made = {row.statement_id: row for row in session.rows_by_id(None, _ids(rows))}
        acts = session.rows_about(sorted(made))
        said = self._said([*made.values(), *(a for a in acts if a.kind == Kind.CORRECTION)])
        of: dict[bytes, list[tuple[StatementRow, Payload]]] = {}
        for row, payload in said:
            about = row.about if row.kind == Kind.CORRECTION else None
            of.setdefault(about or row.statement_id, []).append((row, payload))
        session.drop_feed_rows(feed, [row.row_tag for row in rows])
        changed = [
            new
            for row in rows
            if (
                new := self._feed_row(row, made.get(row.statement_id), of.get(row.statement_id, ()))
            )
        ]
        session.put_feed_rows(changed)

    def _feed_row(
        self,
        row: FeedRow,
        made: StatementRow | None,
        said: Sequence[tuple[StatementRow, Payload]],
    ) -> FeedRow | None:
        lookup, old = self._made.lookup, self._keyring.lookup
        newest: FeedRow | None = None
        for statement, payload in said:  # in the order of the log: the newest last
            identity, content = _parts(row.feed, statement, payload)
            if not identity:
                continue
            tag = lookup(identity)
            record = tag
            if (listing := content_of(payload)) is not None:
                record = Spelt.of(listing.key).tag(lookup)
            candidate = row._replace(
                row_tag=tag,
                record_tag=record,
                content_tag=lookup(content),
                held_tag=None,
            )
            if newest is None or not self._check or old(content) == row.content_tag:
                newest = candidate
        if newest is not None:
            return newest
        if row.status == FeedRowStatus.WITHDRAWN or made is None:
            return None
        return row._replace(
            row_tag=self._made.blinded(row.row_tag),
            record_tag=self._of_record(made.tag or row.record_tag),
            content_tag=self._made.blinded(row.content_tag),
            held_tag=None,
            status=FeedRowStatus.FORGOTTEN,
        )

    def _said(self, rows: Sequence[StatementRow]) -> list[tuple[StatementRow, Payload]]:
        """Payloads of statements whose openings are held, in the order of their logs."""
        by_log: dict[int, dict[int, StatementRow]] = {}
        for row in sorted(rows, key=lambda row: (row.log, row.idx)):
            by_log.setdefault(row.log, {})[row.idx] = row
        found: list[tuple[StatementRow, Payload]] = []
        for log, held in by_log.items():
            stored = sorted(self._session.openings(log, list(held)), key=lambda one: one.index)
            for one, opening in self._keyring.held_openings(self._origins[log], stored):
                row = held[one.index]
                try:
                    found.append((row, self._payloads.decode(row.kind, opening.payload)))
                except StatementError:
                    continue  # as one that is not held
        return found

    def _twins(self) -> None:
        self._session.put_twin_tags(
            [
                (tag, log, idx, self._of_record(record), self._of_record(subject))
                for tag, log, idx, record, subject in self._session.twins_held()
            ]
        )

    def _names(self) -> None:
        """The name that a listing states, or what corrects it: whichever the tag was made of."""
        held = dict(self._session.names_held())
        rows = self._session.rows_at(sorted(held))
        current = self._session.rows_at(sorted({(row.log, row.current) for row in rows}))
        said = {(row.log, row.idx): p for row, p in self._said([*rows, *current])}
        kept: dict[Place, bytes] = {}
        for row in rows:
            place = (row.log, row.idx)
            for at in ((row.log, row.current), place):
                listing = content_of(said[at]) if at in said else None
                if listing is None:
                    continue
                name = listing.subject.name
                if not self._check or name_tag(self._keyring, name) == held[place]:
                    kept.setdefault(place, name_tag(self._made, name))
        self._session.drop_names(sorted(held.keys() - kept.keys()))
        self._session.put_attested_names(kept)

    def _journal(self) -> None:
        changes: dict[str, Callable[[JournalEntry], JournalEntry]] = {
            Erased.KIND: self._erased,
            TwinSet.KIND: self._twin,
            TwinLifted.KIND: self._twin_lifted,
            FileTaken.KIND: self._file,
        }
        apart: list[tuple[int, ToldApart]] = []
        after = 0
        while page := self._session.journal(after, _PAGE):
            after = page[-1][0]
            changed = [(n, changes[e.kind](e)) for n, e in page if e.kind in changes]
            self._session.replace_entries(changed)
            apart += [(n, ToldApart.of(e)) for n, e in page if e.kind == ToldApart.KIND]
        half = RECORD_PART_SIZE
        parts = {part for _, one in apart for part in (one.pair[:half], one.pair[half:])}
        known = self._session.next_parts(parts)

        def part(of: bytes) -> bytes:
            return known.get(of) or self._made.blinded(of)[:half]

        self._session.replace_entries(
            [
                (n, replace(one, pair=part(one.pair[:half]) + part(one.pair[half:])).entry())
                for n, one in apart
            ]
        )

    def _erased(self, entry: JournalEntry) -> JournalEntry:
        said = Erased.of(entry)
        if said.kept is None or said.kept.tag is None:
            return entry
        tag = self._at((said.log, said.index), said.kept.tag)
        return replace(said, kept=said.kept._replace(tag=tag)).entry()

    def _at(self, place: Place, tag: bytes) -> bytes:
        """What the tag becomes that a row at a place has, or had."""
        known = self._session.next_tags([place])
        return next((o.tag for o in known if o.former == tag), None) or self._of_record(tag)

    def _twin(self, entry: JournalEntry) -> JournalEntry:
        said = TwinSet.of(entry)
        record, subject = self._of_record(said.record), self._of_record(said.subject)
        return replace(said, record=record, subject=subject).entry()

    def _twin_lifted(self, entry: JournalEntry) -> JournalEntry:
        said = TwinLifted.of(entry)
        return replace(said, record=self._of_record(said.record)).entry()

    def _file(self, entry: JournalEntry) -> JournalEntry:
        said = FileTaken.of(entry)
        return replace(said, file=self._made.blinded(bytes.fromhex(said.file)).hex()).entry()


def _ids(rows: Sequence[FeedRow]) -> list[bytes]:
    return [row.statement_id for row in rows]


def _parts(feed: str, statement: StatementRow, payload: Payload) -> tuple[bytes, bytes]:
    """Of what the tags of a row are made: its identity and its content; empty for another feed."""
    if isinstance(payload, Scenario | Recognition):
        if feed != OPEN_FEED:
            return b"", b""
        identity = row_identity(feed, open_identity(payload))
        return identity, open_said(statement.action, payload)
    if isinstance(payload, Commitment):
        if feed != COMMITMENTS_FEED:
            return b"", b""
        return row_identity(feed, payload.source.key), commitment_content(payload)
    listing = content_of(payload)
    if listing is None or not listing.source.key:
        return b"", b""
    return row_identity(feed, listing.source.key), listing_content(listing)
