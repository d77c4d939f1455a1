"""Numbers of letters 文号, and what a letter is about."""

from __future__ import annotations

import pytest

from federation.errors import StatementError
from federation.ids import Date, StatementId
from federation.letters import letter_about, next_number, read_number, statement_of

ID = StatementId(bytes.fromhex("4d1f0c7be12a3d4e6f8091a2b3c4d5e6"))


@pytest.mark.parametrize(
    "typed", ["泸信办〔2026〕12号", " 泸信办[2026]12号 ", "泸信办［2026］12号"]
)
def test_a_number_is_read_however_its_brackets_were_typed(typed: str) -> None:
    found = read_number(typed)
    assert found == ("泸信办", 2026, 12)
    assert found is not None
    assert found.text == "泸信办〔2026〕12号"


@pytest.mark.parametrize(
    "typed",
    ["", "12号", "〔2026〕12号", "泸信办〔2026〕0号", "泸信办〔26〕1号", "泸 办〔2026〕1号"],
)
def test_what_has_another_form_is_none(typed: str) -> None:
    assert read_number(typed) is None


def test_the_next_number_follows_the_highest_and_begins_with_the_year() -> None:
    assert next_number("泸信办", Date(20261231), 0).text == "泸信办〔2026〕1号"
    assert next_number("泸信办", Date(20261231), 41).text == "泸信办〔2026〕42号"
    assert next_number("泸信办", Date(20270101), 0).text == "泸信办〔2027〕1号"


def test_each_decision_has_a_letter_of_its_own() -> None:
    assert letter_about(ID, 0) == letter_about(ID, 1) == ID.hex()
    assert letter_about(ID, 2) == f"{ID.hex()}-2"
    assert statement_of(letter_about(ID, 3)) == ID
    with pytest.raises(StatementError):
        statement_of("91510500MAXA00000X")
