"""What is kept of an import: numbers of rows, many of them in few characters.

Covers node/intake/imported.py.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from node.intake.imported import numbers_as_text, numbers_of


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ([], ""),
        ([2], "2"),
        ([9, 2, 3, 4], "2-4,9"),
        ([2, 4, 6, 7], "2,4,6-7"),
        (range(2, 500_002), "2-500001"),
    ],
)
def test_numbers_of_rows_are_kept_as_runs(numbers: Sequence[int], text: str) -> None:
    assert numbers_as_text(numbers) == text
    assert numbers_of(text) == frozenset(numbers)
