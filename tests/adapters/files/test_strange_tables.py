"""Tables of departments that nobody here has seen: what their cells, lines and titles come to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.files._nothing import filled
from adapters.files.errors import TableError
from adapters.files.faults import RowFault
from adapters.files.headings import column_name, is_note
from adapters.files.mapping import built_in_mappings, find_mapping
from adapters.files.standing import check_titles
from adapters.files.subjects import read_subjects
from federation.errors import RefusedError
from tests.support.real_tables import (
    COURT,
    DEFAULTER,
    HEADER,
    MARKET,
    code,
    listings,
    outcomes,
    read,
    row,
    text,
)

NUMBERED = ("序号", *HEADER)


def written(tmp_path: Path, content: str | bytes, name: str = "list.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def with_column(tmp_path: Path, heading: str, *cells: str) -> Path:
    """A row for each cell of one more column."""
    rows = [[*row(n), cell] for n, cell in enumerate(cells)]
    return written(tmp_path, text(rows, header=[*HEADER, heading]))


def numbered(*lines: str | Sequence[str]) -> str:
    """A table with numbers of rows, of rows and of lines of one text."""
    width = len(NUMBERED)
    rows = [
        [line, *[""] * (width - 1)] if isinstance(line, str) else ["1", *line] for line in lines
    ]
    return text(rows, header=NUMBERED)


NOTHING = (
    *(
        "/",
        "／",
        "\\",
        "——",
        "—",
        "--",
        "- -",
        "…",
        "。",
        "~",
        "N/A",
        "n/a",
        "NULL",
        "None",
        "NaN",
        "nan",
    ),
    *(
        "\\N",
        "(null)",
        "<null>",
        "（空）",
        "空",
        "暂无",
        "不适用",
        "无",
        "0000-00-00",
        "0000-00-00 00:00:00",
    ),
)
SAYS_SOMETHING = ("√", "○", "*", "×", "是", "2026-06-01", "无锡", "空港公司", "未知", "0", "〃")


@pytest.mark.parametrize(
    "heading", ["移出日期", "告知日期", "续期原因", "公示截止日期", "状态", "名单类型"]
)
def test_f60_what_says_nothing_is_empty(tmp_path: Path, heading: str) -> None:
    assert outcomes(with_column(tmp_path, heading, *NOTHING)) == [""] * len(NOTHING)


def test_f60_it_is_no_key_no_number_and_no_name(tmp_path: Path) -> None:
    found = listings(with_column(tmp_path, "记录编号", "/", "/", "无"))
    assert len({one.row_key for one in found}) == 3
    for heading in ("列入决定书文号", "企业名称", "列入原因"):
        path = written(tmp_path, text([row(n, **{heading: one}) for n, one in enumerate(NOTHING)]))
        assert set(outcomes(path)) == {"field.missing"}


@pytest.mark.parametrize("cell", SAYS_SOMETHING)
def test_f60_what_says_something_is_heard(tmp_path: Path, cell: str) -> None:
    assert filled(cell) == cell
    assert outcomes(with_column(tmp_path, "移出日期", cell))[0] in ("row.removed", "cell.ditto")


@given(st.text("-–—/\\.…·~_|。、 　", min_size=1, max_size=20))
def test_f60_strokes_alone_say_nothing(cell: str) -> None:
    assert filled(cell) == ""


@given(st.text(min_size=1, max_size=20).filter(lambda cell: any(map(str.isnumeric, cell))))
def test_f60_a_number_is_never_nothing(cell: str) -> None:
    assert filled(cell) == cell.strip() or set(cell) <= set("0-/.年月日: T　０")


@pytest.mark.parametrize("word", ["否", "未移出", "尚未移出", "未"])
def test_f16_a_word_for_no_removal_removes_nobody(tmp_path: Path, word: str) -> None:
    assert outcomes(with_column(tmp_path, "移出日期", word, "已移出")) == ["", "row.removed"]


@pytest.mark.parametrize("mark", ["同上", "同前", "同上行", "〃", "″", "\u3003\u3003"])
@pytest.mark.parametrize(
    "heading", ["企业名称", "统一社会信用代码", "作出决定机关", "列入决定书文号", "列入原因"]
)
def test_f61_a_ditto_mark_is_no_value(tmp_path: Path, heading: str, mark: str) -> None:
    found = list(read(written(tmp_path, text([row(1), row(2, **{heading: mark}), row(3)]))))
    faults = [item for item in found if isinstance(item, RowFault)]
    assert [(one.row, one.column, one.code) for one in faults] == [(3, heading, "cell.ditto")]
    assert "逐行填写" in faults[0].message
    assert outcomes(written(tmp_path, text([row(1, 企业名称="同济示例有限公司（演示）")]))) == [""]


@pytest.mark.parametrize(
    "name",
    [
        *(
            "泸州??商贸有限公司",
            "泸州？商贸有限公司",
            "泸州\ue4c6商贸有限公司",
            "泸州锟斤拷有限公司",
            "泸州□商贸有限公司",
        ),
        *("张*", "泸州****有限公司", "12345", "2026-03-01", "TRUE", "不详"),
    ],
)
def test_f62_a_name_that_was_lost_is_nobodys(tmp_path: Path, name: str) -> None:
    found = list(read(written(tmp_path, text([row(1, 企业名称=name), row(2)]).encode("gb18030"))))
    (fault,) = [item for item in found if isinstance(item, RowFault)]
    assert (fault.row, fault.column, fault.code) == (2, "企业名称", "name.lost")
    assert "营业执照" in fault.message


@pytest.mark.parametrize(
    "name",
    [
        "泸州𠮷祥商贸有限公司",
        "泸州㐂㛃䶮有限公司",
        "买买提･吐尔逊商行",
        "买买提·吐尔逊商行",
        "A.B.C（泸州）公司",
    ],
)
def test_f62_names_of_rare_characters_are_names(tmp_path: Path, name: str) -> None:
    (found,) = listings(written(tmp_path, text([row(1, 企业名称=name)]).encode("gb18030")))
    assert found.listing.subject.name == name


@pytest.mark.parametrize(
    ("number", "becomes"),
    [
        *(
            (number, "document.no-number")
            for number in (
                "见附件",
                "详见附件1",
                "无文号",
                "待补",
                "2026-03-01",
                "2026年3月1日",
                "2026/3",
                "1.5",
            )
        ),
        *(
            (number, "")
            for number in ("泸市监严列［2026］２号", "第一号", "20260301", "（2026）川0502执1号")
        ),
    ],
)
def test_f62_a_document_number_that_is_none(tmp_path: Path, number: str, becomes: str) -> None:
    assert outcomes(written(tmp_path, text([row(1, 列入决定书文号=number)]))) == [becomes]


def test_f62_columns_that_name_different_subjects(tmp_path: Path) -> None:
    header = [*HEADER, "社会信用代码", "当事人名称"]
    same = "泸州示例试件2号商贸有限公司(演示)"
    rows = [
        [*row(1), code(9), ""],
        [*row(2), code(2).lower(), same],
        [*row(3), "510502000012345", "另一公司（演示）"],
        [*row(4), "-", "/"],
    ]
    found = list(read(written(tmp_path, text(rows, header=header))))
    faults = [(i.row, i.column, i.code, i.value) for i in found if isinstance(i, RowFault)]
    assert faults == [
        (2, "统一社会信用代码", "field.differs", code(9)),
        (4, "企业名称", "field.differs", "另一公司（演示）"),
    ]


def test_f19_two_columns_of_the_last_day_must_agree(tmp_path: Path) -> None:
    header = [*HEADER, "公示截止日期", "有效期至"]
    rows = [[*row(1), "2028-03-04", "2027-03-04"], [*row(2), "2027-03-04", "2027-03-05"]]
    rows.append([*row(3), "", "2027-03-04"])
    assert outcomes(written(tmp_path, text(rows, header=header))) == ["period.differs", "", ""]


@pytest.mark.parametrize(
    "spelling", ["915105020000000000.0", "9.1510502E17", "9.15105e+17", "9.1510502E+017"]
)
def test_a_code_that_was_a_number_is_not_known(tmp_path: Path, spelling: str) -> None:
    """The first one would even be valid."""
    (found,) = outcomes(written(tmp_path, text([row(1, 统一社会信用代码=spelling)])))
    assert found == "cell.damaged-number"


@pytest.mark.parametrize("spelling", ["20260305.0", "2026年3月5日（星期四）", "2026-03-05 (周四)"])
def test_f36_further_dress_of_a_day(tmp_path: Path, spelling: str) -> None:
    (found,) = listings(written(tmp_path, text([row(1, 列入日期=spelling)])))
    assert found.listing.decided_on == 20260305


@pytest.mark.parametrize(
    ("spelling", "says"),
    [
        *(
            (day, "公历四位年份")
            for day in ("民国115年3月5日", "115年3月5日", "115.3.5", "26年3月5日")
        ),
        *((day, "农历") for day in ("农历二〇二六年正月初五", "二〇二六年正月初五", "腊月初八")),
        ("20260305.5", "日期格式不符"),
        ("2026年3月上旬", "日期格式不符"),
    ],
)
def test_f36_what_else_is_no_day(tmp_path: Path, spelling: str, says: str) -> None:
    (fault,) = read(written(tmp_path, text([row(1, 列入日期=spelling)])))
    assert isinstance(fault, RowFault)
    assert fault.code == "date.format"
    assert says in fault.message


LINES = (
    "移出名单",
    "二、移出严重违法失信名单的企业（1户）",
    "以下企业已移出",
    "注：以下企业已移出",
    "撤销列入",
)


@pytest.mark.parametrize("line", LINES)
def test_f63_rows_below_a_line_of_removal_list_nothing(tmp_path: Path, line: str) -> None:
    reader = read(written(tmp_path, numbered("一、列入名单（1户）", row(1), line, row(2), row(3))))
    found = [item.code if isinstance(item, RowFault) else "" for item in reader]
    assert found == ["", "row.removed", "row.removed"]
    assert len(reader.gone) == 2
    plain = text([row(1), [line, *[""] * 6], row(2)])
    assert outcomes(written(tmp_path, plain)) == ["", "row.removed"]


def test_f63_the_message_says_below_which_line(tmp_path: Path) -> None:
    (fault,) = read(written(tmp_path, numbered("二、移出名单", row(2))))
    assert isinstance(fault, RowFault)
    assert fault.message.startswith("位于“二、移出名单”之下：已移出")
    assert " / below the line" in fault.message


def test_f63_right_below_the_header_it_is_no_heading_of_columns(tmp_path: Path) -> None:
    content = numbered("移出名单", row(1), "二、列入名单", row(2), "三、拟列入名单", row(3))
    assert outcomes(written(tmp_path, content)) == ["row.removed", "", "row.not-yet"]


def test_f63_a_line_that_only_divides_says_nothing(tmp_path: Path) -> None:
    content = numbered("一、江阳区", row(1), "（二）龙马潭区", row(2), "第三部分 市级", row(3))
    reader = read(written(tmp_path, content))
    assert len(list(reader)) == 3
    assert reader.tally.notices["row.note"] == 3
    alone = text([["一、泸州示例有限公司", *[""] * 6]])
    assert set(outcomes(written(tmp_path, alone))) == {"field.missing"}


@pytest.mark.parametrize(
    "name", ["泸州生态修复有限公司（演示）", "示例修复工作室", "解除示例铺", "撤销示例中心"]
)
def test_f63_a_name_alone_in_its_row_says_nothing_of_the_others(tmp_path: Path, name: str) -> None:
    content = text([row(1), [name, *[""] * 6], row(2), row(3)])
    found = outcomes(written(tmp_path, content))
    assert (found[0], set(found[1:-2]), found[-2:]) == ("", {"field.missing"}, ["", ""])


@given(st.lists(st.sampled_from(["row", "in", "out", "part"]), max_size=12))
def test_f63_no_row_below_removal_is_ever_listed(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str]
) -> None:
    words = {"in": "列入名单", "out": "移出名单", "part": "一、江阳区"}
    out = False
    wanted: list[str] = []
    lines: list[str | Sequence[str]] = []
    for number, part in enumerate(parts):
        if part == "row":
            wanted.append("row.removed" if out else "")
            lines.append(row(number))
        else:
            out = part == "out" or (out and part == "part")
            lines.append(words[part])
    path = written(tmp_path_factory.mktemp("f63"), numbered(*lines))
    assert outcomes(path) == wanted


@pytest.mark.parametrize(
    ("remark", "becomes"),
    [
        *(
            (remark, "row.removed")
            for remark in (
                "误列",
                "列入错误，应删除",
                "信用修复完成",
                "2026-06-01移出",
                "※移出",
                "暂缓公示",
                "待核实",
                "不予列入",
            )
        ),
        *(
            (remark, "")
            for remark in ("申请移出中", "未移出", "不予移出", "已改正", "已注销", "联系方式待核实")
        ),
    ],
)
def test_f17_what_a_remark_says_of_its_row(tmp_path: Path, remark: str, becomes: str) -> None:
    assert outcomes(with_column(tmp_path, "备注", remark.replace("，", "、"))) == [becomes]


DUTY = ("被执行人姓名/名称", "统一社会信用代码", "执行法院", "案号", "失信决定日期", "履行情况")


@pytest.mark.parametrize(
    ("word", "becomes"),
    [
        *(
            (word, "row.removed")
            for word in (
                "全部履行",
                "已履行完毕",
                "全部已履行",
                "已全部履行",
                "履行完毕",
                "和解履行完毕",
                "执行完毕",
            )
        ),
        *(
            (word, "")
            for word in ("全部未履行", "部分履行", "部分未履行", "未履行", "未全部履行", "正在履行")
        ),
    ],
)
def test_f16_who_has_performed_is_no_defaulter(tmp_path: Path, word: str, becomes: str) -> None:
    cells = ["泸州示例（演示）", code(1), COURT, "（2026）川0502执1号", "2026-03-05", word]
    assert outcomes(written(tmp_path, text([cells], header=DUTY)), DEFAULTER) == [becomes]


OTHERS = [
    name
    for one in built_in_mappings().values()
    if one.list_type != MARKET
    for name in one.list_names
]


@pytest.mark.parametrize(
    "title",
    [
        "泸州市经营异常名录（2026年第一批）",
        "拖欠农民工工资失信联合惩戒对象名单",
        "被执行人名单",
        "重点关注名单",
        "红名单公示",
    ],
)
def test_f54_a_title_that_names_another_list(title: str) -> None:
    with pytest.raises(RefusedError) as caught:
        check_titles(["2026年", title], find_mapping(MARKET), OTHERS)
    assert caught.value.code == "file.other-list"
    assert "选错名单的，改选后重新导入" in str(caught.value)


def test_f54_titles_of_its_own_list_and_of_none() -> None:
    own = "关于公布严重违法失信名单（含经营异常名录转入）的公告"
    check_titles([own, "泸州市2026年第三批公告", "Sheet1", ""], find_mapping(MARKET), OTHERS)
    check_titles(["失信被执行人名单"], find_mapping(DEFAULTER), [MARKET, "严重违法失信名单"])
    check_titles(
        ["2025年度纳税信用A级红名单"], find_mapping("tax-grade-a"), [MARKET, "严重违法失信名单"]
    )


@given(st.sets(st.integers(1, 6)), st.sampled_from(["", "\ufeff", "＊"]))
def test_f38_the_header_once_more_is_no_row(
    tmp_path_factory: pytest.TempPathFactory, places: set[int], before: str
) -> None:
    rows: list[Sequence[str]] = [row(n) for n in range(6)]
    again = [before + HEADER[0], *HEADER[1:]]
    for place in sorted(places, reverse=True):
        rows.insert(place, again)
    reader = read(written(tmp_path_factory.mktemp("f38"), text(rows)))
    assert [item.code if isinstance(item, RowFault) else "" for item in reader] == [""] * 6
    assert reader.tally.notices["row.note"] == len(places)


def test_f38_further_notes_and_sums(tmp_path: Path) -> None:
    notes = [
        *("单位（盖章）：泸州市市场监督管理局", "2026年3月5日", "（以下无正文）", "——完——", "END"),
        *("严重违法失信名单（续表）", "本页小计：2", "总户数"),
    ]
    rows = [row(1), *[[note, *[""] * 6] for note in notes], ["合 计", "2", *[""] * 5]]
    reader = read(written(tmp_path, text(rows)))
    assert len(list(reader)) == 1
    assert (reader.tally.refused, reader.tally.notices["row.note"]) == (0, len(notes) + 1)
    for name in ("完美商贸有限公司", "总数据公司", "盖章示例有限公司", "结束语文化公司"):
        assert not is_note(name)


@pytest.mark.parametrize(
    "heading",
    [
        "统一社会信用代码（18位）",
        "统一社会信用代码(18位）",
        "统一社会信用代码（全称）",
        "统一社会信用代码【xxxx】",
    ],
)
def test_f35_further_brackets(heading: str) -> None:
    assert column_name(heading) == "统一社会信用代码"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (text([row(1)]).encode("utf-32"), "UTF-32"),
        (b'[{"name": "x"}]', "JSON"),
        (b'{"name": "x"}\n{"name": "y"}\n', "JSON"),
        (b"PK\x05\x06" + bytes(18), "zip"),
        (b'<?xml version="1.0"?><rows><row/></rows>', "XML"),
    ],
)
def test_f42_what_else_is_no_table(tmp_path: Path, data: bytes, says: str) -> None:
    with pytest.raises(TableError, match=says) as caught:
        read(written(tmp_path, data))
    assert caught.value.code == "file.format"


def test_a_carriage_return_within_a_row_is_named(tmp_path: Path) -> None:
    content = text([row(1)]) + ",".join(row(2)) + "\r" + ",".join(row(3)) + "\r\n"
    found = list(read(written(tmp_path, content)))
    assert isinstance(found[1], RowFault)
    assert (found[1].code, found[1].row) == ("row.malformed", 3)
    assert "回车符" in found[1].message


def test_a_table_of_subjects_asks_for_no_note_and_no_error(tmp_path: Path) -> None:
    header = ("序号", "投标人名称", "统一社会信用代码")
    rows = [
        ["1", "甲（演示）", code(1)],
        ["2", "乙（演示）", "#N/A"],
        ["3", "同上", code(3)],
        list(header),
        ["4", "丁（演示）", ""],
        ["合计", "4家", ""],
    ]
    (found,) = read_subjects(written(tmp_path, text(rows, header=header)))
    assert list(zip(found.rows, found.names, strict=True)) == [(2, "甲（演示）"), (6, "丁（演示）")]
    assert [(one.row, one.column, one.code) for one in found.faults] == [
        (3, "统一社会信用代码", "cell.error"),
        (4, "投标人名称", "cell.ditto"),
    ]
