"""One story through the console of a running federation, from a faulty workbook to an audit.

Two cities: 泸州 has the console, 自贡 is its neighbour. A faulty workbook is imported; a listing
that no rule can judge is settled by two persons; a repair is followed until every light is green;
a subject is checked and the outcome reported; a scenario is accepted; a proof is verified offline;
the query log is verified and an audit exported. `make test` tells the first two, on SQLite;
`make soak NAME=browser` all of it, in both languages, on PostgreSQL besides.
"""

from __future__ import annotations

import csv
import os
import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import pytest
from openpyxl import Workbook
from playwright.sync_api import Browser

from federation.screening.roles import Role
from node.console.pages import PAGES
from node.demo.members import DemoMember
from node.demo.offices import Offices
from node.directory.config import load_config
from node.reconcile.catalog_book import CatalogBook
from node.system.clock import SystemClock
from tests.support.browsing import CITY, Person, chromium, open_console, person
from tests.support.catalogs import PERSONS
from tests.support.commands import run
from tests.support.days import DECIDED, NOTIFIED, REPAIRED
from tests.support.federation_dirs import (
    COURT_NAME,
    HEADER,
    LIST_TYPE,
    SOURCE,
    code_of,
    court_of,
    document_of,
    found,
    name_of,
    set_key,
)
from tests.support.fresh import open_fresh
from tests.support.processes import serving
from tests.support.screened import MATTER, matters_text

NEIGHBOUR: Final = DemoMember(region="510300", name="自贡")
WHOLE: Final = bool(os.environ.get("HUXIN_SOAK"))
PATIENCE: Final = 180.0
"""Seconds until the neighbour's word has come, on a machine that does much else."""
SCENARIO: Final = """\
- 类型: 场景
  操作: 开放
  场景类型: 信易租
  场景名称: 园区{number}号厂房租赁免押金（演示）
  提供单位代码: {authority}
  优惠措施:
    - {{代码: deposit-free, 内容: 免押金}}
  适用条件: 在四川登记
  判定条件: {{全部: [{{注册地: "51"}}]}}
  适用主体: [企业]
  有效期起: 2026-01-01
  有效期止: 长期
"""


@dataclass(frozen=True, slots=True)
class Office:
    """The people of 泸州, and where the nodes are."""

    folder: Path
    operator: Person
    first: Person
    second: Person
    auditor: Person
    english: bool

    @property
    def here(self) -> Path:
        """泸州's directory."""
        return self.folder / CITY.region

    @property
    def base(self) -> int:
        """Subjects of this telling begin there: each language has its own."""
        return 500 if self.english else 100

    def said(self, page: str, key: str) -> str:
        """A text of a page in the language of the telling, up to what is filled in."""
        (table,) = (one.texts for one in PAGES if one.name == page)
        return table[key][self.english].partition("{")[0]


@pytest.mark.process
@pytest.mark.timeout(900 if WHOLE else 300)
def test_an_office_does_its_work_in_the_console(
    tmp_path: Path, databases: Callable[[str], str]
) -> None:
    cities = (CITY, NEIGHBOUR)
    with chromium() as browser:
        found(tmp_path, cities, databases)
        for city in cities:
            _adopt(tmp_path / city.region)
            set_key(tmp_path / city.region, "seconds", "2")  # until members tell what they did
        open_console(tmp_path / CITY.region)
        with serving(tmp_path, cities):
            for english in (False, True) if WHOLE else (False,):
                _told(_office(browser, tmp_path, english=english))


def _told(office: Office) -> None:
    listed = _import_a_faulty_workbook(office)
    _settle_with_two_persons(office)
    if WHOLE:
        _follow_a_repair(office, listed)
        _check_and_report(office)
        _accept_a_scenario(office)
        _verify_a_proof(office)
        _export_an_audit(office)
    people = (office.operator, office.first, office.second, office.auditor)
    assert [said for one in people for said in one.said] == []
    for one in people:
        one.context.close()


def _adopt(folder: Path) -> None:
    """Let two persons adopt an edition with a matter, before the node is started."""
    store = open_fresh(load_config(folder).database_url)
    book = CatalogBook(store=store, now=SystemClock().now)
    book.adopt(matters_text(lists=(LIST_TYPE,)), PERSONS)
    store.close()


def _office(browser: Browser, folder: Path, *, english: bool) -> Office:
    here, tail = folder / CITY.region, "en" if english else "zh"
    asks = ("--matter", MATTER, "--purpose", "joint-punishment")
    wanted = (("operator", Role.OPERATOR), ("first", Role.REVIEWER), ("second", Role.REVIEWER))
    people = {
        part: person(
            browser, here, role, *(asks if role is Role.OPERATOR else ()), name=f"{part}-{tail}"
        )
        for part, role in (*wanted, ("auditor", Role.AUDIT))
    }
    for one in people.values():
        one.go("/", english=english)
    return Office(folder=folder, english=english, **people)


def _row(region: str, number: int, name: str = "", code: str = "") -> tuple[str, ...]:
    named = (f"R{number}", name or name_of(number), code or code_of(number), COURT_NAME)
    return (*named, document_of(region, number), DECIDED.isoformat(), NOTIFIED.isoformat())


def _import(office: Office, file: Path, kind: str) -> str:
    """Hand a file in, and publish what is right; the text of the last page."""
    page = office.operator.page
    office.operator.go("/imports", english=office.english)
    page.set_input_files("[name=file]", file)
    page.select_option("[name=kind]", kind)
    if kind == "list":
        page.select_option("[name=list_type]", LIST_TYPE)
    page.click("form[action='/imports/try'] button")
    page.wait_for_url("**/imports/*")
    tried = page.inner_text("main")
    page.click("form[action$='/publish'] button")
    page.wait_for_url("**done=published")
    assert page.inner_text("main") != tried
    return tried


def _import_a_faulty_workbook(office: Office) -> int:
    """Three rows, one of a code with a wrong check digit; the first number that was published."""
    book = Workbook()
    sheet = book.create_sheet("名单", 0)
    sheet.append(HEADER)
    for number in range(office.base, office.base + 2):
        sheet.append(_row(CITY.region, number))
    sheet.append(_row(CITY.region, office.base + 2, code="91510500YY9999999Z"))
    file = office.folder / f"名单-{office.base}.xlsx"
    book.save(file)
    tried = _import(office, file, "list")
    assert "uscc.check-digit" in tried or "91510500YY9999999Z" in tried
    assert _find(office, code_of(office.base)) == 1
    assert _find(office, code_of(office.base + 2)) == 0
    return office.base


def _find(office: Office, code: str) -> int:
    """How many records of a subject the console has."""
    page = office.operator.page
    office.operator.go("/records", english=office.english)
    page.fill("[name=subject]", code)
    page.press("[name=subject]", "Enter")
    page.wait_for_url("**/records/search")
    return page.locator("table.rows tbody tr").count()


def _settle_with_two_persons(office: Office) -> None:
    """The neighbour lists a subject by another name than ours knows: two persons let it count."""
    number = office.base + 10
    file = office.folder / f"odd-{number}.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(
            [HEADER, _row(NEIGHBOUR.region, number, name="另一家企业（演示）")]
        )
    there = office.folder / NEIGHBOUR.region
    publish = ("publish", file, "--list", LIST_TYPE, "--dir", there, "-o", "json")
    shown = run(*publish, "--dry-run").json["shown"]
    words = ("--other-names", "--by", PERSONS[0], "--by", PERSONS[1], "--reason", "曾用名")
    ran = run(*publish, *words, "--shown", shown)
    assert ran.json["published"] == 1, ran.err
    first, second = office.first, office.second
    _until(lambda: _opened(first, office, "/cases", "/cases/"), "the case has come")
    path = first.page.url.removeprefix(first.base)
    for one, said in ((first, "done.second"), (second, "done.use")):
        _until(partial(_used, one, office, path), "the case is what was looked at")
        assert office.said("cases", said) in one.page.inner_text("main")
    first.go("/cases", english=office.english)
    assert path not in first.page.content()


def _used(one: Person, office: Office, path: str) -> bool:
    """Say `use`; False where the case changed since it was shown, as by what its home answers."""
    one.go(path, english=office.english)
    one.page.check("[name=verdict][value=use]")
    one.page.fill("[name=reason]", "营业执照上的曾用名（演示）")
    one.page.click("form[action$='/word'] button")
    one.page.wait_for_selector("form[action$='/decide'], .notice.bad")
    if one.page.locator("form[action$='/decide']").count() == 0:
        return False
    one.page.click("form[action$='/decide'] button")
    one.page.wait_for_selector(".notice.good, .notice.bad")
    return "done=" in one.page.url


def _follow_a_repair(office: Office, number: int) -> None:
    """A repair comes as a file, and is looked at until the neighbour's platform has lifted it."""
    platforms = Offices(office.folder, lambda: None)
    file = office.folder / f"repair-{number}.csv"
    cells = {
        "统一社会信用代码": code_of(number),
        "名称": name_of(number),
        "名单类型": LIST_TYPE,
        "认定单位": COURT_NAME,
        "列入文书号": document_of(CITY.region, number),
        "修复决定文书号": f"川修〔2026〕{number}号",
        "修复日期": REPAIRED.isoformat(),
    }
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([cells.keys(), cells.values()])
    _import(office, file, "repair")
    operator = office.operator
    operator.go("/repairs?show=all", english=office.english)
    links = operator.page.locator("a[href^='/repairs/']")
    path = str(links.last.get_attribute("href"))

    def green() -> bool:
        platforms.look()
        operator.go(path, english=office.english)
        page = operator.page
        return page.locator("main .light").count() > 1 and (
            page.locator("main .light:not(.good)").count() == 0
        )

    _until(green, "every light is green")
    _find(office, code_of(number))


def _check_and_report(office: Office) -> None:
    """A subject is checked for a matter, and what was done is reported."""
    number, page = office.base + 1, office.operator.page
    office.operator.go("/checks", english=office.english)
    page.select_option("[name=matter]", MATTER)
    page.fill("[name=case_no]", f"泸财〔2026〕{number}号（演示）")
    page.fill("[name=code]", code_of(number))
    page.fill("[name=name]", name_of(number))
    page.click("form[action='/checks'] button")
    page.wait_for_selector("form[action$='/report']")
    page.select_option("form[action$='/report'] [name=result]", index=1)
    page.click("form[action$='/report'] button")
    page.wait_for_url("**/checks/*done=1")
    assert office.said("checks", "report.done") in page.inner_text("main")
    office.operator.go("/checks", english=office.english)
    assert page.locator("main table a[href^='/checks/']").count() == 0


def _accept_a_scenario(office: Office) -> None:
    """The neighbour opens a scenario; it is accepted here, and the matrix says so."""
    there = office.folder / NEIGHBOUR.region
    file = office.folder / f"scenario-{office.base}.yaml"
    text = SCENARIO.format(authority=court_of(NEIGHBOUR.region), number=office.base)
    file.write_text(text, "utf-8")
    ran = run("publish", file, "--kind", "scenario", "--source", SOURCE, "--dir", there)
    assert ran.code == 0, ran.err
    operator, page = office.operator, office.operator.page

    def fresh() -> bool:
        operator.go("/scenarios", english=office.english)
        links = page.locator("main a[href^='/scenarios/']")
        for at in range(links.count()):
            operator.go(str(links.nth(at).get_attribute("href")), english=office.english)
            if "accepted" in page.locator("[name=action]").inner_html() and not _accepted(office):
                return True
            operator.go("/scenarios", english=office.english)
        return False

    _until(fresh, "the scenario has come")
    page.select_option("[name=action]", "accepted")
    page.fill("[name=authority_name]", COURT_NAME)
    page.fill("[name=authority]", court_of(CITY.region))
    page.click("form[action$='/act'] button")
    page.wait_for_url("**/scenarios/*done=1")
    assert _accepted(office)


def _accepted(office: Office) -> bool:
    """Whether the scenario that is open is accepted here."""
    page = office.operator.page
    rows = page.locator("main table tbody tr")
    ours = rows.filter(has=page.get_by_role("rowheader", name=CITY.name, exact=True))
    said = ours.locator("td").first.inner_text() if ours.count() else ""
    return said.partition("\n")[0] == office.said("scenarios", "standing.accepted")


def _verify_a_proof(office: Office) -> None:
    """What the page hands out proves the record to a stranger."""
    operator = office.operator
    _find(office, code_of(office.base + 1))
    operator.page.click("table.rows tbody th a")
    operator.page.wait_for_url("**/records/*")
    with operator.page.expect_download() as begun:
        operator.page.click("a[href$='/proof']")
    folder = office.folder / f"proof-{office.base}"
    with ZipFile(begun.value.path()) as archive:
        archive.extractall(folder)
    (bundle,) = folder.iterdir()
    ran = run("proof", "verify", bundle)
    assert ran.code == 0, ran.err


def _export_an_audit(office: Office) -> None:
    """The auditor verifies the query log, and exports as the page says."""
    auditor, page = office.auditor, office.auditor.page
    auditor.go("/audit", english=office.english)
    page.click("form[action='/audit/verify'] button")
    page.wait_for_selector("main [role=status]")
    assert office.said("audit", "holds") in page.inner_text("main")
    commands = [shlex.split(one) for one in page.locator("main pre").all_inner_texts()]
    (export,) = (one for one in commands if one[1:3] == ["audit", "export"])
    (verify,) = (one for one in commands if one[1:3] == ["audit", "verify"])
    folder = office.folder / f"audit-{office.base}"
    made = run(
        *(folder if one == "audit-export" else one for one in export[1:]), "--dir", office.here
    )
    assert made.code == 0, made.err
    ran = run(*(folder if one == "audit-export" else one for one in verify[1:]))
    assert ran.code in (0, 1), ran.err


def _opened(who: Person, office: Office, path: str, below: str) -> bool:
    """Whether a page leads to one below it; then that is open."""
    who.go(path, english=office.english)
    links = who.page.locator(f"main a[href^='{below}']")
    return links.count() > 0 and who.go(str(links.first.get_attribute("href"))) == 200


def _until(holds: Callable[[], bool], what: str) -> None:
    """Look again and again, as a person reloads a page."""
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until, f"expected that {what}"
        time.sleep(0.3)
