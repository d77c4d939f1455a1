"""A few worlds whose clocks jump in every run of the tests; `make soak NAME=clocks` runs more."""

from __future__ import annotations

import pytest

from tests.simulation.jumping import trouble_of


@pytest.mark.parametrize("seed", range(3))
def test_a_world_whose_clocks_jump_holds(seed: int) -> None:
    assert not trouble_of(seed)
