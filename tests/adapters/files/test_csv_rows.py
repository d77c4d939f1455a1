"""Lines that are split together have the cells that each of them has by itself.

Covers adapters/files/_csv_rows.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.files import _csv_rows
from adapters.files._csv_form import Form
from adapters.files._csv_rows import CsvRows
from adapters.files.errors import TableError
from adapters.files.faults import RowFault

FORM = Form(encoding="utf-8", skip=0, returns=False, between=",")
pieces = st.sampled_from(
    [
        b"a",
        b",",
        b"\n",
        b"\r\n",
        b"\r",
        b'"',
        b'""',
        "甲".encode(),
        b"\xff",
        b"\0",
        "\ufffd".encode(),
    ]
)


def written(folder: Path, content: bytes) -> Path:
    path = folder / "list.csv"
    path.write_bytes(content)
    return path


def read(path: Path) -> list[tuple[int, list[str]] | RowFault] | str:
    try:
        return list(CsvRows(path, FORM))
    except TableError as error:
        return str(error)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.lists(pieces, max_size=60).map(b"".join), together=st.integers(1, 40))
def test_rows_of_a_file_do_not_depend_on_what_is_read_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, together: int
) -> None:
    path = written(tmp_path, content)
    with monkeypatch.context() as patched:
        patched.setattr(_csv_rows, "_TOGETHER", together)
        found = read(path)
        patched.setattr(_csv_rows, "_split", lambda *_: None)
        assert found == read(path)


def test_blocks_are_what_is_left_of_the_rows(tmp_path: Path) -> None:
    rows = CsvRows(written(tmp_path, b"a,b\n\n1,2\n3,4"), FORM)
    assert next(rows) == (1, ["a", "b"])
    assert list(rows.blocks()) == [[(2, []), (3, ["1", "2"]), (4, ["3", "4"])]]
    assert list(rows) == []
