"""What cannot be right of a listing (M1 to M6): each rule alone, and the words of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.ids import Date
from federation.payloads import SubjectKind, Tier
from federation.reconcile.candidate import Candidate
from federation.reconcile.findings import Finding
from federation.reconcile.plausibility import ORDER, Doubt, doubt, in_future, is_blank
from federation.reconcile.rules import judge
from federation.uscc import DEPARTMENTS, kinds_of, make_uscc
from tests.federation.reconcile.test_rules import CATALOG, CODE, KNOWN, RIGHT

TODAY = Date(20261231)
DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31)).map(
    lambda day: day.year * 10000 + day.month * 100 + day.day
)
BODY = make_uscc("11510500", "YY000001")


def found(today: Date = TODAY, tier: int = Tier.SEVERE, **changes: Any) -> Doubt | None:
    return doubt(RIGHT._replace(tier=Tier.SEVERE, **changes), tier, today)


def code(**changes: Any) -> str:
    said = found(**changes)
    return "" if said is None else said.code


def test_what_is_right_raises_no_doubt() -> None:
    assert found() is None


def test_m1_what_has_not_happened_yet() -> None:
    assert code(decided_on=20270101, listed_on=20270101) == ""  # a day's tolerance, over the year
    assert code(decided_on=20270102, listed_on=20270102) == "date.future"
    assert code(listed_on=20270102) == "date.future"
    assert code(today=Date(20270101), listed_on=20270102) == ""
    assert in_future(20260301, Date(20260228)) is False
    assert in_future(20260302, Date(20260228)) is True


def test_m2_a_prior_notice_after_its_decision() -> None:
    assert code(notice_on=RIGHT.decided_on) == ""
    assert code(notice_on=RIGHT.decided_on + 1) == "notice.after-decision"
    assert code(notice_on=0) == ""


BLANK = (
    " ",
    "\u3000\u00a0\u2003",  # ideographic, no-break, em
    "\u200b\ufeff\u2060",  # zero width
    "\u3164\uffa0\u2800",  # fillers and a braille blank
    "——",
    "／",
    "…、。（）《》",
    "ーー",
    "一",
    "12",
    "①",
    "无",
    " 无。",
    "N/A",
    "ｎｕｌｌ",
    "暂无",
    "（待补充）",
    "\u0301",
    "",
)
NAMED = (
    "民事诉讼法",
    "《公司法》第一百四十六条",
    "令第44号",
    "Act 12",
    "无障碍环境建设法",
    "空气污染防治法",
)


@pytest.mark.parametrize("text", BLANK)
def test_m3_blanks_of_all_kinds_name_no_law(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", NAMED)
def test_m3_a_law_is_named(text: str) -> None:
    assert not is_blank(text)


def test_m3_a_blank_basis_is_none() -> None:
    assert code(blank_basis=True) == "basis.blank"


def test_m4_the_tier_is_that_of_the_list() -> None:
    assert code(tier=Tier.WATCH) == "tier.not-of-list"
    assert code(tier=0) == ""  # the catalog does not have the list
    watched = RIGHT._replace(tier=Tier.WATCH)
    assert doubt(watched, Tier.WATCH, TODAY) is None
    said = doubt(watched, Tier.SEVERE, TODAY)
    assert said is not None
    assert (said.code, said.found, said.expected) == ("tier.not-of-list", "重点关注", "严重失信")


def test_m5_the_kind_is_the_one_of_the_code() -> None:
    assert code(code=BODY, subject_kind=SubjectKind.ENTERPRISE) == "identity.kind-differs"
    assert code(code=BODY, subject_kind=SubjectKind.PUBLIC_BODY) == ""
    assert code(scheme="registration-number", code="510500000000001") == ""
    assert code(code="??") == ""  # its form is another rule's


def test_m5_each_department_and_class_allows_its_own_kind_and_few_others() -> None:
    for head, kind in DEPARTMENTS.items():
        kinds = kinds_of(head)
        assert kinds[0] is kind
        assert (SubjectKind.ENTERPRISE in kinds) == (head == "91")
        assert (SubjectKind.SOLE_TRADER in kinds) == (head == "92")
    assert SubjectKind.SOCIAL_ORGANISATION in kinds_of("13")
    assert kinds_of("Z9") == ()


def test_each_doubt_says_what_was_found_expected_and_to_be_done() -> None:
    said = found(notice_on=20260201)
    assert said is not None
    assert said.message == (
        "实为 告知于 20260201，应为 不晚于决定之日 20260105；请核对告知日期与决定日期"
    )


def test_a_penalty_has_no_tier() -> None:
    penalty: Candidate = RIGHT._replace(list_type="administrative-penalty-ordinary", tier=0)
    assert doubt(penalty, Tier.SEVERE, TODAY) is None


@given(decided=DAYS, listed=st.one_of(st.just(0), DAYS), until=st.one_of(st.just(0), DAYS))
def test_m6_days_that_contradict_each_other_and_no_others(
    decided: int, listed: int, until: int
) -> None:
    """Decided, then listed, then no longer published; a day that is not stated is in any order."""
    stated = [day for day in (decided, listed, until) if day]
    said = found(decided_on=decided, listed_on=listed, until=until, notice_on=0)
    assert ("" if said is None else said.code) == ("" if stated == sorted(stated) else ORDER)
    assert said is None or any(str(day) in said.found for day in stated[1:])
    changed = RIGHT._replace(decided_on=decided, listed_on=listed, until=until, code=CODE)
    held = judge(changed, CATALOG, KNOWN, today=TODAY) is Finding.DATE_ORDER
    assert held == (said is not None)
