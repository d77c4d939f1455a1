"""The report of quality on paper and on a phone: nothing is cut off, no column is a character wide.

Laid out by Debian's Chromium out of the page's own HTML and style sheet, without a node.
"""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import pytest

from node.documents.quality_labels import COLUMNS, FIGURES, ITEMS
from tests.node.console.test_quality import found, node, row
from tests.support.browsing import chromium
from tests.support.console import signed_in

A4_INSIDE = (1031, 702)
"""An A4 sheet on its side less 12 mm on each side, in CSS pixels."""
PHONE = (390, 844)
LIST, SOURCE = "拖欠农民工工资失信联合惩戒对象名单", "宜宾市人力资源和社会保障局（演示）"
WIDE = """() => [...document.querySelectorAll('.paper table')].filter((one) => one.offsetParent)
  .map((one) => [one.closest('section')?.querySelector('h2')?.innerText,
                 one.getBoundingClientRect().right, document.documentElement.clientWidth])
  .filter(([_, right, width]) => right > width + 1)"""
THIN = """() => [...document.querySelectorAll('.paper td, .paper tbody th')]
  .filter((one) => one.offsetParent && !one.classList.contains('number'))
  .filter((one) => one.innerText.trim().length > 3 && one.getBoundingClientRect().width < 40)
  .map((one) => one.innerText)"""
pytestmark = pytest.mark.soak


def report() -> str:
    """The page, of many sources with long names and large numbers."""
    figures: dict[str, Any] = {"reported": 123_456, "late": 12_345, "unknown": 111_111}
    records = {one: [f"{number:032x}" for number in range(50)] for one in FIGURES}
    rows = [row(**figures, source=f"s{n}", list_type="l", records=records) for n in range(12)]
    document = found(*rows, row(source="", list_type=""), list_name=LIST)
    document["names"]["sources"] = {f"s{n}": f"{SOURCE}{n}" for n in range(12)}
    document["names"]["lists"]["l"] = LIST
    (item,) = document["collection"]["items"]
    assert set(ITEMS) >= {"authority"}
    document["collection"]["items"] = [item | {"authority": "511500-market"}] * 40
    answer = signed_in(node(document)).get("/quality/report?period=2026-10")
    assert answer.status == 200
    style = (files("node.console") / "static" / "console.css").read_text("utf-8")
    html = re.sub(r"<(?:link|script)[^>]*>(?:</script>)?", "", answer.body.decode())
    return html.replace("</head>", f"<style>{style}</style></head>")


def test_on_paper_no_table_is_cut_and_nothing_of_the_screen_is_printed() -> None:
    html = report()
    with chromium() as browser:
        page = browser.new_page(viewport={"width": A4_INSIDE[0], "height": A4_INSIDE[1]})
        page.set_content(html)
        page.emulate_media(media="print")
        assert page.evaluate(WIDE) == []
        assert page.evaluate(THIN) == []
        text = page.inner_text(".paper")
        assert "511500-market" not in text
        assert not re.search("[0-9a-f]{16}", text)
        assert COLUMNS["reliefs_refused"][0] in text
        assert page.locator(".paper a:visible, .paper button:visible").count() == 0
        first = page.locator(".first").bounding_box()
        assert first is not None
        assert first["height"] <= A4_INSIDE[1]
        pdf = page.pdf(prefer_css_page_size=True)
        assert 3 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 8
        sheets = set(re.findall(rb"/MediaBox \[([^]]*)\]", pdf))
        assert [[round(float(edge)) for edge in one.split()] for one in sheets] == [
            [0, 0, 842, 595]
        ]


def test_on_a_phone_figures_are_folded_by_department() -> None:
    html = report()
    with chromium() as browser:
        page = browser.new_page(viewport={"width": PHONE[0], "height": PHONE[1]})
        page.set_content(html)
        assert page.locator("details.narrow:visible").count() == 13
        assert page.locator(".paper section.wide:visible").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        assert page.evaluate("document.documentElement.scrollHeight") < 6 * PHONE[1]
