"""Imports in a browser, from the dropped file to the result, by two persons who have keys.

A faulty XLSX; a list of which two persons must speak; a file whose columns nobody knows.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from federation.screening.roles import Role
from node.directory.config import FILE_NAME
from tests.support.browsing import CITY, Person, chromium, open_console, person
from tests.support.commands import run
from tests.support.federation_dirs import HEADER, LIST_TYPE, found, write_list
from tests.support.processes import serving

pytestmark = [pytest.mark.process, pytest.mark.soak, pytest.mark.timeout(600)]

PEOPLE = (Role.OPERATOR, Role.REVIEWER)


class Town:
    """泸州, whose operator and reviewer have keys, and its files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.node = folder / CITY.region
        found(folder, (CITY,), lambda _: "")
        open_console(self.node)
        lines = ""
        for role in PEOPLE:
            made = run("keys", "person", f"王{role}", "--out", self.key(role), "-o", "json")
            lines += f'"王{role}" = "{made.json["vkey"]}"\n'
        path = self.node / FILE_NAME
        text = path.read_text("utf-8").replace("[persons]\n", f"[persons]\n{lines}")
        path.write_text(text, "utf-8")
        self.wrong: list[str] = []

    def key(self, role: Role) -> Path:
        return self.folder / f"{role}.key"

    def rows(self, numbers: range, *, bad: int = 0) -> list[list[str]]:
        path = self.folder / "rows.csv"
        write_list(path, CITY.region, numbers, bad=bad)
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))

    def csv(self, name: str, rows: list[list[str]]) -> Path:
        path = self.folder / name
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        return path

    def workbook(self, name: str, rows: list[list[str]]) -> Path:
        book = Workbook()
        sheet: Any = book.active
        for row in rows:
            sheet.append(row)
        path = self.folder / name
        book.save(path)
        return path

    def look(self, who: Person) -> None:
        """What is wrong with the page that is open, at both widths."""
        self.wrong += [f"{who.page.url}: {one}" for one in who.faults()]

    def bring(self, who: Person, path: Path) -> None:
        who.go("/imports")
        who.page.set_input_files("[name=file]", path)
        who.page.select_option("[name=list_type]", LIST_TYPE)
        who.page.click("text=检查 >> nth=-1")
        who.page.wait_for_url("**/imports/*")
        self.look(who)

    def sign(self, who: Person, role: Role, sort: str) -> None:
        """Download what is to be signed, sign it elsewhere, hand it in."""
        place = self.folder / f"{role}-{sort}"
        place.mkdir()
        kept = {}
        for name in ("下载原文", "下载已有签名"):
            link = who.page.locator(f"a:has-text('{name}')")
            if link.count():
                with who.page.expect_download() as coming:
                    link.click()
                path = place / coming.value.suggested_filename
                coming.value.save_as(path)
                kept[path.suffix] = path
        text = kept[".txt"]
        note = text.with_suffix(".note")
        assert kept.get(".note", note) == note, "one command signs both as they were kept"
        signed = run("sign", "text", note, text, "--key", self.key(role))
        assert signed.code == 0, signed.err
        who.page.set_input_files("form[action$=say] [name=file]", note)
        who.page.click("text=提交签名")
        who.page.wait_for_url("**done=said")


def test_files_are_imported_from_the_dropped_file_to_the_result(tmp_path: Path) -> None:
    town = Town(tmp_path)
    with chromium() as browser, serving(tmp_path, (CITY,)):
        operator = person(browser, town.node, Role.OPERATOR)
        faulty_workbook(town, operator)
        reviewer = person(browser, town.node, Role.REVIEWER)
        two_persons(town, operator, reviewer)
        unknown_columns(town, operator, reviewer)
        assert operator.said == reviewer.said == []
    assert town.wrong == []


def faulty_workbook(town: Town, operator: Person) -> None:
    """Merged cells leave two rows without an authority, and a code has a wrong digit."""
    rows = town.rows(range(1, 6), bad=1)
    at = next(n for n, text in enumerate(rows[0]) if "法院" in text)
    rows[2][at] = rows[3][at] = ""
    town.bring(operator, town.workbook("faulty.xlsx", rows))
    shown = operator.page.content()
    for text in ("还没有发布", "必填项为空", "不为空", "18 位统一社会信用代码"):
        assert text in shown, text
    with operator.page.expect_download() as coming:
        operator.page.click("text=下载错误清单")
    path = town.folder / "errors.csv"
    coming.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert {row["行"] for row in csv.DictReader(file)} == {"3", "4", "7"}
    operator.page.click("text=发布正确的行")
    operator.page.wait_for_url("**done=published")
    assert "已发布" in operator.page.inner_text("h1")
    town.look(operator)


def two_persons(town: Town, operator: Person, reviewer: Person) -> None:
    """A list that goes to one subject almost alone: ticked, signed by both, published."""
    rows = town.rows(range(101, 131))
    at = rows[0].index(next(text for text in rows[0] if "信用代码" in text))
    for row in rows[2:]:
        row[1], row[at] = rows[1][1], rows[1][at]
    town.bring(operator, town.csv("one.csv", rows))
    assert "须两人确认后才能发布" in operator.page.content()
    operator.page.check("[name=says]")
    operator.page.fill("[name=reason]", "已向法院逐条核对")
    operator.page.click("text=下一步：签署")
    operator.page.wait_for_url("**done=begun")
    town.look(operator)
    town.sign(operator, Role.OPERATOR, "rows")
    assert "您已确认" in operator.page.content()
    reviewer.go("/imports")
    assert "等您确认" in reviewer.page.content()
    town.look(reviewer)
    reviewer.page.click("text=查看 >> nth=0")
    town.look(reviewer)
    town.sign(reviewer, Role.REVIEWER, "rows")
    operator.page.reload()
    operator.page.click("form[action$=publish] button")
    operator.page.wait_for_url("**done=published")


def unknown_columns(town: Town, operator: Person, reviewer: Person) -> None:
    """Columns that no mapping knows: named on the page, tried, signed, saved, used."""
    rows = town.rows(range(201, 204))
    assert rows[0] == list(HEADER)
    called = {text: f"本市栏{at}" for at, text in enumerate(rows[0])}
    town.bring(operator, town.csv("own.csv", [[called[one] for one in rows[0]], *rows[1:]]))
    operator.page.click("a:has-text('指明各列')")
    town.look(operator)
    targets = {
        "被执行人名称": "name",
        "统一社会信用代码": "code",
        "执行法院": "authority_name",
        "案号": "document",
        "失信决定日期": "decided_on",
        "告知日期": "prior_notice_on",
    }
    for text in rows[0]:
        chosen = operator.page.locator(f"select[aria-label='{called[text]}']")
        chosen.select_option(targets.get(text, ""))
    operator.page.fill("form.stack [name=name] >> nth=0", "court-own")
    operator.page.click("text=按所选写出映射")
    town.look(operator)
    operator.page.click("text=按所选检查")
    operator.page.wait_for_url("**done=mapped")
    town.look(operator)
    operator.page.click("text=请两人签署这份映射")
    operator.page.wait_for_url("**done=begun")
    place = operator.page.url.partition("?")[0].rpartition("/")[2]
    town.sign(operator, Role.OPERATOR, "mapping")
    reviewer.go(f"/imports/{place}")
    town.sign(reviewer, Role.REVIEWER, "mapping")
    operator.page.reload()
    operator.page.click("form[action$=publish] button")
    operator.page.wait_for_url("**done=published")
    town.look(operator)
    assert (town.node / "mappings" / "court-own.yaml").exists()
