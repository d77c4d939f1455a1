"""One spelling for each number and each byte string."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import FormatError
from crypto.strict import MAX_SIZE, b64, b64_strict, length_prefixed, parse_decimal


@given(st.integers(0, MAX_SIZE))
def test_decimal_round_trip(value: int) -> None:
    assert parse_decimal(str(value)) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "00",
        "01",
        "+1",
        "-1",
        "1_0",
        " 5",
        "5 ",
        " 5\n",
        "5\n",
        "١٢",
        "１２",
        "²",
        "1.0",
        "0x1",
        str(MAX_SIZE + 1),
        "9" * 5000,
        "\ud800",
    ],
)
def test_decimal_refuses_other_spellings(text: str) -> None:
    with pytest.raises(FormatError):
        parse_decimal(text)


@given(st.binary(max_size=100))
def test_base64_round_trip(data: bytes) -> None:
    assert b64_strict(b64(data)) == data
    assert b64(data).encode() == base64.b64encode(data)


@pytest.mark.parametrize(
    "text",
    [
        "AB==",
        "AAB=",
        "AA",
        "AA=",
        "AA===",
        "AA==\n",
        "\nAA==",
        "A A=",
        "_-8=",
        "=AA=",
        "Ａ",
        "\ud800",
        "AA==AA==",
        "AA=A",
        "====",
    ],
)
def test_base64_refuses_other_spellings(text: str) -> None:
    with pytest.raises(FormatError):
        b64_strict(text)


@given(st.text(alphabet="AB/+=- \n_", max_size=12))
def test_base64_accepts_nothing_that_it_would_not_write(text: str) -> None:
    try:
        data = b64_strict(text)
    except FormatError:
        return
    assert b64(data) == text


def test_length_prefix_is_bounded() -> None:
    assert length_prefixed(b"ab") == b"\x00\x02ab"
    assert length_prefixed(bytes(65535))[:2] == b"\xff\xff"
    with pytest.raises(FormatError):
        length_prefixed(bytes(65536))
