"""The rules of the reconciliation, each in its turn; copies; the order of the questions."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.ids import Date, Timestamp
from federation.payloads import SubjectKind, Tier
from federation.ports.journal import Decision
from federation.reconcile.attestation import Agreement, Attested, Registration
from federation.reconcile.candidate import Candidate
from federation.reconcile.cases import decided, rejected_before
from federation.reconcile.catalog import Catalog
from federation.reconcile.copies import CURABLE, Copy, arrange, is_sound
from federation.reconcile.findings import (
    DECIDABLE,
    HELD_FINDINGS,
    RULES,
    Finding,
    Outcome,
    obstacle,
    table,
)
from federation.reconcile.identity import BaseSubject, Status
from federation.reconcile.rules import judge
from federation.uscc import make_uscc
from tests.support.catalogs import catalog_of, edition_text

CODE = make_uscc("91510500", "YY000001")
NAME = "虚构企业（演示）"
KNOWN = BaseSubject(CODE, NAME, former_names=("旧名虚构企业（演示）",))
RIGHT = Candidate(
    scheme="uscc",
    code=CODE,
    name=NAME,
    subject_kind=SubjectKind.ENTERPRISE,
    list_type="judgment-defaulter",
    authority="510500-court",
    has_document=True,
    has_basis=True,
    decided_on=20260105,
    listed_on=20260110,
    notice_on=20251220,
    until=20281231,
)
CATALOG = catalog_of(
    edition_text(longest_months=36, authorities=["510500-court"], subjects=["enterprise"])
)


ATTESTED = Attested(
    agreement=Agreement.CURRENT,
    registration=Registration.EXISTING,
    succeeded=False,
    as_of=Timestamp(1_790_000_000),
    now=Timestamp(1_790_000_000),
    today=Date(20260921),
)
DAY = 86_400
TODAY = Date(20260921)


def finding(
    catalog: Catalog = CATALOG, known: BaseSubject | None = KNOWN, **changed: Any
) -> Finding:
    return judge(RIGHT._replace(**changed), catalog, known, today=TODAY)


def attested(catalog: Catalog = CATALOG, **said: Any) -> Finding:
    """What becomes of a listing whose subject the library does not know, by its home's word."""
    return judge(RIGHT, catalog, None, ATTESTED._replace(**said), today=TODAY)


WRONG: dict[Finding, Callable[[], Finding]] = {
    Finding.CODE_INVALID: lambda: finding(code=CODE[:-1] + ("0" if CODE[-1] != "0" else "1")),
    Finding.DATE_ORDER: lambda: finding(listed_on=20260104),
    Finding.DOCUMENT_MISSING: lambda: finding(has_document=False),
    Finding.LIST_UNKNOWN: lambda: finding(list_type="unheard-of"),
    Finding.GROUND_MISSING: lambda: finding(catalog_of(edition_text(layer="joint"))),
    Finding.LIST_NOT_IN_FORCE: lambda: finding(catalog_of(edition_text(order_from="2026-01-06"))),
    Finding.LIST_UNCONFIRMED: lambda: finding(catalog_of(edition_text(certainty="M"))),
    Finding.AUTHORITY_NOT_NAMED: lambda: finding(authority="510500-market"),
    Finding.SUBJECT_KIND: lambda: finding(subject_kind=SubjectKind.COOPERATIVE),
    Finding.FUTURE: lambda: finding(listed_on=20260923),
    Finding.NOTICE_AFTER: lambda: finding(notice_on=20260106),
    Finding.BASIS_BLANK: lambda: finding(blank_basis=True),
    Finding.TIER: lambda: finding(tier=Tier.WATCH),
    Finding.KIND_DIFFERS: lambda: finding(code=make_uscc("11510500", "YY000001")),
    Finding.BASIS_MISSING: lambda: finding(has_basis=False),
    Finding.NOTICE_MISSING: lambda: finding(notice_on=0),
    Finding.PERIOD_MISSING: lambda: finding(until=0),
    Finding.PERIOD_LONG: lambda: finding(until=20290106),
    Finding.SUBJECT_UNKNOWN: lambda: finding(known=None),
    Finding.SUBJECT_CEASED: lambda: finding(known=KNOWN._replace(status=Status.CANCELLED)),
    Finding.NAME_MISMATCH: lambda: finding(name="虚构企业甲（演示）"),
    Finding.ATTESTED_DIFFERS: lambda: attested(agreement=Agreement.DIFFERS),
    Finding.ATTESTED_UNKNOWN: lambda: attested(agreement=Agreement.UNKNOWN),
    Finding.UNATTESTED: lambda: attested(agreement=Agreement.NOT_ANSWERED),
    Finding.ATTESTATION_OLD: lambda: attested(now=Timestamp(ATTESTED.as_of + 90 * DAY + 1)),
    Finding.NAME_REUSED: lambda: finding(
        name="旧名虚构企业(演示)", known=KNOWN._replace(reused_names=("旧名虚构企业(演示)",))
    ),
}


def test_what_breaks_no_rule_is_recognised() -> None:
    assert finding() is Finding.RECOGNISED
    assert finding(until=20290105) is Finding.RECOGNISED
    assert finding(name=KNOWN.former_names[0]) is Finding.RECOGNISED
    assert finding(known=KNOWN._replace(status=Status.REVOKED)) is Finding.RECOGNISED
    assert finding(known=KNOWN._replace(reused_names=("旧名虚构企业(演示)",))) is Finding.RECOGNISED


@pytest.mark.parametrize("expected", WRONG)
def test_each_rule_fires(expected: Finding) -> None:
    assert WRONG[expected]() is expected


def test_every_rule_of_judge_has_its_case_here() -> None:
    elsewhere = {
        Finding.NONE,
        Finding.CONFLICT,
        Finding.COPY,
        Finding.RECOGNISED,
        Finding.ATTESTED,
        Finding.COMPLETED,
        Finding.DECIDED_USE,
        Finding.DECIDED_REJECT,
        Finding.NOTED,
        Finding.SIMILAR,
        Finding.OTHER_SUBJECT,
        # of commendations: tests/federation/recognition/test_commendations.py
        Finding.COMMENDATION_KIND,
        Finding.LIST_PUNISHES,
        Finding.TRUST_UNKNOWN,
        Finding.VALIDITY_MISSING,
        Finding.VALIDITY_LONG,
        Finding.GRADE_UNKNOWN,
    }
    assert set(WRONG) == set(Finding) - elsewhere


def test_no_person_decides_a_doubt_where_only_a_catalog_could() -> None:
    """The catalog is asked first: two persons who use a listing do not recognise its list too."""
    assert finding(list_type="unheard-of", blank_basis=True) is Finding.LIST_UNKNOWN
    assert finding(authority="510500-market", notice_on=20260106) is Finding.AUTHORITY_NOT_NAMED


def test_a_doubt_is_cured_by_no_other_copy() -> None:
    assert finding(has_basis=False, notice_on=20260106) is Finding.NOTICE_AFTER
    lacking = RIGHT._replace(has_basis=False, code=make_uscc("11510500", "YY000001"))
    assert not is_sound(lacking, CATALOG, KNOWN, today=TODAY)


def test_what_its_home_attests_is_recognised() -> None:
    assert attested() is Finding.ATTESTED
    assert attested(agreement=Agreement.FORMER) is Finding.ATTESTED
    assert attested(registration=Registration.REVOKED) is Finding.ATTESTED
    assert attested(registration=Registration.MOVED) is Finding.ATTESTED
    assert attested(now=Timestamp(ATTESTED.as_of + 90 * DAY)) is Finding.ATTESTED


def test_what_its_home_does_not_make_certain_is_held() -> None:
    assert attested(registration=Registration.DEREGISTERED) is Finding.SUBJECT_CEASED
    assert attested(succeeded=True) is Finding.SUBJECT_CEASED
    assert attested(registration=Registration.UNKNOWN) is Finding.UNATTESTED
    assert attested(agreement=Agreement.REUSED) is Finding.NAME_REUSED


def test_the_catalog_says_for_how_many_days_its_home_is_believed() -> None:
    text = edition_text("few").replace("layer:", "attestation_days: 7\nlayer:")
    more = edition_text("more").replace("layer:", "attestation_days: 30\nlayer:")
    catalog = catalog_of(edition_text(), more, text)
    assert catalog.attestation_days(ATTESTED.today) == 7
    assert attested(catalog, now=Timestamp(ATTESTED.as_of + 7 * DAY)) is Finding.ATTESTED
    assert attested(catalog, now=Timestamp(ATTESTED.as_of + 7 * DAY + 1)) is Finding.ATTESTATION_OLD
    assert CATALOG.attestation_days(ATTESTED.today) == 90


def test_our_own_library_is_asked_first_and_other_rules_before_both() -> None:
    wrong = RIGHT._replace(name="虚构企业甲（演示）")
    assert judge(wrong, CATALOG, KNOWN, ATTESTED, today=TODAY) is Finding.NAME_MISMATCH
    bare = RIGHT._replace(has_basis=False)
    assert judge(bare, CATALOG, None, ATTESTED, today=TODAY) is Finding.BASIS_MISSING


def test_a_person_who_rejected_keeps_the_question() -> None:
    unknown = Finding.SUBJECT_UNKNOWN
    assert rejected_before([said("reject", about=unknown)]) == unknown
    assert rejected_before([said("reject", about=unknown), said("reopen", about=unknown)]) is None
    assert rejected_before([said("use", about=unknown)]) is None
    assert rejected_before([said("reject", about=Finding.NAME_MISMATCH)]) is None


def test_a_successor_is_asked_about() -> None:
    successor = make_uscc("91510500", "YY000002")
    assert finding(known=KNOWN._replace(successor=successor)) is Finding.SUBJECT_CEASED


def test_a_published_end_before_the_decision_is_a_contradiction() -> None:
    assert finding(until=20260104) is Finding.DATE_ORDER


def test_the_edition_in_force_at_the_decision_judges() -> None:
    catalog = catalog_of(edition_text("new", valid_from="2021-01-01"))
    assert finding(catalog) is Finding.RECOGNISED
    early: dict[str, Any] = {"decided_on": 20201231, "listed_on": 20201231, "until": 20211231}
    assert finding(catalog, **early) is Finding.LIST_UNKNOWN


def test_rules_are_numbered_stably_and_described_in_both_languages() -> None:
    assert {number: rule.code for number, rule in RULES.items()} == {
        1: "identity.code-invalid",
        2: "date.order",
        3: "document.missing",
        4: "catalog.list-unknown",
        5: "catalog.list-unconfirmed",
        6: "catalog.authority-not-named",
        7: "catalog.subject-kind",
        8: "basis.missing",
        9: "notice.missing",
        10: "period.missing",
        11: "period.long",
        12: "identity.subject-unknown",
        13: "identity.subject-ceased",
        14: "identity.name-mismatch",
        15: "record.conflict",
        16: "record.copy",
        17: "record.recognised",
        18: "decision.use",
        19: "decision.reject",
        20: "identity.name-reused",
        21: "record.completed",
        22: "identity.attested",
        23: "identity.attested-differs",
        24: "identity.attested-unknown",
        25: "identity.unattested",
        26: "identity.attestation-old",
        30: "record.noted",
        31: "relief.similar",
        40: "catalog.ground-missing",
        41: "catalog.list-not-in-force",
        50: "date.future",
        51: "notice.after-decision",
        52: "basis.blank",
        53: "tier.not-of-list",
        54: "identity.kind-differs",
        60: "identity.other-subject",
        70: "commendation.kind",
        71: "commendation.list-punishes",
        72: "commendation.list-unknown",
        73: "commendation.validity-missing",
        74: "commendation.validity-long",
        75: "commendation.grade-unknown",
    }
    assert all(rule.chinese and rule.english for rule in RULES.values())


def test_only_what_is_applied_is_used() -> None:
    assert obstacle(Finding.NONE) == "reconcile.pending"
    for number, rule in RULES.items():
        assert (obstacle(number) == "") == (rule.outcome is Outcome.APPLIED)


def test_no_person_decides_what_only_a_catalog_cures() -> None:
    assert Finding.LIST_UNCONFIRMED in HELD_FINDINGS
    assert Finding.LIST_UNCONFIRMED not in DECIDABLE
    assert {Finding.NAME_MISMATCH, Finding.NOTICE_MISSING, Finding.CONFLICT} <= DECIDABLE


# ---------------------------------------------------------------- copies


def copy(log: int, rank: int = 1, **changed: Any) -> Copy:
    made = Copy((log, 0), (rank, f"{log}", 0), 20260105, 20281231, Finding.RECOGNISED)
    return made._replace(**changed)


def test_of_copies_that_agree_the_one_with_most_authority_counts() -> None:
    copies = [copy(3, rank=2), copy(2, rank=1), copy(1, rank=1)]
    for order in permutations(copies):
        assert arrange(order) == {
            (1, 0): Finding.RECOGNISED,
            (2, 0): Finding.COPY,
            (3, 0): Finding.COPY,
        }


def test_copies_that_contradict_each_other_are_held() -> None:
    for changed in ({"until": 20271231}, {"decided_on": 20260104}):
        found = arrange([copy(1), copy(2, **changed)])
        assert set(found.values()) == {Finding.CONFLICT}


TAKING = {
    Finding.CONFLICT,
    Finding.COPY,
    Finding.RECOGNISED,
    Finding.ATTESTED,
    Finding.COMPLETED,
    Finding.DECIDED_USE,
    *CURABLE,
}


@given(st.sampled_from(sorted(set(Finding) - TAKING)))
def test_copies_that_are_not_recognised_take_no_part(other: Finding) -> None:
    found = arrange([copy(1, finding=other, until=20271231), copy(2)])
    assert found == {(1, 0): other, (2, 0): Finding.RECOGNISED}


def test_what_persons_recognised_is_compared_like_the_rest() -> None:
    used = copy(1, finding=Finding.DECIDED_USE)
    assert arrange([used, copy(2)]) == {(1, 0): Finding.DECIDED_USE, (2, 0): Finding.COPY}
    assert arrange([used, copy(2, rank=0)]) == {(1, 0): Finding.COPY, (2, 0): Finding.RECOGNISED}
    found = arrange([used, copy(2, until=20271231)])
    assert set(found.values()) == {Finding.CONFLICT}


def test_what_its_home_attests_is_compared_like_the_rest() -> None:
    one = copy(1, finding=Finding.ATTESTED)
    assert arrange([one, copy(2)]) == {(1, 0): Finding.ATTESTED, (2, 0): Finding.COPY}
    bare = copy(2, rank=0, finding=Finding.NOTICE_MISSING, has_notice=False)
    assert arrange([one, bare]) == {(1, 0): Finding.COPY, (2, 0): Finding.COMPLETED}
    whole = RIGHT._replace(notice_on=0)
    assert is_sound(whole, CATALOG, None, ATTESTED, today=TODAY)
    assert not is_sound(whole, CATALOG, None, today=TODAY)


def test_a_copy_counts_again_when_the_one_before_it_is_gone() -> None:
    assert arrange([copy(2, finding=Finding.COPY)]) == {(2, 0): Finding.RECOGNISED}
    assert arrange([copy(2, finding=Finding.CONFLICT)]) == {(2, 0): Finding.RECOGNISED}


# ---------------------------------------------------------------- decisions


def said(verdict: str, person: str = "张某", about: int = Finding.NAME_MISMATCH) -> Decision:
    return Decision(
        at=Timestamp(0),
        log=1,
        index=0,
        finding=about,
        verdict=verdict,
        person=person,
        reason="已核对",
    )


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [
        ([], None),
        ([said("use")], None),
        ([said("use"), said("use")], None),
        ([said("use"), said("use", "李某")], Finding.DECIDED_USE),
        ([said("reject")], Finding.DECIDED_REJECT),
        ([said("use"), said("reject"), said("use", "李某")], Finding.DECIDED_REJECT),
        ([said("reject"), said("use"), said("use", "李某")], Finding.DECIDED_REJECT),
        (
            [said("reject"), said("reopen"), said("use"), said("use", "李某")],
            Finding.DECIDED_USE,
        ),
        ([said("use"), said("use", "李某"), said("reopen")], None),
        ([said("reject"), said("reopen"), said("use")], None),
        ([said("reject", about=Finding.NOTICE_MISSING)], None),
    ],
)
def test_decisions(decisions: list[Decision], expected: Finding | None) -> None:
    assert decided(decisions, Finding.NAME_MISMATCH) is expected


def test_the_documents_table_is_that_of_the_rules() -> None:
    text = (Path(__file__).parents[3] / "docs" / "reconciliation.md").read_text("utf-8")
    assert f"\n{table()}\n" in text


@pytest.mark.parametrize(
    ("attested_from", "attested_to", "accepted"),
    [
        (20260105, 20260105, True),
        (20250101, 20261231, True),
        (20260106, 20261231, False),
        (20250101, 20260104, False),
        (0, 20261231, False),
        (0, 0, False),
    ],
)
def test_an_attestation_stands_for_the_date_on_the_days_that_it_covers(
    attested_from: int, attested_to: int, accepted: bool
) -> None:
    found = finding(notice_on=0, attested_from=attested_from, attested_to=attested_to)
    assert (found is Finding.RECOGNISED) == accepted
    if not accepted:
        assert found is Finding.NOTICE_MISSING
