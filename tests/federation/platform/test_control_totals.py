"""Y1-Y6: counts and digests of what a platform was told, and what differs."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from federation.platform.control_totals import (
    DIFFERENCES_MAX,
    UNKNOWN,
    HeldRow,
    RowDifference,
    Total,
    compare,
    totals_of,
)

A, B, C = (HeldRow(index, f"{index:032x}", "active") for index in (2, 3, 10))
REPAIRED = replace(B, state="repaired")


def test_a_group_is_counted_and_digested_by_ascending_index() -> None:
    text = f"2 {2:032x}\n10 {10:032x}\n"
    assert totals_of([A, REPAIRED, C]) == {
        "active": Total(2, sha256(text.encode()).hexdigest()),
        "repaired": Total(1, sha256(f"3 {3:032x}\n".encode()).hexdigest()),
    }
    assert totals_of([]) == {}


def test_the_example_of_the_document() -> None:
    """docs/platform.md shows it."""
    rows = [HeldRow(3, "00" * 16, "active"), HeldRow(12, "01" * 16, "active")]
    digest = "0396dded159162054c687d7c3d86cfe404466970f4516e9fdb6dbaa501b4d434"
    assert totals_of(rows) == {"active": Total(2, digest)}
    document = Path(__file__).parents[3] / "docs" / "platform.md"
    assert digest in document.read_text("utf-8")


def test_what_agrees_does_not_differ() -> None:
    found = compare([A, B, C], [A, B, C], shows_all=True)
    assert (found.differing, found.gone, found.told) == (0, 0, found.found)


def test_of_an_index_the_newest_row_counts() -> None:
    assert compare([A, REPAIRED], [A, B, REPAIRED], shows_all=True).differing == 0
    assert compare([A, B], [A, REPAIRED, B], shows_all=True).differing == 0


def test_what_is_missing_differs_only_where_all_is_shown() -> None:
    assert compare([A, B], [A], shows_all=True).differences == (RowDifference(3, "active", ""),)
    kept = compare([A, B], [A], shows_all=False)
    assert (kept.differing, kept.gone) == (0, 1)


def test_a_state_that_nobody_noted_agrees_with_every_state() -> None:
    found = compare([replace(B, state=UNKNOWN)], [REPAIRED], shows_all=True)
    assert (found.differing, found.told) == (0, found.found)


def test_other_states_ids_and_rows_never_told_differ() -> None:
    other = replace(A, statement_id="ff" * 16)
    found = compare([A, B], [other, REPAIRED, C], shows_all=True)
    assert found.differences == (
        RowDifference(2, "active", "active"),
        RowDifference(3, "active", "repaired"),
        RowDifference(10, "", "active"),
    )


def test_all_are_counted_and_the_first_are_named() -> None:
    count = DIFFERENCES_MAX + 5
    found = compare([], (HeldRow(n, "00" * 16, "active") for n in range(count)), shows_all=True)
    assert (found.differing, len(found.differences)) == (count, DIFFERENCES_MAX)


STATES = st.dictionaries(st.integers(0, 20), st.sampled_from(["active", "repaired"]))


@given(STATES, STATES)
def test_totals_differ_exactly_where_rows_do(told: dict[int, str], found: dict[int, str]) -> None:
    mine, theirs = (
        [HeldRow(n, f"{n:032x}", state) for n, state in sorted(one.items())]
        for one in (told, found)
    )
    compared = compare(mine, theirs, shows_all=True)
    expected = {n for n in {*told, *found} if told.get(n) != found.get(n)}
    assert {one.index for one in compared.differences} == expected
    assert (compared.told == compared.found) == (not expected)
