"""Benign faults only: lines cut, processes started anew, old news, clocks apart. No accusation.

Every node is honest here. Whatever goes wrong between them, none may be blamed and no log may count
as forked; in the end all hold the same. A failure names its seed.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from federation.charters.verification import Role
from federation.errors import ReplicationError
from federation.ids import StatementId
from federation.statements import Kind
from tests.support import charters as build
from tests.support.simulation import Federation, SimNode, Wire, listing

CITIES, HUB = ("510300", "510500", "511500"), "510000"
MEMBERS = (*CITIES, HUB)
STEPS = 60
SEEDS = range(100) if os.environ.get("HUXIN_SOAK") else range(1)


class Story:
    """What happens to a federation, chosen by a seed."""

    def __init__(self, federation: Federation, seed: int) -> None:
        self.federation = federation
        self.chosen = random.Random(seed)
        self.listed: dict[str, list[StatementId]] = {city: [] for city in CITIES}
        self.old: dict[str, list[list[bytes]]] = {member: [] for member in MEMBERS}
        self.number = 0
        for city in CITIES:
            federation.connect(city, HUB)
        federation.connect(*CITIES[:2])

    @property
    def happenings(self) -> list[Callable[[], None]]:
        return [
            *[self.publish] * 3,
            *[self.move] * 6,
            self.relieve,
            self.cut_a_line,
            self.restart,
            self.compare_heads,
            self.tell_old_heads,
            self.pass_time,
            self.fetch_openings,
        ]

    def choose(self, count: int) -> int:
        return self.chosen.randrange(count)

    def one(self) -> SimNode:
        return self.federation[self.chosen.choice(MEMBERS)]

    def publish(self) -> None:
        city = self.chosen.choice(CITIES)
        node = self.federation[city]
        for _ in range(self.chosen.choice((1, 1, 5))):
            self.number += 1
            content = listing(self.number, audience=node.audience())
            self.listed[city].append(node.list_(content))

    def relieve(self) -> None:
        city = self.chosen.choice(CITIES)
        if self.listed[city]:
            statement = self.listed[city].pop(self.chosen.randrange(len(self.listed[city])))
            kind = self.chosen.choice((Kind.REPAIR, Kind.WITHDRAWAL))
            self.federation[city].relieve(kind, statement)

    def move(self) -> None:
        for _ in range(self.chosen.randrange(20)):
            self.federation.step(self.choose)

    def cut_a_line(self) -> None:
        """What is on the way is lost; both ends begin anew with what they hold."""
        wire = self.chosen.choice(self.federation.wires)
        one, other = wire.ends[0].member, wire.ends[1].member
        self.federation.cut(wire)
        self.federation.connect(one, other)

    def restart(self) -> None:
        node = self.one()
        node.restart()
        self.federation.reconnect(node.member)

    def compare_heads(self) -> None:
        """One asks another, whose answer may be late: it is of before what happens then."""
        wire, side = self.chosen.choice(self.federation.wires), self.chosen.randrange(2)
        peer = wire.ends[1 - side]
        notes, forks = peer.exchange.heads_for(wire.ends[side].member)
        self.old[peer.member].append(notes)
        self.move()
        if wire in self.federation.wires:
            self._tell(wire, side, notes, forks)

    def tell_old_heads(self) -> None:
        """An answer of long ago, such as out of a cache or after a restored snapshot of a hub."""
        wire, side = self.chosen.choice(self.federation.wires), self.chosen.randrange(2)
        told = self.old[wire.ends[1 - side].member]
        if told:
            self._tell(wire, side, self.chosen.choice(told), [])

    def _tell(self, wire: Wire, side: int, notes: list[bytes], forks: list[bytes]) -> None:
        wire.ends[side].exchange.take_heads(wire.sessions[side], notes, forks)

    def pass_time(self) -> None:
        self.federation.clock.advance(self.chosen.choice((1, 60, 4000)))
        for node in self.federation.nodes.values():
            if self.chosen.randrange(2):
                node.publisher.renew_head()
                node.exchange.published()

    def fetch_openings(self) -> None:
        node = self.one()
        for wire in self.federation.wires:
            if node in wire.ends:
                peer = wire.ends[1 - wire.ends.index(node)]
                for origin, indices in node.exchange.missing_openings(100).items():
                    try:
                        found = peer.exchange.openings_for(node.member, origin, indices)
                    except Exception:  # noqa: BLE001, S112 - that peer has not this log
                        continue
                    asked = list(zip(indices, found, strict=True))
                    node.exchange.take_openings(origin, asked, peer.member)


@pytest.fixture
def federation(tmp_path: Path) -> Iterator[Federation]:
    cities = [build.make_member(city) for city in CITIES]
    hub = build.make_member(HUB, roles=(Role.HUB, Role.WITNESS))
    made = Federation(tmp_path, MEMBERS, [build.make_chain([*cities, hub])])
    yield made
    for node in made.nodes.values():
        node.store.close()


@pytest.mark.parametrize("number", SEEDS)
def test_faults_of_nobody_accuse_nobody(
    federation: Federation, number: int, request: pytest.FixtureRequest
) -> None:
    """In a soak each run brings other seeds, by `--hypothesis-seed`."""
    seed = int(request.config.getoption("--hypothesis-seed") or 0) * len(SEEDS) + number
    story = Story(federation, seed)
    errors: list[ReplicationError] = []
    for _ in range(STEPS):
        story.chosen.choice(story.happenings)()
        errors += [error for wire in federation.wires for error in wire.errors]
        assert not errors, f"seed {seed}"
        for node in federation.nodes.values():
            assert node.exchange.forked() == frozenset(), f"seed {seed}"
            assert node.exchange.blamed() == {}, f"seed {seed}"
            assert node.publisher.refusal is None, f"seed {seed}"
    federation.settle()
    federation.assert_equal()
