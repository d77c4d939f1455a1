"""For how long a row is published: stated, by the catalog, or not at all (F19, F20, F24)."""

from __future__ import annotations

import csv
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.files._cell_error import CellError
from adapters.files._cells import is_error
from adapters.files._dates import FORMATS, DateReader
from adapters.files._periods import read_period
from adapters.files.faults import RowFault
from adapters.files.listings import FeedContext, ListingRow, ReliefRow, read_listings
from adapters.files.mapping import find_mapping, list_names
from adapters.files.reliefs import ReliefContext, read_reliefs
from federation.dates import add_months
from federation.ids import CharterId, Date
from federation.payloads import Audience, Exit, ExitKind, Listing, TermQuality
from federation.reconcile.sources import Certainty
from tests.support.catalogs import catalog_of, edition_text
from tests.support.file_rows import listing_of
from tests.support.tables import AUTHORITIES, TABLES

DATES = DateReader(FORMATS)
DECIDED = Date(20260305)
MARKET = find_mapping("market-severe-violation")
CONTEXT = FeedContext(
    audience=Audience(charters=(CharterId(b"c" * 32),), purposes=("joint-punishment",)),
    department="desk",
    batch="2026-11",
    authorities=AUTHORITIES,
    today=Date(20261120),
)
ROW = {
    "统一社会信用代码": "91510504YY0500006Y",
    "企业名称": "泸州示例盐都建筑工程有限公司（演示）",
    "作出决定机关": "泸州市市场监督管理局",
    "列入决定书文号": "泸市监严列〔2026〕1号",
    "列入原因": "提交虚假材料取得公司登记",
    "列入日期": "2026-03-05",
    "公示截止日期": "",
    "公示期限": "",
    "公示期": "",
}


def term_of(item: ListingRow) -> TermQuality:
    assert isinstance(item.listing, Listing)
    return item.listing.term


def read(
    folder: Path, changes: dict[str, str], context: FeedContext = CONTEXT
) -> ListingRow | ReliefRow | RowFault:
    """Read one row."""
    path = folder / "list.csv"
    row = ROW | changes
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([list(row), list(row.values())])
    (item,) = read_listings(path, MARKET, context)
    return item


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("一年", 20270305),
        ("12个月", 20270305),
        ("十二个月", 20270305),
        ("两年", 20280305),
        ("半年", 20260905),
        ("一年半", 20270905),
        ("２年６个月", 20280905),
        ("壹年", 20270305),
        ("90天", 20260603),
        ("自公布之日起三年", 20290305),
        ("公示期1年", 20270305),
        ("2026-03-05至2027-03-04", 20270304),
        ("20260305-20270304", 20270304),
        ("2026.3.5 ～ 2027.3.4", 20270304),
        ("自2026年3月5日起至2027年3月4日止", 20270304),
        ("2026-03-05 00:00:00 至 2027-03-04 00:00:00", 20270304),
        ("至2027年3月4日", 20270304),
        ("2027/3/4", 20270304),
    ],
)
def test_f19_periods_that_are_understood(text: str, last: int) -> None:
    assert read_period(text, DECIDED, DATES) == last


@pytest.mark.parametrize(
    "text",
    [
        "长期",
        "永久",
        "五",
        "年",
        "一二年",
        "1至3年",
        "1-3年",
        "9999年",
        "2027-03-04至2026-03-05",
        "见决定书",
    ],
)
def test_f19_periods_that_are_not_understood(text: str) -> None:
    with pytest.raises(CellError) as caught:
        read_period(text, DECIDED, DATES)
    assert caught.value.code == "period.unread"


@given(
    st.text(max_size=12) | st.from_regex(r"[自至到0-9一二十年个月天日半-]{1,12}", fullmatch=True)
)
def test_f19_any_text_is_understood_or_refused(text: str) -> None:
    with suppress(CellError):
        assert read_period(text, DECIDED, DATES) >= 19490101


def test_f19_a_period_of_a_real_layout_is_the_one_stated() -> None:
    rows = list(read_listings(TABLES / "period.csv", MARKET, CONTEXT))
    assert all(isinstance(row, ListingRow) for row in rows), rows
    listings = [listing_of(row) for row in rows if isinstance(row, ListingRow)]
    assert [one.publish_until for one in listings] == [20270305, 20270304]
    assert {one.term for one in listings} == {TermQuality.STATED}
    assert listings[0].exits == (
        Exit(kind=ExitKind.LISTED_FOR, months=12),
        Exit(kind=ExitKind.PERIOD_OVER),
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"公示期限": "见决定书"}, "period.unread"),
        ({"公示期限": "一年", "公示期": "24个月"}, "period.differs"),
        ({"公示期限": "一年", "公示截止日期": "2029-03-05"}, "period.differs"),
        ({"公示期限": "三个月"}, "date.over"),
        ({"公示期限": "至2026-03-04"}, "date.order"),
        ({}, "period.missing"),
    ],
)
def test_f19_f20_what_refuses_a_row(tmp_path: Path, changes: dict[str, str], code: str) -> None:
    item = read(tmp_path, changes)
    assert isinstance(item, RowFault)
    assert item.code == code


def test_f19_an_end_and_the_period_that_leads_to_it_agree(tmp_path: Path) -> None:
    item = read(tmp_path, {"公示期限": "一年", "公示截止日期": "2027-03-04"})
    assert isinstance(item, ListingRow)
    assert (item.until, term_of(item)) == (20270304, TermQuality.STATED)


def test_f20_no_end_is_invented(tmp_path: Path) -> None:
    for certainty, confirmed, until in (
        (Certainty.CONFIRMED, (), 20280305),
        (Certainty.MEMORY, (), 0),
        (Certainty.MEMORY, ("tests-2015/market-severe-violation",), 20280305),
    ):
        text = edition_text(term_months=24, certainty=certainty.value)
        catalog = catalog_of(text, confirmed=confirmed)
        term_months = partial(catalog.term_months, MARKET.list_type)
        context = replace(CONTEXT, term_months=term_months)
        item = read(tmp_path, {}, context)
        if until:
            assert isinstance(item, ListingRow)
            assert item.until == until
            assert term_of(item) is TermQuality.BY_CATALOG
        else:
            assert isinstance(item, RowFault)
            assert (item.column, item.code) == ("公示截止日期", "period.missing")


def test_f20_the_term_of_the_lower_layer_narrows_and_none_is_none() -> None:
    city = edition_text("city", layer="city", term_months=12, certainty="C")
    catalog = catalog_of(edition_text(term_months=24), city)
    assert catalog.term_months(MARKET.list_type, DECIDED) == 12
    assert catalog_of(edition_text(term_months=0)).term_months(MARKET.list_type, DECIDED) == 0
    struck = edition_text("city", layer="city", struck=True)
    assert catalog_of(edition_text(), struck).term_months(MARKET.list_type, DECIDED) == 36
    assert catalog.term_months("nothing", DECIDED) == 0
    assert catalog.term_months(MARKET.list_type, Date(20140101)) == 0


def test_f24_an_error_cell_of_a_workbook_is_a_fault() -> None:
    fault, row = read_listings(TABLES / "error-cell.xlsx", MARKET, CONTEXT)
    assert isinstance(fault, RowFault)
    assert (fault.row, fault.column, fault.code, fault.value) == (
        2,
        "公示截止日期",
        "cell.error",
        "#N/A",
    )
    assert isinstance(row, ListingRow)
    assert row.until == 20270305


@pytest.mark.parametrize(
    "text", ["#N/A", "#REF!", "#DIV/0!", "#NAME?", "＃N/A", "#####", "Err:502"]
)
def test_f24_errors_as_text_are_faults_in_columns_that_are_used(tmp_path: Path, text: str) -> None:
    item = read(tmp_path, {"企业名称": text, "公示期限": "一年", "注册地址": ""})
    assert isinstance(item, RowFault)
    assert (item.column, item.code) == ("企业名称", "cell.error")
    aside = read(tmp_path, {"公示期限": "一年", "注册地址": text})
    assert isinstance(aside, ListingRow)


def test_f24_what_only_looks_so_is_text() -> None:
    assert not any(map(is_error, ("#1", "#甲", "E5", "Error", "＃", "# N", "#N/A1")))


def test_f24_errors_of_relief_files(tmp_path: Path) -> None:
    path = tmp_path / "repair.csv"
    path.write_text("声明编号,修复决定文书号,修复日期\n,#REF!,2026-11-01\n", "utf-8")
    context = ReliefContext(authorities={}, list_types=list_names(()), today=Date(20261120))
    (item,) = read_reliefs(path, context)
    assert isinstance(item, RowFault)
    assert item.code == "cell.error"


def test_months_and_days_are_counted_as_periods_are() -> None:
    assert add_months(DECIDED, 12) == read_period("一年", DECIDED, DATES)
