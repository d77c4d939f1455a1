"""Every template of the console in every state that a test of it renders, in Debian's Chromium.

The tests of `tests/node/console` render far more states than a node can be brought into within a
test: what they are answered is laid down (`tests.browser.laying`) and looked at, in both languages,
at both widths, and axe looks for what keeps people out. `HUXIN_SHOTS` keeps the pictures.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page, Route

from node.console.assets import read_assets
from tests.support.browsing import chromium, faults_of

ROOT: Final = Path(__file__).parents[2]
TEMPLATES: Final = ROOT / "node" / "console" / "templates"
STATIC: Final = ROOT / "node" / "console" / "static"
WITHIN: Final = re.compile(r'{%-? *(?:extends|include|import|from) "([^"]+)\.html"')
"""What another template stands in, or has within it."""
PLACE: Final = "http://console.example"


@pytest.mark.process
@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_every_state_of_every_page_is_whole_in_both_languages(tmp_path: Path) -> None:
    lay(tmp_path)
    laid = sorted(tmp_path.glob("??/*.html"))
    templates = sorted(TEMPLATES.glob("*.html"))
    within = {name for path in templates for name in WITHIN.findall(path.read_text("utf-8"))}
    of_all = {path.stem for path in templates} - within
    for language in ("zh", "en"):
        shown = {path.name.partition(".")[0] for path in laid if path.parent.name == language}
        assert shown == of_all, language
    with chromium() as browser:
        page = browser.new_page()
        page.route("**/*", lambda route: serve(tmp_path, route))
        wrong = [f"{at.relative_to(tmp_path)}: {one}" for at in laid for one in look(page, at)]
    assert wrong == []


def lay(folder: Path) -> None:
    """Run the tests of the console for the pages that they are answered, whatever they say."""
    command = (sys.executable, "-m", "pytest", "-q", "-p", "tests.browser.laying")
    within = ("-p", "no:cacheprovider", "-p", "no:randomly", "tests/node/console")
    environment = os.environ | {"HUXIN_PAGES": str(folder)}
    subprocess.run((*command, *within), cwd=ROOT, env=environment, check=False, timeout=900)


def look(page: Page, at: Path) -> list[str]:
    """What is wrong with a page that was laid down."""
    page.goto(f"{PLACE}/{at.parent.name}/{at.name}")
    return faults_of(page, f"{at.parent.name}-{at.name.removesuffix('.html')}")


def serve(folder: Path, route: Route) -> None:
    """Answer the browser: a page that was laid down, or what pages are made of."""
    path = route.request.url.removeprefix(PLACE).partition("?")[0]
    if path.startswith("/static/"):
        (name,) = (one.name for one in STATIC.iterdir() if assets_has(one.name, path))
        route.fulfill(path=STATIC / name)
    elif (laid := folder / path.lstrip("/")).is_file():
        route.fulfill(path=laid, content_type="text/html; charset=utf-8")
    else:
        route.fulfill(status=404, body="")


def assets_has(name: str, path: str) -> bool:
    """Whether a file of the package is served at a path."""
    return name.endswith((".css", ".js")) and read_assets().path(name) == path
