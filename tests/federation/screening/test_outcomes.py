"""What becomes of a match (OC1-OC8), apart from any store."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.case_payloads import OutcomeResult
from federation.errors import RefusedError
from federation.ids import Date
from federation.screening.outcomes import (
    DUE_DAYS,
    EVENTS,
    OPEN,
    OTHER_SUBJECT,
    RE_EXAMINED,
    REASONS,
    RELIEVED,
    TABLE,
    CaseOf,
    Event,
    Matched,
    MatchState,
    Report,
    Result,
    due_on,
    ended,
    is_overdue,
    move,
    reopens,
    said,
    take,
)
from federation.screening.report_choices import reportable
from federation.working_days import WorkingDays, WorkingYear

CHECKED, TODAY = Date(20261102), Date(20261120)
YEARS = WorkingDays(
    {
        2026: WorkingYear(
            year=2026, off=frozenset(), working=frozenset(), source="", confirmed_by="x"
        )
    }
)
WORDS = {state.value for state in MatchState}
MATCH = Matched(
    state=MatchState.PENDING,
    answered_on=CHECKED,
    measures={"deny-tender": True, "warn": False},
    reported={},
)


def report(result: Result, measure: str = "deny-tender", reason: str = "", on: int = 0) -> Report:
    return Report(measure=measure, result=result, reason=reason, decided_on=Date(on or 20261103))


def code_of(matched: Matched, what: Report, *, corrects: bool = False) -> str:
    with pytest.raises(RefusedError) as caught:
        take(matched, what, TODAY, corrects=corrects)
    return caught.value.code


def after(matched: Matched, what: Report, *, corrects: bool = False) -> Matched:
    state = take(matched, what, TODAY, corrects=corrects)
    if state is None:
        return matched
    return replace(matched, state=state, reported={**matched.reported, what.measure: what})


def has_ended(matched: Matched) -> Matched:
    return replace(matched, state=move(matched.state, ended(matched)))


def test_oc1_every_state_has_an_answer_to_every_event() -> None:
    assert set(TABLE) == set(MatchState)
    for row in TABLE.values():
        assert set(row) == set(Event)
    assert set(EVENTS) == set(Result)
    assert all(
        "." in str(found) or found in WORDS for row in TABLE.values() for found in row.values()
    )


def test_oc1_what_is_wrong_or_closed_takes_no_report() -> None:
    wrong = after(MATCH, report(Result.WRONG_SUBJECT))
    assert wrong.state is MatchState.WRONG
    assert code_of(wrong, report(Result.APPLIED), corrects=True) == "outcome.closed"
    assert has_ended(wrong).state is MatchState.WRONG


@pytest.mark.parametrize(
    ("what", "code"),
    [
        (report(Result.APPLIED, "other"), "outcome.measure"),
        (report(Result.APPLIED, ""), "outcome.measure"),
        (report(Result.PROMPTED), "outcome.result"),
        (report(Result.NOT_APPLIED), "outcome.reason"),
        (report(Result.PROCEEDED, reason="anything"), "outcome.reason"),
        (report(Result.NOT_APPLIED, reason=OTHER_SUBJECT), "outcome.reason"),
        (report(Result.APPLIED, reason=REASONS[0]), "outcome.reason"),
        (report(Result.WRONG_SUBJECT, reason=OTHER_SUBJECT), "outcome.reason"),
        (report(Result.UNDONE, reason=OTHER_SUBJECT), "outcome.reason"),
        (report(Result.APPLIED, on=CHECKED - 1), "outcome.date"),
        (report(Result.APPLIED, on=TODAY + 1), "outcome.date"),
        (report(Result.UNDONE), "outcome.nothing-to-undo"),
        (report(Result.RE_EXAMINED), "outcome.not-reopened"),
    ],
)
def test_oc2_to_oc4_what_is_no_report(what: Report, code: str) -> None:
    assert code_of(MATCH, what) == code


def test_oc2_of_a_match_without_a_measure_only_that_it_is_another_subjects() -> None:
    bare = replace(MATCH, state=MatchState.CLOSED, measures={})
    refused = report(Result.NOT_APPLIED, "", REASONS[0])
    assert code_of(bare, refused) == "outcome.measure"
    assert after(bare, report(Result.WRONG_SUBJECT, "")).state is MatchState.WRONG


def test_oc4_from_the_day_of_the_check_to_today() -> None:
    for day in (CHECKED, TODAY):
        assert after(MATCH, report(Result.APPLIED, on=day)).state is MatchState.REPORTED


def test_oc5_due_after_so_many_working_days() -> None:
    assert due_on(Date(20261102), 3, YEARS) == 20261105
    assert due_on(Date(20261105), 2, YEARS) == 20261109  # over a weekend
    assert due_on(Date(20261102), 0, YEARS) == due_on(Date(20261102), DUE_DAYS, YEARS)
    assert due_on(Date(20261231), 1, YEARS) == 0
    assert is_overdue(MatchState.PENDING, Date(20261105), Date(20261106))
    assert not is_overdue(MatchState.PENDING, Date(20261105), Date(20261105))
    assert not is_overdue(MatchState.PENDING, Date(0), Date(20261106))
    assert not is_overdue(MatchState.REPORTED, Date(20261105), Date(20261106))


def test_oc6_within_the_term_or_always() -> None:
    assert reopens(Date(20261102), Date(20270202), 3)
    assert not reopens(Date(20261102), Date(20270203), 3)
    assert reopens(Date(20261102), Date(20301113), 0)


def test_oc6_relief_reopens_what_was_done_and_what_was_not_yet_said() -> None:
    assert has_ended(MATCH).state is MatchState.REOPENED
    done = after(MATCH, report(Result.APPLIED))
    assert has_ended(done).state is MatchState.REOPENED
    undone = after(has_ended(done), report(Result.UNDONE))
    assert undone.state is MatchState.UNDONE
    idle = after(MATCH, report(Result.NOT_APPLIED, reason="outcome.not-decisive"))
    assert has_ended(idle).state is MatchState.CLOSED


def test_oc6_a_match_is_undone_once_all_of_it_is() -> None:
    both = after(after(MATCH, report(Result.APPLIED)), report(Result.PROMPTED, "warn"))
    reopened = has_ended(both)
    one = after(reopened, report(Result.UNDONE))
    assert one.state is MatchState.REOPENED
    kept = after(one, report(Result.NOT_APPLIED, "", "outcome.relieved"))
    assert kept.state is MatchState.REOPENED
    assert after(one, report(Result.RE_EXAMINED, "warn")).state is MatchState.CLOSED
    assert after(one, report(Result.UNDONE, "warn")).state is MatchState.UNDONE


def test_oc6_what_was_done_and_not_reported_is_reported_late_and_undone() -> None:
    late = after(has_ended(MATCH), report(Result.APPLIED))
    assert late.state is MatchState.REOPENED
    assert after(late, report(Result.UNDONE)).state is MatchState.UNDONE
    reopened = has_ended(MATCH)
    assert code_of(reopened, report(Result.RE_EXAMINED)) == "outcome.nothing-to-undo"


def test_oc7_the_same_again_is_the_same_and_another_corrects() -> None:
    once = after(MATCH, report(Result.APPLIED))
    assert take(once, report(Result.APPLIED), TODAY, corrects=False) is None
    other = report(Result.PROCEEDED, reason="outcome.error")
    assert code_of(once, other) == "outcome.twice"
    assert after(once, other, corrects=True).reported["deny-tender"] == other
    assert after(once, report(Result.PROMPTED, "warn")).state is MatchState.REPORTED


def test_oc8_one_case_whatever_way_it_came() -> None:
    one = CaseOf("交易中心", "procurement", b"1", b"r")
    assert one == CaseOf("交易中心", "procurement", b"1", b"r")
    assert one != one._replace(record_tag=b"s")


@pytest.mark.parametrize(
    ("what", "before", "state", "expected"),
    [
        (report(Result.APPLIED), None, "pending", (OutcomeResult.APPLIED, "")),
        (report(Result.WRONG_SUBJECT), None, "pending", (OutcomeResult.NOT_APPLIED, OTHER_SUBJECT)),
        (
            report(Result.WRONG_SUBJECT),
            OutcomeResult.APPLIED,
            "reported",
            (OutcomeResult.UNDONE, OTHER_SUBJECT),
        ),
        (
            report(Result.UNDONE),
            OutcomeResult.APPLIED,
            "reopened",
            (OutcomeResult.UNDONE, RELIEVED),
        ),
        (report(Result.UNDONE), OutcomeResult.APPLIED, "reported", (OutcomeResult.UNDONE, "")),
        (
            report(Result.RE_EXAMINED),
            OutcomeResult.APPLIED,
            "reopened",
            (OutcomeResult.APPLIED, RE_EXAMINED),
        ),
        (
            report(Result.PROCEEDED, reason="outcome.public-need"),
            None,
            "pending",
            (OutcomeResult.PROCEEDED, "outcome.public-need"),
        ),
    ],
)
def test_how_a_report_is_told(
    what: Report,
    before: OutcomeResult | None,
    state: str,
    expected: tuple[OutcomeResult, str],
) -> None:
    assert said(what, before, MatchState(state)) == expected


REPORTS = st.builds(
    Report,
    measure=st.sampled_from(["", "deny-tender", "warn", "other"]),
    result=st.sampled_from(Result),
    reason=st.sampled_from(["", *REASONS, OTHER_SUBJECT]),
    decided_on=st.sampled_from([Date(20261101), Date(20261102), Date(20261105)]),
)


def history(
    measures: Mapping[str, bool], steps: list[tuple[Report | None, bool]]
) -> tuple[Matched, bool, bool]:
    """Play a history; the match, whether its listing ended, whether anything was said since."""
    matched = replace(MATCH, measures=measures)
    has, since = False, False
    for what, corrects in steps:
        if what is None:
            matched, has, since = has_ended(matched), True, since and has
            continue
        try:
            before = matched
            matched = after(matched, what, corrects=corrects)
            since = since or (has and matched != before)
        except RefusedError:
            continue
    return matched, has, since


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([{"deny-tender": True}, {"warn": False}, dict(MATCH.measures)]),
    st.lists(st.tuples(st.one_of(st.none(), REPORTS), st.booleans()), max_size=12),
)
def test_no_history_leaves_what_was_done_standing_after_the_listing_ended(
    measures: dict[str, bool], steps: list[tuple[Report | None, bool]]
) -> None:
    matched, has, since = history(measures, steps)
    if has and matched.stands:
        assert matched.state in (MatchState.REOPENED, MatchState.WRONG)
    if has and not since:
        assert matched.state not in (MatchState.PENDING, MatchState.REPORTED)
    if not has:
        assert matched.state is not MatchState.REOPENED
    assert (matched.state in OPEN) <= bool(measures)


STEPS = st.one_of(
    st.just("ended"),
    st.tuples(st.sampled_from(list(Result)), st.sampled_from(sorted(MATCH.measures))),
)


@settings(max_examples=400)
@given(st.lists(STEPS, max_size=6), st.sampled_from(sorted(MATCH.measures)))
def test_what_is_offered_is_taken_and_an_open_match_can_be_settled(
    history: list[str | tuple[Result, str]], measure: str
) -> None:
    """After whatever was reported, with the end of the listing anywhere in between."""
    one = MATCH

    def words(result: Result, of: str) -> Report:
        needed = result in (Result.NOT_APPLIED, Result.PROCEEDED)
        return report(result, of, RELIEVED if needed else "")

    for step in history:
        if isinstance(step, str):
            one = has_ended(one)
            continue
        with suppress(RefusedError):
            one = after(one, words(*step), corrects=True)
    said_last = [one.reported[measure].result] if measure in one.reported else []
    offered = reportable(one.state, said_last, blocks=MATCH.measures[measure])
    ends = [after(one, words(result, measure), corrects=True) for result in offered]
    stands = any(
        told.result in (Result.APPLIED, Result.PROMPTED)
        for of, told in one.reported.items()
        if of != measure
    )
    if one.state in OPEN and not stands:
        assert any(end.state not in OPEN for end in ends)
    if one.state is MatchState.REOPENED and not stands:
        assert ends[0].state not in OPEN, "the first is what settles it"
