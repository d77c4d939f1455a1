"""Pictures of the tutorial, taken of the demo's console as the tutorial walks through it.

    python -m tests.browser.pictures        # writes docs/zh/pictures/*.jpg

Run by hand when pages have changed; takes two minutes. Needs what the browser tests need.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from playwright.sync_api import Page

from tests.support.browsing import OFFICE, chromium

ROOT: Final = Path(__file__).parents[2]
PICTURES: Final = ROOT / "docs" / "zh" / "pictures"
LIST: Final = ROOT / "docs" / "tutorial-list.csv"
QUALITY: Final = 75
_LOGIN: Final = re.compile(r"用户名 (\w+)  口令 (\S+)  动态码 (\d+)")
_ADDRESS: Final = re.compile(r"^  (http://127\.0\.0\.1:\d+)/$")


class _Demo:
    """A demo that stays up, and what its window says."""

    def __init__(self, process: subprocess.Popen[str], keys: int) -> None:
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
            if len(found) == 2:  # the two people of the demo
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
                yield _Demo(process, keys)
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


def main() -> None:
    """Walk, and keep a picture at each station."""
    PICTURES.mkdir(exist_ok=True)
    with _demo() as demo, chromium() as browser:
        page = browser.new_page(viewport=OFFICE)  # type: ignore[arg-type]
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
        page.click(".who button")
        _sign_in(page, demo, "yi")
        page.goto(f"{demo.base}/cases")
        page.locator("main table a").first.click()
        page.wait_for_load_state("networkidle")
        _keep(page, "case")


if __name__ == "__main__":
    main()
