"""Files of departments come in: lists, reliefs, scenarios and recognitions (`huxin publish`).

A list file is first read to its end as a table, so that a file that is damaged anywhere publishes
nothing. Then its rows are read, checked and published in chunks; bad rows are written to
`FILE.errors.csv` and the good ones around them go on.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from adapters.files.faults import Faults, RowFault, write_faults
from adapters.files.listings import FeedContext, ListingReader, ListingRow, read_listings
from adapters.files.mapping import find_mapping, load_mapping
from adapters.files.tables import Limits, Table
from federation import feed
from federation.errors import RefusedError
from federation.ids import Date, Timestamp
from federation.ports import FeedRow, Store, Tagger
from node import intake_tally
from node.config import FilesSection, SourceSection
from node.failpoints import Failpoints
from node.intake_acts import ActIntake
from node.intake_listings import FileRow, ListingFeed, Outcome
from node.own_statements import OwnStatements
from node.registry import Registry
from node.writer import Writer

CHUNK: Final = 1024
"""Rows of a file in one transaction and one checkpoint."""
SHOWN_MAX: Final = 200
"""Held rows and published ids named in a result; the counts are always whole."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source department as it is configured."""

    name: str
    list_type: str
    authorities: dict[str, str]
    """Codes by name, and codes by themselves."""
    mapping: str


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
    ) -> None:
        """Wire the intake."""
        self._directory = directory
        self._files = files
        self._limits = limits
        self._store = store
        self._writer = writer
        self._registry = registry
        self._statements = statements
        self._tagger = tagger
        self._now = now
        self._today = today
        self._failpoints = failpoints
        self._acts = ActIntake(
            store=store,
            writer=writer,
            registry=registry,
            statements=statements,
            tagger=tagger,
            today=today,
            limits=limits,
        )

    def publish_file(
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
    ) -> dict[str, Any]:
        """Take a file.

        Args:
            path: absolute path of the file.
            kind: `list`, `repair`, `withdrawal`, `scenario` or `recognition`.
            list_type: the list, where the mapping does not say it.
            mapping: path of a mapping file, or empty.
            dry_run: decide and report, publish nothing.
            full_snapshot: the file has every row that stands; what is gone is paused.
            source: the source department, or empty where only one is configured for the list.
            progress: told the number of rows read.

        Raises:
            RefusedError: the file as a whole may not be taken.
            FileAdapterError: it cannot be read.
        """
        if not path.is_file():
            raise RefusedError("file.missing", f"{path}: expected a file, got none")
        if kind in ("", "list"):
            if mapping and not list_type:
                list_type = load_mapping(self._directory / mapping).list_type
            bound = self._source(source, list_type)
            return self._lists(path, mapping, bound, progress, dry_run=dry_run, full=full_snapshot)
        if full_snapshot:
            message = "only a list file can be a full snapshot"
            raise RefusedError("file.not-a-list", message)
        faults, result = self._acts.take(
            path, kind, self._all_authorities(source), progress, dry_run=dry_run
        )
        return self._reported(path, Faults(faults), result)

    def _lists(
        self,
        path: Path,
        mapping: str,
        source: Source,
        progress: Callable[[int], None],
        *,
        dry_run: bool,
        full: bool,
    ) -> dict[str, Any]:
        chosen = mapping or source.mapping
        layout = find_mapping(source.list_type, self._directory / chosen if chosen else None)
        context = FeedContext(
            audience=self._statements.audience(),
            department=source.name,
            batch=path.name,
            authorities=source.authorities,
            today=self._today(),
        )
        listing_feed = ListingFeed(
            name=f"{source.name}/{layout.list_type}",
            registry=self._registry,
            statements=self._statements,
            tagger=self._tagger,
            today=self._today,
        )
        for _ in Table(path, self._limits):
            pass  # a fault of the whole file shows here, before anything is published
        reader = read_listings(path, layout, context, self._limits)
        faults = Faults()
        rows = _good_rows(reader, faults, progress)
        gone: list[FeedRow] = []
        if full:
            kept = list(rows)
            rows = iter(kept)
            with self._store.read() as session:
                gone, live = listing_feed.gone(session, listing_feed.row_tags(kept))
            feed.check_snapshot(live, len(gone), self._files.snapshot_share_max)
        total = _Total()
        if dry_run:
            for chunk in _chunks(rows, CHUNK):
                outcome = Outcome()
                with self._store.read() as session:
                    listing_feed.decide(session, chunk, outcome)
                total.add(outcome)
        else:
            self._publish(listing_feed, rows, total)
        for paused in _chunks(iter(gone), CHUNK):
            if not dry_run:
                unit = listing_feed.pause_unit(paused, f"full snapshot {path.name}")
                self._writer.publish(unit).result()
        faults.extend(
            RowFault(
                row=refused.number,
                column="",
                code=refused.code,
                value="",
                expected="",
                message="章程未授权 / our charter does not let us publish this row",
            )
            for refused in total.refused
        )
        refused_rows = reader.tally.refused + len(total.refused)
        if not dry_run:
            group = (source.name, layout.list_type)
            self._note(path, group, faults, refused_rows, total.decisions[feed.Decision.EXISTS])
        return self._reported(
            path,
            faults,
            {
                "kind": "list",
                "list_type": layout.list_type,
                "source": source.name,
                "dry_run": dry_run,
                "rows": reader.tally.rows,
                "published": total.published,
                "decisions": {d.value: n for d, n in sorted(total.decisions.items(), key=_word)},
                "held": [
                    {"row": row, "code": code, "statement_id": listed}
                    for row, code, listed in total.held[:SHOWN_MAX]
                ],
                "paused": [row.statement_id.hex() for row in gone[:SHOWN_MAX]],
                "paused_count": len(gone),
                "notices": dict(sorted(reader.tally.notices.items())),
                "dropped_cells": dict(sorted(reader.tally.dropped.items())),
                "refused_rows": refused_rows,
            },
        )

    def _publish(self, listing_feed: ListingFeed, rows: Iterator[FileRow], total: _Total) -> None:
        """Publish chunk by chunk; the next one is read while the one before it is committed."""
        chunk = next(chunks := _chunks(rows, CHUNK), None)
        while chunk is not None:
            outcome = Outcome()
            committed = self._writer.publish(listing_feed.unit(chunk, outcome))
            try:
                chunk = next(chunks, None)
            finally:
                # Whatever is wrong with the rest of the file, this chunk's fate is known first.
                with self._failpoints.at("feed.commit"):
                    committed.result()
            total.add(outcome)

    def _note(
        self, path: Path, group: tuple[str, str], faults: Faults, refused: int, exists: int
    ) -> None:
        """Keep for the quality of the source what was refused."""
        tag = self._tagger.lookup(f"intake\n{'/'.join(group)}\n{path.name}".encode())

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

    def _source(self, name: str, list_type: str) -> Source:
        """Find the source department that may speak for the list.

        Where neither is named, the only source with the only list is meant.
        """
        sources = self._files.sources
        if name and name not in sources:
            message = f"no source {name!r} in [files.sources]; known: {', '.join(sources)}"
            raise RefusedError("source.unknown", message)
        found = {name: sources[name]} if name else dict(sources)
        lists = {t: None for section in found.values() for t in section.list_types}
        if not list_type and len(lists) == 1:
            (list_type,) = lists
        if not list_type:
            message = f"name the list with --list, one of: {', '.join(lists)}"
            raise RefusedError("list.unnamed", message)
        found = {n: section for n, section in found.items() if list_type in section.list_types}
        if name and not found:
            message = f"source {name!r} is not bound to the list {list_type!r}"
            raise RefusedError("source.list-not-bound", message)
        if len(found) != 1:
            message = (
                f"{len(found)} sources may give the list {list_type!r}; name one with --source "
                "(see [files.sources])"
            )
            raise RefusedError("source.ambiguous", message)
        ((chosen, section),) = found.items()
        return Source(
            name=chosen,
            list_type=list_type,
            authorities=_authorities([section]),
            mapping=section.mapping,
        )

    def _all_authorities(self, source: str) -> dict[str, str]:
        if source and source not in self._files.sources:
            raise RefusedError("source.unknown", f"no source {source!r} in [files.sources]")
        chosen = [self._files.sources[source]] if source else self._files.sources.values()
        return _authorities(chosen)


class _Total:
    """The outcomes of all chunks of a file."""

    def __init__(self) -> None:
        self.decisions: Counter[feed.Decision] = Counter()
        self.held: list[tuple[int, str, str]] = []
        self.refused: list[Any] = []
        self.published = 0

    def add(self, outcome: Outcome) -> None:
        self.decisions.update(outcome.decisions)
        self.held += outcome.held
        self.refused += outcome.refused
        self.published += outcome.published


def _good_rows(
    reader: ListingReader, faults: Faults, progress: Callable[[int], None]
) -> Iterator[FileRow]:
    """Yield rows that can be published; collect the faults of the others."""
    for item in reader:
        if reader.tally.rows % CHUNK == 0:
            progress(reader.tally.rows)
        if isinstance(item, ListingRow):
            yield FileRow(number=item.row, key=item.row_key, listing=item.listing)
        else:
            faults.append(item)
    progress(reader.tally.rows)


def _chunks(rows: Iterator[T], size: int) -> Iterator[Sequence[T]]:
    while chunk := list(itertools.islice(rows, size)):
        yield chunk


def _authorities(sections: Iterable[SourceSection]) -> dict[str, str]:
    by_name = {name: code for s in sections for name, code in s.authorities.items()}
    return by_name | {code: code for code in by_name.values()}


def _word(item: tuple[feed.Decision, int]) -> str:
    return item[0].value
