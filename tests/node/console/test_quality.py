"""Quality in the console: drawn out of tables, for a chosen period, and its report.

Covers node/console/pages/quality.py, node/documents/report_sheets.py,
node/console/texts/quality.py.
"""

from __future__ import annotations

import io
import re
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import pytest
from openpyxl import load_workbook

from federation.ids import Date
from node.console.pages.quality import ROWS_SHOWN, TREND, by_source, counted, periods, reasons
from node.documents.quality_labels import COLUMNS, FIGURES, MEASURES, REPAIRS
from node.documents.report_sheets import by_city
from node.system.clock import SystemClock
from tests.support.console import Browser, FakeNode, problem, signed_in

pytestmark = pytest.mark.usefixtures("one_day")


def relief(city: str, kind: str, day: int, **left: Any) -> dict[str, Any]:
    relieved = {"city": city, "origin": city, "kind": kind, "decided_on": day}
    return relieved | {"outstanding": [], "departments": 0} | left


RELIEFS = [
    relief("泸州", "repair", 20261003),
    relief("泸州", "repair", 20261030, departments=1),
    relief("宜宾", "withdrawal", 20261031, outstanding=["自贡"]),
    relief("宜宾", "withdrawal", 20261101),
]
EVIL = "<img src=x onerror=alert(1)>"


def row(**changed: Any) -> dict[str, Any]:
    return (
        dict.fromkeys(COLUMNS | MEASURES, 0)
        | {
            "source": "market",
            "list_type": "market-severe-violation",
            "reported": 10,
            "refused": 1,
            "compliant": 7,
            "compliance": 0.7,
            "timely": 8,
            "late": 1,
            "unknown": 0,
            "timeliness": 8 / 9,
            "duplicates": 0,
            "wrong_codes": 1,
            "wrong_code_rate": 1000.0,
            "corrections": 0,
            "withdrawals": 0,
            "missed": 0,
            "coverage": None,
            "incomplete": 0,
            "completeness": 1.0,
            "irregular": 0,
            "standardness": 1.0,
            "unlinked": 0,
            "linkage": None,
            "gaps": 0,
            "longest_gap": 3,
            "reliefs_refused": 0,
            "reasons": {"identity.name-mismatch": 1},
            "faults": [],
            "records": {one: [] for one in FIGURES},
        }
        | changed
    )


def found(*rows: dict[str, Any], list_name: str = "严重违法失信名单") -> dict[str, Any]:
    item = {
        "list_type": "market-severe-violation",
        "name": list_name,
        "department": "",
        "authority": "",
        "state": "missing",
        "number": 0,
        "last_day": 0,
        "districts": [],
    }
    return {
        "period": {"first": 20261001, "last": 20261031, "name": "2026-10"},
        "since": 20261103,
        "formulas": [{"zh": "合规率 = 甲 ÷ 乙", "en": "compliance = a ÷ b"}],
        "names": {
            "lists": {"market-severe-violation": list_name},
            "authorities": {},
            "regions": {},
            "logs": {},
            "sources": {"market": "泸州市市场监管局（演示）", "court": "泸州市法院（演示）"},
        },
        "working_days": {"years": [], "not_covered": []},
        "rows": list(rows),
        "collection": {"day": 20261031, "items": [item]},
        "shares": [],
    }


def node(document: dict[str, Any]) -> FakeNode:
    rates: dict[str, Any] = dict.fromkeys(REPAIRS, 0)
    return FakeNode(
        replies={
            ("GET", "/v1/quality"): document,
            ("GET", "/v1/repairs"): {"repairs": RELIEFS, "next_page_token": ""},
            ("GET", "/v1/repairs:rates"): rates | {"timely": None, "same_day_share": None},
            ("GET", "/v1/status"): {"node": {"name": "泸州", "region": "510500"}},
        }
    )


def body(browser: Browser, target: str) -> str:
    answer = browser.get(target)
    assert answer.status == 200
    return answer.body.decode()


def test_periods_are_named_back_from_today_over_the_turn_of_a_year() -> None:
    offered = periods(Date(20260102))
    assert offered["month"][:2] == ["2026-01", "2025-12"]
    assert offered["quarter"][:2] == ["2026-Q1", "2025-Q4"]
    assert offered["week"][:2] == ["2026-W01", "2025-W52"]


def test_what_a_source_reported_is_added_up_over_its_lists() -> None:
    (one,) = by_source([row(), row(list_type="other", reported=5, refused=0, compliant=5)])
    assert (one["compliant"], one["faulty"], one["refused"]) == (12, 2, 1)


def test_reasons_stand_by_how_often_they_came() -> None:
    mixed = [row(), row(reasons={"row.duplicate": 3, "identity.name-mismatch": 1})]
    assert reasons(mixed) == [("row.duplicate", 3), ("identity.name-mismatch", 2)]


def test_each_chart_stands_over_the_table_that_it_is_drawn_from() -> None:
    said = body(signed_in(node(found(row()))), "/quality?period=2026-10")
    for figure in said.split("<figure")[1:]:
        assert "data-chart" in figure
        assert "<table>" in figure.partition("</figure>")[0]
    assert said.count("<figure") == 2
    scripts = [one.partition('"')[0] for one in said.split('<script src="')[1:]]
    assert [one.split("/")[-1].split(".")[0] for one in scripts] == ["htmx", "echarts", "console"]
    for text in (
        "泸州市市场监管局（演示）",
        "70.00%",
        "88.89%",
        "–",
        "应归未归",
        "合规率 = 甲 ÷ 乙",
    ):
        assert text in said


def test_nothing_is_drawn_of_a_period_in_which_nothing_was_reported() -> None:
    empty = found(row(reported=0, refused=0, compliant=0))
    said = body(signed_in(node(empty)), "/quality?period=2026-10")
    assert "<figure" not in said
    assert "泸州市市场监管局（演示）" in said
    for text in ("没有部门上报", "自 2026-11-03 起有上报", "1 类名单应归未归", 'href="/imports"'):
        assert text in said
    assert "数字截至" not in body(signed_in(node(empty)), "/quality?period=2026-10")
    counted = body(signed_in(node(empty | {"counted_at": 1_795_972_996})), "/quality")
    assert "数字截至" in counted
    said = body(signed_in(node(empty | {"since": 0})), "/quality?period=2026-10")
    assert "还没有收到过名单" in said


def test_a_young_node_opens_on_the_month_that_has_something() -> None:
    fake = node(found())
    now = periods(SystemClock().today())["month"][0]
    fake.replies["GET", "/v1/quality"] = lambda one: (
        found(row()) if one.query["period"] == now else found()
    )
    browser = signed_in(fake)
    said = body(browser, "/quality")
    assert fake.asked[-1].query == {"period": now, "at_once": "true"}
    assert all(text in said for text in (f"<option selected>{now}</option>", "上月没有上报"))
    assert "<figure" in said
    assert "上月没有上报" not in body(browser, f"/quality?period={now}")


def test_the_period_is_asked_for_and_stays_chosen() -> None:
    fake = node(found())
    browser = signed_in(fake)
    said = body(browser, "/quality?period=2025-w07")
    assert fake.asked[-1].query == {"period": "2025-W07", "at_once": "true"}
    assert "<option selected>2025-W07</option>" in said
    assert "没有部门上报" in said
    body(browser, "/quality")
    assert len(fake.asked[-1].query["period"]) == len("2026-10")


def test_the_trend_counts_one_period_after_the_other_of_all_or_of_one_source() -> None:
    two = [row(), row(source="court", reported=5, refused=0, compliant=5, late=3)]
    assert counted(two, "")["compliant"] == 12
    assert counted(two, "court") == {
        "reported": 5,
        "refused": 0,
        "compliant": 5,
        "faulty": 0,
        "late": 3,
        "missed": 0,
        "wrong_codes": 1,
    }
    fake = node(found(*two))
    browser = signed_in(fake)
    said = body(browser, "/quality/trend?unit=quarter&source=court")
    names = [one.query["period"] for one in fake.asked if one.path == "/v1/quality"]
    assert names == [*reversed(periods(SystemClock().today())["quarter"][: TREND["quarter"]])]
    assert '<option value="court" selected>' in said
    assert all(said.index(f">{one}<") < said.index(f">{two}<") for one, two in pairwise(names))
    before = len(fake.asked)
    body(browser, f"/quality/trend?unit=moon&source={EVIL}")
    assert len(fake.asked) - before == TREND["month"]
    assert EVIL not in body(browser, f"/quality/trend?source={EVIL}")


def test_a_period_that_is_none_is_refused_by_the_node() -> None:
    fake = node(found())
    fake.replies["GET", "/v1/quality"] = problem(422, "http.query", "参数有误", "a period")
    answer = signed_in(fake).get("/quality?period=moon")
    assert answer.status == 422
    assert "参数有误" in answer.body.decode()


def test_the_report_is_a_page_that_prints_and_a_workbook_with_all_rows() -> None:
    fault = {
        "statement_id": "",
        "platform": "",
        "by": "",
        "outcome": "refused",
        "reason": "row.duplicate",
    }
    many = [fault | {"row": number} for number in range(ROWS_SHOWN + 1)]
    fake = node(found(row(faults=many)))
    browser = signed_in(fake)
    said = body(browser, "/quality/report?period=2026-10")
    assert "数据质量月通报 2026-10" in said
    assert "泸州 510500" in said
    assert f"问题记录 {ROWS_SHOWN + 1} 行" in said
    assert "row.duplicate" not in said
    assert said.index("本期要点") < said.index("质量控制")
    asked = next(one for one in fake.asked if one.path == "/v1/quality")
    more = {"records": "true", "shares": "true", "at_once": "true"}
    assert asked.query == {"period": "2026-10", **more}
    kept = browser.get("/quality/report.xlsx?period=2026-10")
    named = dict(kept.headers)["content-disposition"]
    assert 'filename="quality-2026-10.xlsx"' in named
    assert named.endswith(f"filename*=UTF-8''{quote('数据质量通报2026-10.xlsx')}")
    sheet = load_workbook(io.BytesIO(kept.body))["问题记录"]
    assert sheet.max_row == ROWS_SHOWN + 2


def test_the_first_page_says_what_is_known_and_beside_a_rate_what_is_not() -> None:
    rows = [row(unknown=8, timely=1, late=0, timeliness=1.0), row(source="", list_type="")]
    said = body(signed_in(node(found(*rows))), "/quality/report?period=2026-10")
    assert "上报 20 条：受理被拒 2，合规 14，接收方待核 4。" in said
    assert "能判定是否及时的 11 条中，及时 9，迟报 1。" not in said
    assert "能判定是否及时的 10 条中，及时 9，迟报 1。" in said
    assert "另有 8 条未知" in said
    assert "<td>100.00%（未知 8）</td>" in said
    assert "<td>未载明部门</td>" in said
    assert '<details class="narrow">' in said
    assert "market-labour" not in said


def test_what_others_hold_of_ours_is_a_list_that_leads_to_each_record() -> None:
    fault = {
        "statement_id": "0b" * 16,
        "row": 0,
        "platform": "",
        "reason": "identity.name-mismatch",
    }
    others = fault | {"by": "511500.huxin.example/1", "outcome": "held"}
    ours = fault | {"by": "", "outcome": "refused", "statement_id": ""}
    document = found(row(faults=[others, ours]), list_name=EVIL)
    document["names"]["logs"] = {"511500.huxin.example/1": "宜宾"}
    browser = signed_in(node(document))
    said = body(browser, "/quality/held?period=2026-10")
    assert said.count("<tr>") == 2
    assert f'<a href="/records/{"0b" * 16}">' in said
    assert "宜宾" in said
    assert EVIL not in said
    assert "/quality/held?period=2026-10" in body(browser, "/quality?period=2026-10")
    assert "没有。" in body(signed_in(node(found(row()))), "/quality/held?period=2026-10")


def test_reliefs_of_the_period_are_counted_by_city_with_a_sum() -> None:
    said = body(signed_in(node(found(row()))), "/quality/report?period=2026-10")
    table = said.partition("本期各市修复与解除")[2].partition("</table>")[0]
    cells = [one.partition("</tr>")[0] for one in table.split("<tr>")[2:]]
    assert [re.findall(r">([^<>\s]+)</t[hd]>", one) for one in cells] == [
        ["泸州", "2", "0", "0", "0", "2", "1"],
        ["宜宾", "0", "1", "0", "0", "1", "0"],
        ["各市合计", "2", "1", "0", "0", "3", "1"],
    ]
    assert by_city([], 20261001, 20261031) == []


def test_names_from_elsewhere_are_text() -> None:
    browser = signed_in(node(found(row(source=EVIL, list_type=EVIL), list_name=EVIL)))
    assert EVIL not in body(browser, "/quality?period=2026-10")
    assert EVIL not in body(browser, "/quality/report?period=2026-10")


@pytest.mark.parametrize("path", ["/quality", "/quality/trend", "/quality/report", "/quality/held"])
def test_what_is_being_counted_is_told_and_no_page_waits_for_it(path: str) -> None:
    fake = node(found(row()))
    (period, *_) = periods(SystemClock().today())["month"]
    fake.replies["GET", "/v1/quality"] = lambda one: (
        {"period": {"first": 1, "last": 2}, "since": 0, "rows": [], "counting": True}
        if one.query["period"] != period
        else found(row())
    )
    browser = signed_in(fake)
    said = body(browser, f"{path}?period=2025-10&unit=month")
    assert "正在后台统计" in said
    assert 'data-again="3"' in said
    assert f'href="{path}?period=2025-10&amp;unit=month"' in said
    done = path == "/quality/trend"
    assert (f"已完成 1 / {TREND['month']} 期" in said) is done
    assert all(one.query["at_once"] == "true" for one in fake.asked if one.path == "/v1/quality")
    if path == "/quality/report":
        answer = browser.get("/quality/report.xlsx?period=2025-10")
        assert (answer.status, answer.headers["location"]) == (303, f"{path}?period=2025-10")


def test_beside_a_rate_stands_of_how_many_rows_it_is_not_known() -> None:
    known, some = row(), row(source="court", unknown=3, timeliness=0.5)
    page = signed_in(node(found(known, some))).get("/quality?period=2026-10").body.decode()
    assert page.count('50.00% <span class="under">（未知 3）</span>') == 2, "in both tables"
    assert page.count("（未知 ") == 2
