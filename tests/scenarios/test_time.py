"""Time that is long, wrong or elsewhere, on the fake network and clock."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from federation.rows import State
from federation.statements import Kind
from tests.support.simulation import Federation, listing

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
