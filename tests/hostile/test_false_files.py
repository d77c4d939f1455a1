"""Files that ask for more than they are: bombs, a million columns, entities, formulas, garbage.

Each is refused by its code, in a child process of bounded memory and time where it must be
unpacked first.
"""

from __future__ import annotations

import random
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.files import faults as module
from adapters.files.errors import TableError
from adapters.files.faults import Faults, RowFault
from adapters.files.tables import Limits, Table
from tests.support.workbooks import (
    PARTS,
    SHEET,
    cell,
    relations,
    sheet,
    understate,
    write_book,
    write_zeros,
)

MEBIBYTE = 1024 * 1024
SMALL = Limits(unpacked_bytes=32 * MEBIBYTE, memory_bytes=256 * MEBIBYTE)
FORMULA = '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c></row>'
PREFIXED = '<row r="2"><x:c xmlns:x="urn:x" r="A2"> <x:f >1+1</x:f></x:c></row>'
ENTITY = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>'


def refused(path: Path, limits: Limits = SMALL) -> str:
    with pytest.raises(TableError) as caught:
        list(Table(path, limits))
    return caught.value.code


def test_a_workbook_within_the_bounds_is_read(tmp_path: Path) -> None:
    path = write_book(tmp_path / "a.xlsx", sheet(f'<row r="2">{cell("A2", "甲")}</row>'))
    assert list(Table(path, SMALL)) == [(2, ["甲", ""])]


def test_a_reader_that_is_left_in_the_middle_ends_its_child(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{n}">{cell(f"A{n}", "甲" * 100)}</row>' for n in range(2, 20_000))
    path = write_book(tmp_path / "a.xlsx", sheet(rows))
    assert refused(path, Limits(rows=10)) == "file.rows"


def _zip_bomb(path: Path) -> Path:
    return write_zeros(path, 40)


def _zip_bomb_that_lies(path: Path) -> Path:
    return understate(write_zeros(path, 40), 1000)


def _xlsx_bomb(path: Path) -> Path:
    """Two cells, at the two corners of a sheet: the rectangle between them is what explodes."""
    return write_book(path, sheet(f'<row r="1048576">{cell("XFD1048576", "x")}</row>'))


def _gigabyte_of_nothing(path: Path) -> Path:
    """A rectangle that the machine could hold, and the bound does not allow."""
    return write_book(path, sheet(f'<row r="2000">{cell("XFD2000", "x")}</row>'))


def _million_columns(path: Path) -> Path:
    return write_book(path, sheet(f'<row r="2">{cell("BDWGN2", "x")}</row>'))


def _column_beyond_numbers(path: Path) -> Path:
    return write_book(path, sheet(f'<row r="4294967295">{cell("ZZZZZZ4294967295", "x")}</row>'))


def _external_entity(path: Path) -> Path:
    return write_book(path, sheet("", ENTITY))


def _entity_at_a_seam(path: Path) -> Path:
    """The declaration lies across the end of what is unpacked at once."""
    before = " " * (MEBIBYTE - len(sheet("").partition("<worksheet")[0].encode()) - 5)
    return write_book(path, sheet("", f'{before}<!DOCTYPE a SYSTEM "x">'))


def _laughs(path: Path) -> Path:
    lines = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(12))
    return write_book(path, sheet("", f'<!DOCTYPE a [<!ENTITY a0 "ha">{lines}]>'))


def _sheet_elsewhere(path: Path) -> Path:
    """The formula stands in a part of another name, which the workbook points to."""
    other = {
        "xl/other.xml": sheet(FORMULA).encode(),
        "xl/_rels/workbook.xml.rels": relations("worksheet", "other.xml").encode(),
    }
    return write_book(path, sheet(""), other)


def _many_parts(path: Path) -> Path:
    return write_book(path, sheet(""), {f"xl/{n}.bin": b"" for n in range(10_001)})


def _cut(path: Path) -> Path:
    data = write_book(path, sheet("")).read_bytes()
    path.write_bytes(data[: len(data) // 2])
    return path


def _damaged(path: Path) -> Path:
    data = bytearray(write_book(path, sheet(cell("A2", "甲") * 500)).read_bytes())
    at = data.find(SHEET.encode()) + len(SHEET) + 40
    data[at : at + 40] = bytes(40)
    path.write_bytes(data)
    return path


def _encrypted_part(path: Path) -> Path:
    data = bytearray(write_book(path, sheet("")).read_bytes())
    for magic, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        data[data.find(magic) + offset] |= 1
    path.write_bytes(data)
    return path


def _no_workbook(path: Path) -> Path:
    path.write_bytes(write_book(path, sheet("")).read_bytes().replace(b"workbook", b"workb00k"))
    return path


def _sparse(path: Path) -> Path:
    """Four gigabytes that take no space on the disk."""
    write_book(path, sheet(""))
    with path.open("r+b") as file:
        file.truncate(4 * 1024 * MEBIBYTE)
    return path


REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "zip bomb": (_zip_bomb, "file.size"),
    "zip bomb that states a small size": (_zip_bomb_that_lies, "file.format"),
    "two far cells": (_xlsx_bomb, "file.memory"),
    "a gigabyte of nothing": (_gigabyte_of_nothing, "file.memory"),
    "a million columns": (_million_columns, "header.columns"),
    "a column beyond all numbers": (_column_beyond_numbers, "file.format"),
    "external entity": (_external_entity, "file.format"),
    "entity at a seam": (_entity_at_a_seam, "file.format"),
    "entities of entities": (_laughs, "file.format"),
    "formula": (lambda path: write_book(path, sheet(FORMULA)), "file.formula"),
    "formula with a prefix": (lambda path: write_book(path, sheet(PREFIXED)), "file.formula"),
    "formula in another part": (_sheet_elsewhere, "file.formula"),
    "many parts": (_many_parts, "file.size"),
    "cut in the middle": (_cut, "file.format"),
    "damaged": (_damaged, "file.format"),
    "encrypted part": (_encrypted_part, "file.format"),
    "no workbook": (_no_workbook, "file.format"),
    "4 GB": (_sparse, "file.size"),
}


@pytest.mark.parametrize("lie", REFUSED)
def test_a_workbook_that_explodes_is_refused(tmp_path: Path, lie: str) -> None:
    make, code = REFUSED[lie]
    assert refused(make(tmp_path / "a.xlsx")) == code


def test_reading_costs_no_more_time_than_allowed(tmp_path: Path) -> None:
    path = write_book(tmp_path / "a.xlsx", sheet(""), {"xl/media.bin": bytes(30 * MEBIBYTE)})
    assert refused(path, Limits(seconds=0)) == "file.time"


def test_an_expression_of_a_chart_is_no_formula_of_a_cell(tmp_path: Path) -> None:
    chart = b"<c:cat><c:strRef><c:f>s!A1:A2</c:f></c:strRef></c:cat>"
    path = write_book(tmp_path / "a.xlsx", sheet(cell("A2", "甲")), {"xl/charts/chart1.xml": chart})
    assert len(list(Table(path, SMALL))) == 1


def test_this_process_stays_small(tmp_path: Path) -> None:
    """What explodes does so in the child, and the child is bounded by the system."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for make in (_zip_bomb, _xlsx_bomb, _million_columns, _many_parts):
        refused(make(tmp_path / "a.xlsx"))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024  # KiB


def test_a_long_cell_of_a_workbook_is_that_rows_fault(tmp_path: Path) -> None:
    path = write_book(tmp_path / "a.xlsx", sheet(f'<row r="2">{cell("A2", "a" * 5000)}</row>'))
    (fault,) = Table(path, Limits(cell=1000))
    assert isinstance(fault, RowFault)
    assert fault.code == "cell.long"


def test_a_csv_of_four_gigabytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("名称,案号\r\n", encoding="utf-8")
    with path.open("r+b") as file:
        file.truncate(4 * 1024 * MEBIBYTE)
    assert refused(path) == "file.size"


@pytest.mark.parametrize(
    ("name", "row", "code"),
    [
        ("a million columns", b"x," * 500_000, "row.width"),
        ("more columns than bytes of a row", b"," * (MEBIBYTE + 1), "file.line-long"),
        ("a row that goes on over line ends", b'"a\n",' * MEBIBYTE, "file.line-long"),
        ("zeros", bytes(MEBIBYTE + 1), "file.line-long"),
        ("a quote that never ends", b'"' + b"a" * 1000 + b"\n" * 1000, "file.quote"),
    ],
)
def test_a_csv_that_explodes_is_refused(tmp_path: Path, name: str, row: bytes, code: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("名称,案号\r\n".encode() + row + b"\r\n")
    if code.startswith("row."):
        assert [item.code for item in Table(path) if isinstance(item, RowFault)] == [code], name
    else:
        assert refused(path) == code, name


def test_a_million_columns_in_the_header_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b",".join(b"%d" % n for n in range(150_000)) + b"\r\n")
    assert refused(path) == "header.columns"


def test_garbage_in_gb_18030_is_the_fault_of_its_rows(tmp_path: Path) -> None:
    chosen = random.Random(18030)
    good = "某某演示公司,（2026）川05执1号\r\n".encode("gb18030")
    bad = [bytes(chosen.choices(range(0x80, 0x100), k=20)) for _ in range(200)]
    rows = b"".join(good + line + b"\xff,1\r\n" for line in bad)
    path = tmp_path / "a.csv"
    path.write_bytes("名称,案号\r\n".encode("gb18030") + rows)
    items = list(Table(path))
    assert [item for item in items if not isinstance(item, RowFault)] == [
        (number, ["某某演示公司", "（2026）川05执1号"]) for number in range(2, 402, 2)
    ]
    assert {item.code for item in items if isinstance(item, RowFault)} == {"row.encoding"}


def test_of_endless_faults_some_are_kept_and_all_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "KEPT_MAX", 3)
    found = Faults(
        RowFault(row=9 - n, column="", code="row.width", value="", expected="", message="")
        for n in range(5)
    )
    assert found.codes == {"row.width": 5}
    assert [fault.row for fault in found.told()] == [7, 8, 9, 0]
    assert found.told()[-1].code == "faults.more"
    assert [fault.code for fault in Faults(found.kept).told()] == ["row.width"] * 3


def test_every_part_of_a_true_workbook_is_needed_by_none_of_this(tmp_path: Path) -> None:
    """A workbook without any of its parts is refused, and by its own fault."""
    for missing in PARTS:
        path = write_book(tmp_path / "a.xlsx", sheet(cell("A2", "甲")))
        data = path.read_bytes().replace(missing.encode(), missing[::-1].encode())
        path.write_bytes(data)
        try:
            list(Table(path, SMALL))
        except TableError as error:
            assert error.code in {"file.format", "file.sheets"}, missing  # noqa: PT017 - or is read
