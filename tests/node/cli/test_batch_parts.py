"""Parts in which `huxin check --file` asks: bounded, the same each time, nothing lost between.

Covers node/cli/check_batch.py.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.files.faults import RowFault
from adapters.files.subjects import Subjects
from node.cli import check_batch
from node.services import batches

cells = st.sampled_from(["", "甲", "91510500YY07000240", "甲\n乙", "\n", "长" * 9])
Row = tuple[str, str] | None


def fault(row: int) -> RowFault:
    return RowFault(row=row, column="", code="row.width", value="", expected="", message="")


def block(first: int, rows: list[Row]) -> Subjects:
    """Rows from a number on; None is one that cannot be read."""
    kept = [(first + at, *row) for at, row in enumerate(rows) if row is not None]
    return Subjects(
        rows=[row for row, _, _ in kept],
        codes=[code for _, code, _ in kept],
        names=[name for _, _, name in kept],
        faults=[fault(first + at) for at, row in enumerate(rows) if row is None],
    )


@given(given_blocks=st.lists(st.lists(st.none() | st.tuples(cells, cells), max_size=9), max_size=9))
def test_every_row_is_asked_once_in_parts_that_are_bounded(given_blocks: list[list[Row]]) -> None:
    blocks, first = [], 2
    for rows in given_blocks:
        blocks.append(block(first, rows))
        first += len(rows)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(check_batch, "PART_ROWS", 4)
        patched.setattr(check_batch, "PART_CHARACTERS", 30)
        parts = list(check_batch._parts(blocks))
    asked = [batches._rows(check_batch._rows(at, one)) for at, one in enumerate(parts, 1)]
    found = [row for one in asked for row in zip(one.numbers, one.codes, one.names, strict=True)]
    expected = [row for one in blocks for row in zip(one.rows, one.codes, one.names, strict=True)]
    assert sorted(found) == expected
    assert [one for part in parts for one in part.faults] == [
        one for b in blocks for one in b.faults
    ]
    assert all(len(part) <= 4 for part in parts)
    spans = [sorted([*part.rows, *(one.row for one in part.faults)]) for part in parts]
    assert [row for span in spans for row in span] == list(range(2, first))
