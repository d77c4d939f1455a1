"""The record key: known bytes, and what counts as the same document number."""

from __future__ import annotations

import sys
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import StatementError
from federation.record_key import (
    RecordKey,
    names_document,
    normalise_document,
    pack_subject,
    same_subject,
)

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
        "0011" + b"organisation-code".hex()
        + "0009" + b"ZZ0000001".hex()
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
        {"code": "91510500ZZ000000185"},
        {"scheme": "registration-number"},
        {"list_type": "ta", "authority": "x11510500ZZ0000003X"},
        {"list_type": "tax "},
    ],
)
def test_the_other_parts_stand_as_written(changes: dict[str, str]) -> None:
    assert replace(KEY, **changes).pack() != KEY.pack()


@pytest.mark.parametrize(
    ("scheme", "code"),
    [
        ("uscc", "91510500ZZ00000018"),
        ("uscc", "92510500ZZ00000017"),
        ("uscc", "91510500zz00000018"),
        ("organisation-code", "ZZ0000001"),
        ("organisation-code", "ZZ000000-1"),
        ("organisation-code", "zz000000-1"),
    ],
)
def test_a_subject_is_one_whichever_of_its_codes_names_it(scheme: str, code: str) -> None:
    assert replace(KEY, scheme=scheme, code=code).pack() == KEY.pack()
    assert pack_subject(scheme, code) == b"\0\x11organisation-code\0\x09ZZ0000001"


@pytest.mark.parametrize(
    ("scheme", "code"),
    [
        ("uscc", "ZZ0000001"),
        ("uscc", "1510500ZZ00000018"),
        ("organisation-code", "91510500ZZ00000018"),
        ("organisation-code", "ZZ-00001"),
        ("organisation-code", "ZZ０００００1"),
        ("registration-number", "ZZ0000001"),
        ("registration-number", "510500-00000018"),
    ],
)
def test_what_holds_no_organisation_code_stands_as_it_is(scheme: str, code: str) -> None:
    assert same_subject(scheme, code) == (scheme, code)


@given(st.sampled_from(["uscc", "organisation-code", "registration-number", ""]), st.text())
def test_the_subject_of_a_subject_is_itself(scheme: str, code: str) -> None:
    once = same_subject(scheme, code)
    assert same_subject(*once) == once


def test_a_part_that_does_not_fit_its_length_is_refused() -> None:
    assert len(replace(KEY, code="x" * 0xFFFF).pack()) > 0xFFFF
    with pytest.raises(StatementError) as caught:
        replace(KEY, code="x" * 0x10000).pack()
    assert caught.value.code == "record-key.long"
