"""A few worlds of the simulation in every run of the tests; `make soak` runs many more."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from adapters.errors import HighWaterError
from tests.simulation.__main__ import digest_of
from tests.simulation.parts import MachineError, full, of_the_world
from tests.simulation.running import Outcome, run_seed

SEEDS = range(6)
FULL_AT_A_CUT = 3361
"""The disk is full when a charter cuts a log."""


@cache
def first_run(seed: int) -> Outcome:
    """The outcome of a seed, run once in this process."""
    return run_seed(seed)


@pytest.mark.parametrize("seed", [*SEEDS, FULL_AT_A_CUT])
def test_a_world_holds(seed: int) -> None:
    assert not first_run(seed).trouble


def test_a_seed_is_the_same_run_in_every_process() -> None:
    """Also where sets of strings come in another order, and for whom it is not the first."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.simulation", str(SEEDS[-1]), "--seeds", "1"],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        check=True,
        capture_output=True,
        text=True,
    )
    outcome = first_run(SEEDS[-1])
    assert done.stdout.splitlines()[0] == f"digest of all {digest_of([outcome])}"
    assert run_seed(SEEDS[-1]).digest == outcome.digest


def test_what_the_real_disk_does_is_not_taken_for_the_worlds() -> None:
    of_the_world(full())
    real = HighWaterError("cannot be written")
    real.__cause__ = OSError("no space left on device")
    with pytest.raises(MachineError):
        of_the_world(real)
