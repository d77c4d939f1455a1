"""The end of watches: who was watched, and what was answered, is erased.

    WA13 what is sealed of a watch goes once its last day has passed by *trusted* time, once it was
         closed, and once the credential of its asker counts no more, by revocation or by trusted
         time; what was begun and never opened whole goes after a day. That there was one stays for
         the term of what was asked

What a crash leaves undone the next run does.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import structlog

from adapters.sql.query_store import QueryStore, QueryWrites
from adapters.sql.watches import close_watch, end_watches, ended_watches, open_watches
from federation.ids import Date, Timestamp
from node.access.query_writer import QueryWriter
from node.system.clock import date_of

_log = structlog.get_logger()

NEVER_OPENED: Final = 86_400
"""Seconds after which what was not opened whole will not be."""


class WatchEnding:
    """Erases what has ended."""

    def __init__(
        self,
        *,
        queries: QueryStore,
        writer: QueryWriter,
        counts: Callable[[str, Date], bool],
        trusted: Callable[[], Timestamp],
        forget: Callable[[str], None],
    ) -> None:
        """Wire it.

        Args:
            queries: the query store.
            writer: its writer.
            counts: whether a credential counts on a day.
            trusted: trusted time.
            forget: lets go of what is known of a watch in memory.
        """
        self._queries = queries
        self._writer = writer
        self._counts = counts
        self._trusted = trusted
        self._forget = forget

    def run(self) -> None:
        """Erase what has ended.

        Raises:
            StoreError: the query store; tried again by the next run.
        """
        now = self._trusted()
        with self._queries.read() as reads:
            goes_on = open_watches(reads)
        counting = {asker: not asker or self._counts(asker, date_of(now)) for _, asker in goes_on}
        for number, asker in goes_on:
            if not counting[asker]:
                self._writer.submit(partial(close_watch, number=number, at=now)).result()
        with self._queries.read() as reads:
            ended = ended_watches(reads, date_of(now), now - NEVER_OPENED)
        for number in ended:
            self._writer.submit(partial(_end, number=number)).result()
            self._forget(number)
        if ended:
            self._queries.truncate()
            _log.info("watches ended, erased", watches=len(ended))


def _end(writes: QueryWrites, number: str) -> None:
    end_watches(writes, [number])
