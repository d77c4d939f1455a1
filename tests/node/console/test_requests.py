"""Requests in the console: a list by state, one with its answers, forwarding and answering once.

Covers node/console/pages/requests.py, node/console/texts/requests.py.
"""

from __future__ import annotations

from typing import Any, Final

import pytest

from federation.relief.requests import How, Verdict
from federation.screening.roles import Role
from node.console.pages.requests import ANSWERS, light
from node.texts.repairs import KINDS
from tests.support.console import Browser, FakeNode, problem, signed_in

EVIL = "<b onclick=alert(1)>"
ID, LISTING = "0d" * 16, "0c" * 16


def request(**changed: Any) -> dict[str, Any]:
    return {
        "statement_id": ID,
        "number": "510500-20261118-0d0d0d0d",
        "type": "objection",
        "state": "received",
        "from": "泸州",
        "from_origin": "510500.huxin.example/1",
        "to": "宜宾",
        "to_origin": "511500.huxin.example/1",
        "side": "answer",
        "forwarded_at": 1_795_000_000,
        "received_on": 20261118,
        "due": {"accept": {"last": 20261123, "edition": "e", "basis": "b"}, "result": None},
        "asked_due_on": 0,
        "overdue": [],
        "text": "文书已被撤销",
        "record": {
            "list_type": "judgment-defaulter",
            "authority": "511500-court",
            "scheme": "uscc",
            "code": "91510500YY0600007N",
            "document": "（2026）川15执7号",
        },
        "listing": {
            "statement_id": LISTING,
            "state": "active",
            "annotations": [],
            "subject_name": "泸州示例鑫源运输有限公司（演示）",
            "subject_code": "91510500YY0600007N",
            "authority_name": "宜宾市中级人民法院（演示）",
            "decided_on": 20260801,
        },
        "answers": [
            {
                "action": "received",
                "origin": "511500.huxin.example/1",
                "city": "宜宾",
                "issued_at": 1_795_000_100,
                "reason": "",
                "result": None,
            }
        ],
    } | changed


RECORD: Final = {
    "subject": {"code": "91510500YY0600007N", "name": "泸州示例鑫源运输有限公司（演示）"},
    "city": "宜宾",
    "origin": "511500.huxin.example/1",
    "authority": "511500-court",
    "authority_name": "宜宾市中级人民法院（演示）",
    "document": "（2026）川15执7号",
}


def node(**changed: Any) -> FakeNode:
    one = request(**changed)
    return FakeNode(
        replies={
            ("GET", "/v1/requests"): {"requests": [one], "next_page_token": "t"},
            ("GET", f"/v1/requests/{ID}"): one,
            ("GET", f"/v1/records/{LISTING}"): RECORD,
            ("POST", "/v1/requests"): one,
            ("POST", f"/v1/requests/{ID}:answer"): one,
        }
    )


def body(browser: Browser, target: str) -> str:
    answer = browser.get(target)
    assert answer.status == 200
    return answer.body.decode()


def field(page: str, name: str) -> str:
    return page.partition(f'name="{name}" value="')[2].partition('"')[0]


def test_every_answer_and_every_way_to_grant_is_offered_by_one_side() -> None:
    assert {one for verdicts in ANSWERS.values() for one in verdicts} == set(Verdict)
    assert set(How) <= set(KINDS)


@pytest.mark.parametrize(
    ("changed", "colour"),
    [({}, "wait"), ({"overdue": ["accept"]}, "bad"), ({"state": "done"}, "good")],
)
def test_the_light_says_late_open_or_closed(changed: dict[str, Any], colour: str) -> None:
    assert light(request(**changed)) == colour


def test_the_list_has_the_open_ones_or_all_a_page_at_a_time() -> None:
    fake = node(overdue=["accept"])
    browser = signed_in(fake)
    said = body(browser, "/requests")
    assert fake.asked[-1].query == {"page_size": "50"}
    for text in ("异议", "泸州 → 宜宾", "逾期：受理", "未知", "page_token=t"):
        assert text in said
    body(browser, "/requests?show=all&page_token=x")
    assert fake.asked[-1].query == {"page_size": "50", "all": "true", "page_token": "x"}


def test_one_is_forwarded_under_the_number_of_its_form() -> None:
    fake = node()
    browser = signed_in(fake)
    form = body(browser, f"/requests/new?statement_id={LISTING}")
    assert field(form, "request_id") != field(body(browser, "/requests/new"), "request_id")
    said = {
        "_token": browser.form_token("/requests/new"),
        "request_id": field(form, "request_id"),
        "statement_id": LISTING,
        "type": "objection",
        "received_on": "2026-11-18",
        "text": "文书已被撤销",
    }
    assert "泸州示例鑫源运输有限公司（演示）" in form
    looked = browser.post("/requests/new", said).body.decode()
    assert not any((one.method, one.path) == ("POST", "/v1/requests") for one in fake.asked)
    for text in (
        "核对后转出",
        "泸州示例鑫源运输有限公司（演示）",
        "91510500YY0600007N",
        "2026-11-18",
        "文书已被撤销",
    ):
        assert text in looked
    assert "电话" not in looked
    assert field(looked, "request_id") == said["request_id"]
    again = browser.post("/requests/new", said | {"change": "1"}).body.decode()
    assert "<textarea" in again
    assert "文书已被撤销" in again
    said |= {"sure": "1"}
    sent = browser.post("/requests/new", said)
    assert sent.headers["location"] == f"/requests/{ID}?done=sent"
    assert fake.asked[-1].said == {
        "request_id": field(form, "request_id"),
        "statement_id": LISTING,
        "type": "objection",
        "received_on": 20261118,
        "text": "文书已被撤销",
    }
    fake.replies["POST", "/v1/requests"] = problem(422, "request.own", "本地的列入", "our own")
    refused = browser.post("/requests/new", said)
    assert refused.status == 422
    for text in ("本地的列入", "文书已被撤销", said["request_id"]):
        assert text in refused.body.decode()


@pytest.mark.parametrize(
    ("text", "warned"),
    [
        ("电话13800138000，请回电", True),
        ("0831-8221234", True),
        ("11010519491231002X", True),
        ("文书号（2026）川15执7号，代码91510500YY0600007N", False),
        ("915105000600000071", False),
        ("2026年11月18日，款项 1380013800012 元", False),
    ],
)
def test_a_telephone_or_an_identity_number_is_warned_of(text: str, warned: bool) -> None:
    browser = signed_in(node())
    said = {
        "_token": browser.form_token("/requests/new"),
        "statement_id": LISTING,
        "type": "objection",
        "received_on": "2026-11-18",
        "text": text,
    }
    assert ("电话或证件号码" in browser.post("/requests/new", said).body.decode()) == warned


def test_what_is_no_listing_is_not_forwarded() -> None:
    fake = node()
    browser = signed_in(fake)
    said = {"_token": browser.form_token("/requests/new"), "text": "甲", "type": "objection"}
    malformed = browser.post("/requests/new", said | {"statement_id": "../status"})
    assert malformed.status == 422
    assert "32 位" in malformed.body.decode()
    unknown = browser.post("/requests/new", said | {"statement_id": "0" * 32})
    assert unknown.status == 404
    assert "没有此路径" in unknown.body.decode()
    assert not any(one.method == "POST" and "requests" in one.path for one in fake.asked)


def test_one_is_answered_here_with_what_grants_it() -> None:
    fake = node()
    browser = signed_in(fake)
    page = body(browser, f"/requests/{ID}")
    for text in ("宜宾市中级人民法院（演示）", "2026-11-23", f"/records/{LISTING}", "屏蔽"):
        assert text in page
    said = {
        "_token": browser.form_token(f"/requests/{ID}"),
        "request_id": field(page, "request_id"),
        "verdict": "granted",
        "how": "withdrawal",
        "document": "宜信撤〔2026〕1号",
        "decided_on": "2026-11-20",
    }
    done = browser.post(f"/requests/{ID}/answer", said)
    assert done.headers["location"] == f"/requests/{ID}?done=answered"
    assert fake.asked[-1].said == {
        "request_id": said["request_id"],
        "verdict": "granted",
        "how": "withdrawal",
        "document": "宜信撤〔2026〕1号",
        "decided_on": 20261120,
    }
    fake.replies["POST", f"/v1/requests/{ID}:answer"] = problem(
        409, "request.closed", "已办结", "closed"
    )
    refused = browser.post(f"/requests/{ID}/answer", said)
    assert refused.status == 409
    assert "宜信撤〔2026〕1号" in refused.body.decode()


def test_who_sent_it_may_withdraw_it_and_a_closed_one_is_left() -> None:
    sent = body(signed_in(node(side="sent")), f"/requests/{ID}")
    assert 'value="withdrawn"' in sent
    assert 'name="how"' not in sent
    assert f"{ID}/answer" not in body(signed_in(node(state="done")), f"/requests/{ID}")


def test_a_reviewer_reads_them_and_is_offered_no_act() -> None:
    fake = node()
    fake.roles = (Role.REVIEWER,)
    browser = signed_in(fake)
    assert "/requests/new" not in body(browser, "/requests")
    assert f"{ID}/answer" not in body(browser, f"/requests/{ID}")


def test_names_from_elsewhere_are_text() -> None:
    evil = dict.fromkeys(("list_type", "authority", "scheme", "code", "document"), EVIL)
    browser = signed_in(node(**{"from": EVIL, "to": EVIL, "text": EVIL, "record": evil}))
    for target in ("/requests", f"/requests/{ID}", f"/requests/new?statement_id={EVIL}"):
        assert EVIL not in body(browser, target)
