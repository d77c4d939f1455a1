"""Leaves that are not what the log's key signed: nothing is kept, the deliverer is blamed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from federation.peers.frames import Cursor, Refusal, Subscribe
from federation.peers.openings import PENDING, DeliveredOpening
from federation.peers.replication import MAX_BATCH_BYTES, DeliveredBatch
from federation.rows import OpeningStatus, State
from tests.support import charters as build
from tests.support.liar import HostileLog, Stream, invented, row, served_note, stored_leaves
from tests.support.simulation import Federation, SimNode, listing

Lie = Callable[[HostileLog, int], DeliveredBatch]
HUB = "510000"


def _forged(log: HostileLog, start: int) -> DeliveredBatch:
    true = log.batch(start)
    leaf = bytearray(true.leaves[1])
    leaf[1] = 5  # a listing becomes a withdrawal
    return replace(true, leaves=(true.leaves[0], bytes(leaf), *true.leaves[2:]))


def _added(log: HostileLog, start: int) -> DeliveredBatch:
    true = log.batch(start)
    leaves, openings = true.leaves, true.openings
    return replace(true, leaves=(*leaves, leaves[0]), openings=(*openings, openings[0]))


def _truncated(log: HostileLog, start: int) -> DeliveredBatch:
    """Three of four leaves, with the path of all four."""
    true = log.batch(start)
    return replace(true, leaves=true.leaves[:3], openings=true.openings[:3])


def _dropped_in_the_middle(log: HostileLog, start: int) -> DeliveredBatch:
    true = log.batch(start)
    leaves, openings = true.leaves, true.openings
    return replace(true, leaves=(leaves[0], *leaves[2:]), openings=(openings[0], *openings[2:]))


def _reordered(log: HostileLog, start: int) -> DeliveredBatch:
    true = log.batch(start)
    return replace(true, leaves=true.leaves[::-1], openings=true.openings[::-1])


def _repeated_within(log: HostileLog, start: int) -> DeliveredBatch:
    true = log.batch(start, start + 2, start + 4)
    return replace(true, leaves=true.leaves * 2, openings=true.openings * 2, path=())


def _of_another_log(log: HostileLog, start: int) -> DeliveredBatch:
    other = HostileLog("511500", list(log.leaves), list(log.openings))
    return replace(other.batch(start), origin=log.origin)


def _leaves_of_another_log(log: HostileLog, start: int) -> DeliveredBatch:
    other = HostileLog("511500")
    for index in range(start, log.size):
        other.say(1, log.openings[index].payload)
    return replace(log.batch(start), leaves=tuple(other.leaves))


def _too_many_bytes(log: HostileLog, start: int) -> DeliveredBatch:
    true = log.batch(start)
    large = DeliveredOpening(OpeningStatus.PRESENT, bytes(32), bytes(MAX_BATCH_BYTES))
    return replace(true, openings=(large, *true.openings[1:]))


def _with_path(log: HostileLog, start: int, *hashes: bytes) -> DeliveredBatch:
    """Two leaves with another path than the right one."""
    return replace(log.batch(start, start + 2), path=hashes)


LIES: dict[str, tuple[Lie, str]] = {
    "forged leaf": (_forged, "batch.unproved"),
    "leaf added": (_added, "batch.behind"),
    "truncated": (_truncated, "batch.unproved"),
    "leaf dropped": (_dropped_in_the_middle, "batch.unproved"),
    "reordered": (_reordered, "batch.unproved"),
    "leaves twice": (_repeated_within, "batch.unproved"),
    "leaves from later on": (
        lambda log, start: replace(log.batch(start + 1), first_index=start),
        "batch.unproved",
    ),
    "another log's batch": (_of_another_log, "batch.checkpoint"),
    "another log's leaves": (_leaves_of_another_log, "batch.unproved"),
    "gap": (lambda log, start: log.batch(start + 2), "batch.gap"),
    "gap beyond all": (
        lambda log, start: replace(log.batch(start), first_index=2**64 - 1),
        "batch.gap",
    ),
    "negative index": (
        lambda log, start: replace(log.batch(start), first_index=-1),
        "batch.bounds",
    ),
    "no path": (_with_path, "batch.unproved"),
    "path too long": (
        lambda log, start: _with_path(log, start, *log.batch(start, start + 2).path, bytes(32)),
        "batch.unproved",
    ),
    "hashes of other lengths": (
        lambda log, start: _with_path(log, start, bytes(31), bytes(33)),
        "batch.unproved",
    ),
    "path of a thousand": (
        lambda log, start: _with_path(log, start, *[bytes(32)] * 1000),
        "batch.bounds",
    ),
    "nothing": (
        lambda log, start: replace(log.batch(start), leaves=(), openings=()),
        "batch.bounds",
    ),
    "too many leaves": (
        lambda log, start: replace(
            log.batch(start), leaves=(b"x",) * 1025, openings=(PENDING,) * 1025
        ),
        "batch.bounds",
    ),
    "too few openings": (
        lambda log, start: replace(log.batch(start), openings=log.batch(start).openings[:3]),
        "batch.bounds",
    ),
    "leaf too long": (
        lambda log, start: replace(
            log.batch(start), leaves=(bytes(1025), *log.batch(start).leaves[1:])
        ),
        "batch.bounds",
    ),
    "too many bytes": (_too_many_bytes, "batch.bounds"),
    "no checkpoint": (
        lambda log, start: replace(log.batch(start), checkpoint=b""),
        "batch.checkpoint",
    ),
    "checkpoint too small": (
        lambda log, start: log.batch(start, note=log.note(start + 2)),
        "batch.behind",
    ),
}


@pytest.mark.parametrize("held", [0, 4])
@pytest.mark.parametrize("lie", LIES)
def test_a_false_batch_is_blamed_and_the_true_one_taken_after_it(
    victim: SimNode, stream: Stream, log: HostileLog, lie: str, held: int
) -> None:
    for number in range(5, 5 + held):
        log.list_(invented(victim, number))
    if held:
        assert stream.send(log.batch(0, held, held)) == ""
    note = served_note(victim)
    tell, code = LIES[lie]
    assert stream.send(tell(log, held)) == code
    assert victim.exchange.blamed() == {("510300", code): 1}
    assert stored_leaves(victim) == log.leaves[:held]
    assert served_note(victim) == note
    assert stream.send(log.batch(held)) == ""
    assert stored_leaves(victim) == log.leaves
    assert victim.exchange.forked() == frozenset()


def test_a_repeated_batch_changes_nothing(victim: SimNode, stream: Stream, log: HostileLog) -> None:
    assert stream.send(log.batch(), log.batch(), log.batch(1, 3, 4), log.batch(0, 2, 2)) == ""
    assert stored_leaves(victim) == log.leaves
    log.list_(invented(victim, 5))
    assert stream.send(log.batch(2), log.batch()) == ""  # an overlap is skipped
    assert stored_leaves(victim) == log.leaves
    assert victim.exchange.blamed() == {}


def test_a_batch_that_nobody_asked_for_is_refused(victim: SimNode, stream: Stream) -> None:
    """Another member's true log, delivered by who was not asked for it."""
    other = HostileLog("511500")
    other.list_(invented(victim))
    assert stream.send(other.batch()) == "batch.unasked"
    unknown = replace(other.batch(), origin=build.origin_of("519999"))
    assert stream.send(unknown) == "batch.unasked"
    assert victim.exchange.blamed() == {("510300", "batch.unasked"): 2}
    assert victim.sizes() == {}


def test_a_batch_of_our_own_log_is_refused(victim: SimNode, stream: Stream) -> None:
    listed = victim.list_(invented(victim))
    other = HostileLog("510500")
    other.list_(invented(victim, 2))
    other.list_(invented(victim, 3))
    assert stream.send(other.batch()) == "batch.unasked"
    assert victim.sizes() == {victim.origin: 1}
    assert victim.state(listed) == State.ACTIVE


def test_a_refused_log_is_not_taken_from_who_refused_it(
    victim: SimNode, stream: Stream, log: HostileLog
) -> None:
    assert stream.send(Refusal(origin=log.origin, reason="log.unknown", message="")) == ""
    assert stream.send(log.batch()) == "batch.unasked"
    assert stream.send(log.batch()) == ""  # asked for again on the next stream
    assert stored_leaves(victim) == log.leaves


def test_a_shrinking_checkpoint_takes_nothing_back(
    victim: SimNode, stream: Stream, log: HostileLog
) -> None:
    assert stream.send(log.batch()) == ""
    note = served_note(victim)
    assert stream.send(log.head(2), log.head(0), log.batch(0, 2, 2)) == ""
    assert stream.heads([log.note(1), log.note(3)]) == ""
    assert served_note(victim) == note
    assert stored_leaves(victim) == log.leaves
    assert victim.exchange.forked() == frozenset()
    log.list_(invented(victim, 5))
    assert stream.send(log.batch(4)) == ""
    assert stored_leaves(victim) == log.leaves


def test_a_lie_about_one_log_stops_no_other(federate: Callable[..., Federation]) -> None:
    federation = federate("510500", "511500", HUB)
    honest, victim = federation["511500"], federation["510500"]
    wires = [federation.connect("511500", HUB), federation.connect("510500", HUB)]
    liar, log = Stream(victim), HostileLog()
    first = log.list_(invented(victim, 1))
    one = honest.list_(listing(2, audience=honest.audience()))
    assert liar.send(_forged_alone(log)) == "batch.unproved"
    federation.settle()
    assert victim.state(one) == State.ACTIVE
    other = honest.list_(listing(3, audience=honest.audience()))
    assert liar.send(log.batch()) == ""
    federation.settle()
    assert not [error for wire in wires for error in wire.errors]
    assert (victim.state(other), row(victim, first).state) == (State.ACTIVE, State.ACTIVE)
    # The victim is asked by the hub for nothing: what it holds goes on by the liar's own stream.
    assert Stream(federation[HUB]).send(log.batch()) == ""
    assert stored_leaves(federation[HUB]) == log.leaves


def _forged_alone(log: HostileLog) -> DeliveredBatch:
    return replace(log.batch(), leaves=(log.leaves[0][::-1],))


def test_a_cursor_beyond_our_size_is_answered_by_our_head(victim: SimNode, stream: Stream) -> None:
    victim.list_(invented(victim))
    far = Cursor(origin=victim.origin, size=2**63 - 1)
    assert stream.send(Subscribe(cursors=(far,))) == ""
    assert not [frame for frame in stream.sent() if isinstance(frame, DeliveredBatch)]
    assert stream.send(Subscribe(cursors=(replace(far, size=0),))) == ""
    (batch,) = [frame for frame in stream.sent() if isinstance(frame, DeliveredBatch)]
    assert len(batch.leaves) == 1
