"""Reliefs in the console: late ones first, one at every member, its certificate.

Covers node/console/pages/repairs.py, node/console/texts/repairs.py.
"""

from __future__ import annotations

from typing import Any

from node.console.pages.repairs import by_deadline, light
from tests.support.console import Browser, FakeNode, problem, signed_in

ID = "0b" * 16
EVIL = "<b onmouseover=alert(1)>"


def summary(**changed: Any) -> dict[str, Any]:
    return {
        "statement_id": ID,
        "origin": "510500.huxin.example/1",
        "index": 9,
        "city": "泸州",
        "kind": "repair",
        "about": "0c" * 16,
        "list_type": "judgment-defaulter",
        "subject_name": "泸州示例鑫源运输有限公司（演示）",
        "document": "泸信修决〔2026〕1号",
        "decided_on": 20261120,
        "published_by": 1_795_000_000,
        "due": 20261127,
        "due_unknown": "",
        "members": 4,
        "received": 4,
        "applied": 4,
        "executed": 3,
        "outstanding": ["宜宾"],
        "late": [],
        "departments": 0,
        "departments_late": 0,
    } | changed


def member(city: str, verdict: str, executed: dict[str, Any] | None) -> dict[str, Any]:
    said = {"by": 1_795_000_100}
    return {
        "member": city,
        "city": city,
        "region": "511500",
        "received": said,
        "applied": {"by": None},
        "lifted": executed,
        "lifts": True,
        "executed": executed,
        "verdict": verdict,
        "pushed": None,
    }


def node(**changed: Any) -> FakeNode:
    whole = summary(**changed) | {
        "deadline": {"last": 20261127, "ends_at": 1, "edition": "e", "basis": "办法第八条"},
        "over": False,
        "by_department": [],
        "by_member": [
            member("自贡", "in-time", {"by": 1_795_000_200}),
            member("宜宾", "late", None),
        ],
    }
    page = {"repairs": [summary(**changed)], "next_page_token": ""}
    return FakeNode(replies={("GET", "/v1/repairs"): page, ("GET", f"/v1/repairs/{ID}"): whole})


def body(browser: Browser, target: str) -> str:
    answer = browser.get(target)
    assert answer.status == 200
    return answer.body.decode()


def test_what_is_late_stands_first_then_what_is_due_soonest() -> None:
    mixed = [
        summary(document="none", due=None),
        summary(document="later", due=20261201),
        summary(document="soon", due=20261130),
        summary(document="late", due=20261202, late=["宜宾"]),
    ]
    assert [one["document"] for one in by_deadline(mixed)] == ["late", "soon", "later", "none"]


def test_the_light_is_red_for_late_amber_for_open_green_for_done() -> None:
    assert light(summary(late=["宜宾"])) == "bad"
    assert light(summary()) == "wait"
    assert light(summary(outstanding=[], executed=4)) == "good"


def test_the_list_names_who_has_still_to_do_it() -> None:
    asked = node()
    said = body(signed_in(asked), "/repairs")
    assert "还差：宜宾" in said
    assert "3 / 4 市已执行" in said
    assert asked.asked[-1].query == {"page_size": "50", "outstanding": "true"}


def owed(**changed: Any) -> dict[str, Any]:
    return {
        "check": "511500-20261130-2d3df58c5741",
        "department": "财政局（演示）",
        "matter_name": "政府资金支持",
        "state": "reopened",
        "due_on": 20261207,
        "overdue": False,
    } | changed


def test_rp16_it_is_not_all_done_while_departments_have_measures_to_undo() -> None:
    done: dict[str, Any] = {"outstanding": [], "executed": 4}
    assert light(summary(**done, departments=1)) == "wait"
    assert light(summary(**done, departments=1, departments_late=1)) == "bad"
    asked = node(**done, departments=1)
    asked.replies["GET", f"/v1/repairs/{ID}"]["by_department"] = [owed(), owed(overdue=True)]
    browser = signed_in(asked)
    listed = body(browser, "/repairs")
    one = body(browser, f"/repairs/{ID}")
    for page in (listed, one):
        assert "全部完成" not in page
        assert "名单已解除，本市部门待办" in page
    assert "4 / 4 市已执行" in one
    for text in ("财政局（演示）", "2026-12-07", "两条规则", "本市还有 2 件部门措施未反馈"):
        assert text in one
    assert '<a class="button" href="/checks/511500-20261130-2d3df58c5741">办理</a>' in one
    assert "没有部门还要解除" in body(signed_in(node(**done)), f"/repairs/{ID}")


def test_all_and_late_ones_are_asked_for() -> None:
    asked = node()
    browser = signed_in(asked)
    body(browser, "/repairs?show=all")
    assert "outstanding" not in asked.asked[-1].query
    body(browser, "/repairs?show=late&page_token=t")
    assert asked.asked[-1].query == {"page_size": "50", "late": "true", "page_token": "t"}
    body(browser, "/repairs?show=moon")
    assert asked.asked[-1].query["outstanding"] == "true"


def test_one_relief_at_every_member_with_its_basis() -> None:
    said = body(signed_in(node()), f"/repairs/{ID}")
    for text in ("办法第八条", "自贡", "按时", "逾期", "尚未证明"):
        assert text in said


def test_what_is_done_is_green_also_where_no_deadline_is_known() -> None:
    fake = node()
    whole = fake.replies["GET", f"/v1/repairs/{ID}"]
    whole["by_member"] = [member("自贡", "unknown", {"by": 1}), member("宜宾", "unknown", None)]
    zigong, yibin = body(signed_in(fake), f"/repairs/{ID}").partition("宜宾</")[::2]
    assert "已执行；是否按时未知" in zigong
    assert 'class="light good"' in zigong
    assert 'class="light wait"' in yibin


def test_a_part_without_any_leads_to_the_next() -> None:
    fake = node()
    fake.replies["GET", "/v1/repairs"] = {"repairs": [], "next_page_token": "t2"}
    said = body(signed_in(fake), "/repairs?show=late")
    assert "后面还有" in said
    assert "page_token=t2" in said


def test_where_nothing_is_outstanding_the_page_says_that_all_is_done() -> None:
    fake = node()
    fake.replies["GET", "/v1/repairs"] = {"repairs": [], "next_page_token": ""}
    assert "都已执行完毕" in body(signed_in(fake), "/repairs")
    assert "没有这样的解除" in body(signed_in(fake), "/repairs?show=late")


def test_names_from_elsewhere_are_text() -> None:
    browser = signed_in(node(subject_name=EVIL, document=EVIL, city=EVIL, outstanding=[EVIL]))
    assert EVIL not in body(browser, "/repairs")
    assert EVIL not in body(browser, f"/repairs/{ID}")


def test_a_certificate_is_a_file_and_a_refusal_stands_on_the_page() -> None:
    asked = node()
    asked.replies["POST", f"/v1/repairs/{ID}/certificate"] = b"%PDF-1.7"
    browser = signed_in(asked)
    said = {"_token": browser.form_token(f"/repairs/{ID}"), "subject": "91510500YY0600007N"}
    made = browser.post(f"/repairs/{ID}/certificate", said)
    assert made.body == b"%PDF-1.7"
    assert "attachment" in dict(made.headers)["content-disposition"]
    assert asked.asked[-1].said == {"subject": "91510500YY0600007N"}
    asked.replies["POST", f"/v1/repairs/{ID}/certificate"] = problem(
        422, "certificate.subject", "代码与决定不一致", "another subject"
    )
    refused = browser.post(f"/repairs/{ID}/certificate", said)
    assert refused.status == 422
    assert "代码与决定不一致" in refused.body.decode()
