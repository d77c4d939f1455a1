"""Bad inputs, some hundred of them; a million in `make soak NAME=bad-inputs`."""

from __future__ import annotations

from pathlib import Path

from tests.fuzz.bad_inputs import HEADER, ROWS, rows_of, sweep


def test_nothing_of_bad_inputs_is_stored(tmp_path: Path) -> None:
    counts = sweep(20261121, 200, tmp_path)
    assert all(counts.values())


def test_a_true_list_is_published(tmp_path: Path) -> None:
    """The files are bad by their codes alone."""
    good = (HEADER + ROWS).replace("12345", "91510504YY0500006Y")
    assert rows_of(good.encode(), tmp_path) == 5
    assert rows_of((HEADER + ROWS).encode(), tmp_path) == 0
