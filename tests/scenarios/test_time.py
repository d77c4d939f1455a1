"""Time that is long, wrong or elsewhere, on the fake network and clock."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crypto.cosignature import verify_cosignatures
from crypto.notes import parse_note
from federation.ids import Origin
from federation.rows import State
from federation.statements import Kind
from tests.support import charters as build
from tests.support.clock import FakeClock
from tests.support.simulation import Federation, SimNode, listing

Federate = Callable[..., Federation]
CITY, PEER, OTHER = "510300", "510500", "511500"
DAY = 86_400
MONTH_DAYS = 30
EACH_DAY = 3


def renew(federation: Federation, *members: str) -> None:
    """Let nodes sign on."""
    for member in members:
        federation[member].publisher.renew_head()
        federation[member].exchange.published()


def test_a_months_outage_is_caught_up(federate: Federate) -> None:
    """What was listed and repaired meanwhile arrives in one go, in the state it has by then."""
    federation = federate(CITY, PEER)
    city, peer = federation[CITY], federation[PEER]
    wire = federation.connect(CITY, PEER)
    before = city.list_(listing(1, audience=city.audience()))
    federation.settle()
    federation.cut(wire)
    listed = []
    for day in range(MONTH_DAYS):
        listed += [
            city.list_(listing(100 + day * EACH_DAY + number, audience=city.audience()))
            for number in range(EACH_DAY)
        ]
        if day:
            city.relieve(Kind.REPAIR, listed[(day - 1) * EACH_DAY])
        federation.clock.advance(DAY)
    city.relieve(Kind.WITHDRAWAL, before)
    assert peer.state(before) == State.ACTIVE
    peer.restart()
    renew(federation, CITY, PEER)
    wire = federation.connect(CITY, PEER)
    federation.settle()
    assert not wire.errors
    assert peer.state(before) == State.WITHDRAWN
    repaired = [one for one in listed if peer.state(one) == State.REPAIRED]
    assert repaired == listed[: (MONTH_DAYS - 1) * EACH_DAY : EACH_DAY]
    assert peer.states() == city.states()
    assert peer.exchange.blamed() == {}


def test_a_log_at_rest_is_fresh_again_once_its_clock_was_set_back(federate: Federate) -> None:
    """What it signed ahead nobody takes; it must not stand before what it signs then."""
    federation = federate(CITY, PEER)
    city, peer = federation[CITY], federation[PEER]
    city.list_(listing(1, audience=city.audience()))
    city.clock = FakeClock(federation.clock.seconds)
    city.restart()
    renew(federation, CITY)
    federation.connect(CITY, PEER)
    federation.settle()
    before = heard(peer, city.origin)
    for jump in (40 * DAY, -40 * DAY):
        city.clock.jump(jump)
        for clock in (city.clock, federation.clock):
            clock.advance(60)
        renew(federation, CITY)
        federation.settle()
    assert heard(peer, city.origin) == before + 120
    for clock in (city.clock, federation.clock):
        clock.advance(60)
    renew(federation, CITY)
    federation.settle()
    assert heard(peer, city.origin) == before + 180
    assert peer.exchange.blamed() == {}


def heard(node: SimNode, origin: Origin) -> int:
    """When the log's own node signed the newest head that a node keeps."""
    key = build.cosigner(CITY, "head").verifier
    (line,) = verify_cosignatures(parse_note(node.exchange.served()[origin].note), [key])
    return line.timestamp


@pytest.mark.parametrize("jump", [-40 * DAY, -3600, 40 * DAY])
def test_a_clock_that_jumps_forks_nothing_and_relief_arrives(federate: Federate, jump: int) -> None:
    """All clocks jump, as where they hang on one time server; and back again."""
    federation = federate(CITY, PEER)
    city, peer = federation[CITY], federation[PEER]
    federation.connect(CITY, PEER)
    listed = city.list_(listing(1, audience=city.audience()))
    federation.settle()
    for step in (jump, -jump):
        federation.clock.advance(step)
        renew(federation, CITY, PEER)
        assert city.list_(listing(2 + (step > 0), audience=city.audience()))
        city.restart()
        federation.reconnect(CITY)
        federation.settle()
    city.relieve(Kind.REPAIR, listed)
    federation.settle()
    assert peer.state(listed) == State.REPAIRED
    assert not [error for wire in federation.wires for error in wire.errors]
    assert peer.exchange.forked() == city.exchange.forked() == frozenset()
    assert peer.exchange.blamed() == city.exchange.blamed() == {}
