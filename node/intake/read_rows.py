"""The rows of a list file, read and converted once.

    F50 a list file is read once, to its end, before anything of it is published: the rules that
        look at it as a whole (F9-F16, F33) count on the way, and what is published are the rows
        that were counted, whatever becomes of the file. They wait sealed
        (`adapters.files.spool`)

A row that a later one says is over (F16) is known for it only at the end of the file, so that the
rows wait with what they came to by themselves, and are looked at beside each other where there are
such, or any that may come twice. Of a row that waits 32 bytes are kept in memory while it is read,
and 32 of one that may come twice (`federation.intake.repeats`).
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from adapters.files.faults import Faults, RowFault
from adapters.files.listings import (
    ListingReader,
    ListingRow,
    ReliefRow,
    RemovedRow,
    Siblings,
    Tally,
    packed_key,
)
from adapters.files.spool import Spool
from federation.facts import PayloadFacts, Written
from federation.ids import Date, StatementId
from federation.intake import feed
from federation.intake.repeats import Firsts, repeated
from federation.ports.store import Store
from federation.reconcile.plausibility import Doubt
from federation.record_key import RecordKey
from node.intake.file_rows import CHUNK, chunks
from node.intake.known_rows import FileRow, Moment
from node.intake.listings import ListingFeed
from node.publishing.plausibility import shorter

_LISTING: Final = 0
_REMOVED: Final = 1
_FAULTS: Final = 2


class ReadRows:
    """Reads a file into a spool, and gives its rows back."""

    def __init__(
        self, reader: ListingReader, spool: Spool, listing_feed: ListingFeed, store: Store
    ) -> None:
        """Take a file that was opened; `read` then reads it."""
        self._reader = reader
        self._spool = spool
        self._feed = listing_feed
        self._store = store
        self._reaching = feed.Reaching()
        self._known = self._others = 0
        self._gone: frozenset[bytes] = frozenset()
        self._twice = (array("q"), array("q"))
        """Hashes of records, and of keys, that come more than once."""
        self.over: frozenset[RecordKey] = frozenset()
        """Records of which rows say that they no longer stand, and which are no relief (F16)."""
        self.tally = Tally(
            rows=0,
            accepted=0,
            refused=0,
            faults=Counter(),
            notices=Counter(),
            dropped=reader.tally.dropped,
        )
        """Of the rows that were given back."""

    @property
    def many_others(self) -> bool:
        """Whether so many rows name other subjects than before that a person looks (F14)."""
        return feed.many_others(self._known, self._others)

    def read(self) -> feed.Reach:
        """Read the file to its end; returns whom its rows reach (F12).

        Raises:
            FileAdapterError: it cannot be read; the rows come to more than a spool holds.
            RefusedError: a row cannot be serialised.
            StoreError: there is no space for what is read.
        """
        records, keys = array("q"), array("q")
        making = self._feed.making
        page: list[tuple[Any, ...]] = []
        rows: list[FileRow] = []
        gone, over = set[bytes](), set[RecordKey]()
        for item in self._reader.converted():
            if isinstance(item, ListingRow):
                row = making.row(item)
                records.append(hash(row.written.facts.key))
                keys.append(hash(packed_key(row.key)))
                self._count(row)
                rows.append(row)
                told = (row.lacks, shorter(item.listing, making.moment.catalog))
                notices = (*item.notices, *filter(None, told))
                page.append(_listing(row, notices))
            elif isinstance(item, RemovedRow):
                page.append(_removed(item))
                if item.record is not None:
                    gone.add(item.record.pack())
                    if item.relief is None:
                        over.add(item.record)
            else:
                page.append((_FAULTS, [_fault(one) for one in item]))
            if len(page) == CHUNK:
                self._spool.add(page)
                self._count_others(rows)
                page, rows = [], []
        if page:
            self._spool.add(page)
            self._count_others(rows)
        self._gone, self.over = frozenset(gone), frozenset(over)
        self._twice = repeated(records), repeated(keys)
        if self._siblings() is not None:
            self._count_again()
        self.tally.notices.update(self._reader.tally.notices)
        return self._reaching.reach()

    def _siblings(self) -> Siblings | None:
        """What looks at the rows beside each other; None where no row has any such."""
        records, keys = self._twice
        if not (self._gone or records or keys):
            return None
        return Siblings(removed=self._gone, records=Firsts(records).first, keys=Firsts(keys).first)

    def _count_again(self) -> None:
        """Count only those that are good beside the others."""
        self._reaching = feed.Reaching()
        self._known = self._others = 0
        for rows in chunks(self.present(), CHUNK):
            for row in rows:
                self._count(row)
            self._count_others(rows)

    def _count(self, row: FileRow) -> None:
        facts = row.written.facts
        self._reaching.add(facts.subject, facts.document)

    def _count_others(self, rows: Sequence[FileRow]) -> None:
        with self._store.read() as session:
            known, others = self._feed.others(session, rows)
        self._known += known
        self._others += others

    def present(self) -> Iterator[FileRow]:
        """Yield the rows that list something, as `good_rows` does, and count nothing."""
        return (item for item, _ in self._items() if isinstance(item, FileRow))

    def good_rows(
        self, faults: Faults, reliefs: list[ReliefRow], progress: Callable[[int], None]
    ) -> Iterator[FileRow]:
        """Yield rows that can be published; collect the reliefs, and the faults of the others."""
        tally = self.tally
        for item, notices in self._items():
            tally.rows += 1
            if tally.rows % CHUNK == 0:
                progress(tally.rows)
            if isinstance(item, FileRow):
                tally.accepted += 1
                if notices:
                    tally.notices.update(notices)
                yield item
            elif isinstance(item, ReliefRow):
                tally.accepted += 1
                reliefs.append(item)
            else:
                tally.refuse(item)
                faults.extend(item)
        progress(tally.rows)

    def _items(self) -> Iterator[tuple[FileRow | ReliefRow | list[RowFault], tuple[str, ...]]]:
        """Yield what each row of the file comes to, and its notices."""
        siblings = self._siblings()
        moment = self._feed.making.moment
        for page in self._spool.pages():
            for kind, *said in page:
                if kind == _LISTING:
                    row, notices = _listing_of(said, moment)
                    fault = None
                    if siblings is not None:
                        fault = siblings.listing(row.written.facts.key, row.key, row.number)
                    yield (row, notices) if fault is None else ([fault], ())
                elif kind == _REMOVED:
                    removed = _removed_of(said)
                    yield [removed.fault] if siblings is None else siblings.removed(removed), ()
                else:
                    (faults,) = said
                    yield [_fault_of(one) for one in faults], ()


def _listing(row: FileRow, notices: tuple[str, ...]) -> tuple[Any, ...]:
    facts = row.written.facts
    return (
        _LISTING,
        (row.number, int(row.kind), *row[2:8]),
        row.written.payload,
        (facts[0], None, *facts[2:]),  # the audience is that of the moment
        None if row.doubt is None else tuple(row.doubt),
        row.lacks,
        notices,
    )


def _listing_of(said: list[Any], moment: Moment) -> tuple[FileRow, tuple[str, ...]]:
    row, payload, facts, doubt, lacks, notices = said
    written = Written(payload, PayloadFacts._make((facts[0], moment.audience, *facts[2:])))
    return (
        FileRow._make((*row, written, None if doubt is None else Doubt(*doubt), lacks, moment)),
        notices,
    )


def _removed(row: RemovedRow) -> tuple[Any, ...]:
    relief = row.relief
    return (
        _REMOVED,
        _fault(row.fault),
        _record(row.record),
        row.row_key,
        None
        if relief is None
        else (
            relief.row,
            _record(relief.record),
            relief.statement_id,
            relief.subject_name,
            relief.document,
            int(relief.decided_on),
            relief.reason,
        ),
    )


def _removed_of(said: list[Any]) -> RemovedRow:
    fault, record, key, relief = said
    return RemovedRow(
        fault=_fault_of(fault),
        record=_record_of(record),
        row_key=key,
        relief=None if relief is None else _relief_of(relief),
    )


def _relief_of(said: tuple[Any, ...]) -> ReliefRow:
    row, record, statement_id, name, document, decided_on, reason = said
    return ReliefRow(
        row=row,
        record=_record_of(record),
        statement_id=None if statement_id is None else StatementId(statement_id),
        subject_name=name,
        document=document,
        decided_on=Date(decided_on),
        reason=reason,
    )


def _record(key: RecordKey | None) -> tuple[str, ...] | None:
    if key is None:
        return None
    return (key.scheme, key.code, key.list_type, key.authority, key.document)


def _record_of(said: tuple[str, ...] | None) -> RecordKey | None:
    if said is None:
        return None
    scheme, code, list_type, authority, document = said
    return RecordKey(
        scheme=scheme, code=code, list_type=list_type, authority=authority, document=document
    )


def _fault(fault: RowFault) -> tuple[Any, ...]:
    return (fault.row, fault.column, fault.code, fault.value, fault.expected, fault.message)


def _fault_of(said: tuple[Any, ...]) -> RowFault:
    row, column, code, value, expected, message = said
    return RowFault(
        row=row, column=column, code=code, value=value, expected=expected, message=message
    )
