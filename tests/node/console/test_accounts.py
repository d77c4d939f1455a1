"""Accounts in the console: made, their secrets shown once, another password, ended.

Covers node/console/pages/accounts.py, node/console/texts/accounts.py.
"""

from __future__ import annotations

from typing import Any

import pytest
import segno

from federation.screening.roles import Role
from node.console.pages.accounts import outline
from node.console.words import codes_typed
from tests.support.console import Browser, FakeNode, problem, signed_in

EVIL = "<script>alert(1)</script>"
URI = "otpauth://totp/%E6%B3%B8%E5%B7%9E:%E7%8E%8B%E4%BA%94?secret=ABCDEFGH&issuer=a"
ONCE = {"password": "first-password-1", "secret": "ABCDEFGH", "uri": URI}


def account(**changed: Any) -> dict[str, Any]:
    return {
        "name": "王五",
        "unit": "泸州市信用办（演示）",
        "post": "科员",
        "roles": ["operator"],
        "matters": [],
        "purposes": [],
        "credential": "0a1b2c3d",
        "state": "valid",
        "expires_on": 20271231,
        "initial": True,
        "subject": "",
    } | changed


def officer(role: Role = Role.SECURITY, **changed: Any) -> FakeNode:
    one = account(**changed)
    return FakeNode(
        roles=(role,),
        replies={
            ("GET", "/v1/accounts"): {"accounts": [one, account(name="李四", state="revoked")]},
            ("POST", "/v1/accounts"): one | ONCE,
            ("POST", "/v1/accounts:password"): one | ONCE,
            ("POST", "/v1/accounts:revoke"): one | {"state": "revoked"},
        },
    )


def body(browser: Browser, target: str) -> str:
    answer = browser.get(target)
    assert answer.status == 200
    return answer.body.decode()


def sent(browser: Browser, target: str, fields: dict[str, str]) -> Any:
    return browser.post(target, fields | {"_token": browser.form_token("/no-such-page")})


def test_who_says_who_may_sees_all_and_no_name_stands_in_an_address() -> None:
    fake = officer()
    said = body(signed_in(fake), "/accounts")
    for text in ("王五", "李四", "业务操作员", "待本人首次登录", "2027-12-31", "/accounts/new"):
        assert text in said
    assert said.count('action="/accounts/one"') == 1
    assert not any("王五" in one.path or one.query for one in fake.asked)
    assert "/accounts/new" not in body(signed_in(officer(Role.AUDIT)), "/accounts")


def test_one_is_made_and_what_is_shown_once_stands_in_that_answer_alone() -> None:
    fake = officer()
    browser = signed_in(fake)
    assert 'value="third-party"' not in body(browser, "/accounts/new")
    typed = {
        "name": "王五",
        "unit": "泸州市信用办（演示）",
        "post": "科员",
        "roles": "operator",
        "purposes": "joint-punishment",
        "matters": "procurement，government-funds",
        "budget": "500",
        "expires_on": "2027-12-31",
    }
    answer = sent(browser, "/accounts/new", typed)
    page = answer.body.decode()
    assert fake.asked[-1].said == typed | {
        "roles": ["operator"],
        "purposes": ["joint-punishment"],
        "matters": ["procurement", "government-funds"],
        "budget": 500,
        "expires_on": 20271231,
        "by": "王五",
    }
    assert all(
        text in page for text in ("first-password-1", "ABCDEFGH", "<path d=", "只显示这一次")
    )
    assert answer.headers["cache-control"] == "no-store"
    assert "first-password-1" not in body(browser, "/accounts")
    fake.replies["POST", "/v1/accounts"] = problem(409, "access.account", "已有此账号", "another")
    refused = sent(browser, "/accounts/new", typed)
    assert refused.status == 409
    assert all(text in refused.body.decode() for text in ("已有此账号", 'value="500"', "checked"))


def test_who_signs_in_elsewhere_is_bound_and_shown_no_password() -> None:
    fake = officer(subject="lz-000417", initial=False)
    bound = account(subject="lz-000417", initial=False)
    fake.replies["POST", "/v1/accounts"] = bound | dict.fromkeys(ONCE, "")
    browser = signed_in(fake, provider="酒城通")
    assert "酒城通的标识" in body(browser, "/accounts/new")
    typed = {"name": "王五", "unit": "信用办（演示）", "post": "科员", "roles": "operator"}
    typed |= {"budget": "500", "expires_on": "2027-12-31", "subject": "lz-000417"}
    answer = sent(browser, "/accounts/new", typed)
    assert answer.headers["location"] == "/accounts?done=bound"
    assert fake.asked[-1].said["subject"] == "lz-000417"
    listed = body(browser, "/accounts?done=bound")
    assert all(text in listed for text in ("酒城通", "账号已开设"))
    assert "待本人首次登录" not in listed.partition("李四")[0]
    page = sent(browser, "/accounts/one", {"name": "王五"}).body.decode()
    assert "lz-000417" in page
    assert "重置口令" not in page
    fake.replies["POST", "/v1/accounts"] = problem(422, "access.account", "已绑定账号", "bound")
    refused = sent(browser, "/accounts/new", typed).body.decode()
    assert all(text in refused for text in ("已绑定账号", 'value="lz-000417"'))
    assert "subject" not in body(signed_in(officer()), "/accounts/new")


def test_the_code_is_the_one_that_an_authenticator_reads() -> None:
    side, dark = outline(URI)
    made = segno.make(URI, error="m")
    assert side == made.symbol_size(border=2)[0]
    assert dark.count("M") == sum(module for row in made.matrix for module in row)
    assert dark.startswith("M2 2h1v1h-1z")


def test_another_password_and_the_end_are_acts_of_a_page_of_their_own() -> None:
    fake = officer()
    browser = signed_in(fake)
    page = sent(browser, "/accounts/one", {"name": "王五"}).body.decode()
    assert all(text in page for text in ("重置口令和动态码", "不可恢复"))
    again = sent(browser, "/accounts/password", {"name": "王五"}).body.decode()
    assert fake.asked[-1].said == {"name": "王五", "by": "王五"}
    assert "first-password-1" in again
    done = sent(browser, "/accounts/revoke", {"name": "王五"})
    assert done.headers["location"] == "/accounts?done=revoked"
    assert "账号已吊销" in body(browser, "/accounts?done=revoked")
    gone = sent(browser, "/accounts/one", {"name": "无此人"})
    assert gone.headers["location"] == "/accounts?done=unknown"


@pytest.mark.parametrize("act", ["password", "revoke"])
def test_what_is_refused_stands_above_the_accounts(act: str) -> None:
    fake = officer()
    fake.replies["POST", f"/v1/accounts:{act}"] = problem(409, "access.ended", "已吊销", "ended")
    answer = sent(signed_in(fake), f"/accounts/{act}", {"name": "王五"})
    assert (answer.status, "已吊销" in answer.body.decode()) == (409, True)


def test_who_runs_the_node_ends_one_by_its_name_alone() -> None:
    fake = officer(Role.SYSTEM)
    browser = signed_in(fake)
    said = body(browser, "/accounts")
    assert "由安全管理员告知" in said
    page = sent(browser, "/accounts/one", {"name": "王五"}).body.decode()
    assert "重置口令和动态码" not in page
    assert sent(browser, "/accounts/revoke", {"name": "王五"}).status == 303
    assert {one.path for one in fake.asked if "accounts" in one.path} == {"/v1/accounts:revoke"}


def test_codes_are_typed_however_they_are_divided() -> None:
    assert codes_typed(" a, b，c、d;e；f\n g ") == list("abcdefg")


def test_names_from_elsewhere_are_text() -> None:
    fake = officer(name=EVIL, unit=EVIL, post=EVIL)
    browser = signed_in(fake)
    for page in (
        body(browser, "/accounts"),
        sent(browser, "/accounts/one", {"name": EVIL}).body.decode(),
        sent(browser, "/accounts/new", {"name": EVIL}).body.decode(),
    ):
        assert EVIL not in page
