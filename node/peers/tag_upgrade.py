"""Tags of rows are formed anew after an upgrade, from the openings that are held.

Until schema 0008 the subject stood in record keys by whichever code named it. Tags are keyed, so
no migration can change them; this does, once, before the node starts. A chunk of leaves is one
transaction, so that a process that dies here goes on where it was:

1. an opened row gives its former tags and those of now; all rows with the former ones are changed,
   also those whose opening is erased, and rows of feeds with them;
2. a suppression tag of the former form is made anew, for the same days and under the key of the
   same year, and gets its twin. One of whose record no opening is held stays, and is asked for by
   the former form until it ends (`federation.life.similar.suppressed`);
3. where two records have become one, what is held of it is judged again;
4. at the end what the twins hold is held.

Nothing is published, and no row of a feed changes what it said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import structlog

from adapters.state.keyring import KeyRing
from federation.comparison import Spelt
from federation.errors import StatementError
from federation.facts import PayloadFacts, PayloadReader
from federation.ids import Timestamp
from federation.ports.journal import JournalEntry, TagLifted
from federation.ports.store import LogHead, Store, WriteSession
from federation.record_key import SUBJECT_TAG_SIZE, former_key
from federation.rows import RELIEF_KINDS, OpeningStatus, StatementRow
from federation.statements import Kind
from node.log.ledger import Ledger

CHUNK: Final = 1024
"""Leaves in one transaction."""
_log = structlog.get_logger()


class TagUpgrade:
    """Does it where it is owed; nothing else uses the store meanwhile."""

    def __init__(
        self,
        *,
        store: Store,
        keyring: KeyRing,
        payloads: PayloadReader,
        ledger: Ledger,
        now: Callable[[], Timestamp],
    ) -> None:
        """Wire it."""
        self._store = store
        self._keyring = keyring
        self._payloads = payloads
        self._ledger = ledger
        self._now = now

    def run(self) -> None:
        """Form all tags anew that are of the former form.

        Raises:
            StoreError: the database failed; the next start goes on.
        """
        with self._store.read() as snapshot:
            owed = snapshot.unformed()
            heads = [head for head in snapshot.heads() if head.log in owed]
        if not owed:
            return
        _log.info("forming tags anew", logs=len(owed))
        for head in heads:
            for start in range(owed[head.log], head.size, CHUNK):
                end = min(start + CHUNK, head.size)
                with self._store.write() as session:
                    self._form(session, head, start, end)
                    session.put_unformed(head.log, end)
        with self._store.write() as session:
            self._feeds(session)
            for head in heads:
                for start in range(0, head.size, CHUNK):
                    rows = session.rows_between(head.log, start, min(start + CHUNK, head.size))
                    reliefs = [row for row in rows if row.kind in RELIEF_KINDS]
                    self._ledger.relieved.hold_similar(session, reliefs)
            for log in owed:
                session.put_unformed(log, None)
        _log.info("tags formed anew")

    def _form(self, session: WriteSession, head: LogHead, start: int, end: int) -> None:
        records: dict[bytes, bytes] = {}
        subjects: dict[bytes, bytes] = {}
        reliefs: list[tuple[StatementRow, Spelt]] = []
        lookup = self._keyring.lookup
        for row, facts in self._opened(session, head, start, end):
            spelt = facts.spelt
            if facts.subject:
                former = former_key(facts.subject, facts.scheme, facts.code)
                subjects[lookup(former)] = lookup(facts.subject)
            if facts.key:
                records[spelt.former_tag(lookup)] = spelt.tag(lookup)
                reliefs.append((row, spelt))
        records = {former: tag for former, tag in records.items() if former != tag}
        tags = sorted({*records.values()})
        had = {row.record_tag for row in session.rows_by_record(tags, tuple(Kind))}
        of_former = dict[bytes, set[bytes]]()
        for former, tag in records.items():
            of_former.setdefault(tag, set()).add(former)
        # Of some the subject has been formed anew already, with that of another record.
        session.retag(
            {tag[:SUBJECT_TAG_SIZE] + f[SUBJECT_TAG_SIZE:]: tag for f, tag in records.items()}
        )
        session.retag(records)
        session.retag_subjects({f: tag for f, tag in subjects.items() if f != tag})
        self._suppressions(session, reliefs)
        become_one = [tag for tag in tags if tag in had or len(of_former[tag]) > 1]
        if become_one:
            rows = session.rows_by_record(become_one, tuple(Kind))
            self._ledger.read_rows_again(
                session, [row for row in rows if row.opening == OpeningStatus.PRESENT]
            )

    def _opened(
        self, session: WriteSession, head: LogHead, start: int, end: int
    ) -> Iterator[tuple[StatementRow, PayloadFacts]]:
        rows = {row.idx: row for row in session.rows_between(head.log, start, end)}
        stored = session.openings_between(head.log, start, end)
        for one, opening in self._keyring.held_openings(head.origin, stored):
            row = rows.get(one.index)
            if row is None or row.tag is None:
                continue
            try:
                yield row, self._payloads.facts(row.kind, opening.payload)
            except StatementError:
                continue  # as one that has not come

    def _suppressions(
        self, session: WriteSession, opened: list[tuple[StatementRow, Spelt]]
    ) -> None:
        """Make the tags that stand for these records anew, each with its twin."""
        if not session.has_former_suppressions():
            return
        years = self._keyring.suppression_years
        made: dict[bytes, tuple[StatementRow, Spelt, int]] = {}
        for row, spelt in opened:
            for value in (spelt.former, spelt.key):
                for year, tag in zip(years, self._keyring.suppression(value), strict=True):
                    if tag not in made or row.kind in RELIEF_KINDS:
                        made[tag] = (row, spelt, year)
        entries: list[JournalEntry] = []
        lifted: set[bytes] = set()
        for (tag, log, index), until in session.suppressed_until(list(made)).items():
            row, spelt, year = made[tag]
            relief = row._replace(log=log, idx=index)
            entry, twin = self._ledger.relieved.tags.ended(relief, spelt, until=until, year=year)
            if entry.tag != tag:
                lifted.add(tag)
            entries += (entry, twin)
        session.append_journal(
            [TagLifted(at=self._now(), tag=tag).entry() for tag in sorted(lifted)] + entries
        )

    def _feeds(self, session: WriteSession) -> None:
        """Give rows of feeds the record of the listing that they made."""
        for feed in session.feeds():
            rows = session.feed_rows(feed, None)
            for begin in range(0, len(rows), CHUNK):
                chunk = rows[begin : begin + CHUNK]
                listed = session.rows_by_id(None, [row.statement_id for row in chunk])
                tags = {row.statement_id: row.record_tag for row in listed}
                session.put_feed_rows(
                    [
                        row._replace(record_tag=tag)
                        for row in chunk
                        if (tag := tags.get(row.statement_id)) and tag != row.record_tag
                    ]
                )
