"""Text tables as departments write them: each reads to the rows that it says, or says why not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.files.errors import MappingError, TableError
from adapters.files.faults import RowFault
from adapters.files.headings import column_name
from federation.payloads import Listing
from tests.support.real_tables import (
    AUTHORITY,
    COURT,
    DEFAULTER,
    HEADER,
    code,
    listings,
    outcomes,
    read,
    row,
    text,
)


def written(tmp_path: Path, content: str | bytes, name: str = "list.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def table(tmp_path: Path, *rows: Sequence[str], header: Sequence[str] = HEADER) -> Path:
    lines = [",".join(f'"{cell}"' for cell in cells) + "\r\n" for cells in (header, *rows)]
    return written(tmp_path, "\ufeff" + "".join(lines))


@pytest.mark.parametrize("between", [",", "\t", ";", "|", "，", "；"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_f42_any_character_between_cells(
    tmp_path: Path, between: str, encoding: str, end: str
) -> None:
    content = text([row(1), row(2)], between=between, end=end).encode(encoding)
    found = listings(written(tmp_path, content))
    assert [(one.row, one.listing.subject.code) for one in found] == [(2, code(1)), (3, code(2))]
    assert found[0].listing.document == "泸市监严列〔2026〕1号"


def test_f42_the_first_line_may_say_it(tmp_path: Path) -> None:
    content = "sep=;\r\n" + text([row(1)], between=";")
    assert [one.row for one in listings(written(tmp_path, content))] == [3]


def test_f42_commas_in_texts_part_nothing(tmp_path: Path) -> None:
    rows = [row(n, 列入原因="甲;乙;丙;丁；戊，己|庚") for n in range(3)]
    assert outcomes(written(tmp_path, text(rows))) == ["", "", ""]


def test_f42_where_texts_have_the_character_too_no_cell_is_shifted(tmp_path: Path) -> None:
    rows = [row(1), row(2, 列入原因="虚假，材料"), row(3)]
    assert outcomes(written(tmp_path, text(rows, between="，"))) == ["", "row.width", ""]


@pytest.mark.parametrize(("between", "becomes"), [(",", ""), ("，", "row.width")])
def test_f42_there_no_cell_may_be_left_out(tmp_path: Path, between: str, becomes: str) -> None:
    content = text([row(1)], header=[*HEADER, "备注"], between=between)
    assert outcomes(written(tmp_path, content)) == [becomes]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"%PDF-1.7\n", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "图片"),
        (b"Rar!\x1a\x07", "RAR"),
        (b"\x1f\x8b\x08", "gzip"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>', "XML"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "MHTML"),
        (b"\x09\x04\x06\x00\x00\x00", "Excel 4"),
        (bytes(range(256)) * 8, "不是表格文本"),
    ],
)
def test_f42_what_is_no_table_is_named(tmp_path: Path, data: bytes, says: str) -> None:
    with pytest.raises(TableError, match=says) as caught:
        read(written(tmp_path, data, "list.xls"))
    assert caught.value.code == "file.format"


def test_a_replacement_character_is_text_that_was_lost(tmp_path: Path) -> None:
    rows = [row(1, 企业名称="泸州\ufffd\ufffd有限公司（演示）"), row(2)]
    assert outcomes(written(tmp_path, text(rows))) == ["row.encoding", ""]


@pytest.mark.parametrize(
    "heading",
    [
        "统一社会信用代码（必填）",
        "统一社会信用代码(必填项)",
        "【必填】统一社会信用代码",
        "统一社会信用代码：",
        "*统一社会信用代码",
        "★ 统一社会信用代码 *",
        "统一社会信用代码\ufeff",
        "统一\u200b社会信用代码\u202d",
        "3.统一社会信用代码",
        "（3）统一社会信用代码",
        "统一社会信用代码（18位，不能为空）",
        "统一社会\n信用代码",
    ],
)
def test_f35_decorations_of_a_heading(tmp_path: Path, heading: str) -> None:
    assert column_name(heading) == "统一社会信用代码"
    header = [heading if name == "统一社会信用代码" else name for name in HEADER]
    assert len(listings(table(tmp_path, row(1), header=header))) == 1


@pytest.mark.parametrize("heading", ["列入日期(年-月-日)", "列入日期（格式：YYYY-MM-DD）"])
def test_f35_a_form_in_a_heading(heading: str) -> None:
    assert column_name(heading) == "列入日期"


@pytest.mark.parametrize(
    "heading", ["作出决定机关（列入）", "作出决定机关（移出）", "罚款金额（万元）"]
)
def test_f35_what_tells_columns_apart_stays(heading: str) -> None:
    assert column_name(heading) == heading.replace("（", "(").replace("）", ")")


def test_messages_show_what_cannot_be_seen(tmp_path: Path) -> None:
    path = table(tmp_path, row(1), header=[*HEADER[:1], "代\u200b号", *HEADER[2:]])
    with pytest.raises(MappingError, match="代<U\\+200B>号"):
        read(path)
    (fault,) = read(table(tmp_path, row(1, 作出决定机关="另一\u202e机关")))
    assert isinstance(fault, RowFault)
    assert (fault.code, fault.value) == ("authority.not-bound", "另一<U+202E>机关")


@pytest.mark.parametrize(
    "above",
    [
        ["泸州市严重违法失信名单（2026年第一批）"],
        ["填报单位：泸州市市场监督管理局,,,,填报日期：2026年3月5日,,单位：万元"],
        ["说明：*为必填项；日期格式YYYY/MM/DD,,,版本：2.0"],
        ["主体信息,,,列入信息,,,"],
        ["名单,,", "", "主体信息,,,列入信息,,,"],
        [f"填表说明{n}：本行不是数据" for n in range(20)],
    ],
    ids=["title", "meta", "note", "groups", "title and groups", "many notes"],
)
def test_f34_what_stands_above_the_header(tmp_path: Path, above: list[str]) -> None:
    content = "".join(f"{line}\r\n" for line in above) + text([row(1), row(2)])
    found = listings(written(tmp_path, content))
    assert [one.row for one in found] == [len(above) + 2, len(above) + 3]


def test_f34_two_rows_of_headings(tmp_path: Path) -> None:
    content = (
        "序号,企业名称,统一社会信用代码,列入信息,,,\r\n"
        ",,,原因,日期,机关,列入决定书文号\r\n"
        f"1,泸州示例（演示）,{code(1)},虚假材料,2026-03-05,{AUTHORITY},泸市监严列〔2026〕1号\r\n"
    )
    (found,) = listings(written(tmp_path, content))
    assert isinstance(found.listing, Listing)
    assert (found.listing.reason, found.listing.decided_on) == ("虚假材料", 20260305)


@pytest.mark.parametrize("removed", ["", "2026-06-01"])
def test_f34_a_group_of_removal_counts_for_its_columns(tmp_path: Path, removed: str) -> None:
    """`日期` alone would be nothing, and `文号` the listing's."""
    upper = [*HEADER, "移出信息", ""]
    lower = [*[""] * len(HEADER), "日期", "机关"]
    path = table(tmp_path, lower, [*row(1), removed, ""], header=upper)
    assert outcomes(path) == (["row.removed"] if removed else [""])


def test_f34_without_all_columns_the_header_is_still_found(tmp_path: Path) -> None:
    content = "填报单位,泸州市监局\r\n" + text([row(1)[:-1]], header=HEADER[:-1])
    with pytest.raises(MappingError, match=r"列入决定书文号.*Got 企业名称"):
        read(written(tmp_path, content))


def test_f38_rows_that_are_none(tmp_path: Path) -> None:
    """Pre-filled numbers, notes below, empty rows."""
    header = ["序号", *HEADER]
    numbers = [[str(n), *[""] * 7] for n in range(2, 6)]
    notes = [["注：以上信息来自登记", *[""] * 7], ["合计", "1", *[""] * 6]]
    notes += [["填表人：示例人乙", "", "审核人：示例人丙", "", "", "", "", ""]]
    reader = read(table(tmp_path, ["1", *row(1)], *numbers, *notes, header=header))
    assert len(list(reader)) == 1
    assert (reader.tally.rows, reader.tally.refused) == (1, 0)
    assert reader.tally.notices == {"row.note": 2}


def test_f38_a_row_with_anything_used_is_a_row(tmp_path: Path) -> None:
    path = table(tmp_path, ["甲公司（演示）", *[""] * 6], ["", code(1), *[""] * 5])
    assert set(outcomes(path)) == {"field.missing"}
    assert read(path).tally.rows == 0
    reader = read(path)
    list(reader)
    assert reader.tally.refused == 2


def test_f38_trailing_cells_may_be_left_out(tmp_path: Path) -> None:
    header = [*HEADER, "备注", "附件"]
    content = text([row(1), [*row(2), "", "", ""], row(3)[:-1]], header=header)
    assert outcomes(written(tmp_path, content)) == ["", "", "row.width"]


def test_f38_a_last_day_is_never_left_out(tmp_path: Path) -> None:
    content = text([row(1)], header=[*HEADER, "公示截止日期", "备注"])
    assert outcomes(written(tmp_path, content)) == ["row.width"]


def test_f38_only_columns_that_are_used_need_a_name_of_their_own(tmp_path: Path) -> None:
    assert outcomes(table(tmp_path, [*row(1), "甲", "乙"], header=[*HEADER, "备注", "备注"])) == [
        ""
    ]
    with pytest.raises(TableError, match="列入日期"):
        read(table(tmp_path, [*row(1), "2026-01-01"], header=[*HEADER, "列入日期（必填）"]))


def test_f38_numbers_of_persons_in_columns_that_nobody_uses(tmp_path: Path) -> None:
    header = [*HEADER, "证件号码", "银行账号", "负责人身份证号"]
    numbers = ["510599199001010000", "6222000000000000000", "510599********0010"]
    reader = read(table(tmp_path, [*row(1), *numbers], header=header))
    assert len(list(reader)) == 1
    counted = {"法定代表人": 1, "证件号码": 1, "银行账号": 1, "负责人身份证号": 1}
    assert dict(reader.tally.dropped) == counted


@pytest.mark.parametrize(
    ("spelling", "becomes"),
    [
        ("{lower}", ""),
        ("{wide}", ""),
        ("'{code}", ""),
        ('=""{code}""', ""),
        ("\u202d{code}\u202c", ""),
        ("{code}\u200b", ""),
        ("\ufeff{code}", ""),
        ("{code}\u00a0", ""),
        ("91-510502-YY0000019", None),
        ("{hyphens}", ""),
        ("{code}（1-1）", ""),
        ("统一社会信用代码：{code}", ""),
        ("9.15105E+17", "cell.damaged-number"),
        ("{letter}", "identity.code-alphabet"),
        ("510502000012345", "identity.registration-number"),
        ("510502600123456", "identity.registration-number"),
        ("组织机构代码：YY770125-3 注册号：510500000012345", "identity.registration-number"),
        ("{code}、{other}", "identity.code-length"),
        ("510599199001010000", "subject.natural-person"),
    ],
)
def test_f35_spellings_of_a_code(tmp_path: Path, spelling: str, becomes: str | None) -> None:
    valid = code(1)
    cell = spelling.format(
        code=valid,
        lower=valid.lower(),
        wide="".join(chr(ord(char) + 0xFEE0) for char in valid),
        hyphens=f"{valid[:2]}-{valid[2:8]}-{valid[8:17]}-{valid[17:]}",
        letter=valid.replace("0", "O", 1),
        other=code(2),
    )
    header = ["统一社会信用代码/注册号" if name == "统一社会信用代码" else name for name in HEADER]
    reader = read(table(tmp_path, row(1, 统一社会信用代码=cell), header=header))
    (item,) = reader
    if becomes is None:
        assert isinstance(item, RowFault)
    elif becomes:
        assert isinstance(item, RowFault)
        assert item.code == becomes
    else:
        assert not isinstance(item, RowFault), item
        assert item.listing.subject.code == valid  # type: ignore[union-attr]
        assert reader.tally.notices["code.normalised"] == (cell.strip() != valid)


def test_f37_numbers_that_only_look_like_an_id(tmp_path: Path) -> None:
    header = ["记录编号", *HEADER]
    rows = [
        ["51050020260305001", *row(1)],
        ["510500202603050001", *row(2)],
        ["YZ3", *row(3, 列入决定书文号="51050020260305001")],
        ["YZ4", *row(4, 列入原因="虚假登记，案件编号51050220260112003，见立案材料")],
        ["YZ5", *row(5, 列入原因="关联企业注册号510502600123456")],
        ["YZ6", *row(6, 列入原因="负责人510502600123457")],
        ["YZ7", *row(7, 列入原因="见510599199001010000")],
        ["510599199001010000", *row(8)],
        ["510500202603050019", *row(9)],
    ]
    found = outcomes(table(tmp_path, *rows, header=header))
    assert found == ["", "", "", "", "", *["field.personal-id"] * 3, ""]


PARTY = (
    "被执行人姓名/名称",
    "统一社会信用代码",
    "主体类型",
    "执行法院",
    "案号",
    "失信决定日期",
    "失信行为具体情形",
)


@pytest.mark.parametrize(
    ("word", "becomes"),
    [
        *(
            (word, "")
            for word in (
                "法人及非法人组织",
                "法人 或者 其他组织",
                "个体工商户",
                "企业法人",
                "其他组织",
                "单位",
                "用人单位",
                "个人独资企业",
                "有限责任公司（自然人独资）",
                "非自然人",
                "农民专业合作社",
                "外国企业常驻代表机构",
            )
        ),
        *(
            (word, "subject.natural-person")
            for word in ("自然人", "个人", "法定代表人", "法人代表", "个体工商户经营者", "公民")
        ),
        *((word, "field.value") for word in ("企业或个人", "自然人、法人", "甲类", "3")),
    ],
)
def test_f39_words_for_parties(tmp_path: Path, word: str, becomes: str) -> None:
    cells = [
        "泸州示例（演示）",
        code(1),
        word,
        COURT,
        "（2026）川0502执1号",
        "2026-03-05",
        "违反财产报告制度",
    ]
    assert outcomes(table(tmp_path, cells, header=PARTY), DEFAULTER) == [becomes]


@pytest.mark.parametrize(
    ("spelling", "day"),
    [
        *(
            (spelling, 20260305)
            for spelling in (
                "2026年3月5日",
                "2026.3.5",
                "20260305",
                "2026-03-05 00:00:00.0",
                "2026-03-05T00:00:00+08:00",
                "2026-03-05T00:00:00.000Z",
                "2026-03-04T16:00:00Z",
                "20260305000000",
                "2026 年 3 月 5 日",
                "2026年03月05日10时30分",
                "二〇二六年三月五日",
                "二零二六年三月五日",
                "2026-3-5 0:00",
                "2026-03-05日",
                "2026. 3. 5",
                "2026，3，5",
                "２０２６－０３－０５",
                "2026—03—05",
                "2026–03–05",
                "2026年3月5号",
                "2026-03-05 上午12:00:00",
                "2026/3/5 下午3:00",
                "'2026-03-05",
                "Thu Mar 05 00:00:00 CST 2026",
                "05-Mar-2026",
            )
        ),
        ("2026-3-1 12:00", 20260301),
        ("2026/3/1 1:30:00", 20260301),
        ("二〇二六年十月二十一日", 20261021),
    ],
)
def test_f36_spellings_of_a_day(tmp_path: Path, spelling: str, day: int) -> None:
    (found,) = listings(table(tmp_path, row(1, 列入日期=spelling)))
    assert found.listing.decided_on == day


@pytest.mark.parametrize(
    ("spelling", "says"),
    [
        ("46086", "Excel 序列值（或为 2026-03-05）"),
        ("46086.0", "Excel 序列值"),
        ("1772668800000", "时间戳"),
        ("2026-03", "缺少日"),
        ("26.3.5", "年份须为四位"),
        ("05/03/2026", "日、月先后不明"),
        ("2026年3月5日（公示）", "日期格式不符"),
        ("2026-3-112:00", "日期格式不符"),
        ("2026-02-30", "日历上没有这一天"),
    ],
)
def test_f36_what_is_no_day_is_named(tmp_path: Path, spelling: str, says: str) -> None:
    (fault,) = read(table(tmp_path, row(1, 列入日期=spelling)))
    assert isinstance(fault, RowFault)
    assert says in fault.message


COURT_HEADER = (
    "失信被执行人姓名／名称",
    "身份证号码／组织机构代码",
    "企业法人/负责人姓名",
    "执行法院",
    "执行案号",
    "法律生效文书确定的义务",
    "被执行人的履行情况",
    "失信被执行人具体情形",
    "发布时间",
)


def test_headings_of_the_public_list_of_courts(tmp_path: Path) -> None:
    """The reason is read, what a judgment orders is dropped and counted."""
    document = "（2026）川0502执7110号"
    cells = ["泸州示例（演示）", code(1), "示例人甲", COURT, document, "支付货款", "全部未履行"]
    cells += ["有履行能力而拒不履行", "2026年03月05日"]
    path = table(tmp_path, cells, header=COURT_HEADER)
    reader = read(path, DEFAULTER)
    list(reader)
    assert dict(reader.tally.dropped) == {"企业法人/负责人姓名": 1, "法律生效文书确定的义务": 1}
    (found,) = listings(path, DEFAULTER)
    assert isinstance(found.listing, Listing)
    assert "有履行能力而拒不履行" in found.listing.reason
    assert found.listing.document == document


def test_other_headings_of_the_market_list(tmp_path: Path) -> None:
    header = [
        "单位名称",
        "社会信用代码",
        "法定代表人",
        "列入事由",
        "列入时间",
        "列入机关名称",
        "决定书文号",
    ]
    assert len(listings(table(tmp_path, row(1), header=header))) == 1


@given(
    st.sampled_from([",", "\t", ";", "|", "，"]),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-be"]),
    st.sampled_from(["\r\n", "\n", "\r"]),
    st.lists(st.sampled_from(["名单", "填报单位：某局", "说明：必填", ""]), max_size=4),
    st.sampled_from(["", "（必填）", "：", "\ufeff", "*"]),
    st.lists(st.sampled_from(["注：以上为全部", "合计", ""]), max_size=3),
    st.integers(1, 4),
)
def test_any_dress_reads_to_the_same_rows(
    tmp_path_factory: pytest.TempPathFactory,
    between: str,
    encoding: str,
    end: str,
    above: list[str],
    mark: str,
    below: list[str],
    count: int,
) -> None:
    plain = [row(number) for number in range(count)]
    header = [name + mark for name in HEADER]
    empty = between * (len(HEADER) - 1)
    lines = [line + empty for line in above]
    lines += [between.join(cells) for cells in (header, *plain)]
    lines += [line + empty for line in below]
    path = tmp_path_factory.mktemp("dress") / "list.csv"
    path.write_bytes("".join(line + end for line in lines).encode(encoding))
    found = [item.listing.subject.code for item in listings(path)]
    assert found == [code(number) for number in range(count)]
