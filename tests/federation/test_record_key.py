"""The record key: known bytes, and what counts as the same document number."""

from __future__ import annotations

import sys
import unicodedata
from dataclasses import replace

import pytest

from federation.errors import StatementError
from federation.record_key import RecordKey, names_document, normalise_document

KEY = RecordKey(
    scheme="uscc",
    code="91510500ZZ00000018",
    list_type="tax",
    authority="11510500ZZ0000003X",
    document="川税罚〔2026〕12号",
)


def test_isalnum_is_exactly_the_categories_l_and_n() -> None:
    differing = [
        code
        for code in range(sys.maxunicode + 1)
        if chr(code).isalnum() != (unicodedata.category(chr(code))[0] in "LN")
    ]
    assert differing == []


def test_known_bytes() -> None:
    assert KEY.pack().hex() == (
        "0004" + b"uscc".hex()
        + "0012" + b"91510500ZZ00000018".hex()
        + "0003" + b"tax".hex()
        + "0012" + b"11510500ZZ0000003X".hex()
        + "0012" + "e5b79de7a88ee7bd9a" + b"2026".hex() + b"12".hex() + "e58fb7"
    )  # fmt: skip


@pytest.mark.parametrize(
    "written",
    [
        "川税罚〔2026〕12号",
        "川税罚[2026]12号",
        "川税罚（2026）12号",
        "川税罚(2026) 12 号",
        "川税罚【2026】１２号",
        "\u3000川税罚\u20142026\u201412号\n",
    ],
)
def test_brackets_width_and_blanks_do_not_count(written: str) -> None:
    assert replace(KEY, document=written).pack() == KEY.pack()


@pytest.mark.parametrize(
    ("number", "normalised"),
    [
        ("ａｂｃ－１２３", "ABC123"),
        ("straße", "STRASSE"),
        ("①Ⅷ½", "1VIII12"),
        ("е\u0301", "Е"),
        ("〔〕—_·", ""),
    ],
)
def test_nfkc_comes_first_then_upper_case(number: str, normalised: str) -> None:
    assert normalise_document(number) == normalised
    assert names_document(number) == bool(normalised)


@pytest.mark.parametrize("other", ["川税罚〔2026〕13号", "川税罚〔2025〕12号", "税罚〔2026〕12号"])
def test_other_numbers_are_other_records(other: str) -> None:
    assert replace(KEY, document=other).pack() != KEY.pack()


@pytest.mark.parametrize(
    "changes",
    [
        {"scheme": "USCC"},
        {"code": "91510500zz00000018"},
        {"list_type": "ta", "authority": "x11510500ZZ0000003X"},
        {"list_type": "tax "},
    ],
)
def test_the_other_parts_stand_as_written(changes: dict[str, str]) -> None:
    assert replace(KEY, **changes).pack() != KEY.pack()


def test_a_part_that_does_not_fit_its_length_is_refused() -> None:
    assert len(replace(KEY, code="x" * 0xFFFF).pack()) > 0xFFFF
    with pytest.raises(StatementError) as caught:
        replace(KEY, code="x" * 0x10000).pack()
    assert caught.value.code == "record-key.long"
