"""What a spreadsheet shows of a cell beside its value, as nobody here has seen it (F61)."""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH
from openpyxl.worksheet.worksheet import Worksheet

from adapters.files._cells import SHAPED, STRUCK
from adapters.files._shown_cells import as_shown, shows
from adapters.files.errors import TableError
from adapters.files.faults import RowFault
from tests.support import old_workbooks as old
from tests.support.real_tables import HEADER, code, listings, outcomes, read, row
from tests.support.workbooks import write_book

DAY = HEADER.index("列入日期")
NUMBER = HEADER.index("列入决定书文号")
MARCH = dt.datetime(2026, 3, 1)  # noqa: DTZ001 - a cell has no zone


def book(
    path: Path, *rows: Sequence[object], dress: Callable[[Worksheet], object] = lambda _: None
) -> Path:
    """A workbook of these rows; `dress` does what else there is to the sheet."""
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    for cells in rows:
        sheet.append(list(cells))
    dress(sheet)
    made.save(path)
    return path


def told(path: Path) -> list[tuple[int, str, str]]:
    return [(one.row, one.column, one.code) for one in read(path) if isinstance(one, RowFault)]


def on(number: int, day: object) -> list[object]:
    cells: list[object] = list(row(number))
    cells[DAY] = day
    return cells


def test_f61_a_row_that_is_struck_through_is_refused_and_no_other(tmp_path: Path) -> None:
    def dress(sheet: Worksheet) -> None:
        for cell in sheet[3]:
            cell.font = Font(strike=True)

    found = told(book(tmp_path / "a.xlsx", HEADER, row(1), row(2), row(3), dress=dress))
    assert found == [(3, "企业名称", "cell.struck")]


@pytest.mark.parametrize(("column", "becomes"), [("A", "cell.struck"), ("C", "")])
def test_f61_only_columns_that_are_used_count(tmp_path: Path, column: str, becomes: str) -> None:
    def dress(sheet: Worksheet) -> None:
        sheet[f"{column}2"].font = Font(strike=True)
        sheet["J2"].font = Font(strike=True)

    assert outcomes(book(tmp_path / "a.xlsx", HEADER, row(1), dress=dress)) == [becomes]


def test_f61_a_part_of_a_text_that_is_struck_through(tmp_path: Path) -> None:
    line = TextBlock(InlineFont(strike=True), "泸州旧名有限公司")
    bold = TextBlock(InlineFont(b=True), "泸州")

    def dress(sheet: Worksheet) -> None:
        sheet["A2"].value = CellRichText(line, "泸州新名有限公司（演示）")
        sheet["A3"].value = CellRichText(bold, "示例有限公司（演示）")

    found = told(book(tmp_path / "a.xlsx", HEADER, row(1), row(2), dress=dress))
    assert found == [(2, "企业名称", "cell.struck")]


_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def test_f61_a_shared_text_that_is_struck_through(tmp_path: Path) -> None:
    texts = [*HEADER, *row(1), *row(2)]
    shared = "".join(f"<si><t>{one}</t></si>" for one in texts[: len(HEADER)])
    name = "<r><rPr><strike/></rPr><t>旧名</t></r><r><t>新名（演示）</t></r>"
    off = '<r><rPr><strike val="0"/></rPr><t>泸州示例（演示）</t></r>'
    for at, one in enumerate(texts[len(HEADER) :]):
        shared += f"<si>{name if at == 0 else off if at == 7 else f'<t>{one}</t>'}</si>"
    rows = "".join(
        f'<row r="{at + 1}">'
        + "".join(
            f'<c r="{chr(65 + column)}{at + 1}" t="s"><v>{7 * at + column}</v></c>'
            for column in range(7)
        )
        + "</row>"
        for at in range(3)
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        + "".join(
            f'<Relationship Id="rId{n}" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
            f'relationships/{kind}" Target="{target}"/>'
            for n, kind, target in (
                (1, "worksheet", "worksheets/sheet1.xml"),
                (2, "sharedStrings", "sharedStrings.xml"),
            )
        )
        + "</Relationships>"
    )
    path = write_book(
        tmp_path / "a.xlsx",
        f"<worksheet {_MAIN}><sheetData>{rows}</sheetData></worksheet>",
        {
            "xl/sharedStrings.xml": f"<sst {_MAIN}>{shared}</sst>".encode(),
            "xl/_rels/workbook.xml.rels": relations.encode(),
        },
    )
    assert told(path) == [(2, "企业名称", "cell.struck")]


@pytest.mark.parametrize(
    ("form", "value"),
    [
        *(
            (form, "2026年3月")
            for form in (
                "yyyy年m月",
                'yyyy"年"m"月"',
                "yyyy-mm",
                "mmm-yy",
                '[$-804]yyyy"年"m"月";@',
            )
        ),
        ('[DBNum1][$-804]yyyy"年"m"月";@', "2026年3月"),
        ("yyyy", "2026年"),
        ('m"月"d"日"', "3月1日"),
        ("h:mm", "00:00:00"),
    ],
)
def test_f61_a_day_that_is_shown_in_part_is_not_guessed(
    tmp_path: Path, form: str, value: str
) -> None:
    def dress(sheet: Worksheet) -> None:
        sheet["E2"].number_format = form

    (fault, good) = read(book(tmp_path / "a.xlsx", HEADER, on(1, MARCH), on(2, MARCH), dress=dress))
    assert isinstance(fault, RowFault)
    assert (fault.column, fault.code, fault.value) == ("列入日期", "date.format", value)
    assert not isinstance(good, RowFault)


@pytest.mark.parametrize(
    "form",
    [
        "yyyy/m/d",
        "yyyymmdd",
        'yyyy"年"m"月"d"日"',
        "m/d/yy h:mm",
        "[$-F800]dddd, mmmm dd, yyyy",
        "d-mmm-yy",
    ],
)
def test_f61_a_day_that_is_shown_whole_is_read(tmp_path: Path, form: str) -> None:
    def dress(sheet: Worksheet) -> None:
        sheet["E2"].number_format = form

    (found,) = listings(book(tmp_path / "a.xlsx", HEADER, on(1, MARCH), dress=dress))
    assert found.listing.decided_on == 20260301


@pytest.mark.parametrize("epoch", [WINDOWS_EPOCH, MAC_EPOCH])
def test_both_counts_of_days(tmp_path: Path, epoch: dt.datetime) -> None:
    made = openpyxl.Workbook()
    made.epoch = epoch
    sheet = made.worksheets[0]
    sheet.append(list(HEADER))
    sheet.append(on(1, MARCH))
    made.save(tmp_path / "a.xlsx")
    (found,) = listings(tmp_path / "a.xlsx")
    assert found.listing.decided_on == 20260301


@pytest.mark.parametrize(
    "number", [17, 27, 36, 50, 52, 57, 16, 28, 29, 51, 53, 54, 58, 18, 20, 45, 55]
)
def test_f61_formats_by_their_numbers(number: int) -> None:
    assert shows(number, "")
    assert as_shown(shows(number, ""), MARCH, "2026-03-01 00:00:00") in (
        "2026年3月",
        "3月1日",
        "00:00:00",
    )


@pytest.mark.parametrize("number", [0, 1, 2, 14, 15, 22, 30, 31, 49])
def test_f61_formats_of_whole_days_and_of_numbers(number: int) -> None:
    assert shows(number, "") == ""


@pytest.mark.parametrize(
    "form", ["General", "0.00", "#,##0", "@", "0.00E+00", '0.00"万元"', '[Red]0"人"', "0000"]
)
def test_f61_formats_of_numbers(form: str) -> None:
    assert shows(170, form) == ""


PART = st.sampled_from(
    ["yyyy", "m", "mm", "d", "dd", "h:mm", "ss", '"年"', '"月"', "-", "/", " ", "[$-804]", "aaaa"]
)


@given(st.lists(PART, min_size=1, max_size=6))
def test_f61_a_day_is_read_only_where_year_month_and_day_are_shown(parts: list[str]) -> None:
    shown = shows(170, "".join(parts))
    whole = {"y", "m", "d"} <= {part[0] for part in parts if part[0].isalpha()}
    dated = any(part[0] in "ymdhsa" for part in parts)
    if dated and not whole:
        assert shown


def test_f61_a_number_that_only_its_format_makes_a_document_number(tmp_path: Path) -> None:
    cells: list[object] = list(row(1))
    cells[NUMBER] = 7

    def dress(sheet: Worksheet) -> None:
        sheet["G2"].number_format = '"泸市监严列〔2026〕"0"号"'

    assert told(book(tmp_path / "a.xlsx", HEADER, cells, dress=dress)) == [
        (2, "列入决定书文号", "cell.damaged-number")
    ]


def test_f61_empty_cells_stay_empty() -> None:
    assert as_shown("struck", "", "") == ""
    assert as_shown("struck", "x", "x") == STRUCK
    assert as_shown("shaped", "泸〔2026〕1号", "泸〔2026〕1号") == "泸〔2026〕1号"
    assert as_shown("shaped", 1.0, "1") == SHAPED


def _style(font: int, number: int) -> bytes:
    return old.record(0x00E0, struct.pack("<HH", font, number) + bytes(16))


def _font(flags: int) -> bytes:
    return old.record(0x0031, struct.pack("<HH", 220, flags) + bytes(12))


def test_f61_an_older_workbook_shows_the_same(tmp_path: Path) -> None:
    """Fonts are numbered without 4: the fifth has number 5."""
    more = old.record(0x0203, struct.pack("<HHHd", 1, DAY, 1, 46082.0))
    more += old.record(0x0203, struct.pack("<HHHd", 2, DAY, 2, 46082.0))
    name = "泸州示例（演示）".encode("utf-16-le")
    more += old.record(0x0204, struct.pack("<HHHHB", 3, 0, 3, len(name) // 2, 1) + name)
    rows: list[list[str | float | None]] = [[*HEADER], [*row(1)], [*row(2)], [*row(3)]]
    rows[1][DAY] = rows[2][DAY] = rows[3][0] = None
    form = 'yyyy"年"m"月"'.encode("utf-16-le")
    styles = b"".join([_font(0)] * 4) + _font(0x0008)
    styles += old.record(0x041E, struct.pack("<HHB", 170, len(form) // 2, 1) + form)
    styles += _style(0, 0) + _style(0, 14) + _style(0, 170) + _style(5, 0)
    path = old.write_old_book(tmp_path / "a.xls", {"名单": old.sheet_records(rows, more)}, styles)
    found = list(read(path))
    assert [item.code if isinstance(item, RowFault) else "" for item in found] == [
        "",
        "date.format",
        "cell.struck",
    ]
    assert isinstance(found[1], RowFault)
    assert found[1].value == "2026年3月"


def page(*rows: str) -> str:
    header = "".join(f"<td>{cell}</td>" for cell in HEADER)
    return f"<html><table><tr>{header}</tr>{''.join(rows)}</table></html>"


def cells_of(number: int, before: str = "", after: str = "") -> str:
    return "".join(f"<td>{before}{cell}{after}</td>" for cell in row(number))


def test_f61_a_web_page_shows_the_same(tmp_path: Path) -> None:
    line = '<font style="text-decoration:line-through">'
    rows = (
        f"<tr>{cells_of(1, '<s>', '</s>')}</tr>",
        f"<tr>{cells_of(2, line, '</font>')}</tr>",
        f'<tr style="text-decoration: line-through">{cells_of(3)}</tr>',
        f"<tr>{cells_of(4, '<b>', '</b>')}</tr>",
    )
    (tmp_path / "a.xls").write_text(page(*rows), encoding="utf-8")
    assert outcomes(tmp_path / "a.xls") == [*["cell.struck"] * 3, ""]


def test_the_first_formula_is_named(tmp_path: Path) -> None:
    numbers = [["序号", *HEADER], ["=ROW()-1", *row(1)]]
    with pytest.raises(TableError, match="单元格 A2 含有公式") as caught:
        read(book(tmp_path / "a.xlsx", *numbers))
    assert caught.value.code == "file.formula"
    sheet = old.sheet_records([HEADER, row(1)], old.formula(1, 27))
    with pytest.raises(TableError, match="单元格 AB2 含有公式"):
        read(old.write_old_book(tmp_path / "a.xls", {"名单": sheet}))


def test_f40_numbers_filled_in_advance_beside_merged_cells_are_no_rows(tmp_path: Path) -> None:
    numbers = [[n] for n in range(2, 30)]
    second = [30, *row(2)]
    second[1 + NUMBER] = ""

    def dress(sheet: Worksheet) -> None:
        sheet.merge_cells("H2:H31")

    path = book(tmp_path / "a.xlsx", ["序号", *HEADER], [1, *row(1)], *numbers, second, dress=dress)
    assert [(one.row, one.listing.subject.code) for one in listings(path)] == [
        (2, code(1)),
        (31, code(2)),
    ]
