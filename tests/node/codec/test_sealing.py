"""The sealed form of an opening and copies of keys, as messages (SPEC §9.5)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from huxin.v1 import exchange_pb2 as pb
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import ReplicationError
from federation.ids import CharterId, Origin
from federation.peers.sealing import (
    MAX_CIPHERTEXT,
    MAX_SEALED_KEY,
    MIN_CIPHERTEXT,
    KeyCopy,
    SealedOpening,
    ToAudience,
    ToMember,
)
from node.codec.frames import frame_from_request, frame_from_response
from node.codec.sealing import (
    key_copy_from_proto,
    key_copy_to_proto,
    sealed_from_proto,
    sealed_to_proto,
)

key_ids = st.binary(min_size=16, max_size=16)
ciphertexts = st.binary(min_size=MIN_CIPHERTEXT, max_size=MIN_CIPHERTEXT + 40)
sealed = st.one_of(
    st.builds(
        SealedOpening,
        to=st.builds(ToAudience, key_id=key_ids),
        wrapped_key=st.binary(min_size=72, max_size=72),
        ciphertext=ciphertexts,
    ),
    st.builds(
        SealedOpening,
        to=st.builds(
            ToMember,
            charter=st.binary(min_size=32, max_size=32).map(CharterId),
            suite=st.just(1),
            key_id=key_ids,
        ),
        wrapped_key=st.binary(min_size=80, max_size=80),
        ciphertext=ciphertexts,
    ),
)
COPY = KeyCopy(
    origin=Origin("o"),
    key_id=bytes(16),
    charter=CharterId(bytes(32)),
    suite=255,
    recipient_key_id=bytes(16),
    sealed=bytes(MAX_SEALED_KEY),
)


def to_member() -> pb.SealedOpening:
    return pb.SealedOpening(
        recipient_key_id=bytes(16),
        charter=bytes(32),
        suite=1,
        wrapped_key=bytes(80),
        ciphertext=bytes(MAX_CIPHERTEXT),
    )


def to_audience() -> pb.SealedOpening:
    return pb.SealedOpening(
        audience_key_id=bytes(16), wrapped_key=bytes(72), ciphertext=bytes(MIN_CIPHERTEXT)
    )


@given(sealed)
def test_a_sealed_opening_survives_its_message(one: SealedOpening) -> None:
    message = pb.SealedOpening.FromString(sealed_to_proto(one).SerializeToString())
    assert sealed_from_proto(message) == one


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("recipient_key_id", bytes(15)),
        ("recipient_key_id", b""),
        ("recipient_key_id", bytes(17)),
        ("charter", bytes(31)),
        ("charter", b""),
        ("suite", 0),
        ("suite", 2),
        ("suite", 256),
        ("wrapped_key", bytes(79)),
        ("wrapped_key", bytes(72)),
        ("wrapped_key", b""),
        ("ciphertext", bytes(MAX_CIPHERTEXT + 1)),
        ("ciphertext", bytes(MIN_CIPHERTEXT - 1)),
        ("audience_key_id", bytes(16)),
    ],
)
def test_a_form_to_a_member_that_is_not_known_is_pending(field: str, value: bytes | int) -> None:
    message = to_member()
    assert sealed_from_proto(message) is not None
    setattr(message, field, value)
    assert sealed_from_proto(message) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("audience_key_id", bytes(15)),
        ("audience_key_id", bytes(17)),
        ("audience_key_id", b""),
        ("wrapped_key", bytes(80)),
        ("wrapped_key", bytes(71)),
        ("ciphertext", bytes(MIN_CIPHERTEXT - 1)),
        ("recipient_key_id", bytes(16)),
        ("charter", bytes(32)),
        ("suite", 1),
    ],
)
def test_a_form_to_an_audience_that_is_not_known_is_pending(field: str, value: bytes | int) -> None:
    message = to_audience()
    assert sealed_from_proto(message) is not None
    setattr(message, field, value)
    assert sealed_from_proto(message) is None


def test_a_field_to_come_is_ignored() -> None:
    unknown = b"\xa2\x06\x03abc"  # field 100
    message = pb.SealedOpening.FromString(to_audience().SerializeToString() + unknown)
    assert sealed_from_proto(message) == sealed_from_proto(to_audience())
    copy = pb.KeyCopy.FromString(key_copy_to_proto(COPY).SerializeToString() + unknown)
    assert key_copy_from_proto(copy) == COPY


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("origin", ""),
        ("origin", "o" * 201),
        ("key_id", bytes(15)),
        ("key_id", bytes(17)),
        ("charter", bytes(31)),
        ("charter", bytes(33)),
        ("suite", 0),
        ("suite", 256),
        ("recipient_key_id", b""),
        ("recipient_key_id", bytes(17)),
        ("sealed", b""),
        ("sealed", bytes(MAX_SEALED_KEY + 1)),
    ],
)
def test_a_copy_of_a_key_beyond_its_bounds_is_refused(field: str, value: bytes | int | str) -> None:
    message = key_copy_to_proto(COPY)
    assert key_copy_from_proto(message) == COPY
    setattr(message, field, value)
    reads: tuple[Callable[[], object], ...] = (
        lambda: key_copy_from_proto(message),
        lambda: frame_from_request(pb.FollowRequest(key_copy=message)),
        lambda: frame_from_response(pb.FollowResponse(key_copy=message)),
    )
    for read in reads:
        with pytest.raises(ReplicationError) as caught:
            read()
        assert caught.value.code == "frame.invalid"
