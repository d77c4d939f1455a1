"""Every route of every page × every role: who may not is refused before anything is asked.

A new page is held by this as soon as it stands in `PAGES`.
"""

from __future__ import annotations

import re
from itertools import product

import pytest

from federation.screening.roles import Role, allowed
from node.console.page import Page, Route
from node.console.pages import PAGES
from tests.support.console import Browser, FakeNode, console, signed_in

ROUTES = [(page, route) for page in PAGES for route in page.routes]
PEOPLE = [role for role in Role if role is not Role.THIRD_PARTY]


def named(value: object) -> str:
    return value.name if isinstance(value, Page) else f"{value.method} {value.path}"  # type: ignore[attr-defined]


def target(page: Page, route: Route) -> str:
    return re.sub(r"\{[^}]+\}", "b3f216906973021e9a20457facc1c311", page.path + route.path)


def may(role: Role, page: Page, route: Route) -> bool:
    seen = any(allowed(role, action) for action in page.needs)
    return seen and (route.needs is None or allowed(role, route.needs))


@pytest.mark.parametrize("role", PEOPLE)
def test_cn1_who_may_not_is_refused_at_every_route(role: Role) -> None:
    fake = FakeNode(roles=(role,))
    browser = signed_in(fake)
    browser.get("/")
    token = browser.form_token("/no-such-page")
    wrong = []
    for page, route in ROUTES:
        before = len(fake.asked)
        path = target(page, route)
        answer = (
            browser.get(path) if route.method == "GET" else browser.post(path, {"_token": token})
        )
        refused = answer.status == 403 and len(fake.asked) == before
        if refused == may(role, page, route):
            wrong.append((page.name, route.method, route.path, answer.status))
    assert wrong == []


def test_cn1_strangers_are_sent_to_the_sign_in_page_from_every_route() -> None:
    fake = FakeNode()
    app = console(fake)
    for page, route in ROUTES:
        stranger, path = Browser(app), target(page, route)
        answer = stranger.get(path) if route.method == "GET" else stranger.post(path)
        assert (answer.status, answer.headers["location"][:8]) == (303, "/sign-in")
    assert fake.asked == []


def test_cn3_no_route_that_changes_something_takes_a_form_of_others() -> None:
    posts = [(page, route) for page, route in ROUTES if route.method == "POST"]
    assert posts
    for (page, route), role in product(posts, (Role.OPERATOR, Role.REVIEWER)):
        fake = FakeNode(roles=(role,))
        browser = signed_in(fake)
        token, path = browser.form_token("/no-such-page"), target(page, route)
        before = len(fake.asked)
        assert browser.post(path, {"_token": token[::-1]}).status == 403
        assert browser.post(path, {}).status == 403
        assert browser.post(path, {"_token": token}, origin="https://evil.example").status == 403
        assert len(fake.asked) == before
