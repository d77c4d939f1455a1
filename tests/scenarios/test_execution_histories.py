"""Random histories of tellings and acknowledgements, against what the platforms themselves know.

None has a `lifted` that a platform which has the listing did not acknowledge, and none in which one
that owes is missing from what is outstanding: here, and at the origin. Covers node/log/executed.py,
node/platform/demands.py.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest

from adapters.platform.acknowledging import Said
from federation.ids import StatementId
from federation.relief.execution import Acknowledgement
from federation.statements import Kind
from node.texts.states import UNDO
from tests.support.executing import City
from tests.support.followed_repairs import shown
from tests.support.outlets import RememberingPlatform, demands_of
from tests.support.simulation import Federation

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
"""Nothing here depends on the database."""
SEEDS = range(int(os.environ.get("HUXIN_HISTORIES", "6")))
STEPS = 60
LISTED = 4
ENDED = ("repaired", "withdrawn", UNDO)


class History:
    """What happened so far."""

    def __init__(self, city: City, chance: random.Random) -> None:
        self.city, self.chance = city, chance
        self.listed: list[int] = []
        """Their places in the origin's log."""
        self.reliefs: dict[int, StatementId] = {}

    def step(self) -> None:
        chance, city = self.chance, self.city
        number = chance.randrange(len(city.platforms))
        match chance.randrange(11):
            case 0 if len(self.listed) < LISTED:
                city.list_(len(self.listed) + 1)
                self.listed.append(city.size() - 1)
                city.follow()
            case 1 if standing := [i for i in self.listed if i not in self.reliefs]:
                index = chance.choice(standing)
                kind = chance.choice((Kind.REPAIR, Kind.WITHDRAWAL))
                self.reliefs[index] = city.relieve(index, kind)
            case 2 | 3 | 4:
                self.run(city.platforms[number])
            case 5:
                city.done(number)
            case 6:
                self.lie(number)
            case 7:
                city.erase()
            case 8:
                city.restart()
            case 10 if standing := [i for i in self.listed if i not in self.reliefs]:
                city.mask(chance.choice(standing))
            case 9 if len(city.names) < 3 and chance.random() < 0.2:
                city.join("late")
            case _:
                self.check()

    def run(self, platform: RememberingPlatform) -> None:
        """Tell a platform, which may be down, or take what it is told and not answer."""
        mood = self.chance.randrange(4)
        platform.fault = "platform.unreachable" if mood == 0 else ""
        platform.loses_answers = mood == 1
        platform.run()
        platform.fault, platform.loses_answers = "", False

    def lie(self, number: int) -> None:
        """A platform acknowledges what it was not told, or was told otherwise since."""
        city, name = self.city, self.city.names[number]
        index = self.chance.choice(self.listed or [0])
        with city.node.store.read() as session:
            head = session.head(city.origin.origin)
            outlet = next(one.outlet for one in session.outlets() if one.name == name)
            demand = None if head is None else session.demands(outlet, head.log, [index]).get(index)
        said = demand.number if demand else 0
        other = self.chance.choice(
            [n for n in (1, said - 1, said + 1, 10_000) if n not in (0, said)]
        )
        word = Acknowledgement(max(other, 1), done=True)
        if word.number != said:
            demands_of(city.node.store).take(outlet, [Said(city.origin.origin, index, word)])

    def owing(self, index: int) -> list[str]:
        """The platforms that have a listing and have not said that they took it out."""
        place = (self.city.origin.origin, index)
        return [
            name
            for name, one in zip(self.city.names, self.city.platforms, strict=True)
            if place in one.rows
            and not (
                one.rows[place].state in ENDED and one.done.get(place) == one.rows[place].state
            )
        ]

    def check(self) -> None:
        city = self.city
        said = city.tell()
        lifted = [index for index, word in said if word == "lifted"]
        assert len(set(lifted)) == len(lifted)
        assert [index for index in lifted if self.owing(index)] == []
        who = city.origin.trust().city(city.node.origin)
        for index, relief in self.reliefs.items():
            if self.owing(index):
                assert who in shown(city.origin, relief)["outstanding"]

    def check_end(self) -> None:
        """Whoever owes now was told so and is named; when all have done it, all is lifted."""
        city = self.city
        for platform in city.platforms:
            platform.run()
        owed = {(name, index) for index in self.reliefs for name in self.owing(index)}
        with city.node.store.read() as session:
            head = session.head(city.origin.origin)
            named = {
                (one.name, demand.idx)
                for one in session.outlets()
                if head is not None
                for demand in session.unacknowledged(one.outlet, (-1, -1), 99)
            }
        assert owed <= named
        self.check()
        for number in range(len(city.platforms)):
            city.done(number)
        self.check()
        held = {place[1] for one in city.platforms for place in one.rows}
        said = city.tell()
        assert {i for i in self.reliefs if i in held} <= {i for i, word in said if word == "lifted"}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_history(federate: Callable[..., Federation], seed: int) -> None:
    history = History(City(federate), random.Random(seed))
    for _ in range(STEPS):
        history.step()
    history.check_end()
