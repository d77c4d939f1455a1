"""The end of what was asked: erased after its term, by trusted time (QL6).

    rows, checks and reports that were written before the term lose their content and the tags by
    which subjects were found → SQLite's write-ahead log is emptied → the keys of months in which
    nothing is sealed any more are destroyed

    → what is left of checks and reports goes, once no match can be reopened any more (EK7)

Leaf, time and kind stay: the tree stays whole, and `huxin access verify` counts them as erased. A
row that has no place in the log yet is not erased. What a crash leaves undone the next run does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import structlog

from adapters.sql import batches, benefits, checks, displays, outcomes, watches
from adapters.sql.ended_checks import erased_checks, remove_checks
from adapters.sql.query_rows import erase_rows_before
from adapters.sql.query_store import QueryStore, QueryWrites
from federation.ids import Timestamp
from federation.screening.outcomes import WATCHED, MatchState, is_settled
from node.access.query_keys import QueryKeys
from node.access.query_writer import QueryWriter

_log = structlog.get_logger()

BATCH: Final = 1000
"""Rows of the log in one transaction; who asks waits no longer than for that."""

BESIDE: Final = tuple(
    one.erase_before for one in (checks, outcomes, benefits, displays, batches, watches)
)
"""What stands beside the rows: what is sealed of answers and reports, batches of displays, and
watches that have ended."""


class QueryErasure:
    """Erases what has ended."""

    def __init__(
        self,
        *,
        store: QueryStore,
        writer: QueryWriter,
        keys: QueryKeys,
        trusted: Callable[[], Timestamp],
        keep_seconds: int,
        listing_is_over: Callable[[str, int], bool],
    ) -> None:
        """Wire it.

        Args:
            store: the query store.
            writer: its writer.
            keys: its keys.
            trusted: trusted time.
            keep_seconds: the term.
            listing_is_over: whether the last day of the listing at origin and index has passed,
                by trusted time, and no relief ended it.
        """
        self._listing_is_over = listing_is_over
        self._store = store
        self._writer = writer
        self._keys = keys
        self._trusted = trusted
        self._keep_seconds = keep_seconds

    def run(self) -> None:
        """Erase what has ended.

        Raises:
            StoreError: the query store; tried again by the next run.
            OSError: a key cannot be overwritten; likewise.
        """
        cutoff = Timestamp(self._trusted() - self._keep_seconds)
        if cutoff <= 0:
            return
        erased, more = 0, True
        while more:
            rows = partial(erase_rows_before, cutoff=cutoff, limit=BATCH)
            found = self._writer.submit(rows).result()
            erased, more = erased + found, found == BATCH
        for ending in BESIDE:
            erased += self._writer.submit(partial(ending, cutoff=cutoff)).result()
        erased += self._forget(cutoff)
        if erased:
            self._store.truncate()
        destroyed = self._keys.destroy_before(cutoff)
        if erased or destroyed:
            _log.info("asked long ago, erased", rows=erased, keys=len(destroyed))

    def _forget(self, cutoff: Timestamp) -> int:
        """Remove what is left of answers (EK7)."""
        removed, after = 0, ""
        while True:
            with self._store.read() as reads:
                numbers = erased_checks(reads, cutoff, after, BATCH)
            if not numbers:
                return removed
            after = numbers[-1]
            removed += self._writer.submit(partial(self._remove, numbers=numbers)).result()

    def _remove(self, writes: QueryWrites, numbers: Sequence[str]) -> int:
        settled = [
            number
            for number in numbers
            if all(self._is_settled(match) for match in outcomes.matches_now(writes, number))
        ]
        remove_checks(writes, settled)
        return len(settled)

    def _is_settled(self, match: outcomes.MatchRow) -> bool:
        state = MatchState(match.state)
        over = state in WATCHED and self._listing_is_over(match.origin, match.idx)
        return is_settled(state, listing_is_over=over)
