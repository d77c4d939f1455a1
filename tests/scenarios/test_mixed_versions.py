"""A member that runs a later version among members that run this one: nobody stops, nobody lies.

Its frames carry fields that we do not know, at every depth, and stand among frames that we do not
know; its log has kinds, fields and a `min_reader` that we do not read. The others are to it what a
member one version down is to us: they say nothing new, and take everything that it says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import pytest
from google.protobuf.message import Message
from huxin.v1 import exchange_pb2 as pb

from federation.ids import StatementId
from federation.peers.frames import Frame
from federation.rows import OpeningStatus, State, StatementRow
from federation.statements import FLAG_SUSPEND_IF_UNKNOWN, Kind
from node.codec.frames import frame_from_response, frame_to_response
from node.peers.session import Session
from tests.support.simulation import Federation, SimNode, listing, relief_payload

NEWER, OLDER, HUB = "510300", "510500", "510000"
UNKNOWN_FIELD: Final = b"\xa2\x06\x03new"
"""Field 100, three bytes; of a stream's message an unknown frame."""
MIN_READER_9: Final = b"\x08\x09"
"""Field 1 of a payload; of a field that stands twice, the last one counts."""


def test_a_member_one_version_up_stops_nobody(
    federate: Callable[..., Federation], monkeypatch: pytest.MonkeyPatch
) -> None:
    federation = federate(NEWER, OLDER)
    newer, older = federation[NEWER], federation[OLDER]
    monkeypatch.setattr(newer.exchange, "plan", one_version_up(newer.exchange.plan))
    for member in (NEWER, OLDER):
        federation.connect(member, HUB)
    ours = older.list_(listing(1, audience=older.audience()))
    relieved, suspected = (
        newer.list_(listing(number, audience=newer.audience())) for number in (2, 3)
    )
    extended = newer_listing(newer, 4, UNKNOWN_FIELD)
    held = newer_listing(newer, 5, MIN_READER_9)
    relief = newer.draft(
        Kind.REPAIR,
        relief_payload(listing(2, audience=newer.audience()), newer.audience()),
        about=relieved,
    )
    newer.say(relief._replace(payload=relief.payload + MIN_READER_9))
    unknown = newer.draft(Kind.LISTING, listing(6, audience=newer.audience()), about=suspected)
    newer.say(unknown._replace(kind=99, flags=FLAG_SUSPEND_IF_UNKNOWN))
    federation.settle()
    federation.assert_equal()
    for node in federation.nodes.values():
        assert not node.exchange.blamed()
        assert found(node, ours).state == State.ACTIVE
        assert found(node, extended).state == State.ACTIVE
        assert found(node, held).state == State.HELD
        assert found(node, relieved).state == State.REPAIRED
        assert found(node, unknown.statement_id).state == State.SET_ASIDE
        assert found(node, suspected).rule == "suspended.unknown-statement"
        kept = [found(node, one).opening for one in (extended, held, relief.statement_id)]
        assert kept == [OpeningStatus.PRESENT] * 3
    assert not any(wire.errors for wire in federation.wires)


def newer_listing(node: SimNode, number: int, added: bytes) -> StatementId:
    """Publish a listing whose payload has something more than this version writes."""
    draft = node.draft(Kind.LISTING, listing(number, audience=node.audience()))
    node.say(draft._replace(payload=draft.payload + added))
    return draft.statement_id


def found(node: SimNode, statement_id: bytes) -> StatementRow:
    with node.store.read() as session:
        (row,) = session.rows_by_id(None, [statement_id])
    return row


def one_version_up(plan: Callable[[Session], list[Frame]]) -> Callable[[Session], list[Frame]]:
    """The frames as they arrive from a later version: each after one that we do not know."""

    def arriving(session: Session) -> list[Frame]:
        read: list[Frame] = []
        for frame in plan(session):
            message = frame_to_response(frame)
            extend(message)
            for sent in (UNKNOWN_FIELD, message.SerializeToString()):
                known = frame_from_response(pb.FollowResponse.FromString(sent))
                if known is not None:  # as `node.network.follow` does
                    read.append(known)
        return read

    return arriving


def extend(message: Message) -> None:
    """Add an unknown field to a message and to all within it."""
    for field, value in message.ListFields():
        if field.message_type is not None:
            for inner in value if isinstance(value, Sequence) else (value,):
                extend(inner)
    message.MergeFromString(UNKNOWN_FIELD)
