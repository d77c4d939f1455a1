"""A few worlds of the simulation in every run of the tests; `make soak` runs many more."""

from __future__ import annotations

import pytest

from tests.simulation.running import run_seed

SEEDS = range(10)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_world_holds(seed: int) -> None:
    assert not run_seed(seed).trouble


def test_a_seed_is_the_same_run_every_time() -> None:
    one, other = run_seed(3), run_seed(3)
    assert one == other
