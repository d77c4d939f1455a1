"""The review queue: what is shown of a case, and a decision in two steps.

Covers node/console/pages/cases.py, node/console/texts/cases.py, node/console/signed_words.py,
node/console/list_names.py.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from federation.reconcile import plausibility
from federation.reconcile.findings import RULES, Outcome
from federation.screening.roles import Role
from node.console.texts.cases import TEXTS
from tests.support.console import Browser, FakeNode, problem, signed_in

ID = "0a" * 16
SHOWN = "5e" * 32
EVIL = '<script>alert("x")</script>'


def brief(**changed: Any) -> dict[str, Any]:
    return {
        "statement_id": ID,
        "origin": "510500.huxin.example/1",
        "city": "泸州",
        "index": 3,
        "list_type": "unpaid-migrant-wages",
        "subject_code": "91510500YY0600007N",
        "subject_name": "泸州示例鑫源运输有限公司（演示）",
        "authority": "泸州市人力资源和社会保障局（演示）",
        "authority_name": "泸州市人力资源和社会保障局（演示）",
        "document": "泸人社监列〔2025〕1号",
        "decided_on": 20250917,
        "publish_until": 20280917,
        "rule": "identity.name-mismatch",
        "rule_zh": "名称与法人库不一致",
        "rule_en": "the name is not that of the library",
        "decidable": True,
        "waits_for_second_person": [],
        "since": 1_795_000_000,
        "working_days": 4,
    } | changed


def case(**changed: Any) -> dict[str, Any]:
    return brief(
        question="identity.name-mismatch",
        shown=SHOWN,
        doubt=None,
        repair_possible=[],
        origin_says=None,
        library_says={"name": "另一家", "code": "91510500YY0600007N"},
        library_fault="",
        home_says=None,
        copies=[],
        suggestions=[],
        history=[],
        decided="",
        letter=ID,
        handled=[],
        waits_for_second_person=[],
        signed=True,
    ) | dict(changed)


def node(found: dict[str, Any] | None = None, *, role: Role = Role.REVIEWER) -> FakeNode:
    found = found or case()
    listed = {"cases": [brief(**{k: found[k] for k in brief()})], "next_page_token": "t2"}
    return FakeNode(
        roles=(role,),
        replies={
            ("GET", "/v1/cases"): listed,
            ("GET", f"/v1/cases/{ID}"): found,
            ("GET", "/v1/catalog"): {
                "lists": [{"list_type": found["list_type"], "name": "拖欠农民工工资名单"}],
                "trust_lists": [{"list_type": "tax-a", "name": "A级纳税人"}],
            },
            ("GET", "/v1/status"): {"node": {"origin": "511500.huxin.example/1"}},
            ("POST", f"/v1/cases/{ID}:decide"): {"second_person_needed": False},
        },
    )


def body(browser: Browser, target: str) -> str:
    answer = browser.get(target)
    assert answer.status == 200
    return answer.body.decode()


def test_the_queue_says_who_waits_and_why_and_goes_on() -> None:
    browser = signed_in(node())
    page = body(browser, "/cases?rule=identity.name-mismatch")
    assert "泸州示例鑫源运输有限公司" in page
    assert "名称与法人库不一致" in page
    assert "page_token=t2" in page


def test_what_was_decided_is_not_said_to_wait() -> None:
    assert "<h2>为什么待核</h2>" in body(signed_in(node()), f"/cases/{ID}")
    said = body(signed_in(node(case(decided="reject", handled=[]))), f"/cases/{ID}")
    assert "<h2>核定结论</h2>" in said
    assert "为什么待核" not in said


def test_what_one_needs_to_decide_stands_on_the_page() -> None:
    says = {"reason": f"拒不支付{EVIL}", "basis": "《某办法》第五条"}
    page = body(signed_in(node(case(origin_says=says))), f"/cases/{ID}")
    for told in ("列入事由", "拒不支付", "《某办法》第五条", f'href="/records/{ID}"'):
        assert told in page
    assert EVIL not in page
    assert "列入事由" not in body(signed_in(node()), f"/cases/{ID}")


@pytest.mark.parametrize(
    ("name", "code", "told"),
    [
        ("某局（演示）", "510300-labour", "<td>某局（演示）</td>"),
        ("某局（演示）", "某局（演示）", "<td>某局（演示）</td>"),
        ("", "某法院（演示）", "<td>某法院（演示）</td>"),
        ("", "510300-labour", "<td>名称未载 <code>510300-labour</code></td>"),
        ("", "", "<td>—</td>"),
    ],
)
def test_an_authority_is_named_or_said_to_have_a_code_alone(
    name: str, code: str, told: str
) -> None:
    found = case(authority_name=name, authority=code)
    assert told in body(signed_in(node(found)), f"/cases/{ID}")


def test_an_empty_queue_says_so() -> None:
    empty = FakeNode(replies={("GET", "/v1/cases"): {"cases": [], "next_page_token": ""}})
    assert "暂无待核案件" in body(signed_in(empty), "/cases")


def test_both_sides_stand_beside_each_other_and_what_differs_is_marked() -> None:
    page = body(signed_in(node()), f"/cases/{ID}")
    assert "另一家" in page
    assert page.count("不一致</span>") == 1


def test_names_from_elsewhere_are_text() -> None:
    found = case(subject_name=EVIL, document=EVIL, authority=EVIL, city=EVIL)
    found["history"] = [
        {
            "at": 1,
            "rule": "r",
            "verdict": "reject",
            "person": EVIL,
            "reason": EVIL,
            "note": "",
            "unit": EVIL,
            "post": "",
        }
    ]
    for target in ("/cases", f"/cases/{ID}"):
        assert EVIL not in body(signed_in(node(found)), target)


def test_lists_stand_by_their_names_and_by_code_where_the_catalog_has_none() -> None:
    browser = signed_in(node())
    for target in ("/cases", f"/cases/{ID}"):
        assert "拖欠农民工工资名单" in body(browser, target)
    asked = node()
    del asked.replies["GET", "/v1/catalog"]
    assert "unpaid-migrant-wages" in body(signed_in(asked), "/cases")


def test_a_settled_case_is_opened_again_and_is_no_matter_of_the_catalog() -> None:
    said = {
        "at": 1,
        "rule": "r",
        "verdict": "use",
        "person": "王五",
        "reason": "属实",
        "note": "",
        "unit": "",
        "post": "",
    }
    settled = case(decidable=False, history=[said], decided="use")
    page = body(signed_in(node(settled)), f"/cases/{ID}")
    assert "只能由目录解决" not in page
    assert 'value="reopen"' in page
    stopped = case(decidable=False, question="catalog.ground-missing")
    assert "只能由目录解决" in body(signed_in(node(stopped)), f"/cases/{ID}")
    assert 'value="reopen"' not in body(signed_in(node()), f"/cases/{ID}")
    opened = case(history=[said, said | {"verdict": "reopen"}])
    assert 'value="reopen"' not in body(signed_in(node(opened)), f"/cases/{ID}")


def test_who_only_reads_gets_no_form_and_is_told_who_decides() -> None:
    browser = signed_in(node(role=Role.OPERATOR))
    assert ">查看<" in body(browser, "/cases")
    page = body(browser, f"/cases/{ID}")
    assert "下一步" not in page
    assert "由本市复核员决定" in page
    said = {"_token": browser.form_token(f"/cases/{ID}"), "verdict": "use", "reason": "r"}
    assert browser.post(f"/cases/{ID}/word", said).status == 403


def test_the_exact_bytes_are_shown_then_handed_in_with_the_note() -> None:
    asked = node()
    browser = signed_in(asked)
    token = browser.form_token(f"/cases/{ID}")
    said = {
        "_token": token,
        "verdict": "reject",
        "reason": "文书与名单不符 & 'x'",
        "shown": SHOWN,
    }
    shown = browser.post(f"/cases/{ID}/word", said).body.decode()
    assert "&#34;verdict&#34;:&#34;reject&#34;" in shown
    assert "泸州示例鑫源运输有限公司（演示）：不予认定。理由：文书与名单不符" in shown
    assert "511500.huxin.example/1" in shown
    assert shown.count(f'name="shown" value="{SHOWN}"') == 2
    done = browser.post(f"/cases/{ID}/decide", said | {"note": "line 1\r\nline 2"})
    assert done.status == 303
    sent = asked.asked[-1]
    assert sent.said == {
        "verdict": "reject",
        "person": "王五",
        "reason": "文书与名单不符 & 'x'",
        "note": "line 1\nline 2\n",
        "shown": SHOWN,
    }
    assert "不予认定" in body(browser, dict(done.headers)["location"])


def test_the_file_to_sign_is_what_the_page_shows() -> None:
    browser = signed_in(node())
    said = {"_token": browser.form_token(f"/cases/{ID}"), "word": "a\r\nb"}
    assert browser.post(f"/cases/{ID}/word.txt", said).body == b"a\nb\n"


@pytest.mark.parametrize("said", [{"verdict": "burn", "reason": "r"}, {"verdict": "use"}])
def test_what_is_missing_is_asked_for(said: dict[str, str]) -> None:
    browser = signed_in(node())
    token = browser.form_token(f"/cases/{ID}")
    answer = browser.post(f"/cases/{ID}/word", said | {"_token": token, "shown": SHOWN})
    assert answer.status == 422
    page = answer.body.decode()
    assert "请选择决定" in page
    kept = f">{said['reason']}</textarea>" if "reason" in said else 'value="use" required checked'
    assert kept in page


def test_the_second_step_leads_back_with_what_was_written() -> None:
    browser = signed_in(node())
    token = browser.form_token(f"/cases/{ID}")
    said = {"_token": token, "verdict": "reject", "reason": "文书不符", "shown": SHOWN}
    page = browser.post(f"/cases/{ID}/word", said | {"change": "1"})
    assert page.status == 200
    assert ">文书不符</textarea>" in page.body.decode()
    assert 'value="reject" required checked' in page.body.decode()
    loaded = browser.get(f"/cases/{ID}/word")
    assert (loaded.status, dict(loaded.headers)["location"]) == (303, f"/cases/{ID}")


@pytest.mark.parametrize(
    ("verdict", "before", "then"),
    [
        ("use", [], "提交后还须另一人同意"),
        ("use", ["张某"], "您是第二人：提交后即生效"),
        ("reject", ["张某"], "提交后即生效"),
    ],
)
def test_what_handing_it_in_does_is_said_before(verdict: str, before: list[str], then: str) -> None:
    browser = signed_in(node(case(waits_for_second_person=before)))
    token = browser.form_token(f"/cases/{ID}")
    said = {"_token": token, "verdict": verdict, "reason": "r", "shown": SHOWN}
    assert then in browser.post(f"/cases/{ID}/word", said).body.decode()


def test_a_case_that_changed_since_it_was_shown_is_shown_again_before_it_is_signed() -> None:
    asked = node()
    browser = signed_in(asked)
    token = browser.form_token(f"/cases/{ID}")
    for old in ("0" * 64, ""):
        said = {"_token": token, "verdict": "use", "reason": "已核对", "shown": old}
        answer = browser.post(f"/cases/{ID}/word", said)
        assert answer.status == 409
        page = answer.body.decode()
        assert "在您查看之后有了变化" in page
        assert ">已核对</textarea>" in page
        assert f'name="shown" value="{SHOWN}"' in page


@pytest.mark.parametrize("code", ["case.decided", "seen.changed"])
def test_what_was_decided_meanwhile_is_shown_as_it_stands(code: str) -> None:
    asked = node(case(decided="reject"))
    asked.replies["POST", f"/v1/cases/{ID}:decide"] = problem(
        409, code, "此件已由 易某 于 2026-11-30 10:52 不予认定，请重看", "rejected"
    )
    browser = signed_in(asked)
    said = {"_token": browser.form_token(f"/cases/{ID}"), "verdict": "use", "reason": "已核对"}
    answer = browser.post(f"/cases/{ID}/decide", said | {"shown": SHOWN})
    assert answer.status == 409
    page = answer.body.decode()
    assert "此件已由 易某 于 2026-11-30 10:52 不予认定" in page
    assert "核定结论" in page
    assert "提交决定" not in page


def test_what_the_node_refuses_stands_above_the_form_and_nothing_is_lost() -> None:
    asked = node()
    asked.replies["POST", f"/v1/cases/{ID}:decide"] = problem(
        422, "person.note", "签名不成立", "the note does not hold"
    )
    browser = signed_in(asked)
    said = {"verdict": "use", "reason": "已核对", "note": "x", "word": "w"}
    answer = browser.post(
        f"/cases/{ID}/decide", said | {"_token": browser.form_token(f"/cases/{ID}")}
    )
    assert answer.status == 422
    page = answer.body.decode()
    assert "签名不成立" in page
    assert re.search(r'name="reason" value="已核对"', page)


def test_a_second_person_is_told_to_be_needed() -> None:
    asked = node()
    asked.replies["POST", f"/v1/cases/{ID}:decide"] = {"second_person_needed": True}
    browser = signed_in(asked)
    said = {"verdict": "use", "reason": "已核对", "_token": browser.form_token(f"/cases/{ID}")}
    done = browser.post(f"/cases/{ID}/decide", said)
    assert "还须另一人" in body(browser, dict(done.headers)["location"])


def test_rules_are_passed_on_as_they_are_asked() -> None:
    asked = node()
    body(signed_in(asked), "/cases?rule=catalog.none&page_token=t9")
    (last,) = (one for one in asked.asked if one.path == "/v1/cases")
    assert last.query == {"page_size": "50", "rule": "catalog.none", "page_token": "t9"}


def test_those_decided_are_listed_with_who_and_when_and_can_be_looked_at() -> None:
    asked = node()
    one = brief(rule="decision.use", rule_zh="经人工核实予以认定", decidable=False)
    found = one | {"decided_by": ["张某", EVIL], "decided_at": 1_795_968_400}
    asked.replies["GET", "/v1/cases"] = {"cases": [found], "next_page_token": ""}
    page = body(signed_in(asked), "/cases?rule=decision.use")
    assert "张某、&lt;script&gt;" in page
    assert "2026-11-30" in page
    assert ">查看</a>" in page
    assert "须改目录" not in page
    assert 'value="decision.reject"' in body(signed_in(node()), "/cases")


def test_a_decision_has_its_hands_and_leads_to_its_letter() -> None:
    hand = {"step": "prepared", "name": EVIL, "unit": EVIL, "post": "科长", "at": 1_795_000_000}
    decided = case(decided="reject", letter=f"{ID}-2", handled=[hand])
    page = body(signed_in(node(decided)), f"/cases/{ID}")
    assert f"/letters/decision/{ID}-2/letter.docx" in page
    assert ("经办" in page, "科长" in page, EVIL in page) == (True, True, False)
    assert "/letters/" not in body(signed_in(node()), f"/cases/{ID}").partition("<main")[2]


@pytest.mark.parametrize(
    ("question", "role", "offered"),
    [
        ("catalog.list-unknown", Role.REVIEWER, ("/editions/propose", 'name="like"')),
        ("commendation.list-unknown", Role.REVIEWER, ("/editions/propose", 'name="like"')),
        ("catalog.authority-not-named", Role.REVIEWER, ("/editions/propose",)),
        ("catalog.list-unknown", Role.OPERATOR, ()),
        ("identity.name-mismatch", Role.REVIEWER, ()),
    ],
)
def test_what_the_catalog_does_not_know_leads_to_a_proposal(
    question: str, role: Role, offered: tuple[str, ...]
) -> None:
    page = body(signed_in(node(case(question=question), role=role)), f"/cases/{ID}")
    every = ("/editions/propose", 'name="like"')
    assert tuple(one for one in every if one in page) == offered


def test_what_theirs_may_be_is_chosen_of_lists_of_its_sort() -> None:
    page = body(signed_in(node(case(question="catalog.list-unknown"))), f"/cases/{ID}")
    choice = page.partition('name="like"')[2].partition("</select>")[0]
    assert ("unpaid-migrant-wages" in choice, "tax-a" in choice) == (True, False)
    page = body(signed_in(node(case(question="commendation.list-unknown"))), f"/cases/{ID}")
    choice = page.partition('name="like"')[2].partition("</select>")[0]
    assert ("unpaid-migrant-wages" in choice, "tax-a" in choice) == (False, True)


def test_every_rule_that_holds_says_what_settles_it() -> None:
    """But those of what cannot be right: these say it of the very case (`Doubt.do`)."""
    doubts = {
        plausibility.FUTURE,
        plausibility.NOTICE_AFTER,
        plausibility.BASIS_BLANK,
        plausibility.TIER,
        plausibility.KIND_DIFFERS,
    }
    for rule in RULES.values():
        if (rule.outcome is Outcome.HELD or rule.catalog_only) and rule.code not in doubts:
            assert f"todo.{rule.code}" in TEXTS, rule.code


def test_what_the_catalog_alone_settles_leads_to_its_editions() -> None:
    stopped = case(question="catalog.ground-missing", decidable=False, history=[])
    page = body(signed_in(node(stopped)), f"/cases/{ID}").partition("<main")[2]
    assert 'href="/editions"' in page
    stopped = case(question="identity.code-invalid", decidable=False, history=[])
    page = body(signed_in(node(stopped)), f"/cases/{ID}").partition("<main")[2]
    assert 'href="/editions"' not in page


def test_what_waits_for_the_viewer_stands_first_and_says_who_agreed() -> None:
    asked = node()
    others = [brief(statement_id=f"{n:032x}", waits_for_second_person=who) for n, who in WAITING]
    asked.replies["GET", "/v1/cases"] = {"cases": others, "next_page_token": ""}
    page = body(signed_in(asked), "/cases")
    at = [page.index(f"/cases/{n:032x}") for n, _ in WAITING]
    assert at[2] == min(at)
    assert "等您确认：李四 已同意认定" in page
    assert "王五 已同意认定，还须另一人" in page


WAITING: tuple[tuple[int, list[str]], ...] = ((1, []), (2, ["王五"]), (3, ["李四"]))
"""Cases by number, and who said use: nobody, who looks, somebody else."""


def test_nobody_is_offered_to_agree_twice() -> None:
    page = body(signed_in(node(case(waits_for_second_person=["王五"]))), f"/cases/{ID}")
    assert 'value="use"' not in page
    assert 'value="reject"' in page
    other = body(signed_in(node(case(waits_for_second_person=["李四"]))), f"/cases/{ID}")
    assert 'value="use"' in other


def test_after_a_decision_the_next_case_is_one_click_away() -> None:
    asked = node()
    found = [
        brief(),
        *(brief(statement_id=f"{n:032x}", waits_for_second_person=w) for n, w in WAITING),
    ]
    asked.replies["GET", "/v1/cases"] = {"cases": found, "next_page_token": ""}
    page = body(signed_in(asked), f"/cases/{ID}?done=reject")
    assert f'href="/cases/{3:032x}">办下一件' in page
    asked.replies["GET", "/v1/cases"] = {"cases": [brief()], "next_page_token": ""}
    assert "办下一件" not in body(signed_in(asked), f"/cases/{ID}?done=reject")
    assert "办下一件" not in body(signed_in(node()), f"/cases/{ID}")


def test_without_keys_of_persons_nothing_is_to_be_signed() -> None:
    browser = signed_in(node(case(signed=False)))
    said = {"verdict": "reject", "reason": "r", "shown": SHOWN}
    token = browser.form_token(f"/cases/{ID}")
    page = browser.post(f"/cases/{ID}/word", said | {"_token": token}).body.decode()
    assert ("提交决定" in page, "huxin sign" in page, 'type="file"' in page) == (True, False, False)


def test_what_helps_stands_beside_the_rule() -> None:
    assert "核对是否更名" in body(signed_in(node()), f"/cases/{ID}")
    doubt = {"rule": "date.future", "found": "甲", "expected": "乙", "do": "丙"}
    assert "核对是否更名" not in body(signed_in(node(case(doubt=doubt))), f"/cases/{ID}")
