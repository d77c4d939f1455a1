"""Pictures of the tutorial, taken of the demo's console as the tutorial walks through it.

    python -m tests.browser.pictures        # writes docs/zh/pictures/*.jpg

Run by hand when pages have changed; two minutes on a machine at rest. Needs what the browser tests
need.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Final

from playwright.sync_api import Page

from node.demo.console import PARTS
from node.demo.members import YIBIN
from node.system.clock import CHINA
from tests.support.browsing import OFFICE, chromium
from tests.support.commands import run

ROOT: Final = Path(__file__).parents[2]
PICTURES: Final = ROOT / "docs" / "zh" / "pictures"
LIST: Final = ROOT / "docs" / "tutorial-list.csv"
EDITION: Final = ROOT / "docs" / "tutorial-edition.yaml"
QUALITY: Final = 75
_LOGIN: Final = re.compile(r"用户名 (\w+)  口令 (\S+)  动态码 (\d+)")
_ADDRESS: Final = re.compile(r"^  (http://127\.0\.0\.1:\d+)/$")


class _Demo:
    """A demo that stays up, and what its window says."""

    def __init__(self, process: subprocess.Popen[str], keys: int, folder: str) -> None:
        self.node = Path(folder) / YIBIN.region
        self._process = process
        self._keys = keys
        self.base = ""
        self._logins: dict[str, tuple[str, str]] = {}
        self._read()

    def login(self, name: str) -> tuple[str, str]:
        """Password and a fresh code."""
        os.write(self._keys, b"\n")
        self._read()
        return self._logins[name]

    def _read(self) -> None:
        """Read on to the last line of a block of logins."""
        lines: IO[str] | None = self._process.stdout
        assert lines is not None
        found: dict[str, tuple[str, str]] = {}
        for line in lines:
            if address := _ADDRESS.match(line.rstrip()):
                self.base = address[1]
            if said := _LOGIN.search(line):
                found[said[1]] = said[2], said[3]
            if len(found) == len(PARTS):
                self._logins = found
                return
        message = "the demo ended before it told how to sign in"
        raise RuntimeError(message)


@contextmanager
def _demo() -> Iterator[_Demo]:
    with tempfile.TemporaryDirectory(prefix="huxin-pictures-") as folder:
        command = [str(Path(sys.executable).with_name("huxin")), "demo", "--dir", folder]
        keys, terminal = os.openpty()  # a demo stays up where somebody sits before it
        with subprocess.Popen(
            command, stdin=terminal, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                yield _Demo(process, keys, folder)
            finally:
                process.terminate()
                process.wait(60)
                os.close(terminal)
                os.close(keys)


def _sign_in(page: Page, demo: _Demo, name: str) -> None:
    password, code = demo.login(name)
    page.goto(f"{demo.base}/sign-in")
    page.fill("[name=name]", name)
    page.fill("[name=password]", password)
    page.fill("[name=code]", code)
    page.click("button:not(.plain)")
    page.wait_for_url(f"{demo.base}/")


def _keep(page: Page, name: str) -> None:
    page.screenshot(path=PICTURES / f"{name}.jpg", type="jpeg", quality=QUALITY)


def _choose(page: Page) -> None:
    """For a tender, in joint punishment: nothing is chosen by itself."""
    page.select_option("[name=matter]", "bidding")
    page.select_option("[name=purpose]", "joint-punishment")


def _listed(demo: _Demo, count: int) -> list[tuple[str, str]]:
    """Codes and names of subjects that are listed in 宜宾, out of its own base library."""
    found = run(
        "records",
        "list",
        "--state",
        "active",
        "--limit",
        str(count),
        "--dir",
        demo.node,
        "-o",
        "json",
    )
    rows = json.loads(found.out) if found.code == 0 else []
    return [(one["subject"]["code"], one["subject"]["name"]) for one in rows]


def _office(page: Page, demo: _Demo) -> None:
    """What the first part tells the operator to do."""
    _sign_in(page, demo, "jia")
    _keep(page, "home")
    page.goto(f"{demo.base}/imports")
    page.set_input_files("[name=file]", LIST)
    page.select_option("[name=list_type]", "market-severe-violation")
    page.click("main form button:not(.plain)")
    page.wait_for_load_state("networkidle")
    _keep(page, "import")
    page.goto(f"{demo.base}/repairs?show=all")
    page.locator("main table a").first.click()
    page.wait_for_load_state("networkidle")
    _keep(page, "repair")


def _more(page: Page, demo: _Demo) -> None:
    """What the second part tells the operator to do."""
    page.goto(f"{demo.base}/records?origin=510500.huxin.example/1&kind=listing&state=active")
    page.locator("main tbody th a").first.click()
    page.wait_for_load_state("networkidle")
    page.click("a[href^='/requests/new']")
    page.check("[name=type] >> nth=0")
    page.fill("[name=received_on]", f"{datetime.now(CHINA):%Y-%m-%d}")
    page.fill("[name=document]", "宜收〔2026〕1号")
    page.fill("[name=text]", "款项已付清，请核实。")
    page.click("form[action='/requests/new'] button")
    page.click("button[name=sure]")
    page.wait_for_url("**/requests/*done=sent")
    while "未知" in page.inner_text("main"):  # until others have seen it: from then the days run
        page.wait_for_timeout(1000)
        page.reload()
    _keep(page, "request")
    page.goto(f"{demo.base}/batches")
    _choose(page)
    rows = [f"{code} {name}" for code, name in _listed(demo, 3)]
    page.fill("[name=case_no]", "宜招〔2026〕7号")
    page.fill("[name=rows]", "\n".join(rows))
    page.click("form[action='/batches'] button")
    page.wait_for_selector("form[data-download]")
    _keep(page, "batch")
    page.goto(f"{demo.base}/watches")
    _choose(page)
    page.fill("[name=case_no]", "宜招〔2026〕7号")
    page.fill("[name=until]", f"{datetime.now(CHINA) + timedelta(days=20):%Y-%m-%d}")
    page.fill("[name=rows]", "\n".join(rows))
    page.click("form[action='/watches'] button")
    page.click("a.button[href^='/watches/']")
    page.wait_for_load_state("networkidle")
    _keep(page, "watch")
    page.goto(f"{demo.base}/campaigns")
    for name, value in (
        ("name", "欠薪失信专项治理（演示）"),
        ("document", "宜信办〔2026〕8号"),
        ("unit", "宜宾市信用办（演示）"),
    ):
        page.fill(f"[name={name}]", value)
    page.click("form[action='/campaigns'] button")
    page.wait_for_url("**/campaigns/*")
    page.select_option("[name=list_type]", "unpaid-migrant-wages")
    page.click("form[action$='/enter'] button")
    page.wait_for_selector("main [role=status]")
    _keep(page, "campaign")
    page.click("a[href^='/letters/campaign/']:not(.button)")
    page.fill("[name=person]", "李某（演示）")
    page.fill("[name=number]", "宜信办〔2026〕9号")
    page.click("form[action$='/word'] button")
    page.click("form[action$='/issue'] button")
    page.wait_for_url("**done=1")
    _keep(page, "letter")


def _reviewer(page: Page, demo: _Demo) -> None:
    """What both parts tell the reviewer to do."""
    _sign_in(page, demo, "yi")
    page.goto(f"{demo.base}/cases")
    page.locator("main table a").first.click()
    page.wait_for_load_state("networkidle")
    _keep(page, "case")
    page.goto(f"{demo.base}/editions")
    page.set_input_files("form[action='/editions/try'] [name=file]", EDITION)
    page.click("form[action='/editions/try'] button")
    page.wait_for_selector("pre")
    _keep(page, "edition")


def _security(page: Page, demo: _Demo) -> None:
    """An account is made by the security officer."""
    _sign_in(page, demo, "geng")
    page.goto(f"{demo.base}/accounts/new")
    for name, value in (
        ("name", "ding"),
        ("unit", "宜宾市信用办（演示）"),
        ("post", "科员"),
        ("expires_on", "2027-12-31"),
    ):
        page.fill(f"[name={name}]", value)
    _keep(page, "account")
    page.click("main form button")
    page.wait_for_selector(".qr")
    page.goto(f"{demo.base}/accounts")
    _keep(page, "accounts")


def main() -> None:
    """Walk, and keep a picture at each station."""
    PICTURES.mkdir(exist_ok=True)
    with _demo() as demo, chromium() as browser:
        page = browser.new_page(viewport=OFFICE)  # type: ignore[arg-type]
        _office(page, demo)
        _more(page, demo)
        page.click(".who button")
        _reviewer(page, demo)
        page.click(".who button")
        _security(page, demo)


if __name__ == "__main__":
    main()
