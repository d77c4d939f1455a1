"""What becomes of a match 命中 after it was told: the department reports, relief reopens.

A match with a measure opens an obligation to say what was done with it 惩戒反馈. It is one: nothing
here is asked before a check is answered, and nothing here ever holds one up.

    OC1  a match moves by `TABLE` alone, in which every state has an answer to every event; what
         `wrong` says of the listing is decided as a case, and brings no match back by itself
    OC2  a result is reported of a measure that the match names; of one that blocks, a prompt is
         none; of a match without a measure nothing but that it is another subject's
    OC3  `not-applied` and `proceeded` have a reason of `REASONS`, `undone` may have one, all else
         has none; that it is another subject's is a result, never a reason
    OC4  a report is dated from the day of the check to today
    OC5  a report is due so many working days after the check, or after it was reopened; of a day
         that no table covers nothing is late
    OC6  a listing that was repaired or withdrawn reopens every match of it that was answered within
         the term of its matter, reported or not, unless it was reported that nothing was done;
         where no term is known, every one that is kept
    OC7  the same report again is answered as the first; another one of the same measure only
         corrects it, and says so
    OC8  what was asked by one department for one matter and case about one record is one case,
         whatever way it came and however often it was asked
    EK7 what is kept of an answer goes, after its content (QL6), once no match of it can be reopened
        any more: none waits to be undone, and none is pending or reported whose listing's last
        day has not passed

That a case is undone says nothing of the listing; that a listing ended says nothing of what was
done: both are said by whoever did it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from federation.case_payloads import OutcomeResult
from federation.dates import add_months
from federation.errors import RefusedError
from federation.ids import Date
from federation.rows import State
from federation.working_days import WorkingDays

_LAST_DAY: Final = Date(9999_12_31)
DUE_DAYS: Final = 5
"""Working days until an outcome is due, where the matter says none."""
OTHER_SUBJECT: Final = "outcome.other-subject"
RELIEVED: Final = "outcome.relieved"
RE_EXAMINED: Final = "outcome.re-examined"
REASONS: Final = (
    "outcome.no-measure",
    RELIEVED,
    "outcome.objection-open",
    "outcome.not-decisive",
    "outcome.public-need",
    "outcome.matter-ended",
    "outcome.error",
)
"""Why a measure was not taken, or the matter went on; codes of the registry."""
ENDING: Final = frozenset({State.REPAIRED, State.WITHDRAWN})
"""States of a listing that reopen its matches (OC6)."""


class MatchState(StrEnum):
    """How a match stands."""

    PENDING = "pending"
    REPORTED = "reported"
    REOPENED = "reopened"
    """重开: its listing ended; the department undoes what was done, or looks at it again."""
    UNDONE = "undone"
    WRONG = "wrong"
    """It is another subject's."""
    CLOSED = "closed"
    """Nothing is left to do: no measure followed, nothing had been done, or it was re-examined."""


OPEN: Final = frozenset({MatchState.PENDING, MatchState.REOPENED})
"""States in which the department is to say something."""
WATCHED: Final = frozenset({MatchState.PENDING, MatchState.REPORTED})
"""States that the end of a listing changes."""
OWING: Final = OPEN | WATCHED
"""States of a match of an ended listing in which something is still to be done: what was reported
before it ended is reopened or closed, and is not settled until that has happened."""


class Result(StrEnum):
    """What a department reports."""

    APPLIED = "applied"
    """已采取"""
    PROMPTED = "prompted"
    """已提示"""
    NOT_APPLIED = "not-applied"
    """未采取"""
    PROCEEDED = "proceeded"
    """继续办理"""
    WRONG_SUBJECT = "wrong-subject"
    """命中错误：另一主体"""
    UNDONE = "undone"
    """已解除"""
    RE_EXAMINED = "re-examined"
    """已复核: what was done cannot be undone any more, or had ended before."""


class Event(StrEnum):
    """What may happen to a match."""

    ACTED = "acted"
    REFRAINED = "refrained"
    MISTAKEN = "mistaken"
    UNDONE = "undone"
    RE_EXAMINED = "re-examined"
    ENDED = "ended"
    """The listing was repaired or withdrawn, and a measure stands reported."""
    ENDED_IDLE = "ended-idle"
    """Likewise, and none does."""


EVENTS: Final[Mapping[Result, Event]] = {
    Result.APPLIED: Event.ACTED,
    Result.PROMPTED: Event.ACTED,
    Result.NOT_APPLIED: Event.REFRAINED,
    Result.PROCEEDED: Event.REFRAINED,
    Result.WRONG_SUBJECT: Event.MISTAKEN,
    Result.UNDONE: Event.UNDONE,
    Result.RE_EXAMINED: Event.RE_EXAMINED,
}

CLOSED: Final = "outcome.closed"
NOTHING_TO_UNDO: Final = "outcome.nothing-to-undo"
NOT_REOPENED: Final = "outcome.not-reopened"

_S, _E = MatchState, Event
TABLE: Final[Mapping[MatchState, Mapping[Event, MatchState | str]]] = {
    _S.PENDING: {
        _E.ACTED: _S.REPORTED,
        _E.REFRAINED: _S.REPORTED,
        _E.MISTAKEN: _S.WRONG,
        _E.UNDONE: NOTHING_TO_UNDO,
        _E.RE_EXAMINED: NOT_REOPENED,
        _E.ENDED: _S.REOPENED,
        _E.ENDED_IDLE: _S.REOPENED,
    },
    _S.REPORTED: {
        _E.ACTED: _S.REPORTED,
        _E.REFRAINED: _S.REPORTED,
        _E.MISTAKEN: _S.WRONG,
        _E.UNDONE: _S.UNDONE,
        _E.RE_EXAMINED: NOT_REOPENED,
        _E.ENDED: _S.REOPENED,
        _E.ENDED_IDLE: _S.CLOSED,
    },
    _S.REOPENED: {
        _E.ACTED: _S.REOPENED,
        _E.REFRAINED: _S.CLOSED,
        _E.MISTAKEN: _S.WRONG,
        _E.UNDONE: _S.UNDONE,
        _E.RE_EXAMINED: _S.CLOSED,
        _E.ENDED: _S.REOPENED,
        _E.ENDED_IDLE: _S.REOPENED,
    },
    _S.UNDONE: {
        _E.ACTED: CLOSED,
        _E.REFRAINED: CLOSED,
        _E.MISTAKEN: _S.WRONG,
        _E.UNDONE: CLOSED,
        _E.RE_EXAMINED: CLOSED,
        _E.ENDED: _S.UNDONE,
        _E.ENDED_IDLE: _S.UNDONE,
    },
    _S.WRONG: {
        _E.ACTED: CLOSED,
        _E.REFRAINED: CLOSED,
        _E.MISTAKEN: CLOSED,
        _E.UNDONE: CLOSED,
        _E.RE_EXAMINED: CLOSED,
        _E.ENDED: _S.WRONG,
        _E.ENDED_IDLE: _S.WRONG,
    },
    _S.CLOSED: {
        _E.ACTED: CLOSED,
        _E.REFRAINED: CLOSED,
        _E.MISTAKEN: _S.WRONG,
        _E.UNDONE: CLOSED,
        _E.RE_EXAMINED: CLOSED,
        _E.ENDED: _S.CLOSED,
        _E.ENDED_IDLE: _S.CLOSED,
    },
}
"""The state after an event, or the code for which it is refused (OC1)."""

_ACTS: Final = frozenset({Result.APPLIED, Result.PROMPTED})
_OF_AN_ACT: Final = frozenset({Result.UNDONE, Result.RE_EXAMINED})
_SETTLED: Final = frozenset({MatchState.UNDONE, MatchState.CLOSED})
_NEED_A_REASON: Final = frozenset({Result.NOT_APPLIED, Result.PROCEEDED})
_MEASURELESS: Final = frozenset({Result.NOT_APPLIED, Result.PROCEEDED, Result.WRONG_SUBJECT})
_SAID: Final = {
    Result.APPLIED: OutcomeResult.APPLIED,
    Result.PROMPTED: OutcomeResult.PROMPTED,
    Result.NOT_APPLIED: OutcomeResult.NOT_APPLIED,
    Result.PROCEEDED: OutcomeResult.PROCEEDED,
    Result.UNDONE: OutcomeResult.UNDONE,
}


class CaseOf(NamedTuple):
    """What makes matches one case (OC8)."""

    department: str
    matter: str
    case_tag: bytes
    record_tag: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a department says of one measure of one match; names nobody."""

    measure: str
    """Code; empty: of the match as a whole, where nothing was done."""
    result: Result
    reason: str = ""
    decided_on: Date


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """A match, as far as reports of it are judged."""

    state: MatchState
    answered_on: Date
    """Day of the check, in China."""
    measures: Mapping[str, bool]
    """Code of each measure that the answer named, and whether it blocks 拦截."""
    reported: Mapping[str, Report]
    """What was reported last of each measure."""

    @property
    def stands(self) -> bool:
        """Whether a measure is reported as taken and not as undone."""
        return any(one.result in _ACTS for one in self.reported.values())


def move(state: MatchState, event: Event) -> MatchState:
    """The state after an event (OC1).

    Raises:
        RefusedError: `outcome.closed`, `outcome.nothing-to-undo`, `outcome.not-reopened`.
    """
    after = TABLE[state][event]
    if isinstance(after, MatchState):
        return after
    message = f"the match is {state}: {event} is no report of it any more"
    raise RefusedError(after, message)


def ended(matched: Matched) -> Event:
    """What the end of its listing is to a match."""
    return Event.ENDED if matched.stands else Event.ENDED_IDLE


def take(matched: Matched, report: Report, today: Date, *, corrects: bool) -> MatchState | None:
    """Say what a report makes of a match; None where it was reported so before (OC7).

    Raises:
        RefusedError: as `check` and `move`; `outcome.twice`: something else was reported of the
            measure before, and this does not say that it corrects it.
    """
    check(matched, report, today)
    before = matched.reported.get(report.measure)
    if before == report:
        return None
    after = move(matched.state, EVENTS[report.result])
    if EVENTS[report.result] in (Event.ACTED, Event.REFRAINED):
        if before is not None and not corrects:
            message = (
                f"{before.result} of {before.decided_on} was reported of this measure; expected "
                "the same again, or that it is a correction"
            )
            raise RefusedError("outcome.twice", message)
    elif report.result in _OF_AN_ACT and (before is None or before.result not in _ACTS):
        message = f"no measure {report.measure!r} was reported as taken"
        raise RefusedError(NOTHING_TO_UNDO, message)
    if after in _SETTLED and _others_stand(matched, report.measure):
        return matched.state
    return after


def check(matched: Matched, report: Report, today: Date) -> None:
    """Check a report by itself (OC2-OC4).

    Raises:
        RefusedError: `outcome.measure`, `outcome.result`, `outcome.reason`, `outcome.date`.
    """
    _check_measure(matched, report)
    if report.result in _NEED_A_REASON:
        if report.reason not in REASONS:
            message = f"expected one of {', '.join(REASONS)}, got {report.reason[:40]!r}"
            raise RefusedError("outcome.reason", message)
    elif report.reason and not (report.result is Result.UNDONE and report.reason in REASONS):
        message = f"{report.result} takes no reason, got {report.reason[:40]!r}"
        raise RefusedError("outcome.reason", message)
    if not matched.answered_on <= report.decided_on <= today:
        message = (
            f"expected a day from {matched.answered_on}, that of the check, to {today}, got "
            f"{report.decided_on}"
        )
        raise RefusedError("outcome.date", message)


def _check_measure(matched: Matched, report: Report) -> None:
    if report.measure and report.measure not in matched.measures:
        known, got = sorted(matched.measures), report.measure[:40]
        message = (
            f"答复所列的措施为 {'、'.join(known) or '无'}，实为 {got} / "
            f"the answer named these measures: {', '.join(known) or 'none'}; got {got!r}"
        )
        raise RefusedError("outcome.measure", message)
    if not report.measure and report.result not in _MEASURELESS:
        message = f"{report.result} is of a measure; expected its code"
        raise RefusedError("outcome.measure", message)
    if not matched.measures and report.result is not Result.WRONG_SUBJECT:
        message = f"the match has no measure here: {report.result} is no report of it"
        raise RefusedError("outcome.measure", message)
    if report.result is Result.PROMPTED and matched.measures[report.measure]:
        message = (
            f"{report.measure} 是拦截类措施，不能只报提示："
            "应为 applied、not-applied 或 proceeded / "
            f"{report.measure} blocks: expected applied, not-applied or proceeded"
        )
        raise RefusedError("outcome.result", message)


def _others_stand(matched: Matched, measure: str) -> bool:
    """Whether another measure of the match still stands as taken."""
    return any(code != measure and one.result in _ACTS for code, one in matched.reported.items())


def said(
    report: Report, before: OutcomeResult | None, state: MatchState
) -> tuple[OutcomeResult, str]:
    """Result and reason of the OUTCOME by which a report is told.

    Args:
        report: what the department reported.
        before: result of the OUTCOME in force of this measure; None: nothing was said yet.
        state: of the match when it was reported.
    """
    acted = before in (OutcomeResult.APPLIED, OutcomeResult.PROMPTED)
    match report.result:
        case Result.WRONG_SUBJECT:
            result = OutcomeResult.UNDONE if acted else OutcomeResult.NOT_APPLIED
            return result, OTHER_SUBJECT
        case Result.RE_EXAMINED:
            return before or OutcomeResult.NOT_APPLIED, RE_EXAMINED
        case Result.UNDONE:
            relieved = RELIEVED if state is MatchState.REOPENED else ""
            return OutcomeResult.UNDONE, report.reason or relieved
        case _:
            return _SAID[report.result], report.reason


def reopens(answered_on: Date, ended_on: Date, months: int) -> bool:
    """Whether the end of a listing is within the term of the matter (OC6).

    Args:
        answered_on: day of the check.
        ended_on: day of the decision that ended the listing, however late it came to be known; the
            day of the check where that cannot be told.
        months: after the check for which the matter says so; 0: without end.
    """
    return not months or ended_on <= add_months(answered_on, months)


def is_settled(state: MatchState, *, listing_is_over: bool) -> bool:
    """Whether a match may be forgotten (EK7).

    Args:
        state: of the match.
        listing_is_over: whether the last day of its listing has passed without a relief.
    """
    return listing_is_over if state in WATCHED else state is not MatchState.REOPENED


def due_on(begins: Date, outcome_days: int, days: WorkingDays) -> Date:
    """Until when a report is due (OC5); 0 where no table covers the days.

    Args:
        begins: day of the check, or on which it was reopened; does not count.
        outcome_days: working days that the matter gives; 0: it says nothing.
        days: the tables that there are.
    """
    day, passed = _day(begins), 0
    while passed < (outcome_days or DUE_DAYS):
        day += dt.timedelta(days=1)
        works = days.works(_number(day))
        if works is None:
            return Date(0)
        passed += works
    return _number(day)


def is_overdue(state: MatchState, due: Date, today: Date) -> bool:
    """Whether the department is late (OC5)."""
    return state in OPEN and bool(due) and today > due


class Span(NamedTuple):
    """Matches in one state that are due from a day to a day, YYYYMMDD; 0: without a day."""

    state: MatchState
    first: Date
    last: Date


def spans(today: Date) -> Sequence[Span]:
    """All that wait, in the order of their turn; within each it is that of their days.

    What is late goes first, then what burdens somebody without ground; what has no day goes behind
    what has one.
    """
    late, rest, none = (Date(1), Date(today - 1)), (today, _LAST_DAY), (Date(0), Date(0))
    reopened, pending = MatchState.REOPENED, MatchState.PENDING
    order = ((reopened, late), (pending, late), (reopened, rest), (reopened, none))
    return [Span(state, *days) for state, days in (*order, (pending, rest), (pending, none))]


def _day(day: Date) -> dt.date:
    return dt.date(day // 10_000, day // 100 % 100, day % 100)


def _number(day: dt.date) -> Date:
    return Date(day.year * 10_000 + day.month * 100 + day.day)
