"""Tables of repairs, annotations, commitments and exports that nobody here has seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.styles import Font

from adapters.files.annotations import AnnotationRow, read_annotations
from adapters.files.commitments import CommitmentRow, read_commitments
from adapters.files.errors import MappingError
from adapters.files.faults import RowFault
from adapters.files.mapping import built_in_mappings, list_names
from adapters.files.nation_export import ExportRow, read_export
from adapters.files.reliefs import ReliefContext, ReliefRow, read_reliefs
from federation.ids import Date
from federation.statements import AnnotationAction
from tests.support.real_tables import COURT, code, text

TODAY = Date(20261120)
CONTEXT = ReliefContext(
    authorities={COURT: "510502-court"},
    list_types=list_names(built_in_mappings().values()),
    today=TODAY,
)
HEADER = (
    "统一社会信用代码",
    "名称",
    "名单类型",
    "认定单位",
    "列入文书号",
    "修复决定文书号",
    "修复日期",
    "修复原因",
    "声明编号",
)


def row(number: int, **changed: str) -> list[str]:
    """A repair; `changed` by heading."""
    cells = {
        "统一社会信用代码": code(number),
        "名称": f"泸州示例{number}（演示）",
        "名单类型": "失信被执行人",
        "认定单位": COURT,
        "列入文书号": f"（2026）川0502执{number}号",
        "修复决定文书号": f"川信修〔2026〕{number}号",
        "修复日期": "2026-11-09",
        "修复原因": "履行完毕",
        "声明编号": "",
    }
    return list({**cells, **changed}.values())


def written(tmp_path: Path, rows: Sequence[Sequence[str]], header: Sequence[str] = HEADER) -> Path:
    path = tmp_path / "reliefs.csv"
    lines = [
        ",".join(f'"{cell}"' if "\n" in cell else cell for cell in one) for one in (header, *rows)
    ]
    path.write_text("\r\n".join(lines), encoding="utf-8", newline="")
    return path


def said(items: Iterator[object]) -> list[str]:
    """What each row is: empty for what is published, else the code of its fault."""
    return [item.code if isinstance(item, RowFault) else "" for item in items]


def becomes(path: Path) -> list[str]:
    return said(read_reliefs(path, CONTEXT))


@pytest.mark.parametrize("nothing", ["/", "——", "-", "无", "N/A", "\\N"])
def test_f60_a_relief_arrives_whatever_stands_for_nothing(tmp_path: Path, nothing: str) -> None:
    header = [*HEADER, "认定单位代码", "组织机构代码"]
    path = written(
        tmp_path, [[*row(1, 声明编号=nothing, 修复原因=nothing), nothing, nothing]], header
    )
    (found,) = read_reliefs(path, CONTEXT)
    assert isinstance(found, ReliefRow)
    assert (found.statement_id, found.reason) == (None, "")
    assert found.record is not None
    assert found.record.authority == "510502-court"


def test_a_relief_arrives_where_texts_are_broken_to_fit_their_cells(tmp_path: Path) -> None:
    rows = [
        row(1, 修复决定文书号="川信修\n〔2026〕1号"),
        row(2, 名称="泸州示例\n2（演示）"),
        row(3, 列入文书号="（2026）川0502\n执3号"),
        row(4, 修复原因="同上"),
    ]
    found = list(read_reliefs(written(tmp_path, rows), CONTEXT))
    assert said(iter(found)) == ["", "", "", ""]
    first, second, third, fourth = (item for item in found if isinstance(item, ReliefRow))
    assert (first.document, second.subject_name) == ("川信修〔2026〕1号", "泸州示例2（演示）")
    assert third.record is not None
    assert (third.record.document, fourth.reason) == ("（2026）川0502执3号", "")


@pytest.mark.parametrize("heading", ["修复决定文书号", "认定单位", "修复日期", "统一社会信用代码"])
def test_f61_a_relief_by_a_ditto_mark_is_told(tmp_path: Path, heading: str) -> None:
    path = written(tmp_path, [row(1), row(2, **{heading: "同上"})])
    assert becomes(path) == ["", "cell.ditto"]


REFUSED = (
    *(
        "不予修复",
        "不同意",
        "驳回",
        "未通过",
        "审核未通过",
        "不通过",
        "未准予",
        "不符合条件",
        "暂不受理",
    ),
    *(
        "受理中",
        "审核中",
        "办理中",
        "待审核",
        "退回补正",
        "补正材料",
        "未修复",
        "撤回申请",
        "拟修复",
        "终止",
    ),
)
GRANTED = (
    "",
    "同意",
    "准予修复",
    "已修复",
    "通过",
    "审核通过",
    "是",
    "已办结",
    "初审未通过、复审通过",
)
RESULTS = ("审核结果", "修复结果", "办理状态", "审批意见", "修复状态", "状态", "备注", "办理进度")


@pytest.mark.parametrize("heading", RESULTS)
def test_f64_what_was_not_granted_is_no_relief(tmp_path: Path, heading: str) -> None:
    words = (*REFUSED, *GRANTED)
    rows = [[*row(n), word] for n, word in enumerate(words)]
    found = becomes(written(tmp_path, rows, [*HEADER, heading]))
    assert found == [*["relief.not-granted"] * len(REFUSED), *[""] * len(GRANTED)]


def test_f64_a_no_to_a_question_is_told_of_its_column(tmp_path: Path) -> None:
    rows = [[*row(1), "否"], [*row(2), "是"], [*row(3), "/"]]
    first, *others = read_reliefs(written(tmp_path, rows, [*HEADER, "是否准予修复"]), CONTEXT)
    assert isinstance(first, RowFault)
    assert (first.row, first.column, first.code, first.value) == (
        2,
        "是否准予修复",
        "relief.not-granted",
        "否",
    )
    assert said(iter(others)) == ["", ""]


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("列入原因", "拒绝执行"),
        ("违法事实", "不符合安全标准"),
        ("受理单位", "泸州市政务服务受理中心"),
        ("企业状态", "待注销"),
        ("整改情况", "已退回违法所得"),
        ("履行情况", "未履行部分已和解"),
        ("备注", "于2026年缴清罚款，经复核同意"),
        ("经办人意见", "材料补正后同意"),
    ],
)
def test_f64_other_columns_keep_no_relief_out(tmp_path: Path, heading: str, cell: str) -> None:
    """In doubt it is relief."""
    rows = [[*row(1), cell.replace("，", "、")]]
    assert becomes(written(tmp_path, rows, [*HEADER, heading])) == [""]


@pytest.mark.parametrize("heading", RESULTS)
def test_f64_what_is_in_the_subject_s_favour_is_relief(tmp_path: Path, heading: str) -> None:
    """A publication that was ended, a listing that was taken back or should not have been made."""
    words = (
        *("终止公示", "已终止公示", "提前终止公示", "终止惩戒"),
        *("不予列入", "不予公示", "不予联合惩戒", "不符合列入条件", "不符合失信认定标准"),
        *("撤回列入决定", "撤回原处罚决定", "已补正"),
    )
    rows = [[*row(n), word] for n, word in enumerate(words)]
    found = becomes(written(tmp_path, rows, [*HEADER, heading]))
    assert dict(zip(words, found, strict=True)) == dict.fromkeys(words, "")


@pytest.mark.parametrize("number", ["不予行政处罚决定书〔2026〕1号", "不予列入决定书〔2026〕2号"])
def test_f64_a_document_in_the_subject_s_favour_is_relief(tmp_path: Path, number: str) -> None:
    assert becomes(written(tmp_path, [row(1, 修复决定文书号=number)])) == [""]


@pytest.mark.parametrize(
    "number", ["不予修复决定书〔2026〕1号", "不予信用修复决定书川信修〔2026〕2号", "驳回通知书1号"]
)
def test_f64_a_document_that_refuses_is_no_relief(tmp_path: Path, number: str) -> None:
    path = written(
        tmp_path,
        [row(1, 修复决定文书号=number), row(2, 修复决定文书号="准予信用修复决定书〔2026〕1号")],
    )
    assert becomes(path) == ["relief.not-granted", ""]


@pytest.mark.parametrize(
    ("title", "refused"),
    [
        *(("不予信用修复名单", True), ("信用修复未通过名单", True)),
        *(
            ("信用修复结果名单", False),
            ("准予信用修复企业名单（2026年11月）", False),
            ("信用修复申请办理情况", False),
            ("终止公示、不予公示企业名单", False),
        ),
    ],
)
def test_f64_a_title_that_says_that_nothing_was_granted(
    tmp_path: Path, title: str, *, refused: bool
) -> None:
    path = tmp_path / "reliefs.csv"
    path.write_text(f"{title}{',' * 8}\r\n" + text([row(1)], header=HEADER), encoding="utf-8")
    if refused:
        with pytest.raises(MappingError, match="未准予") as caught:
            becomes(path)
        assert caught.value.code == "relief.not-granted"
    else:
        assert becomes(path) == [""]


def test_f63_rows_below_a_line_of_what_was_not_granted(tmp_path: Path) -> None:
    def line(words: str) -> list[str]:
        return [words, *[""] * 8]

    rows = [
        line("一、准予修复"),
        row(1),
        line("二、不予修复"),
        row(2),
        line("三、准予修复"),
        row(3),
    ]
    assert becomes(written(tmp_path, rows)) == ["", "relief.not-granted", ""]


def test_f38_sums_and_headers_between_reliefs(tmp_path: Path) -> None:
    rows = [
        row(1),
        list(HEADER),
        row(2),
        ["合计", "2", *[""] * 7],
        ["单位（盖章）：示例", *[""] * 8],
    ]
    assert becomes(written(tmp_path, rows)) == ["", ""]


@given(st.text("不予未同意准通过驳回受理审核中待补正撤拟终止修复", max_size=12))
def test_f64_whoever_is_said_to_be_granted_is_relieved(
    tmp_path_factory: pytest.TempPathFactory, words: str
) -> None:
    rows = [[*row(1), f"已修复{words}"], [*row(2), ""]]
    assert becomes(written(tmp_path_factory.mktemp("f64"), rows, [*HEADER, "办理结果"])) == ["", ""]


def test_f61_a_relief_that_is_struck_through_is_told(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    for cells in (HEADER, row(1), row(2)):
        sheet.append(list(cells))
    sheet["F3"].font = Font(strike=True)
    made.save(tmp_path / "a.xlsx")
    assert becomes(tmp_path / "a.xlsx") == ["", "cell.struck"]


NOTED = (
    "统一社会信用代码",
    "名称",
    "名单类型",
    "认定单位",
    "列入文书号",
    "标注类型",
    "裁定书文号",
    "裁定日期",
)


@pytest.mark.parametrize(
    ("word", "action"),
    [
        *(
            (word, AnnotationAction.OBJECTION_OPENED)
            for word in ("异议已受理", "已受理异议", "异议处理中", "异议核查中")
        ),
        *((word, AnnotationAction.MASKING_BEGUN) for word in ("破产重整屏蔽", "重整期间屏蔽")),
        ("中止公示", AnnotationAction.PAUSED),
    ],
)
def test_further_words_of_annotations(tmp_path: Path, word: str, action: AnnotationAction) -> None:
    cells = [*row(1)[:5], word, "（2026）川05破1号", "2026-11-09"]
    (found,) = read_annotations(written(tmp_path, [cells], NOTED), CONTEXT)
    assert isinstance(found, AnnotationRow)
    assert found.action is action


def test_f64_an_objection_that_was_refused_is_an_annotation(tmp_path: Path) -> None:
    header = [*NOTED, "办理结果"]
    cells = [*row(1)[:5], "异议不成立", "（2026）川05破1号", "2026-11-09", "不予支持"]
    assert said(read_annotations(written(tmp_path, [cells], header), CONTEXT)) == [""]


PROMISED = (
    "统一社会信用代码",
    "主体名称",
    "承诺类型",
    "承诺日期",
    "履行期限",
    "履行情况",
    "履行日期",
)


def test_commitments_with_notes_and_words_for_nothing(tmp_path: Path) -> None:
    def promise(number: int, word: str, due: str = "2026-06-05") -> list[str]:
        return [code(number), f"示例{number}（演示）", "容缺受理", "2026-03-05", due, word, "/"]

    rows = [
        promise(1, "已全部履行"),
        promise(2, "逾期未履行"),
        promise(3, "——", "无"),
        list(PROMISED),
        promise(4, "部分履行"),
        ["合计", "4", *[""] * 5],
    ]
    found = list(read_commitments(written(tmp_path, rows, PROMISED), TODAY))
    assert said(iter(found)) == ["", "", "", "field.value"]
    assert [(i.performed, i.due_on) for i in found if isinstance(i, CommitmentRow)] == [
        (True, 20260605),
        (False, 20260605),
        (False, 0),
    ]


EXPORTED = ("统一社会信用代码", "主体名称", "名单类型", "列入文书号", "公示状态", "移出日期")


def test_exports_with_notes_and_words_for_nothing(tmp_path: Path) -> None:
    def shown(number: int, status: str, ended: str) -> list[str]:
        return [*row(number)[:3], f"（2026）川0502执{number}号", status, ended]

    rows = [
        shown(1, "公示中", "/"),
        shown(2, "/", "2026-11-01"),
        list(EXPORTED),
        ["合计", "2", *[""] * 4],
        ["导出时间：2026-11-20", *[""] * 5],
    ]
    found = list(read_export(written(tmp_path, rows, EXPORTED), CONTEXT.list_types, TODAY))
    assert [(i.row, i.ended) for i in found if isinstance(i, ExportRow)] == [(2, False), (3, True)]
    assert len(found) == 2
