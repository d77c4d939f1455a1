"""Clocks that are wrong, at one node and at all: nothing that is irreversible follows them.

Covers node/relief/suppression_keys.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from federation.ids import Date, Timestamp
from federation.rows import OpeningStatus
from federation.trusted_time import STEP_SECONDS
from node.demo.members import DemoMember
from node.relief.erasure import Erasures
from node.relief.suppression_keys import SuppressionKeys
from node.system.clock import SystemClock
from tests.support.federation_dirs import WiredNode, found
from tests.support.simulation import Federation, SimNode, listing

Federate = Callable[..., Federation]
MEMBERS = ("510300", "510500", "511000")
DAY = 86_400
MEMBERS_WIRED = (DemoMember(region="510500", name="泸州", role="city"),)


@pytest.fixture
def federation(federate: Federate) -> Federation:
    made = federate(*MEMBERS)
    for number, one in enumerate(MEMBERS):
        for other in MEMBERS[number + 1 :]:
            made.connect(one, other)
    return made


def cities(federation: Federation) -> list[SimNode]:
    return [federation[member] for member in MEMBERS]


def erase(node: SimNode) -> None:
    """Run the erasure as the schedule does."""
    erasures = Erasures(
        own=node.origin,
        registry=node.registry,
        now=node.clock.now,
        today=node.trusted.today,
        failpoints=node.failpoints,
    )
    for _ in range(10):
        with node.store.read() as session:
            if not erasures.due(session):
                return
        node.run(erasures.unit())


def held(node: SimNode, statement_id: bytes) -> bool:
    with node.store.read() as session:
        (row,) = session.rows_by_id(None, [statement_id])
    return row.opening == OpeningStatus.PRESENT


def tick(federation: Federation) -> None:
    """Every member signs its head anew and hears the others."""
    for node in federation.nodes.values():
        node.publisher.renew_head()
        node.exchange.published()
    federation.settle()
    for node in federation.nodes.values():
        node.trusted.tick()


def test_a_clock_ahead_at_one_node_destroys_nothing(federation: Federation) -> None:
    """300 days ahead at a restart, as a dead battery leaves it."""
    city = federation["510300"]
    listed = city.list_(listing(1, audience=city.audience(), until=20270131))
    tick(federation)
    assert city.trusted.now() == federation.clock.seconds
    federation.clock.jump(300 * DAY)
    city.restart()
    federation.reconnect("510300")
    city.trusted.tick()
    assert city.trusted.now() < federation.clock.seconds - 200 * DAY
    erase(city)
    SuppressionKeys(
        store=city.store, keyring=city.keyring, ledger=city.ledger, today=city.trusted.today
    ).run()
    assert held(city, listed)


def test_all_clocks_wrong_alike_move_it_by_hours_not_by_days(federation: Federation) -> None:
    for number, node in enumerate(cities(federation)):
        node.list_(listing(number, audience=node.audience()))
    tick(federation)
    right = federation.clock.seconds
    assert all(node.trusted.now() == right for node in cities(federation))
    federation.clock.jump(1100 * DAY)
    for _ in range(5):
        federation.clock.advance(60)
        tick(federation)
    for node in cities(federation):
        assert node.trusted.now() <= right + STEP_SECONDS + 5 * 60
        assert node.trusted.report()["confirm"]


def test_one_liar_among_three_moves_nothing(federation: Federation) -> None:
    tick(federation)
    honest = federation["510300"]
    right = honest.trusted.now()
    lying = federation["511000"]
    for key in lying.view.trust.head_keys(lying.origin):
        honest.heard(key, type(right)(right + 400 * DAY))
    honest.trusted.tick()
    assert honest.trusted.now() == right


def test_what_has_expired_by_trusted_time_goes(federation: Federation) -> None:
    city = federation["510300"]
    listed = city.list_(listing(1, audience=city.audience(), until=20260131))
    tick(federation)
    assert city.trusted.today() > Date(20260131)
    erase(city)
    assert not held(city, listed)


@pytest.fixture
def wired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WiredNode]:
    """A node as the program wires it, whose clock is three years ahead from now on."""
    right, ahead = SystemClock().now(), [0]
    monkeypatch.setattr(SystemClock, "now", lambda _: Timestamp(right + ahead[0]))
    found(tmp_path, MEMBERS_WIRED)
    node = WiredNode(tmp_path / MEMBERS_WIRED[0].region)
    assert node.list_("0" * 32, 1).statement_id
    ahead[0] = 3 * 366 * DAY
    yield node
    node.close()


def opened(node: WiredNode) -> list[int]:
    with node.store.read() as session:
        head = session.head(node.origin)
        assert head is not None
        rows = session.rows_between(head.log, 0, head.size)
        return [row.idx for row in rows if row.opening == OpeningStatus.PRESENT]


def test_the_schedule_destroys_nothing_by_the_machines_clock(wired: WiredNode) -> None:
    ring = wired.parts.status()["key_ring"]["opening_key"]
    for name in ("clock", "erasure", "rotation", "suppression"):
        wired.job(name)
    assert opened(wired) == [0]
    assert wired.parts.status()["key_ring"]["opening_key"] == ring
    (view,) = wired.parts.records.list("expired", "", "", 10, "")[0]
    assert view.state == "expired"


def test_files_of_departments_do_not_go_by_the_machines_clock(wired: WiredNode) -> None:
    taken = wired.directory / "inbox" / "court" / "taken"
    taken.mkdir(parents=True, exist_ok=True)
    (taken / "list.csv").write_text("x")
    wired.job("retention")
    assert (taken / "list.csv").exists()
    wired.parts.clock_desk.confirm(SystemClock().now(), ("王某", "李某"), "三年后", "")
    wired.job("retention")
    assert not (taken / "list.csv").exists()


def test_once_two_persons_say_what_time_it_is_it_goes(wired: WiredNode) -> None:
    assert "clock.unconfirmed" in wired.problems()
    moment = SystemClock().now()
    wired.parts.clock_desk.confirm(moment, ("王某", "李某"), "三年后", "")
    assert "clock.unconfirmed" not in wired.problems()
    wired.job("erasure")
    assert 0 not in opened(wired)
