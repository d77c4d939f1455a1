"""Equal logs, openings, journal, catalogs and base library give the same `local_state`.

However they came: in batches of any size, of several logs in any order, with openings that come
late, batches twice, with restarts and rebuilds between. Many more in `make soak NAME=local-state`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.twin_sweep import check


@pytest.mark.parametrize("seed", [9, 16, 18])
def test_it_does_not_matter_how_it_came(seed: int, tmp_path: Path) -> None:
    check(seed, tmp_path, lambda name: f"sqlite:///{tmp_path}/{name}.db")


def test_nor_in_which_database(tmp_path: Path, databases: Callable[[str], str]) -> None:
    check(8, tmp_path, databases)
