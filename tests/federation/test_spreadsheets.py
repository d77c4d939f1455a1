"""No cell of a table is a formula, and every text comes back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from federation.spreadsheets import escape_formula, unescape_formula


@given(st.text())
def test_the_escape_can_be_undone(text: str) -> None:
    assert unescape_formula(escape_formula(text)) == text


@given(st.text(), st.text())
def test_two_texts_are_never_written_alike(one: str, other: str) -> None:
    assert (escape_formula(one) == escape_formula(other)) == (one == other)
