"""Watches in the console: begun, what changed, ended.

Covers node/console/pages/watches.py, node/console/texts/watches.py.
"""

from __future__ import annotations

from typing import Any

from node.console.pages.watches import READ_MOST, place_of, put, rows_of
from tests.support.console import Browser, FakeNode, problem, signed_in

EVIL = "<b onmouseover=alert(1)>"
NUMBER = "511500-20261129-89a541acb5bc"
CODE = "91511502YY1400058D"


def watch(**changed: Any) -> dict[str, Any]:
    return {
        "watch": NUMBER,
        "state": "open",
        "matter": "government-funds",
        "case_no": "ZB-2026-000417",
        "until": 20270301,
        "subjects": 2,
    } | changed


def event(**changed: Any) -> dict[str, Any]:
    said = {"code": "watch.now-insufficient", "message": "现在无法判定", "said": ""}
    return {
        "row": 1,
        "code": CODE,
        "name": "宜宾示例恒达劳务有限公司（演示）",
        "changed": [said],
        "result": "insufficient",
    } | changed


def node(*events: dict[str, Any], **changed: Any) -> FakeNode:
    page = {
        "events": list(events),
        "logs": [],
        "complete": True,
        "position": "p+1",
        "more": False,
        "pending": 0,
    } | changed
    refused = [{"row": 2, "code": "identity.code-check-digit", "message": "x"}]
    opened = {"watch": NUMBER, "position": "p", "subjects": 1, "refused_rows": 1}
    return FakeNode(
        replies={
            ("GET", "/v1/watches"): {"watches": [watch(), watch(state="closed", case_no="")]},
            ("GET", "/v1/matters"): {
                "matters": [{"code": "government-funds", "name": "财政性资金（演示）"}]
            },
            ("POST", "/v1/watches"): opened | {"refused": refused},
            ("GET", f"/v1/watches/{NUMBER}/events"): page,
            ("POST", f"/v1/watches/{NUMBER}:close"): watch(state="closed"),
        },
        account={"matters": ["government-funds"], "purposes": ["joint-punishment"]},
    )


def body(browser: Browser, target: str) -> str:
    answer = browser.get(target)
    assert answer.status == 200
    return answer.body.decode()


def test_rows_are_lines_of_a_code_and_a_name() -> None:
    assert rows_of(f"{CODE} 甲 公司\r\n\r\n  X\t乙\nY") == [
        {"code": CODE, "name": "甲 公司"},
        {"code": "X", "name": "乙"},
        {"code": "Y", "name": ""},
    ]


def test_the_list_says_what_is_open_and_what_was_erased() -> None:
    said = body(signed_in(node()), "/watches")
    for text in (
        "ZB-2026-000417",
        "财政性资金（演示）",
        "进行中",
        "已结束",
        "已清除",
        "2027-03-01",
    ):
        assert text in said
    assert said.count(f'href="/watches/{NUMBER}"') == 1


def test_who_is_listed_without_a_measure_is_no_bare_match() -> None:
    change = {"code": "watch.now-match", "message": "现在命中", "said": ""}
    match = {"changed": [change], "result": "match"}
    told = (event(**match, matches=[{"measures": []}]), event())
    page = body(signed_in(node(*told)), f"/watches/{NUMBER}?after=start")
    assert page.count("列入，无措施，不得据此限制") == 2, "what changed, and the answer now"
    assert ">命中<" not in page
    assert "现在命中" not in page
    measured = event(result="match", matches=[{"measures": [{"code": "m"}]}])
    assert ">命中<" in body(signed_in(node(measured)), f"/watches/{NUMBER}?after=start")


def test_one_is_begun_and_the_rows_that_are_not_watched_are_named() -> None:
    asked = node()
    browser = signed_in(asked)
    request = body(browser, "/watches").partition('name="request_id" value="')[2][:32]
    said = {"matter": "government-funds", "case_no": "ZB", "purpose": "joint-punishment"}
    typed = said | {"until": "2027-03-01", "rows": f"{CODE} 甲\nX 乙", "request_id": request}
    typed["_token"] = browser.form_token("/watches")
    done = browser.post("/watches", typed).body.decode()
    assert all(text in done for text in ("正在跟踪 1 个主体", "第 2 行", "代码校验位不对"))
    rows = [{"code": CODE, "name": "甲"}, {"code": "X", "name": "乙"}]
    assert asked.asked[-1].said == said | {
        "until": 20270301,
        "rows": rows,
        "request_id": request,
    }
    browser.post("/watches", typed | {"until": "9" * 5000})
    assert asked.asked[-1].said["until"] == "9" * 5000
    asked.replies["POST", "/v1/watches"] = problem(422, "watch.until", "截止日过晚", "too late")
    refused = browser.post("/watches", typed)
    assert refused.status == 422
    assert all(text in refused.body.decode() for text in ("截止日过晚", f"{CODE} 甲", request))


def test_what_changed_a_page_at_a_time() -> None:
    asked = node(event(), more=True, complete=False, pending=4)
    browser = signed_in(asked)
    said = body(browser, f"/watches/{NUMBER}")
    for text in ("现在无法判定", "无法判定", "还有 4 个主体", "after=p%2B1", "不等于没有新列入"):
        assert text in said
    body(browser, f"/watches/{NUMBER}?after=p%2B1")
    assert asked.asked[-1].query == {"page_size": "100", "after": "p+1"}
    assert "没有变化" in body(signed_in(node()), f"/watches/{NUMBER}")


def test_one_is_ended() -> None:
    asked = node()
    browser = signed_in(asked)
    said = {"_token": browser.form_token(f"/watches/{NUMBER}")}
    done = browser.post(f"/watches/{NUMBER}/close", said)
    assert dict(done.headers)["location"] == "/watches?done=closed"
    assert "已结束。" in body(browser, "/watches?done=closed")
    asked.replies["POST", f"/v1/watches/{NUMBER}:close"] = problem(409, "x.y", "已到期", "over")
    assert "已到期" in browser.post(f"/watches/{NUMBER}/close", said).body.decode()


def test_names_from_elsewhere_are_text() -> None:
    log = {"code": "watch.now-insufficient", "message": "", "said": EVIL}
    evil = node(event(name=EVIL, code=EVIL), logs=[log])
    evil.replies["GET", "/v1/watches"] = {"watches": [watch(case_no=EVIL, matter=EVIL)]}
    browser = signed_in(evil)
    assert EVIL not in body(browser, "/watches")
    assert EVIL not in body(browser, f"/watches/{NUMBER}")


def test_who_looks_again_goes_on_where_it_was_read_and_what_came_since_is_new() -> None:
    asked = node(event(), position="pos_place-1")
    browser = signed_in(asked)
    first = body(browser, f"/watches/{NUMBER}")
    assert "新的变化" not in first
    said = {"_token": browser.form_token(f"/watches/{NUMBER}"), "position": "pos_place-1"}
    done = browser.post(f"/watches/{NUMBER}/read", said | {"last": "1"})
    assert dict(done.headers)["location"] == "/watches"
    assert all(one in browser.set[-1] for one in ("huxin-read=", "HttpOnly", "SameSite=strict"))
    again = body(browser, f"/watches/{NUMBER}")
    assert asked.asked[-1].query == {"page_size": "100", "after": "pos_place-1"}
    assert all(text in again for text in ("新的变化", ">新</span>", "?after=start"))
    body(browser, f"/watches/{NUMBER}?after=start")
    assert asked.asked[-1].query == {"page_size": "100"}
    assert browser.post(f"/watches/{NUMBER}/read", said).status == 303
    before = len(browser.set)
    browser.post(f"/watches/{NUMBER}/read", said | {"position": "a.b:c"})
    assert len(browser.set) == before


def test_a_place_that_the_node_lost_begins_anew() -> None:
    asked = node(event(), position="pos_place-1")
    told = asked.replies["GET", f"/v1/watches/{NUMBER}/events"]
    lost = problem(422, "watch.position", "不是此跟踪给出的位置", "no place")
    asked.replies["GET", f"/v1/watches/{NUMBER}/events"] = lambda one: (
        lost if "after" in one.query else told
    )
    browser = signed_in(asked)
    said = {"_token": browser.form_token(f"/watches/{NUMBER}"), "position": "pos_place-1"}
    browser.post(f"/watches/{NUMBER}/read", said)
    page = body(browser, f"/watches/{NUMBER}")
    assert "新的变化" not in page
    assert "宜宾示例恒达劳务有限公司（演示）" in page
    assert browser.get(f"/watches/{NUMBER}?after=elsewhere").status == 422


def test_places_of_the_watches_read_last_are_kept() -> None:
    said = ""
    for at in range(READ_MOST + 3):
        said = put(said, f"511500-20261129-{at:012x}", f"pos_{at:08}")
    assert len(said.split(".")) == READ_MOST
    assert place_of(said, f"511500-20261129-{READ_MOST + 2:012x}") == f"pos_{READ_MOST + 2:08}"
    assert place_of(said, f"511500-20261129-{0:012x}") == ""
    again = put(said, f"511500-20261129-{5:012x}", "pos_again-1")
    assert (len(again.split(".")), place_of(again, f"511500-20261129-{5:012x}")) == (
        READ_MOST,
        "pos_again-1",
    )
    assert put(said, NUMBER, "") == put("", "x", "pos_again-1") == ""
