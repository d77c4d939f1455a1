"""Sealing at rest, keyed tags."""

from __future__ import annotations

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import (
    SEAL_OVERHEAD,
    FormatError,
    SealError,
    keyed_tag,
    opening_aad,
    seal,
    unseal,
)

KEY = bytes(range(32))
NONCE = bytes(range(24))
AAD = opening_aad("510500.huxin.example/1", 7)


@given(st.binary(max_size=200), st.binary(max_size=40))
def test_round_trip(plaintext: bytes, aad: bytes) -> None:
    sealed = seal(KEY, NONCE, plaintext, aad)
    assert sealed.startswith(NONCE)
    assert len(sealed) == len(plaintext) + SEAL_OVERHEAD
    assert unseal(KEY, sealed, aad) == plaintext


def test_published_vector() -> None:
    """draft-irtf-cfrg-xchacha-03, appendix A.3.1."""
    plaintext = (
        b"Ladies and Gentlemen of the class of '99: If I could offer you "
        b"only one tip for the future, sunscreen would be it."
    )
    aad = bytes.fromhex("50515253c0c1c2c3c4c5c6c7")
    key = bytes(range(0x80, 0xA0))
    nonce = bytes(range(0x40, 0x58))
    sealed = seal(key, nonce, plaintext, aad)
    assert sealed[24:40].hex() == "bd6d179d3e83d43b9576579493c0e939"
    assert sealed[-16:].hex() == "c0875924c1c7987947deafd8780acf49"


def test_associated_data_tie_an_opening_to_its_place() -> None:
    assert b"\x00\x16510500.huxin.example/1" + bytes(7) + b"\x07" == AAD
    sealed = seal(KEY, NONCE, b"opening", AAD)
    for aad in (opening_aad("510500.huxin.example/1", 8), opening_aad("510500.huxin.example", 7)):
        with pytest.raises(SealError):
            unseal(KEY, sealed, aad)
    for origin, index in (("", 0), ("a b", 0), ("a", -1), ("a", 1 << 63), ("a" * 65536, 0)):
        with pytest.raises(FormatError):
            opening_aad(origin, index)


@given(st.integers(0, 24 + 7 + 16 - 1), st.integers(1, 255))
def test_a_changed_byte_does_not_open(at: int, change: int) -> None:
    sealed = bytearray(seal(KEY, NONCE, b"opening", AAD))
    sealed[at] ^= change
    with pytest.raises(SealError):
        unseal(KEY, bytes(sealed), AAD)


def test_wrong_keys_and_lengths() -> None:
    sealed = seal(KEY, NONCE, b"", b"")
    for key, data in ((KEY[::-1], sealed), (KEY[1:], sealed), (KEY, sealed[:-1]), (KEY, b"")):
        with pytest.raises(SealError):
            unseal(key, data, b"")
    with pytest.raises(SealError):
        seal(KEY[1:], NONCE, b"", b"")
    with pytest.raises(SealError):
        seal(KEY, NONCE[1:], b"", b"")


def test_keyed_tags() -> None:
    message = b"\x00\x02ab\x00\x01c"
    assert keyed_tag(KEY, b"ab", b"c") == hmac.new(KEY, message, "sha256").digest()
    assert keyed_tag(KEY, b"ab", b"c") != keyed_tag(KEY, b"a", b"bc")
    assert keyed_tag(KEY, b"ab") != keyed_tag(KEY, b"ab", b"")
    assert len(keyed_tag(KEY)) == 32
    with pytest.raises(SealError):
        keyed_tag(KEY[1:], b"a")
    with pytest.raises(FormatError):
        keyed_tag(KEY, bytes(65536))
