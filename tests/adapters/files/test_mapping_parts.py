"""What the larger keys of a mapping do to rows, and the layouts that docs/files.md teaches."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.files._extraction import NAMED, compiled, values
from adapters.files.errors import MappingError
from adapters.files.faults import RowFault
from adapters.files.listings import FeedContext, ListingRow, read_listings
from adapters.files.mapping import load_mapping
from federation.ids import CharterId, Date
from federation.payloads import (
    Audience,
    NoticeAttestation,
    Penalty,
    PenaltyGrade,
    PenaltyProcedure,
)
from federation.uscc import make_uscc
from tests.support.file_rows import listing_of

ROOT = Path(__file__).parents[3]
AUTHORITY = "泸州示例局"
CONTEXT = FeedContext(
    audience=Audience(charters=(CharterId(b"c" * 32),), purposes=("joint-punishment",)),
    department="dept",
    batch="list.csv",
    authorities={
        AUTHORITY: "510500-example",
        "泸州市应急管理局": "510500-emergency",
        "泸州市财政局": "510500-finance",
    },
    today=Date(20261120),
    term_months=lambda _: 36,
)
CODE = make_uscc("91510500", "YY000001")
NAME = "泸州示例建筑有限公司（演示）"

MAPPING = """
format: 1
id: small
title: 小表
list_type: work-safety
tier: severe
fields:
  code: [代码]
  name: [名称]
  authority_name: [机关]
  document: [文号]
  decided_on: [日期]
  prior_notice_on: [告知日期]
row_key: {fields: [code, document]}
defaults: {basis: 某法第一条, authority_name: 泸州示例局}
publication: {shortest_months: 12, longest_months: 36}
"""
ROW = {"代码": CODE, "名称": NAME, "文号": "泸示〔2026〕1号", "日期": "2026-03-01"}

Read = tuple[list[ListingRow], list[RowFault]]


def read(
    tmp_path: Path,
    mapping: str,
    *rows: dict[str, str],
    titles: tuple[str, ...] = (),
    context: FeedContext = CONTEXT,
) -> Read:
    layout = tmp_path / "mapping.yaml"
    layout.write_text(mapping, encoding="utf-8")
    path = tmp_path / "list.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([title] for title in titles)
        header = list(dict.fromkeys(name for row in rows for name in row))
        writer.writerow(header)
        writer.writerows([row.get(name, "") for name in header] for row in rows)
    found = list(read_listings(path, load_mapping(layout), context))
    good = [item for item in found if isinstance(item, ListingRow)]
    return good, [item for item in found if isinstance(item, RowFault)]


def invalid(tmp_path: Path, mapping: str) -> str:
    with pytest.raises(MappingError) as caught:
        read(tmp_path, mapping, ROW)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("《政府采购法》第七十七条；泸财采罚〔2026〕1号", ("泸财采罚〔2026〕1号",)),
        ("依据川财采〔2025〕12号决定", ("川财采〔2025〕12号",)),
        ("（2025）川0502执123号", ("（2025）川0502执123号",)),
        ("行政处罚决定书泸市监处罚〔2024〕510502001234号", ("泸市监处罚〔2024〕510502001234号",)),
        ("泸应急罚〔2026〕危化-3号", ("泸应急罚〔2026〕危化-3号",)),
        ("财库〔2014〕526号；泸财罚[2026]3号", ("财库〔2014〕526号", "泸财罚[2026]3号")),
        ("第七十七条", ()),
        ("某办法（财政部令第18号）", ()),
    ],
)
def test_document_numbers_are_found_inside_texts(text: str, found: tuple[str, ...]) -> None:
    assert values(NAMED["document-number"], text) == found


def test_dates_are_found_inside_texts() -> None:
    text = "关于公布名单的公告（泸应急〔2026〕7号，２０２６年３月５日）"
    assert values(NAMED["date"], text) == ("2026年3月5日",)


@pytest.mark.parametrize(
    "pattern",
    [
        *("(a+)+", "(a*b*)c", "no group", "(two)(groups)", "(", "x" * 201, "(a{2,}){3}"),
        *("a?" * 20 + "(a)", "a{1,900}" * 7 + "(b)", "(?:a|a)" * 20 + "(b)", "([a]+[+]*)"),
    ],
)
def test_a_pattern_that_could_run_long_or_says_no_value_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="document-number, date"):
        compiled(pattern)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("决定(.+?号)", "决定甲字第3号，罚款", ("甲字第3号",)),
        (r"文号[:：](\S+)", "文号：甲-1 其他", ("甲-1",)),
        (r"([^+*?|]+)号", "甲1号", ("甲1",)),
        (r"(?:第|字)(\d{1,4}?)\?", "第12?", ("12",)),
    ],
)
def test_patterns_as_people_write_them(pattern: str, text: str, found: tuple[str, ...]) -> None:
    assert values(compiled(pattern), text) == found


def test_an_optional_field_that_is_not_there_refuses_nothing(tmp_path: Path) -> None:
    mapping = MAPPING + "extract: {listed_on: {columns: [说明], pattern: date}}\n"
    ((one,), bad) = read(tmp_path, mapping, {**ROW, "说明": "另行公布"})
    assert (listing_of(one).listed_on, bad) == (20260301, [])


def test_a_value_inside_a_cell_is_taken_where_its_own_column_is_empty(tmp_path: Path) -> None:
    mapping = MAPPING + "extract: {document: {columns: [依据], pattern: document-number}}\n"
    good, bad = read(
        tmp_path,
        mapping,
        {**ROW, "文号": "", "依据": "某法；泸示〔2026〕8号"},
        {**ROW, "代码": make_uscc("91510500", "YY000002"), "依据": "另见泸示〔2025〕5号"},
        {**ROW, "文号": "", "依据": "泸示〔2026〕8号、泸示〔2026〕9号"},
        {**ROW, "文号": "", "依据": "某法"},
    )
    assert [row.listing.document for row in good] == ["泸示〔2026〕8号", "泸示〔2026〕1号"]
    assert [(one.row, one.column, one.code) for one in bad] == [
        (4, "文号", "extract.several"),
        (5, "文号", "extract.none"),
    ]


def test_what_a_row_says_goes_before_what_is_said_of_all_rows(tmp_path: Path) -> None:
    mapping = MAPPING.replace("{basis", "{document: 默认字第1号, basis") + (
        "extract: {document: {columns: [依据], pattern: document-number}}\n"
        "titles: {document: document-number}\n"
    )
    codes = [make_uscc("91510500", f"YY00000{n}") for n in range(2)]
    inside = {**ROW, "代码": codes[0], "文号": "", "依据": "泸示〔2026〕8号"}
    rows = [inside, {**inside, "代码": codes[1], "依据": "某法"}]
    titled, _ = read(tmp_path, mapping, *rows, titles=("泸示〔2026〕9号",))
    assert [one.listing.document for one in titled] == ["泸示〔2026〕8号", "泸示〔2026〕9号"]
    untitled, _ = read(tmp_path, mapping, *rows)
    assert [one.listing.document for one in untitled] == ["泸示〔2026〕8号", "默认字第1号"]


def test_a_pattern_of_ones_own(tmp_path: Path) -> None:
    mapping = MAPPING + "extract: {document: {columns: [依据], pattern: '决定(.+?号)'}}\n"
    row = {name: text for name, text in ROW.items() if name != "文号"}
    ((one,), _) = read(tmp_path, mapping, {**row, "依据": "依据某法，决定甲字第3号，罚款"})
    assert one.listing.document == "甲字第3号"


def test_what_the_title_says_counts_for_all_rows(tmp_path: Path) -> None:
    mapping = MAPPING + "titles: {document: document-number, decided_on: date}\n"
    row = {"代码": CODE, "名称": NAME}
    title = "关于公布名单的公告（泸应急〔2026〕7号，2026年3月5日）"
    ((one,), _) = read(tmp_path, mapping, row, titles=(title,))
    assert (one.listing.document, one.listing.decided_on) == ("泸应急〔2026〕7号", 20260305)


def test_titles_that_say_nothing_or_several_things_stop_the_file(tmp_path: Path) -> None:
    mapping = MAPPING + "titles: {document: document-number}\n"
    row = {"代码": CODE, "名称": NAME, "日期": "2026-03-01"}
    with pytest.raises(MappingError, match="document") as caught:
        read(tmp_path, mapping, row, titles=("名单",))
    assert caught.value.code == "titles.none"
    with pytest.raises(MappingError, match="泸示〔2026〕2号") as caught:
        read(tmp_path, mapping, row, titles=("泸示〔2026〕1号", "泸示〔2026〕2号"))
    assert caught.value.code == "titles.several"


def test_a_title_goes_before_the_name_of_the_file(tmp_path: Path) -> None:
    mapping = MAPPING + "titles: {document: document-number, decided_on: date}\n"
    row = {"代码": CODE, "名称": NAME}
    named = replace(CONTEXT, batch="名单 泸应急〔2026〕8号 20260310.csv")
    title = "关于公布名单的公告（泸应急〔2026〕7号，2026年3月5日）"
    ((one,), _) = read(tmp_path, mapping, row, titles=(title,), context=named)
    assert (one.listing.document, one.listing.decided_on) == ("泸应急〔2026〕7号", 20260305)
    ((one,), _) = read(tmp_path, mapping, row, titles=("名单",), context=named)
    assert (one.listing.document, one.listing.decided_on) == ("泸应急〔2026〕8号", 20260310)


def test_a_default_counts_where_no_cell_says_it(tmp_path: Path) -> None:
    mapping = MAPPING.replace("泸州示例局}", "泸州示例局, decided_on: 2026-02-02}")
    other = make_uscc("91510500", "YY000002")
    good, _ = read(
        tmp_path, mapping, {**ROW, "机关": "泸州市财政局"}, {**ROW, "代码": other, "日期": ""}
    )
    assert [row.listing.authority for row in good] == ["510500-finance", "510500-example"]
    assert [row.listing.decided_on for row in good] == [20260301, 20260202]


def test_nobodys_name_or_code_has_a_default(tmp_path: Path) -> None:
    assert "defaults.name" in invalid(tmp_path, MAPPING.replace("{basis", "{name: 甲, basis"))
    assert "defaults.fine" in invalid(tmp_path, MAPPING.replace("{basis", "{fine: 1, basis"))


GRADES = """
grades:
  columns: [程度]
  words:
    轻微: {exchanged: no}
    一般: {shortest_months: 3, longest_months: 12}
    严重: {shortest_months: 12, longest_months: 24}
"""


def test_periods_go_by_the_grade(tmp_path: Path) -> None:
    rows = [
        {**ROW, "代码": make_uscc("91510500", f"YY00000{n}"), "程度": word}
        for n, word in enumerate(["一般", "严重", "轻微", "", "特别"])
    ]
    good, bad = read(tmp_path, MAPPING + GRADES, *rows)
    assert [
        (one.publish_shortest_months, one.publish_longest_months, one.publish_until)
        for one in map(listing_of, good)
    ] == [(3, 12, 20270301), (12, 24, 20280301)]
    assert [(one.row, one.column, one.code) for one in bad] == [
        (4, "程度", "penalty.not-exchanged"),
        (5, "程度", "field.missing"),
        (6, "程度", "field.value"),
    ]


def test_a_file_without_the_column_of_grades_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="程度") as caught:
        read(tmp_path, MAPPING + GRADES, ROW)
    assert caught.value.code == "header.missing"


def test_the_authoritys_word_stands_for_a_day_of_prior_notice(tmp_path: Path) -> None:
    mapping = MAPPING + (
        "notice: {document: 泸示函〔2026〕9号, scope: 全部列入对象, "
        "decided_from: 2026-01-01, decided_to: 2026-06-30}\n"
    )
    codes = [make_uscc("91510500", f"YY00000{n}") for n in range(3)]
    good, _ = read(
        tmp_path,
        mapping,
        {**ROW, "代码": codes[0]},
        {**ROW, "代码": codes[1], "日期": "2026-07-01"},
        {**ROW, "代码": codes[2], "告知日期": "2026-02-01"},
    )
    attested = NoticeAttestation(
        authority="510500-example",
        document="泸示函〔2026〕9号",
        scope="全部列入对象",
        decided_from=Date(20260101),
        decided_to=Date(20260630),
    )
    found = [listing_of(row) for row in good]
    assert [one.prior_notice_attested for one in found] == [attested, None, None]
    assert found[2].prior_notice_on == 20260201


def test_a_notice_says_for_which_days(tmp_path: Path) -> None:
    notice = "notice: {document: 甲, scope: 乙, decided_from: 2026-02-30, decided_to: 2026-06-30}\n"
    assert "notice.decided_from" in invalid(tmp_path, MAPPING + notice)
    late = notice.replace("2026-02-30", "2026-07-01")
    assert "notice.decided_to" in invalid(tmp_path, MAPPING + late)


PENALTY = (
    MAPPING.replace("list_type: work-safety\ntier: severe", "list_type: administrative-penalty")
    .replace("  prior_notice_on: [告知日期]\n", "")
    .replace("  decided_on", "  categories: [类别]\n  fine: [罚款]\n  facts: [事实]\n  decided_on")
    .replace("{basis", "{procedure: ordinary, grade: serious, basis")
)


def test_a_penalty_is_no_listing(tmp_path: Path) -> None:
    row = {**ROW, "类别": "罚款、警告", "罚款": "1,234.5", "事实": "某事"}
    ((one,), _) = read(tmp_path, PENALTY, row)
    assert isinstance(one.listing, Penalty)
    assert one.listing.categories == ("罚款", "警告")
    assert one.listing.fine == 1_234_500_000
    assert (one.listing.grade, one.listing.procedure) == (
        PenaltyGrade.SERIOUS,
        PenaltyProcedure.ORDINARY,
    )
    assert one.row_key == f"{CODE}#泸示〔2026〕1号"


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"类别": ""}, "类别", "field.missing"),
        ({"罚款": "一万"}, "罚款", "field.value"),
        ({"罚款": "0.00000012"}, "罚款", "field.value"),
        ({"罚款": "9" * 12}, "罚款", "field.value"),
        ({"程序": "简易程序"}, "程序", "penalty.not-exchanged"),
        ({"程序": "快办"}, "程序", "field.value"),
    ],
)
def test_what_is_wrong_with_a_penalty(
    tmp_path: Path, cells: dict[str, str], column: str, code: str
) -> None:
    mapping = PENALTY.replace("  facts", "  procedure: [程序]\n  facts")
    row = {**ROW, "类别": "罚款", "罚款": "", "程序": "普通程序", "事实": "某事", **cells}
    good, bad = read(tmp_path, mapping, row)
    assert good == []
    assert [(one.column, one.code) for one in bad] == [(column, code)]


def test_amounts_in_yuan(tmp_path: Path) -> None:
    for text, fen in (("50000", 5_000_000), ("5万元", 5_000_000), ("0.5元", 50)):
        row = {**ROW, "类别": "罚款", "罚款": text}
        ((one,), _) = read(tmp_path, PENALTY + "amount_unit: 元\n", row)
        assert isinstance(one.listing, Penalty)
        assert one.listing.fine == fen, text


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("grade: serious, ", "", "grades"),
        ("  categories: [类别]\n", "", "fields.categories"),
    ],
)
def test_what_a_mapping_of_penalties_has_to_say(
    tmp_path: Path, old: str, new: str, key: str
) -> None:
    assert key in invalid(tmp_path, PENALTY.replace(old, new))


def taught(name: str) -> str:
    """A mapping of docs/files.md."""
    text = (ROOT / "docs" / "files.md").read_text("utf-8")
    blocks: list[str] = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    (found,) = (block for block in blocks if f"id: {name}\n" in block)
    return found


def test_the_layout_of_procurement_that_the_page_teaches(tmp_path: Path) -> None:
    row = {
        "序号": "1",
        "企业名称": NAME,
        "统一社会信用代码（或组织机构代码）": CODE,
        "企业地址": "四川省（演示地址）",
        "严重违法失信行为的具体情形": "提供虚假材料谋取中标",
        "处罚结果": "罚款",
        "处罚依据": "《政府采购法》第七十七条；泸财采罚〔2026〕1号",
        "处罚日期": "2026-03-05",
        "公布日期": "2026-03-12",
        "执法单位": "泸州市财政局",
    }
    ((one,), _) = read(tmp_path, taught("procurement-lz"), row)
    assert (one.listing.document, one.listing.authority) == (
        "泸财采罚〔2026〕1号",
        "510500-finance",
    )


def test_the_layout_of_an_announcement_that_the_page_teaches(tmp_path: Path) -> None:
    row = {"单位名称": NAME, "统一社会信用代码": CODE, "主要负责人": "甲", "失信行为简况": "瞒报"}
    title = "关于公布安全生产严重失信主体名单的公告（泸应急〔2026〕7号，2026年3月5日）"
    ((one,), _) = read(tmp_path, taught("work-safety-lz"), row, titles=(title,))
    assert (one.listing.document, one.listing.decided_on) == ("泸应急〔2026〕7号", 20260305)
    assert one.listing.authority == "510500-emergency"
