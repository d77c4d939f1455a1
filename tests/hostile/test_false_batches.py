"""Leaves that are not what the log's key signed: nothing is kept, the deliverer is blamed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from crypto.merkle import consistency_proof
from federation.frames import Cursor, Subscribe
from federation.replication import MAX_BATCH_BYTES, PENDING, DeliveredBatch, DeliveredOpening
from federation.rows import OpeningStatus, State
from tests.support import charters as build
from tests.support.liar import HostileLog, Stream, invented, row, served_note, stored_leaves
from tests.support.simulation import Federation, SimNode

Lie = Callable[[HostileLog], DeliveredBatch]


def _forged(log: HostileLog) -> DeliveredBatch:
    true = log.batch()
    leaf = bytearray(true.leaves[1])
    leaf[1] = 5  # a listing becomes a withdrawal
    return replace(true, leaves=(true.leaves[0], bytes(leaf), *true.leaves[2:]))


def _added(log: HostileLog) -> DeliveredBatch:
    true = log.batch()
    return replace(
        true, leaves=(*true.leaves, true.leaves[0]), openings=(*true.openings, true.openings[0])
    )


def _truncated(log: HostileLog) -> DeliveredBatch:
    """Three of four leaves, with the path of all four."""
    true = log.batch()
    return replace(true, leaves=true.leaves[:3], openings=true.openings[:3])


def _dropped_in_the_middle(log: HostileLog) -> DeliveredBatch:
    true = log.batch()
    return replace(
        true,
        leaves=(true.leaves[0], *true.leaves[2:]),
        openings=(true.openings[0], *true.openings[2:]),
    )


def _reordered(log: HostileLog) -> DeliveredBatch:
    true = log.batch()
    return replace(true, leaves=true.leaves[::-1], openings=true.openings[::-1])


def _repeated_within(log: HostileLog) -> DeliveredBatch:
    true = log.batch(end=2, size=2)
    return replace(true, leaves=true.leaves * 2, openings=true.openings * 2)


def _of_another_log(log: HostileLog) -> DeliveredBatch:
    other = HostileLog("511500", list(log.leaves), list(log.openings))
    return replace(other.batch(), origin=log.origin)


def _leaves_of_another_log(log: HostileLog) -> DeliveredBatch:
    other = HostileLog("511500")
    other.put(*_first(log))
    other.put(build.seed("elsewhere") * 2)
    return replace(log.batch(end=2, size=2), leaves=tuple(other.leaves))


def _first(log: HostileLog) -> tuple[bytes, DeliveredOpening]:
    return log.leaves[0], log.openings[0]


def _shifted(log: HostileLog) -> DeliveredBatch:
    return replace(log.batch(start=1), first_index=0)


LIES: dict[str, tuple[Lie, str]] = {
    "forged leaf": (_forged, "batch.unproved"),
    "leaf added": (_added, "batch.behind"),
    "truncated": (_truncated, "batch.unproved"),
    "leaf dropped": (_dropped_in_the_middle, "batch.unproved"),
    "reordered": (_reordered, "batch.unproved"),
    "leaves twice": (_repeated_within, "batch.behind"),
    "leaves from later on": (_shifted, "batch.unproved"),
    "another log's batch": (_of_another_log, "batch.checkpoint"),
    "another log's leaves": (_leaves_of_another_log, "batch.unproved"),
    "gap": (lambda log: log.batch(start=2), "batch.gap"),
    "gap beyond all": (
        lambda log: replace(log.batch(), first_index=2**64 - 1),
        "batch.gap",
    ),
    "negative index": (lambda log: replace(log.batch(), first_index=-1), "batch.bounds"),
    "no path": (lambda log: replace(log.batch(end=2), path=()), "batch.unproved"),
    "path too long": (
        lambda log: replace(log.batch(end=2), path=(*log.batch(end=2).path, bytes(32))),
        "batch.unproved",
    ),
    "path of other lengths": (
        lambda log: replace(log.batch(end=2), path=(bytes(31), bytes(33))),
        "batch.unproved",
    ),
    "path of a thousand": (
        lambda log: replace(log.batch(end=2), path=(bytes(32),) * 1000),
        "batch.unproved",
    ),
    "nothing": (lambda log: replace(log.batch(), leaves=(), openings=()), "batch.bounds"),
    "too many leaves": (
        lambda log: replace(log.batch(), leaves=(b"x",) * 1025, openings=(PENDING,) * 1025),
        "batch.bounds",
    ),
    "too few openings": (
        lambda log: replace(log.batch(), openings=log.openings[:3] and tuple(log.openings[:3])),
        "batch.bounds",
    ),
    "a leaf too long": (
        lambda log: replace(log.batch(), leaves=(bytes(1025), *log.leaves[1:])),
        "batch.bounds",
    ),
    "too many bytes": (
        lambda log: replace(
            log.batch(),
            openings=(
                DeliveredOpening(OpeningStatus.PRESENT, bytes(32), bytes(MAX_BATCH_BYTES)),
                *log.openings[1:],
            ),
        ),
        "batch.bounds",
    ),
    "no checkpoint": (lambda log: replace(log.batch(), checkpoint=b""), "batch.checkpoint"),
    "checkpoint too small": (lambda log: log.batch(note=log.note(2)), "batch.behind"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_false_batch_is_blamed_and_the_true_one_taken_after_it(
    victim: SimNode, stream: Stream, log: HostileLog, lie: str
) -> None:
    tell, code = LIES[lie]
    assert stream.send(tell(log)) == code
    assert victim.exchange.blamed() == {("510300", code): 1}
    assert stored_leaves(victim) == []
    assert served_note(victim) == b""
    assert stream.send(log.batch()) == ""
    assert stored_leaves(victim) == log.leaves
    assert victim.exchange.forked() == frozenset()


@pytest.mark.parametrize("lie", LIES)
def test_a_false_continuation_leaves_what_is_held_as_it_is(
    victim: SimNode, stream: Stream, log: HostileLog, lie: str
) -> None:
    """The same lies about leaves 4-7, while 0-3 are held."""
    assert stream.send(log.batch()) == ""
    note = served_note(victim)
    later = HostileLog()
    for number in range(5, 9):
        later.list_(invented(victim, number))
    whole = HostileLog(leaves=log.leaves + later.leaves, openings=log.openings + later.openings)
    tell, code = LIES[lie]
    told = tell(later)
    shifted = replace(told, first_index=told.first_index + 4)
    expected = {"negative index": "", "another log's batch": "batch.checkpoint"}
    found = stream.send(shifted)
    if code == "batch.behind":
        assert found == "batch.behind"
    else:
        # The later log is no continuation, so whatever is not refused before is unproved.
        assert found in {expected.get(lie, code), "batch.unproved", "batch.behind"}
    assert stored_leaves(victim) == log.leaves
    assert served_note(victim) == note
    assert stream.send(whole.batch(start=4)) == ""
    assert stored_leaves(victim) == whole.leaves
