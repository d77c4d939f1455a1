"""The errors file: what it repeats, what it never repeats, and that no cell is a formula."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from adapters.files.faults import (
    RowFault,
    csv_bytes,
    shown,
    write_faults,
)
from adapters.files.personal_ids import holds_personal_id

FAULT = RowFault(
    row=3, column="名称", code="field.missing", value="", expected="≤ 3", message="空 / empty"
)


def test_the_errors_file(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    target = write_faults(path, [FAULT])
    assert target == tmp_path / "list.csv.errors.csv"
    assert target.read_bytes().decode("utf-8") == (
        "\ufeffrow,column,code,value,expected,message\r\n3,名称,field.missing,,≤ 3,空 / empty\r\n"
    )


def test_without_faults_an_old_errors_file_goes(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    write_faults(path, [FAULT])
    assert write_faults(path, []) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("start", list("=+-@\t\r\n＝＋－＠"))
def test_no_cell_is_a_formula(start: str) -> None:
    text = csv_bytes(["a"], [[start + "cmd|' /C calc'!A0"]]).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[1][0] == "'" + start + "cmd|' /C calc'!A0"


@pytest.mark.parametrize(
    "text",
    [
        "510599199001010000",
        "51059919900101000X",
        "张某，510599199001010000，",
        "510599900101000",
        "5105991990****0000",
        "510599********0000",
        "５１０５９９１９９００１０１００００",
    ],
)
def test_what_has_the_shape_of_an_id_number_is_not_repeated(text: str) -> None:
    assert holds_personal_id(text)
    assert shown(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "91510500YY00000108",
        "（2026）川0502执1234号",
        "2026-01-31",
        "115002280086523530",
        "20260131",
    ],
)
def test_what_has_not(text: str) -> None:
    assert not holds_personal_id(text)
    assert shown(text) == text


def test_long_values_are_shortened() -> None:
    assert len(shown("甲" * 500)) == 200
