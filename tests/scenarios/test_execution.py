"""No origin is told that a listing is lifted before the city's platforms have acknowledged it.

Covers node/log/executed.py, node/platform/demands.py.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from federation.ids import StatementId
from federation.statements import Kind
from node.log.receipt_queue import tell_of_again
from node.relief.erasure import Erasures
from tests.support.outlets import RememberingPlatform, demands_of
from tests.support.simulation import Federation, listing
from tests.support.telling import receipt_job, said_of

Federate = Callable[..., Federation]
CITY, PEER = "510300", "510500"


class City:
    """A city with two platforms, of which each acknowledges when it is let to."""

    def __init__(self, federate: Federate) -> None:
        self.federation = federate(CITY, PEER)
        self.federation.connect(CITY, PEER)
        self.origin, self.node = self.federation[CITY], self.federation[PEER]
        self.restart()

    def restart(self) -> None:
        """The jobs as at the start of a process; what platforms have stays theirs."""
        self.platforms = [RememberingPlatform(self.node, name) for name in ("one", "two")]
        self.receipts = receipt_job(self.node, outlets=("one", "two"))

    def list_(self, number: int) -> StatementId:
        return self.origin.list_(listing(number, audience=self.origin.audience()))

    def relieve(self, index: int) -> None:
        with self.origin.store.read() as session:
            head = session.head(self.origin.origin)
            assert head is not None
            (row,) = session.rows_at([(head.log, index)])
        self.origin.relieve(Kind.REPAIR, StatementId(row.statement_id))
        self.follow()

    def follow(self) -> None:
        self.federation.settle()
        self.node.reconcile()

    def tell(self) -> list[tuple[int, str]]:
        """Tell receipts; what was said so far of the origin's leaves, but for reliefs."""
        self.receipts.run()
        self.federation.settle()
        said = said_of(self.node, self.origin.origin)
        return [(index, word) for index, word, reason in said if reason]

    def erase(self) -> None:
        node = self.node
        erasures = Erasures(
            own=node.origin,
            registry=node.registry,
            now=node.clock.now,
            today=node.clock.today,
            failpoints=node.failpoints,
        )
        node.run(erasures.unit())

    def done(self, number: int) -> None:
        """A platform does what it was told, and says so."""
        self.platforms[number].acknowledges = True
        self.platforms[number].delivery.ask()
        self.platforms[number].acknowledges = False


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
    with city.node.store.write() as session:
        head = session.head(city.origin.origin)
        assert head is not None
        tell_of_again(session, session.rows_at([(head.log, 0)]))
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


@pytest.mark.parametrize("seed", range(6))
def test_no_history_says_lifted_before_it_is_acknowledged(city: City, seed: int) -> None:
    """Whatever comes in whatever order: tellings, words of platforms, erasures, restarts."""
    chance = random.Random(seed)
    city.relieve(0)
    done: set[int] = set()
    for _ in range(40):
        which = chance.randrange(2)
        match chance.randrange(5):
            case 0:
                city.platforms[which].run()
            case 1:
                if (city.origin.origin, 0) in city.platforms[which].rows and _ended(city, which):
                    done.add(which)
                city.done(which)
            case 2:
                city.erase()
            case 3:
                rows = [one.rows for one in city.platforms]
                city.restart()
                for one, had in zip(city.platforms, rows, strict=True):
                    one.rows = had
            case _:
                said = [word for _, word in city.tell()]
                assert said.count("lifted") <= 1
                assert "lifted" not in said or done == {0, 1}
    for which, platform in enumerate(city.platforms):
        platform.run()
        city.done(which)
    assert [word for _, word in city.tell()].count("lifted") == 1


def _ended(city: City, which: int) -> bool:
    return city.platforms[which].rows[city.origin.origin, 0].state == "repaired"
