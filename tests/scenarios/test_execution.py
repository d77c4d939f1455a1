"""No origin is told that a listing is lifted before the city's platforms have acknowledged it.

Covers node/log/executed.py, node/platform/demands.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from node.log.receipt_queue import tell_of_again
from tests.support.executing import City
from tests.support.outlets import demands_of
from tests.support.simulation import Federation

Federate = Callable[..., Federation]


@pytest.fixture
def city(federate: Federate) -> City:
    made = City(federate)
    made.list_(1)
    made.follow()
    for platform in made.platforms:
        platform.run()
    assert made.tell() == [(0, "applied")]
    return made


def test_lifted_is_said_when_all_have_acknowledged(city: City) -> None:
    city.relieve(0)
    assert (0, "lifted") not in city.tell()
    for platform in city.platforms:
        platform.run()
    assert (0, "lifted") not in city.tell()
    city.done(0)
    assert (0, "lifted") not in city.tell()
    city.done(1)
    assert city.tell()[-1] == (0, "lifted")
    with city.node.store.read() as session:
        head = session.head(city.origin.origin)
        assert head is not None
        found = session.acknowledged(head.log, 0)
    assert all(one.acknowledged_at >= one.told_at > 0 for one in found.values())
    assert len(found) == 2


def test_erasure_does_not_wait_and_lifted_follows_it_once(city: City) -> None:
    city.relieve(0)
    for platform in city.platforms:
        platform.run()
    city.erase()
    city.tell()
    assert city.tell()[-1] == (0, "erased")
    for platform in city.platforms:
        platform.run()
    city.done(0)
    city.restart()
    city.done(1)
    assert city.tell()[-1] == (0, "lifted")
    for platform in city.platforms:
        platform.run()
    tell_again(city)
    assert [word for _, word in city.tell()] == ["applied", "erased", "lifted"]


def test_what_was_acknowledged_is_withdrawn_before_another_state_is_told(city: City) -> None:
    city.relieve(0)
    platform = city.platforms[0]
    platform.run()
    city.done(0)
    with city.node.store.read() as session:
        head = session.head(city.origin.origin)
        assert head is not None
        outlet = next(one.outlet for one in session.outlets() if one.name == "one")
        assert session.acknowledged(head.log, 0)[outlet].acknowledged_at
    told = platform.rows[city.origin.origin, 0]
    owed = demands_of(city.node.store)
    for state, kept in (("repaired", 1), ("active", 0)):
        owed.telling(outlet, head.log, [replace(told, state=state)], {0: 9})
        with city.node.store.read() as session:
            assert len(session.demands(outlet, head.log, [0])) == kept


def test_ex10_an_outlet_whose_answer_was_lost_is_told_of_the_end(city: City) -> None:
    """It may have the listing: it is told that it ended, though its opening is gone by then."""
    platform = city.platforms[0]
    city.list_(2)
    city.follow()
    platform.loses_answers = True
    platform.run()
    assert platform.rows[city.origin.origin, 1].state == "active"
    city.relieve(1)
    city.erase()
    platform.loses_answers = False
    city.platforms[1].run()
    platform.run()
    assert platform.rows[city.origin.origin, 1].state == "repaired"
    city.done(1)
    assert (1, "lifted") not in city.tell()
    city.done(0)
    assert city.tell()[-1] == (1, "lifted")


def test_an_outlet_that_joins_later_owes_what_it_was_told(city: City) -> None:
    """What ended before it joined it never had; of what stands then it is told when that ends."""
    city.list_(2)
    city.follow()
    city.relieve(0)
    for platform in city.platforms:
        platform.run()
    late = city.join("late")
    for number in (0, 1):
        city.done(number)
    assert city.tell()[-1] == (0, "lifted")
    late.run()
    assert late.rows == {}
    asked = [(0, False), (1, False)]  # by `huxin adapter redeliver`
    with city.node.store.write() as session:
        head = session.head(city.origin.origin)
        assert head is not None
        outlet = next(one.outlet for one in session.outlets() if one.name == "late")
        session.put_waiting(outlet, {(head.log, index): relief for index, relief in asked})
    late.run()
    city.relieve(1)
    for platform in city.platforms:
        platform.run()
    for number in (0, 1):
        city.done(number)
    assert (1, "lifted") not in city.tell()
    city.done(2)
    assert city.tell()[-1] == (1, "lifted")


def test_an_outlet_that_is_taken_out_owes_nothing(city: City) -> None:
    city.relieve(0)
    for platform in city.platforms:
        platform.run()
    city.done(0)
    assert (0, "lifted") not in city.tell()
    city.leave("two")
    tell_again(city)
    assert city.tell()[-1] == (0, "lifted")


def tell_again(city: City) -> None:
    with city.node.store.write() as session:
        head = session.head(city.origin.origin)
        assert head is not None
        tell_of_again(session, session.rows_at([(head.log, 0)]))
