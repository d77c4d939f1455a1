"""Files of lists: read to their end as a table, then published row by row in chunks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from adapters.files.faults import Faults
from adapters.files.listings import ReliefRow, read_listings
from adapters.files.mapping import Mapping as Layout
from adapters.files.spool import Spool
from adapters.files.standing import NOT_YET, REMOVED, check_names, check_titles
from adapters.files.tables import Limits
from federation.intake import feed
from federation.names import RELIEFS
from federation.ports.store import FeedRow, Store
from node.intake.feeds import Feeds
from node.intake.file_ends import FileEnds
from node.intake.file_rows import CHUNK, SHOWN_MAX, Total, by_word, chunks
from node.intake.known_rows import FileRow
from node.intake.listings import ListingFeed
from node.intake.planned import Outcome, Planned
from node.intake.read_rows import ReadRows
from node.intake.reliefs import Reliefs
from node.intake.row_words import RowWords
from node.intake.second_person import SecondPerson
from node.intake.seen_rows import See, SeenRow, of_listing, unseen
from node.intake.sources import Source, Sources
from node.intake.waiting_rows import WaitingRows
from node.log.units import Unit
from node.log.writer import Writer
from node.publishing.plausibility import SHORTER
from node.system.failpoints import Failpoints

_READ: Final = frozenset({REMOVED, NOT_YET, "row.duplicate"})
"""Faults of rows that say whose they are."""


class ListFiles:
    """Takes a file of a list; blocks while it is read."""

    def __init__(  # noqa: PLR0913 - wired once, in node.intake.files
        self,
        *,
        sources: Sources,
        feeds: Feeds,
        reliefs: Reliefs,
        ends: FileEnds,
        limits: Limits,
        share_max: float,
        second: SecondPerson,
        spool: Callable[[], Spool],
        store: Store,
        writer: Writer,
        failpoints: Failpoints,
    ) -> None:
        """Wire it.

        `share_max` is the share of rows that a full snapshot may end; `second` says whether rows
        wait for a second person (F58); `spool` makes one.
        """
        self._second = second
        self._spool = spool
        self._sources = sources
        self._feeds = feeds
        self._reliefs = reliefs
        self._ends = ends
        self._limits = limits
        self._share_max = share_max
        self._store = store
        self._writer = writer
        self._failpoints = failpoints

    def take(  # noqa: PLR0913 - called once
        self,
        path: Path,
        copy: Path,
        mapping: str,
        source: Source,
        progress: Callable[[int], None],
        *,
        said: bool,
        dry_run: bool,
        full: bool,
        words: RowWords,
        hear: Callable[[], tuple[str, ...]],
        by_hand: bool = True,
        see: See = unseen,
    ) -> dict[str, Any]:
        """Take a file of this path, of which `copy` is the private one, removed once it was read.

        `said`: its kind was told, not guessed; `full`: it has every row that stands; `hear`: names
        the persons who vouch for rows; `by_hand`: a person brought it (F58); `see` is told of each
        good one. See `node.intake.files.Intake.publish_file`.
        """
        layout = self._sources.layout(source, mapping, publishes=not dry_run)
        context = self._feeds.context(source, path.name, commends=layout.commends)
        listing_feed = self._feeds.feed(source)
        reader = read_listings(copy, layout, context, self._limits)
        if not said:
            check_names((path.name, *reader.titles))
            names = self._sources.list_names().items()
            others = [name for name, list_type in names if list_type != layout.list_type]
            check_titles(reader.titles, layout, others)
        with self._spool() as spool:
            # A fault of the whole file shows here, before anything is published.
            read = ReadRows(reader, spool, listing_feed, self._store)
            reach = read.read()
            copy.unlink()  # What is published stands in the spool.
            if not (dry_run or words.one_subject):
                feed.check_reach(reach)
            faults, result = self._publish_read(
                path,
                source,
                layout,
                listing_feed,
                read,
                progress,
                dry_run=dry_run,
                full=full,
                words=words,
                hear=hear,
                alone=self._second.asks(layout.list_type, by_hand=by_hand),
                see=see,
            )
        # A list of the trustworthy is published by one document for all who are on it.
        usual = {feed.ONE_DOCUMENT} if layout.commends else set()
        found = feed.suspicions(reach) if dry_run else []
        result["suspicions"] = [code for code in found if code not in usual]
        result["ignored_columns"] = list(reader.ignored)
        result["remarks"] = [*reader.remarks, *result["remarks"]]
        return self._ends.reported(path, faults, result)

    def _publish_read(  # noqa: PLR0913 - called once
        self,
        path: Path,
        source: Source,
        layout: Layout,
        listing_feed: ListingFeed,
        read: ReadRows,
        progress: Callable[[int], None],
        *,
        dry_run: bool,
        full: bool,
        words: RowWords,
        hear: Callable[[], tuple[str, ...]],
        alone: bool,
        see: See,
    ) -> tuple[Faults, dict[str, Any]]:
        """Publish what was read, or decide it only; faults and result."""
        many_others = read.many_others
        if words.of_rows and words.shown is None and not dry_run:
            words = self._seen(listing_feed, read, words, alone=alone)
        faults = Faults()
        reliefs: list[ReliefRow] = []
        rows = read.good_rows(faults, reliefs, progress)
        with self._store.read() as session:
            ended = listing_feed.standing_of(session, read.over)
        gone: list[FeedRow] = []
        if full:
            with self._store.read() as session:
                gone, live = listing_feed.gone(session, read.present())
            feed.check_snapshot(live, len(gone), self._share_max)
            over = {row.row_tag for row in ended}  # ended once, by what the row itself says
            gone = [row for row in gone if row.row_tag not in over]
        total = Total(faults)
        if dry_run:
            for chunk in chunks(rows, CHUNK):
                outcome = Outcome()
                with self._store.read() as session:
                    planned = listing_feed.decide(
                        session,
                        chunk,
                        outcome,
                        words=words,
                        many_others=many_others,
                        alone=alone,
                    )
                total.add(outcome)
                if see is not unseen:
                    for plan in sorted(planned, key=lambda one: one.row.number):
                        see(_seen(listing_feed, plan))
        else:
            unshared = self._sources.unshared(source)
            persons = hear() if unshared is None else ()
            unit = partial(
                listing_feed.unit,
                two_records=persons if words.two_records else (),
                other_subjects=persons if words.other_subjects else (),
                other_names=persons if words.other_names else (),
                many_others=many_others,
                words=words,
                alone=alone,
                unshared=unshared,
            )
            self._publish(unit, rows, total, see)
        withheld = len(gone) if layout.commends and _unread(read.tally.faults) else 0
        if withheld:
            gone = []
        if not dry_run:
            text = f"full snapshot {path.name}"
            self._end(listing_feed, gone, text, "feed.gone-from-snapshot")
            self._end(listing_feed, ended, f"{path.name}: {REMOVED}", REMOVED)
        relieved, early = self._relieve(reliefs, layout, source, faults, dry_run=dry_run, see=see)
        refused_rows = read.tally.refused + total.refused + relieved["refused"]
        if not dry_run:
            group = (source.name, layout.list_type)
            self._ends.note(
                path.name, group, faults, refused_rows, total.decisions[feed.Decision.EXISTS]
            )
        return (
            faults,
            {
                "kind": "list",
                "list_type": layout.list_type,
                "source": source.name,
                "dry_run": dry_run,
                "rows": read.tally.rows,
                "published": total.published + relieved.pop("published", 0),
                "decisions": by_word(total.decisions, relieved),
                "held": [
                    {"row": row, "code": code, "statement_id": listed}
                    | ({"known": known} if known else {})
                    for row, code, listed, known in total.held
                ],
                "shown": total.waiting.digest,
                **_ended("withdrawn" if layout.commends else "paused", [*gone, *ended]),
                "notices": dict(sorted(read.tally.notices.items())),
                "dropped_cells": dict(sorted(read.tally.dropped.items())),
                "refused_rows": refused_rows,
                "remarks": [
                    *early,
                    *([_withheld(withheld)] if withheld else []),
                    *([_short(short)] if (short := read.tally.notices[SHORTER]) else []),
                ],
            },
        )

    def _seen(
        self, listing_feed: ListingFeed, read: ReadRows, words: RowWords, *, alone: bool
    ) -> RowWords:
        """Words about the rows that persons saw, which are those that wait now (IM10).

        Raises:
            RefusedError: `rows.unseen`, `seen.changed`.
        """
        waiting = WaitingRows()
        for chunk in chunks(read.present(), CHUNK):
            outcome = Outcome()
            with self._store.read() as session:
                listing_feed.decide(
                    session, chunk, outcome, many_others=read.many_others, alone=alone
                )
            waiting.add(outcome.held)
        waiting.check_seen(words.seen)
        return replace(words, shown=waiting.by_word)

    def _end(
        self, listing_feed: ListingFeed, rows: Sequence[FeedRow], text: str, rule: str
    ) -> None:
        for chunk in chunks(iter(rows), CHUNK):
            self._writer.publish(listing_feed.end_unit(chunk, text, rule)).result()

    def _relieve(
        self,
        rows: list[ReliefRow],
        layout: Layout,
        source: Source,
        faults: Faults,
        *,
        dry_run: bool,
        see: See,
    ) -> tuple[Counter[str], list[str]]:
        """Publish what rows of a list ask for as relief (F16).

        Returns:
            Counts by word, and `published`; what is to be said of them.
        """
        if not rows or layout.removal is None:
            return Counter(), []
        done = self._reliefs.relieve(
            rows,
            RELIEFS[layout.removal.kind],
            frozenset(source.authorities.values()),
            dry_run=dry_run,
            see=see,
        )
        faults.extend(done.faults)
        done.counts["published"] = len(done.published)
        return done.counts, done.remarks

    def _publish(
        self,
        unit: Callable[[Sequence[FileRow], Outcome], Unit],
        rows: Iterator[FileRow],
        total: Total,
        see: See,
    ) -> None:
        """Publish chunk by chunk; the next one is read while the one before it is committed."""
        parts = chunks(rows, CHUNK)
        chunk = next(parts, None)
        while chunk is not None:
            outcome = Outcome()
            committed = self._writer.publish(unit(chunk, outcome))
            try:
                chunk = next(parts, None)
            finally:
                # Whatever is wrong with the rest of the file, this chunk's fate is known first.
                with self._failpoints.at("feed.commit"):
                    committed.result()
            total.add(outcome)
            for number, (decision, listed) in sorted(outcome.listed.items()):
                see(SeenRow(row=number, decision=decision.value, statement_id=listed.hex()))


def _seen(listing_feed: ListingFeed, plan: Planned) -> SeenRow:
    listed = b"" if plan.previous is None else plan.previous.statement_id
    listing = listing_feed.making.listing(plan.row)
    seen = of_listing(plan.row.number, plan.decision.value, listed, listing)
    return replace(seen, known=plan.known)


def _unread(faults: Mapping[str, int]) -> bool:
    """Whether a row of the file could not be read, of whomever it may be (F51)."""
    return any(code not in _READ for code in faults)


def _short(number: int) -> str:
    return (
        f"{number} 行的公示期短于经核实的目录条目所载的最短期限，请核对截止日期；照常发布，不予延长"
        f" / {number} rows end before the shortest period that a confirmed entry of the catalog "
        "states: look at their last day; published all the same, and no longer for it"
    )


def _withheld(number: int) -> str:
    return (
        f"文件有无法读取的行，{number} 条守信记录不在文件中，未予撤销：无法读取的可能就是它们；"
        "请更正后再报 / rows could not be read, and "
        f"{number} awards are not in the file: none of them was withdrawn, because those rows may "
        "be theirs; mend them and send the file again"
    )


def _ended(word: str, rows: Sequence[FeedRow]) -> dict[str, Any]:
    """What was ended without a relief of its own in the file: some of it, and how much."""
    return {word: [row.statement_id.hex() for row in rows[:SHOWN_MAX]], f"{word}_count": len(rows)}
