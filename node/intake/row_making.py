"""Rows that were read become what would be published of them: once, and before anything is.

A row is serialised, its tags are made and what is not plausible in it is found while its file is
read; the writer decides on what was made, and puts it into the log. Only where charters, catalog or
day have changed in between is a row made anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from adapters.files.listings import ListingRow
from federation.errors import RefusedError, StatementError
from federation.facts import PayloadReader, Written
from federation.ids import Date
from federation.intake import feed
from federation.intake.contents import listing_content
from federation.payloads import Commendation, Listed, Listing, Penalty
from federation.ports.store import Tagger
from federation.reconcile.catalog import Catalog
from federation.reconcile.plausibility import Doubt
from federation.record_key import record_tag
from federation.statements import Kind
from node.intake.known_rows import FileRow, Moment

_KINDS: Final = {
    Listing: Kind.LISTING,
    Penalty: Kind.PENALTY,
    Commendation: Kind.COMMENDATION,
}


class RowMaking:
    """Makes rows of one feed; for one thread at a time."""

    def __init__(
        self,
        name: str,
        *,
        payloads: PayloadReader,
        tagger: Tagger,
        look: Callable[[Listed, Catalog, Date], tuple[Doubt | None, str]],
        moment: Callable[[], Moment],
    ) -> None:
        """Wire it for the feed of this name.

        `look` finds what a row is told (`node.publishing.plausibility.looked_at`); `moment` is
        asked for each number of rows.
        """
        self._name = name
        self._payloads = payloads
        self._write = payloads.listing_writer()
        self._lookup = tagger.lookup
        self._look = look
        self._moment_now = moment
        self.moment = moment()
        """As of which rows are made."""

    def row(self, item: ListingRow) -> FileRow:
        """Make a row of what was read.

        Raises:
            RefusedError: it cannot be serialised, for the code of a payload.
        """
        listing = item.listing
        written = self._written(listing)
        return FileRow(
            item.row,
            _KINDS[type(listing)],
            item.row_key,
            item.former,
            self._lookup(feed.row_identity(self._name, item.row_key)),
            self._lookup(listing_content(listing)),
            record_tag(self._lookup, written.facts.subject, written.facts.key),
            listing.subject.name,
            written,
            *self._look(listing, self.moment.catalog, self.moment.today),
            self.moment,
        )

    def renewed(self, rows: Sequence[FileRow]) -> list[FileRow]:
        """Rows as of now; those that were made as of another moment are made anew."""
        now = self._moment_now()
        if now == self.moment:
            now = self.moment
        self.moment = now
        return [row if row.moment is now else self._again(row) for row in rows]

    def listing(self, row: FileRow) -> Listed:
        """What a row says."""
        listing = self._payloads.decode(row.kind, row.written.payload)
        if not isinstance(listing, Listed):
            raise TypeError(listing)
        return listing

    def _again(self, row: FileRow) -> FileRow:
        listing = replace(self.listing(row), audience=self.moment.audience)
        doubt, lacks = self._look(listing, self.moment.catalog, self.moment.today)
        return row._replace(
            written=self._written(listing), doubt=doubt, lacks=lacks, moment=self.moment
        )

    def _written(self, listing: Listed) -> Written:
        try:
            if isinstance(listing, Listing):
                return self._write(listing)
            return self._payloads.written(listing)
        except StatementError as error:
            raise RefusedError(error.code, str(error)) from error
