"""Rows of a list file as LISTING payloads, or what is wrong with them.

Every row is judged on its own; all its bad fields are named, one fault each. Codes of faults:

    file rows    row.width, row.encoding, row.malformed, cell.long, cell.damaged-number
    subject      subject.natural-person, identity.code-* (federation.uscc)
    fields       field.missing, field.long, field.control, field.personal-id, field.value
    dates        date.format, date.calendar, date.early, date.future, date.order, date.over
    authority    authority.not-bound, authority.mismatch
    file         row.duplicate

Notices do not stop a row: `code.normalised`, `date.normalised`, `publish-until.capped`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from adapters.files._conversion import Conversion, FeedContext, ListingRow
from adapters.files.faults import RowFault
from adapters.files.mapping import Mapping
from adapters.files.tables import DEFAULT_LIMITS, Limits, Table, Tabular
from federation.record_key import normalise_document, same_subject

__all__ = ["FeedContext", "ListingReader", "ListingRow", "Tally", "read_listings"]


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


class ListingReader:
    """Iterates once over a file; afterwards `tally` says what was in it."""

    def __init__(self, table: Tabular, mapping: Mapping, context: FeedContext) -> None:
        """Bind the columns of an opened table to a mapping.

        Raises:
            MappingError: `header.missing`; the header lacks a required column.
        """
        self._table = table
        self._conversion = Conversion(table.header, mapping, context)
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

    def __iter__(self) -> Iterator[ListingRow | RowFault]:
        """Yield each row's listing, or its faults one after the other.

        Raises:
            TableError: the file cannot be read on; the caller discards what came before.
        """
        tally = self.tally
        convert = self._conversion.convert
        persons = self._conversion.columns.persons
        first: dict[str, int] = {}
        for item in self._table:
            tally.rows += 1
            if isinstance(item, RowFault):
                yield self._refuse([item])
                continue
            number, cells = item
            for header, at in persons:
                if cells[at] and not cells[at].isspace():
                    tally.dropped[header] += 1
            result = convert(number, cells)
            if isinstance(result, ListingRow):
                before = _remember(first, result)
                if not before:
                    tally.accepted += 1
                    if result.notices:
                        tally.notices.update(result.notices)
                    yield result
                    continue
                result = [self._duplicate(number, before)]
            self._refuse(result)
            yield from result

    def _refuse(self, faults: list[RowFault]) -> RowFault:
        self.tally.refused += 1
        self.tally.faults.update(fault.code for fault in faults)
        return faults[0]

    def _duplicate(self, number: int, before: int) -> RowFault:
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


def read_listings(
    path: Path, mapping: Mapping, context: FeedContext, limits: Limits = DEFAULT_LIMITS
) -> ListingReader:
    """Open a list file.

    Args:
        path: CSV or XLSX.
        mapping: the layout of the file.
        context: what the node knows of the feed.
        limits: bounds of the file.

    Raises:
        TableError: the file is not a table within the bounds.
        MappingError: the header lacks a required column.
    """
    return ListingReader(Table(path, limits), mapping, context)


def _remember(first: dict[str, int], row: ListingRow) -> int:
    """Note row key and record of a row; return the row that had either before, or 0."""
    listing = row.listing
    subject = listing.subject
    document = normalise_document(listing.document)
    _, code = same_subject(subject.scheme, subject.code)
    record = f"r\n{code}\n{listing.authority}\n{document}"
    before = first.setdefault(record, row.row)
    if before != row.row:
        return before
    before = first.setdefault(f"k\n{row.row_key}", row.row)
    return 0 if before == row.row else before
