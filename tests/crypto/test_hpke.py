"""Sealing to a reader: the suite of the RFC, the place, and the keys that are refused."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import (
    HPKE_OVERHEAD,
    FormatError,
    SealError,
    check_sealing_key,
    seal_to,
    sealing_key_id,
    sealing_public,
    unseal_with,
)
from tests.support.hpke_by_hand import seal_by_hand, seal_of_nothing_shared

SECRET = bytes(range(32))
PUBLIC = sealing_public(SECRET)
PRIME = 2**255 - 19
ORDER_8 = (
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
)
SMALL_ORDER = [u.to_bytes(32, "little") for u in (0, 1, *ORDER_8, PRIME - 1)]
"""Every spelling below 2^255 - 19 of a coordinate of small order, on the curve and its twist."""

# RFC 9180, appendix A.2.1, first encryption
RFC_EPHEMERAL = "f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600"
RFC_SECRET = "8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb"
RFC_PUBLIC = "4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a"
RFC_INFO = "4f6465206f6e2061204772656369616e2055726e"
RFC_SEALED = (
    "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a"
    "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28"
)


def test_the_answer_of_the_rfc_is_made_by_hand() -> None:
    """Its answer has associated data, which we never have: so it proves the hand, and that us."""
    ephemeral, public, info = map(bytes.fromhex, (RFC_EPHEMERAL, RFC_PUBLIC, RFC_INFO))
    plaintext = b"Beauty is truth, truth beauty"
    sealed = seal_by_hand(ephemeral, public, info, plaintext, b"Count-0")
    assert sealed.hex() == RFC_SEALED
    assert sealing_public(bytes.fromhex(RFC_SECRET)).hex() == RFC_PUBLIC


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80), st.binary(max_size=200))
def test_what_is_made_by_hand_opens(ephemeral: bytes, info: bytes, plaintext: bytes) -> None:
    sealed = seal_by_hand(ephemeral, PUBLIC, info, plaintext)
    assert unseal_with(1, SECRET, info, sealed) == plaintext


@given(st.binary(max_size=80), st.binary(max_size=200))
def test_round_trip(info: bytes, plaintext: bytes) -> None:
    sealed = seal_to(1, PUBLIC, info, plaintext)
    assert len(sealed) == len(plaintext) + HPKE_OVERHEAD
    assert unseal_with(1, SECRET, info, sealed) == plaintext
    assert seal_to(1, PUBLIC, info, plaintext) != sealed


@given(st.integers(0, 32 + 12 + 16 - 1), st.integers(1, 255))
def test_a_changed_byte_does_not_open(at: int, change: int) -> None:
    sealed = bytearray(seal_by_hand(bytes([9]) * 32, PUBLIC, b"place", b"audience key"))
    sealed[at] ^= change
    with pytest.raises(SealError):
        unseal_with(1, SECRET, b"place", bytes(sealed))


def test_another_spelling_of_enc_does_not_open() -> None:
    """X25519 ignores the highest bit; HPKE takes in the bytes as they are."""
    sealed = bytearray(seal_by_hand(bytes([9]) * 32, PUBLIC, b"place", b"audience key"))
    sealed[31] ^= 0x80
    with pytest.raises(SealError):
        unseal_with(1, SECRET, b"place", bytes(sealed))


def test_another_key_place_suite_or_length_does_not_open() -> None:
    sealed = seal_to(1, PUBLIC, b"place", b"audience key")
    for suite, secret, info, data in (
        (1, SECRET[::-1], b"place", sealed),
        (1, SECRET[1:], b"place", sealed),
        (1, SECRET, b"other", sealed),
        (1, SECRET, b"", sealed),
        (2, SECRET, b"place", sealed),
        (1, SECRET, b"place", sealed[:-1]),
        (1, SECRET, b"place", sealed[:47]),
        (1, SECRET, b"place", sealed[:31]),
        (1, SECRET, b"place", b""),
    ):
        with pytest.raises(SealError):
            unseal_with(suite, secret, info, data)


@pytest.mark.parametrize("point", SMALL_ORDER)
def test_nothing_is_sealed_to_a_point_of_small_order_and_nothing_from_one_opens(
    point: bytes,
) -> None:
    with pytest.raises(SealError, match="small order"):
        check_sealing_key(1, point)
    with pytest.raises(SealError, match="small order"):
        seal_to(1, point, b"place", b"audience key")
    with pytest.raises(SealError):
        unseal_with(1, SECRET, b"p", seal_of_nothing_shared(point, PUBLIC, b"p", b"anybody's"))


@pytest.mark.parametrize(
    "key",
    [
        b"",
        PUBLIC[1:],
        PUBLIC + b"\0",
        PRIME.to_bytes(32, "little"),
        (PRIME + 9).to_bytes(32, "little"),
        PUBLIC[:31] + bytes([PUBLIC[31] | 0x80]),
    ],
)
def test_a_key_of_another_length_or_spelling_is_refused(key: bytes) -> None:
    for attempt in (
        lambda: check_sealing_key(1, key),
        lambda: seal_to(1, key, b"place", b"audience key"),
    ):
        with pytest.raises(SealError, match="expected"):
            attempt()


def test_nothing_is_sealed_in_an_unknown_suite() -> None:
    for suite in (0, 2, 3, 255):
        with pytest.raises(SealError, match="suite"):
            seal_to(suite, PUBLIC, b"", b"")
        with pytest.raises(SealError, match="suite"):
            check_sealing_key(suite, PUBLIC)


def test_the_id_of_a_key_is_of_its_suite() -> None:
    check_sealing_key(1, PUBLIC)
    assert sealing_key_id(1, PUBLIC) == sha256(b"huxin/sealing-key/v1\x01" + PUBLIC).digest()[:16]
    assert sealing_key_id(2, PUBLIC) != sealing_key_id(1, PUBLIC)
    for suite in (0, 256):
        with pytest.raises(FormatError):
            sealing_key_id(suite, PUBLIC)
