"""Workbooks and web pages as departments send them: .xlsx, .xls, what only calls itself so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from adapters.files.errors import TableError
from adapters.files.faults import RowFault
from adapters.files.listings import ListingRow
from adapters.files.tables import Limits, Table
from tests.support import old_workbooks as old
from tests.support.real_tables import HEADER, code, listings, outcomes, read, row

Cell = str | float | None
AT_AUTHORITY, AT_DOCUMENT = 5, 6


def book(
    path: Path,
    *rows: Sequence[Cell],
    dress: Callable[[Worksheet], object] = lambda _: None,
    **more: Sequence[Sequence[Cell]],
) -> Path:
    """A workbook of these rows; `dress` does what else there is to the sheet."""
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    for cells in rows:
        sheet.append(list(cells))
    dress(sheet)
    for name, others in more.items():
        another = made.create_sheet(name)
        for cells in others:
            another.append(list(cells))
    made.save(path)
    return path


def test_f38_numbers_that_lost_digits_where_nobody_uses_them(tmp_path: Path) -> None:
    header = [*HEADER, "证件号码", "银行账号"]
    path = book(tmp_path / "a.xlsx", header, [*row(1), 510599199001010000, 6222 * 10**15])
    reader = read(path)
    (found,) = reader
    assert not isinstance(found, RowFault)
    assert dict(reader.tally.dropped) == {"法定代表人": 1, "证件号码": 1, "银行账号": 1}


def test_f38_where_they_are_used_the_row_is_refused_by_its_heading(tmp_path: Path) -> None:
    cells: list[Cell] = list(row(1))
    cells[AT_DOCUMENT] = 510500202603050001
    found = list(read(book(tmp_path / "a.xlsx", HEADER, cells, row(2))))
    assert isinstance(found[0], RowFault)
    assert (found[0].code, found[0].column) == ("cell.damaged-number", "列入决定书文号")
    assert not isinstance(found[1], RowFault)


def test_f38_a_cell_beside_the_table(tmp_path: Path) -> None:
    """Its column has no heading; what it says of the row is heard."""
    path = book(tmp_path / "a.xlsx", HEADER, [*row(1), "见附件"], [*row(2), "已移出"])
    assert outcomes(path) == ["", "row.removed"]


def test_f38_prefilled_numbers_and_empty_formats(tmp_path: Path) -> None:
    def dress(sheet: Worksheet) -> None:
        for number in range(3, 60):
            sheet.cell(number, 1).value = number - 1
            sheet.cell(number, 2).font = Font(bold=True)

    reader = read(book(tmp_path / "a.xlsx", ["序号", *HEADER], [1, *row(1)], dress=dress))
    assert len(list(reader)) == 1
    assert (reader.tally.rows, reader.tally.refused) == (1, 0)


def test_f38_a_blank_in_the_last_row_of_a_sheet(tmp_path: Path) -> None:
    def dress(sheet: Worksheet) -> None:
        sheet["A1048576"] = " "

    assert outcomes(book(tmp_path / "a.xlsx", HEADER, row(1), dress=dress)) == [""]


def test_f38_a_blank_in_the_last_row_of_a_wide_sheet(tmp_path: Path) -> None:
    """A reader would make room for seventy million cells."""

    def dress(sheet: Worksheet) -> None:
        sheet["A1048576"] = " "
        sheet["XFD3"] = "\u3000"

    more = [f"另{n}" for n in range(60)]
    path = book(tmp_path / "a.xlsx", [*HEADER, *more], [*row(1), *more], [*row(2)], dress=dress)
    assert [(one.row, one.listing.subject.code) for one in listings(path)] == [
        (2, code(1)),
        (3, code(2)),
    ]


def test_too_many_rows_are_told_by_the_last_one(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", HEADER, row(1), [], row(2))
    with pytest.raises(TableError, match="第 4 行"):
        list(Table(path, Limits(rows=1)))


def test_f40_merged_cells_stand_in_each_row(tmp_path: Path) -> None:
    below: list[list[Cell]] = [list(row(n)) for n in (2, 3)]
    for cells in below:
        cells[AT_AUTHORITY] = cells[AT_DOCUMENT] = None

    def dress(sheet: Worksheet) -> None:
        sheet.merge_cells("F2:F6")
        sheet.merge_cells("G2:G4")

    reader = read(book(tmp_path / "a.xlsx", HEADER, row(1), *below, dress=dress))
    found = [item.listing.document for item in reader if isinstance(item, ListingRow)]
    assert found == ["泸市监严列〔2026〕1号"] * 3
    assert reader.tally.notices["cell.merged"] == 2


def test_f34_a_group_row_of_merged_cells(tmp_path: Path) -> None:
    def dress(sheet: Worksheet) -> None:
        sheet.merge_cells("A1:C1")
        sheet.merge_cells("D1:G1")

    groups = ["主体信息", None, None, "列入信息", None, None, None]
    assert [
        r.row for r in listings(book(tmp_path / "a.xlsx", groups, HEADER, row(1), dress=dress))
    ] == [3]


def test_f41_hidden_rows_are_read_and_said(tmp_path: Path) -> None:
    def dress(sheet: Worksheet) -> None:
        sheet.row_dimensions[3].hidden = True
        sheet.row_dimensions[9].hidden = True

    reader = read(book(tmp_path / "a.xlsx", HEADER, row(1), row(2), row(3), dress=dress))
    assert len(list(reader)) == 3
    assert reader.tally.notices["row.hidden"] == 1
    (remark,) = reader.remarks
    assert "有 1 行被隐藏或筛选掉（名单共 3 行）" in remark


def test_f42_of_several_sheets_the_one_that_is_the_list(tmp_path: Path) -> None:
    words = [["填表说明", "字典"], ["企业", "1"]]
    path = book(tmp_path / "a.xlsx", ["标题"], HEADER, row(1), row(2), 填表说明=words, 空=[])
    reader = read(path)
    assert len([item for item in reader if not isinstance(item, RowFault)]) == 2
    assert (reader.tally.notices["sheet.left"], reader.titles) == (1, ("标题", "Sheet"))


@pytest.mark.parametrize(
    ("rows", "says"), [((HEADER, row(9)), "多张"), ((["甲", "乙"],), "没有一张")]
)
def test_f42_in_doubt_about_the_sheet_nothing_is_read(
    tmp_path: Path, rows: Sequence[Sequence[Cell]], says: str
) -> None:
    first = [HEADER, row(1)] if says == "多张" else [["丙", "丁"]]
    path = book(tmp_path / "a.xlsx", *first, 第二批=rows)
    with pytest.raises(TableError, match=says) as caught:
        read(path)
    assert caught.value.code == "file.sheets"
    with pytest.raises(TableError):
        list(Table(path))


@pytest.mark.parametrize("name", ["list.xls", "list.csv", "list.et", "list", "list.ods"])
def test_f42_a_workbook_under_any_name(tmp_path: Path, name: str) -> None:
    book(tmp_path / "a.xlsx", HEADER, row(1)).rename(tmp_path / name)
    assert outcomes(tmp_path / name) == [""]


def test_f42_an_older_workbook(tmp_path: Path) -> None:
    second = [*row(2)[:5], None, None]
    more = old.merged(1, 2, AT_AUTHORITY) + old.merged(1, 2, AT_DOCUMENT) + old.hidden(2)
    sheet = old.sheet_records([HEADER, row(1), second], more)
    for name in ("a.xls", "a.csv"):
        reader = read(old.write_old_book(tmp_path / name, {"名单": sheet}))
        found = [item for item in reader if isinstance(item, ListingRow)]
        assert [item.listing.subject.code for item in found] == [code(1), code(2)]
        assert reader.tally.notices == {"cell.merged": 1, "row.hidden": 1}
        assert reader.titles == ("名单",)


def test_f42_older_workbooks_keep_the_same_rules(tmp_path: Path) -> None:
    long: list[Cell] = list(row(1))
    long[AT_DOCUMENT] = 510500202603050001.0
    sheet = old.sheet_records([HEADER, long, row(2)], old.error(2, 3))
    path = old.write_old_book(tmp_path / "a.xls", {"名单": sheet})
    assert outcomes(path) == ["cell.damaged-number", "cell.error"]
    sheet = old.sheet_records([HEADER, row(1)], old.formula(1, 8))
    with pytest.raises(TableError) as caught:
        read(old.write_old_book(tmp_path / "a.xls", {"名单": sheet}))
    assert caught.value.code == "file.formula"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (old.compound("Workbook", old.record(0x002F, bytes(6))), "密码"),
        (old.compound("EncryptedPackage", b""), "密码"),
        (old.compound("WordDocument", b""), "Word"),
        (old.compound("Workbook", b"")[:900], "damaged|损坏|无法"),
    ],
)
def test_f42_what_an_older_file_is_instead(tmp_path: Path, data: bytes, says: str) -> None:
    (tmp_path / "a.xls").write_bytes(data)
    with pytest.raises(TableError, match=says) as caught:
        read(tmp_path / "a.xls")
    assert caught.value.code == "file.format"


def page(*rows: Sequence[str], before: str = "", charset: str = "utf-8") -> str:
    lines = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in cells) + "</tr>" for cells in rows)
    return (
        f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={charset}">'
        f"<style>td {{mso-number-format:'\\@'}}</style></head><body>{before}"
        f"<table border=1>{lines}</table></body></html>"
    )


@pytest.mark.parametrize("charset", ["utf-8", "gb2312", "gbk"])
def test_f42_a_web_page_called_xls(tmp_path: Path, charset: str) -> None:
    title = "<table><tr><td colspan=7>严重违法失信名单</td></tr></table>"
    text = page(HEADER, row(1), row(2), before=title, charset=charset)
    path = tmp_path / "a.xls"
    path.write_bytes(text.encode("gb18030" if charset.startswith("gb") else charset))
    reader = read(path)
    assert [item.row for item in reader if not isinstance(item, RowFault)] == [3, 4]
    assert reader.titles == ("严重违法失信名单", "")


def test_f40_f41_cells_of_a_page_that_reach_down_and_rows_not_shown(tmp_path: Path) -> None:
    first, second = row(1), row(2)
    one = "".join(
        f"<td{' rowspan=2' if at in (AT_AUTHORITY, AT_DOCUMENT) else ''}>{cell}"
        for at, cell in enumerate(first)
    )
    two = "".join(f"<td>{cell}</td>" for cell in second[:AT_AUTHORITY])
    text = page(HEADER, before="").replace(
        "</table>", f'<tr>{one}</tr><tr style="display: none">{two}</tr></table>'
    )
    path = tmp_path / "a.xls"
    path.write_text(text, encoding="utf-8")
    reader = read(path)
    found = [item.listing.document for item in reader if isinstance(item, ListingRow)]
    assert found == [first[AT_DOCUMENT]] * 2
    assert reader.tally.notices == {"cell.merged": 2, "row.hidden": 1}


def test_f42_a_page_with_formulas_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_text(page(HEADER, row(1)).replace("<td>", '<td x:fmla="=A1">', 9), encoding="utf-8")
    with pytest.raises(TableError) as caught:
        read(path)
    assert caught.value.code == "file.formula"
