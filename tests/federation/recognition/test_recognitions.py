"""Recognitions: what is not published (RG1-RG8), and how one stands on a day (RG10-RG15)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.conditions import AtLeast, OnList
from federation.dates import add_days
from federation.ids import CharterId, Date, LeafHash
from federation.payloads import Benefit, SubjectKind, Window
from federation.recognition.recognitions import (
    NOTICE_DAYS,
    RecognitionWord,
    Said,
    Standing,
    Stands,
    carries_over,
    faults_of_recognition,
    standing,
)
from federation.recognition.scenarios import ScenarioWord
from federation.statements import RecognitionAction, ScenarioAction
from tests.support import recognising as make

ACCEPTED, DECLINED, SUSPENDED, ENDED = RecognitionAction
TEXT = make.said(make.scenario())
IN_TIME = add_days(make.TODAY, NOTICE_DAYS)


def published(
    action: RecognitionAction = ACCEPTED,
    *,
    named: ScenarioWord = TEXT,
    scenario: tuple[ScenarioWord, ...] = (),
    earlier: tuple[RecognitionWord, ...] = (),
    own: bool = False,
    shared: frozenset[CharterId] = frozenset({make.SOUTH}),
    own_scales: dict[tuple[str, str], tuple[str, ...]] | None = None,
    **changes: Any,
) -> list[str]:
    said = Said(
        action=action,
        recognition=make.recognition(named, **changes),
        named=named,
        scenario=scenario or (named,),
        earlier=earlier,
        own=own,
        shared=shared,
        own_scales=own_scales or {},
    )
    return [fault.code for fault in faults_of_recognition(said, make.TODAY, make.catalog())]


def test_rg1_not_of_ones_own() -> None:
    assert published() == []
    assert published(own=True) == ["recognition.own"]


def test_rg2_only_in_an_alliance_of_both() -> None:
    assert published(shared=frozenset({make.WEST})) == ["recognition.alliance"]
    assert published(shared=frozenset()) == ["recognition.alliance"]
    both = frozenset({make.SOUTH, make.WEST})
    assert published(shared=both, charters=(make.WEST,)) == ["recognition.alliance"]
    everywhere = make.said(make.scenario(charters=()))
    assert published(named=everywhere, shared=both, charters=(make.WEST,)) == []


def test_rg3_only_the_newest_text_that_is_or_will_be_in_force() -> None:
    closed = make.said(make.scenario(), 1, action=ScenarioAction.CLOSED)
    over = make.said(make.scenario(valid_until=Date(20261128)))
    later = make.said(make.scenario(title="新"), 1, action=ScenarioAction.AMENDED)
    to_come = make.said(make.scenario(valid_from=Date(20270101)))
    assert published(scenario=(TEXT, closed)) == ["recognition.closed"]
    assert published(named=over) == ["recognition.over"]
    assert published(scenario=(TEXT, later)) == ["recognition.superseded"]
    assert published(named=to_come) == []
    assert published(DECLINED, scenario=(TEXT, closed), reason="无此业务") == []


def test_rg4_who_says_no_says_why() -> None:
    accepted = (make.word(TEXT),)
    assert published(DECLINED) == ["recognition.reason"]
    assert published(SUSPENDED, earlier=accepted, reason=" ") == ["recognition.reason"]
    assert published(SUSPENDED, earlier=accepted, reason="核查中") == []


def test_rg5_an_end_is_announced() -> None:
    accepted = (make.word(TEXT),)
    soon = add_days(IN_TIME, -1)
    for day in (Date(0), make.TODAY, soon):
        assert published(ENDED, earlier=accepted, reason="到期", effective_on=day) == [
            "recognition.notice"
        ]
    assert published(ENDED, earlier=accepted, reason="到期", effective_on=IN_TIME) == []


def test_rg5_what_is_accepted_is_not_declined_instead() -> None:
    accepted = make.word(TEXT)
    assert published(DECLINED, earlier=(accepted,), reason="改主意") == ["recognition.notice"]
    suspended = make.word(TEXT, SUSPENDED, 1)
    assert published(DECLINED, earlier=(accepted, suspended), reason="查实") == []
    more = make.said(make.scenario(valid_until=Date(0)), 1, action=ScenarioAction.AMENDED)
    asked = {"named": more, "scenario": (TEXT, more), "earlier": (accepted,)}
    assert published(DECLINED, reason="条件已变", **asked) == []  # type: ignore[arg-type]


def test_rg5_what_is_accepted_is_not_accepted_anew_for_less_than_the_notice() -> None:
    earlier = (make.word(TEXT),)
    last = add_days(make.TODAY, NOTICE_DAYS - 1)
    assert published(earlier=earlier, valid_until=add_days(last, -1)) == ["recognition.notice"]
    assert published(earlier=earlier, valid_until=last) == []
    short = (make.word(TEXT, valid_until=make.TODAY),)
    assert published(earlier=short, valid_until=make.TODAY) == []
    assert published(earlier=short, valid_until=add_days(make.TODAY, 1)) == []
    assert published(valid_until=make.TODAY) == []


def test_rg6_only_what_was_accepted_ends() -> None:
    ended = make.word(TEXT, ENDED, 1)
    for earlier in ((), (make.word(TEXT, DECLINED),), (make.word(TEXT), ended)):
        assert published(SUSPENDED, earlier=earlier, reason="核查中") == ["recognition.nothing"]
    announced = make.word(TEXT, ENDED, 1, make.TODAY, effective_on=IN_TIME)
    assert published(SUSPENDED, earlier=(make.word(TEXT), announced), reason="核查中") == []
    back = (make.word(TEXT, SUSPENDED),)
    assert published(ENDED, earlier=back, reason="到期", effective_on=IN_TIME) == []


def test_rg7_a_further_condition_is_judged_like_any() -> None:
    assert published(further=OnList(list_type=make.LISTED)) == ["scenario.list-punished"]


def test_rg7_its_grades_may_be_of_a_scale_that_is_known_here() -> None:
    asked = AtLeast(method="local-rating", edition="1", at_least="优")
    assert published(further=asked) == ["scenario.grade"]
    assert published(further=asked, own_scales={("local-rating", "1"): ("优", "良")}) == []


def on(
    day: int,
    *words: RecognitionWord,
    scenario: tuple[ScenarioWord, ...] = (TEXT,),
    shared: frozenset[CharterId] = frozenset({make.SOUTH}),
    own: bool = False,
) -> Standing:
    return standing(words, scenario, Date(day), shared, own=own)


def test_rg10_the_word_said_last_of_those_that_count_that_day() -> None:
    first, second = make.word(TEXT), make.word(TEXT, DECLINED, 1, 20260401)
    assert on(20260228, first).action is Stands.NONE
    assert on(20260301, first).action is Stands.ACCEPTED
    assert on(20260401, second, first).action is Stands.DECLINED
    announced = make.word(TEXT, ENDED, 1, 20260401, effective_on=Date(20260501))
    assert on(20260430, first, announced).action is Stands.ACCEPTED
    assert on(20260501, first, announced).action is Stands.ENDED
    again = make.word(TEXT, ACCEPTED, 2, 20260415)
    assert on(20260501, first, announced, again).action is Stands.ACCEPTED


def test_nothing_counts_before_it_was_said() -> None:
    backdated = make.word(TEXT, ACCEPTED, 0, 20260301, effective_on=Date(20260101))
    assert on(20260228, backdated).action is Stands.NONE


def test_rg11_its_last_day() -> None:
    word = make.word(TEXT, valid_until=Date(20260630))
    assert on(20260630, word).holds
    assert on(20260701, word) == Standing(
        action=Stands.NONE, code="benefit.recognition-over", word=word
    )


def test_rg12_in_the_alliances_of_both_in_which_it_is_offered() -> None:
    word = make.word(TEXT, charters=(make.WEST,))
    both = frozenset({make.SOUTH, make.WEST})
    assert not on(20260401, word, shared=both).holds
    everywhere = make.said(make.scenario(charters=()))
    assert on(20260401, word, shared=both, scenario=(everywhere,)).holds
    assert not on(20260401, word, shared=frozenset({make.SOUTH}), scenario=(everywhere,)).holds
    assert not on(20260401, make.word(TEXT), shared=frozenset()).holds


@pytest.mark.parametrize(
    ("changes", "action", "code"),
    [
        ({"valid_until": Date(20260331)}, ScenarioAction.OPENED, "benefit.over"),
        ({"valid_from": Date(20260402)}, ScenarioAction.OPENED, "benefit.not-yet"),
        ({}, ScenarioAction.CLOSED, "benefit.closed"),
    ],
)
def test_rg13_nothing_stands_of_what_is_not_in_force(
    changes: dict[str, Any], action: ScenarioAction, code: str
) -> None:
    text = make.said(make.scenario(**changes), action=action)
    for own in (True, False):
        found = on(20260401, make.word(text), scenario=(text,), own=own)
        assert (found.action, found.code) == (Stands.NONE, code)


@pytest.mark.parametrize(
    ("changes", "carries"),
    [
        ({"title": "另一名称"}, True),
        ({"windows": (Window(name="市民中心"),)}, True),
        ({"valid_until": Date(20271231)}, True),
        ({"valid_until": Date(20291231)}, False),
        ({"valid_until": Date(0)}, False),
        ({"benefits": (Benefit(text="免押金"), Benefit(text="免租金"))}, False),
        ({"condition": OnList(list_type=make.TAX)}, False),
        ({"condition": None}, False),
        ({"conditions_text": "另一条件"}, False),
        ({"subject_kinds": (SubjectKind.ENTERPRISE, SubjectKind.COOPERATIVE)}, False),
        ({"places": ("5105",)}, False),
        ({"scales": ()}, False),
        ({"provider": "510500-housing"}, False),
    ],
)
def test_rg14_an_acceptance_of_an_earlier_text(changes: dict[str, Any], carries: bool) -> None:
    later = make.said(make.scenario(**changes), 1, action=ScenarioAction.AMENDED)
    assert carries_over(TEXT.scenario, later.scenario) is carries
    found = on(20260401, make.word(TEXT), scenario=(TEXT, later))
    assert found.action is (Stands.ACCEPTED if carries else Stands.ASK_AGAIN)
    assert found.code == ("" if carries else "benefit.amended-since")
    refused = make.word(TEXT, DECLINED, 1)
    assert on(20260401, refused, scenario=(TEXT, later)).action is Stands.DECLINED


def test_sn12_of_what_cannot_be_read_nothing_is_said() -> None:
    """An amendment that asks for a newer reader: nobody is entitled by the text before it."""
    later = make.said(make.scenario(), 1, action=ScenarioAction.AMENDED, unread=True)
    found = on(20260401, make.word(TEXT), scenario=(TEXT, later))
    assert (found.action, found.code, found.holds) == (Stands.ASK_AGAIN, "benefit.unread", False)
    assert published(named=later, scenario=(TEXT, later)) == ["recognition.superseded"]
    assert published(scenario=(TEXT, later)) == ["recognition.superseded"]
    closed = make.said(make.scenario(), 1, action=ScenarioAction.CLOSED, unread=True)
    assert on(20260401, make.word(TEXT), scenario=(TEXT, closed)).code == "benefit.closed"


def test_rg14_of_another_scenario_it_is_none() -> None:
    other = make.said(make.scenario(), 7, leaf_hash=LeafHash(b"x" * 32))
    assert on(20260401, make.word(other)).action is Stands.ASK_AGAIN


def test_rg15_until_the_day_before_it_changes() -> None:
    first = make.word(TEXT)
    assert on(20260401, first).until == 20281231
    assert on(20260401, make.word(TEXT, valid_until=Date(20270101))).until == 20270101
    announced = make.word(TEXT, ENDED, 1, 20260315, effective_on=Date(20260501))
    assert on(20260401, first, announced).until == 20260430
    again = make.word(TEXT, ACCEPTED, 2, 20260320, effective_on=Date(20260501))
    assert on(20260401, first, announced, again).until == 20281231
    gap = make.word(TEXT, ACCEPTED, 2, 20260320, effective_on=Date(20260502))
    assert on(20260401, first, announced, gap).until == 20260430
    short = make.word(TEXT, valid_until=Date(20260420))
    anew = make.word(TEXT, ACCEPTED, 1, 20260320, effective_on=Date(20260501))
    assert on(20260401, short, anew).until == 20260420
    assert on(20260501, short, anew).until == 20281231
    open_end = make.said(make.scenario(valid_until=Date(0)))
    assert on(20260401, make.word(open_end), scenario=(open_end,)).until == 0
    for_ever = make.word(open_end, valid_until=Date(99991231))
    assert on(20260401, for_ever, scenario=(open_end,)).until == 99991231


def test_our_own_needs_nothing() -> None:
    found = on(20260401, own=True)
    assert (found.action, found.holds, found.until) == (Stands.OWN, True, 20281231)


def test_two_regions_that_say_the_opposite_of_each_other_bind_themselves_alone() -> None:
    """One accepts what the other's scenario asks, the other declines: neither follows."""
    other = make.said(make.scenario(condition=OnList(list_type="other")), 9, origin=make.PEER)
    assert on(20260401, make.word(TEXT)).holds
    assert on(20260401, make.word(other, DECLINED), scenario=(other,)).action is Stands.DECLINED


DAYS = st.integers(0, 40).map(lambda days: add_days(Date(20260301), days))
WORDS = st.lists(
    st.tuples(
        st.sampled_from(RecognitionAction), DAYS, st.just(Date(0)) | DAYS, st.just(Date(0)) | DAYS
    ),
    max_size=5,
).map(
    lambda rows: [
        make.word(TEXT, action, index, said_on, effective_on=effective, valid_until=until)
        for index, (action, said_on, effective, until) in enumerate(rows)
    ]
)


@given(WORDS, DAYS)
def test_what_holds_today_holds_until_the_day_it_says_and_not_after(
    words: list[RecognitionWord], day: Date
) -> None:
    found = on(day, *words)
    assert found == on(day, *reversed(words))
    if not found.holds:
        return
    assert found.until >= day
    at = day
    while at < min(found.until, Date(20260501)):
        at = add_days(at, 1)
        assert on(at, *words).holds
    assert not on(add_days(found.until, 1), *words).holds
