"""The queue of cases: search, age, what waits for whom, and several cases beside each other.

Covers node/console/pages/cases.py, node/console/pages/case_several.py,
node/console/pages/case_sides.py.
"""

from __future__ import annotations

import html
from typing import Any

import pytest

from federation.screening.roles import Role
from node.console.pages.cases import LONG_DAYS
from tests.node.console.test_cases import EVIL, ID, SHOWN, body, brief, case
from tests.support.console import Browser, FakeNode, problem, signed_in

OTHER, THIRD = "0b" * 16, "0c" * 16
CATALOG = {
    "lists": [{"list_type": "unpaid-migrant-wages", "name": "拖欠农民工工资名单"}],
    "trust_lists": [],
}
SAID = {"verdict": "reject", "reason": "已与登记机关核对", "seen": "1"}


def queue(*cases: dict[str, Any], role: Role = Role.REVIEWER, token: str = "") -> FakeNode:
    page = {"cases": list(cases), "next_page_token": token}
    return FakeNode(
        roles=(role,),
        replies={
            ("GET", "/v1/cases"): page,
            ("POST", "/v1/cases:search"): page,
            ("GET", "/v1/catalog"): CATALOG,
        },
    )


def beside(*cases: dict[str, Any]) -> FakeNode:
    made = queue(*cases)
    for one in cases:
        number = one["statement_id"]
        made.replies["GET", f"/v1/cases/{number}"] = one
        done = {"verdict": "reject", "second_person_needed": False}
        made.replies["POST", f"/v1/cases/{number}:decide"] = done
    return made


def two(**changed: Any) -> FakeNode:
    return beside(
        case(signed=False, **changed), case(statement_id=OTHER, signed=False, shown="6f" * 32)
    )


def together(browser: Browser) -> str:
    return body(browser, f"/cases/several?id={ID}&id={OTHER}")


def test_whom_one_looks_for_stands_in_the_body_alone_and_stays_in_the_form() -> None:
    asked = queue(brief(), token="t2")
    browser = signed_in(asked)
    sought = {"sought": "鑫源", "list_type": "unpaid-migrant-wages", "rule": "notice.missing"}
    said = sought | {"_token": browser.form_token("/cases")}
    page = browser.post("/cases/search", said).body.decode()
    last = next(one for one in asked.asked if one.path == "/v1/cases:search")
    assert last.said == {"sought": "鑫源", "list_type": "unpaid-migrant-wages"}
    assert last.query == {"page_size": "50", "rule": "notice.missing"}
    for told in (
        'value="鑫源"',
        'value="unpaid-migrant-wages" selected',
        "看全部待核案件",
        "接着找",
    ):
        assert told in page
    assert 'name="page_token" value="t2"' in page
    browser.post("/cases/search", said | {"page_token": "t2"})
    assert asked.asked[-2].query["page_token"] == "t2"


@pytest.mark.parametrize(
    ("token", "told"), [("", "没有符合的案件"), ("t2", "还没有找完，后面还有")]
)
def test_a_part_that_has_none_is_no_answer(token: str, told: str) -> None:
    browser = signed_in(queue(token=token))
    page = browser.post("/cases/search", {"sought": "无", "_token": browser.form_token("/cases")})
    assert told in page.body.decode()


def test_what_the_node_refuses_is_told() -> None:
    asked = queue()
    asked.replies["GET", "/v1/cases"] = problem(400, "rule.unknown", "没有此规则", "no such rule")
    browser = signed_in(asked)
    assert browser.get("/cases?rule=no.such").status == 404
    said = {"rule": "no.such", "_token": browser.form_token("/letters")}
    assert "没有此规则" in browser.post("/cases/search", said).body.decode()


def test_each_case_says_how_long_it_waits_and_the_longest_stands_first() -> None:
    late = brief(statement_id=OTHER, since=1_793_000_000, working_days=LONG_DAYS + 1)
    unknown = brief(statement_id=THIRD, since=1_794_000_000, working_days=None)
    page = body(signed_in(queue(brief(working_days=LONG_DAYS), unknown, late)), "/cases")
    at = [page.index(f"/cases/{one}") for one in (OTHER, THIRD, ID)]
    assert at == sorted(at)
    assert page.count("等候较久") == 1
    assert page.index("等候较久") < page.index(f"{LONG_DAYS + 1} 个工作日") < page.index("未知")
    english = signed_in(queue(late))
    english.get("/language/en?next=/")
    assert f"{LONG_DAYS + 1} working days" in body(english, "/cases")


def test_what_waits_for_the_letter_leads_to_its_number() -> None:
    decided = {"decided_by": ["张某", "李某"], "decided_at": 1_795_968_400, "letter": f"{ID}-2"}
    asked = queue(brief(decidable=False, rule="decision.use") | decided)
    page = body(signed_in(asked), "/cases?waits=letter&rule=notice.missing")
    assert asked.asked[-2].query == {"page_size": "50", "waits": "letter"}
    assert "<h1>待签发的决定书</h1>" in page
    assert f'href="/letters/decision/{ID}-2">签发' in page
    page = body(
        signed_in(queue(brief() | {"waits_for_second_person": ["李四"]})), "/cases?waits=second"
    )
    assert "<h1>待第二人确认的决定</h1>" in page
    assert "待第二人确认的决定" not in body(signed_in(queue()), "/cases?waits=third")


def test_several_are_chosen_by_who_decides_where_there_are_several() -> None:
    first, second = brief(), brief(statement_id=OTHER)
    page = body(signed_in(queue(first, second)), "/cases")
    assert page.count('type="checkbox" name="id"') == 2
    assert 'action="/cases/several"' in page
    fixed = brief(statement_id=OTHER, decidable=False)
    for asked in (queue(first), queue(first, fixed), queue(first, second, role=Role.OPERATOR)):
        assert 'name="id"' not in body(signed_in(asked), "/cases")


def test_each_of_several_stands_whole_before_one_verdict_for_all() -> None:
    asked = two(subject_name=f"甲{EVIL}")
    page = together(signed_in(asked))
    assert EVIL not in page
    for told in (
        "一起看 2 件",
        "另一家",
        "不一致",
        f'value="{ID}:{SHOWN}"',
        f'value="{OTHER}:{"6f" * 32}"',
    ):
        assert told in page
    assert page.count("拖欠农民工工资名单") == 2
    assert "上面 2 件我都逐件看过" in page


def test_one_verdict_is_handed_in_for_each_as_it_was_shown() -> None:
    asked = two()
    asked.replies["POST", f"/v1/cases/{OTHER}:decide"] = problem(
        409, "seen.changed", "您看过之后有了变化", "changed since you looked"
    )
    browser = signed_in(asked)
    chosen = [f"{ID}:{SHOWN}", f"{OTHER}:{'6f' * 32}", f"{THIRD}:no-digest"]
    token = browser.form_token(f"/cases/several?id={ID}&id={OTHER}")
    answer = browser.post("/cases/several", SAID | {"_token": token, "case": chosen})
    page = answer.body.decode()
    handed = [one for one in asked.asked if one.path.endswith(":decide")]
    assert [(one.path, one.said["shown"]) for one in handed] == [
        (f"/v1/cases/{ID}:decide", SHOWN),
        (f"/v1/cases/{OTHER}:decide", "6f" * 32),
    ]
    assert handed[0].said == {
        "verdict": "reject",
        "reason": "已与登记机关核对",
        "person": "王五",
        "shown": SHOWN,
    }
    assert "2 件中 1 件已提交" in page
    assert "已不予认定。" in page
    assert "您看过之后有了变化" in page
    assert 'name="verdict"' not in page, "what was handed in is not handed in again"


@pytest.mark.parametrize("missing", ["verdict", "reason", "seen"])
def test_without_all_that_it_takes_nothing_is_handed_in(missing: str) -> None:
    asked = two()
    browser = signed_in(asked)
    said = {name: value for name, value in SAID.items() if name != missing}
    token = browser.form_token(f"/cases/several?id={ID}&id={OTHER}")
    chosen = [f"{ID}:{SHOWN}", f"{OTHER}:{'6f' * 32}"]
    answer = browser.post("/cases/several", said | {"_token": token, "case": chosen})
    assert answer.status == 422
    assert "还没有提交" in answer.body.decode()
    assert not [one for one in asked.asked if one.path.endswith(":decide")]


def test_reopening_is_of_one_case_alone() -> None:
    asked = two()
    browser = signed_in(asked)
    token = browser.form_token(f"/cases/several?id={ID}&id={OTHER}")
    said = SAID | {"verdict": "reopen", "_token": token, "case": [f"{ID}:{SHOWN}"]}
    assert browser.post("/cases/several", said).status == 422


def test_where_words_are_signed_or_rules_differ_each_is_settled_by_itself() -> None:
    signed = beside(case(), case(statement_id=OTHER))
    unlike = beside(
        case(signed=False), case(statement_id=OTHER, signed=False, question="notice.missing")
    )
    agreed = beside(
        case(signed=False, decidable=False), case(statement_id=OTHER, signed=False, decidable=False)
    )
    for asked, told in (
        (signed, "每一件的决定各签一次"),
        (unlike, "停在不同的规则"),
        (agreed, "没有您现在都能作的决定"),
    ):
        page = together(signed_in(asked))
        assert told in page
        assert 'name="verdict"' not in page
        assert f'href="/cases/{OTHER}">单独办理这一件' in page


def test_nobody_agrees_twice_among_several() -> None:
    page = together(signed_in(two(waits_for_second_person=["王五"])))
    assert 'value="use"' not in page
    assert 'value="reject"' in page
    assert "王五 已同意认定，还须另一人" in html.unescape(page)


def test_what_is_no_case_leads_back_to_the_queue() -> None:
    browser = signed_in(two())
    for target in ("/cases/several", "/cases/several?id=../x", f"/cases/several?id={THIRD}"):
        answer = browser.get(target)
        assert (answer.status, answer.headers["location"]) == (303, "/cases")
    reader = signed_in(queue(brief(), role=Role.OPERATOR))
    assert reader.get(f"/cases/several?id={ID}").status == 403
