"""A mapping tried on a list (`huxin adapter try`): what would be published, and nothing is.

The rows go through the very code of the intake: mapping, listing, rights, rules F1-F12.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from adapters.files.faults import RowFault
from adapters.files.listings import ListingReader, ListingRow
from adapters.files.tables import Limits, Table, Tabular
from federation.errors import RefusedError
from federation.intake import feed
from federation.ports.store import Store
from federation.record_key import pack_subject
from node.codec import payload_to_json
from node.intake.feeds import Feeds
from node.intake.known_rows import FileRow
from node.intake.listings import ListingFeed
from node.intake.planned import Outcome
from node.intake.row_making import RowMaking
from node.intake.sources import Source, Sources
from node.texts.expected import told

_PROGRESS_ROWS = 1024


class TrialInput(Protocol):
    """Rows that a mapping is tried on."""

    @property
    def name(self) -> str:
        """File or table, as people are shown it."""
        ...

    def open(self, source: Source) -> Tabular:
        """Open the rows of a source's list."""
        ...


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TrialFile:
    """A list file, CSV or XLSX."""

    path: Path
    limits: Limits

    @property
    def name(self) -> str:
        """Its path."""
        return str(self.path)

    def open(self, _source: Source) -> Tabular:
        """Open all its rows.

        Raises:
            RefusedError: `file.missing`.
            TableError: it is not a table within the bounds.
        """
        if not self.path.is_file():
            raise RefusedError("file.missing", f"{self.path}: expected a file, got none")
        return Table(self.path, self.limits)


class MappingTrial:
    """Tries mappings; writes nothing anywhere."""

    def __init__(self, *, sources: Sources, feeds: Feeds, store: Store) -> None:
        """Wire it."""
        self._sources = sources
        self._feeds = feeds
        self._store = store

    def run(
        self,
        tried: TrialInput,
        *,
        mapping: str,
        source: str,
        rows: int,
        progress: Callable[[int], None],
        list_type: str = "",
    ) -> dict[str, Any]:
        """Try a mapping on a file or table.

        Args:
            tried: the rows.
            mapping: id of a built-in mapping, or path of a mapping file; empty: the one by which
                the source publishes its list.
            source: the source department, or empty where only one may give the list.
            list_type: the list, where no mapping is named.
            rows: how many good rows, and how many bad ones, are shown.
            progress: told the number of rows read.

        Returns:
            `reliefs`: how many rows would be relief (F16); `shown`: the first good rows with `row`,
            `key`, `decision`, `known` (F53) and `listing`; `refused`: the first bad ones with `row`
            and `faults`; `reach` (F12) with the `suspicions` that it raises; counts over all rows.

        Raises:
            RefusedError: no source may give the list of the mapping, or there is no such file.
            FileAdapterError: the rows or the mapping cannot be read.
            PlatformError: the database does not answer, or refuses.
        """
        if mapping:
            layout = self._sources.named_layout(mapping)
            bound = self._sources.find(source, layout.list_type)
        else:
            bound = self._sources.find(source, list_type)
            layout = self._sources.layout(bound, publishes=False)
        context = self._feeds.context(bound, Path(tried.name).name, commends=layout.commends)
        before = ListingReader(tried.open(bound), layout, context)
        for _ in before:
            pass
        reader = ListingReader(tried.open(bound), layout, context, removed=before.gone)
        first: list[FileRow] = []
        bad: dict[int, list[dict[str, str]]] = {}
        listing_feed = self._feeds.feed(bound)
        reach = feed.reach(_reached(reader, listing_feed.making, first, bad, rows, progress))
        shown = self._decided(listing_feed, first, bad)
        return {
            "file": tried.name,
            "mapping": layout.id,
            "list_type": layout.list_type,
            "source": bound.name,
            "rows": reader.tally.rows,
            "refused_rows": reader.tally.refused + len(first) - len(shown),
            "reach": dataclasses.asdict(reach),
            "suspicions": feed.suspicions(reach),
            "faults": dict(sorted(reader.tally.faults.items())),
            "notices": dict(sorted(reader.tally.notices.items())),
            "remarks": reader.remarks,
            "ignored_columns": list(reader.ignored),
            "dropped_cells": dict(sorted(reader.tally.dropped.items())),
            "reliefs": sum(row.relief is not None for row in reader.removed),
            "shown": shown,
            "refused": [{"row": row, "faults": bad[row]} for row in sorted(bad)[:rows]],
        }

    def _decided(
        self, listing_feed: ListingFeed, first: list[FileRow], bad: dict[int, list[dict[str, str]]]
    ) -> list[dict[str, Any]]:
        """Decide the first rows; those that our charters do not allow go to the bad ones."""
        outcome = Outcome()
        with self._store.read() as session:
            hold = feed.many_others(*listing_feed.others(session, first))
            planned = listing_feed.decide(session, first, outcome, many_others=hold)
        for refused in outcome.refused:
            bad[refused.number] = [{"code": refused.code, "message": refused.message}]
        return [
            {
                "row": plan.row.number,
                "key": plan.row.key,
                "decision": plan.decision.value,
                "known": plan.known,
                "listing": payload_to_json(listing_feed.making.listing(plan.row)),
            }
            for plan in planned
        ]


def _reached(
    reader: ListingReader,
    making: RowMaking,
    first: list[FileRow],
    bad: dict[int, list[dict[str, str]]],
    most: int,
    progress: Callable[[int], None],
) -> Iterator[tuple[bytes, str]]:
    """Yield whom each listing reaches; keep the first rows, good and bad ones."""
    for item in reader:
        if reader.tally.rows % _PROGRESS_ROWS == 0:
            progress(reader.tally.rows)
        if isinstance(item, ListingRow):
            if len(first) < most:
                first.append(making.row(item))
            subject = item.listing.subject
            yield pack_subject(subject.scheme, subject.code), item.listing.document
        elif isinstance(item, RowFault) and (item.row in bad or len(bad) < most):
            bad.setdefault(item.row, []).append(_fault(item))
    progress(reader.tally.rows)


def _fault(fault: RowFault) -> dict[str, str]:
    document = dataclasses.asdict(told(fault))
    del document["row"]
    return document
