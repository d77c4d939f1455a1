"""Faults of the demo: made, mended, one of a node at a time, over a socket of its directory.

Covers node/demo/faults.py, node/demo/simulated.py.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from federation.errors import RefusedError
from node.demo.faults import BREAK, FAULTS, HEAL, SOCKET, Faults, listening, order
from node.demo.members import HUB, NEIJIANG, YIBIN, DemoMember
from node.demo.processes import DemoError
from node.demo.simulated import AHEAD_SECONDS, CLOCK, DISK, LEFT_BYTES, simulate


class Nodes:
    """What was done to which node."""

    def __init__(self) -> None:
        self.up = {YIBIN.region, HUB.region, NEIJIANG.region}
        self.did: list[tuple[str, str]] = []

    def runs(self, member: DemoMember) -> bool:
        return member.region in self.up

    def start(self, member: DemoMember, fault: str = "") -> None:
        self.up.add(member.region)
        self.did.append((member.region, fault or "start"))

    def wait_ready(self, member: DemoMember) -> None:
        assert member.region in self.up

    def stop(self, member: DemoMember) -> None:
        self.up.remove(member.region)
        self.did.append((member.region, "stop"))


def test_a_node_is_stopped_and_started_again() -> None:
    nodes = Nodes()
    faults = Faults(nodes)
    assert faults.act(BREAK, "hub") == {"node": "510000", "name": "四川"}
    faults.act(BREAK, "hub")  # again does no harm
    assert HUB.region not in nodes.up
    faults.act(HEAL, "hub")
    faults.act(HEAL, "hub")
    assert nodes.did == [("510000", "stop"), ("510000", "start")]


@pytest.mark.parametrize("what", [CLOCK, DISK])
def test_a_machine_s_fault_is_pretended_to_a_node_that_runs(what: str) -> None:
    nodes = Nodes()
    faults = Faults(nodes)
    faults.act(BREAK, what)
    faults.act(HEAL, what)
    assert [did for _, did in nodes.did] == ["stop", what, "stop", "start"]
    assert NEIJIANG.region in nodes.up


def test_a_node_has_one_fault_at_a_time() -> None:
    faults = Faults(Nodes())
    faults.act(BREAK, CLOCK)
    with pytest.raises(RefusedError, match="heal clock first"):
        faults.act(BREAK, DISK)
    faults.act(BREAK, "宜宾")  # another node's


@pytest.mark.parametrize(("do", "what"), [(BREAK, "moon"), ("burn", "hub"), (BREAK, "")])
def test_another_word_is_refused_and_says_which_there_are(do: str, what: str) -> None:
    with pytest.raises(RefusedError, match=" \\| ".join(FAULTS)):
        Faults(Nodes()).act(do, what)


def test_orders_reach_the_demo_that_stays_up(tmp_path: Path) -> None:
    nodes = Nodes()
    with listening(tmp_path, Faults(nodes).act):
        assert (tmp_path / SOCKET).stat().st_mode & 0o777 == 0o600
        assert order(tmp_path, BREAK, "宜宾")["node"] == "511500"
        with pytest.raises(RefusedError, match="expected"):
            order(tmp_path, BREAK, "moon")
        assert order(tmp_path, HEAL, "宜宾")["name"] == "宜宾"
    assert nodes.up >= {YIBIN.region}
    assert not (tmp_path / SOCKET).exists()


def test_what_fails_in_the_demo_is_told(tmp_path: Path) -> None:
    def fail(do: str, what: str) -> dict[str, Any]:
        raise DemoError(f"{do} {what}: not ready")

    with listening(tmp_path, fail), pytest.raises(RefusedError, match="not ready"):
        order(tmp_path, HEAL, "hub")


def test_where_no_demo_stays_up_it_says_so(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(DemoError):
            order(place, BREAK, "hub")


def _pretended(fault: str, say: str) -> str:
    code = f"from node.demo.simulated import simulate; simulate({fault!r}); {say}"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.strip()


def test_the_clock_of_a_process_is_ahead() -> None:
    asked = "import time; from node.system.clock import SystemClock"
    say = f"{asked}; print(SystemClock().now() - int(time.time()))"
    assert abs(int(_pretended(CLOCK, say)) - AHEAD_SECONDS) <= 2


def test_the_disk_of_a_process_is_nearly_full() -> None:
    say = "import shutil; print(shutil.disk_usage('/').free)"
    assert int(_pretended(DISK, say)) == LEFT_BYTES
    assert shutil.disk_usage("/").free != LEFT_BYTES


def test_nothing_is_pretended_unless_asked() -> None:
    before: Callable[..., Any] = shutil.disk_usage
    simulate("")
    assert shutil.disk_usage is before
    with pytest.raises(ValueError, match="expected"):
        simulate("moon")
