"""Rows of a list file as LISTING payloads, or what is wrong with them.

Every row is judged on its own; all its bad fields are named, one fault each. Codes of faults:

    file rows    row.width, row.encoding, row.malformed, cell.long, cell.damaged-number
    subject      subject.natural-person, identity.code-* (federation.uscc)
    fields       field.missing, field.long, field.control, field.personal-id, field.value
    dates        date.format, date.calendar, date.early, date.order, date.over
    plausible    date.future, notice.after-decision, basis.blank (federation.plausibility)
    authority    authority.not-bound, authority.mismatch
    cells        cell.error (F24), period.unread, period.differs (F19), period.missing (F20)
    standing     row.removed, row.not-yet, row.by-hand (F16); header.unread of a row at hand (F17);
                 row.other-list (F54)
    file         row.duplicate

Notices do not stop a row: `code.normalised`, `date.normalised`, `publish-until.capped`. Of the
table as a whole, in words (`remarks`): how many of its rows are hidden, `row.hidden`, and which
parts of the reason 列入事由 it has no column of, `reason.part-missing`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.files._columns import NOTE, wanted
from adapters.files._conversion import Conversion
from adapters.files._listing_rows import FeedContext, ListingRow, RemovedRow
from adapters.files.faults import RowFault
from adapters.files.mapping import Mapping
from adapters.files.relief_row import ReliefRow
from adapters.files.standing import REMOVED
from adapters.files.tables import DEFAULT_LIMITS, Limits, Table, Tabular
from federation.visible import visible

__all__ = [
    "FeedContext",
    "ListingReader",
    "ListingRow",
    "ReliefRow",
    "RemovedRow",
    "Siblings",
    "Tally",
    "packed_key",
    "read_listings",
]


HIDDEN: Final = "row.hidden"
LOST: Final = "reason.part-missing"


@dataclass(slots=True, kw_only=True)
class Tally:
    """What has been read so far; complete once the reader is exhausted.

    `dropped` counts filled cells of columns of natural persons by the header's text.
    """

    rows: int
    accepted: int
    refused: int
    faults: Counter[str]
    notices: Counter[str]
    dropped: Counter[str]

    def refuse(self, faults: Sequence[RowFault]) -> None:
        """Count a row that is not published."""
        self.refused += 1
        self.faults.update(fault.code for fault in faults)


class ListingReader:
    """Iterates once over a file; afterwards `tally` says what was in it."""

    def __init__(
        self,
        table: Tabular,
        mapping: Mapping,
        context: FeedContext,
        *,
        removed: Collection[bytes] = (),
        whole: bool = True,
    ) -> None:
        """Bind the columns of an opened table to a mapping.

        Args:
            table: the rows.
            mapping: their layout.
            context: what the node knows of the feed.
            removed: `gone` of a reading before: what any row of the table says no longer stands.
            whole: the rows are one file, which a column that is not read stops whole (F17), and in
                which a row key or record that comes twice is a fault.

        Raises:
            MappingError: `header.missing`; the header lacks a required column.
        """
        if isinstance(table, Table):
            table.look_for(wanted(mapping))
        self._table = table
        self._whole = whole
        titles: tuple[str, ...] = getattr(table, "titles", ())
        self.titles = (*titles, getattr(table, "sheet", ""))
        """What stands above the header, and the name of the worksheet."""
        self._conversion = Conversion(
            table.header,
            mapping,
            context,
            titles=(titles, self.titles[-1:], (context.batch,)),
            whole=whole,
        )
        if isinstance(table, Table):
            table.need(self._conversion.columns.least)
        self._barred = removed
        self.removed: list[RemovedRow] = []
        """Rows that no longer stand or not yet, as far as they were read."""
        self.ignored = self._conversion.columns.ignored
        """Headers of columns that the mapping does not name; they were dropped."""
        self.tally = Tally(
            rows=0,
            accepted=0,
            refused=0,
            faults=Counter(),
            notices=Counter(),
            dropped=Counter(),
        )

    @property
    def remarks(self) -> list[str]:
        """What is to be said of the table as a whole, once it was read."""
        found = []
        if hidden := self.tally.notices[HIDDEN]:
            found.append(
                f"工作表有 {hidden} 行被隐藏或筛选掉（名单共 {self.tally.rows} 行），均已读取，"
                f"请核对是否应报 / {hidden} rows of the sheet are hidden or filtered away (the "
                f"list has {self.tally.rows}), and were all read: look whether they are meant"
            )
        if lost := self._conversion.columns.lost:
            names = "；".join(visible(" / ".join(columns)) for columns in lost)
            found.append(
                f"列入事由缺少以下列，其内容不会公布：{names} / the file has none of these "
                "columns, which are parts of the reason; listings go without them"
            )
        return found

    @property
    def gone(self) -> frozenset[bytes]:
        """The records that rows read so far say no longer stand."""
        return frozenset(row.record.pack() for row in self.removed if row.record is not None)

    def converted(self) -> Iterator[ListingRow | RemovedRow | list[RowFault]]:
        """Yield each row by itself, as it was converted.

        Counts the rows, the dropped cells, and what is to be said of the table as a whole.

        Raises:
            TableError: the file cannot be read on; the caller discards what came before.
            MappingError: `header.unread` (F17), likewise.
        """
        tally = self.tally
        convert = self._conversion.convert
        persons = self._conversion.columns.persons
        for item in self._table:
            tally.rows += 1
            if isinstance(item, RowFault):
                yield [item]
                continue
            number, cells = item
            converted = convert(number, cells)
            if converted is None:
                tally.rows -= 1
                continue
            for header, at in persons:
                if cells[at] and not cells[at].isspace():
                    tally.dropped[header] += 1
            yield converted
        tally.notices.update(getattr(self._table, "notices", {}))
        tally.notices.update(+Counter({NOTE: self._conversion.passed[NOTE]}))
        tally.notices.update(+Counter({LOST: len(self._conversion.columns.lost)}))

    def __iter__(self) -> Iterator[ListingRow | ReliefRow | RowFault]:
        """Yield each row's listing or relief, or its faults one after the other.

        Raises:
            TableError: as `converted`, likewise MappingError.
        """
        tally = self.tally
        siblings = Siblings(removed=self._barred, whole=self._whole)
        for row in self.converted():
            result: ListingRow | ReliefRow | list[RowFault]
            if isinstance(row, ListingRow):
                fault = siblings.listing(row.listing.key.pack(), row.row_key, row.row)
                result = row if fault is None else [fault]
            elif isinstance(row, RemovedRow):
                self.removed.append(row)
                result = siblings.removed(row)
            else:
                result = row
            if isinstance(result, list):
                tally.refuse(result)
                yield from result
            else:
                tally.accepted += 1
                if isinstance(result, ListingRow):
                    tally.notices.update(result.notices)
                yield result


First = Callable[[bytes, int], int]
"""Tells which row had something first: given that, and the number of the row that has it now."""


def packed_key(key: str) -> bytes:
    """The key of a row as siblings compare it."""
    return key.encode("utf-8", "surrogatepass")


class Siblings:
    """Looks at each row beside the others: is it one that comes twice, or is said to be over?"""

    def __init__(
        self,
        *,
        removed: Collection[bytes] = (),
        whole: bool = True,
        records: First | None = None,
        keys: First | None = None,
    ) -> None:
        """Begin with no row.

        Args:
            removed: records (`RecordKey.pack`) that any row of the file says no longer stand.
            whole: the rows are one file, in which a key or record that comes twice is a fault.
            records: tells which row listed a record first; by default all of them are kept.
            keys: likewise of the keys of rows.
        """
        self._removed = removed
        self._whole = whole
        self._record = records or dict[bytes, int]().setdefault
        self._key = keys or dict[bytes, int]().setdefault
        self._relief = dict[bytes, int]().setdefault

    def listing(self, record: bytes, key: str, number: int) -> RowFault | None:
        """Tell what is wrong with a row that lists a record, beside those before it."""
        if self._removed and record in self._removed:
            return _barred(number)
        if not self._whole:
            return None
        before = self._record(record, number)
        if before == number:
            before = self._key(packed_key(key), number)
        return None if before == number else _duplicate(number, before)

    def removed(self, row: RemovedRow) -> ReliefRow | list[RowFault]:
        """Return what a row that no longer stands comes to."""
        number = row.fault.row
        if row.relief is None or row.record is None:
            return [row.fault]
        before = number
        if self._whole:
            before = self._relief(row.record.pack(), number)
        return row.relief if before == number else [_duplicate(number, before)]


def read_listings(
    path: Path,
    mapping: Mapping,
    context: FeedContext,
    limits: Limits = DEFAULT_LIMITS,
    *,
    removed: Collection[bytes] = (),
) -> ListingReader:
    """Open a list file.

    Args:
        path: CSV or XLSX.
        mapping: the layout of the file.
        context: what the node knows of the feed.
        limits: bounds of the file.
        removed: see `ListingReader`.

    Raises:
        TableError: the file is not a table within the bounds.
        MappingError: the header lacks a required column.
    """
    return ListingReader(Table(path, limits), mapping, context, removed=removed)


def _barred(number: int) -> RowFault:
    message = (
        "同一文件的另一行表明该记录已不在列 / "
        "another row of the file says that this record no longer stands, or not yet"
    )
    return RowFault(row=number, column="", code=REMOVED, value="", expected="", message=message)


def _duplicate(number: int, before: int) -> RowFault:
    return RowFault(
        row=number,
        column="",
        code="row.duplicate",
        value="",
        expected="",
        message=(
            f"与第 {before} 行重复 / the same row key or the same record as row {before}; "
            "the first one counts"
        ),
    )
