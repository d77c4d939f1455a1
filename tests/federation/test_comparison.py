"""The comparison form: known answers for a stranger, the committed table, and what holds of it."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.comparison import TWIN, comparison_form, comparison_key
from federation.record_key import RecordKey, normalise_document, same_subject

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "protos" / "comparison" / "traditional.tsv"
CASES: list[dict[str, Any]] = json.loads(
    (ROOT / "tests" / "vectors" / "documents.json").read_text("utf-8")
)["cases"]
KEY = RecordKey(
    scheme="uscc",
    code="91510500ZZ00000018",
    list_type="tax",
    authority="11510500ZZ0000003X",
    document="川税罚〔2026〕12号",
)
NONE = {"Cn", "Co", "Cs"}
"""Categories of code points that are no characters; of these some are tried, by a stride."""
STRIDE = 97
SPELT = st.text(
    st.sampled_from("川税稅罚罰执執0012345二〇○◯零十百千第字号號〔〕-— ａ１a\u0301\u200b")
)


def table() -> dict[str, str]:
    lines = TABLE.read_text("utf-8").splitlines()
    return dict(line.split("\t") for line in lines if not line.startswith("#"))


def packed(document: str) -> bytes:
    return comparison_key(replace(KEY, document=document).pack(), document)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_known_answers(case: dict[str, Any]) -> None:
    if "scheme" in case:
        assert list(same_subject(case["scheme"], case["code"])) == case["result"]
    elif "document" in case:
        assert comparison_form(case["document"]) == case["result"]
    else:
        equal = packed(case["first"]) == packed(case["second"])
        assert ("similar" if equal else "different") == case["result"]


def test_there_are_twenty_pairs_each_way() -> None:
    for result in ("similar", "different"):
        assert len([case for case in CASES if case["result"] == result]) >= 20


def test_the_table_is_the_committed_file_and_the_specification_names_its_digest() -> None:
    spec = (ROOT / "protos" / "SPEC.md").read_text("utf-8")
    named = re.search(r"`comparison/traditional.tsv`.{0,120}?`([0-9a-f]{64})`", spec, re.DOTALL)
    assert named is not None
    assert sha256(TABLE.read_bytes()).hexdigest() == named[1]
    pairs = table()
    assert list(pairs) == sorted(pairs)
    assert not pairs.keys() & set(pairs.values())
    left_as_it_is = {one: comparison_form(one) for one in pairs.values() if one not in "号千"}
    for traditional, simplified in pairs.items():
        expected = left_as_it_is.get(simplified) or comparison_form(simplified)
        assert comparison_form(traditional) == expected
    assert all(one == form for one, form in left_as_it_is.items())


def test_the_table_holds_what_numbers_of_documents_use() -> None:
    pairs = table()
    usual = "號号執执決决罰罚處处監监稅税環环勞劳國国證证書书滬沪遼辽貴贵雲云陝陕寧宁瀘泸內内東东"
    assert all(pairs[usual[i]] == usual[i + 1] for i in range(0, len(usual), 2))


def test_the_form_of_each_character_is_its_own_form() -> None:
    assigned = (c for c in range(sys.maxunicode + 1) if unicodedata.category(chr(c)) not in NONE)
    for code in (*assigned, *range(0, sys.maxunicode + 1, STRIDE)):
        form = comparison_form(chr(code))
        assert comparison_form(form) == form


@given(st.text() | SPELT)
def test_the_form_is_total_and_idempotent(number: str) -> None:
    form = comparison_form(number)
    assert comparison_form(form) == form
    assert all(c == "-" or c.isalnum() for c in form)


@given(st.integers(1, 9999))
def test_a_number_is_the_same_in_chinese(number: int) -> None:
    digits = "〇一二三四五六七八九"
    by_position = "".join(digits[int(d)] for d in str(number))
    with_units = "".join(
        f"{digits[int(d)]}{unit}" if d != "0" else "零"
        for d, unit in zip(f"{number:04}", ("千", "百", "十", ""), strict=True)
    ).strip("零")
    assert comparison_form(f"川执{by_position}号") == f"川执{number}"
    if number > 9:
        assert comparison_form(f"川执{with_units}号") == f"川执{number}"


@given(SPELT, SPELT)
def test_equal_records_are_similar_where_breaks_agree(first: str, second: str) -> None:
    if comparison_form(first) == comparison_form(second):
        assert packed(first) == packed(second)
    assert (packed(first) == packed(second)) == (packed(second) == packed(first))


@pytest.mark.parametrize("part", ["scheme", "code", "list_type", "authority"])
def test_all_parts_but_the_number_are_equal_byte_for_byte(part: str) -> None:
    other = replace(KEY, **{part: "ZZ9999998"})
    assert comparison_key(other.pack(), KEY.document) != packed(KEY.document)


def test_only_the_last_part_of_the_key_is_another_one() -> None:
    key = KEY.pack()
    number = normalise_document(KEY.document).encode()
    assert key.endswith(number)
    form = "川税罚2026-12".encode()
    assert packed(KEY.document) == key[: -len(number) - 2] + bytes([0, len(form)]) + form
    assert not key.startswith(TWIN)
