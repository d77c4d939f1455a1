"""Real nodes on the fake network, among whose members one lies: 510300."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from federation.charters.verification import Member, Role
from tests.support import charters as build
from tests.support.liar import HostileLog, Stream, invented
from tests.support.simulation import Federation, SimNode

HUB = "510000"


@pytest.fixture
def federate(tmp_path: Path) -> Iterator[Callable[..., Federation]]:
    """Makes real nodes of these members; the charter always names all four."""
    made: list[Federation] = []

    def make(*nodes: str, members: Sequence[Member] = ()) -> Federation:
        cities = [build.make_member(region) for region in ("510300", "510500", "511500")]
        hub = build.make_member(HUB, roles=(Role.HUB, Role.WITNESS))
        chain = build.make_chain(members or (*cities, hub))
        made.append(Federation(tmp_path, nodes, [chain]))
        return made[-1]

    yield make
    for federation in made:
        for node in federation.nodes.values():
            node.store.close()


@pytest.fixture
def victim(federate: Callable[..., Federation]) -> SimNode:
    """The node that is lied to."""
    return federate("510500")["510500"]


@pytest.fixture
def stream(victim: SimNode) -> Stream:
    """The liar's stream to the victim."""
    return Stream(victim)


@pytest.fixture
def log(victim: SimNode) -> HostileLog:
    """The liar's log: four true listings, of which nothing was delivered yet."""
    made = HostileLog()
    for number in range(1, 5):
        made.list_(invented(victim, number))
    return made
