"""Rows of list files: what becomes a listing, what is refused, and what is never repeated."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.files._dates import FORMATS, DateReader
from adapters.files.errors import MappingError
from adapters.files.faults import RowFault, write_faults
from adapters.files.listings import FeedContext, ListingReader, ListingRow, read_listings
from adapters.files.mapping import Mapping, find_mapping, load_mapping
from federation.dates import add_months
from federation.ids import CharterId, Date
from federation.payloads import Audience, Exit, ExitKind, SubjectKind, TermQuality, Tier
from federation.uscc import make_uscc, organisation_check
from tests.support.file_rows import listing_of

AUDIENCE = Audience(charters=(CharterId(b"c" * 32),), purposes=("joint-punishment",))
CONTEXT = FeedContext(
    audience=AUDIENCE,
    department="court",
    batch="2026-11",
    authorities={"泸州市江阳区人民法院": "510502-court", "泸县人民法院": "510521-court"},
    today=Date(20261120),
    term_months=lambda _: 36,
)
COURT = find_mapping("judgment-defaulter")
CODE = make_uscc("91510500", "YY000001")
OTHER = make_uscc("92510521", "YY000002")
LETTER = make_uscc("N2510521", "YY000003")
PERSON = "510599199001010000"
"""Nobody's: region and sequence do not exist (ADR 0003)."""

ROW = {
    "记录编号": "LZ1",
    "统一社会信用代码": CODE,
    "被执行人姓名/名称": "泸州示例建筑有限公司（演示）",
    "主体类型": "法人",
    "执行法院": "泸州市江阳区人民法院",
    "执行法院代码": "",
    "案号": "（2026）川0502执101号",
    "失信行为具体情形": "违反财产报告制度",
    "履行情况": "全部未履行",
    "失信决定日期": "2026-03-01",
    "列入日期": "20260302",
    "告知日期": "2026/2/1",
    "公示截止日期": "2028年3月1日",
    "法定代表人": "",
    "性别": "",
    "备注": "",
}

Write = Callable[..., ListingReader]


@pytest.fixture
def listed(tmp_path: Path) -> Write:
    def write(
        *rows: dict[str, str], mapping: Mapping = COURT, context: FeedContext = CONTEXT
    ) -> ListingReader:
        path = tmp_path / "list.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(ROW)
            writer.writerows([list({**ROW, **row}.values()) for row in rows])
        return read_listings(path, mapping, context)

    return write


def one(reader: ListingReader) -> ListingRow:
    (row,) = reader
    assert isinstance(row, ListingRow), row
    return row


def faults(reader: ListingReader) -> list[tuple[str, str]]:
    found = list(reader)
    assert all(isinstance(item, RowFault) for item in found), found
    return [(item.column, item.code) for item in found if isinstance(item, RowFault)]


def test_a_row_becomes_a_listing(listed: Write) -> None:
    row = one(listed({}))
    listing = listing_of(row)
    assert (row.row, row.row_key, row.notices) == (2, "LZ1", ())
    assert listing.audience == AUDIENCE
    assert (listing.subject.scheme, listing.subject.code) == ("uscc", CODE)
    assert listing.subject.name == "泸州示例建筑有限公司（演示）"
    assert listing.subject.kind is SubjectKind.ENTERPRISE
    assert (listing.list_type, listing.tier) == ("judgment-defaulter", Tier.SEVERE)
    assert (listing.authority, listing.authority_name) == ("510502-court", "泸州市江阳区人民法院")
    assert listing.document == "（2026）川0502执101号"
    assert (listing.decided_on, listing.listed_on) == (20260301, 20260302)
    assert (listing.prior_notice_on, listing.publish_until) == (20260201, 20280301)
    assert listing.term is TermQuality.STATED
    assert listing.reason == "失信行为具体情形：违反财产报告制度；履行情况：全部未履行"
    assert "失信被执行人名单信息" in listing.basis
    assert (listing.exit_path != "", listing.remedy != "") == (True, True)
    assert (listing.publish_shortest_months, listing.publish_longest_months) == (0, 24)
    assert listing.exits == (Exit(kind=ExitKind.PERFORMED), Exit(kind=ExitKind.PERIOD_OVER))
    source = listing.source
    assert (source.department, source.batch, source.row, source.key) == (
        "court",
        "2026-11",
        2,
        "LZ1",
    )


def test_optional_cells_may_be_empty(listed: Write) -> None:
    empty = dict.fromkeys(("记录编号", "列入日期", "告知日期", "主体类型"), "")
    row = one(listed({**empty, "公示截止日期": "—"}))
    assert row.row_key == f"{CODE}#（2026）川0502执101号"
    assert listing_of(row).listed_on == row.listing.decided_on
    assert listing_of(row).prior_notice_on == 0
    assert row.until == 20280301
    assert listing_of(row).term is TermQuality.BY_CATALOG


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("统一社会信用代码", "", "field.missing"),
        ("统一社会信用代码", CODE[:-1], "identity.code-length"),
        ("统一社会信用代码", CODE[:-1] + "I", "identity.code-alphabet"),
        ("统一社会信用代码", CODE[:-1] + "0", "identity.code-check-digit"),
        ("统一社会信用代码", "99" + CODE[2:], "identity.code-department"),
        ("被执行人姓名/名称", "", "field.missing"),
        ("被执行人姓名/名称", " 　", "field.missing"),
        ("被执行人姓名/名称", "无", "field.missing"),
        ("被执行人姓名/名称", "甲" * 257, "field.long"),
        ("被执行人姓名/名称", "甲\n乙", "field.control"),
        ("被执行人姓名/名称", "甲\x00乙", "field.control"),
        ("主体类型", "不知道", "field.value"),
        ("执行法院", "", "field.missing"),
        ("执行法院", "成都市示例区人民法院（演示）", "authority.not-bound"),
        ("执行法院代码", "510100-court", "authority.not-bound"),
        ("执行法院代码", "510521-court", "authority.mismatch"),
        ("案号", "", "field.missing"),
        ("案号", "号" * 257, "field.long"),
        ("记录编号", "1" * 513, "field.long"),
        ("失信行为具体情形", "情" * 4096, "field.long"),
        ("失信行为具体情形", "情\x07节", "field.control"),
        ("失信决定日期", "", "field.missing"),
        ("失信决定日期", "去年", "date.format"),
        ("失信决定日期", "2026-3", "date.format"),
        ("失信决定日期", "20261332", "date.calendar"),
        ("失信决定日期", "2026-02-29", "date.calendar"),
        ("失信决定日期", "19481231", "date.early"),
        ("失信决定日期", "20261122", "date.future"),
        ("列入日期", "20261122", "date.future"),
        ("告知日期", "20260302", "notice.after-decision"),
        ("公示截止日期", "20260228", "date.order"),
        ("公示截止日期", "20261119", "date.over"),
    ],
)
def test_one_bad_cell(listed: Write, column: str, value: str, code: str) -> None:
    reader = listed({column: value})
    at = "失信行为具体情形"
    expected = at if column == at else "执行法院" if column.startswith("执行法院") else column
    assert faults(reader) == [(expected, code)]
    assert (reader.tally.rows, reader.tally.accepted, reader.tally.refused) == (1, 0, 1)
    assert reader.tally.faults == {code: 1}


def test_a_period_that_is_over_on_the_day_is_refused(listed: Write) -> None:
    assert faults(
        listed({"失信决定日期": "20241119", "列入日期": "", "告知日期": "", "公示截止日期": ""})
    ) == [("公示截止日期", "date.over")]
    last = {"失信决定日期": "20241120", "列入日期": "", "告知日期": "", "公示截止日期": ""}
    assert one(listed(last)).until == 20261120


def test_each_bad_field_is_told(listed: Write) -> None:
    reader = listed(
        {"案号": "", "失信决定日期": "20261332", "执行法院": "别处法院"}, {"记录编号": "LZ2"}
    )
    found = list(reader)
    codes = [item.code for item in found if isinstance(item, RowFault)]
    assert sorted(codes) == ["authority.not-bound", "date.calendar", "field.missing"]
    assert isinstance(found[-1], ListingRow)
    assert (reader.tally.accepted, reader.tally.refused) == (1, 1)


@pytest.mark.parametrize(
    ("code", "stored", "notices"),
    [
        (CODE.lower(), CODE, ("code.normalised",)),
        (f"{CODE[:8]} {CODE[8:]}", CODE, ("code.normalised",)),
        (CODE.translate({ord(c): ord(c) + 0xFEE0 for c in CODE}), CODE, ("code.normalised",)),
        (LETTER, LETTER, ()),
    ],
)
def test_codes_that_are_accepted(
    listed: Write, code: str, stored: str, notices: tuple[str, ...]
) -> None:
    row = one(listed({"统一社会信用代码": code}))
    assert row.listing.subject.code == stored
    assert row.notices == notices


def test_old_organisation_codes_only_where_the_mapping_says(listed: Write) -> None:
    old = "YY000001-" + organisation_check("YY000001")
    row = one(listed({"统一社会信用代码": old}))
    subject = row.listing.subject
    assert (subject.scheme, subject.code) == ("organisation-code", old.replace("-", ""))
    assert subject.kind is SubjectKind.OTHER_ORGANISATION
    wrong = old[:-1] + ("0" if old[-1] != "0" else "1")
    assert faults(listed({"统一社会信用代码": wrong})) == [
        ("统一社会信用代码", "identity.code-inner-check-digit")
    ]
    only = replace(COURT, schemes=("uscc",))
    assert faults(listed({"统一社会信用代码": old}, mapping=only)) == [
        ("统一社会信用代码", "identity.code-length")
    ]


def test_full_width_dates_are_accepted_and_counted(listed: Write) -> None:
    reader = listed({"失信决定日期": "２０２６０３０１"}, {"记录编号": "2", "案号": "2"})
    first, _ = reader
    assert isinstance(first, ListingRow)
    assert first.listing.decided_on == 20260301
    assert reader.tally.notices["date.normalised"] == 1


def test_no_publication_longer_than_the_longest(listed: Write) -> None:
    row = one(listed({"公示截止日期": "2099-12-31"}))
    assert row.until == 20280301
    assert listing_of(row).term is TermQuality.BY_CATALOG
    assert row.notices == ("publish-until.capped",)


def test_the_name_of_an_authority_is_the_bound_one(listed: Write) -> None:
    row = one(listed({"执行法院": "泸州市 江阳区人民法院"}))
    assert row.listing.authority_name == "泸州市江阳区人民法院"
    by_code = one(listed({"执行法院": "", "执行法院代码": "510521-court"}))
    assert by_code.listing.authority_name == "泸县人民法院"


@pytest.mark.parametrize(
    "row",
    [
        {"主体类型": "自然人"},
        {"主体类型": "0"},
        {"主体类型": "", "统一社会信用代码": PERSON},
        {"主体类型": "法人", "统一社会信用代码": PERSON},
        {"主体类型": "", "统一社会信用代码": "5105991990****0000"},
        {"主体类型": "", "统一社会信用代码": "510599 19900101 0000"},
        {"主体类型": "", "统一社会信用代码": PERSON, "失信决定日期": "20261332"},
    ],
)
def test_natural_persons_are_refused_and_never_written(
    listed: Write, tmp_path: Path, row: dict[str, str]
) -> None:
    (fault,) = listed({"被执行人姓名/名称": "示例人乙", **row})
    assert isinstance(fault, RowFault)
    assert (fault.code, fault.value) == ("subject.natural-person", "")
    target = write_faults(tmp_path / "list.csv", [fault])
    assert target is not None
    told = target.read_text(encoding="utf-8-sig")
    assert "示例人乙" not in told
    assert "510599" not in told
    assert "20261332" not in told


@pytest.mark.parametrize("column", ["被执行人姓名/名称", "失信行为具体情形", "案号"])
def test_id_numbers_in_texts_are_refused_and_not_repeated(listed: Write, column: str) -> None:
    (fault,) = listed({column: f"示例人乙{PERSON}"})
    assert isinstance(fault, RowFault)
    assert (fault.code, fault.value) == ("field.personal-id", "")


def test_a_code_fault_does_not_repeat_an_id_number_beside_it(listed: Write) -> None:
    (fault,) = listed({"失信决定日期": f"{PERSON} 2026"})
    assert isinstance(fault, RowFault)
    assert (fault.code, fault.value) == ("date.format", "")


def test_columns_of_natural_persons_are_dropped_and_counted(listed: Write) -> None:
    reader = listed(
        {"法定代表人": "示例人甲", "性别": "男"},
        {"记录编号": "2", "案号": "2", "法定代表人": "示例人甲", "备注": "随便"},
        {"记录编号": "3", "案号": "", "法定代表人": "示例人甲", "性别": " "},
    )
    rows = list(reader)
    assert reader.tally.dropped == {"法定代表人": 3, "性别": 1}
    assert reader.ignored == ("备注",)
    assert "示例人甲" not in repr(rows)
    assert "随便" not in repr(rows)


@pytest.mark.parametrize(
    "second",
    [
        {"案号": "（2026）川0502执999号"},
        {"记录编号": "LZ2"},
        {"记录编号": "LZ2", "案号": "[２０２６]川0502执101号"},
        {"记录编号": ""},
    ],
)
def test_the_later_of_two_rows_of_one_record_is_refused(
    listed: Write, second: dict[str, str]
) -> None:
    reader = listed({}, second)
    first, fault = reader
    assert isinstance(first, ListingRow)
    assert isinstance(fault, RowFault)
    assert (fault.row, fault.code) == (3, "row.duplicate")
    assert "row 2" in fault.message
    assert (reader.tally.accepted, reader.tally.refused) == (1, 1)


def test_a_refused_row_makes_no_later_one_a_duplicate(listed: Write) -> None:
    _, second = listed({"失信决定日期": "20261332"}, {})
    assert isinstance(second, ListingRow)


@pytest.mark.parametrize(
    "row",
    [
        {"记录编号": "LZ2", "统一社会信用代码": OTHER},
        {"记录编号": "LZ2", "案号": "（2026）川0502执102号"},
        {"记录编号": "LZ2", "执行法院": "泸县人民法院"},
    ],
)
def test_another_subject_document_or_authority_is_another_record(
    listed: Write, row: dict[str, str]
) -> None:
    assert all(isinstance(item, ListingRow) for item in listed({}, row))


def test_a_header_without_a_required_column(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("名称,案号,执行法院\r\n", encoding="utf-8")
    with pytest.raises(MappingError, match="统一社会信用代码") as caught:
        read_listings(path, COURT, CONTEXT)
    assert caught.value.code == "header.missing"
    assert "publishDate" in str(caught.value)
    assert "执行法院代码" not in str(caught.value)


def test_a_required_reason_is_asked_of_header_and_rows(tmp_path: Path) -> None:
    market = find_mapping("market-severe-violation")
    context = replace(CONTEXT, authorities={"泸州市市场监督管理局": "510500-market"})
    path = tmp_path / "list.csv"
    columns = "uniscid,entName,decOrg_CN,dedocnum,abntime"
    path.write_text(columns + "\r\n", encoding="utf-8")
    with pytest.raises(MappingError, match="serILLRea_CN"):
        read_listings(path, market, context)
    cells = f"{CODE},甲（演示）,泸州市市场监督管理局,泸市监〔2026〕1号,2026年3月1日"
    text = f"{columns},serILLRea_CN,illid\r\n{cells},,i1\r\n{cells}, 原因 ,i2\r\n"
    path.write_text(text, encoding="utf-8")
    fault, row = read_listings(path, market, context)
    assert isinstance(fault, RowFault)
    assert (fault.column, fault.code) == ("serILLRea_CN", "field.missing")
    assert isinstance(row, ListingRow)
    assert (row.row_key, listing_of(row).reason) == ("i2", "原因")


def test_the_first_filled_of_several_columns_counts(tmp_path: Path) -> None:
    tax = find_mapping("major-tax-violation")
    context = replace(CONTEXT, authorities={"泸州市税务局": "510500-tax"})
    path = tmp_path / "list.csv"
    path.write_text(
        "纳税人名称,纳税人识别号,统一社会信用代码,税务机关,文书号,决定日期,案件性质\r\n"
        f"甲（演示）,{OTHER},-,泸州市税务局,1,20260301,偷税\r\n"
        f"乙（演示）,{OTHER},{CODE},泸州市税务局,2,20260301,偷税\r\n",
        encoding="utf-8",
    )
    rows = [item for item in read_listings(path, tax, context) if isinstance(item, ListingRow)]
    assert [row.listing.subject.code for row in rows] == [OTHER, CODE]


def test_a_mapping_of_ones_own(tmp_path: Path) -> None:
    mapping = tmp_path / "own.yaml"
    mapping.write_text(
        "format: 1\nid: own\ntitle: 重点关注\nlist_type: watch-list\ntier: watch\n"
        "fields: {code: [代码], name: [名称], authority: [单位], document: [文号],"
        " decided_on: [日期], basis: [依据]}\nrequired: [basis]\npersons: [负责人]\n"
        "row_key: {fields: [document]}\ndates: [YYYYMMDD]\n"
        "publication: {shortest_months: 3, longest_months: 12}\n",
        encoding="utf-8",
    )
    path = tmp_path / "list.csv"
    path.write_text(
        "代码,名称,单位,文号,日期,依据\r\n"
        f"{CODE},甲（演示）,510502-court,1,20260131,某条例\r\n"
        f"{CODE},甲（演示）,510502-court,2,2026-01-31,\r\n",
        encoding="utf-8",
    )
    reader = read_listings(path, load_mapping(mapping), CONTEXT)
    row, *rest = reader
    assert isinstance(row, ListingRow)
    assert (listing_of(row).tier, row.until) == (Tier.WATCH, 20270131)
    assert (row.listing.basis, row.row_key) == ("某条例", "1")
    codes = [(item.column, item.code) for item in rest if isinstance(item, RowFault)]
    assert codes == [("日期", "date.format"), ("依据", "field.missing")]


@given(st.dates(dt.date(1949, 1, 1), dt.date(2999, 12, 31)), st.sampled_from(sorted(FORMATS)))
def test_every_date_is_read_in_every_format(day: dt.date, name: str) -> None:
    marks = {
        "YYYYMMDD": "%Y%m%d",
        "YYYY-MM-DD": "%Y-%m-%d",
        "YYYY/M/D": f"%Y/{day.month}/{day.day}",
        "YYYY.M.D": f"%Y.{day.month}.{day.day}",
        "YYYY年M月D日": f"%Y年{day.month}月{day.day}日",
    }
    text = day.strftime(marks[name])
    number = int(day.strftime("%Y%m%d"))
    reader = DateReader([name])
    assert reader.read(text) == (number, False)
    assert reader.read(text + " 00:00:00") == (number, False)
    wide = text.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789"})
    assert reader.read(wide) == (number, True)


@pytest.mark.parametrize(
    ("date", "months", "last"),
    [
        (20240229, 36, 20270228),
        (20240229, 48, 20280229),
        (20260131, 1, 20260228),
        (20261130, 1, 20261230),
        (20261231, 12, 20271231),
        (20260301, 3, 20260601),
    ],
)
def test_months_are_added_as_the_civil_code_says(date: int, months: int, last: int) -> None:
    assert add_months(Date(date), months) == last
