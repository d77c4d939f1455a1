"""What a file says about whether its rows stand (F16-F18, F54)."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.files.errors import MappingError
from adapters.files.faults import RowFault
from adapters.files.listings import FeedContext, ListingReader, ListingRow, ReliefRow, read_listings
from adapters.files.mapping import Mapping, find_mapping
from adapters.files.mapping_parts import Removal
from adapters.files.standing import called, check_names
from adapters.files.tables import Rows, Table
from federation.errors import RefusedError
from federation.ids import CharterId, Date
from federation.payloads import Audience
from tests.support.tables import AUTHORITIES, TABLES

CONTEXT = FeedContext(
    audience=Audience(charters=(CharterId(b"c" * 32),), purposes=("joint-punishment",)),
    department="desk",
    batch="2026-11",
    authorities=AUTHORITIES,
    today=Date(20261120),
)
MARKET = find_mapping("market-severe-violation")
ROW = {
    "记录编号": "Z1",
    "统一社会信用代码": "91510504YY0500006Y",
    "企业名称": "泸州示例盐都建筑工程有限公司（演示）",
    "作出决定机关": "泸州市市场监督管理局",
    "列入决定书文号": "泸市监严列〔2025〕1号",
    "列入原因": "提交虚假材料取得公司登记",
    "列入日期": "2025-11-26",
    "公示截止日期": "2027-11-26",
}
OTHER = ROW | {
    "记录编号": "Z2",
    "统一社会信用代码": "91510502YY77080538",
    "列入决定书文号": "泸市监严列〔2025〕2号",
}
RELIEF = Removal(
    columns=("移出日期",),
    kind="repair",
    document=("移出决定书文号",),
    decided_on=("移出日期",),
    reason=("移出原因",),
)

Read = Callable[..., list[ListingRow | ReliefRow | RowFault]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def reader(
        *rows: dict[str, str], mapping: Mapping = MARKET
    ) -> list[ListingRow | ReliefRow | RowFault]:
        path = tmp_path / "list.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        first = read_listings(path, mapping, CONTEXT)
        for _ in first:
            pass
        return list(read_listings(path, mapping, CONTEXT, removed=first.gone))

    return reader


def told(items: list[ListingRow | ReliefRow | RowFault]) -> list[str]:
    """What became of each row."""
    return [item.code if isinstance(item, RowFault) else type(item).__name__ for item in items]


@pytest.mark.parametrize(
    ("table", "list_type", "expected"),
    [
        ("gsxt-removed.csv", "market-severe-violation", {3: "row.removed"}),
        ("wages-backflow.csv", "unpaid-migrant-wages", {3: "row.removed"}),
        ("wages-exited.csv", "unpaid-migrant-wages", {3: "row.removed", 4: "row.by-hand"}),
    ],
)
def test_f16_rows_of_real_layouts_that_no_longer_stand(
    table: str, list_type: str, expected: dict[int, str]
) -> None:
    reader = read_listings(TABLES / table, find_mapping(list_type), CONTEXT)
    found = {item.row: item.code for item in reader if isinstance(item, RowFault)}
    assert {row: code for row, code in found.items() if row in expected} == expected
    assert len(reader.removed) == sum(code == "row.removed" for code in expected.values())


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("移出日期", "2026-06-01", "row.removed"),
        ("移出原因", "列入满一年", "row.removed"),
        ("状态", "已移出", "row.removed"),
        ("名单状态", "已 修复", "row.removed"),
        ("操作类型", "撤销", "row.removed"),
        ("是否移出", "是", "row.removed"),
        ("是否有效", "否", "row.removed"),
        ("信息状态", "拟列入", "row.not-yet"),
        ("状态", "告知中", "row.not-yet"),
        ("状态", "第三种", "field.value"),
        ("续期原因", "拒不改正，续期二年", "row.by-hand"),
        ("名单类型", "重大税收违法失信主体名单", "row.other-list"),
        ("名单名称（必填）", "房地产领域黑名单", "row.other-list"),
        ("list_type", "judgment-defaulter", "row.other-list"),
        ("备注", "已提前退出", "row.removed"),
        ("备注", "该企业已于6月移出名单", "row.removed"),
    ],
)
def test_f16_f54_a_row_that_does_not_stand_on_the_list_is_refused(
    read: Read, column: str, cell: str, code: str
) -> None:
    items = read(ROW | {column: cell}, OTHER | {column: ""})
    assert told(items) == [code, "ListingRow"]
    assert isinstance(items[0], RowFault)
    assert (items[0].column, items[0].value) == (column, cell)


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("状态", "有效"),
        ("操作类型", "新增"),
        ("是否移出", "否"),
        ("备注", "未移出"),
        ("移出日期", "-"),
    ],
)
def test_f16_a_row_that_stands_is_listed(read: Read, column: str, cell: str) -> None:
    assert told(read(ROW | {column: cell})) == ["ListingRow"]


def test_f16_no_other_row_of_the_file_lists_a_removed_record(read: Read) -> None:
    removed = ROW | {"记录编号": "Z9", "操作类型": "移出"}
    assert told(read(ROW | {"操作类型": "新增"}, OTHER | {"操作类型": "新增"}, removed)) == [
        "row.removed",
        "ListingRow",
        "row.removed",
    ]


def test_f16_a_removed_row_is_relief_where_the_mapping_says_so(read: Read) -> None:
    mapping = replace(MARKET, removal=RELIEF)
    decided = {
        "移出日期": "2026-06-01",
        "移出决定书文号": "泸市监严移〔2026〕1号",
        "移出原因": "已纠正",
    }
    relief, twice, listed = read(
        ROW | decided, ROW | decided, OTHER | dict.fromkeys(decided, ""), mapping=mapping
    )
    assert isinstance(relief, ReliefRow)
    assert relief.record is not None
    assert (relief.record.code, relief.document) == (
        ROW["统一社会信用代码"],
        decided["移出决定书文号"],
    )
    assert (relief.decided_on, relief.reason) == (20260601, "已纠正")
    assert told([twice, listed]) == ["row.duplicate", "ListingRow"]
    for missing in ("移出日期", "移出决定书文号"):
        assert told(read(ROW | decided | {missing: ""}, mapping=mapping)) == ["row.removed"]
    late = decided | {"移出日期": "2026-11-22"}
    assert told(read(ROW | late, mapping=mapping)) == ["row.removed"]


@pytest.mark.parametrize(
    "column",
    [
        "移出状况",
        "退榜日",
        "信用状态",
        "remReason",
        "delFlag",
        "exit_date",
        "是否在榜",
        "处罚期限",
        "公布期",
        "届满日",
        "终止日期",
        "validTo",
    ],
)
def test_f17_a_filled_column_that_nobody_named_stops_the_file(read: Read, column: str) -> None:
    with pytest.raises(MappingError) as caught:
        read(ROW | {column: ""}, OTHER | {column: "1"})
    assert caught.value.code == "header.unread"
    assert column in str(caught.value)
    assert told(read(ROW | {column: ""}, OTHER | {column: " "})) == ["ListingRow"] * 2
    aside = replace(MARKET, aside=(column,))
    assert told(read(ROW | {column: "1"}, mapping=aside)) == ["ListingRow"]


@pytest.mark.parametrize(
    "column",
    ["经营状态", "登记状态", "修复途径", "退出条件", "履行期限", "remark", "区域", "equity"],
)
def test_f17_columns_that_only_sound_so_are_let_be(read: Read, column: str) -> None:
    assert told(read(ROW | {column: "1"})) == ["ListingRow"]


def test_f17_of_rows_at_hand_only_the_row_is_refused() -> None:
    rows = Rows({1: ROW | {"信用状态": "x"}, 2: OTHER})
    assert told(list(ListingReader(rows, MARKET, CONTEXT, whole=False))) == [
        "header.unread",
        "ListingRow",
    ]


@pytest.mark.parametrize(
    "name",
    [
        "移出严重违法失信名单.csv",
        "2026年信用修复名单.xlsx",
        "撤销列入.csv",
        "退出公告.csv",
        "拟列入名单.csv",
        "removed-2026.csv",
        "market_exit.csv",
        "Repaired.CSV",
    ],
)
def test_f18_names_that_speak_of_removal(name: str) -> None:
    with pytest.raises(RefusedError) as caught:
        check_names(("list.csv", name))
    assert caught.value.code == "file.not-of-listings"


def test_f18_other_names_are_let_be() -> None:
    check_names(
        ("严重违法失信名单.csv", "market-severe-violation.csv", "existing.csv", "2026-11.xlsx")
    )


def test_f18_titles_above_the_header_are_seen(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("移出名单公告,\r\n名称,案号\r\n甲,1\r\n", "utf-8")
    assert Table(path).titles == ("移出名单公告",)


@pytest.mark.parametrize(
    "cell", ["", "market-severe-violation", "严重违法失信企业名单", "市场监督管理 严重违法失信"]
)
def test_f54_a_row_that_names_its_own_list_passes(read: Read, cell: str) -> None:
    assert told(read(ROW | {"名单类型": cell})) == ["ListingRow"]


def test_f54_names_of_the_catalog_pass_and_columns_that_tell_nothing_are_not_asked(
    tmp_path: Path,
) -> None:
    row = ROW | {"名单类型": "省级失信主体名单"}
    path = tmp_path / "list.csv"
    path.write_text("\n".join([",".join(row), ",".join(row.values())]), "utf-8")
    context = replace(CONTEXT, called=called(["省级失信主体"]))
    assert told(list(read_listings(path, MARKET, context))) == ["ListingRow"]
    aside = replace(MARKET, aside=(*MARKET.aside, "名单类型"))
    assert told(list(read_listings(path, aside, CONTEXT))) == ["ListingRow"]
