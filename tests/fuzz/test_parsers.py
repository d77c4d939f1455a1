"""Every parser of foreign bytes against mutated bytes; longer, and by coverage, in `make soak`."""

from __future__ import annotations

import random

import pytest

from tests.fuzz.mutating import mutate
from tests.fuzz.targets import TARGETS

INPUTS = 600
SEED = 20261121


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_are_accepted(name: str) -> None:
    target = TARGETS[name]
    assert target.seeds()
    assert all(target.run(seed) for seed in target.seeds())


@pytest.mark.parametrize("name", TARGETS)
def test_mutated_bytes_are_refused_or_mean_what_they_say(name: str) -> None:
    target = TARGETS[name]
    chosen, seeds = random.Random(f"{SEED}{name}"), target.seeds()
    accepted = 0
    count = max(10, INPUTS // target.cost)
    for _ in range(count):
        accepted += target.run(mutate(chosen, chosen.choice(seeds), seeds))
    assert accepted < count


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_is_no_input(name: str) -> None:
    for data in (b"", b"\x00", b"\n", b"\xff" * 100):
        TARGETS[name].run(data)
