"""A few worlds in which nodes also tell receipts: nothing twice, nothing lost, and then silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulation.telling import TellingWorld

SEEDS = (100, 206)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_world_that_tells_comes_to_rest(seed: int, tmp_path: Path) -> None:
    world = TellingWorld(seed, tmp_path, lambda _: None)
    try:
        world.run()
    finally:
        world.close()
    assert world.told
