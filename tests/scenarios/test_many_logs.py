"""What one statement costs does not grow with the logs and streams that a node holds.

Covers node/peers/served.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest
from sqlalchemy import event

from adapters.sql import SqlStore
from adapters.sql.rows import head_from_row
from federation.ids import Origin
from federation.peers.frames import HeadFrame
from federation.peers.replication import DeliveredBatch
from federation.ports.store import LogHead
from federation.statements import Kind
from node.peers.served import ServedLogs
from node.peers.serving import Served
from tests.support.simulation import Federation, SimNode, listing

Federate = Callable[..., Federation]
CITY, PEER = "510300", "510500"
pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)


@contextmanager
def questions(node: SimNode) -> Iterator[list[str]]:
    """Note each statement that a node's writer gives to SQLite."""
    asked: list[str] = []
    engine = cast("SqlStore", node.store)._engine
    drivers: list[Any] = []

    def noted(connection: Any) -> None:
        driver = connection.connection.driver_connection
        driver.set_trace_callback(asked.append)
        drivers.append(driver)

    event.listen(engine, "begin", noted)
    try:
        yield asked
    finally:
        event.remove(engine, "begin", noted)
        for driver in drivers:
            driver.set_trace_callback(None)


def hold(node: SimNode, logs: int) -> None:
    with node.store.write() as session:
        for number in range(logs):
            session.add_log(Origin(f"{600000 + number}.huxin.example/1"), ours=False)


def said(federation: Federation, number: int) -> dict[str, int]:
    """How much a listing, its repair, and both at the peer ask."""
    city, peer = federation[CITY], federation[PEER]
    found: dict[str, int] = {}
    with questions(city) as asked:
        listed = city.list_(listing(number, audience=city.audience()))
        found["list"] = len(asked)
    with questions(peer) as asked:
        federation.settle()
        found["follow"] = len(asked)
    with questions(city) as asked:
        city.relieve(Kind.REPAIR, listed)
        found["relieve"] = len(asked)
    with questions(peer) as asked:
        federation.settle()
        found["follow relief"] = len(asked)
    return found


def test_a_statement_asks_no_more_at_three_hundred_logs_than_at_three(
    federate: Federate, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[object] = []

    def counted(row: Any) -> LogHead:
        read.append(row)
        return head_from_row(row)

    monkeypatch.setattr("adapters.sql.sessions.head_from_row", counted)
    federation = federate(CITY, PEER)
    federation.connect(CITY, PEER)
    federation.settle()
    said(federation, 1)
    read.clear()
    few = said(federation, 2), len(read)
    for node in (federation[CITY], federation[PEER]):
        hold(node, 297)
    said(federation, 3)
    read.clear()
    assert (said(federation, 4), len(read)) == few
    assert 0 < few[0]["list"] <= few[0]["relieve"] < 60


def test_a_wake_looks_at_the_logs_that_changed_alone(
    federate: Federate, monkeypatch: pytest.MonkeyPatch
) -> None:
    federation = federate(CITY, PEER)
    federation.connect(CITY, PEER)
    federation.settle()
    city = federation[CITY]
    served = city.exchange._mirrors.served
    (wire,) = [w for w in federation.wires if w.ends[0] is city or w.ends[1] is city]
    session = wire.sessions[0 if wire.ends[0] is city else 1]
    assert city.exchange.plan(session) == []
    assert city.exchange.is_quiet(session)
    other = Origin("600000.huxin.example/1")
    monkeypatch.setattr(city.exchange._plan, "_offers", lambda _origin, _peer: True)
    for number in range(300):
        served.show(Origin(f"{600000 + number}.huxin.example/1"), served[city.origin])
    assert not city.exchange.is_quiet(session)
    assert city.exchange.plan(session) == []
    assert city.exchange.is_quiet(session)
    session.subscribed.add(other)
    assert not city.exchange.is_quiet(session)
    (head,) = city.exchange.plan(session)
    assert isinstance(head, HeadFrame)
    assert head.origin == other
    looked: list[Origin] = []
    original = type(served).get

    def get(self: ServedLogs, origin: Origin) -> Served | None:
        looked.append(origin)
        return original(self, origin)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(served), "get", get)
        city.list_(listing(1, audience=city.audience()))
        looked.clear()
        assert [type(frame) for frame in city.exchange.plan(session)] == [DeliveredBatch]
        assert looked == [city.origin]
