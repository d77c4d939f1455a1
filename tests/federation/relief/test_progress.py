"""Progress of reliefs, a test for each rule (RP1-RP15), and all against a model of a few lines."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.ids import Date, Origin, Timestamp
from federation.reconcile.deadlines import Due, due
from federation.reconcile.obligations import Obligation
from federation.relief.progress import (
    Said,
    Verdict,
    Words,
    begins_on,
    is_relief,
    judged,
    obligation_of,
    progress,
    rates,
)
from federation.statements import AnnotationAction, Kind
from tests.federation.reconcile.test_deadlines import row, text
from tests.federation.test_working_days import DAYS
from tests.support.catalogs import catalog_of

CHINA = dt.timezone(dt.timedelta(hours=8))
DAY = 86_400
BEGINS = Date(20260930)
HERE, FAR = "510500", "520300"


def due_of(obligation: Obligation = Obligation.RELIEF, days: int = 3) -> Due:
    document = text(relief=row(days=days)).replace("relief:", f"{obligation.value}:")
    found = due(obligation, BEGINS, catalog_of(document), DAYS)
    assert found is not None
    return found


DUE = due_of()
END = DUE.ends_at


HEARD = END + 60 * DAY


def said(by: int | None, after: int | None = None) -> Said:
    """Done by a time, and not before another: the same where nothing is said."""
    if by is None:
        return Said(None)
    return Said(Timestamp(by), Timestamp(by if after is None else after))


def words(
    mirrored: Said | None = None,
    applied: Said | None = None,
    lifted: Said | None = None,
    *,
    lifts: bool = True,
    region: str = HERE,
    since: int = 0,
    heard: int = HEARD,
) -> Words:
    return Words(
        member=Origin("a/1"),
        city="甲市",
        region=region,
        mirrored=mirrored,
        applied=applied,
        lifted=lifted,
        member_since=Timestamp(since),
        lifts=lifts,
        heard_until=Timestamp(heard),
    )


def verdict_of(kind: int, one: Words, now: int, until: Due | None = DUE) -> tuple[str, str]:
    found = progress(
        kind,
        HERE,
        said(None),
        [one],
        due=until,
        push_due=until,
        said_due=until,
        spoken_due=None,
        now=Timestamp(now),
    )
    (member,) = found.members
    return member.verdict.value, member.pushed.value if member.pushed is not None else ""


def test_rp2_whoever_acted_has_received_by_the_first_proved_time() -> None:
    def received(*given: Said | None) -> object:
        found = progress(
            Kind.REPAIR,
            HERE,
            said(1),
            [words(*given)],
            due=None,
            push_due=None,
            said_due=None,
            spoken_due=None,
            now=Timestamp(0),
        )
        by = found.members[0].received
        return "none" if by is None else by.by

    assert received(said(5), said(4), said(9)) == 4
    assert received(None, said(None), said(9)) == 9
    assert received(None, said(None)) is None
    assert received() == "none"


def test_rp4_who_was_handed_the_listing_has_to_lift_it() -> None:
    before, late = said(END - 1), END + 1
    assert verdict_of(Kind.REPAIR, words(applied=before), late)[0] == "late"
    assert verdict_of(Kind.REPAIR, words(applied=before, lifted=before), late)[0] == "in-time"
    assert verdict_of(Kind.REPAIR, words(applied=before, lifts=False), late)[0] == "in-time"


def test_rp6_by_the_proved_time_and_without_one_only_until_the_day_is_over() -> None:
    assert judged(said(END - 1), DUE, Timestamp(END + 9)) is Verdict.IN_TIME
    assert judged(said(END), DUE, Timestamp(END + 9)) is Verdict.LATE
    assert judged(said(None), DUE, Timestamp(END - 1)) is Verdict.IN_TIME
    assert judged(said(None), DUE, Timestamp(END)) is Verdict.UNKNOWN


def test_rp7_it_waits_until_the_last_day_is_over() -> None:
    assert judged(None, DUE, Timestamp(END - 1), Timestamp(HEARD)) is Verdict.WAITING
    assert judged(None, DUE, Timestamp(END), Timestamp(HEARD)) is Verdict.LATE


def test_rp13_who_was_not_heard_of_since_is_not_late() -> None:
    for heard, verdict in ((0, "unknown"), (END - 1, "unknown"), (END, "late")):
        assert judged(None, DUE, Timestamp(END + 9), Timestamp(heard)).value == verdict
        word = words(region=FAR, heard=heard)
        assert verdict_of(Kind.REPAIR, word, END + 9) == (verdict, verdict)
        got = words(mirrored=said(END + 1), region=FAR, heard=heard)
        assert verdict_of(Kind.REPAIR, got, END + 9) == (verdict, verdict)


def test_rp14_what_was_seen_late_was_done_late_only_where_its_log_shows_it() -> None:
    for after, verdict in ((0, "unknown"), (END - 1, "unknown"), (END, "late")):
        done = said(END + DAY, after)
        assert judged(done, DUE, Timestamp(HEARD)).value == verdict
        word = words(lifted=done, applied=done, region=FAR)
        assert verdict_of(Kind.REPAIR, word, HEARD) == (verdict, verdict)
    both = words(applied=said(END + DAY, END - 1), lifted=said(END + DAY), lifts=False)
    assert verdict_of(Kind.REPAIR, both, HEARD)[0] == "unknown"


def test_rp12_a_members_day_begins_when_the_relief_was_said_and_while_unproved_never() -> None:
    decided, next_day = Date(20260921), int(dt.datetime(2026, 9, 22, tzinfo=CHINA).timestamp())
    assert begins_on(decided, said(None)) is None
    assert begins_on(decided, said(next_day - 1)) == decided
    assert begins_on(decided, said(next_day)) == Date(20260922)
    assert begins_on(Date(20261001), said(next_day)) == Date(20261001)
    assert begins_on(Date(0), said(None)) == 0, "not opened here: the decision is not known"


def test_rp15_who_says_a_relief_late_is_late() -> None:
    def spoken(*given: Said) -> list[str]:
        found = [
            progress(
                Kind.REPAIR,
                HERE,
                one,
                [],
                due=None,
                push_due=None,
                said_due=None,
                spoken_due=DUE,
                now=Timestamp(HEARD),
            )
            for one in given
        ]
        assert [one.late for one in found] == [one.spoken is Verdict.LATE for one in found]
        assert [rates([(None, one)]).spoken_late for one in found] == [one.late for one in found]
        return [one.spoken.value for one in found]

    assert spoken(said(END - 1), said(END), said(END, END - 1)) == ["in-time", "late", "unknown"]
    assert spoken(said(None)) == ["unknown"]


@pytest.mark.parametrize("done", [None, said(None), said(1), said(END + DAY)])
def test_rp8_without_a_deadline_nothing_is_in_time_and_nothing_late(done: Said | None) -> None:
    assert judged(done, None, Timestamp(END + 2 * DAY)) is Verdict.UNKNOWN


def test_rp11_who_became_a_member_when_the_day_was_over_is_not_late() -> None:
    for since, verdict in ((END - 1, "late"), (END, "unknown")):
        word = words(region=FAR, since=since)
        assert verdict_of(Kind.REPAIR, word, END + 9) == (verdict, verdict)


def test_rp9_into_another_province_a_repair_is_pushed_by_being_received() -> None:
    got = words(mirrored=said(END - 1), region=FAR)
    assert verdict_of(Kind.REPAIR, got, END + 1) == ("late", "in-time")
    assert verdict_of(Kind.REPAIR, words(region=FAR), END + 1) == ("late", "late")
    assert verdict_of(Kind.REPAIR, words(mirrored=said(END - 1)), END + 1) == ("late", "")
    assert verdict_of(Kind.WITHDRAWAL, got, END + 1) == ("late", "")


def test_rp9_a_withdrawal_is_said_in_time_by_being_published() -> None:
    def said_in_time(kind: int, by: int | None) -> Verdict | None:
        return progress(
            kind,
            HERE,
            said(by),
            [],
            due=None,
            push_due=None,
            said_due=DUE,
            spoken_due=None,
            now=Timestamp(END + 1),
        ).said_in_time

    assert said_in_time(Kind.WITHDRAWAL, END - 1) is Verdict.IN_TIME
    assert said_in_time(Kind.WITHDRAWAL, END) is Verdict.LATE
    assert said_in_time(Kind.REPAIR, END) is None


def test_what_is_a_relief_and_what_is_owed_by_it() -> None:
    masking, ended, pause = (
        AnnotationAction.MASKING_BEGUN,
        AnnotationAction.MASKING_ENDED,
        AnnotationAction.PAUSED,
    )
    owed = {
        (kind, action): obligation_of(kind, action)
        for kind in Kind
        for action in (0, masking, ended, pause)
        if is_relief(kind, action) and (kind == Kind.ANNOTATION or action == 0)
    }
    assert owed == {
        (Kind.REPAIR, 0): Obligation.RELIEF,
        (Kind.WITHDRAWAL, 0): Obligation.RELIEF,
        (Kind.ANNOTATION, masking): Obligation.MASKING,
        (Kind.ANNOTATION, pause): None,
    }


def test_rates_count_each_member_of_each_relief_once() -> None:
    def of(*given: Words) -> tuple[Timestamp | None, object]:
        found = progress(
            Kind.REPAIR,
            HERE,
            said(1),
            given,
            due=DUE,
            push_due=None,
            said_due=None,
            spoken_due=None,
            now=Timestamp(END),
        )
        return Timestamp(END - 2 * DAY), found

    first = END - 2 * DAY - 1
    done = [words(lifted=said(at)) for at in (first, END - 1, END)]
    found = rates([of(*done, words(), words(lifted=said(None)))])  # type: ignore[list-item]
    assert (found.executed, found.in_time, found.late, found.waiting) == (4, 2, 2, 0)
    assert (found.unknown, found.same_day) == (1, 1)
    assert (found.timely, found.same_day_share) == (0.5, 0.2)
    assert (rates([]).timely, rates([]).same_day_share) == (None, None)


def model(days: int, done: int | None, now: int) -> str:
    """Days are walked one by one: those on which people work, by the table written out here."""
    off = {dt.date(2026, 10, day) for day in range(1, 8)} | {dt.date(2026, 9, 25)}
    worked = {dt.date(2026, 9, 20), dt.date(2026, 10, 10)}
    day = dt.date(2026, 9, 30)
    while days:
        day += dt.timedelta(days=1)
        days -= day in worked or (day.weekday() < 5 and day not in off)
    midnight = dt.datetime(day.year, day.month, day.day, tzinfo=CHINA) + dt.timedelta(days=1)
    end = midnight.timestamp()
    if done is None:
        return "late" if now >= end else "waiting"
    return "late" if done >= end else "in-time"


MOMENTS = st.integers(END - 20 * DAY, END + 20 * DAY)


@given(days=st.integers(1, 20), done=st.none() | MOMENTS, now=MOMENTS)
def test_verdicts_agree_with_a_model_that_walks_the_days(
    days: int, done: int | None, now: int
) -> None:
    until = due_of(days=days)
    heard = Timestamp(END + 60 * DAY)
    found = judged(None if done is None else said(done), until, Timestamp(now), heard)
    assert found.value == model(days, done, now)
