"""Matches as their outcomes go on, and what departments reported, in the query store.

Each row of `outcomes` becomes one OUTCOME of our own log.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import Row, func, insert, select, tuple_, update

from adapters.sql.checks import StoredCheck, check_by_number
from adapters.sql.query_schema import check_matches, checks, outcomes
from adapters.sql.query_store import QueryReads, QueryWrites
from federation.screening.outcomes import Span

PAGE: Final = 1024
"""Rows read at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchRow:
    """A row of `check_matches` as it stands now.

    Attributes:
        number: of the answer.
        origin: log of the listing.
        idx: its place there.
        record_tag: the same for all copies of the record.
        list_type: of the listing.
        matter: code of the matter.
        measures: those that the answer named, as JSON.
        due_on: last day for the outcome, YYYYMMDD; 0: not known, or there is none.
        state: a word of `federation.screening.outcomes.MatchState`.
        outcome_id: statement id of the newest OUTCOME.
        reopened_at: seconds UTC; None where it never was.
    """

    number: str
    origin: str
    idx: int
    record_tag: bytes
    list_type: str
    matter: str
    measures: str
    due_on: int
    state: str
    outcome_id: bytes | None = None
    reopened_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRow:
    """A row of `outcomes`.

    Attributes:
        statement_id: of the OUTCOME, chosen before it is published.
        number: of the check.
        origin: log of the listing.
        idx: its place there.
        turn: number among the reports of the match, from 1.
        measure: code; empty: of the match as a whole.
        result: a word of `federation.screening.outcomes.Result`.
        reason: a code.
        decided_on: YYYYMMDD.
        case_id: of the case, random; the same for all that is said of it.
        said: result of the OUTCOME, as on the wire.
        said_reason: its reason.
        replaces: statement id of the OUTCOME that it corrects or undoes.
        reported_at: seconds UTC.
        published: whether it stands in our log.
        request_key: tag of asker and request id, where one was given.
        key: number of the key that opens `sealed`.
        sealed: who is responsible; None once erased.
    """

    statement_id: bytes
    number: str
    origin: str
    idx: int
    turn: int
    measure: str
    result: str
    reason: str
    decided_on: int
    case_id: bytes
    said: int
    said_reason: str
    replaces: bytes | None
    reported_at: int
    published: bool
    request_key: bytes | None
    key: int
    sealed: bytes | None


def match_of(reads: QueryReads, number: str, origin: str, idx: int) -> MatchRow | None:
    """One match."""
    c = check_matches.c
    query = select(check_matches).where(c.number == number, c.origin == origin, c.idx == idx)
    found = reads.connection.execute(query).first()
    return None if found is None else _match(found)


def matches_now(reads: QueryReads, number: str) -> Sequence[MatchRow]:
    """All matches of a check, by place."""
    c = check_matches.c
    query = select(check_matches).where(c.number == number).order_by(c.origin, c.idx)
    return [_match(row) for row in reads.connection.execute(query)]


def matches_in(
    reads: QueryReads, states: Collection[str], after: MatchRow | None = None, limit: int = PAGE
) -> Sequence[tuple[MatchRow, StoredCheck]]:
    """Matches in some states with their checks, in the order of their numbers.

    Args:
        reads: the store.
        states: words of `MatchState`.
        after: the last of the page before.
        limit: at most so many.
    """
    c = check_matches.c
    query = (
        select(check_matches, checks)
        .join(checks, checks.c.number == c.number)
        .where(c.state.in_(sorted(states)))
        .order_by(c.number, c.origin, c.idx)
        .limit(limit)
    )
    if after is not None:
        same = c.number == after.number
        further = (c.origin > after.origin) | ((c.origin == after.origin) & (c.idx > after.idx))
        query = query.where((c.number > after.number) | (same & further))
    return [_both(row) for row in reads.connection.execute(query)]


class Turn(NamedTuple):
    """Where a match stands among those that wait."""

    state: str
    due_on: int
    number: str
    origin: str
    idx: int


def turn_of(match: MatchRow) -> Turn:
    """The turn of a match."""
    return Turn(match.state, match.due_on, match.number, match.origin, match.idx)


def matches_in_turn(
    reads: QueryReads,
    spans: Sequence[Span],
    after: Turn | None,
    limit: int,
    department: str | None = None,
) -> Sequence[tuple[MatchRow, StoredCheck]]:
    """Matches with their checks, span by span, in each by day and number.

    Args:
        reads: the store.
        spans: which, and in what order.
        after: of the last of the page before.
        limit: at most so many.
        department: whose checks; None: all.
    """
    c = check_matches.c
    order = (c.due_on, c.number, c.origin, c.idx)
    found: list[tuple[MatchRow, StoredCheck]] = []
    begun = after is None
    for span in spans:
        here = after is not None and _holds(span, after)
        begun = begun or here
        if not begun or len(found) == limit:
            continue
        query = (
            select(check_matches, checks)
            .join(checks, checks.c.number == c.number)
            .where(c.state == span.state.value, c.due_on.between(span.first, span.last))
            .order_by(*order)
            .limit(limit - len(found))
        )
        if here and after is not None:
            query = query.where(tuple_(*order) > tuple_(*after[1:]))
        if department is not None:
            query = query.where(checks.c.department == department)
        found += [_both(row) for row in reads.connection.execute(query)]
    return found


def _holds(span: Span, turn: Turn) -> bool:
    return turn.state == span.state.value and span.first <= turn.due_on <= span.last


def count_spans(reads: QueryReads, spans: Sequence[Span]) -> Sequence[int]:
    """How many matches there are in each."""
    c = check_matches.c
    return [
        reads.connection.execute(
            select(func.count())
            .select_from(check_matches)
            .where(c.state == span.state.value, c.due_on.between(span.first, span.last))
        ).scalar_one()
        for span in spans
    ]


def matches_of_listings(
    reads: QueryReads, listings: Collection[tuple[str, int]], states: Collection[str]
) -> Sequence[tuple[MatchRow, StoredCheck]]:
    """Matches of listings (origin and place) in some states, with their checks, by number."""
    c = check_matches.c
    by_log: dict[str, list[int]] = {}
    for origin, idx in listings:
        by_log.setdefault(origin, []).append(idx)
    found = [
        _both(row)
        for origin, indices in sorted(by_log.items())
        for row in reads.connection.execute(
            select(check_matches, checks)
            .join(checks, checks.c.number == c.number)
            .where(c.origin == origin, c.idx.in_(indices), c.state.in_(sorted(states)))
        )
    ]
    return sorted(found, key=lambda one: (one[0].number, one[0].origin, one[0].idx))


def count_matches(reads: QueryReads) -> dict[str, int]:
    """How many matches are in each state."""
    c = check_matches.c
    query = select(c.state, func.count().label("n")).group_by(c.state)
    return {row.state: row.n for row in reads.connection.execute(query)}


def matches_of_case(reads: QueryReads, check: StoredCheck, record_tag: bytes) -> Sequence[MatchRow]:
    """The matches of one record in the case of a check, whatever way they came."""
    c = check_matches.c
    query = (
        select(check_matches)
        .join(checks, checks.c.number == c.number)
        .where(
            c.record_tag == record_tag,
            c.matter == check.matter,
            checks.c.department == check.department,
            checks.c.case_tag == check.case_tag,
        )
        .order_by(c.number, c.origin, c.idx)
    )
    return [_match(row) for row in reads.connection.execute(query)]


def put_match(writes: QueryWrites, match: MatchRow) -> None:
    """Change how far a match is."""
    c = check_matches.c
    writes.connection.execute(
        update(check_matches)
        .where(c.number == match.number, c.origin == match.origin, c.idx == match.idx)
        .values(
            due_on=match.due_on,
            state=match.state,
            outcome_id=match.outcome_id,
            reopened_at=match.reopened_at,
        )
    )


def add_outcome(writes: QueryWrites, row: OutcomeRow) -> None:
    """Keep what was reported."""
    values = asdict(row) | {"published": int(row.published)}
    writes.connection.execute(insert(outcomes), values)


def outcomes_of(reads: QueryReads, match: MatchRow) -> Sequence[OutcomeRow]:
    """The reports of a match, the oldest first."""
    c = outcomes.c
    query = (
        select(outcomes)
        .where(c.number == match.number, c.origin == match.origin, c.idx == match.idx)
        .order_by(c.turn)
    )
    return [_row(row) for row in reads.connection.execute(query)]


def outcomes_of_case(reads: QueryReads, twins: Sequence[MatchRow]) -> Sequence[OutcomeRow]:
    """The reports of matches of one case about one listing, the oldest first."""
    rows = [row for twin in twins for row in outcomes_of(reads, twin)]
    return sorted(rows, key=lambda row: (row.reported_at, row.turn))


def twins_of(reads: QueryReads, match: MatchRow) -> Sequence[MatchRow]:
    """The matches of a case about one listing, whatever way it was asked, this one included."""
    check = check_by_number(reads, match.number)
    if check is None:
        return [match]
    found = matches_of_case(reads, check, match.record_tag)
    return [one for one in found if (one.origin, one.idx) == (match.origin, match.idx)]


def outcome_by_request(reads: QueryReads, request_key: bytes) -> OutcomeRow | None:
    """The report that was made under a request id."""
    query = select(outcomes).where(outcomes.c.request_key == request_key)
    found = reads.connection.execute(query).first()
    return None if found is None else _row(found)


def unpublished(reads: QueryReads, limit: int = PAGE) -> Sequence[OutcomeRow]:
    """Reports that do not stand in our log yet, in the order in which they were made."""
    c = outcomes.c
    query = (
        select(outcomes)
        .where(c.published == 0)
        .order_by(c.reported_at, c.number, c.origin, c.idx, c.turn)
        .limit(limit)
    )
    return [_row(row) for row in reads.connection.execute(query)]


def set_published(writes: QueryWrites, statement_ids: Collection[bytes]) -> None:
    """They stand in our log."""
    query = update(outcomes).where(outcomes.c.statement_id.in_(sorted(statement_ids)))
    writes.connection.execute(query.values(published=1))


def erase_before(writes: QueryWrites, cutoff: int) -> int:
    """Let go of who was responsible for reports before a moment; the number of reports."""
    c = outcomes.c
    done = writes.connection.execute(
        update(outcomes).where(c.reported_at < cutoff, c.sealed.is_not(None)).values(sealed=None)
    )
    return done.rowcount


_MATCH: Final = tuple(column.name for column in check_matches.columns)
_CHECK: Final = tuple(column.name for column in checks.columns)
_OUTCOME: Final = tuple(column.name for column in outcomes.columns)


def _match(row: Row[Any]) -> MatchRow:
    return MatchRow(**dict(zip(_MATCH, row, strict=True)))


def _row(row: Row[Any]) -> OutcomeRow:
    values = dict(zip(_OUTCOME, row, strict=True))
    return OutcomeRow(**values | {"published": bool(values["published"])})


def _both(row: Row[Any]) -> tuple[MatchRow, StoredCheck]:
    values = tuple(row)
    match = dict(zip(_MATCH, values[: len(_MATCH)], strict=True))
    check = dict(zip(_CHECK, values[len(_MATCH) :], strict=True))
    return MatchRow(**match), StoredCheck(**check | {"complete": bool(check["complete"])})
