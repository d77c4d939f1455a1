"""Campaigns in the console: rates, one ledger, opened and filled, refusals beside the forms.

Covers node/console/pages/campaigns.py, node/console/texts/campaigns.py.
"""

from __future__ import annotations

from typing import Any

import pytest

from federation.screening.roles import Role
from tests.support.console import Browser, FakeNode, problem, signed_in

EVIL = "<b onmouseover=alert(1)>"
ID = "0d" * 16


def campaign(**changed: Any) -> dict[str, Any]:
    return {
        "campaign": 3,
        "name": "政府机构失信治理（演示）",
        "document": "宜信办〔2026〕8号",
        "unit": "市发展改革委",
        "due": 20261231,
        "opened_on": 20261101,
        "day": 20261129,
        "entries": 3,
        "subjects": 3,
        "exited": 2,
        "overdue": 1,
        "rate": 2 / 3,
        "exited_this_month": 1,
    } | changed


def subject(**changed: Any) -> dict[str, Any]:
    return {
        "statement_id": ID,
        "subject": {"code": "91511502YY1400058D", "name": "宜宾示例恒达劳务有限公司（演示）"},
        "unit": "市住建局",
        "added_on": 20261101,
        "exited": False,
        "ground": "",
        "exited_on": 0,
        "overdue": True,
        "entries": [],
    } | changed


def node(*ledger: dict[str, Any], **changed: Any) -> FakeNode:
    one = campaign(**changed)
    subjects = {"subjects": list(ledger), "next_page_token": "after/3" if ledger else ""}
    return FakeNode(
        replies={
            ("GET", "/v1/campaigns"): {"campaigns": [one]},
            ("POST", "/v1/campaigns"): one,
            ("GET", "/v1/campaigns/3"): one,
            ("GET", "/v1/catalog"): {
                "lists": [{"list_type": "judgment-defaulter", "name": "失信被执行人"}],
                "trust_lists": [],
            },
            ("GET", "/v1/status"): {"logs": [{"origin": "510500.huxin.example/1", "city": "泸州"}]},
            ("GET", "/v1/campaigns/3/subjects"): subjects,
            ("POST", "/v1/campaigns/3:enter"): {
                "added": 2,
                "already": 1,
                "unknown": ["91511502YY14000900"],
            },
        }
    )


def body(browser: Browser, target: str) -> str:
    answer = browser.get(target)
    assert answer.status == 200
    return answer.body.decode()


def test_its_monthly_sheet_is_downloaded_as_of_a_day() -> None:
    asked = node(subject())
    asked.replies["GET", "/v1/campaigns/3/sheet"] = b"PK-sheet"
    browser = signed_in(asked)
    assert 'action="/campaigns/3/sheet.xlsx"' in body(browser, "/campaigns/3")
    assert browser.get("/campaigns/3/sheet.xlsx?day=2026-11-30").body == b"PK-sheet"
    assert asked.asked[-1].query == {"day": "20261130"}
    asked.replies["GET", "/v1/campaigns/3/sheet"] = problem(422, "http.query", "日期", "a day")
    refused = browser.get("/campaigns/3/sheet.xlsx?day=soon")
    assert (refused.status, "http.query" in refused.body.decode()) == (422, True)


def test_the_rate_is_said_with_what_it_counts_and_never_upwards() -> None:
    said = body(signed_in(node()), "/campaigns")
    assert "66.6 %" in said
    assert "2 / 3 户已退出；1 户逾期" in said
    assert "99.9 %" in body(signed_in(node(subjects=100_000, exited=99_999)), "/campaigns")
    empty = body(signed_in(node(subjects=0, exited=0, rate=None, due=0)), "/campaigns")
    assert "空台账没有退出率" in empty
    assert "未定" in empty


def test_the_ledger_says_by_what_each_exited_a_page_at_a_time() -> None:
    asked = node(subject(), subject(exited=True, ground="repaired", exited_on=20261120))
    browser = signed_in(asked)
    said = body(browser, "/campaigns/3")
    for text in ("尚未退出", "逾期", "已修复", "2026-11-20", f"/records/{ID}", "after/3"):
        assert text in said
    body(browser, "/campaigns/3?page_token=after%2F3")
    assert asked.asked[-1].query == {"page_size": "50", "brief": "true", "page_token": "after/3"}


def test_what_is_entered_is_chosen_by_name() -> None:
    said = body(signed_in(node()), "/campaigns/3")
    assert '<option value="judgment-defaulter">失信被执行人</option>' in said
    assert '<option value="510500.huxin.example/1">泸州</option>' in said


def test_one_is_opened_once_and_a_refusal_keeps_what_was_typed() -> None:
    asked = node()
    browser = signed_in(asked)
    page = body(browser, "/campaigns")
    request = page.partition('name="request_id" value="')[2].partition('"')[0]
    said = {"name": "甲", "document": "乙〔2026〕1号", "unit": "丙", "due": "2026-12-31"}
    typed = said | {"request_id": request, "_token": browser.form_token("/campaigns")}
    made = browser.post("/campaigns", typed)
    assert dict(made.headers)["location"] == "/campaigns/3"
    assert len(request) == 32
    assert asked.asked[-1].said == said | {"due": 20261231, "request_id": request}
    asked.replies["POST", "/v1/campaigns"] = problem(409, "x.y", "文号已用过", "used before")
    refused = browser.post("/campaigns", typed)
    assert refused.status == 409
    assert all(text in refused.body.decode() for text in ("文号已用过", "乙〔2026〕1号", request))


@pytest.mark.parametrize("due", ["年底", "9" * 5000, "2026-12"])
def test_a_last_day_that_is_none_is_refused_and_not_left_out(due: str) -> None:
    asked = node()
    browser = signed_in(asked)
    typed = {"name": "甲", "document": "乙", "unit": "丙", "due": due, "request_id": "0a" * 16}
    browser.post("/campaigns", typed | {"_token": browser.form_token("/campaigns")})
    assert [one for one in asked.asked if one.method == "POST"][-1].said["due"] == due


def test_listings_are_entered_and_what_has_none_is_named() -> None:
    asked = node()
    browser = signed_in(asked)
    codes = "91511502YY1400058D\r\n91511502YY14000900\r\n"
    typed = {"codes": codes, "list_type": "", "_token": browser.form_token("/campaigns/3")}
    done = browser.post("/campaigns/3/enter", typed).body.decode()
    assert "记入 2 条，已在台账 1 条。" in done
    assert "91511502YY14000900" in done
    entered = next(one for one in asked.asked if one.path.endswith(":enter"))
    assert entered.said == {"codes": ["91511502YY1400058D", "91511502YY14000900"]}
    asked.replies["POST", "/v1/campaigns/3:enter"] = problem(422, "x.y", "没有此名单", "no list")
    refused = browser.post("/campaigns/3/enter", typed)
    assert refused.status == 422
    assert "没有此名单" in refused.body.decode()


def test_a_query_that_nothing_fits_is_not_said_to_have_worked() -> None:
    asked = node()
    asked.replies["POST", "/v1/campaigns/3:enter"] = {"added": 0, "already": 0, "unknown": []}
    browser = signed_in(asked)
    typed = {"origin": "510500.huxin.example/1", "_token": browser.form_token("/campaigns/3")}
    said = browser.post("/campaigns/3/enter", typed).body.decode()
    assert "没有符合所填各项的有效列入" in said
    assert "notice wait" in said


def test_listings_are_entered_by_query() -> None:
    asked = node()
    browser = signed_in(asked)
    typed = {"list_type": "judgment-defaulter", "authority": "511502-court", "codes": ""}
    token = browser.form_token("/campaigns/3")
    day = {"decided_until": "2025-12-31", "_token": token}
    browser.post("/campaigns/3/enter", typed | day)
    entered = next(one for one in asked.asked if one.path.endswith(":enter"))
    said = {"list_type": "judgment-defaulter", "authority": "511502-court"}
    assert entered.said == said | {"decided_until": 20251231}


def test_who_may_only_read_has_no_forms() -> None:
    asked = node()
    asked.roles = (Role.REVIEWER,)
    browser = signed_in(asked)
    for path in ("/campaigns", "/campaigns/3"):
        assert 'method="post" action="/campaigns' not in body(browser, path)


def test_names_from_elsewhere_are_text() -> None:
    evil = subject(subject={"code": EVIL, "name": EVIL}, unit=EVIL)
    browser = signed_in(node(evil, name=EVIL, document=EVIL, unit=EVIL))
    assert EVIL not in body(browser, "/campaigns")
    assert EVIL not in body(browser, "/campaigns/3")
