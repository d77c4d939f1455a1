"""The outcomes job 惩戒反馈: says what is kept and not said, reopens what relief ended.

A match whose listing was repaired or withdrawn is reopened (OC6), whether its outcome was reported
or not; a match of a case that was reported by another route is reported with it (OC8). A crash
anywhere loses nothing: each run begins from what is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final, NamedTuple

from adapters.sql.checks import StoredCheck
from adapters.sql.outcomes import (
    MatchRow,
    count_matches,
    match_of,
    matches_in,
    outcomes_of_case,
    put_match,
    twins_of,
)
from adapters.sql.query_store import QueryReads, QueryStore, QueryWrites
from federation.errors import RefusedError
from federation.ids import Date, Timestamp
from federation.ports.store import ReadSession, Store
from federation.reconcile.catalog import Catalog
from federation.rows import StatementRow
from federation.screening.outcomes import (
    ENDING,
    WATCHED,
    Event,
    MatchState,
    due_on,
    ended,
    move,
    reopens,
)
from federation.working_days import WorkingDays
from node.access.query_writer import QueryWriter
from node.screening.outcome_documents import OutcomeDocuments
from node.screening.outcome_saying import OutcomeSaying
from node.screening.outcome_states import matched
from node.system.clock import date_of
from node.system.failpoints import Failpoints

BATCH: Final = 256
"""Matches changed in one transaction of the query store."""


class _Change(NamedTuple):
    """A match, and what it becomes unless somebody changed it meanwhile."""

    before: MatchRow
    after: MatchRow


class OutcomeJob:
    """Runs in a thread of its own."""

    def __init__(  # noqa: PLR0913 - wired once, in node.screening.wire_outcomes
        self,
        *,
        queries: QueryStore,
        query_writer: QueryWriter,
        store: Store,
        saying: OutcomeSaying,
        documents: OutcomeDocuments,
        catalog: Callable[[], Catalog],
        working_days: Callable[[], WorkingDays],
        now: Callable[[], Timestamp],
        today: Callable[[], Date],
        relieved_on: Callable[[ReadSession, StatementRow], Date | None],
        failpoints: Failpoints,
    ) -> None:
        """Wire the job.

        Args:
            queries: the query store.
            query_writer: its writer.
            store: of the statements; only read.
            saying: says what is kept.
            documents: what is open and late.
            catalog: this city's, of the moment.
            working_days: the tables.
            now: the clock.
            today: never behind any clock that is believed.
            relieved_on: when the relief that ended a listing was decided, where it can be told.
            failpoints: for the crash tests.
        """
        self._queries = queries
        self._query_writer = query_writer
        self._store = store
        self._saying = saying
        self._documents = documents
        self._catalog = catalog
        self._working_days = working_days
        self._now = now
        self._today = today
        self._relieved_on = relieved_on
        self._failpoints = failpoints
        self._unsaid = ""
        self._seen: object = None

    def run(self) -> int:
        """Say what is not said, and reopen what ended; how much was done.

        Raises:
            StoreError: a database; the next run goes on.
        """
        done = 0
        try:
            done += self._saying.run()
            self._unsaid = ""
        except RefusedError as error:  # nothing may be signed now; `huxin status` says why
            self._unsaid = error.code
        return done + self._follow()

    def report(self) -> dict[str, Any]:
        """What is open, late and reopened, for `huxin status`."""
        return self._documents.report() | {"unsaid": self._unsaid}

    def _follow(self) -> int:
        """Go through the matches that the end of their listing changes, if anything is new."""
        changed = 0
        after: MatchRow | None = None
        seen = self._mark()
        if seen == self._seen:
            return 0
        while True:
            with self._queries.read() as reads, self._store.read() as session:
                page = matches_in(reads, WATCHED, after, BATCH)
                changes = self._changes(reads, session, page)
            if changes:
                with self._failpoints.at("outcome.reopen"):
                    self._query_writer.submit(partial(_put, changes=changes)).result()
                changed += len(changes)
            if len(page) < BATCH:
                self._seen = None if changed else seen
                return changed
            after = page[-1][0]

    def _mark(self) -> object:
        """Differs once a statement or a match came or changed its state."""
        with self._queries.read() as reads, self._store.read() as session:
            return session.count_states(), count_matches(reads)

    def _changes(
        self,
        reads: QueryReads,
        session: ReadSession,
        page: Sequence[tuple[MatchRow, StoredCheck]],
    ) -> list[_Change]:
        heads: dict[str, int] = {head.origin: head.log for head in session.heads()}
        wanted = sorted({(heads[m.origin], m.idx) for m, _ in page if m.origin in heads})
        rows = {(row.log, row.idx): row for row in session.rows_at(wanted)}
        found: list[_Change] = []
        for match, check in page:
            row = rows.get((heads.get(match.origin, -1), match.idx))
            after = self._ended(reads, session, match, check, row) or _by_another_route(
                reads, match
            )
            if after is not None:
                found.append(_Change(match, after))
        return found

    def _ended(
        self,
        reads: QueryReads,
        session: ReadSession,
        match: MatchRow,
        check: StoredCheck,
        row: StatementRow | None,
    ) -> MatchRow | None:
        """What a match becomes whose listing ended (OC6).

        It ended when that was decided, not when it came to be known here: a relief that was late
        reopens what it would have reopened in time.
        """
        if row is None or row.state not in map(int, ENDING):
            return None
        matter = self._catalog().matter(match.matter, self._today())
        months = 0 if matter is None else matter.undo_months
        days = 0 if matter is None else matter.outcome_days
        rows = outcomes_of_case(reads, twins_of(reads, match))
        event = ended(matched(match, rows))
        answered_on = date_of(Timestamp(check.at))
        ended_on = min(self._relieved_on(session, row) or answered_on, self._today())
        if not reopens(answered_on, ended_on, months):
            if match.state == MatchState.PENDING:
                return None
            event = Event.ENDED_IDLE
        state = move(MatchState(match.state), event)
        if state is not MatchState.REOPENED:
            return replace(match, state=state.value)
        due = due_on(self._today(), days, self._working_days())
        return replace(match, state=state.value, due_on=due, reopened_at=self._now())


def _by_another_route(reads: QueryReads, match: MatchRow) -> MatchRow | None:
    """A match of whose case another route was reported already (OC8)."""
    if match.state != MatchState.PENDING:
        return None
    told = [
        twin
        for twin in twins_of(reads, match)
        if twin.outcome_id is not None and twin.number != match.number
    ]
    if not told:
        return None
    return replace(match, state=told[-1].state, outcome_id=told[-1].outcome_id)


def _put(writes: QueryWrites, changes: Sequence[_Change]) -> None:
    """Change what is still as it was read."""
    for before, after in changes:
        now = match_of(writes, before.number, before.origin, before.idx)
        if now == before:
            put_match(writes, after)
