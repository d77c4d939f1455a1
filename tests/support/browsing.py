"""Debian's Chromium, driven through the console of a real node, and what axe finds in a page.

Where the browser or its driver is missing the tests say so and are skipped; `.ci/run` installs
both. The browser's own background traffic is switched off: nothing leaves the machine.
"""

from __future__ import annotations

import json
import os
import time
from base64 import b32decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from playwright.sync_api import TimeoutError as BrowserTimeout

from federation.screening.roles import Role
from node.access import totp
from node.demo.members import DemoMember
from node.directory.presence import read_node_file
from tests.support.commands import run
from tests.support.federation_dirs import set_key

CHROMIUM: Final = Path("/usr/bin/chromium")
SHOTS: Final = os.environ.get("HUXIN_SHOTS", "")
"""Where each page's picture is laid; empty: nowhere."""
PASSWORD: Final = "四条腿的凳子放在院子里 4"
OFFICE, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
GRAVE: Final = frozenset({"serious", "critical"})
_AXE: Final = Path(__file__).parents[1] / "browser" / "axe.min.js"
_PATIENCE_MS: Final = 120_000
"""Until a page has come, on a machine that does much else; a hang, never a measure."""
_FITS: Final = "width => document.documentElement.scrollWidth <= width"
_TOUCHING: Final = """() => {
  const box = one => one.getBoundingClientRect();
  const whole = one => one.getClientRects().length === 1;
  return [...document.querySelectorAll("main a, main button")]
    .map(one => [one, one.nextElementSibling])
    .filter(([one, next]) => next && next.matches("a, button") && whole(one) && whole(next))
    .filter(([one, next]) => box(one).top < box(next).bottom && box(next).top < box(one).bottom)
    .filter(([one, next]) => box(next).left - box(one).right < 4)
    .map(([one, next]) => `${one.textContent.trim()} and ${next.textContent.trim()}`);
}"""
"""What is clicked side by side without a step of space between."""
_SWITCHES: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


_RUN: Final = "axe.run({resultTypes: ['violations']})"
"""Whole as to what is wrong; of what passed, which would be most of the work, one place a rule."""


@cache
def _axe() -> str:
    return _AXE.read_text("utf-8")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser; the test is skipped where there is none."""
    if not CHROMIUM.exists():
        pytest.skip(f"needs {CHROMIUM}: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=list(_SWITCHES))
        try:
            yield browser
        finally:
            browser.close()


def open_console(folder: Path) -> None:
    """Let a node that is not started yet serve the console, at a port of its own."""
    path = folder / "huxin.toml"
    text = path.read_text("utf-8")
    head, http, rest = text.partition("[http]\n")
    rest = rest.replace('listen = ""', 'listen = "127.0.0.1:0"', 1)
    path.write_text(head + http + rest, "utf-8")
    set_key(folder, "console", "true")


def address(folder: Path) -> str:
    """Where a running node's console is."""
    return f"http://127.0.0.1:{read_node_file(folder).http_port}"


@dataclass
class Person:
    """Somebody with an account, in a browser of their own."""

    name: str
    secret: bytes
    first: str
    context: BrowserContext
    page: Page
    base: str
    said: list[str] = field(default_factory=list)
    """What scripts and the policy complained of."""

    def sign_in(self) -> None:
        """Sign in for the first time, with a password of their own."""
        self.page.goto(f"{self.base}/")
        self.page.fill("[name=name]", self.name)
        self.page.fill("[name=password]", self.first)
        self.page.fill("[name=code]", totp.code_at(self.secret, totp.step_of(int(time.time()))))
        self.page.click("summary")
        self.page.fill("[name=new_password]", PASSWORD)
        self.page.click("form[action='/sign-in'] button")
        self.page.wait_for_url(f"{self.base}/")

    def menu(self) -> list[str]:
        """Where the menu leads."""
        links = self.page.locator(".menu a")
        return [str(links.nth(at).get_attribute("href")) for at in range(links.count())]

    def go(self, path: str, *, english: bool = False) -> int:
        """Look at a page; its status."""
        language = "en" if english else "zh"
        cookies = [{"name": "huxin-language", "value": language, "url": self.base}]
        self.context.add_cookies(cookies)  # type: ignore[arg-type]
        answer = self.page.goto(self.base + path)
        assert answer is not None
        return answer.status

    def faults(self) -> list[str]:
        """What is wrong with the page that is open: too wide, or found by axe."""
        path = self.page.url.removeprefix(self.base).strip("/").replace("/", "-") or "home"
        return faults_of(self.page, path.partition("?")[0])


def faults_of(page: Page, name: str) -> list[str]:
    """What is wrong with a page that is open, which is called so where its picture is kept."""
    wrong = []
    for size in (PHONE, OFFICE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        try:  # a chart follows the window a moment later
            page.wait_for_function(_FITS, arg=size["width"], timeout=20_000)
        except BrowserTimeout:
            wide = page.evaluate("document.documentElement.scrollWidth")
            wrong.append(f"{wide} px wide at {size['width']}")
        wrong += [f"{one} touch at {size['width']}" for one in page.evaluate(_TOUCHING)]
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{size['width']}.png", full_page=True)
    page.evaluate(_axe())
    found: dict[str, Any] = page.evaluate(_RUN)
    return wrong + [
        f"{one['id']}: {one['nodes'][0]['html'][:120]}"
        for one in found["violations"]
        if one["impact"] in GRAVE
    ]


def person(
    browser: Browser, folder: Path, role: Role, *more: str, name: str = "", script: bool = True
) -> Person:
    """Make an account at a running node, and give its person a browser.

    Args:
        browser: of the machine.
        folder: of the node.
        role: of the account.
        more: options of the command that makes it.
        name: of the account; empty: after its role.
        script: whether the browser runs any.
    """
    name = name or f"王{role}"
    usual = (
        "--unit",
        "信用办（演示）",
        "--post",
        "科员",
        "--expires",
        "2099-12-31",
        "--by",
        "张某",
    )
    words = ("access", "account", "new", name, "--role", role, *usual, *more)
    made = run(*words, "--dir", folder, "-o", "json")
    assert made.code == 0, made.err
    # axe is put into the page from outside, which the console's policy rightly forbids.
    context = browser.new_context(
        bypass_csp=True,
        viewport=OFFICE,  # type: ignore[arg-type]
        java_script_enabled=script,
    )
    context.set_default_timeout(_PATIENCE_MS)
    page = context.new_page()
    found = json.loads(made.out)
    somebody = Person(
        name=name,
        secret=b32decode(found["secret"]),
        first=found["password"],
        context=context,
        page=page,
        base=address(folder),
    )
    page.on(
        "console",
        lambda one: somebody.said.append(one.text) if one.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda one: somebody.said.append(str(one)))
    somebody.sign_in()
    return somebody


CITY: Final = DemoMember(region="510500", name="泸州")
