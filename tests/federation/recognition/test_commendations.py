"""Is a commendation of another city recognised here: rules CM4 to CM9, and a naive model."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.dates import add_months
from federation.ids import Date, Timestamp
from federation.payloads import SubjectKind
from federation.recognition.commendations import Commended, is_sure, judge_commendation
from federation.reconcile.attestation import Agreement, Attested, Registration
from federation.reconcile.catalog import Catalog
from federation.reconcile.findings import DECIDABLE, RULES, Finding, Outcome
from federation.reconcile.identity import BaseSubject, Status
from federation.uscc import make_uscc
from tests.support.catalogs import catalog_of, edition_text, trust_text

CODE = make_uscc("91510500", "YY000001")
NAME = "虚构企业（演示）"
KNOWN = BaseSubject(CODE, NAME, former_names=("旧名虚构企业（演示）",))
TODAY = Date(20260601)
LIST, TAX = "tax-grade-a", "510500-tax"
METHOD = ("tax-credit", "2014")
RIGHT = Commended(
    scheme="uscc",
    code=CODE,
    name=NAME,
    subject_kind=SubjectKind.ENTERPRISE,
    list_type=LIST,
    authority=TAX,
    decided_on=20260401,
    until=20270430,
    grade="A",
    method="tax-credit",
    edition="2014",
)
TRUST = trust_text(
    "trust",
    {
        LIST: {
            "authorities": [TAX],
            "subjects": ["enterprise"],
            "method": "tax-credit",
            "longest_months": 24,
            "valid_from": "2015-01-01",
        },
        "waits": {"certainty": "M"},
        "plain": {},
    },
    {METHOD: {}, ("other", "2014"): {}, ("tax-credit", "2013"): {"certainty": "M"}},
)
CATALOG = catalog_of(TRUST, edition_text("punished"))
ATTESTED = Attested(
    agreement=Agreement.CURRENT,
    registration=Registration.EXISTING,
    succeeded=False,
    as_of=Timestamp(0),
    now=Timestamp(86_400),
    today=TODAY,
)


def found(
    known: BaseSubject | None = KNOWN, attested: Attested | None = None, **changed: Any
) -> Finding:
    said = RIGHT._replace(**changed)
    return judge_commendation(said, CATALOG, known, attested, today=TODAY)


def test_what_is_right_is_recognised() -> None:
    assert found() is Finding.RECOGNISED
    assert found(name="旧名虚构企业（演示）") is Finding.RECOGNISED
    assert found(grade="", method="", edition="") is Finding.RECOGNISED


@pytest.mark.parametrize(
    ("rule", "changed", "expected"),
    [
        ("CM4", {"code": CODE[:-1] + ("0" if CODE[-1] != "0" else "1")}, Finding.CODE_INVALID),
        ("CM4", {"subject_kind": SubjectKind.UNSPECIFIED}, Finding.COMMENDATION_KIND),
        ("CM4", {"subject_kind": SubjectKind.PUBLIC_BODY}, Finding.KIND_DIFFERS),
        ("CM5", {"list_type": "judgment-defaulter"}, Finding.LIST_PUNISHES),
        ("CM5", {"list_type": "administrative-penalty"}, Finding.LIST_PUNISHES),
        ("CM5", {"list_type": "of-nobody"}, Finding.TRUST_UNKNOWN),
        ("CM5", {"decided_on": 20141231}, Finding.TRUST_UNKNOWN),  # no edition yet
        ("CM5", {"list_type": "waits"}, Finding.LIST_UNCONFIRMED),
        ("CM6", {"authority": "511000-tax"}, Finding.AUTHORITY_NOT_NAMED),
        ("CM6", {"scheme": "x", "subject_kind": SubjectKind.COOPERATIVE}, Finding.SUBJECT_KIND),
        ("CM7", {"decided_on": 20260603}, Finding.FUTURE),
        ("CM7", {"until": 0}, Finding.VALIDITY_MISSING),
        ("CM7", {"until": 20280402}, Finding.VALIDITY_LONG),
        ("CM8", {"grade": "优"}, Finding.GRADE_UNKNOWN),
        ("CM8", {"edition": "2013"}, Finding.GRADE_UNKNOWN),  # nobody confirmed it
        ("CM8", {"edition": "2015"}, Finding.GRADE_UNKNOWN),
        ("CM8", {"method": "other"}, Finding.GRADE_UNKNOWN),  # not that of the list
        ("CM9", {"name": "另一企业（演示）"}, Finding.NAME_MISMATCH),
    ],
)
def test_the_first_rule_that_holds_decides(
    rule: str, changed: dict[str, Any], expected: Finding
) -> None:
    del rule
    assert found(**changed) is expected
    assert RULES[expected].outcome is not Outcome.APPLIED


def test_cm5_awards_outside_the_days_of_the_list_are_held() -> None:
    late = catalog_of(trust_text("late", {LIST: {"valid_from": "2026-04-02"}}))
    finding = judge_commendation(RIGHT, late, KNOWN, today=TODAY)
    assert finding is Finding.LIST_NOT_IN_FORCE


def test_cm5_a_list_that_is_not_known_is_no_fault_of_the_award() -> None:
    assert RULES[Finding.TRUST_UNKNOWN].outcome is Outcome.HELD
    assert Finding.TRUST_UNKNOWN not in DECIDABLE  # an edition cures it, no person


def test_cm7_the_last_days_that_pass() -> None:
    assert found(until=20280401) is Finding.RECOGNISED
    assert found(decided_on=20260602, until=20270101) is Finding.RECOGNISED  # a day's tolerance
    assert found(list_type="plain", until=20990101) is Finding.RECOGNISED  # no longest is known


def test_cm9_who_is_meant_is_certain_or_it_is_held() -> None:
    assert found(known=KNOWN._replace(status=Status.CANCELLED)) is Finding.SUBJECT_CEASED
    assert found(known=KNOWN._replace(successor="x")) is Finding.SUBJECT_CEASED
    assert found(known=None) is Finding.SUBJECT_UNKNOWN
    assert found(None, ATTESTED) is Finding.ATTESTED
    assert found(None, ATTESTED._replace(agreement=Agreement.DIFFERS)) is Finding.ATTESTED_DIFFERS
    old = ATTESTED._replace(now=Timestamp(91 * 86_400))
    assert found(None, old) is Finding.ATTESTATION_OLD
    assert [is_sure(one) for one in (Finding.ATTESTED, Finding.SUBJECT_UNKNOWN)] == [True, False]


def naive(said: Commended, catalog: Catalog, known: BaseSubject | None, today: Date) -> bool:
    """Whether it is recognised, written down as the rules are told: every one of them holds."""
    trusted = {
        "tax-grade-a": ({TAX}, {SubjectKind.ENTERPRISE}, 24, "tax-credit"),
        "plain": (None, set(SubjectKind) - {SubjectKind.UNSPECIFIED}, 0, ""),
    }
    if said.list_type not in trusted or catalog.punishes(said.list_type):
        return False
    authorities, kinds, longest, method = trusted[said.list_type]
    in_days = 20150101 <= said.decided_on <= 20260602
    ends = said.until and (not longest or said.until <= add_months(Date(said.decided_on), longest))
    graded = not said.grade or (
        said.edition == "2014"
        and said.method in ({method} if method else {"tax-credit", "other"})
        and said.grade in "ABC"
    )
    meant = known is not None and known.status != Status.CANCELLED and said.name == known.name
    return bool(
        said.code == CODE
        and said.subject_kind == SubjectKind.ENTERPRISE
        and said.subject_kind in kinds
        and (authorities is None or said.authority in authorities)
        and in_days
        and ends
        and graded
        and meant
        and today == TODAY
    )


@given(
    said=st.builds(
        Commended,
        scheme=st.just("uscc"),
        code=st.sampled_from([CODE, CODE, CODE, CODE[::-1]]),
        name=st.sampled_from([NAME, NAME, NAME, "另一企业（演示）"]),
        subject_kind=st.sampled_from([SubjectKind.ENTERPRISE] * 4 + list(SubjectKind)),
        list_type=st.sampled_from([LIST, LIST, "plain", "plain", "waits", "judgment-defaulter"]),
        authority=st.sampled_from([TAX, TAX, "511000-tax"]),
        decided_on=st.sampled_from([20260401, 20260401, 20141231, 20260602, 20260603]),
        until=st.sampled_from([20270430, 20270430, 0, 20280401, 20990101]),
        grade=st.sampled_from(["A", "A", "", "C", "D"]),
        method=st.sampled_from(["tax-credit", "tax-credit", "other", ""]),
        edition=st.sampled_from(["2014", "2014", "2013", ""]),
    ),
    known=st.sampled_from([KNOWN, KNOWN, None, KNOWN._replace(status=Status.CANCELLED)]),
)
def test_it_agrees_with_the_naive_model(said: Commended, known: BaseSubject | None) -> None:
    finding = judge_commendation(said, CATALOG, known, today=TODAY)
    assert is_sure(finding) is naive(said, CATALOG, known, TODAY)
    assert finding is judge_commendation(said, CATALOG, known, today=TODAY)
    assert finding in RULES  # total: every finding has a rule with its words
