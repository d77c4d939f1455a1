"""Blank tables of lists: what they ask for is what their reader reads, and the example is read.

Covers node/documents/blank_lists.py.
"""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from openpyxl import load_workbook

from adapters.files.listings import FeedContext, ListingReader, ListingRow, read_listings
from adapters.files.mapping import built_in_mappings, find_mapping
from federation.ids import Date
from node.documents.blank_lists import columns, csv_table, xlsx_table
from tests.support.held import AUDIENCE

LISTS = sorted(one.list_type for one in built_in_mappings().values())
CONTEXT = FeedContext(
    audience=AUDIENCE,
    department="d",
    batch="b",
    authorities={"泸州市某局（演示）": "510500-office"},
    today=Date(20261120),
)


def read(path: Path, made: bytes, list_type: str) -> tuple[list[object], ListingReader]:
    path.write_bytes(made)
    reader = read_listings(path, find_mapping(list_type), CONTEXT)
    return list(reader), reader


@pytest.mark.parametrize("list_type", LISTS)
def test_the_filled_row_is_read_by_the_program_itself(list_type: str, tmp_path: Path) -> None:
    (row,), reader = read(tmp_path / "f.csv", csv_table(list_type, filled=True), list_type)
    assert isinstance(row, ListingRow)
    assert row.listing.subject.name == "泸州示例填表有限公司（演示）"
    assert "YY" in row.listing.subject.code, "an organisation code that is allocated to nobody"
    assert (reader.tally.accepted, dict(reader.tally.faults), list(reader.ignored)) == (1, {}, [])


@pytest.mark.parametrize("list_type", LISTS)
def test_the_blank_table_has_the_same_columns_and_no_row(list_type: str, tmp_path: Path) -> None:
    rows, reader = read(tmp_path / "b.csv", csv_table(list_type, filled=False), list_type)
    assert (rows, list(reader.ignored)) == ([], [])
    head = csv_table(list_type, filled=True).decode("utf-8-sig").splitlines()[0]
    assert csv_table(list_type, filled=False).decode("utf-8-sig").splitlines() == [head]


@pytest.mark.parametrize("list_type", ["unpaid-migrant-wages", "administrative-penalty"])
def test_a_workbook_has_the_blank_table_first_and_the_example_apart(
    list_type: str, tmp_path: Path
) -> None:
    made = xlsx_table(list_type)
    first, second = load_workbook(io.BytesIO(made)).worksheets
    found = columns(find_mapping(list_type))
    assert [cell.value for cell in first[1]] == list(found)
    assert first.max_row == 1
    said = [(row[0].value, row[1].value or "") for row in second.iter_rows(min_row=2)]
    assert said == list(found.items())
    assert read(tmp_path / "b.xlsx", made, list_type)[0] == []
