from __future__ import annotations

import pytest
from huxin.v1 import exchange_pb2 as pb
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import ReplicationError
from federation.ids import CharterId, Origin
from federation.peers.frames import (
    MAX_CURSORS,
    CharterFrame,
    Cursor,
    ForkFrame,
    Frame,
    HeadFrame,
    LateOpening,
    Refusal,
    Subscribe,
)
from federation.peers.openings import PENDING, DeliveredOpening
from federation.peers.replication import MAX_BATCH_LEAVES, MAX_PATH, DeliveredBatch
from federation.peers.sealing import KeyCopy
from federation.rows import OpeningStatus
from node.codec.frames import (
    frame_from_request,
    frame_from_response,
    frame_to_request,
    frame_to_response,
    opening_from_proto,
)

names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=200)
origins = st.builds(Origin, names)
sizes = st.integers(0, 2**63 - 1)
_WITH_MORE = (OpeningStatus.PRESENT, OpeningStatus.ERASED)
openings = st.one_of(
    st.builds(
        DeliveredOpening,
        st.just(int(OpeningStatus.PRESENT)),
        st.binary(min_size=32, max_size=32),
        st.binary(max_size=64),
        st.just(0),
    ),
    st.builds(
        DeliveredOpening,
        st.sampled_from([int(s) for s in OpeningStatus if s not in _WITH_MORE]),
        st.just(b""),
        st.just(b""),
        st.just(0),
    ),
    st.builds(
        DeliveredOpening,
        st.just(int(OpeningStatus.ERASED)),
        st.just(b""),
        st.just(b""),
        sizes,
    ),
)
frames: st.SearchStrategy[Frame] = st.one_of(
    st.builds(
        Subscribe,
        cursors=st.lists(st.builds(Cursor, origin=origins, size=sizes), max_size=5).map(tuple),
    ),
    st.builds(
        DeliveredBatch,
        origin=origins,
        first_index=sizes,
        leaves=st.lists(st.binary(max_size=80), max_size=5).map(tuple),
        openings=st.lists(openings, max_size=5).map(tuple),
        checkpoint=st.binary(max_size=99),
        path=st.lists(st.binary(max_size=32), max_size=5).map(tuple),
    ),
    st.builds(HeadFrame, origin=origins, checkpoint=st.binary(max_size=99)),
    st.builds(LateOpening, origin=origins, index=sizes, opening=openings),
    st.builds(ForkFrame, file=st.binary(max_size=99)),
    st.builds(CharterFrame, envelope=st.binary(max_size=99)),
    st.builds(
        KeyCopy,
        origin=origins,
        key_id=st.binary(min_size=16, max_size=16),
        charter=st.binary(min_size=32, max_size=32).map(CharterId),
        suite=st.integers(1, 255),
        recipient_key_id=st.binary(min_size=16, max_size=16),
        sealed=st.binary(min_size=1, max_size=99),
    ),
    st.builds(
        Refusal, origin=origins, reason=st.text("ab.-", max_size=9), message=st.text("互信 x")
    ),
)


@given(frames)
def test_every_frame_survives_both_messages(frame: Frame) -> None:
    request = pb.FollowRequest.FromString(frame_to_request(frame).SerializeToString())
    assert frame_from_request(request) == frame
    response = pb.FollowResponse.FromString(frame_to_response(frame).SerializeToString())
    assert frame_from_response(response) == frame


def test_an_unset_or_unknown_frame_is_a_newer_peers() -> None:
    assert frame_from_request(pb.FollowRequest()) is None
    unknown = pb.FollowResponse.FromString(b"\xa2\x06\x03abc")  # field 100
    assert frame_from_response(unknown) is None


@pytest.mark.parametrize("state", [0, 5, 99])
def test_an_unknown_state_of_an_opening_is_pending(state: int) -> None:
    message = pb.Opening(salt=bytes(32), payload=b"x")
    message.state = pb.OpeningState.ValueType(state)
    assert opening_from_proto(message) == PENDING


def test_a_sealed_opening_is_pending() -> None:
    message = pb.Opening(
        state=pb.OPENING_STATE_PRESENT, sealed=pb.SealedOpening(ciphertext=b"sealed")
    )
    assert opening_from_proto(message) == PENDING


def test_an_opening_without_salt_stays_present_so_that_its_deliverer_is_blamed() -> None:
    message = pb.Opening(state=pb.OPENING_STATE_PRESENT, payload=b"x")
    assert opening_from_proto(message).status == OpeningStatus.PRESENT


def test_nothing_is_taken_out_of_an_absent_opening() -> None:
    message = pb.Opening(state=pb.OPENING_STATE_ERASED, salt=bytes(32), payload=b"left behind")
    assert opening_from_proto(message) == DeliveredOpening(OpeningStatus.ERASED)


@pytest.mark.parametrize(
    ("origin", "size", "count"),
    [("", 0, 1), ("o" * 201, 0, 1), ("o", 2**63, 1), ("o", 0, MAX_CURSORS + 1)],
)
def test_a_subscription_beyond_its_bounds_is_refused(origin: str, size: int, count: int) -> None:
    message = pb.FollowRequest()
    for _ in range(count):
        message.subscribe.cursors.add(origin=origin, size=size)
    with pytest.raises(ReplicationError) as caught:
        frame_from_request(message)
    assert caught.value.code == "frame.invalid"


@pytest.mark.parametrize(
    "batch",
    [
        pb.Batch(leaves=[b""] * (MAX_BATCH_LEAVES + 1)),
        pb.Batch(openings=[pb.Opening()] * (MAX_BATCH_LEAVES + 1)),
        pb.Batch(path=[b""] * (MAX_PATH + 1)),
    ],
    ids=["leaves", "openings", "path"],
)
def test_a_batch_of_too_many_parts_is_not_even_read(batch: pb.Batch) -> None:
    """Two million empty openings fit into one message, and not into memory."""
    with pytest.raises(ReplicationError) as caught:
        frame_from_request(pb.FollowRequest(batch=batch))
    assert caught.value.code == "batch.bounds"
