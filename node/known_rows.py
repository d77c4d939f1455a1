"""Rows of files as a feed knows them: by which key, and of whose listing (F14, F15).

The rules stand in `federation.feed`; what rows lead to is decided in `node.intake_listings`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from adapters.files.listings import ListingRow
from federation import feed
from federation.payloads import Listing
from federation.ports import FeedRow, FeedRowStatus, ReadSession, Tagger
from federation.record_key import pack_subject
from federation.rows import State, StatementRow


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """A row of a file that could be read: its number, its key at the source, its listing."""

    number: int
    key: str
    listing: Listing
    former: tuple[str, ...] = ()
    """Other keys by which the row may be known (F15)."""


def file_row(row: ListingRow) -> FileRow:
    """Return a row that was read, as the feed takes it."""
    return FileRow(number=row.row, key=row.row_key, listing=row.listing, former=row.former)


class KnownRows:
    """What a feed knows of rows."""

    def __init__(self, name: str, tagger: Tagger) -> None:
        """Look into the feed of this name."""
        self._name = name
        self._tagger = tagger

    def tag(self, key: str) -> bytes:
        """Return the tag of a row by one of its keys."""
        return self._tagger.lookup(feed.row_identity(self._name, key))

    def of(
        self, session: ReadSession, rows: Sequence[FileRow], records: Sequence[bytes]
    ) -> tuple[list[bytes], dict[bytes, FeedRow], dict[bytes, FeedRow]]:
        """What rows said before: their tags, by tag, and those known by another key (F15)."""
        tags = [self.tag(row.key) for row in rows]
        known = {r.row_tag: r for r in session.feed_rows(self._name, tags)}
        others = {
            self.tag(former): (tag, record)
            for row, tag, record in zip(rows, tags, records, strict=True)
            if tag not in known
            for former in row.former
        }
        moved: dict[bytes, FeedRow] = {}
        for row in session.feed_rows(self._name, list(others)) if others else ():
            tag, record = others[row.row_tag]
            # Only of the same record: a running number leads to another firm's listing.
            if row.record_tag == record and row.status != FeedRowStatus.WITHDRAWN:
                known[tag] = replace(row, row_tag=tag)
                moved[tag] = row
        return tags, known, moved

    def others(self, session: ReadSession, rows: Sequence[FileRow]) -> tuple[int, int]:
        """How many of these rows are known here, and how many of them now name another subject."""
        tags = {self.tag(row.key): row for row in rows}
        known = [
            r for r in session.feed_rows(self._name, list(tags)) if r.status == FeedRowStatus.LIVE
        ]
        listings = listings_of(session, known)
        over = ended(listings)
        live = [row for row in known if row.statement_id not in over]
        named = [
            row
            for row in live
            if self.names_other(
                row,
                listings,
                tags[row.row_tag].listing,
                self._tagger.lookup(tags[row.row_tag].listing.key.pack()),
            )
        ]
        return len(live), len(named)

    def names_other(
        self,
        previous: FeedRow | None,
        listings: Mapping[bytes, StatementRow],
        listing: Listing,
        record_tag: bytes,
    ) -> bool:
        """Whether a row names another subject than its listing; one not known any more is other."""
        if previous is None or previous.record_tag == record_tag:
            return False
        before = listings.get(previous.statement_id)
        subject = pack_subject(listing.subject.scheme, listing.subject.code)
        return before is None or before.subject_tag != self._tagger.lookup(subject)


def listings_of(session: ReadSession, rows: Iterable[FeedRow]) -> dict[bytes, StatementRow]:
    """Return the listings that rows made, by their ids."""
    listings = session.rows_by_id(None, [row.statement_id for row in rows])
    return {row.statement_id: row for row in listings}


def ended(listings: Mapping[bytes, StatementRow]) -> set[bytes]:
    """Return the ids of listings that are relieved."""
    return {
        row.statement_id
        for row in listings.values()
        if row.state in (State.REPAIRED, State.WITHDRAWN)
    }
