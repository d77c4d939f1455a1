"""For what something is sealed: every part of a place is in its `info` (SPEC §9.5)."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.errors import FormatError
from federation.ids import CharterId, MemberId, Origin
from federation.peers.sealing import audience_key_id, key_copy_info, opening_info, packet_info

ALLIANCE = CharterId(bytes([7]) * 32)
LABEL = b"huxin/seal/v1"

charters = st.binary(min_size=32, max_size=32).map(CharterId)
origins = st.text("ab/1", max_size=6).map(Origin)
ids = st.binary(min_size=16, max_size=16)
places = st.one_of(
    st.tuples(st.just(opening_info), charters, origins, st.integers(0, 3), origins.map(MemberId)),
    st.tuples(st.just(packet_info), charters, origins, origins, ids, st.integers(1, 3)),
    st.tuples(st.just(key_copy_info), charters, origins, ids, origins.map(MemberId)),
)


def test_the_bytes_of_each_use() -> None:
    begin = LABEL + b"\x01" + ALLIANCE
    assert opening_info(ALLIANCE, Origin("a/1"), 258, MemberId("市")) == (
        begin + b"\0\x03a/1" + bytes(6) + b"\x01\x02" + b"\0\x03" + "市".encode()
    )
    begin = LABEL + b"\x02" + ALLIANCE
    assert packet_info(ALLIANCE, Origin("a/1"), Origin("b/22"), bytes([9]) * 16, 258) == (
        begin + b"\0\x03a/1" + b"\0\x04b/22" + bytes([9]) * 16 + b"\0\0\x01\x02"
    )
    begin = LABEL + b"\x03" + ALLIANCE
    assert key_copy_info(ALLIANCE, Origin("a/1"), bytes([9]) * 16, MemberId("m")) == (
        begin + b"\0\x03a/1" + bytes([9]) * 16 + b"\0\x01m"
    )


@given(places, places)
def test_two_places_never_have_one_info(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    assert (one[0](*one[1:]) == other[0](*other[1:])) == (one == other)


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: opening_info(ALLIANCE, Origin("a"), -1, MemberId("m")),
        lambda: opening_info(ALLIANCE, Origin("a"), 1 << 63, MemberId("m")),
        lambda: opening_info(CharterId(bytes(31)), Origin("a"), 0, MemberId("m")),
        lambda: opening_info(ALLIANCE, Origin("a" * 65536), 0, MemberId("m")),
        lambda: packet_info(ALLIANCE, Origin("a"), Origin("b"), bytes(15), 1),
        lambda: packet_info(ALLIANCE, Origin("a"), Origin("b"), bytes(16), 0),
        lambda: packet_info(ALLIANCE, Origin("a"), Origin("b"), bytes(16), 1 << 32),
        lambda: key_copy_info(ALLIANCE, Origin("a"), bytes(17), MemberId("m")),
    ],
    ids=["index", "long index", "charter", "origin", "packet", "part", "long part", "key id"],
)
def test_what_is_out_of_its_bounds_has_no_info(attempt: Callable[[], bytes]) -> None:
    with pytest.raises(FormatError):
        attempt()


def test_the_id_of_an_audience_key() -> None:
    key = bytes(range(32))
    assert audience_key_id(key) == sha256(b"huxin/audience-key/v1" + key).digest()[:16]
