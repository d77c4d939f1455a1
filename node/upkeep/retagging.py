"""Replacing the lookup key: tags under the next one are made while the node serves (ADR 0038).

    add a key → what the tag of each row will be, batch by batch → note that all are ready
    → at the next start, before anything else: all keyed values change together, in one transaction
    → the new key takes the place of the old one in the ring → overwrite the old ring

    LK1 equal tags become equal tags: a tag is made of what it stands for, as an opening says it;
        where the row's own is gone, as another row of the record, or of the subject, has it
    LK2 where no opening of a record is held any more its tag is *blinded*
        (`adapters.state.lookup_keys`): it stays equal to what it was equal to, and nobody can find
        it by a guess. So are others beside the rows whose source is gone, or they end
    LK3 while tags are made, all that runs goes on under the old key; the next one takes effect at
        a start alone, and only once all are ready: nothing that was read or prepared under one key
        ever meets a row under the other
    LK4 all keyed values change in one transaction (`node.upkeep.lookup_switch`)
    LK5 then the old key is destroyed: taken from the ring, its blocks overwritten
    LK6 a row of a file that is not known any more, of a subject of whom a row with a forgotten key
        made a listing that was relieved, waits for persons (F33)
    LK7 a database from before a change gets the tags of the ring's key, likewise; with a ring from
        before it no node starts

Made tags say of which tag they were made; where a row has another by now, or came later, its tag is
made then. The pass is done again until it finds nothing; nothing else is remembered of it, and a
process that dies goes on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import structlog

from adapters.state.keyring import KeyRing
from adapters.state.lookup_keys import Retagging
from federation.errors import StatementError
from federation.facts import PayloadFacts, PayloadReader
from federation.ports.retagging import NextTag, Place
from federation.ports.store import ReadSession, Store
from federation.record_key import SUBJECT_TAG_SIZE, record_tag
from federation.rows import OpeningStatus, StatementRow
from federation.statements import Kind
from node.log.writer import OnWriter
from node.system.failpoints import Failpoints

BATCH: Final = 512
"""Rows whose next tags are stored in one transaction: a few milliseconds of the writer's time."""
_START: Final = (-1, -1)
_log = structlog.get_logger()

Lookup = Callable[[bytes], bytes]


class NextTags:
    """Makes the tags that rows will have."""

    def __init__(
        self, *, keyring: KeyRing, payloads: PayloadReader, made: Retagging, check: bool = True
    ) -> None:
        """Wire it.

        Args:
            keyring: opens openings; its lookup key is that of now.
            payloads: reads them.
            made: the keys of what is made.
            check: whether the tags of now stand under the ring's key in use: an opening then
                counts for a tag only that it gives.
        """
        self._keyring = keyring
        self._payloads = payloads
        self._made = made
        self._check = check

    def of_sources(self, session: ReadSession, rows: Sequence[StatementRow]) -> list[NextTag]:
        """Those of rows whose opening is held and says what the tag stands for."""
        found: list[NextTag] = []
        for row, facts in self._opened(session, rows):
            former = row.tag or b""
            if not self._check or former == _tag(self._keyring.lookup, facts):
                tag = _tag(self._made.lookup, facts)
                if len(tag) == len(former):
                    found.append(NextTag(row.log, row.idx, former, tag, sourced=True))
        return found

    def of_others(self, session: ReadSession, rows: Sequence[StatementRow]) -> list[NextTag]:
        """Those of rows without one: as other rows of the record or subject, else blinded.

        Of a row whose opening is there and cannot be read none: it is damaged, and may stand.
        """
        subjects = sorted({row.subject_tag for row in rows if row.subject_tag})
        near = session.rows_by_subject(subjects, tuple(Kind))
        known = [one for one in session.next_tags([(r.log, r.idx) for r in near]) if one.sourced]
        records = {one.former: one.tag for one in known}
        subject = {o.former[:SUBJECT_TAG_SIZE]: o.tag[:SUBJECT_TAG_SIZE] for o in known}
        found: list[NextTag] = []
        for row in rows:
            former = row.tag or b""
            if row.opening == OpeningStatus.PRESENT and former not in records:
                continue
            blind = self._made.blinded(former)
            tag = records.get(former) or (
                subject.get(former[:SUBJECT_TAG_SIZE], blind[:SUBJECT_TAG_SIZE])
                + blind[SUBJECT_TAG_SIZE:]
            )
            found.append(NextTag(row.log, row.idx, former, tag, sourced=False))
        return found

    def _opened(
        self, session: ReadSession, rows: Sequence[StatementRow]
    ) -> Iterator[tuple[StatementRow, PayloadFacts]]:
        origins = {head.log: head.origin for head in session.heads()}
        by_log: dict[int, dict[int, StatementRow]] = {}
        for row in rows:
            by_log.setdefault(row.log, {})[row.idx] = row
        for log, held in by_log.items():
            stored = session.openings(log, list(held))
            for one, opening in self._keyring.held_openings(origins[log], stored):
                row = held[one.index]
                try:
                    facts = self._payloads.facts(row.kind, opening.payload)
                except StatementError:
                    continue  # as one that is not held
                if facts.subject:
                    yield row, facts


def fill(
    pages: Callable[[Place], Sequence[StatementRow]],
    unit: Callable[[Sequence[StatementRow], bool], int],
) -> None:
    """Make all tags that are missing: first of sources, then the others; until none is missing.

    Args:
        pages: rows that miss one, from a place on.
        unit: makes those of a page, of sources or of the others; returns how many.
    """
    while True:
        made = 0
        for sources in (True, False):
            after = _START
            while rows := pages(after):
                after = (rows[-1].log, rows[-1].idx)
                made += unit(rows, sources)
        if not made:
            return


class LookupKeys:
    """Replaces the lookup key on request; goes on by itself with what was begun."""

    def __init__(
        self,
        *,
        store: Store,
        keyring: KeyRing,
        payloads: PayloadReader,
        on_writer: OnWriter,
        failpoints: Failpoints,
    ) -> None:
        """Wire the job."""
        self._store = store
        self._keyring = keyring
        self._payloads = payloads
        self._on_writer = on_writer
        self._failpoints = failpoints
        self._turn = threading.Lock()

    def run(self) -> None:
        """Go on with what was begun.

        Raises:
            StoreError: the database failed; the next run goes on.
        """
        if self._keyring.lookup_next is not None:
            self._fill(lambda _: None)

    def replace(self, progress: Callable[[int], None]) -> int:
        """Begin to replace the lookup key, or go on; blocks until the tags are ready.

        Args:
            progress: told how many tags are made.

        Returns:
            The number of the next key; the next start of the node lets it take effect.

        Raises:
            KeyRingError: the ring cannot be written.
            StoreError: the database failed; the next run goes on.
        """
        if self._keyring.lookup_next is None:
            with self._failpoints.at("retag.add"):
                self._on_writer(self._begin)
        self._fill(progress)
        return self._keyring.lookup_number + 1

    def report(self) -> dict[str, Any]:
        """What the status says of it; no key."""
        following = self._keyring.lookup_next
        with self._store.read() as session:
            _, ready = session.tagged_under()
            made = 0 if following is None else session.count_next_tags()
        return {
            "lookup_key": self._keyring.lookup_number,
            "lookup_next": None if following is None else following.number,
            "tags_made": made,
            "tags_ready": ready and following is not None,
        }

    def _fill(self, progress: Callable[[int], None]) -> None:
        following = self._keyring.lookup_next
        if following is None:
            return
        tags = NextTags(keyring=self._keyring, payloads=self._payloads, made=following)
        count = 0

        def unit(rows: Sequence[StatementRow], sources: bool) -> int:  # noqa: FBT001 - of `fill`
            nonlocal count
            with self._store.read() as snapshot:  # `former` says what each was made of
                made = (tags.of_sources if sources else tags.of_others)(snapshot, rows)
            if made:
                self._on_writer(lambda: self._put(made))
            count += len(made)
            progress(count)
            return len(made)

        with self._turn:
            fill(self._page, unit)
            with self._failpoints.at("retag.ready"):
                self._on_writer(self._note_ready)

    def _begin(self) -> None:
        """First nothing is left that was made under a key that the ring has lost meanwhile."""
        with self._store.write() as session:
            session.drop_next_tags()
            session.put_tagged_under(self._keyring.lookup_number, ready=False)
        self._keyring.begin_lookup_key()

    def _page(self, after: Place) -> Sequence[StatementRow]:
        with self._store.read() as session:
            return session.untagged(after, BATCH)

    def _put(self, made: Sequence[NextTag]) -> None:
        with self._failpoints.at("retag.make"), self._store.write() as session:
            session.put_next_tags(made)

    def _note_ready(self) -> None:
        with self._store.write() as session:
            if not session.tagged_under()[1]:
                session.put_tagged_under(self._keyring.lookup_number, ready=True)


def _tag(lookup: Lookup, facts: PayloadFacts) -> bytes:
    if facts.key:
        return record_tag(lookup, facts.subject, facts.key)
    return lookup(facts.subject)
