"""An origin told each of two cities another repair and went away: both must have both."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from federation.rows import State
from tests.support.liar import HostileLog, Stream, invented
from tests.support.simulation import Federation, SimNode

Federate = Callable[..., Federation]
ONE, OTHER = "510500", "511500"


def told(node: SimNode, log: HostileLog) -> None:
    stream = Stream(node)
    assert stream.send(log.batch()) == ""
    stream.node.exchange.close_session(stream.session)


def go_round(federation: Federation) -> None:
    """Let all streams say and ask, as the driver does after each change."""
    for _ in range(6):
        federation.settle()
        for wire in federation.wires:
            federation.subscribe(wire)
            for side in (0, 1):
                peer = wire.ends[1 - side]
                notes, forks = peer.exchange.heads_for(wire.ends[side].member)
                wire.ends[side].exchange.take_heads(wire.sessions[side], notes, forks)
    federation.settle()


@pytest.mark.parametrize("longer", [0, 3])
@pytest.mark.parametrize("restarted", ["", "before", "after"])
def test_reliefs_of_both_histories_reach_both(
    restarted: str, longer: int, federate: Federate
) -> None:
    federation = federate(ONE, OTHER)
    one, other = federation[ONE], federation[OTHER]
    contents = [invented(one, number) for number in (1, 2)]
    copies = {node: [node.list_(content) for content in contents] for node in (one, other)}
    log = HostileLog()
    listed = [log.list_(content) for content in contents]
    branch = log.branch(2)
    log.relieve(contents[0], listed[0])
    branch.relieve(contents[1], listed[1])
    for number in range(longer):
        branch.list_(invented(one, 10 + number))
    told(one, log)
    told(other, branch)
    if restarted == "before":
        one.restart()
        other.restart()
    federation.connect(ONE, OTHER)
    go_round(federation)
    if restarted == "after":
        for node in (one, other):
            node.restart()
            federation.reconnect(node.member)
        go_round(federation)
    for node in (one, other):
        assert node.exchange.forked() == {log.origin}
        for places in copies.values():
            assert [node.state(place) for place in places] == [State.REPAIRED] * 2
        assert node.exchange.blamed() == {}
