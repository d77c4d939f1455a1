"""The desk of watches: opened, read, listed, closed.

    open      `node.screening.watch_opening`
    read      whose it is, that it has not ended, that its asker may ask still → a page
              (`node.screening.watch_reading`)

    WA10 a watch is its asker's alone: another's, and one that there never was, are answered alike.
         Whose credential ended, or was stopped, is told nothing; nor is anybody after the last day,
         or once it was closed

Any thread; every call blocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Final, Protocol

from adapters.sql.query_store import QueryStore, QueryWrites
from adapters.sql.watches import StoredWatch, close_watch, watch_by_number, watches_of
from federation.errors import RefusedError
from federation.ports.touched import Touched
from federation.screening.query_log import EntryKind
from federation.screening.roles import Action, Asker
from node.access.query_keys import QueryKeys
from node.access.query_log import Entry, QueryLog
from node.access.query_writer import QueryWriter
from node.screening.watch_documents import page_to_json, state_of, watch_to_json
from node.screening.watch_judging import Terms
from node.screening.watch_opening import CaseAdmission, WatchOpening
from node.screening.watch_positions import Positions
from node.screening.watch_reading import WatchReading, gone
from node.screening.watch_subjects import open_terms
from node.system.clock import Clock
from node.system.failpoints import Failpoints
from node.system.wakeups import Changes

PAGE_DEFAULT: Final = 100
PAGE_MAX: Final = 500
LISTED_MAX: Final = 1000


class Admission(CaseAdmission, Protocol):
    """Who may ask what, and how much (`node.access.admitting.Access`)."""

    def admit(self, asker: Asker, action: Action) -> None:
        """Let it be asked, or refuse."""
        ...


class WatchDesk:
    """Answers who watches."""

    def __init__(
        self,
        *,
        opening: WatchOpening,
        reading: WatchReading,
        access: Admission,
        queries: QueryStore,
        writer: QueryWriter,
        keys: QueryKeys,
        log: QueryLog,
        clock: Clock,
        failpoints: Failpoints,
    ) -> None:
        """Wire it.

        Args:
            opening: opens watches.
            reading: reads pages.
            access: who may ask.
            queries: the query store; only read.
            writer: of the query store.
            keys: seal and tag.
            log: the query log.
            clock: never behind any clock that is believed.
            failpoints: for the crash tests.
        """
        self._opening = opening
        self._reading = reading
        self._access = access
        self._queries = queries
        self._writer = writer
        self._keys = keys
        self._positions = Positions(keys)
        self._log = log
        self._clock = clock
        self._failpoints = failpoints
        self.changes = Changes()
        """Rings whenever what is held of anybody may have changed."""

    def touched(self, touched: Touched) -> None:
        """What is held of some subjects changed; called on the thread that wrote."""
        self._reading.touched(touched)
        self.changes.ring()

    def open(self, asker: Asker, raw: Mapping[str, Any], rows: Iterable[object]) -> dict[str, Any]:
        """Begin to watch subjects: see `WatchOpening.open`."""
        return self._opening.open(asker, raw, rows)

    def read(
        self, asker: Asker, number: str, *, after: str = "", size: int = 0, quiet: bool = False
    ) -> dict[str, Any] | None:
        """Read a page of events.

        Args:
            asker: who reads.
            number: of the watch.
            after: the position of the page before; empty for the beginning.
            size: events on it, at most; 0 for the usual.
            quiet: whether a page that tells nothing is None.

        Raises:
            RefusedError: `access.…`, `watch.unknown`, `watch.closed`, `watch.over`,
                `watch.position`, `matter.…`, `check.unready`.
            StoreError: a store; nothing was told.
        """
        watch = self._own(asker, number)
        if state_of(watch, self._clock.today()) != "open" or watch.sealed is None:
            code = "watch.closed" if watch.ended_at else "watch.over"
            message = "此跟踪已经结束 / expected a watch that goes on, this one has ended"
            raise RefusedError(code, message)
        terms = self._terms(watch)
        self._access.admit_rows(
            asker, Action.WATCH, 0, matter=terms.matter, purpose=terms.purpose, total=0
        )
        position = self._positions.read(number, after)
        page = self._reading.page(
            asker,
            watch,
            terms,
            position,
            size=min(size or PAGE_DEFAULT, PAGE_MAX),
            quiet=quiet,
        )
        if page is None:
            return None
        return page_to_json(watch, page, self._positions.to_text(number, page.position))

    def list(self, asker: Asker) -> list[dict[str, Any]]:
        """The newest watches of the asker.

        Raises:
            RefusedError: `access.…`.
        """
        self._access.admit(asker, Action.WATCH)
        with self._queries.read() as reads:
            found = watches_of(reads, asker.credential, LISTED_MAX)
        return [self._document(one) for one in found]

    def close(self, asker: Asker, number: str) -> dict[str, Any]:
        """End a watch; again is no fault.

        Raises:
            RefusedError: `access.…`, `watch.unknown`.
        """
        watch = self._own(asker, number)
        unit = partial(self._close, asker=asker, watch=watch)
        with self._failpoints.at("watch.close"):
            closed = self._writer.submit(unit).result()
        self._reading.forget(number)
        return self._document(closed)

    def _close(self, writes: QueryWrites, *, asker: Asker, watch: StoredWatch) -> StoredWatch:
        close_watch(writes, watch.number, self._clock.now())
        entry = Entry(
            kind=EntryKind.QUESTION,
            asker=asker.credential,
            department=asker.department,
            action=Action.WATCH.value,
            at=self._clock.now(),
            matter=watch.matter,
            result="closed",
            number=watch.number,
        )
        self._log.record(writes, entry)
        return watch_by_number(writes, watch.number) or watch

    # ------------------------------------------------------------------

    def _own(self, asker: Asker, number: str) -> StoredWatch:
        """The asker's watch of a number (WA10)."""
        self._access.admit(asker, Action.WATCH)
        with self._queries.read() as reads:
            watch = watch_by_number(reads, number)
        if watch is None or not watch.ready or watch.asker != asker.credential:
            raise gone()
        return watch

    def _document(self, watch: StoredWatch) -> dict[str, Any]:
        terms = None if watch.sealed is None else self._terms(watch)
        return watch_to_json(watch, terms, self._clock.today())

    def _terms(self, watch: StoredWatch) -> Terms:
        case_no, purpose = open_terms(self._keys, watch)
        return Terms(matter=watch.matter, case_no=case_no, purpose=purpose)
