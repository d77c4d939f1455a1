"""What changed in answers, and from which position: WA1 to WA6."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import RefusedError, StatementError
from federation.ids import Date, LeafHash, Origin, StatementId, Timestamp
from federation.reconcile.held_records import Coverage, LogState
from federation.reconcile.named_subject import Reason
from federation.screening import watches
from federation.screening.checks import Answer, Match, Note, Reference, Result
from federation.screening.watches import (
    CLEAR,
    COVERAGE,
    COVERED,
    HELD,
    Held,
    Position,
    Rows,
    Seen,
    check_until,
    covered,
    differences,
    event,
    position_from_text,
    seen_from_bytes,
    seen_of,
)
from tests.support.invented import code_of, name_of

ORIGIN = Origin("510500.huxin.example/1")
REFERENCE = Reference(
    origin=ORIGIN,
    index=7,
    statement_id=StatementId(bytes(16)),
    leaf_hash=LeafHash(bytes(32)),
    list_type="judgment-defaulter",
    list_name="失信名单（演示）",
    authority="11510500MB0000001A",
    authority_name="泸州市虚构法院（演示）",
    document="（2026）川05执7号",
    decided_on=Date(20260105),
    until=Date(20281231),
)
MATCH = Match(
    reference=REFERENCE,
    record=b"record",
    regions=("510500",),
    annotations=(),
    measures=(),
    rule="record.recognised",
    no_measure="matter.no-measure",
)
ANSWER = Answer(
    number="1", at=Timestamp(1), result=Result.CLEAR, complete=True, coverage=(), matches=()
)
MATCHED = replace(ANSWER, result=Result.MATCH, matches=(MATCH,))


def row(number: int, **changed: Any) -> dict[str, Any]:
    return {"code": code_of(number), "name": name_of(number)} | changed


def codes(before: Seen, now: Seen) -> list[str]:
    return [one.code for one in differences(before, now)]


# ------------------------------------------------------------------ WA1, WA2


def test_wa1_what_cannot_be_watched_is_refused_by_its_row_and_no_other_with_it() -> None:
    rows = Rows()
    subjects, refused = rows.read([row(1), row(1, name=""), "x", row(2, code="=1+1" * 99), None])
    assert [(one.row, one.code) for one in subjects] == [(1, code_of(1))]
    assert [(one.row, one.code) for one in refused] == [
        (2, "question.name"),
        (3, "question.form"),
        (4, "question.code"),
        (5, "question.form"),
    ]
    subjects, refused = rows.read([row(1, code=code_of(1).lower()), row(3)])
    assert [one.row for one in subjects] == [7]
    assert [(one.row, one.code) for one in refused] == [(6, "watch.duplicate")]
    assert subjects[0].name == name_of(3)


@pytest.mark.parametrize(
    ("code", "refusal"),
    [("110101199003070000", "question.natural-person"), ("110101900307999", "access.person")],
)
def test_wa1_nobody_watches_a_natural_person(code: str, refusal: str) -> None:
    subjects, refused = Rows().read([row(1, code=code)])
    assert not subjects
    assert refused[0].code in (refusal, "question.natural-person")


def test_wa1_a_code_that_is_none_is_watched_as_it_is_answered() -> None:
    subjects, refused = Rows().read([row(1, code=code_of(1)[:-1] + "%")])
    assert (len(subjects), refused) == (1, [])


def test_wa1_there_is_an_end_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watches, "SUBJECTS_MAX", 3)
    rows = Rows()
    rows.read([row(1), row(2)])
    with pytest.raises(StatementError, match="at most 3") as refused:
        rows.read([row(3), row(4)])
    assert refused.value.code == "watch.subjects"


@pytest.mark.parametrize("until", [20261129, 20270301, 20311201])
def test_wa2_a_watch_ends_within_the_term(until: int) -> None:
    assert check_until(until, Date(20261129), Date(20311201)) == until


@pytest.mark.parametrize("until", [0, 20261128, 20311202])
def test_wa2_neither_before_today_nor_after_the_term(until: int) -> None:
    with pytest.raises(StatementError) as refused:
        check_until(until, Date(20261129), Date(20311201))
    assert refused.value.code == "watch.until"


# ------------------------------------------------------------------ WA3


def test_wa3_numbers_and_times_are_no_change() -> None:
    assert seen_of(ANSWER) == CLEAR
    later = replace(MATCHED, number="2", at=Timestamp(9), complete=False)
    assert seen_of(later) == seen_of(MATCHED)


def test_wa3_each_part_of_a_match_is_compared() -> None:
    for changed in (
        {"regions": ("510500", "511000")},
        {"annotations": ("objection-opened",)},
        {"rule": "record.own"},
        {"no_measure": "matter.objection-open"},
        {"reference": replace(REFERENCE, until=Date(20271231))},
        {"reference": replace(REFERENCE, document="川1号")},
        {"reference": replace(REFERENCE, authority_name="别的法院（演示）")},
        {"reference": replace(REFERENCE, list_name="别的名单（演示）")},
    ):
        other = replace(MATCHED, matches=(replace(MATCH, **changed),))
        assert codes(seen_of(MATCHED), seen_of(other)) == ["watch.match-changed"], changed


def test_wa3_what_changed_is_named() -> None:
    noted = replace(ANSWER, notes=(Note(kind="penalty", reference=REFERENCE, region="510500"),))
    doubtful = replace(
        ANSWER, result=Result.INSUFFICIENT, reasons=(Reason(code="identity.same-name"),)
    )
    renamed = replace(doubtful, reasons=(Reason(code="identity.same-name", said=("甲",)),))
    assert codes(CLEAR, seen_of(MATCHED)) == ["watch.now-match", "watch.match-began"]
    assert codes(seen_of(MATCHED), CLEAR) == ["watch.now-clear", "watch.match-ended"]
    assert codes(CLEAR, seen_of(noted)) == ["watch.note-began"]
    assert codes(seen_of(noted), seen_of(ANSWER)) == ["watch.note-ended"]
    assert codes(CLEAR, seen_of(doubtful)) == ["watch.now-insufficient", "watch.reason-began"]
    assert codes(seen_of(doubtful), seen_of(renamed)) == ["watch.reason-changed"]
    (began,) = differences(CLEAR, seen_of(MATCHED))[1:]
    assert began.said == f"{ORIGIN}/7"


def log(state: LogState, size: int = 1, origin: Origin = ORIGIN) -> Coverage:
    return Coverage(
        origin=origin, region="510500", name="泸州", size=size, head_age_s=size, state=state
    )


def test_wa3_of_logs_counts_which_is_not_covered_and_why() -> None:
    assert covered([log(LogState.OK), log(LogState.OK, 9)]) == COVERED
    stale, forked = covered([log(LogState.STALE)]), covered([log(LogState.FORKED)])
    assert stale == covered([log(LogState.STALE, 99)])
    assert codes(COVERED, stale) == ["watch.now-incomplete", "watch.log-changed"]
    assert codes(stale, forked) == ["watch.log-changed"]
    assert codes(forked, COVERED) == ["watch.now-complete", "watch.log-changed"]


@given(
    st.sampled_from([ANSWER, MATCHED]),
    st.lists(st.sampled_from(["a.b", "c.d"]), unique=True),
)
def test_what_is_remembered_of_an_answer_is_read_as_it_was(answer: Answer, reasons: Any) -> None:
    seen = seen_of(replace(answer, reasons=tuple(Reason(code=one) for one in reasons)))
    assert seen_from_bytes(seen.to_bytes(), 1) == seen
    assert seen_from_bytes(COVERED.to_bytes(), COVERAGE) == COVERED


# ------------------------------------------------------------------ WA4, WA5


def seen(number: int) -> Seen:
    return Seen(result="match" if number else "clear", parts={"match o/1": "x"} if number else {})


def held(*numbers: int) -> list[Held]:
    """Answers that alternate between a match and nothing."""
    return [Held(number=number, seen=seen(place % 2)) for place, number in enumerate(numbers, 1)]


@given(st.lists(st.integers(1, 40), unique=True, max_size=HELD - 1).map(sorted), st.integers(0, 41))
def test_wa4_an_event_is_the_difference_from_what_was_known_at_the_position(
    numbers: list[int], after: int
) -> None:
    known = held(*numbers)
    now = seen(len(numbers) % 2)
    then = seen(sum(number <= after for number in numbers) % 2)
    assert event(known, after, now, 1) == differences(then, now)


def test_wa5_before_what_is_remembered_the_subject_is_told_again() -> None:
    known = held(*range(10, 10 + HELD))
    (again,) = event(known, 9, known[-1].seen, 1)
    assert again.code == "watch.told-again"
    assert event(known, 10, known[0].seen, 1) == ()


# ------------------------------------------------------------------ WA6


def test_wa6_positions_of_pages_that_follow_each_other() -> None:
    first = Position().next(9, told_to=3)
    assert (first.after, first.upto, first.row) == (0, 9, 3)
    second = first.next(11, told_to=5)
    assert (second.after, second.upto, second.row) == (0, 9, 5)
    assert second.next(12, told_to=None) == Position(after=9)
    assert Position(after=9).next(12, told_to=None) == Position(after=12)


@given(st.integers(0, 2**40), st.integers(0, 2**40), st.integers(-1, 10**6))
def test_wa6_a_position_is_read_as_it_was_written(after: int, upto: int, last: int) -> None:
    position = Position(after=after, upto=upto, row=last)
    assert position_from_text(position.to_text()) == position


@pytest.mark.parametrize("text", ["", "1", "1.2", "1.2.3.4", "a.b.c", "1.2.x"])
def test_wa6_what_is_no_position(text: str) -> None:
    with pytest.raises(RefusedError) as refused:
        position_from_text(text)
    assert refused.value.code == "watch.position"
