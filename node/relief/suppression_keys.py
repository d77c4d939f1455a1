"""Suppression tags end with the longest publication period, their year's key with its last tag.

A key a year (SPEC §6.5): the newest makes the tags, all are tried. Each entry of the journal that
sets a tag names the year under whose key it was made; once no standing tag names a year that is
over, the year's key is destroyed, and old copies of its tags say nothing any more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import structlog

from adapters.state.keyring import KeyRing
from federation.ids import Date
from federation.life.life import SIMILAR
from federation.ports.journal import TagSet
from federation.ports.store import ReadSession, Store
from node.log.ledger import Ledger

_log = structlog.get_logger()

_PAGE: Final = 10_000


class SuppressionKeys:
    """Ends tags and changes keys, once a day; runs on the writer thread."""

    def __init__(
        self, *, store: Store, keyring: KeyRing, ledger: Ledger, today: Callable[[], Date]
    ) -> None:
        """Wire the job; `today` by trusted time, 0 while none is known: nothing ends then."""
        self._store = store
        self._ledger = ledger
        self._keyring = keyring
        self._today = today
        self._done_on = Date(0)

    def run(self) -> None:
        """End what has ended by today, and give a new year its key.

        Raises:
            StoreError: the database failed; the next run does it.
            KeyRingError: the ring cannot be written; likewise.
        """
        today = self._today()
        if self._done_on == today or not today:
            return
        with self._store.write() as session:
            ended = session.end_suppressions(today)
            if ended:  # and with them the twins for which listings were held
                self._ledger.read_rows_again(session, session.rows_of_rule(SIMILAR))
        years = self._keyring.suppression_years
        needed = {max(today // 10_000, years[0])}
        if len(years) > 1 or needed != set(years):
            with self._store.read() as snapshot:
                needed |= self._used(snapshot)
        if needed != set(years):
            self._keyring.change_suppression_years(needed)
            _log.info("suppression keys changed", years=sorted(needed), ended=ended)
        self._done_on = today

    def _used(self, session: ReadSession) -> set[int]:
        """Years under whose keys the standing tags were made.

        Of a tag whose entry does not name its year, it may be any: every key is used.
        """
        held = set(self._keyring.suppression_years)
        years: set[int] = set()
        after = 0
        while page := session.journal(after, _PAGE):
            after = page[-1][0]
            sets = [TagSet.of(entry) for _, entry in page if entry.kind == TagSet.KIND]
            made = {one.tag: one.year for one in sets}
            for tag in session.suppressed(list(made)):
                year = made[tag]
                years |= held if year is None else {year}
        return years & held
