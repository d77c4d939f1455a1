"""Wrong and missed repairs named, and the rates of a period.

Covers node/relief/audit.py, node/relief/repair_desk.py, node/texts/repairs.py.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from federation.ids import Date
from federation.payloads import Receipt, ReceiptBatch
from federation.reconcile.receipts import ReceiptOutcome
from federation.rows import State
from federation.statements import Kind
from node.texts import repairs as texts
from tests.support.followed_repairs import (
    DAY,
    World,
    audit_of,
    desk_of,
    followed,
    hear,
    shown,
)
from tests.support.simulation import Federation

Federate = Callable[..., Federation]
pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
"""Nothing here depends on the database."""


@pytest.fixture
def world(federate: Federate) -> World:
    return followed(federate)


def test_the_audit_names_who_has_not_lifted_and_who_applied_again(world: World) -> None:
    city, peer = world.city, world.peer
    relief = world.repair()
    world.tell(peer)
    for node in (city, world.hub):
        assert desk_of(node).audit() == []
    world.federation.clock.advance(DAY)
    hear(city)
    assert [one["code"] for one in desk_of(city).audit()] == ["repair.not-known"]
    world.later(60)
    (missed,) = desk_of(city).audit()
    assert missed["code"] == "repair.not-lifted"
    assert missed["where"] == city.trust().city(world.other.origin)
    assert missed["statement_id"] == shown(city, relief)["about"]
    world.tell(world.other)
    hear(city)
    assert desk_of(city).audit() == []
    again = ReceiptBatch(outcome=ReceiptOutcome.APPLIED, reason="", indices=(0,))
    peer.say(peer.draft(Kind.RECEIPT, Receipt(origin=city.origin, batches=(again,))))
    world.federation.settle()
    hear(city)
    (punished,) = desk_of(city).audit()
    assert (punished["code"], punished["where"]) == (
        "repair.applied-again",
        city.trust().city(peer.origin),
    )


def test_the_audit_names_copies_that_stand_and_what_platforms_show(world: World) -> None:
    city, other = world.city, world.other
    world.repair()
    world.tell(world.peer, other)
    hear(city)
    with city.store.write() as session:
        (row,) = [one for one in session.rows_at([(log, 0) for log in range(9)]) if one.kind == 1]
        copy = session.head(other.origin)
        assert copy is not None
        size = copy.size
        session.insert_rows(
            [row._replace(log=copy.log, idx=size, state=State.ACTIVE, statement_id=b"c" * 16)]
        )
    assert [one["code"] for one in desk_of(city).audit()] == ["repair.copy-stands"]
    place = {"origin": city.origin, "statement_id": "00"}
    shown_rows = [
        {**place, "told": told, "found": found}
        for told, found in (
            ("repaired", "active"),
            ("withdrawn-undo", "paused"),
            ("repaired", "withdrawn"),
            ("repaired", ""),
            ("active", "repaired"),
            ("active", "masked"),
        )
    ]
    found = [one for one in audit_of(city, *shown_rows).run() if one["where"] == "市平台"]
    assert [one["code"] for one in found] == [
        "repair.platform-shows",
        "repair.platform-shows",
        "repair.platform-lifted",
    ]
    assert {texts.audited(one, english=False)["means"][:2] for one in found} == {"漏修", "错修"}


def test_rates_are_of_our_own_reliefs_of_the_period(world: World) -> None:
    world.repair(1)
    world.tell(world.peer)
    day = world.today
    world.federation.clock.advance(DAY)
    world.tell(world.other)
    world.repair(2)
    world.federation.settle()
    hear(world.city)
    desk = desk_of(world.city)
    first = desk.rates(day, day)
    assert (first["reliefs"], first["executed"], first["same_day"]) == (1, 2, 1)
    assert (first["in_time"], first["late"], first["timely"]) == (1, 1, 0.5)
    assert first["same_day_share"] == 0.5
    both = desk.rates(Date(20260101), Date(20261231))
    assert (both["reliefs"], both["waiting"], both["timely"]) == (2, 2, 0.5)
    assert texts.rates(both)["timely"] == "50.00%"
    assert texts.rates(desk.rates(Date(20250101), Date(20250102)))["timely"] == ""
    assert desk_of(world.hub).rates(Date(20260101), Date(20261231))["reliefs"] == 0
