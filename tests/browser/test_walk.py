"""A walk through the console of a real node with Debian's Chromium: every page that somebody sees.

`make soak NAME=browser` walks all of it: both languages, every page by axe, on PostgreSQL besides.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from tomllib import loads

import pytest

from federation.screening.roles import Role, allowed
from node.console.pages import PAGES
from tests.support.browsing import CITY, PHONE, chromium, open_console, person
from tests.support.federation_dirs import code_of, found, name_of
from tests.support.operating import publish
from tests.support.processes import serving

HERE = Path(__file__).parent
WHOLE = bool(os.environ.get("HUXIN_SOAK"))
PEOPLE = (Role.OPERATOR, Role.REVIEWER, Role.DEPARTMENT, Role.SYSTEM, Role.AUDIT, Role.SECURITY)
"""Who looks, where there is a page that nobody before could see; who makes accounts comes last."""


@pytest.mark.process
def test_every_page_is_whole_at_both_widths_and_axe_finds_nothing_grave(
    tmp_path: Path, databases: Callable[[str], str]
) -> None:
    wrong: list[str] = []
    with chromium() as browser:
        found(tmp_path, (CITY,), databases)
        folder = tmp_path / CITY.region
        open_console(folder)
        with serving(tmp_path, (CITY,)):
            publish(tmp_path, CITY, range(3))
            seen: set[str] = set()
            for role in PEOPLE:
                theirs = {page.path for page in PAGES if any(allowed(role, a) for a in page.needs)}
                if theirs <= seen and not WHOLE:
                    continue
                somebody = person(browser, folder, role)
                for path in somebody.menu():
                    if path in seen and not WHOLE:
                        continue
                    for english in (False, True) if WHOLE else (False,):
                        status = somebody.go(path, english=english)
                        faults = somebody.faults()
                        wrong += [f"{path}: {status}"] if status != 200 else []
                        wrong += [f"{path} {'en' if english else 'zh'}: {one}" for one in faults]
                    seen.add(path)
                wrong += [f"{role}: {one}" for one in somebody.said]
                somebody.page.click(".who button")
                somebody.page.wait_for_url("**/sign-in")
                somebody.context.close()
    assert wrong == []
    assert seen == {page.path for page in PAGES}


@pytest.mark.soak
@pytest.mark.process
def test_every_page_reads_and_its_forms_lead_on_without_any_script(
    tmp_path: Path, databases: Callable[[str], str]
) -> None:
    """What a page has it has in its HTML: a heading, no empty table, and a button in each form."""
    wrong: list[str] = []
    seen: set[str] = set()
    with chromium() as browser:
        found(tmp_path, (CITY,), databases)
        folder = tmp_path / CITY.region
        open_console(folder)
        with serving(tmp_path, (CITY,)):
            publish(tmp_path, CITY, range(3))
            for role in PEOPLE:
                somebody = person(browser, folder, role, script=False)
                page = somebody.page
                for path in somebody.menu():
                    status = somebody.go(path)
                    seen.add(path)
                    forms = page.locator("main form")
                    mute = [
                        at
                        for at in range(forms.count())
                        if not forms.nth(at).locator("button").count()
                    ]
                    hidden = page.locator("main [hidden], main [style*=none]").count()
                    heading = page.locator("main h1").inner_text().strip()
                    if status != 200 or mute or hidden or not heading:
                        wrong.append(f"{role} {path}: {status}, forms {mute}, hidden {hidden}")
                page.set_viewport_size(PHONE)  # type: ignore[arg-type]
                somebody.go("/")
                page.click(".fold summary")
                assert page.locator(".menu a").first.is_visible()
                somebody.go("/records")
                if page.locator("[name=subject]").count():
                    page.fill("[name=subject]", code_of(1))
                    page.press("[name=subject]", "Enter")
                    assert page.locator("main", has_text=name_of(1)).count()
                somebody.context.close()
    assert wrong == []
    assert seen == {page.path for page in PAGES}


def test_axe_is_unchanged_and_has_its_licence() -> None:
    (said,) = loads((HERE / "vendor.toml").read_text("utf-8"))["file"]
    assert sha256((HERE / said["name"]).read_bytes()).hexdigest() == said["sha256"]
    assert all((HERE / text).stat().st_size for text in said["texts"])
