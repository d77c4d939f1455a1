"""Commitments: the known answer, and that every part is committed to."""

from __future__ import annotations

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import (
    HEADER_SIZE,
    MAX_PAYLOAD,
    CommitmentError,
    Committer,
    FormatError,
    commit,
    verify_commitment,
)

ORIGIN = "example.org/log"
SALT = bytes(range(32))
HEADER = bytes(HEADER_SIZE)
KNOWN = bytes.fromhex("f24976d53dc0acd0dc3925917d353558a793b680b18b14cc02aa6c69c0ab304c")


def test_known_answer() -> None:
    assert commit(ORIGIN, SALT, HEADER, b"payload") == KNOWN
    assert Committer(ORIGIN).commit(SALT, HEADER, b"payload") == KNOWN
    verify_commitment(KNOWN, origin=ORIGIN, salt=SALT, header=HEADER, payload=b"payload")


@given(
    st.text("abc./泸", min_size=1, max_size=40),
    st.binary(min_size=32, max_size=32),
    st.binary(min_size=44, max_size=44),
    st.binary(max_size=500),
)
def test_formula(origin: str, salt: bytes, header: bytes, payload: bytes) -> None:
    name = origin.encode()
    message = salt + len(name).to_bytes(2, "big") + name + header
    message += len(payload).to_bytes(4, "big") + payload
    expected = hmac.new(b"huxin/commitment/v1", message, "sha256").digest()
    assert commit(origin, salt, header, payload) == expected
    Committer(origin).verify(expected, salt=salt, header=header, payload=payload)


@pytest.mark.parametrize(
    ("origin", "salt", "header", "payload"),
    [
        ("example.org/log2", SALT, HEADER, b"payload"),
        (ORIGIN, SALT[::-1], HEADER, b"payload"),
        (ORIGIN, SALT, HEADER[1:] + b"\x01", b"payload"),
        (ORIGIN, SALT, HEADER, b"payloae"),
        (ORIGIN, SALT, HEADER, b"payload\x00"),
        (ORIGIN, SALT, HEADER, b""),
    ],
)
def test_every_part_is_committed_to(
    origin: str, salt: bytes, header: bytes, payload: bytes
) -> None:
    with pytest.raises(CommitmentError):
        verify_commitment(KNOWN, origin=origin, salt=salt, header=header, payload=payload)


def test_bytes_cannot_move_between_parts() -> None:
    assert commit("a", SALT, b"b" + bytes(43), b"") != commit("ab", SALT, bytes(44), b"")


@pytest.mark.parametrize(
    ("salt", "header", "payload"),
    [
        (SALT[1:], HEADER, b""),
        (SALT + b"\x00", HEADER, b""),
        (b"", HEADER, b""),
        (SALT, HEADER[1:], b""),
        (SALT, bytes(76), b""),
        (SALT, HEADER, bytes(MAX_PAYLOAD + 1)),
    ],
)
def test_lengths(salt: bytes, header: bytes, payload: bytes) -> None:
    with pytest.raises(FormatError):
        commit(ORIGIN, salt, header, payload)


def test_bounds() -> None:
    assert len(commit("x" * 512, SALT, HEADER, bytes(MAX_PAYLOAD))) == 32
    for origin in ("", "x" * 513, "\ud800"):
        with pytest.raises(FormatError):
            commit(origin, SALT, HEADER, b"")
    with pytest.raises(FormatError):
        verify_commitment(KNOWN[1:], origin=ORIGIN, salt=SALT, header=HEADER, payload=b"")
