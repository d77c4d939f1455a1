"""After a loss of power everything that was answered is there, and nothing is said twice.

The load is that of `test_crash`, on SQLite: its database, the mark, the key ring and the outbox.
It is recorded once; each seed loses the power at a point. `make soak NAME=power-loss` takes many.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.power_sweep import Run, check_point, recorded_in
from tests.support.system_calls import NoTracingError, Sync, require_tracing

SEEDS = 6
SEEDS_IN_MARK = 3

pytestmark = pytest.mark.xdist_group("power")  # the load is recorded once


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """The load, recorded."""
    try:
        require_tracing()
    except NoTracingError as error:
        pytest.skip(str(error))
    with recorded_in(tmp_path_factory.mktemp("power")) as run:
        yield run


@pytest.mark.process
@pytest.mark.parametrize("seed", range(SEEDS))
def test_power_lost(seed: int, run: Run, tmp_path: Path) -> None:
    check_point(run, seed, tmp_path)


@pytest.mark.process
@pytest.mark.parametrize("seed", range(SEEDS_IN_MARK))
def test_power_lost_while_the_mark_is_written(seed: int, run: Run, tmp_path: Path) -> None:
    """Its slot is the old one, the new one, or torn."""
    check_point(run, seed, tmp_path, in_mark=True)


def test_the_recording_has_what_is_synced(run: Run) -> None:
    """The control: of every file that matters there are operations, and the last one is durable."""
    synced = {one.path.name for one in run.operations if isinstance(one, Sync)}
    assert {"huxin.db", "huxin.db-wal", "state"} < synced
    assert "high-water" in synced
    assert len(run.in_mark) > 10
    assert any(name.startswith(".keyring.json.") for name in synced)
