"""Who is entitled to a benefit: each rule by itself, and all together against a naive model."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.conditions import (
    AllOf,
    AnyOf,
    AtLeast,
    CommitmentKept,
    Condition,
    Decision,
    KindOfSubject,
    Negated,
    NoListing,
    OnList,
    RegisteredIn,
    UnknownTest,
    asked_in,
)
from federation.dates import add_days
from federation.ids import Date
from federation.open_payloads import GradeScale
from federation.payload_parts import SubjectKind
from federation.recognition.entitlement import (
    Entitlement,
    Offered,
    Result,
    entitled,
    not_had,
    offered_as,
)
from federation.recognition.facts import Facts, Held, Weight
from federation.recognition.recognitions import standing
from federation.statements import RecognitionAction, ScenarioAction
from tests.support import recognising
from tests.support.benefits import (
    A_GRADE,
    CLEAN,
    DAY,
    ON_LIST,
    OTHER,
    OTHER_EDITION,
    PLACE,
    PURPOSE,
    SCALE,
    SEVERE,
    TAX,
    TAX_EDITION,
    TAX_LIST,
    against,
    equivalence,
    facts,
    held,
    model,
    offered,
    promised,
)

ENTITLED, NOT, UNDECIDED = Result.ENTITLED, Result.NOT, Result.UNDECIDED
ANOTHER = held(method=OTHER, edition=OTHER_EDITION, grade="AAA", list_type="other-list")


def ask(offer: Offered, known: Facts, day: Date = DAY, place: str = PLACE) -> Entitlement:
    return entitled(offer, known, place=place, purpose=PURPOSE, day=day)


def result(condition: Condition, known: Facts) -> Result:
    return ask(offered(condition), known).result


def codes(condition: Condition, known: Facts) -> list[str]:
    return [one.code for one in ask(offered(condition), known).asked][1:]


@pytest.mark.parametrize(
    "code", ["benefit.declined", "benefit.suspended", "benefit.ended", "benefit.not-recognised"]
)
def test_bn1_nobody_is_entitled_where_it_is_not_honoured(code: str) -> None:
    answer = ask(offered(refused=code), facts(uncertain=("identity.same-name",)))
    assert answer == Entitlement(result=NOT, reasons=(code,))


def test_bn1_a_text_that_was_changed_since_is_asked_about_again() -> None:
    answer = ask(offered(refused="benefit.amended-since", unsettled=True), facts())
    assert answer == Entitlement(result=UNDECIDED, reasons=("benefit.amended-since",))


def test_bn1_what_has_ended_entitles_nobody_after_its_last_day() -> None:
    offer = offered(until=DAY)
    assert ask(offer, facts()).result is ENTITLED
    after = ask(offer, facts(), Date(DAY + 1))
    assert after == Entitlement(result=NOT, reasons=("benefit.ended",))


@pytest.mark.parametrize(
    ("places", "code"),
    [
        ((), ""),
        (("5110",), ""),
        (("51",), ""),
        (("5105", "511000"), ""),
        (("5105",), "benefit.not-here"),
    ],
)
def test_bn1_our_own_is_had_where_it_is_offered(places: tuple[str, ...], code: str) -> None:
    assert not_had(offered(own=True, places=places), PLACE, DAY) == code


def test_bn1_who_recognises_says_itself_where_it_is_had() -> None:
    assert not_had(offered(places=("5105",)), PLACE, DAY) == ""


def test_bn2_only_kinds_for_which_it_is() -> None:
    assert ask(offered(), facts()).result is ENTITLED
    assert ask(offered(), facts(kinds=(SubjectKind.SOLE_TRADER,))).result is NOT
    assert ask(offered(), facts(kinds=())).result is UNDECIDED
    either = facts(kinds=(SubjectKind.ENTERPRISE, SubjectKind.OTHER_ORGANISATION))
    assert ask(offered(), either).result is UNDECIDED
    newer = offered(subject_kinds=(SubjectKind.UNSPECIFIED,))
    assert ask(newer, facts()).result is UNDECIDED
    assert ask(newer, facts(kinds=(SubjectKind.UNSPECIFIED,))).result is UNDECIDED


def test_bn3_who_is_meant_is_certain() -> None:
    known = facts(trust=(held(),), uncertain=("identity.subject-ceased",))
    answer = ask(offered(A_GRADE), known)
    assert answer == Entitlement(result=UNDECIDED, reasons=("identity.subject-ceased",))


def test_bn4_both_have_to_hold() -> None:
    offer = offered(A_GRADE, further=CLEAN)
    assert ask(offer, facts(trust=(held(),))).result is ENTITLED
    assert ask(offer, facts()).result is NOT
    assert ask(offer, facts(trust=(held(),), against=(against(),))).result is NOT
    paths = [one.path for one in ask(offer, facts()).asked]
    assert paths == ["kinds", "condition", "further"]


def test_bn4_words_alone_are_for_people() -> None:
    for offer in (offered(conditions_text="近三年无欠薪"), offered(further_text="须在园区内")):
        answer = ask(offer, facts())
        assert (answer.result, answer.reasons) == (UNDECIDED, ("benefit.by-people",))
        assert ask(offer, facts(kinds=(SubjectKind.SOLE_TRADER,))).result is NOT
    both = offered(A_GRADE, conditions_text="纳税信用A级")
    assert ask(both, facts(trust=(held(),))).result is ENTITLED


def test_bn5_a_statement_counts_for_its_purposes_and_until_its_last_day() -> None:
    for condition, known in (
        (ON_LIST, facts(trust=(held(purposes=frozenset({"supervision"})),))),
        (A_GRADE, facts(trust=(held(purposes=frozenset({"supervision"})),))),
        (ON_LIST, facts(trust=(held(until=Date(DAY - 1)),))),
        (A_GRADE, facts(trust=(held(until=Date(DAY - 1)),))),
        (
            CommitmentKept(commitment_type="on-time"),
            facts(promised=(promised(purposes=frozenset()),)),
        ),
    ):
        assert result(condition, known) is NOT
    assert result(ON_LIST, facts(trust=(held(until=DAY),))) is ENTITLED
    assert result(CLEAN, facts(against=(against(until=Date(DAY - 1)),))) is ENTITLED
    assert result(CLEAN, facts(against=(against(until=DAY),))) is NOT


def test_bn6_what_is_in_doubt_is_no_no() -> None:
    for condition, known in (
        (ON_LIST, facts(trust=(held(weight=Weight.DOUBT, rule="log.stale"),))),
        (A_GRADE, facts(trust=(held(weight=Weight.DOUBT, rule="log.stale"),))),
        (CLEAN, facts(against=(against(weight=Weight.DOUBT, rule="log.stale"),))),
    ):
        (_, one) = ask(offered(condition), known).asked
        assert (one.answer, one.code) == (Decision.UNDECIDED, "benefit.in-doubt")
        assert one.rules == ("log.stale",)
        assert len(one.evidence) == 1
    assert result(ON_LIST, facts(trust=(held(weight=Weight.DOUBT), held()))) is ENTITLED


def test_bn6_what_is_not_held_is_a_no_only_where_all_was_heard() -> None:
    kept = CommitmentKept(commitment_type="on-time")
    for condition in (ON_LIST, A_GRADE, kept):
        assert result(condition, facts()) is NOT
        assert codes(condition, facts(complete=False)) == ["benefit.unheard"]
        assert result(condition, facts(complete=False)) is UNDECIDED
    assert result(CLEAN, facts(complete=False)) is ENTITLED


def test_bn7_a_grade_counts_by_its_very_edition() -> None:
    assert result(A_GRADE, facts(trust=(held(),))) is ENTITLED
    assert result(A_GRADE, facts(trust=(held(grade="B"),))) is NOT
    assert result(A_GRADE, facts(trust=(held(edition="2024"),))) is NOT
    assert result(A_GRADE, facts(trust=(held(grade="", method=""),))) is NOT
    assert result(A_GRADE, facts(trust=(held(grade="B"), held()))) is ENTITLED
    assert result(A_GRADE, facts(trust=(held(grade="特级"),))) is UNDECIDED
    for test in (replace(A_GRADE, at_least="特级"), replace(A_GRADE, method="unknown")):
        assert codes(test, facts(trust=(held(),))) == ["benefit.scale-unknown"]
    ours = facts(trust=(held(),), scales=(SCALE,))
    assert ask(offered(A_GRADE, scales=()), ours).result is ENTITLED


def test_bn7_or_by_one_equivalence_of_the_region_that_decides() -> None:
    known = facts(trust=(ANOTHER,))
    assert result(A_GRADE, known) is NOT
    assert result(A_GRADE, replace(known, equivalences=(equivalence(),))) is ENTITLED
    for other in (
        equivalence(grade="AA"),
        equivalence(edition="2025"),
        equivalence(own_edition="2024"),
        equivalence(own_grade="B"),
    ):
        assert result(A_GRADE, replace(known, equivalences=(other,))) is NOT


def test_bn7_never_by_two_in_a_row() -> None:
    steps = (
        equivalence(own_method="middle", own_edition="1", own_grade="A"),
        equivalence(method="middle", edition="1", grade="A"),
    )
    assert result(A_GRADE, facts(trust=(ANOTHER,), equivalences=steps)) is NOT


def test_bn8_a_listing_counts_by_this_regions_measures_alone() -> None:
    assert result(CLEAN, facts(against=(against(),))) is NOT
    assert result(CLEAN, facts(against=(against(measures=frozenset()),))) is ENTITLED
    assert result(CLEAN, facts(against=(against(list_type="another"),))) is ENTITLED


def test_bn9_a_commitment_is_kept() -> None:
    kept = CommitmentKept(commitment_type="on-time")
    open_one = promised(performed=False, due_on=DAY)
    overdue = promised(performed=False, due_on=Date(DAY - 1))
    doubtful = replace(overdue, weight=Weight.DOUBT)
    for made, expected in (
        ((promised(),), ENTITLED),
        ((promised(), open_one), ENTITLED),
        ((promised(), promised(performed=False)), ENTITLED),
        ((promised(), overdue), NOT),
        ((promised(), doubtful), UNDECIDED),
        ((open_one,), NOT),
        ((promised(commitment_type="another"),), NOT),
        ((promised(weight=Weight.DOUBT),), UNDECIDED),
    ):
        assert result(kept, facts(promised=made)) is expected
    assert ask(offered(kept), facts(promised=(promised(), open_one))).until == DAY


def test_bn10_until_the_earliest_last_day_of_alternatives_the_latest() -> None:
    early, late = Date(20261201), Date(20270101)
    first, second = held(until=early), held(until=late, list_type="other", grade="", method="")
    other = OnList(list_type="other")
    known = facts(trust=(first, second))

    def until(condition: Condition | None, known: Facts = known, **changes: Date) -> Date:
        return ask(offered(condition, **changes), known).until

    assert until(None) == 0
    assert until(ON_LIST) == early
    assert until(AllOf(of=(ON_LIST, other))) == early
    assert until(AnyOf(of=(ON_LIST, other))) == late
    assert until(AnyOf(of=(ON_LIST, OnList(list_type="none")))) == early
    assert until(ON_LIST, facts(trust=(first, held(until=late)))) == late
    assert until(ON_LIST, facts(trust=(first, held()))) == 0
    assert until(other, valid_until=early) == early
    assert ask(offered(other, until=early), known).until == early
    listed = facts(against=(against(until=early), against(until=late)))
    assert until(Negated(condition=CLEAN), listed) == late
    assert until(A_GRADE, facts()) == 0


def test_registered_in_and_kinds() -> None:
    assert result(RegisteredIn(region="5105"), facts()) is ENTITLED
    assert result(RegisteredIn(region="5110"), facts()) is NOT
    assert codes(RegisteredIn(region="51"), facts(registered_in="")) == ["benefit.region-unknown"]
    assert result(KindOfSubject(kinds=(SubjectKind.COOPERATIVE,)), facts()) is NOT


# --- all together

WEIGHTS = st.sampled_from(Weight)
DAYS = st.sampled_from([Date(0), Date(DAY - 1), DAY, Date(20270101)])
PURPOSES = st.sampled_from([frozenset({PURPOSE}), frozenset({"supervision"})])
HELD = st.builds(
    held,
    list_type=st.sampled_from([TAX_LIST, "other"]),
    edition=st.sampled_from([TAX_EDITION, OTHER_EDITION, "2024"]),
    method=st.sampled_from([TAX, OTHER]),
    grade=st.sampled_from(["", "A", "B", "C", "AAA", "特级"]),
    weight=WEIGHTS,
    until=DAYS,
    purposes=PURPOSES,
)
AGAINST = st.builds(
    against,
    list_type=st.sampled_from([SEVERE, "work-safety"]),
    measures=st.sampled_from([frozenset({CLEAN.measure}), frozenset[str]()]),
    weight=WEIGHTS,
    until=DAYS,
)
PROMISED = st.builds(
    promised, performed=st.booleans(), due_on=DAYS, weight=WEIGHTS, purposes=PURPOSES
)
EQUIVALENCES = st.lists(
    st.builds(
        equivalence,
        grade=st.sampled_from(["AAA", "A"]),
        own_grade=st.sampled_from(["A", "B", "特级"]),
        own_method=st.sampled_from([TAX, OTHER]),
    ),
    max_size=2,
).map(tuple)
FACTS = st.builds(
    Facts,
    kinds=st.lists(st.sampled_from(SubjectKind), max_size=2).map(tuple),
    registered_in=st.sampled_from(["", "510500", "500000"]),
    complete=st.booleans(),
    trust=st.lists(HELD, max_size=4).map(tuple),
    against=st.lists(AGAINST, max_size=2).map(tuple),
    promised=st.lists(PROMISED, max_size=3).map(tuple),
    equivalences=EQUIVALENCES,
    scales=st.sampled_from(
        [(), (GradeScale(method=OTHER, edition=OTHER_EDITION, grades=("AAA", "A")),)]
    ),
)
TESTS = st.sampled_from(
    [
        ON_LIST,
        OnList(list_type=TAX_LIST, edition="2024"),
        OnList(list_type="other"),
        A_GRADE,
        replace(A_GRADE, at_least="C"),
        AtLeast(method=OTHER, edition=OTHER_EDITION, at_least="A"),
        CLEAN,
        NoListing(list_types=(SEVERE, "work-safety"), measure=CLEAN.measure),
        RegisteredIn(region="51"),
        RegisteredIn(region="5000"),
        KindOfSubject(kinds=(SubjectKind.ENTERPRISE, SubjectKind.SOLE_TRADER)),
        CommitmentKept(commitment_type="on-time"),
        UnknownTest(),
    ]
)
CONDITIONS = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.builds(AllOf, of=st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(AnyOf, of=st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Negated, condition=inner),
    ),
    max_leaves=8,
)
OFFERED = st.builds(
    offered,
    CONDITIONS,
    refused=st.sampled_from(["", "", "", "benefit.declined"]),
    until=DAYS.filter(lambda day: not 0 < day < DAY),
    further=st.none() | TESTS,
)
SAID = {True: ENTITLED, False: NOT, None: UNDECIDED}


@given(OFFERED, FACTS)
@settings(max_examples=400)
def test_it_agrees_with_a_naive_model(offer: Offered, known: Facts) -> None:
    answer = ask(offer, known)
    assert answer.result is SAID[model(offer, known, DAY)]
    assert answer == ask(offer, known)


@given(OFFERED, FACTS)
def test_every_test_is_answered_once(offer: Offered, known: Facts) -> None:
    answer = ask(offer, known)
    parts = [part for part in (offer.scenario.condition, offer.further) if part is not None]
    tests = [test for part in parts for test in asked_in(part)]
    assert [one.test for one in answer.asked[1:]] == ([] if offer.refused else tests)
    assert len({one.path for one in answer.asked}) == len(answer.asked)


@given(OFFERED, FACTS)
def test_a_yes_stands_until_its_last_day_and_nothing_outlasts_an_end(
    offer: Offered, known: Facts
) -> None:
    answer = ask(offer, known)
    if answer.result is ENTITLED and answer.until:
        assert ask(offer, known, answer.until).result is ENTITLED
    if offer.until:
        assert ask(offer, known, Date(20280101)).result is NOT


@given(
    st.lists(
        st.tuples(
            st.sampled_from(RecognitionAction),
            st.sampled_from([20261101, 20261110, 20261120]),
            st.sampled_from([0, 20261105, 20261115, 20261130, 20270201]),
        ),
        max_size=4,
    ),
    st.integers(20261101, 20261130).map(Date),
)
def test_an_ended_recognition_never_entitles_after_its_end(
    words: list[tuple[RecognitionAction, int, int]], day: Date
) -> None:
    """Nobody is entitled but while the newest word that counts is an acceptance."""
    text = recognising.said(recognising.scenario(condition=None, conditions_text=""))
    said = [
        recognising.word(text, action, index, on, effective_on=Date(from_))
        for index, (action, on, from_) in enumerate(sorted(words, key=lambda one: one[1]))
    ]
    shared = frozenset({recognising.SOUTH})
    offer = offered_as(text.scenario, standing(said, [text], day, shared))
    counting = [one for one in said if max(one.recognition.effective_on, one.said_on) <= day]
    accepted = bool(counting) and counting[-1].action is RecognitionAction.ACCEPTED
    assert (ask(offer, facts(), day).result is ENTITLED) == accepted
    if offer.until and accepted:
        assert ask(offer, facts(), add_days(offer.until, 1)).result is not ENTITLED


def test_what_a_recognition_asks_comes_with_it() -> None:
    text = recognising.said(recognising.scenario(condition=None, conditions_text=""))
    accepted = recognising.word(text, further=CLEAN, conditions_text="无")
    shared = frozenset({recognising.SOUTH})
    offer = offered_as(text.scenario, standing([accepted], [text], DAY, shared))
    assert (offer.further, offer.further_text) == (CLEAN, "无")
    ours = offered_as(text.scenario, standing([], [text], DAY, shared, own=True))
    assert (ours.own, ours.refused) == (True, "")
    nothing = offered_as(text.scenario, standing([], [text], DAY, shared))
    assert (nothing.refused, nothing.unsettled) == ("benefit.not-recognised", False)
    amended = recognising.said(
        recognising.scenario(title="另", condition=CLEAN), 1, action=ScenarioAction.AMENDED
    )
    again = offered_as(amended.scenario, standing([accepted], [text, amended], DAY, shared))
    assert (again.refused, again.unsettled) == ("benefit.amended-since", True)
    assert again.further is None


@given(FACTS, st.sampled_from([SEVERE, "work-safety"]))
def test_what_is_unknown_never_entitles(known: Facts, list_type: str) -> None:
    doubtful = against(list_type=list_type, weight=Weight.DOUBT)
    more = replace(known, against=(*known.against, doubtful))
    clean = NoListing(list_types=(list_type,), measure=CLEAN.measure)
    for condition in (UnknownTest(), Negated(condition=UnknownTest()), clean):
        assert result(condition, more) is not ENTITLED


@given(st.sampled_from([ON_LIST, A_GRADE, AnyOf(of=(ON_LIST, A_GRADE))]), FACTS, HELD)
def test_it_is_monotone_in_what_was_earned(condition: Condition, known: Facts, more: Held) -> None:
    """Who earns one thing more loses nothing; who is listed once more gains nothing."""
    order = {NOT: 0, UNDECIDED: 1, ENTITLED: 2}
    richer = replace(known, trust=(*known.trust, more))
    assert order[result(condition, richer)] >= order[result(condition, known)]
    listed = replace(known, against=(*known.against, against()))
    assert order[result(CLEAN, listed)] <= order[result(CLEAN, known)]
