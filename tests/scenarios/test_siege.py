"""Each besieger once, and every repair arrives; `make soak NAME=siege` does so for longer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.fresh import Emptied
from tests.support.siege import EAST, besieged
from tests.support.siege_plan import Plan

PLAN = Plan(
    seed=1,
    seconds=0,
    listings=18,
    pause=0.3,
    stay=(0.5, 1.5),
    at_once=(4, 4),
    flood=24,
    kills=False,
    arrival=90,
)


@pytest.fixture
def database(postgres_emptied: Emptied) -> Iterator[Callable[[str], str]]:
    """泸州 on PostgreSQL, the others on SQLite."""
    with postgres_emptied.lend() as url:
        yield lambda region: url if region == EAST.region else ""


@pytest.mark.process
@pytest.mark.soak
@pytest.mark.timeout(400)
def test_what_is_acknowledged_arrives_everywhere(
    tmp_path: Path, database: Callable[[str], str]
) -> None:
    with besieged(tmp_path, PLAN, database, print) as siege:
        outcome = siege.run()
    assert outcome.faults == []
    assert sum(outcome.said.values()) > PLAN.listings // 3
    assert len(outcome.besieged) >= 8
