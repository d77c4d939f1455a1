"""A few worlds of the simulation in every run of the tests; `make soak` runs many more."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.running import run_seed

SEEDS = range(6)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_world_holds(seed: int) -> None:
    assert not run_seed(seed).trouble


def test_a_seed_is_the_same_run_in_every_process() -> None:
    """Also where sets of strings come in another order."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.simulation", "3"],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split()[-1] == run_seed(3).digest
