"""What a department is told of one subject at one moment (CK5 to CK12).

Covers federation/screening/checks.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.ids import Date, Origin, Timestamp
from federation.payloads import (
    Penalty,
    PenaltyGrade,
    PenaltyProcedure,
    Source,
    Subject,
    SubjectKind,
    TermQuality,
    Tier,
)
from federation.reconcile.catalog import Catalog
from federation.reconcile.findings import RULES, Finding
from federation.reconcile.held_records import (
    Coverage,
    Identity,
    LogState,
    Predecessor,
    RecordRead,
    counts,
)
from federation.reconcile.identity import BaseSubject, Status
from federation.reconcile.named_subject import (
    CEASED,
    LISTED_OTHERWISE,
    NAME_MISMATCH,
    NAME_REUSED,
    PREDECESSOR,
    SAME_NAME,
)
from federation.rows import State
from federation.screening.checks import (
    COPY,
    NO_MEASURE,
    NO_PUNISHING,
    OWN,
    SUSPENDED,
    Answer,
    Result,
    judge,
)
from federation.screening.questions import read
from federation.subject_names import normal_name
from tests.support import charters as build
from tests.support.catalogs import catalog_of
from tests.support.held import AUDIENCE, KNOWN, ORIGIN, record
from tests.support.invented import code_of, name_of
from tests.support.screened import (
    BARE,
    MATTER,
    MEASURE,
    asked,
    matters_text,
    screening_catalog,
)
from tests.support.simulation import listing

TODAY = Date(20261129)
OK = Coverage(origin=ORIGIN, region="510500", name="泸州", size=9, head_age_s=5, state=LogState.OK)


def penalty() -> Penalty:
    return Penalty(
        audience=AUDIENCE,
        subject=Subject(
            scheme="uscc", code=code_of(1), name=name_of(1), kind=SubjectKind.ENTERPRISE
        ),
        authority=build.COURT,
        authority_name="虚构局（演示）",
        document="川05罚〔2026〕1号",
        categories=("罚款",),
        decided_on=Date(20260105),
        publish_until=Date(20281231),
        term=TermQuality.STATED,
        grade=PenaltyGrade.ORDINARY,
        procedure=PenaltyProcedure.ORDINARY,
        source=Source(department="d", batch="1", row=1, key="1"),
    )


def checked(
    *records: RecordRead,
    known: BaseSubject | None = KNOWN,
    predecessors: Sequence[Predecessor] = (),
    namesakes: Sequence[RecordRead] = (),
    coverage: Sequence[Coverage] = (OK,),
    catalog: Catalog | None = None,
    **question: Any,
) -> Answer:
    catalog = catalog or screening_catalog()
    one = read(asked(**question))
    matter = catalog.matter(one.matter, TODAY)
    assert matter is not None
    return judge(
        one,
        number="511500-20261129-000000000001",
        at=Timestamp(build.NOW),
        today=TODAY,
        matter=matter,
        records=records,
        identity=Identity(
            known=known, predecessors=tuple(predecessors), namesakes=tuple(namesakes)
        ),
        coverage=coverage,
        catalog=catalog,
    )


def reasons(answer: Answer) -> list[str]:
    return [reason.code for reason in answer.reasons]


def test_nothing_held_is_clear_and_a_record_that_counts_is_a_match_with_its_measure() -> None:
    assert checked().result is Result.CLEAR
    answer = checked(record())
    assert (answer.result, answer.reasons, answer.notes) == (Result.MATCH, (), ())
    (match,) = answer.matches
    assert [one.measure.code for one in match.measures] == [MEASURE]
    assert (match.rule, match.no_measure, match.obliges) == ("record.recognised", "", True)
    assert match.regions == ("510500",)
    reference = match.reference
    assert (reference.origin, reference.index, reference.until) == (ORIGIN, 1, 20281231)
    assert (reference.list_name, reference.document) == ("失信名单（演示）", "（2026）川05执1号")


@pytest.mark.parametrize("state", [state for state in State if state is not State.ACTIVE])
def test_ck5_only_what_is_active_counts(state: State) -> None:
    assert checked(record(state=state)) == checked()


def test_ck5_what_is_doubtful_does_not_count() -> None:
    for rule in ("log.stale", "log.forked", "charter.expired", "correction.two", COPY):
        assert checked(record(rule=rule)) == checked(), rule


def test_ck5_what_has_no_last_day_does_not_count() -> None:
    for ours in (True, False):
        finding = Finding.NONE if ours else Finding.RECOGNISED
        assert checked(record(ours=ours, finding=finding, until=Date(0))) == checked()


def test_ck5_only_what_this_city_recognises_counts() -> None:
    used = {number for number in RULES if checked(record(finding=number)).result is Result.MATCH}
    assert used == {
        Finding.RECOGNISED,
        Finding.DECIDED_USE,
        Finding.COMPLETED,
        Finding.ATTESTED,
        Finding.NOTED,
    }
    assert checked(record(finding=Finding.NONE)) == checked()
    assert checked(record(finding=999)) == checked()


def test_ck5_of_our_own_what_has_a_ground_counts() -> None:
    (match,) = checked(record(ours=True, finding=Finding.NONE)).matches
    assert match.rule == OWN
    for finding in (Finding.GROUND_MISSING, Finding.OTHER_SUBJECT):
        assert checked(record(ours=True, finding=finding)) == checked()
    assert checked(record(ours=True, finding=Finding.DECIDED_USE)).result is Result.MATCH
    assert checked(record(ours=True, finding=Finding.NONE, rule="log.forked")) == checked()


def test_ck5_a_record_is_used_for_the_purposes_of_its_audience_alone() -> None:
    one = record(purposes=frozenset({"audit"}))
    assert checked(one) == checked()
    assert checked(one, purpose="audit").result is Result.MATCH


def test_ck6_penalties_and_watch_lists_are_notes() -> None:
    watched = replace(listing(2, audience=AUDIENCE), tier=Tier.WATCH)
    watched = replace(watched, subject=listing(1, audience=AUDIENCE).subject)
    answer = checked(
        record(1, content=penalty(), finding=Finding.NOTED),
        record(2, number=2, content=watched),
    )
    assert (answer.result, answer.matches) == (Result.CLEAR, ())
    assert [note.kind for note in answer.notes] == ["penalty", "watch-list"]
    assert answer.notes[0].reference.document == "川05罚〔2026〕1号"
    assert checked(record(1, content=penalty(), finding=Finding.NOTED, state=State.MASKED)) == (
        checked()
    )


def test_ck7_copies_are_one_match_and_only_those_that_would_count_are_named() -> None:
    other = Origin("510300.huxin.example/1")
    mine = record(3, ours=True, finding=Finding.NONE, region="511500")
    merged = record(4, origin=other, region="510300", rule=COPY, finding=Finding.COPY)
    (match,) = checked(merged, record(), mine).matches
    assert (match.rule, match.regions) == (OWN, ("511500", "510300", "510500"))
    for hidden in (
        replace(merged, state=State.MASKED),
        replace(merged, rule="identity.name-mismatch", finding=Finding.NAME_MISMATCH),
        replace(merged, purposes=frozenset()),
        replace(merged, record=b"of another record"),
    ):
        (match,) = checked(hidden, mine).matches
        assert match.regions == ("511500",)


def test_ck8_a_code_that_breaks_the_standard_is_insufficient() -> None:
    wrong = code_of(1)[:-1] + ("A" if code_of(1)[-1] != "A" else "B")
    answer = checked(record(), known=None, code=wrong)
    assert (answer.result, reasons(answer)) == (
        Result.INSUFFICIENT,
        ["identity.code-check-digit"],
    )
    assert answer.matches == ()


def test_ck8_a_name_that_is_not_the_codes_is_insufficient_and_the_names_known_are_told() -> None:
    for records in ((), (record(),)):
        answer = checked(*records, name="别的公司（演示）")
        assert (answer.result, reasons(answer)) == (Result.INSUFFICIENT, [NAME_MISMATCH])
        assert answer.reasons[0].said == (name_of(1), "旧名（演示）")
        assert answer.matches == ()
    assert checked(record(), name="旧名（演示）").result is Result.MATCH


def test_ck8_a_subject_that_ceased_is_insufficient() -> None:
    gone = KNOWN._replace(status=Status.CANCELLED, successor=code_of(2))
    answer = checked(record(), known=gone)
    assert (answer.result, reasons(answer)) == (Result.INSUFFICIENT, [CEASED])
    assert answer.reasons[0].said == (code_of(2),)


def test_ck8_a_name_that_was_anothers_is_used_against_nobody() -> None:
    reused = KNOWN._replace(reused_names=(normal_name(name_of(1)),))
    answer = checked(record(), known=reused)
    assert (answer.result, reasons(answer)) == (Result.INSUFFICIENT, [NAME_REUSED])
    assert answer.matches == ()
    assert checked(known=reused).result is Result.CLEAR


def test_ck8_a_record_under_the_code_that_states_another_name_is_no_match() -> None:
    other = record(content=listing(1, audience=AUDIENCE, name="乙公司（演示）"))
    for known in (KNOWN, None):
        answer = checked(other, known=known)
        assert (answer.result, reasons(answer)) == (Result.INSUFFICIENT, [LISTED_OTHERWISE])
        by = f"{other.content.authority_name} {other.content.document}"
        assert (answer.matches, answer.reasons[0].said) == ((), (by,))
    formerly = record(content=listing(1, audience=AUDIENCE, name="旧名（演示）"))
    assert checked(formerly).result is Result.MATCH
    assert checked(replace(other, state=State.MASKED)) == checked()


def test_ck9_what_is_listed_of_a_predecessor_is_for_the_authority() -> None:
    before = BaseSubject(code_of(2), name_of(2), successor=code_of(1))
    ceased = record(2, number=2, rule=CEASED, finding=Finding.SUBJECT_CEASED)
    for one in (ceased, record(2, number=2)):
        answer = checked(predecessors=[Predecessor(subject=before, records=(one,))])
        assert (answer.result, reasons(answer)) == (Result.INSUFFICIENT, [PREDECESSOR])
        assert answer.reasons[0].said == (f"{code_of(2)} {name_of(2)}",)
        assert answer.matches == ()
    for hidden in (
        replace(ceased, state=State.MASKED),
        replace(ceased, rule="log.stale"),
        replace(ceased, purposes=frozenset()),
        replace(ceased, content=penalty()),
    ):
        answer = checked(predecessors=[Predecessor(subject=before, records=(hidden,))])
        assert answer == checked()
    answer = checked(record(), predecessors=[Predecessor(subject=before, records=(ceased,))])
    assert (answer.result, reasons(answer)) == (Result.MATCH, [PREDECESSOR])


def test_ck10_two_firms_of_one_name_are_never_a_match() -> None:
    namesake = record(content=listing(2, audience=AUDIENCE, name=name_of(1)))
    answer = checked(known=None, namesakes=[namesake])
    assert (answer.result, reasons(answer), answer.matches) == (
        Result.INSUFFICIENT,
        [SAME_NAME],
        (),
    )
    assert checked(namesakes=[namesake]).result is Result.CLEAR
    assert checked(record(), known=None, namesakes=[namesake]).result is Result.MATCH
    hidden = replace(namesake, state=State.MASKED)
    assert checked(known=None, namesakes=[hidden]) == checked(known=None)


def test_ck11_a_matter_without_a_measure_says_so() -> None:
    (match,) = checked(record(), matter=BARE).matches
    assert (match.measures, match.no_measure, match.obliges) == ((), NO_MEASURE, False)


def test_ck11_a_list_that_the_catalog_does_not_have_leads_to_no_measure() -> None:
    content = replace(listing(1, audience=AUDIENCE), list_type="unheard-of")
    (match,) = checked(record(ours=True, finding=Finding.NONE, content=content)).matches
    assert (match.measures, match.no_measure) == ((), NO_MEASURE)
    assert match.reference.list_name == ""


def test_ck11_an_open_objection_suspends_where_the_matter_says_so() -> None:
    (match,) = checked(record(objection=True)).matches
    assert (match.measures, match.no_measure) == ((), SUSPENDED)
    (match,) = checked(record(objection=True), catalog=screening_catalog(suspends=False)).matches
    assert match.obliges


def test_ck11_an_objection_to_a_copy_of_the_record_suspends_too() -> None:
    other = Origin("510300.huxin.example/1")
    copy = record(4, origin=other, rule=COPY, finding=Finding.COPY, annotations=("objection",))
    (match,) = checked(record(), replace(copy, objection=True)).matches
    assert (match.measures, match.no_measure, match.annotations) == ((), SUSPENDED, ("objection",))
    for hidden in ({"record": b"of another record"}, {"rule": "log.stale"}):
        (match,) = checked(record(), replace(copy, objection=True, **hidden)).matches
        assert match.obliges
        assert match.annotations == ()


def test_ck11_after_the_longest_time_of_the_list_nothing_follows() -> None:
    document = yaml.safe_load(matters_text())
    document["lists"][build.COURT_LIST]["longest_months"] = 12
    catalog = catalog_of(yaml.safe_dump(document, allow_unicode=True))
    made = listing(1, audience=AUDIENCE)
    for decided_on, why in ((20251129, ""), (20251128, NO_MEASURE)):
        mine = record(ours=True, content=replace(made, decided_on=Date(decided_on)))
        (match,) = checked(replace(mine, finding=Finding.NONE), catalog=catalog).matches
        assert match.no_measure == why


def test_ck11_a_ban_for_a_time_blocks_by_the_day_of_its_decision() -> None:
    document = yaml.safe_load(matters_text())
    document["matters"][MATTER]["rows"][MEASURE] |= {
        "block": True,
        "block_months": 12,
        "article": "演示办法第五条",
        "certainty": "C",
    }
    catalog = catalog_of(yaml.safe_dump(document, allow_unicode=True))
    made = listing(1, audience=AUDIENCE)
    for decided_on, cls in ((20251129, "block"), (20251128, "prompt")):
        content = replace(made, decided_on=Date(decided_on))
        (match,) = checked(record(content=content), catalog=catalog).matches
        assert [one.cls.value for one in match.measures] == [cls]


@pytest.mark.parametrize(("months", "cls"), [(12, "block"), (6, "prompt")])
def test_ck11_a_measure_blocks_as_long_as_is_certain_after_the_decision(
    months: int, cls: str
) -> None:
    catalog = catalog_of(
        matters_text(
            block=True, block_months=months, article="演示办法第五条", certainty="C", source="演示"
        )
    )
    (match,) = checked(record(), catalog=catalog).matches
    assert [one.cls for one in match.measures] == [cls]


def test_ck11_a_measure_follows_for_joint_punishment_alone() -> None:
    (match,) = checked(record(), purpose="audit").matches
    assert (match.measures, match.no_measure) == ((), NO_PUNISHING)


@pytest.mark.parametrize("state", list(LogState))
def test_ck12_complete_and_coverage_depend_on_logs_alone(state: LogState) -> None:
    coverage = (OK, replace(OK, origin=Origin("x.example/1"), state=state))
    for records in ((), (record(),), (record(state=State.MASKED),)):
        for known in (KNOWN, None):
            answer = checked(*records, known=known, coverage=coverage)
            assert answer.complete is (state is LogState.OK)
            assert answer.coverage == coverage
    assert checked(name="别的公司（演示）", coverage=coverage).coverage == coverage


RECORDS = st.builds(
    record,
    st.integers(0, 5),
    st.integers(1, 3),
    origin=st.sampled_from([ORIGIN, Origin("510300.huxin.example/1")]),
    ours=st.booleans(),
    state=st.sampled_from(State),
    rule=st.sampled_from(["", "", "log.stale", COPY, CEASED]),
    finding=st.sampled_from([*Finding, 999]),
    content=st.sampled_from(
        [
            listing(1, audience=AUDIENCE),
            listing(1, audience=AUDIENCE, name="旧名（演示）"),
            replace(listing(1, audience=AUDIENCE), tier=Tier.WATCH),
            replace(listing(1, audience=AUDIENCE), list_type="unheard-of"),
            penalty(),
        ]
    ),
    purposes=st.sampled_from([frozenset(AUDIENCE.purposes), frozenset[str]()]),
    objection=st.booleans(),
)


@settings(max_examples=150)
@given(
    st.lists(RECORDS, max_size=6, unique_by=lambda one: (one.origin, one.index)),
    st.lists(RECORDS, max_size=2),
    st.sampled_from([KNOWN, None, KNOWN._replace(reused_names=(normal_name(name_of(1)),))]),
    st.sampled_from([name_of(1), "旧名（演示）", "别的公司（演示）"]),
    st.sampled_from(["joint-punishment", "audit", "supervision"]),
    st.sampled_from([MATTER, BARE]),
)
def test_no_answer_names_a_measure_for_what_does_not_count_nor_betrays_it(
    records: list[RecordRead],
    namesakes: list[RecordRead],
    known: BaseSubject | None,
    name: str,
    purpose: str,
    matter: str,
) -> None:
    asking: dict[str, Any] = {"known": known, "name": name, "purpose": purpose, "matter": matter}
    answer = checked(*records, namesakes=namesakes, **asking)
    counting = {(one.origin, one.index): one for one in records if counts(one, purpose)}
    for one in counting.values():
        assert (one.state, one.rule) == (State.ACTIVE, "")
        assert purpose in one.purposes
    for match in answer.matches:
        assert (match.reference.origin, match.reference.index) in counting
        assert bool(match.measures) != bool(match.no_measure)
        assert not match.measures or purpose == "joint-punishment"
    assert (answer.result is Result.MATCH) == bool(answer.matches)
    copy: dict[str, Any] = {"rule": "", "ours": False, "finding": Finding.RECOGNISED}
    shown = [
        one
        for one in records
        if counts(one, purpose) or (one.rule == COPY and counts(replace(one, **copy), purpose))
    ]
    seen = [one for one in namesakes if counts(one, purpose)]
    assert answer == checked(*shown, namesakes=seen, **asking)
    assert answer == checked(*reversed(records), namesakes=namesakes, **asking)
