"""Three real processes on lines that are cut, parted, half open and slow: nothing is lost.

The commands run in this process, as clients of the servers' sockets. `HUXIN_SOAK` gives other seeds
and more faults (`make soak NAME=network`).
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest

from node.demo.members import DemoMember
from tests.support.fault_proxy import FaultProxy, fault_proxy
from tests.support.federation_dirs import found
from tests.support.operating import publish, repair, status, wait_listed, wait_state
from tests.support.processes import eventually, serving

WEST = DemoMember(region="510300", name="自贡", apart=("510500",))
EAST = DemoMember(region="510500", name="泸州", apart=("510300",))
HUB = DemoMember(region="510000", name="四川", role="hub")
ALL = (WEST, EAST, HUB)
ROWS: Final = 1500
CRAWL_SECONDS: Final = 0.02
SOAK: Final = bool(os.environ.get("HUXIN_SOAK"))
FAULTS: Final = 60 if SOAK else 8

Lines = dict[str, FaultProxy]


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[Lines]:
    """A federation whose members find each other through lines that can fail."""
    with ExitStack() as stack:
        made: Lines = {}

        def line(region: str, port: int) -> int:
            made[region] = stack.enter_context(fault_proxy(port))
            return made[region].port

        found(tmp_path, ALL, line=line)
        yield made


@pytest.mark.process
@pytest.mark.timeout(3600 if SOAK else 300)
def test_lines_that_fail(tmp_path: Path, lines: Lines, pytestconfig: pytest.Config) -> None:
    seed = pytestconfig.getoption("hypothesis_seed", None) or 1
    chance = random.Random(int(seed))
    with serving(tmp_path, ALL):
        publish(tmp_path, WEST, range(ROWS))
        for _ in range(FAULTS):
            _fault(lines, chance)
        _heal(lines)
        listed = wait_listed(tmp_path, WEST, ROWS, ALL)
        _relief_comes_through_after_a_parting(tmp_path, lines, listed[0])
        if SOAK:
            _half_open_lines_are_noticed(tmp_path, lines, listed[1])
        _all_are_well(tmp_path)


def _relief_comes_through_after_a_parting(directory: Path, lines: Lines, listed: str) -> None:
    lines[HUB.region].part()
    lines[EAST.region].part()
    lines[WEST.region].part()
    eventually(
        "the city shows that it cannot reach the other's log",
        lambda: [s for s in [_state_of(directory, EAST, WEST)] if s != "unreachable"],
    )
    repair(directory, WEST, listed)
    wait_state(directory, listed, "repaired", (WEST,))
    publish(directory, EAST, range(ROWS, ROWS + 10))
    _heal(lines)
    wait_state(directory, listed, "repaired", ALL)
    wait_listed(directory, EAST, 10, ALL)


def _half_open_lines_are_noticed(directory: Path, lines: Lines, listed: str) -> None:
    """Within keep-alive's time, 40 s, though nothing says that the connections are dead."""
    for line in lines.values():
        line.freeze()
    repair(directory, WEST, listed)
    wait_state(directory, listed, "repaired", ALL)


def _fault(lines: Lines, chance: random.Random) -> None:
    """Let something happen to a line for a moment."""
    line = chance.choice(list(lines.values()))
    faults: list[Callable[[], None]] = [line.cut, line.part, lambda: line.crawl(CRAWL_SECONDS)]
    chance.choice(faults)()
    time.sleep(chance.random() / 2)
    if chance.random() < 0.5:
        line.heal()


def _heal(lines: Lines) -> None:
    for line in lines.values():
        line.heal()


def _state_of(directory: Path, member: DemoMember, other: DemoMember) -> str:
    (log,) = [log for log in status(directory, member)["logs"] if log["origin"] == other.origin]
    return str(log["state"])


def _all_are_well(directory: Path) -> None:
    """Nobody blames anybody: a bad line is nobody's lie."""
    eventually(
        "no node has a problem",
        lambda: {
            member.region: problems
            for member in ALL
            if (problems := status(directory, member)["problems"])
        },
    )
