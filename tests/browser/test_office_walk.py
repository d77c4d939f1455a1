"""What an office does beside imports, in a browser: accounts, editions, batches, watches, letters.

The security officer makes an account, whose person signs in with what was shown once; two persons
who have keys adopt editions and confirm their entries; a batch is asked and kept as a file.
"""

from __future__ import annotations

from base64 import b32decode
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from federation.screening.roles import Role
from node.directory.config import FILE_NAME
from node.system.clock import CHINA
from tests.support.browsing import CITY, OFFICE, Person, address, chromium, open_console, person
from tests.support.commands import run
from tests.support.federation_dirs import found
from tests.support.operating import publish
from tests.support.processes import serving

pytestmark = [pytest.mark.process, pytest.mark.soak, pytest.mark.timeout(600)]

TWO = ("王reviewer", "李某（演示）")
EDITIONS = ("national-lists-2024", "national-measures-2024", "national-screening-2026")


class Office:
    """泸州, where two persons have keys."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.node = folder / CITY.region
        found(folder, (CITY,), lambda _: "")
        open_console(self.node)
        lines = ""
        for at, name in enumerate(TWO):
            made = run("keys", "person", name, "--out", self.key(at), "-o", "json")
            lines += f'"{name}" = "{made.json["vkey"]}"\n'
        path = self.node / FILE_NAME
        text = path.read_text("utf-8").replace("[persons]\n", f"[persons]\n{lines}")
        path.write_text(text, "utf-8")
        self.wrong: list[str] = []

    def key(self, at: int) -> Path:
        return self.folder / f"{at}.key"

    def look(self, who: Person) -> None:
        """What is wrong with the page that is open, at both widths."""
        self.wrong += [f"{who.page.url}: {one}" for one in who.faults()]

    def signed(self, who: Person, *keys: int) -> Path:
        """Download what is to be signed, and sign it elsewhere with these keys."""
        word, note = self.folder / "word.txt", self.folder / "word.note"
        note.unlink(missing_ok=True)
        with who.page.expect_download() as coming:
            who.page.click("form[action$='word.txt'] button")
        coming.value.save_as(word)
        for at in keys:
            made = run("sign", "text", note, word, "--key", self.key(at))
            assert made.code == 0, made.err
        return note


def test_what_an_office_does_beside_imports(tmp_path: Path) -> None:
    office = Office(tmp_path)
    with chromium() as browser, serving(tmp_path, (CITY,)):
        publish(tmp_path, CITY, range(3))
        reviewer = person(browser, office.node, Role.REVIEWER)
        for edition in EDITIONS:
            adopted(office, reviewer, edition)
        confirmed(office, reviewer)
        security = person(browser, office.node, Role.SECURITY)
        somebody = account_made(office, browser, security)
        a_batch(office, somebody)
        a_watch(office, somebody)
        a_campaign_and_its_letter(office, somebody)
        a_comparison_for_a_third_party(office, somebody)
        assert reviewer.said == security.said == somebody.said == []
    assert office.wrong == []


def adopted(office: Office, reviewer: Person, edition: str) -> None:
    """An edition of the program: tried, signed by both, in force."""
    reviewer.go("/editions")
    office.look(reviewer)
    reviewer.page.select_option("[name=starter]", edition)
    reviewer.page.click("form[action='/editions/try'] button")
    reviewer.page.wait_for_selector("pre")
    office.look(reviewer)
    reviewer.page.set_input_files("[name=file]", office.signed(reviewer, 0, 1))
    reviewer.page.fill("[name=other]", TWO[1])
    reviewer.page.click("form[action='/editions/adopt'] button")
    reviewer.page.wait_for_url("**done=adopted")


def confirmed(office: Office, reviewer: Person) -> None:
    """All entries that wait, by one of them."""
    reviewer.go("/editions")
    boxes = reviewer.page.locator("[name=entry]")
    assert boxes.count() > 1
    for at in range(boxes.count()):
        boxes.nth(at).check()
    reviewer.page.click("form[action='/editions/confirm/word'] button")
    reviewer.page.wait_for_selector("pre")
    office.look(reviewer)
    reviewer.page.set_input_files("[name=file]", office.signed(reviewer, 0))
    reviewer.page.click("form[action='/editions/confirm'] button")
    reviewer.page.wait_for_url("**done=confirmed")
    office.look(reviewer)


def account_made(office: Office, browser: Browser, security: Person) -> Person:
    """Made on the page; its person signs in with what the page showed once."""
    security.go("/accounts/new")
    office.look(security)
    typed = {
        "name": "赵六（演示）",
        "unit": "泸州市信用办（演示）",
        "post": "科员",
        "expires_on": "2099-12-31",
        "matters": "bidding",
    }
    for name, value in typed.items():
        security.page.fill(f"[name={name}]", value)
    security.page.check("[name=purposes][value=joint-punishment]")
    security.page.click("main form button")
    security.page.wait_for_selector(".qr")
    office.look(security)
    secret, first = security.page.locator("pre").all_inner_texts()
    security.go("/accounts")
    office.look(security)
    assert first not in security.page.content()
    context = browser.new_context(bypass_csp=True, viewport=OFFICE)  # type: ignore[arg-type]
    page = context.new_page()
    somebody = Person(
        name=typed["name"],
        secret=b32decode(secret.strip()),
        first=first.strip(),
        context=context,
        page=page,
        base=address(office.node),
    )
    page.on("pageerror", lambda one: somebody.said.append(str(one)))
    somebody.sign_in()
    return somebody


def a_batch(office: Office, somebody: Person) -> None:
    """Subjects of the list, one who is on none, and one whose code is none."""
    listed = run("records", "list", "--dir", office.node, "-o", "json").json
    rows = [f"{one['subject']['code']}\t{one['subject']['name']}" for one in listed]
    rows += ["91510502YY90000083\t无关公司（演示）", "bad\t坏行（演示）"]
    somebody.go("/batches")
    office.look(somebody)
    somebody.page.fill("[name=case_no]", "ZJ-1")
    somebody.page.fill("[name=rows]", "\n".join(rows))
    somebody.page.click("main form button")
    somebody.page.wait_for_selector("form[data-download]")
    office.look(somebody)
    path = office.folder / "result.csv"
    for _ in range(2):  # a form that gives a file can be sent again
        with somebody.page.expect_download() as coming:
            somebody.page.click("form[data-download] button")
        coming.value.save_as(path)
    results = [line.split(",")[3] for line in path.read_text("utf-8-sig").splitlines()]
    assert results == [
        "结果",
        *["列入，无措施，不得据此限制"] * len(listed),
        "未发现",
        "无法判定，不得据此限制",
    ]


def a_watch(office: Office, somebody: Person) -> None:
    """What was read is not shown as new when it is looked at again."""
    subject = run("records", "list", "--dir", office.node, "-o", "json").json[0]["subject"]
    somebody.go("/watches")
    somebody.page.fill("[name=case_no]", "ZB-1")
    somebody.page.fill("[name=until]", f"{datetime.now(CHINA) + timedelta(days=20):%Y-%m-%d}")
    somebody.page.fill("[name=rows]", f"{subject['code']} {subject['name']}")
    somebody.page.click("form.stack button")
    somebody.page.wait_for_selector("main a.button")
    office.look(somebody)
    somebody.page.click("main a.button")
    somebody.page.click("form[action$=read] button")
    somebody.page.wait_for_url("**/watches")
    somebody.page.click("main a.button")
    somebody.page.wait_for_selector("h1:has-text('新的变化')")
    assert "上次看过以后没有变化" in somebody.page.content()
    office.look(somebody)


def a_campaign_and_its_letter(office: Office, somebody: Person) -> None:
    """Opened, filled with one listing, and its letter issued by somebody who signs."""
    subject = run("records", "list", "--dir", office.node, "-o", "json").json[0]["subject"]
    somebody.go("/letters")
    office.look(somebody)
    somebody.go("/campaigns")
    typed = {"name": "治理（演示）", "document": "泸信办〔2026〕8号", "unit": "信用办（演示）"}
    for name, value in typed.items():
        somebody.page.fill(f"[name={name}]", value)
    somebody.page.click("form[action='/campaigns'] button")
    somebody.page.wait_for_url("**/campaigns/*")
    somebody.page.fill("[name=codes]", subject["code"])
    somebody.page.click("form[action$='/enter'] button")
    somebody.page.wait_for_selector("main .notice.good")
    office.look(somebody)
    somebody.page.click("a[href^='/letters/campaign/']:not(.button)")
    office.look(somebody)
    somebody.page.fill("[name=person]", TWO[1])
    somebody.page.fill("[name=number]", "泸信办〔2026〕9号")
    somebody.page.click("form[action$='/word'] button")
    somebody.page.wait_for_selector("pre")
    office.look(somebody)
    somebody.page.set_input_files("[name=file]", office.signed(somebody, 1))
    somebody.page.click("form[action$='/issue'] button")
    somebody.page.wait_for_url("**done=1")
    office.look(somebody)
    somebody.go("/letters")
    assert "泸信办〔2026〕9号" in somebody.page.inner_text("main table")


def a_comparison_for_a_third_party(office: Office, somebody: Person) -> None:
    """A listing in force may stay, and a row that cannot be read is named."""
    record = run("records", "list", "--dir", office.node, "-o", "json").json[0]
    somebody.go("/displays")
    somebody.page.fill("[name=party]", "信用服务机构（演示）")
    rows = f"{record['subject']['code']} {record['document']}\nbad bad"
    somebody.page.fill("[name=rows]", rows)
    somebody.page.click("form[action='/displays'] button")
    somebody.page.wait_for_selector("a[href^='/displays/'] code")
    office.look(somebody)
    somebody.page.click("a[href^='/displays/']:has(code)")
    office.look(somebody)
