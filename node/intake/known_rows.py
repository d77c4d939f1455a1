"""Rows of files as a feed knows them: by which key, and of whose listing (F14, F15, F33).

The rules stand in `federation.intake.feed`; what rows lead to is decided in `node.intake.listings`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from federation.facts import PayloadFacts, Written
from federation.ids import Date
from federation.intake import feed
from federation.payloads import Audience
from federation.ports.store import FeedRow, FeedRowStatus, ReadSession, Tagger
from federation.reconcile.catalog import Catalog
from federation.reconcile.plausibility import Doubt
from federation.rows import State, StatementRow

ENDED: Final = (State.REPAIRED, State.WITHDRAWN)
"""States of a listing that was relieved."""


class FileRow(NamedTuple):
    """A row of a file as it would be published; made once (`node.intake.row_making`)."""

    number: int
    kind: int
    """`LISTING`, `PENALTY` or `COMMENDATION`."""
    key: str
    """At the source."""
    former: tuple[str, ...]
    """Other keys by which the row may be known (F15)."""
    tag: bytes
    """By its key, in its feed."""
    content_tag: bytes
    """Of what it says."""
    record_tag: bytes
    name: str
    """Of its subject, as the row states it."""
    written: Written
    """Its payload."""
    doubt: Doubt | None
    """Why it is not published, whatever our rights."""
    lacks: str
    """Code of what it does not say, for which every city will hold it; empty for nothing."""
    moment: Moment
    """As of which audience and doubt are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What a row is made by besides what stands in it; it is made anew where this has changed."""

    audience: Audience
    today: Date
    catalog: Catalog


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a feed knows of rows, by their tags."""

    tags: list[bytes]
    """In the order of the rows."""
    known: dict[bytes, FeedRow]
    """What each said before."""
    moved: dict[bytes, FeedRow]
    """Of those, as they were known by another key (F15)."""
    leads: dict[bytes, FeedRow]
    """Where another key of a row that is not known leads: to another record (F33)."""


class KnownRows:
    """What a feed knows of rows."""

    def __init__(self, name: str, tagger: Tagger) -> None:
        """Look into the feed of this name."""
        self._name = name
        self._tagger = tagger
        self._forgotten: dict[bytes, StatementRow] | None = None
        """Relieved listings of rows whose keys were forgotten, by subject; a start alone forgets
        any, and what is relieved later was not."""

    def tag(self, key: str) -> bytes:
        """Return the tag of a row by one of its keys."""
        return self._tagger.lookup(feed.row_identity(self._name, key))

    def of(self, session: ReadSession, rows: Sequence[FileRow]) -> Found:
        """What rows said before, by their own keys and by others (F15, F33)."""
        tags = [row.tag for row in rows]
        known = {r.row_tag: r for r in session.feed_rows(self._name, tags)}
        others = {
            self.tag(former): (row.tag, row.record_tag)
            for row in rows
            if row.tag not in known
            for former in row.former
        }
        moved: dict[bytes, FeedRow] = {}
        leads: dict[bytes, FeedRow] = {}
        for row in session.feed_rows(self._name, list(others)) if others else ():
            tag, record = others[row.row_tag]
            # Only of the same record: a running number leads to another firm's listing.
            if row.record_tag == record and row.status != FeedRowStatus.WITHDRAWN:
                known[tag] = row._replace(row_tag=tag)
                moved[tag] = row
            elif row.status != FeedRowStatus.WITHDRAWN:
                leads[tag] = row
        self._lead_by_subject(session, rows, known, leads)
        return Found(tags=tags, known=known, moved=moved, leads=leads)

    def _lead_by_subject(
        self,
        session: ReadSession,
        rows: Sequence[FileRow],
        known: Mapping[bytes, FeedRow],
        leads: dict[bytes, FeedRow],
    ) -> None:
        """Rows that are not known may be those whose keys were forgotten: of the same subject."""
        if self._forgotten is None:
            ids = session.feed_rows_forgotten(self._name)
            self._forgotten = {
                row.subject_tag: row
                for row in (session.rows_by_id(None, ids) if ids else ())
                if row.state in ENDED and row.subject_tag
            }
        for row in rows if self._forgotten else ():
            made = self._forgotten.get(self._tagger.lookup(row.written.facts.subject))
            if made is not None and row.tag not in known:
                leads.setdefault(row.tag, _forgotten(self._name, row.tag, made))

    def others(self, session: ReadSession, rows: Sequence[FileRow]) -> tuple[int, int]:
        """How many of these rows are known here, and how many of them now name another subject."""
        tags = {row.tag: row for row in rows}
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
                tags[row.row_tag].written.facts,
                tags[row.row_tag].record_tag,
            )
        ]
        return len(live), len(named)

    def relieved_for_same(
        self, before: FeedRow, listings: Mapping[bytes, StatementRow], facts: PayloadFacts
    ) -> bool:
        """Whether a row known before made a listing of the same subject that was relieved (F33)."""
        made = listings.get(before.statement_id)
        return (
            made is not None
            and made.state in ENDED
            and made.subject_tag == self._tagger.lookup(facts.subject)
        )

    def names_other(
        self,
        previous: FeedRow | None,
        listings: Mapping[bytes, StatementRow],
        facts: PayloadFacts,
        record_tag: bytes,
    ) -> bool:
        """Whether a row names another subject than its listing; one not known any more is other."""
        if previous is None or previous.record_tag == record_tag:
            return False
        before = listings.get(previous.statement_id)
        return before is None or before.subject_tag != self._tagger.lookup(facts.subject)


def _forgotten(feed_name: str, tag: bytes, made: StatementRow) -> FeedRow:
    """A row whose key is not known any more, as leading to the listing that it made."""
    return FeedRow(
        feed=feed_name,
        row_tag=tag,
        record_tag=made.record_tag or b"",
        content_tag=b"",
        statement_id=made.statement_id,
        until=made.until,
        status=FeedRowStatus.FORGOTTEN,
    )


def newest(rows: Sequence[FileRow]) -> tuple[list[FileRow], dict[int, int]]:
    """Of rows that have one key the newest counts (F31).

    Returns:
        The rows that count, in their order; by the number of each other row that of the one that
        counts for it.
    """
    last = {row.key: row.number for row in rows}
    counts = [row for row in rows if last[row.key] == row.number]
    return counts, {row.number: last[row.key] for row in rows if last[row.key] != row.number}


def by_record(rows: Sequence[FileRow]) -> list[list[FileRow]]:
    """Divide rows at hand so that those of one record by several keys are decided one by one.

    Returns:
        First the rows of which none has the record of a row with another key; then, where there
        are any, those whose record one of the first has.
    """
    records: dict[str, set[bytes]] = {}
    for row in rows:
        records.setdefault(row.key, set()).add(row.written.facts.key)
    taken: set[bytes] = set()
    later: set[str] = set()
    for key, named in records.items():
        if taken.isdisjoint(named):
            taken |= named
        else:
            later.add(key)
    parts = ([r for r in rows if r.key not in later], [r for r in rows if r.key in later])
    return [part for part in parts if part]


def listings_of(session: ReadSession, rows: Iterable[FeedRow]) -> dict[bytes, StatementRow]:
    """Return the listings that rows made, by their ids."""
    listings = session.rows_by_id(None, [row.statement_id for row in rows])
    return {row.statement_id: row for row in listings}


def ended(listings: Mapping[bytes, StatementRow]) -> set[bytes]:
    """Return the ids of listings that are relieved."""
    return {row.statement_id for row in listings.values() if row.state in ENDED}
