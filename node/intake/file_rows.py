"""Rows of a list file on their way into the log: looked through, in chunks, and counted."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

from adapters.files.faults import Faults
from adapters.files.listings import ListingReader, ListingRow, ReliefRow
from federation.intake import feed
from federation.payloads import Adverse
from federation.ports.store import Store
from node.intake.known_rows import FileRow, file_row
from node.intake.listings import ListingFeed
from node.intake.planned import Outcome

CHUNK: Final = 1024
"""Rows of a file in one transaction and one checkpoint."""

T = TypeVar("T")


class Total:
    """The outcomes of all chunks of a file."""

    def __init__(self) -> None:
        """Begin with none."""
        self.decisions: Counter[feed.Decision] = Counter()
        self.held: list[tuple[int, str, str]] = []
        self.refused: list[Any] = []
        self.published = 0

    def add(self, outcome: Outcome) -> None:
        """Add those of a chunk."""
        self.decisions.update(outcome.decisions)
        self.held += outcome.held
        self.refused += outcome.refused
        self.published += outcome.published


class Looked:
    """Looks through a file before anything of it is published (F12, F14)."""

    def __init__(self, store: Store, listing_feed: ListingFeed) -> None:
        """Look for what the feed knows of the rows."""
        self._store = store
        self._feed = listing_feed
        self._known = self._others = 0

    def listings(self, reader: ListingReader) -> Iterator[Adverse]:
        """Yield the listings; read once."""
        rows = (file_row(item) for item in reader if isinstance(item, ListingRow))
        for chunk in chunks(rows, CHUNK):
            with self._store.read() as session:
                known, others = self._feed.others(session, chunk)
            self._known += known
            self._others += others
            yield from (row.listing for row in chunk)

    @property
    def many_others(self) -> bool:
        """Whether so many rows name other subjects than before that a person looks (F14)."""
        return feed.many_others(self._known, self._others)


def good_rows(
    reader: ListingReader,
    faults: Faults,
    reliefs: list[ReliefRow],
    progress: Callable[[int], None],
) -> Iterator[FileRow]:
    """Yield rows that can be published; collect the reliefs, and the faults of the others."""
    for item in reader:
        if reader.tally.rows % CHUNK == 0:
            progress(reader.tally.rows)
        if isinstance(item, ListingRow):
            yield file_row(item)
        elif isinstance(item, ReliefRow):
            reliefs.append(item)
        else:
            faults.append(item)
    progress(reader.tally.rows)


def chunks(rows: Iterator[T], size: int) -> Iterator[Sequence[T]]:
    """Yield the rows, so many at a time."""
    while chunk := list(itertools.islice(rows, size)):
        yield chunk


def by_word(decisions: Counter[feed.Decision], relieved: Counter[str]) -> dict[str, int]:
    """How many rows led to what, by the word."""
    counted = relieved + Counter({decision.value: n for decision, n in decisions.items()})
    return {word: counted[word] for word in sorted(counted) if word != "refused"}
