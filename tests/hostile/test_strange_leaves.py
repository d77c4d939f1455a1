"""Leaves that this reader cannot read: mirrored, set aside, never a reason to stop."""

from __future__ import annotations

import pytest

from federation.ids import NO_STATEMENT, StatementId
from federation.peers.frames import Cursor, Subscribe
from federation.peers.replication import DeliveredBatch
from federation.rows import State
from federation.statements import ACTIONS, FLAG_SUSPEND_IF_UNKNOWN, Kind
from node.codec.frames import frame_from_response, frame_to_response
from node.codec.records import record_from_proto, record_to_proto
from tests.support.liar import (
    PAYLOADS,
    HostileLog,
    Stream,
    invented,
    records_of,
    row,
    rows,
    stored_leaves,
)
from tests.support.simulation import SimNode

LENGTHS = (44, 45, 75, 76, 77, 100, 255, 256, 1023, 1024)


def leaf_of(
    log: HostileLog, kind: int, length: int, about: bytes = NO_STATEMENT, **fields: int
) -> bytes:
    """A leaf of any length whose first 44 bytes are a header."""
    log.say(kind, b"", about=about, version=fields.get("version", 2), flags=fields.get("flags", 0))
    leaf = log.leaves.pop()
    log.openings.pop()
    return (leaf + bytes(1024))[:length]


def follows_on(node: SimNode, log: HostileLog) -> None:
    """The node takes the whole log, blames nobody, and serves it further byte for byte."""
    assert Stream(node).send(log.batch()) == ""
    assert stored_leaves(node) == log.leaves
    assert node.exchange.blamed() == {}
    node.restart()
    other = Stream(node, "511500")
    assert other.send(Subscribe(cursors=(Cursor(origin=log.origin, size=0),))) == ""
    (batch,) = [f for f in other.sent() if isinstance(f, DeliveredBatch) and f.origin == log.origin]
    assert batch.leaves == tuple(log.leaves)
    assert frame_from_response(frame_to_response(batch)) == batch
    with node.store.read() as session:
        views = records_of(node).views(session, rows(node), whole=True)
    assert [record_from_proto(record_to_proto(view)) for view in views] == list(views)


@pytest.mark.parametrize("version", [0, 1, 2, 255])
def test_a_leaf_of_another_version_or_length_is_set_aside(
    victim: SimNode, log: HostileLog, version: int
) -> None:
    strange = [length for length in LENGTHS if (version, length) != (1, 76)]
    for length in strange:
        log.put(leaf_of(log, Kind.LISTING, length, version=version))
    last = log.list_(invented(victim, 9))
    follows_on(victim, log)
    found = rows(victim)[4:-1]
    assert len(found) == len(strange)
    assert {(r.state, r.rule) for r in found} == {(State.SET_ASIDE, "leaf.version")}
    assert row(victim, last).state == State.ACTIVE


def test_a_leaf_without_a_header_is_only_mirrored(victim: SimNode, log: HostileLog) -> None:
    for length in (0, 1, 2, 10, 10, 16, 43):
        log.put(bytes([1, 4, 0, 1] * 11)[:length])
    last = log.list_(invented(victim, 9))
    follows_on(victim, log)
    assert {(r.state, r.rule) for r in rows(victim)[4:-1]} == {(State.SET_ASIDE, "leaf.short")}
    assert row(victim, last).state == State.ACTIVE


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (Kind.REPAIR, State.REPAIRED),
        (Kind.WITHDRAWAL, State.WITHDRAWN),
        (Kind.RELISTING, State.ACTIVE),
        (Kind.CORRECTION, State.ACTIVE),
    ],
)
def test_relief_of_another_version_acts_by_its_header(
    victim: SimNode, kind: Kind, state: State
) -> None:
    log = HostileLog()
    for length in LENGTHS:
        listed = log.list_(invented(victim, length))
        log.put(leaf_of(log, kind, length, listed))
    follows_on(victim, log)
    assert {r.state for r in rows(victim)[::2]} == {state}
    assert {r.rule for r in rows(victim)[1::2]} == {"leaf.version"}


def rows_id(log: HostileLog, index: int) -> StatementId:
    """The statement id in a leaf."""
    return StatementId(log.leaves[index][12:28])


@pytest.mark.parametrize("flags", [0, FLAG_SUSPEND_IF_UNKNOWN, 0xFE, 0xFF])
@pytest.mark.parametrize("how", ["kind", "action", "version"])
def test_what_is_unknown_suspends_only_if_it_says_so(
    victim: SimNode, log: HostileLog, how: str, flags: int
) -> None:
    listed, other = rows_id(log, 0), rows_id(log, 1)
    said = log.say(
        {"kind": 99, "action": Kind.ANNOTATION, "version": Kind.OUTCOME}[how],
        b"",
        action=7 if how == "action" else 0,
        version=2 if how == "version" else 1,
        flags=flags,
        about=listed,
    )
    follows_on(victim, log)
    rule = {"kind": "kind.unknown", "action": "action.unknown", "version": "leaf.version"}[how]
    assert row(victim, said).rule == rule
    suspended = "suspended.unknown-statement" if flags & 1 else ""
    assert (row(victim, listed).state, row(victim, listed).rule) == (State.ACTIVE, suspended)
    assert row(victim, other).rule == ""


@pytest.mark.parametrize("how", ["kind", "version"])
def test_another_origin_cannot_suspend_by_the_unknown(
    victim: SimNode, log: HostileLog, how: str
) -> None:
    """Flag bit 0 in the log of one who neither issued the listing nor is its delegate."""
    listed = rows_id(log, 0)
    other = HostileLog("511500")
    version = 2 if how == "version" else 1
    other.say(99, b"", about=listed, flags=FLAG_SUSPEND_IF_UNKNOWN, version=version)
    assert Stream(victim).send(log.batch()) == ""
    assert Stream(victim, "511500").send(other.batch()) == ""
    assert (row(victim, listed).state, row(victim, listed).rule) == (State.ACTIVE, "")


def test_every_kind_and_action_byte_is_taken(victim: SimNode, log: HostileLog) -> None:
    listed = rows_id(log, 0)
    for kind in range(256):
        for action in (0, 1, 255):
            if kind not in {Kind.REPAIR, Kind.WITHDRAWAL, Kind.CORRECTION}:
                log.say(kind, b"\xff", action=action, about=listed if kind != 3 else NO_STATEMENT)
    follows_on(victim, log)
    assert row(victim, listed).state == State.ACTIVE
    unknown = [r for r in rows(victim) if r.kind not in ACTIONS]
    assert {r.rule for r in unknown} == {"kind.unknown"}
    assert {r.state for r in rows(victim) if r.rule == "action.unknown"} == {State.SET_ASIDE}


def test_times_and_ids_at_their_ends_are_taken(victim: SimNode, log: HostileLog) -> None:
    said = [
        log.say(
            Kind.LISTING,
            PAYLOADS.encode(invented(victim, number)),
            statement_id=statement_id,
            issued_at=issued_at,
        )
        for number, statement_id, issued_at in (
            (21, bytes(15) + b"\x01", 0),
            (22, b"\xff" * 16, 2**64 - 1),
            (23, bytes(16), 2**63),
        )
    ]
    follows_on(victim, log)
    assert {row(victim, one).state for one in said} == {State.ACTIVE}
    assert [view.issued_at for view in map(records_of(victim).get, said)] == [0, 2**64 - 1, 2**63]
