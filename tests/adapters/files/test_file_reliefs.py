"""Relief files: which record, by which decision, and what is refused."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.files.annotations import AnnotationRow, read_annotations
from adapters.files.errors import MappingError
from adapters.files.faults import RowFault
from adapters.files.mapping import built_in_mappings, list_names
from adapters.files.reliefs import ReliefContext, ReliefRow, read_reliefs
from federation.ids import Date, StatementId
from federation.record_key import RecordKey
from federation.statements import AnnotationAction
from federation.uscc import make_uscc
from node.texts.messages import spoken

CODE = make_uscc("91510500", "YY000001")
CONTEXT = ReliefContext(
    authorities={"泸州市江阳区人民法院": "510502-court"},
    list_types=list_names(built_in_mappings().values()),
    today=Date(20261120),
)
ROW = {
    "统一社会信用代码": CODE,
    "名称": "泸州示例建筑有限公司（演示）",
    "名单类型": "失信被执行人",
    "认定单位": "泸州市江阳区人民法院",
    "列入文书号": "（2026）川0502执101号",
    "修复决定文书号": "川信修〔2026〕1号",
    "修复日期": "2026-11-09",
    "修复原因": "履行完毕",
    "statement_id": "",
}
RECORD = RecordKey(
    scheme="uscc",
    code=CODE,
    list_type="judgment-defaulter",
    authority="510502-court",
    document="（2026）川0502执101号",
)
ONLY_ID = {**dict.fromkeys(("统一社会信用代码", "名单类型", "认定单位", "列入文书号"), "")}
HEX = "00112233445566778899aabbccddeeff"

Read = Callable[..., list[ReliefRow | RowFault]]


@pytest.fixture
def relieved(tmp_path: Path) -> Read:
    def read(*rows: dict[str, str]) -> list[ReliefRow | RowFault]:
        path = tmp_path / "reliefs.csv"
        with path.open("w", newline="", encoding="gb18030") as file:
            writer = csv.writer(file)
            writer.writerow(ROW)
            writer.writerows([list({**ROW, **row}.values()) for row in rows])
        return list(read_reliefs(path, CONTEXT))

    return read


def test_f34_the_header_is_found_below_who_filled_the_table_in(tmp_path: Path) -> None:
    path = tmp_path / "reliefs.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["填报单位：示例", "填报日期：2026年11月20日", *[""] * 7])
        writer.writerow([f"{name}（必填）" for name in ROW])
        writer.writerow(ROW.values())
    (found,) = read_reliefs(path, CONTEXT)
    assert isinstance(found, ReliefRow)
    assert (found.row, found.record) == (3, RECORD)


def test_a_row_names_its_record(relieved: Read) -> None:
    assert relieved({}) == [
        ReliefRow(
            row=2,
            record=RECORD,
            statement_id=None,
            subject_name="泸州示例建筑有限公司（演示）",
            document="川信修〔2026〕1号",
            decided_on=Date(20261109),
            reason="履行完毕",
        )
    ]


def test_a_statement_id_is_enough(relieved: Read) -> None:
    (row,) = relieved({**ONLY_ID, "statement_id": HEX})
    assert isinstance(row, ReliefRow)
    assert (row.record, row.statement_id) == (None, StatementId(bytes.fromhex(HEX)))


def test_with_both_both_are_given(relieved: Read) -> None:
    (row,) = relieved({"statement_id": HEX})
    assert isinstance(row, ReliefRow)
    assert (row.record, row.statement_id) == (RECORD, StatementId(bytes.fromhex(HEX)))


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("统一社会信用代码", "", "field.missing"),
        ("统一社会信用代码", CODE[:-1] + "0", "identity.code-check-digit"),
        ("统一社会信用代码", "510599199001010000", "subject.natural-person"),
        ("名单类型", "", "field.missing"),
        ("名单类型", "别的名单", "field.value"),
        ("认定单位", "", "field.missing"),
        ("认定单位", "成都市示例区人民法院（演示）", "authority.not-bound"),
        ("列入文书号", "", "field.missing"),
        ("修复决定文书号", "", "field.missing"),
        ("修复决定文书号", "号" * 257, "field.long"),
        ("修复日期", "", "field.missing"),
        ("修复日期", "20261332", "date.calendar"),
        ("修复日期", "20261122", "date.future"),
        ("修复原因", "示例人乙510599199001010000", "field.personal-id"),
        ("statement_id", "0011", "id.malformed"),
    ],
)
def test_one_bad_cell(relieved: Read, column: str, value: str, code: str) -> None:
    found = relieved({column: value})
    assert [item.code for item in found if isinstance(item, RowFault)] == [code]
    (fault,) = found
    assert isinstance(fault, RowFault)
    assert fault.column == ("" if (column, value) == ("认定单位", "") else column)
    assert "510599" not in repr(fault)


def test_the_later_of_two_rows_of_one_record_is_refused(relieved: Read) -> None:
    first, second, third = relieved(
        {}, {"列入文书号": "[2026]川0502执101号"}, {"列入文书号": "（2026）川0502执102号"}
    )
    assert isinstance(first, ReliefRow)
    assert isinstance(second, RowFault)
    assert (second.row, second.code) == (3, "row.duplicate")
    assert isinstance(third, ReliefRow)


@pytest.mark.parametrize(
    ("header", "lacks"),
    [
        ("统一社会信用代码,名单类型,认定单位,列入文书号,修复日期", "修复决定文书号"),
        ("统一社会信用代码,名单类型,列入文书号,修复日期,修复决定文书号", "认定单位"),
        ("statement_id,修复决定文书号", "修复日期"),
    ],
)
def test_a_header_without_a_required_column(tmp_path: Path, header: str, lacks: str) -> None:
    path = tmp_path / "reliefs.csv"
    path.write_text(header + "\r\n", encoding="utf-8")
    with pytest.raises(MappingError, match=lacks) as caught:
        list(read_reliefs(path, CONTEXT))
    assert caught.value.code == "header.missing"
    told = str(caught.value).partition("Got")[0]
    assert not any(
        f"lacks {column}" in told or f"; {column}" in told for column in header.split(",")
    )


def test_a_withdrawal_file_has_its_own_headings(tmp_path: Path) -> None:
    path = tmp_path / "withdrawals.csv"
    path.write_text(
        f"statement_id,撤销决定文书号,撤销日期,撤销原因\r\n{HEX},1,20261101,错列\r\n乙\r\n",
        encoding="utf-8",
    )
    row, fault = read_reliefs(path, CONTEXT)
    assert isinstance(row, ReliefRow)
    assert (row.document, row.decided_on, row.reason) == ("1", 20261101, "错列")
    assert isinstance(fault, RowFault)
    assert fault.code == "row.width"


FILLED = (
    ["序号", *ROW, "备注", "备注"],
    ["1", *ROW.values(), "", ""],
    ["2", *[""] * (len(ROW) + 2)],
    ["注：以上为本月修复结果", *[""] * (len(ROW) + 2)],
    ["填表人：示例人甲", "", "审核人：示例人乙", *[""] * len(ROW)],
    ["合计", "", "1", *[""] * len(ROW)],
    ["", ""],
)


def as_text(rows: Sequence[Sequence[str]]) -> str:
    return "".join(",".join(cells) + "\r\n" for cells in rows)


def test_f38_rows_that_are_none(tmp_path: Path) -> None:
    """Numbers filled in advance, notes and sums below, headings that stand twice unused."""
    path = tmp_path / "repairs.csv"
    path.write_text(as_text(FILLED), encoding="utf-8")
    (found,) = read_reliefs(path, CONTEXT)
    assert isinstance(found, ReliefRow), found
    assert (found.row, found.record) == (2, RECORD)


def test_f38_a_row_with_a_code_is_one_whatever_its_first_cell_says(tmp_path: Path) -> None:
    rows = [
        FILLED[0],
        ["注：", CODE, *[""] * (len(ROW) + 1)],
        ["3", "", "某公司", *[""] * len(ROW)],
    ]
    path = tmp_path / "repairs.csv"
    path.write_text(as_text(rows), encoding="utf-8")
    found = list(read_reliefs(path, CONTEXT))
    assert {one.row for one in found if isinstance(one, RowFault)} == {2, 3}


def test_f38_unused_columns_refuse_no_row(tmp_path: Path) -> None:
    path = tmp_path / "repairs.csv"
    rows = [[*ROW, "证件号码"], [*ROW.values()], [*ROW.values(), "9.1E+17"]]
    path.write_text(as_text(rows), "utf-8")
    first, second = read_reliefs(path, CONTEXT)
    assert isinstance(first, ReliefRow)
    assert isinstance(second, RowFault)
    assert second.code == "row.duplicate"


@pytest.mark.parametrize("code", ["'{}", "{}（1-1）", "\u202d{}\u202c", "统一社会信用代码：{}"])
def test_f35_decorated_codes(relieved: Read, code: str) -> None:
    (found,) = relieved({**ROW, "统一社会信用代码": code.format(CODE)})
    assert isinstance(found, ReliefRow)
    assert found.record == RECORD


ANNOTATED = {
    **{key: ROW[key] for key in ("统一社会信用代码", "名称", "名单类型", "认定单位", "列入文书号")},
    "标注类型": "异议受理",
    "受理文书号": "川信异〔2026〕1号",
    "受理日期": "2026-11-09",
}


def test_annotation_files_are_dressed_the_same_way(tmp_path: Path) -> None:
    width = len(ANNOTATED)
    rows = [
        ["异议标注情况表"],
        ["填报单位：某院", "", "填报日期：2026年11月9日"],
        ["序号", *ANNOTATED, "备注", "备注"],
        ["1", *ANNOTATED.values()],
        ["2", *[""] * width],
        ["注：以上为本月", *[""] * width],
    ]
    path = tmp_path / "annotations.csv"
    path.write_text(as_text(rows), encoding="utf-8")
    (found,) = read_annotations(path, CONTEXT)
    assert isinstance(found, AnnotationRow), found
    assert (found.row, found.said.record) == (4, RECORD)
    assert found.action == AnnotationAction.OBJECTION_OPENED
    path.write_text(as_text([[name for name in ANNOTATED if name != "标注类型"]]), "utf-8")
    with pytest.raises(MappingError, match="标注类型"):
        list(read_annotations(path, CONTEXT))


def test_a_clerks_own_table_of_repairs(tmp_path: Path) -> None:
    """A title above, own names of columns; list and authority are said in the form."""
    path = tmp_path / "repairs.csv"
    path.write_text(
        "宜宾市市场监管局信用修复名单\r\n"
        "序号,企业名称,信用代码,原决定书文号,修复决定文号,修复日期\r\n"
        f"1,泸州示例建筑有限公司（演示）,{CODE},（2026）川0502执101号,川信修〔2026〕1号,2026年11月9日\r\n",
        encoding="utf-8",
    )
    chosen = replace(CONTEXT, list_type="judgment-defaulter", authority="510502-court")
    (row,) = read_reliefs(path, chosen)
    assert isinstance(row, ReliefRow)
    assert (row.record, row.decided_on) == (RECORD, Date(20261109))
    with pytest.raises(MappingError, match="认定单位") as caught:
        list(read_reliefs(path, CONTEXT))
    told = spoken(caught.value.code, str(caught.value), english=False)
    assert "“认定单位”（或" in told
    assert "“名单类型”（或名单名称）" in told


def test_what_a_header_lacks_is_said_whole_in_chinese(tmp_path: Path) -> None:
    path = tmp_path / "repairs.csv"
    path.write_text("统一社会信用代码,案由\r\n1,2\r\n", encoding="utf-8")
    with pytest.raises(MappingError) as caught:
        list(read_reliefs(path, CONTEXT))
    told = spoken(caught.value.code, str(caught.value), english=False)
    for name in ("列入文书号", "修复日期", "统一社会信用代码、案由"):
        assert name in told
    assert not re.search("[a-z]", told), told
