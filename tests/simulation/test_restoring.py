"""A few worlds with restores in every run of the tests; `make soak NAME=restore` runs more."""

from __future__ import annotations

import pytest

from tests.simulation.restoring import outcome_of


@pytest.mark.parametrize("seed", [10, 22])
def test_a_world_whose_databases_are_set_back_holds(seed: int) -> None:
    trouble, _ = outcome_of(seed)
    assert not trouble
