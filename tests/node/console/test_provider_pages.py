"""Signing in by the identity provider in a browser: there, back, and out (CN9).

Covers node/console/provider_pages.py.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Final

import pytest
from starlette.responses import Response

from federation.screening.roles import Action
from node.console.page import Group, Page, Route, Visit
from tests.support.asgi import Answered
from tests.support.console import SSO, Browser, FakeNode, console, problem

NAME: Final = "酒城通"
BACK: Final = "/sign-in/provider?state=st&code=right&iss=https%3A%2F%2Fsso.example"
REFRESH: Final = re.compile(r'http-equiv="refresh" content="0; url=([^"]*)"')


async def show(visit: Visit) -> Response:
    return visit.page("message.html", title="甲", detail="", shown_code="")


THING: Final = Page(
    name="thing",
    path="/thing",
    group=Group.WORK,
    needs=(Action.READ_RECORDS,),
    texts={"title": ("某页", "Thing")},
    routes=(Route("GET", "", show),),
)


def browser(fake: FakeNode, origin: str = "") -> Browser:
    return Browser(console(fake, pages=(THING,), provider=NAME, origin=origin))


def set_out(somebody: Browser, target: str = "/thing?a=1") -> Answered:
    fields = {"_token": somebody.form_token("/sign-in"), "next": target}
    return somebody.post("/sign-in/provider", fields)


def led(answer: Answered) -> str:
    """Where a page leads on to by itself."""
    found = REFRESH.search(answer.body.decode())
    return unescape(found[1]) if found else ""


def test_there_and_back_and_in() -> None:
    somebody = browser(FakeNode())
    page = somebody.get("/sign-in?next=/thing").body.decode()
    assert f"用{NAME}登录" in page
    assert page.index(NAME) < page.index('name="password"')
    there = set_out(somebody)
    assert (there.status, led(there)) == (200, SSO)
    assert f"正在前往{NAME}" in there.body.decode()
    # Another site sends the browser back: cookies of ours that are Strict do not come along.
    kept = {name: value for name, value in somebody.cookies.items() if name != "huxin-ticket"}
    for name in kept:
        del somebody.cookies[name]
    back = somebody.get(BACK)
    assert (back.status, led(back)) == (200, "/thing?a=1")
    assert back.headers["cache-control"] == "no-store"
    assert "huxin-ticket" not in somebody.cookies
    assert "甲" in somebody.get("/thing").body.decode()


def test_cn9_cookies_of_the_way_are_short_and_of_the_session_strict() -> None:
    somebody = browser(FakeNode(), origin="https://credit.example")
    form = somebody.get("/sign-in").body.decode()
    token = form.partition('name="_token" value="')[2].partition('"')[0]
    fields = {"_token": token, "next": "/"}
    somebody.post("/sign-in/provider", fields, origin="https://credit.example")
    (ticket,) = (one for one in somebody.set if "huxin-ticket" in one)
    assert ticket.startswith("__Host-huxin-ticket=tick-et.")
    for word in ("; HttpOnly", "; Max-Age=600", "; Path=/", "; SameSite=lax", "; Secure"):
        assert word in ticket
    somebody.get(BACK)
    (session,) = (one for one in somebody.set if one.startswith("__Host-huxin="))
    assert "; SameSite=strict" in session


def test_cn9_who_did_not_set_out_here_comes_back_to_nothing() -> None:
    """An attacker's answer, sent to a victim's browser: nobody is signed in as the attacker."""
    fake = FakeNode()
    victim = browser(fake)
    for cookies in ({}, {"huxin-ticket": "another.Lw"}, {"huxin-ticket": "."}):
        victim.cookies = dict(cookies)
        answer = victim.get(BACK)
        assert answer.status == 401
        assert "登录已过期" in answer.body.decode()
        assert "huxin" not in victim.cookies
    assert fake.open == set()


def test_cn9_a_browser_sets_out_by_a_form_of_ours_alone() -> None:
    fake = FakeNode()
    somebody = browser(fake)
    token = somebody.form_token("/sign-in")
    assert somebody.post("/sign-in/provider", {"_token": "other"}).status == 403
    assert somebody.post("/sign-in/provider", {}).status == 403
    said = {"_token": token}
    assert somebody.post("/sign-in/provider", said, origin="https://evil.example").status == 403
    assert fake.asked == []


@pytest.mark.parametrize("coded", ["Ly9ldmlsLmV4YW1wbGU", "a", "=", "aHR0cHM6Ly9ldmlsLmV4YW1wbGU"])
def test_cn4_a_cookie_that_was_laid_by_another_leads_nowhere_else(coded: str) -> None:
    somebody = browser(FakeNode())
    somebody.cookies["huxin-ticket"] = f"tick-et.{coded}"
    assert led(somebody.get(BACK)) == "/"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "/" + "a" * 2000, ""]
)
def test_cn4_what_is_gone_on_to_is_of_this_console(target: str) -> None:
    somebody = browser(FakeNode())
    set_out(somebody, target)
    assert led(somebody.get(BACK)) == "/"


def test_what_the_node_refuses_is_told_on_the_sign_in_page_and_tried_again_from_there() -> None:
    fake = FakeNode()
    somebody = browser(fake)
    set_out(somebody)
    answer = somebody.get("/sign-in/provider?state=st&error=access_denied")
    assert (answer.status, "没有让您登录" in answer.body.decode()) == (401, True)
    assert fake.asked[-1].said == {"ticket": "tick-et", "state": "st", "error": "access_denied"}
    assert 'value="/thing?a=1"' in answer.body.decode()
    fake.refusal = problem(503, "access.provider-silent", "统一身份认证没有应答", "no answer")
    silent = set_out(somebody)
    assert (silent.status, "没有应答" in silent.body.decode()) == (503, True)
    assert "huxin-ticket" not in somebody.cookies


def test_parameters_that_come_twice_or_are_too_long_are_none() -> None:
    fake = FakeNode()
    somebody = browser(fake)
    for query in ("state=st&state=st&code=right", "state=st&code=" + "a" * 5000):
        set_out(somebody)
        assert somebody.get(f"/sign-in/provider?{query}").status == 401
        assert len(fake.asked[-1].said) < 3 + ("state" in fake.asked[-1].said)


def test_cn2_a_session_that_stands_ends_when_its_browser_signs_in_anew() -> None:
    fake = FakeNode()
    somebody = browser(fake)
    form_token = somebody.form_token("/sign-in")
    somebody.sign_in()
    before = Browser(somebody.app, dict(somebody.cookies))
    somebody.cookies["huxin-form"] = form_token
    assert led(somebody.post("/sign-in/provider", {"_token": form_token})) == SSO
    assert before.get("/thing").status == 303


def test_who_signs_out_is_told_of_the_session_there() -> None:
    fake = FakeNode()
    somebody = browser(fake)
    set_out(somebody)
    somebody.get(BACK)
    answer = somebody.post("/sign-out", {"_token": somebody.form_token("/thing")})
    assert answer.status == 200
    assert f'href="{fake.end_address}"' in answer.body.decode()
    assert "huxin" not in somebody.cookies
    assert fake.open == set()
    fake.end_address = ""
    set_out(somebody)
    somebody.get(BACK)
    answer = somebody.post("/sign-out", {"_token": somebody.form_token("/thing")})
    assert (answer.status, answer.headers["location"]) == (303, "/sign-in")


def test_where_there_is_no_provider_there_is_no_way_to_it() -> None:
    somebody = Browser(console(FakeNode(), pages=(THING,)))
    assert "/sign-in/provider" not in somebody.get("/sign-in").body.decode()
    assert somebody.get(BACK).status == 404
    assert somebody.post("/sign-in/provider", {}).status in (404, 405)


def test_in_english() -> None:
    somebody = browser(FakeNode())
    somebody.get("/language/en")
    assert f"Sign in by {NAME}" in somebody.get("/sign-in").body.decode()
    assert f"On the way to {NAME}" in set_out(somebody).body.decode()
