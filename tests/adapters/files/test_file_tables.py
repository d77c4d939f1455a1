"""Tables: encodings, quotes, numbers and dates of spreadsheets, bounds."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.files._cells import DAMAGED
from adapters.files.errors import TableError
from adapters.files.faults import RowFault
from adapters.files.headings import column_name
from adapters.files.subjects import read_subjects
from adapters.files.tables import Limits, Table
from adapters.files.watched_subjects import read_watched

HEADER = "名称,案号\r\n"


@pytest.fixture
def written(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(data: bytes) -> Path:
        path = tmp_path / "list.csv"
        path.write_bytes(data)
        return path

    return write


def codes(path: Path, limits: Limits | None = None) -> list[tuple[int, str]]:
    table = Table(path, limits) if limits else Table(path)
    return [
        (item.row, item.code) if isinstance(item, RowFault) else (item[0], "") for item in table
    ]


def refused(path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(TableError) as caught:
        codes(path, limits)
    return caught.value.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings(written: Callable[[bytes], Path], encoding: str) -> None:
    table = Table(written(f"{HEADER}泸州䶮公司,川0502\r\n".encode(encoding)))
    assert table.header == ("名称", "案号")
    assert list(table) == [(2, ["泸州䶮公司", "川0502"])]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_damaged_byte_is_that_rows_fault(written: Callable[[bytes], Path], encoding: str) -> None:
    lines = [f"公司{number},川0502\r\n".encode(encoding) for number in range(5)]
    lines[2] = b"\xff\xff" + lines[2]
    path = written(HEADER.encode(encoding) + b"".join(lines))
    assert codes(path) == [(2, ""), (3, ""), (4, "row.encoding"), (5, ""), (6, "")]


def test_a_short_chinese_word_that_could_be_utf8_does_not_decide(
    written: Callable[[bytes], Path],
) -> None:
    # 联通 in GB 18030 happens to be valid UTF-8.
    path = written(
        f"iname,caseCode\r\n联通,1\r\n{'自贡演示公司,2' + chr(10)}内江,3\r\n".encode("gb18030")
    )
    assert next(iter(Table(path))) == (2, ["联通", "1"])


def test_lines_and_quotes_inside_cells(written: Callable[[bytes], Path]) -> None:
    path = written(f'{HEADER}"甲\n""乙""","1,2"\r\n丙,3\r\n'.encode())
    assert list(Table(path)) == [(2, ['甲\n"乙"', "1,2"]), (3, ["丙", "3"])]


def test_a_bad_quote_within_a_line_is_that_rows_fault(written: Callable[[bytes], Path]) -> None:
    assert codes(written(f'{HEADER}"甲"x,1\r\n乙,2\r\n'.encode())) == [
        (2, "row.malformed"),
        (3, ""),
    ]


def test_a_quote_that_never_ends_refuses_the_file(written: Callable[[bytes], Path]) -> None:
    assert refused(written(f'{HEADER}"甲,1\r\n乙,2\r\n丙,3\r\n'.encode())) == "file.quote"


def test_rows_of_another_width(written: Callable[[bytes], Path]) -> None:
    path = written(f"{HEADER}甲\r\n乙,1,2\r\n丙,3,,\r\n\r\n,\r\n丁,4\r\n".encode())
    assert codes(path) == [(2, "row.width"), (3, "row.width"), (4, ""), (7, "")]


def test_titles_above_the_header_count_as_rows(written: Callable[[bytes], Path]) -> None:
    table = Table(written(f"失信名单,\r\n\r\n{HEADER}甲,1\r\n".encode()))
    assert table.header == ("名称", "案号")
    assert list(table) == [(4, ["甲", "1"])]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file.empty"),
        (b"%PDF-1.4\n", "file.format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old workbook", "file.format"),
        (b"PK\x03\x04 no archive", "file.format"),
        ("名称\r\n甲\r\n".encode(), "header.none"),
        (b"a" * (1024 * 1024 + 1), "file.line-long"),
    ],
)
def test_files_that_are_no_tables(written: Callable[[bytes], Path], data: bytes, code: str) -> None:
    assert refused(written(data)) == code


def test_bounds(written: Callable[[bytes], Path]) -> None:
    path = written(f"{HEADER}甲,1\r\n{'乙' * 20},2\r\n丙,3\r\n".encode())
    assert refused(path, Limits(file_bytes=20)) == "file.size"
    assert refused(path, Limits(rows=2)) == "file.rows"
    assert codes(path, Limits(rows=3)) == [(2, ""), (3, ""), (4, "")]
    assert refused(path, Limits(columns=1)) == "header.columns"
    assert codes(path, Limits(cell=19)) == [(2, ""), (3, "cell.long"), (4, "")]


def test_records_are_by_column_name(written: Callable[[bytes], Path]) -> None:
    table = Table(written("＊名称 ,CaseCode\r\n甲,1\r\n乙\r\n".encode()))
    first, second = table.records()
    assert first == (2, {"名称": "甲", "casecode": "1"})
    assert isinstance(second, RowFault)


def test_column_names() -> None:
    assert column_name("＊统一社会 信用代码 ") == "统一社会信用代码"
    assert column_name("ＣaseCode") == "casecode"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2))
def test_any_text_comes_back_from_csv(
    tmp_path_factory: pytest.TempPathFactory, row: list[str]
) -> None:
    path = tmp_path_factory.mktemp("csv") / "list.csv"
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([["名称", "案号"], row, ["甲", "1"]])
    path.write_bytes(text.getvalue().encode())
    found = [item for item in Table(path) if not isinstance(item, RowFault)]
    assert found[-1][1] == ["甲", "1"]
    assert [cells for _, cells in found[:-1]] == ([row] if any(row) else [])


def workbook(path: Path, rows: list[list[object]], *more: str) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name in ("名单", *more):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_a_spreadsheet_gives_undamaged_text(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["名称", "值"],
        ["整数", 20260131],
        ["小数", 1.5],
        ["日期", dt.date(2026, 1, 31)],
        ["时间", dt.datetime(2026, 1, 31, 10, 0, 5, tzinfo=None)],  # noqa: DTZ001 - as in a cell
        ["真", True],
        ["空", None],
        ["代码", "115002280086523530"],
        ["坏了", 115002280086523530],
        ["十五位", 999999999999999],
    ]
    items = list(Table(workbook(tmp_path / "list.xlsx", rows)))
    texts = [item.code if isinstance(item, RowFault) else item[1][1] for item in items]
    assert texts == [
        "20260131",
        "1.5",
        "2026-01-31",
        "2026-01-31 10:00:05",
        "TRUE",
        "",
        "115002280086523530",
        DAMAGED,
        "999999999999999",
    ]


def test_row_numbers_of_a_spreadsheet_are_those_that_it_shows(tmp_path: Path) -> None:
    rows: list[list[object]] = [[], ["标题"], ["名称", "值"], [], ["甲", "1"]]
    table = Table(workbook(tmp_path / "list.xlsx", rows))
    assert list(table) == [(5, ["甲", "1"])]


def test_a_workbook_has_one_sheet(tmp_path: Path) -> None:
    path = workbook(tmp_path / "list.xlsx", [["名称", "值"]], "第二")
    assert refused(path) == "file.sheets"


def test_a_workbook_that_unpacks_too_large(tmp_path: Path) -> None:
    path = workbook(tmp_path / "list.xlsx", [["名称", "值"]])
    assert refused(path, Limits(unpacked_bytes=1000)) == "file.size"


@pytest.mark.parametrize("heading", ["投标人名称", "供应商名称", "企业名称"])
def test_a_table_of_bidders_is_checked_and_watched_alike(
    written: Callable[[bytes], Path], heading: str
) -> None:
    code, name = "91510522YY0600007N", "示例公司（演示）"
    path = written(f"序号,{heading},代码\r\n1,{name},{code}\r\n".encode())
    (found,) = read_subjects(path)
    assert (found.rows, found.codes, found.names, found.faults) == ([2], [code], [name], [])
    assert list(read_watched(path)) == [(2, {"code": code, "name": name})]
