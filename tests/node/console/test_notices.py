"""Notices in the console: who was listed elsewhere, letters, and the reminder that is kept.

Covers node/console/pages/notices.py, node/console/texts/notices.py.
"""

from __future__ import annotations

from typing import Any

from tests.support.console import Browser, FakeNode, problem, signed_in

ID = "0d" * 16
EVIL = "<svg onload=alert(1)>"


def notice(**changed: Any) -> dict[str, Any]:
    return {
        "statement_id": ID,
        "position": "7",
        "origin": "511500.huxin.example/1",
        "city": "宜宾",
        "index": 4,
        "subject": {"scheme": "uscc", "code": "91510300YY0000001A", "name": "自贡示例（演示）"},
        "in_library": True,
        "subject_status": "existing",
        "list_type": "judgment-defaulter",
        "list_name": "失信被执行人",
        "authority": "a",
        "authority_name": "宜宾示例法院（演示）",
        "document": "（2026）川15执1号",
        "decided_on": 20260901,
        "publish_until": 20280901,
        "reason": "r",
        "basis": "b",
        "state": "active",
        "rule": "",
        "annotations": [],
        "repair_possible": [],
        "repair_from": 0,
        "ended_by": None,
        "noticed_at": 1_795_000_000,
        "changed_at": 1_795_000_000,
        "reminded": "none",
        "reminded_at": 0,
        "reminder_due": "listed",
    } | changed


def node(**changed: Any) -> FakeNode:
    found = notice(**changed)
    page = {"notices": [found], "next_page_token": "", "position": "7"}
    return FakeNode(
        replies={
            ("GET", "/v1/notices"): page,
            ("GET", f"/v1/notices/{ID}"): found,
            ("GET", f"/v1/notices/{ID}/letter"): b"PK-docx",
            ("POST", f"/v1/notices/{ID}:remind"): found,
        }
    )


def body(browser: Browser, target: str) -> str:
    answer = browser.get(target)
    assert answer.status == 200
    return answer.body.decode()


def test_the_list_says_who_was_listed_where_and_who_is_to_be_reminded() -> None:
    asked = node()
    said = body(signed_in(asked), "/notices?show=due")
    for text in ("自贡示例（演示）", "宜宾", "失信被执行人", "应提醒"):
        assert text in said
    (said_to_node,) = (one for one in asked.asked if one.path == "/v1/notices")
    assert said_to_node.query == {"page_size": "50", "due": "true"}


def test_a_list_stands_by_its_name() -> None:
    asked = node(list_type="510000-rivers", list_name="跨界河流名单（演示）")
    for target in ("/notices", f"/notices/{ID}"):
        assert "跨界河流名单（演示）" in body(signed_in(asked), target)


def test_one_says_from_when_repair_may_be_asked_or_that_nobody_said() -> None:
    assert "未写明，请向认定单位询问" in body(signed_in(node()), f"/notices/{ID}")
    assert "2026-12-01" in body(signed_in(node(repair_from=20261201)), f"/notices/{ID}")


def test_letters_are_files_and_their_kind_is_one_of_two() -> None:
    asked = node()
    browser = signed_in(asked)
    assert browser.get(f"/notices/{ID}/notice.docx").body == b"PK-docx"
    assert browser.get(f"/notices/{ID}/reminder.docx").body == b"PK-docx"
    assert asked.asked[-1].query == {"kind": "reminder"}
    browser.get(f"/notices/{ID}/moon.docx")
    assert asked.asked[-1].query == {"kind": "notice"}


def test_a_reminder_is_kept_and_a_refusal_is_told() -> None:
    asked = node()
    browser = signed_in(asked)
    said = {"_token": browser.form_token(f"/notices/{ID}")}
    done = browser.post(f"/notices/{ID}/remind", said)
    assert done.status == 303
    assert "已记下提醒" in body(browser, dict(done.headers)["location"])
    asked.replies["POST", f"/v1/notices/{ID}:remind"] = problem(
        409, "notice.not-due", "无须提醒", "nobody is to be reminded"
    )
    refused = browser.post(f"/notices/{ID}/remind", said)
    assert refused.status == 409
    assert "无须提醒" in refused.body.decode()


def test_who_was_relieved_is_offered_no_reminder() -> None:
    ended = {"city": "宜宾", "document": "修1", "decided_on": 20261001}
    asked = node(state="repaired", reminder_due="", ended_by=ended)
    said = body(signed_in(asked), f"/notices/{ID}")
    assert "修1" in said
    assert "reminder.docx" not in said


def test_names_from_elsewhere_are_text() -> None:
    evil = {"scheme": "uscc", "code": EVIL, "name": EVIL}
    browser = signed_in(node(subject=evil, city=EVIL, document=EVIL, reason=EVIL))
    assert EVIL not in body(browser, "/notices")
    assert EVIL not in body(browser, f"/notices/{ID}")
