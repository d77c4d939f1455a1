"""Files of departments come in: lists, reliefs, scenarios and recognitions (`huxin publish`).

A list file is first read to its end as a table, so that a file that is damaged anywhere publishes
nothing. Then its rows are read, checked and published in chunks; bad rows are written to
`FILE.errors.csv` and the good ones around them go on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Final

from adapters.files.faults import Faults, RowFault, write_faults
from adapters.files.listings import ReliefRow, read_listings
from adapters.files.mapping import Mapping, list_names
from adapters.files.private_room import PrivateRoom
from adapters.files.standing import REMOVED, check_names
from adapters.files.tables import Limits, column_name
from federation.errors import RefusedError
from federation.ids import Date, Timestamp
from federation.intake import feed
from federation.ports.store import FeedRow, Store, Tagger
from federation.reconcile.catalog import Catalog
from node.directory.config import FilesSection
from node.intake import tally as intake_tally
from node.intake.acts import RELIEFS, ActIntake
from node.intake.file_rows import CHUNK, Looked, Total, by_word, chunks, good_rows
from node.intake.known_rows import FileRow
from node.intake.list_meant import list_meant
from node.intake.listings import Feeds, ListingFeed, Outcome
from node.intake.mapping_trial import MappingTrial
from node.intake.row_words import NO_WORDS, RowHearing, RowWords
from node.intake.rows import RowIntake
from node.intake.signed_mappings import SignedMappings
from node.intake.sources import Source, Sources
from node.log.publisher import Unit
from node.log.writer import Writer
from node.publishing.own_statements import OwnStatements
from node.publishing.registry import Registry
from node.system.failpoints import Failpoints

READING: Final = "reading"
"""Directory of private copies (F27)."""
SHOWN_MAX: Final = 200
"""Held rows and published ids named in a result; the counts are always whole."""


class Intake:
    """Takes files; blocks while a file is read, so it runs in a thread of its own."""

    def __init__(  # noqa: PLR0913 - wired once, in node.wiring
        self,
        *,
        directory: Path,
        files: FilesSection,
        limits: Limits,
        store: Store,
        writer: Writer,
        registry: Registry,
        statements: OwnStatements,
        tagger: Tagger,
        now: Callable[[], Timestamp],
        today: Callable[[], Date],
        failpoints: Failpoints,
        hearing: RowHearing,
        signed: SignedMappings | None = None,
        catalog: Callable[[], Catalog] = lambda: Catalog(()),
    ) -> None:
        """Wire the intake.

        `hearing` hears what persons say of rows; `signed` is asked before a mapping file publishes;
        `catalog` is that of the moment.
        """
        self._catalog = catalog
        self._hearing = hearing
        self._sources = Sources(directory, files.sources, signed)
        self._share_max = files.snapshot_share_max
        self._limits = limits
        self.room = PrivateRoom(directory / READING, limits.file_bytes)
        """Where files are read, out of the reach of others."""
        self._store = store
        self._writer = writer
        self._tagger = tagger
        self._now = now
        self._feeds = Feeds(
            registry=registry,
            statements=statements,
            tagger=tagger,
            today=today,
            catalog=catalog,
        )
        self.trial = MappingTrial(sources=self._sources, feeds=self._feeds, store=store)
        """Shows what rows would become."""
        self._failpoints = failpoints
        self._acts = ActIntake(
            store=store,
            writer=writer,
            registry=registry,
            statements=statements,
            tagger=tagger,
            today=today,
            limits=limits,
            list_names=self._list_names,
        )
        self.rows = RowIntake(
            sources=self._sources,
            feeds=self._feeds,
            acts=self._acts,
            store=store,
            writer=writer,
        )
        """Takes rows that stand in no file."""

    def _list_names(self) -> dict[str, str]:
        """Every name of a list by which a relief may find it (F23): mappings' and catalogs'."""
        catalog = self._catalog()
        told = {
            column_name(item.name): list_type
            for edition in catalog.editions
            for list_type, item in edition.lists.items()
        }
        return told | self._sources.list_names()

    def list_meant(self, path: Path, title: str, source: str) -> str:
        """Return the list of a source that a dropped file is of (F25; `node.intake.list_meant`)."""
        return list_meant(self._sources, self._limits, source, path, title)

    def publish_file(  # noqa: PLR0913 - the options of one command
        self,
        path: Path,
        *,
        kind: str,
        list_type: str,
        mapping: str,
        dry_run: bool,
        full_snapshot: bool,
        source: str,
        progress: Callable[[int], None],
        words: RowWords = NO_WORDS,
        private: bool = False,
    ) -> dict[str, Any]:
        """Take a file.

        Args:
            path: absolute path of the file.
            kind: `list`, `repair`, `withdrawal`, `scenario` or `recognition`; where it is empty,
                a list, unless the file's name speaks of something else (F18).
            list_type: the list, where the mapping does not say it.
            mapping: path of a mapping file, or empty.
            dry_run: decide and report, publish nothing.
            full_snapshot: the file has every row that stands; what is gone is paused.
            source: the source department, or empty where only one is configured for the list.
            progress: told the number of rows read.
            words: what two persons say of the rows of a list; a dry run hears nobody.
            private: the path is that of a private copy (F27); else one is made.

        Raises:
            RefusedError: the file as a whole may not be taken.
            FileAdapterError: it cannot be read.
            StoreError: there is no space for a copy, or the database fails.
        """
        if not path.is_file():
            raise RefusedError("file.missing", f"{path}: expected a file, got none")
        with ExitStack() as stack:
            read = path
            if not private:
                read = stack.enter_context(
                    self.room.copy(stack.enter_context(path.open("rb")), path.name)
                ).path
            return self._take(
                path,
                read,
                kind=kind,
                list_type=list_type,
                mapping=mapping,
                dry_run=dry_run,
                full_snapshot=full_snapshot,
                source=source,
                progress=progress,
                words=words,
            )

    def _take(  # noqa: PLR0913 - the options of one command
        self,
        path: Path,
        read: Path,
        *,
        kind: str,
        list_type: str,
        mapping: str,
        dry_run: bool,
        full_snapshot: bool,
        source: str,
        progress: Callable[[int], None],
        words: RowWords,
    ) -> dict[str, Any]:
        """Take a file of this path, of which `read` is the private copy."""
        if kind in ("", "list"):
            hear = partial(
                self._hearing.hear,
                read,
                list_type=list_type,
                mapping=mapping,
                source=source,
                words=words,
            )
            if mapping and not list_type:
                list_type = self._sources.named_layout(mapping).list_type
            bound = self._sources.find(source, list_type)
            return self._lists(
                path,
                read,
                mapping,
                bound,
                progress,
                said=bool(kind),
                dry_run=dry_run,
                full=full_snapshot,
                words=words,
                hear=hear,
            )
        if full_snapshot or words.says:
            message = "only a list file can be a full snapshot, or have rows that persons vouch for"
            raise RefusedError("file.not-a-list", message)
        faults, result = self._acts.take(
            read,
            kind,
            self._sources.authorities(source),
            progress,
            dry_run=dry_run,
            names=list_names([self._sources.named_layout(mapping)]) if mapping else {},
        )
        found = Faults(faults)
        if kind in RELIEFS and not dry_run:
            group = (self._sources.named(source), "")
            self._note(path.name, group, found, result["refused_rows"], 0, relief=True)
        return self._reported(path, found, result)

    def _lists(  # noqa: PLR0913 - called once
        self,
        path: Path,
        read: Path,
        mapping: str,
        source: Source,
        progress: Callable[[int], None],
        *,
        said: bool,
        dry_run: bool,
        full: bool,
        words: RowWords,
        hear: Callable[[], tuple[str, ...]],
    ) -> dict[str, Any]:
        layout = self._sources.layout(source, mapping, publishes=not dry_run)
        context = self._feeds.context(source, path.name)
        listing_feed = self._feeds.feed(source)
        # A fault of the whole file shows here, before anything is published.
        first = read_listings(read, layout, context, self._limits)
        if not said:
            check_names((path.name, *first.titles))
        reach = feed.reach((looked := Looked(self._store, listing_feed)).listings(first))
        many_others = looked.many_others
        if not (dry_run or words.one_subject):
            feed.check_reach(reach)
        reader = read_listings(read, layout, context, self._limits, removed=first.gone)
        faults = Faults()
        reliefs: list[ReliefRow] = []
        rows = good_rows(reader, faults, reliefs, progress)
        over = {row.record for row in first.removed if row.record and row.relief is None}
        with self._store.read() as session:
            ended = listing_feed.standing_of(session, over)
        gone: list[FeedRow] = []
        if full:
            kept = list(rows)
            rows = iter(kept)
            with self._store.read() as session:
                gone, live = listing_feed.gone(session, kept)
            feed.check_snapshot(live, len(gone), self._share_max)
        total = Total()
        if dry_run:
            for chunk in chunks(rows, CHUNK):
                outcome = Outcome()
                with self._store.read() as session:
                    listing_feed.decide(
                        session,
                        chunk,
                        outcome,
                        apart=words.two_records,
                        hold_others=many_others and not words.other_subjects,
                    )
                total.add(outcome)
        else:
            persons = hear()
            unit = partial(
                listing_feed.unit,
                two_records=persons if words.two_records else (),
                other_subjects=persons if words.other_subjects else (),
                many_others=many_others,
            )
            self._publish(unit, rows, total)
        if not dry_run:
            text = f"full snapshot {path.name}"
            self._pause(listing_feed, gone, text, "feed.gone-from-snapshot")
            self._pause(listing_feed, ended, f"{path.name}: {REMOVED}", REMOVED)
        relieved = self._relieve(reliefs, layout, source, faults, dry_run=dry_run)
        faults.extend(
            RowFault(
                row=refused.number,
                column="",
                code=refused.code,
                value="",
                expected="",
                message=refused.message,
            )
            for refused in total.refused
        )
        refused_rows = reader.tally.refused + len(total.refused) + relieved["refused"]
        if not dry_run:
            group = (source.name, layout.list_type)
            self._note(
                path.name, group, faults, refused_rows, total.decisions[feed.Decision.EXISTS]
            )
        return self._reported(
            path,
            faults,
            {
                "kind": "list",
                "list_type": layout.list_type,
                "source": source.name,
                "dry_run": dry_run,
                "suspicions": feed.suspicions(reach) if dry_run else [],
                "rows": reader.tally.rows,
                "published": total.published + relieved.pop("published", 0),
                "decisions": by_word(total.decisions, relieved),
                "held": [
                    {"row": row, "code": code, "statement_id": listed}
                    for row, code, listed in total.held[:SHOWN_MAX]
                ],
                "paused": [row.statement_id.hex() for row in (*gone, *ended)[:SHOWN_MAX]],
                "paused_count": len(gone) + len(ended),
                "notices": dict(sorted(reader.tally.notices.items())),
                "ignored_columns": list(reader.ignored),
                "dropped_cells": dict(sorted(reader.tally.dropped.items())),
                "refused_rows": refused_rows,
            },
        )

    def _pause(
        self, listing_feed: ListingFeed, rows: Sequence[FeedRow], text: str, rule: str
    ) -> None:
        for chunk in chunks(iter(rows), CHUNK):
            self._writer.publish(listing_feed.pause_unit(chunk, text, rule)).result()

    def _relieve(
        self,
        rows: list[ReliefRow],
        layout: Mapping,
        source: Source,
        faults: Faults,
        *,
        dry_run: bool,
    ) -> Counter[str]:
        """Publish what rows of a list ask for as relief (F16); counts by word, and `published`."""
        if not rows or layout.removal is None:
            return Counter()
        found, published, counts = self._acts.relieve(
            rows,
            RELIEFS[layout.removal.kind],
            frozenset(source.authorities.values()),
            dry_run=dry_run,
        )
        faults.extend(found)
        counts["published"] = len(published)
        return counts

    def _publish(
        self,
        unit: Callable[[Sequence[FileRow], Outcome], Unit],
        rows: Iterator[FileRow],
        total: Total,
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

    def _note(
        self,
        batch: str,
        group: tuple[str, str],
        faults: Faults,
        refused: int,
        exists: int,
        *,
        relief: bool = False,
    ) -> None:
        """Keep for the quality of the source what was refused."""
        tag = self._tagger.lookup(f"intake\n{'/'.join(group)}\n{batch}".encode())

        def job() -> None:
            with self._store.write() as session:
                intake_tally.note(
                    session,
                    self._now(),
                    group,
                    tag,
                    [(fault.row, fault.code) for fault in faults.kept],
                    refused=refused,
                    exists=exists,
                    relief=relief,
                )

        self._writer.submit(job).result()

    def _reported(self, path: Path, faults: Faults, result: dict[str, Any]) -> dict[str, Any]:
        """Write the errors file and complete the result."""
        with self._failpoints.at("feed.report"):
            errors = write_faults(path, faults.told())
        return {
            "file": str(path),
            **result,
            "faults": dict(sorted(faults.codes.items())),
            "errors_file": "" if errors is None else str(errors),
        }
