"""What a condition asks, in both languages; total, and nothing of it is left out.

Covers node/texts/conditions.py.
"""

from __future__ import annotations

import pytest
from hypothesis import given

from federation.conditions import (
    AllOf,
    AnyOf,
    AtLeast,
    CommitmentKept,
    Condition,
    KindOfSubject,
    Negated,
    NoListing,
    OnList,
    RegisteredIn,
    UnknownTest,
    asked_in,
)
from federation.payloads import SubjectKind
from node.texts.conditions import Names, explain
from tests.support.payload_strategies import CONDITIONS

NAMES = Names(
    lists=lambda code: {"tax-grade-a": "A级纳税人", "wages": "拖欠工资名单"}.get(code, ""),
    methods=lambda code: {"tax-credit": "纳税信用级别"}.get(code, ""),
    measures=lambda code: {"preferences": "限制享受优惠政策"}.get(code, ""),
    regions=lambda code: {"5105": "泸州市"}.get(code, ""),
)
ON = OnList(list_type="tax-grade-a")
A = "列入守信名单A级纳税人（tax-grade-a）"
A_EN = "on the list of the trustworthy A级纳税人（tax-grade-a）"
WAGES_EN = "拖欠工资名单（wages）, x by which 限制享受优惠政策（preferences） could follow here"

SAID: list[tuple[Condition | None, str, str]] = [
    (None, "无另外的条件", "nothing further is asked"),
    (
        ON,
        "列入守信名单A级纳税人（tax-grade-a）",
        "on the list of the trustworthy A级纳税人（tax-grade-a）",
    ),
    (
        OnList(list_type="aeo", edition="2026"),
        "列入守信名单aeo（2026版）",
        "on the list of the trustworthy aeo, edition 2026",
    ),
    (
        AtLeast(method="tax-credit", edition="2014", at_least="A"),
        "纳税信用级别（tax-credit）（2014版）评定的等级为“A”或更好",
        "grade A or better by 纳税信用级别（tax-credit）, edition 2014",
    ),
    (
        NoListing(list_types=("wages", "x"), measure="preferences"),
        "未被列入拖欠工资名单（wages）、x，以致依本地措施清单须“限制享受优惠政策（preferences）”",
        f"no listing on {WAGES_EN}",
    ),
    (RegisteredIn(region="5105"), "注册地在泸州市（5105）", "registered in 泸州市（5105）"),
    (
        KindOfSubject(kinds=(SubjectKind.ENTERPRISE, SubjectKind.COOPERATIVE)),
        "主体为企业、农民专业合作社",
        "of the kind enterprise or cooperative",
    ),
    (
        CommitmentKept(commitment_type="按期支付工资"),
        "作出过“按期支付工资”承诺并已履行，且无逾期未履行的",
        "made a commitment 按期支付工资 and kept it, and none is overdue",
    ),
    (
        UnknownTest(),
        "本节点不认识的条件（无法判断，不据此给予）",
        "a test that this node does not know (undecided: nobody is entitled by it)",
    ),
    (
        AllOf(of=(ON, AnyOf(of=(RegisteredIn(region="51"), Negated(condition=ON))))),
        f"同时符合（{A}；符合任一（注册地在51；不属于（{A}）））",
        f"all of ({A_EN}; any of (registered in 51; not ({A_EN})))",
    ),
    (AllOf(of=(ON,)), "列入守信名单A级纳税人（tax-grade-a）", ""),
]


@pytest.mark.parametrize(("condition", "zh", "en"), SAID)
def test_what_is_asked_is_said_in_both_languages(
    condition: Condition | None, zh: str, en: str
) -> None:
    said = explain(condition, NAMES)
    assert zh in said.zh
    assert en in said.en


@given(CONDITIONS)
def test_every_condition_has_words_and_every_code_in_it_is_among_them(
    condition: Condition,
) -> None:
    said = explain(condition, Names())
    assert said.zh
    assert said.en
    for test in asked_in(condition):
        match test:
            case OnList():
                codes = [test.list_type, test.edition]
            case AtLeast():
                codes = [test.method, test.edition, test.at_least]
            case NoListing():
                codes = [*test.list_types, test.measure]
            case RegisteredIn():
                codes = [test.region]
            case CommitmentKept():
                codes = [test.commitment_type]
            case _:
                codes = []
        for code in codes:
            assert code in said.zh
            assert code in said.en
