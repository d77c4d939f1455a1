"""Scenarios: what is not published (SN1-SN9), and which text is in force (SN10, SN11)."""

from __future__ import annotations

from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.conditions import (
    AllOf,
    AnyOf,
    AtLeast,
    Condition,
    Decision,
    KindOfSubject,
    Negated,
    NoListing,
    OnList,
    RegisteredIn,
    Test,
    UnknownTest,
    decide,
)
from federation.ids import Date
from federation.payloads import Benefit, GradeScale, SubjectKind
from federation.recognition.satisfiable import satisfiable
from federation.recognition.scenarios import (
    ScenarioState,
    faults_of,
    in_force,
    newest,
    state_of,
)
from federation.statements import ScenarioAction
from tests.support import recognising as make

OPENED, AMENDED, CLOSED = ScenarioAction
A = AtLeast(method=make.METHOD, edition=make.EDITION, at_least="A")
B = AtLeast(method=make.METHOD, edition=make.EDITION, at_least="B")
CHENGDU, LUZHOU = RegisteredIn(region="510100"), RegisteredIn(region="510500")
ON, FREE = OnList(list_type=make.TAX), NoListing(list_types=(make.LISTED,), measure=make.DENIES)
FIRM = KindOfSubject(kinds=(SubjectKind.ENTERPRISE,))


def codes(**changes: Any) -> list[str]:
    found = faults_of(make.scenario(**changes), OPENED, make.TODAY, make.catalog())
    return [fault.code for fault in found]


def test_nothing_is_wrong_with_it() -> None:
    assert codes() == []
    assert codes(condition=None, scales=(), valid_until=Date(0)) == []


@pytest.mark.parametrize(
    "text",
    ["法定代表人身份证复印件", "个人信用良好", "面向自然人", "提供个人征信报告", "采集人脸"],
)
def test_sn1_nothing_about_persons(text: str) -> None:
    assert codes(conditions_text=text) == ["scenario.person"]
    assert codes(title=text) == ["scenario.person"]
    assert codes(benefits=(Benefit(text=text),)) == ["scenario.person"]


@pytest.mark.parametrize(
    "text",
    [
        "个人独资企业",
        "非自然人",
        "不要求个人征信",
        "（不使用评分）",
        "信用分级分类监管中的低风险企业",
        "3分钟办结",
    ],
)
def test_what_only_looks_so_is_published(text: str) -> None:
    assert codes(conditions_text=text) == []


@pytest.mark.parametrize("text", ["信用评分良好", "不低于80分", "信用分700", "绿色积分", "score A"])
def test_sn2_no_scores(text: str) -> None:
    assert codes(conditions_text=text) == ["scenario.score"]


@pytest.mark.parametrize("grades", [("100", "90"), ("９０分", "A"), ("95.5", "B")])
def test_sn2_no_scale_of_numbers(grades: tuple[str, ...]) -> None:
    scale = GradeScale(method="points", edition="1", grades=grades)
    assert codes(scales=(make.SCALE, scale)) == ["scenario.score"]


@pytest.mark.parametrize(
    "condition",
    [
        AllOf(of=(ON, Negated(condition=ON))),
        AllOf(of=(CHENGDU, LUZHOU)),
        AllOf(of=(CHENGDU, Negated(condition=RegisteredIn(region="51")))),
        AllOf(of=(A, Negated(condition=B))),
        AllOf(of=(KindOfSubject(kinds=(SubjectKind.PUBLIC_BODY,)), ON)),
        AllOf(of=(ON, AnyOf(of=(Negated(condition=ON), AllOf(of=(CHENGDU, LUZHOU)))))),
        AllOf(of=(OnList(list_type=make.TAX, edition="2025"), Negated(condition=ON))),
        Negated(condition=AnyOf(of=(ON, Negated(condition=ON)))),
        AllOf(of=(Negated(condition=FIRM), ON)),
    ],
)
def test_sn3_what_contradicts_itself(condition: Condition) -> None:
    assert codes(condition=condition) == ["scenario.contradiction"]


@pytest.mark.parametrize(
    "condition",
    [
        AnyOf(of=(CHENGDU, LUZHOU)),
        AllOf(of=(CHENGDU, RegisteredIn(region="51"))),
        AllOf(of=(RegisteredIn(region="51"), Negated(condition=CHENGDU))),
        AllOf(of=(B, Negated(condition=A))),
        AllOf(of=(A, FREE)),
        AllOf(of=(ON, Negated(condition=OnList(list_type=make.TAX, edition="2025")))),
    ],
)
def test_what_can_be_met_is_published(condition: Condition) -> None:
    assert codes(condition=condition) == []


def test_sn3_of_no_end_of_ways_only_so_many_are_tried() -> None:
    """Sixteen choices of two, each of which contradicts the last: 65,536 ways."""
    names = [OnList(list_type=f"list-{number}") for number in range(15)]
    choices: list[Condition] = [AnyOf(of=(one, other)) for one, other in pairwise(names)]
    condition = AllOf(of=(*choices, CHENGDU, LUZHOU))
    assert codes(condition=AllOf(of=(CHENGDU, LUZHOU, *choices))) == ["scenario.contradiction"]
    assert codes(condition=condition) in ([], ["scenario.contradiction"])


TESTS: tuple[Test, ...] = (
    ON,
    OnList(list_type=make.TAX, edition="2025"),
    A,
    B,
    CHENGDU,
    LUZHOU,
    RegisteredIn(region="51"),
    FIRM,
    FREE,
)
SOME = st.recursive(
    st.sampled_from(TESTS),
    lambda inner: (
        st.builds(lambda of: AllOf(of=tuple(of)), st.lists(inner, min_size=1, max_size=3))
        | st.builds(lambda of: AnyOf(of=tuple(of)), st.lists(inner, min_size=1, max_size=3))
        | st.builds(lambda one: Negated(condition=one), inner)
    ),
    max_leaves=8,
)
SUBJECTS = tuple(
    product(
        (None, "2024", "2025"),  # edition of the tax list
        (None, "A", "B", "C"),
        ("510100", "510500", "510300", "500152"),
        (SubjectKind.ENTERPRISE, SubjectKind.COOPERATIVE),
        (False, True),  # listed
    )
)


def meets(subject: tuple[str | None, str | None, str, SubjectKind, bool], test: Test) -> bool:
    edition, grade, region, kind, listed = subject
    match test:
        case OnList(edition=asked):
            return edition is not None and asked in ("", edition)
        case AtLeast(at_least=asked):
            return grade is not None and grade <= asked
        case RegisteredIn(region=asked):
            return region.startswith(asked)
        case KindOfSubject(kinds=kinds):
            return kind in kinds
        case _:
            return not listed


@given(SOME)
def test_sn3_it_can_be_met_exactly_where_some_subject_meets_it(condition: Condition) -> None:
    scales = {(make.METHOD, make.EDITION): make.SCALE.grades}
    kinds = frozenset({SubjectKind.ENTERPRISE, SubjectKind.COOPERATIVE})
    somebody = any(
        decide(condition, lambda test, one=one: Decision.YES if meets(one, test) else Decision.NO)  # type: ignore[misc]
        is Decision.YES
        for one in SUBJECTS
    )
    assert satisfiable(condition, kinds, scales) is somebody


def test_sn3_who_is_free_of_more_lists_is_free_of_fewer() -> None:
    kinds = frozenset({SubjectKind.ENTERPRISE})
    many = NoListing(list_types=("a", "b"), measure="m")
    for few, possible in (
        (NoListing(list_types=("a",), measure="m"), False),
        (NoListing(list_types=("a",), measure="n"), True),
        (NoListing(list_types=("c",), measure="m"), True),
    ):
        condition = AllOf(of=(many, Negated(condition=few)))
        assert satisfiable(condition, kinds, {}) is possible


def test_sn4_a_grade_without_its_scale() -> None:
    assert codes(scales=()) == ["scenario.grade"]
    other = GradeScale(method=make.METHOD, edition="2024", grades=("A", "B"))
    assert codes(scales=(other,)) == ["scenario.grade"]
    worst = AtLeast(method=make.METHOD, edition=make.EDITION, at_least="E")
    assert codes(condition=worst) == ["scenario.grade"]
    assert codes(scales=(make.SCALE, make.SCALE)) == ["scenario.scale-twice"]


def test_sn5_lists_of_the_right_side() -> None:
    assert codes(condition=OnList(list_type=make.LISTED)) == ["scenario.list-punished"]
    trusted = NoListing(list_types=(make.TAX,), measure=make.DENIES)
    assert codes(condition=trusted) == ["scenario.list-unknown"]


def test_sn6_nobody_has_to_be_listed() -> None:
    assert codes(condition=Negated(condition=FREE)) == ["scenario.listing-required"]
    assert codes(condition=Negated(condition=Negated(condition=FREE))) == []


def test_sn7_only_a_measure_of_the_list_here_denies() -> None:
    for free in (
        NoListing(list_types=(make.LISTED,), measure="invented"),
        NoListing(list_types=("judgment-defaulter",), measure=make.DENIES),
    ):
        assert codes(condition=free) == ["scenario.measure"]
    of_choice = make.catalog(measure_class=3)
    found = faults_of(make.scenario(condition=FREE), OPENED, make.TODAY, of_choice)
    assert [fault.code for fault in found] == ["scenario.measure"]


@pytest.mark.parametrize(("first", "last"), [(20270101, 20261231), (20260101, 20261128)])
def test_sn8_a_period_that_cannot_be(first: int, last: int) -> None:
    period = {"valid_from": Date(first), "valid_until": Date(last)}
    assert codes(**period) == ["scenario.period"]
    assert faults_of(make.scenario(**period), CLOSED, make.TODAY, make.catalog()) == ()


def test_sn9_no_test_that_nobody_here_knows() -> None:
    assert codes(condition=AllOf(of=(ON, UnknownTest()))) == ["scenario.test-unknown"]


def test_a_fault_names_its_place_in_both_languages() -> None:
    (fault,) = faults_of(
        make.scenario(condition=AllOf(of=(ON, Negated(condition=FREE)))),
        OPENED,
        make.TODAY,
        make.catalog(),
    )
    assert fault.where == "condition.2.negated"
    assert fault.words == (
        "condition.2.negated：不得以被列入失信名单为享受优惠的条件 / "
        "a listing can be no condition of a benefit"
    )


def test_sn10_the_newest_statement_counts_and_closed_stays_closed() -> None:
    first = make.said(make.scenario())
    later = make.said(make.scenario(title="新"), 1, action=AMENDED)
    moved = make.said(make.scenario(title="再"), 0, action=AMENDED, epoch=1)
    closed = make.said(make.scenario(), 2, action=CLOSED)
    assert newest([later, first]) == later
    assert newest([moved, later, first]) == moved
    assert newest([closed, moved, later, first]) == closed
    assert state_of([closed, moved, first], make.TODAY) is ScenarioState.CLOSED
    assert in_force([closed, moved, first], make.TODAY) is None
    assert in_force([first, later], make.TODAY) == later


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (20251231, ScenarioState.NOT_YET),
        (20260101, ScenarioState.IN_FORCE),
        (20281231, ScenarioState.IN_FORCE),
        (20290101, ScenarioState.OVER),
    ],
)
def test_sn11_from_its_first_day_to_its_last(day: int, state: ScenarioState) -> None:
    assert state_of([make.said(make.scenario())], Date(day)) is state
    for_ever = make.said(make.scenario(valid_from=Date(0), valid_until=Date(0)))
    assert state_of([for_ever], Date(day)) is ScenarioState.IN_FORCE
