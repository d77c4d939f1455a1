"""Displays in the console: what must go, what was taken down, who is late.

Covers node/console/pages/displays.py, node/console/texts/displays.py.
"""

from __future__ import annotations

from typing import Any

from federation.relief.displays import Ground
from federation.screening.roles import Role
from node.console.pages.displays import rows_of
from node.console.texts.displays import TEXTS
from tests.support.console import Browser, FakeNode, problem, signed_in

EVIL = "<script>alert(1)</script>"
NUMBER = "510500-20261130-adc171ca7891"
CODE = "91510502YY90000083"


def node(party: str = "某平台（演示）", role: Role = Role.OPERATOR) -> FakeNode:
    batch = {
        "number": NUMBER,
        "party": party,
        "at": 1_795_971_723,
        "submitted": 2,
        "refused": 1,
        "told": 1,
        "outstanding": 1,
        "overdue": 1,
    }
    late = {
        "row": 1,
        "ground": "repaired",
        "since": 20261101,
        "due_on": 20261104,
        "told_at": 1,
        "acknowledged_at": 0,
        "again": False,
        "overdue": True,
    }
    owed = {
        "party": party,
        "told": 4,
        "acknowledged": 3,
        "open": 1,
        "overdue": 1,
        "late": 0,
        "without_deadline": 0,
        "displayed_again": 0,
        "oldest": 1_795_971_723,
    }
    answer = {
        "number": NUMBER,
        "at": 1_795_971_723,
        "rows": 3,
        "complete": False,
        "remove": [{"row": 1, "ground": "expired", "since": 20261101, "due_on": 0}],
        "ambiguous": [2],
        "refused": [{"row": 3, "code": "identity.code-check-digit", "message": "m"}],
    }
    return FakeNode(
        roles=(role,),
        replies={
            ("GET", "/v1/displays:report"): {"parties": [owed]},
            ("GET", "/v1/displays"): {"displays": [batch]},
            ("GET", f"/v1/displays/{NUMBER}"): batch | {"remove": [late]},
            ("POST", "/v1/displays"): answer,
            ("POST", f"/v1/displays/{NUMBER}/acknowledgements"): {"acknowledged": [1]},
        },
    )


def body(browser: Browser, target: str) -> str:
    answer = browser.get(target)
    assert answer.status == 200
    return answer.body.decode()


def sent(browser: Browser, target: str, fields: dict[str, str]) -> Any:
    return browser.post(target, fields | {"_token": browser.form_token("/no-such-page")})


def test_rows_are_a_code_a_decision_and_a_list_that_may_be_left_out() -> None:
    assert rows_of(f"{CODE}\t1号\tjudgment-defaulter\r\n\nX\t2号") == [
        {"code": CODE, "document": "1号", "list_type": "judgment-defaulter"},
        {"code": "X", "document": "2号"},
    ]
    assert rows_of("X （2026）川15执1号") == [{"code": "X", "document": "（2026）川15执1号"}]


def test_who_is_late_stands_first_with_its_batches() -> None:
    said = body(signed_in(node()), "/displays")
    for text in ("某平台（演示）", "逾期 1", f'href="/displays/{NUMBER}"', "代第三方比对"):
        assert text in said
    assert "代第三方比对" not in body(signed_in(node(role=Role.REVIEWER)), "/displays")


def test_rows_are_compared_for_a_third_party_that_cannot() -> None:
    fake = node()
    rows = f"{CODE} 1号\n{CODE} 2号\n{EVIL} 3号"
    typed = {"party": "某平台（演示）", "rows": rows, "request_id": "r1"}
    page = sent(signed_in(fake), "/displays", typed).body.decode()
    said = next(one for one in fake.asked if one.method == "POST" and one.path == "/v1/displays")
    assert said.said == typed | {
        "rows": [
            {"code": CODE, "document": "1号"},
            {"code": CODE, "document": "2号"},
            {"code": EVIL, "document": "3号"},
        ]
    }
    for text in ("已到期", CODE, "第 2 行", "第 3 行：代码校验位不对", "有日志没有查到"):
        assert text in page
    assert sent(signed_in(fake), "/displays", typed | {"rows": " \n"}).status == 422
    fake.replies["POST", "/v1/displays"] = problem(422, "display.form", "写明是哪家的", "whose")
    refused = sent(signed_in(fake), "/displays", typed)
    assert (refused.status, EVIL in refused.body.decode()) == (422, False)


def test_what_was_taken_down_is_kept() -> None:
    fake = node()
    browser = signed_in(fake)
    said = body(browser, f"/displays/{NUMBER}")
    assert all(text in said for text in ("已修复", "2026-11-04", 'name="row" value="1"', "逾期"))
    done = sent(browser, f"/displays/{NUMBER}/acknowledge", {"party": "某平台（演示）", "row": "1"})
    assert done.headers["location"] == f"/displays/{NUMBER}?done=1"
    assert fake.asked[-1].said == {"party": "某平台（演示）", "rows": [1]}
    refusal = problem(422, "display.form", "行号有误", "rows")
    fake.replies["POST", f"/v1/displays/{NUMBER}/acknowledgements"] = refusal
    refused = sent(browser, f"/displays/{NUMBER}/acknowledge", {"party": "x", "row": "moon"})
    assert (refused.status, "行号有误" in refused.body.decode()) == (422, True)


def test_every_ground_has_its_words() -> None:
    assert {f"ground.{one.value}" for one in Ground} <= set(TEXTS)


def test_names_from_elsewhere_are_text() -> None:
    browser = signed_in(node(EVIL))
    assert EVIL not in body(browser, "/displays")
    assert EVIL not in body(browser, f"/displays/{NUMBER}")
