"""A peer that speaks the specification but for one thing in one frame, each time another one.

Whatever it is: a code that stands in the registry, or nothing; what is held stays a beginning of
what the log signed, and another log and its relief arrive.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message
from huxin.v1 import exchange_pb2 as pb

from federation.errors import ReplicationError
from federation.ids import CharterId
from federation.peers.frames import (
    CharterFrame,
    Cursor,
    ForkFrame,
    Frame,
    Refusal,
    Subscribe,
)
from federation.peers.sealing import KeyCopy
from federation.rows import State
from node.codec.frames import frame_from_request, frame_to_request
from tests.support.liar import LIAR, HostileLog, Stream, invented, row, stored_leaves
from tests.support.simulation import SimNode

ROOT = Path(__file__).parents[2]
REGISTRY = json.loads((ROOT / "protos" / "codes.json").read_text("utf-8"))["codes"]
ERRORS = {one["code"] for one in REGISTRY if "error" in one["where"]}
# An opening that is false is blamed and not kept; its stream goes on.
BLAMED = ERRORS | {"opening.mismatch", "opening.not-for-us"}
FEWEST = 6
"""Changes of a frame below which the enumeration itself would be broken."""


def odd(value: Any) -> Iterator[Any]:
    """What could stand in place of a value."""
    match value:
        case bytes():
            flipped = bytes([value[0] ^ 1]) + value[1:] if value else b"\1"
            yield from (b"", flipped, value[:-1], value + b"\0", bytes(len(value)), value * 2)
            yield bytes([*value[:-1], value[-1] ^ 0x80]) if value else b"\x80"
        case str():
            yield from ("", value + " ", value.upper(), value[:-1], "x" * 201, "泸州/1", "../1")
        case int():
            yield from (0, value + 1, max(value - 1, 0), 99, 2**31 - 1, 2**32 - 1, 2**63, 2**64 - 1)


def others(held: Any) -> Iterator[Any]:
    """What could stand in place of a field; None for nothing."""
    if isinstance(held, Message):
        yield None
        yield from altered(held)
    elif isinstance(held, bytes | str | int):
        yield None
        yield from odd(held)
    else:
        items = list(held)
        yield from ([], items[1:], items[::-1], [*items, items[-1]], items * 2)
        yield from ([one, *items[1:]] for one in others(items[0]) if one is not None)


def altered(message: Message) -> Iterator[Message]:
    """A message with one thing changed, left out, doubled or moved, each time another one."""
    for field, held in message.ListFields():
        for value in others(held):
            copy: Any = type(message)()
            copy.CopyFrom(message)
            copy.ClearField(field.name)
            try:
                if isinstance(value, list):
                    getattr(copy, field.name).extend(value)
                elif isinstance(value, Message):
                    getattr(copy, field.name).CopyFrom(value)
                elif value is not None:
                    setattr(copy, field.name, value)
            except (TypeError, ValueError):  # the wire has no room for it
                continue
            yield copy


def batch(log: HostileLog, held: int) -> Frame:
    return log.batch(held, size=log.size)


def part(log: HostileLog, held: int) -> Frame:
    """A batch with a path behind it."""
    return log.batch(held, log.size - 1, log.size)


def head(log: HostileLog, held: int) -> Frame:
    return log.head(held or None, at=1_790_000_000 + log.size)


def late(log: HostileLog, held: int) -> Frame:
    return log.late(max(held - 1, 0))


def fork(log: HostileLog, held: int) -> Frame:
    return ForkFrame(file=log.fork_file(log, held, log.size))


def subscribe(log: HostileLog, held: int) -> Frame:
    return Subscribe(cursors=(Cursor(origin=log.origin, size=held),) * 2)


def charter(_log: HostileLog, _held: int) -> Frame:
    return CharterFrame(envelope=b"{}")


def refusal(log: HostileLog, _held: int) -> Frame:
    return Refusal(origin=log.origin, reason="log.unknown", message="-")


def key_copy(log: HostileLog, _held: int) -> Frame:
    return KeyCopy(
        origin=log.origin,
        key_id=bytes(16),
        recipient_key_id=bytes(16),
        charter=CharterId(bytes(32)),
        suite=1,
        sealed=bytes(80),
    )


@pytest.mark.parametrize(
    "true", [batch, part, head, late, fork, subscribe, charter, refusal, key_copy]
)
def test_a_frame_that_is_true_but_for_one_thing(
    victim: SimNode, stream: Stream, log: HostileLog, true: Callable[[HostileLog, int], Frame]
) -> None:
    stream.send(log.batch())
    told: set[str] = set()
    for number in count():
        content = invented(victim, 10 + 2 * number)
        log.relieve(content, log.list_(content))
        frame = frame_to_request(true(log, len(stored_leaves(victim))))
        changed = next(islice(altered(frame), number, None), None)
        if changed is None:
            assert number >= FEWEST
            break
        try:
            read = frame_from_request(pb.FollowRequest.FromString(changed.SerializeToString()))
        except ReplicationError as error:
            told.add(error.code)
            continue
        if read is not None:
            told.add(stream.send(read))
        held = stored_leaves(victim)
        assert held == log.leaves[: len(held)]
    assert told - {""} <= ERRORS
    assert {code for _, code in victim.exchange.blamed()} <= BLAMED
    assert {peer for peer, _ in victim.exchange.blamed()} <= {LIAR}
    assert not victim.exchange.forked()
    honest, content = HostileLog("511500"), invented(victim, 1)
    listed = honest.list_(content)
    honest.relieve(content, listed)
    assert Stream(victim, "511500").send(honest.batch()) == ""
    assert row(victim, listed, "511500").state == State.REPAIRED
