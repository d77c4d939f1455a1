"""Signing in by an identity provider in a real browser: another site, its redirects, our cookies.

The policy of the console stands (it is not passed over as in the other walks), and the provider is
another site for the browser: SameSite and `form-action` are what they are in an office.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page

from federation.screening.roles import Role
from node.demo.ports import free_ports
from node.directory.config import FILE_NAME
from tests.support.browsing import CITY, OFFICE, Person, chromium, open_console, person
from tests.support.commands import run
from tests.support.federation_dirs import found
from tests.support.identity_provider import CLIENT, SECRET, SmallProvider, served
from tests.support.processes import serving

pytestmark = [pytest.mark.process, pytest.mark.soak, pytest.mark.timeout(600)]

NAME: Final = "赵六（演示）"
CALLED: Final = "酒城通（演示）"


@contextmanager
def provided(folder: Path) -> Iterator[SmallProvider]:
    """A node that is not started yet has a provider, which is `localhost`: another site."""
    (port,) = free_ports(1)
    base = f"http://127.0.0.1:{port}"
    small = SmallProvider(
        now=lambda: int(time.time()), redirect_uri=f"{base}/sign-in/provider", subject="lz-000417"
    )
    with served(small) as here:
        small.issuer = here.replace("127.0.0.1", "localhost")
        open_console(folder)
        path = folder / FILE_NAME
        text = path.read_text("utf-8").replace(
            'listen = "127.0.0.1:0"', f'listen = "127.0.0.1:{port}"', 1
        )
        oidc = {
            "issuer": small.issuer,
            "client_id": CLIENT,
            "client_secret_file": "keys/oidc-secret",
            "name": CALLED,
        }
        lines = "".join(f"{key} = {json.dumps(said)}\n" for key, said in oidc.items())
        text = text.replace('origin = ""', f"origin = {json.dumps(base)}", 1)
        path.write_text(f"{text}\n[http.oidc]\n{lines}", "utf-8")
        secret = folder / "keys" / "oidc-secret"
        secret.write_text(SECRET, "utf-8")
        secret.chmod(0o600)
        yield small


def test_a_person_signs_in_by_the_provider_and_out(tmp_path: Path) -> None:
    node = tmp_path / CITY.region
    found(tmp_path, (CITY,), lambda _: "")
    with provided(node) as small, chromium() as browser, serving(tmp_path, (CITY,)):
        security = person(browser, node, Role.SECURITY)
        base = security.base
        assert small.redirect_uri.startswith(base)
        page, said = strict(browser)
        page.goto(f"{base}/records")
        wrong = security_looks(security, "/accounts/new")
        sign_in(page)
        assert "lz-000417" in page.inner_text("[role=alert]")
        bound(security)
        wrong += security_looks(security, "/accounts")
        sign_in(page)
        page.wait_for_url(f"{base}/records")
        assert NAME in page.inner_text(".who")
        cookies = {one["name"]: one for one in page.context.cookies(base)}
        assert (cookies["huxin"]["sameSite"], cookies["huxin"]["httpOnly"]) == ("Strict", True)
        assert "huxin-ticket" not in cookies
        page.click(".who form button")
        page.wait_for_selector(f"a[href^='{small.issuer}/end?client_id={CLIENT}']")
        page.goto(f"{base}/records")
        assert page.url.startswith(f"{base}/sign-in")
        wrong += looked_at(browser, base)
        assert wrong == said == security.said == []
        listed = run("access", "account", "list", "--dir", node, "-o", "json").json
        assert {one["name"]: one["subject"] for one in listed}[NAME] == "lz-000417"


def strict(browser: Browser) -> tuple[Page, list[str]]:
    """A browser in which the console's policy stands, and what it complains of."""
    page = browser.new_context(viewport=OFFICE).new_page()  # type: ignore[arg-type]
    said: list[str] = []
    # A refusal of the provider's is told with its status, which the browser notes as an error.
    page.on(
        "console",
        lambda one: said.append(one.text) if "policy" in one.text.lower() else None,
    )
    page.on("pageerror", lambda one: said.append(str(one)))
    return page, said


def looked_at(browser: Browser, base: str) -> list[str]:
    """What is wrong with the pages around a session, in both languages."""
    context = browser.new_context(bypass_csp=True, viewport=OFFICE)  # type: ignore[arg-type]
    somebody = Person("", b"", "", context, context.new_page(), base)
    wrong = []
    for english in (False, True):
        somebody.go("/sign-in", english=english)
        wrong += somebody.faults()
        sign_in(somebody.page)
        somebody.page.wait_for_url(f"{base}/")
        somebody.page.click(".who form button")
        somebody.page.wait_for_selector("a[href*='/end?client_id=']")
        wrong += somebody.faults()
    return wrong


def sign_in(page: Page) -> None:
    """Press the button; the provider asks for nothing more."""
    page.click("form[action='/sign-in/provider'] button")
    page.wait_for_function("document.querySelector('[role=alert], .who') !== null")


def security_looks(security: Person, path: str) -> list[str]:
    security.go(path)
    return [f"{path}: {one}" for one in security.faults()]


def bound(security: Person) -> None:
    """The security officer makes an account of who was told the own subject."""
    security.go("/accounts/new")
    typed = {
        "name": NAME,
        "unit": "泸州市信用办（演示）",
        "post": "科员",
        "expires_on": "2099-12-31",
        "subject": "lz-000417",
    }
    for field, value in typed.items():
        security.page.fill(f"[name={field}]", value)
    security.page.click("main form button:not(.second)")
    security.page.wait_for_url("**/accounts?done=bound")
