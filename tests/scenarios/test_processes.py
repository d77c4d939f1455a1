"""Three real nodes over mutual TLS: two cities that reach each other only through the hub.

The commands run in this process, as clients of the servers' sockets; the servers are processes.

Covers node/app/wire_log.py, node/app/wire_peers.py, node/app/wire_status.py,
node/app/wiring.py, node/attestation/wiring.py,
node/cli/serve.py, node/cli/status.py, node/clocks/wiring.py, node/demo/child.py,
node/demo/client.py, node/demo/founding.py, node/demo/processes.py, node/directory/opened.py,
node/platform/wiring.py, node/publishing/wiring.py, node/quality/wiring.py,
node/reconcile/wiring.py, node/records/wiring.py, node/relief/wiring.py, node/services/admin.py,
node/status/report.py, node/system/hardening.py, node/system/interpreter.py, node/system/threads.py,
node/upkeep/wiring.py, node/workers/wiring.py, node/cli/peer_walk.py.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from node.demo.members import DemoMember
from node.demo.processes import Processes
from node.directory.presence import read_node_file
from tests.support.commands import run
from tests.support.federation_dirs import found
from tests.support.operating import publish, repair, status, wait_listed, wait_state
from tests.support.processes import DEADLINE_SECONDS, eventually, serving

WEST = DemoMember(region="510300", name="自贡", apart=("510500",))
EAST = DemoMember(region="510500", name="泸州", apart=("510300",))
HUB = DemoMember(region="510000", name="四川", role="hub")
ALL = (WEST, EAST, HUB)
ROWS = 12
STATUS_SECONDS = 30
UNREACHABLE = 4


# The demo's story has processes on SQLite in every run.
@pytest.mark.process
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "databases", [pytest.param("sqlite", marks=pytest.mark.soak), "postgres"], indirect=True
)
def test_a_federation_of_processes(tmp_path: Path, databases: Callable[[str], str]) -> None:
    directory = tmp_path / "nodes"
    directory.mkdir()
    found(directory, ALL, databases)
    with serving(directory, ALL) as processes:
        _are_connected_as_configured(directory)
        _cannot_be_served_twice(directory)
        _ways_are_walked(directory)
        _writes_no_core_file(directory)
        publish(directory, WEST, range(ROWS))
        listed = wait_listed(directory, WEST, ROWS, ALL)
        repair(directory, WEST, listed[0])
        wait_state(directory, listed[0], "repaired", ALL)
        _catch_up(directory, processes)
        _agree(directory, ALL)
    for member in ALL:
        _exports_verify(directory, member, tmp_path / "exports" / member.region)
    assert not list(directory.glob("*/node.json"))


def _are_connected_as_configured(directory: Path) -> None:
    wanted = {WEST: [HUB.region], EAST: [HUB.region], HUB: [WEST.region, EAST.region]}
    eventually(
        "each city is connected with the hub and with nobody else",
        lambda: {
            member.region: peers
            for member in ALL
            if (peers := status(directory, member)["peers"]) != wanted[member]
        },
    )


def _writes_no_core_file(directory: Path) -> None:
    for member in ALL:
        pid = read_node_file(directory / member.region).pid
        (limit,) = re.findall(r"Max core file size +(\d+|unlimited)", _proc(pid, "limits"))
        assert limit == "0"


def _proc(pid: int, name: str) -> str:
    return Path(f"/proc/{pid}/{name}").read_text()


def _ways_are_walked(directory: Path) -> None:
    """To the hub to the end; to who dials only the hub, up to where it refuses."""
    done = run("doctor", "--peer", HUB.region, "--dir", directory / WEST.region, "-o", "json")
    steps = {step["step"]: step["state"] for step in done.json["steps"]}
    ways = "name connection tls certificate validity answer node charters clock"
    assert steps == dict.fromkeys(ways.split(), "ok")
    assert done.code == 0
    done = run("doctor", "--peer", EAST.region, "--dir", directory / WEST.region, "-o", "json")
    assert (done.code, done.json["steps"][-1]["step"]) == (1, "answer")
    assert done.json["steps"][-1]["state"] == "failed"
    assert "peer.not-member" in run("doctor", "--peer", "9", "--dir", directory / WEST.region).err


def _cannot_be_served_twice(directory: Path) -> None:
    command = [sys.executable, "-c", "from node.cli.main import main; main()", "serve"]
    ended = subprocess.run(
        [*command, "--dir", str(directory / WEST.region)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )
    said = ended.stderr.decode()
    assert ended.returncode == UNREACHABLE, said
    assert "node.running" in said
    assert status(directory, WEST)["node"]["region"] == WEST.region


def _catch_up(directory: Path, processes: Processes) -> None:
    """While one city is down, both others speak; started again it has it all by itself."""
    own = wait_listed(directory, WEST, ROWS, (WEST,))
    publish(directory, EAST, range(100, 100 + ROWS))
    wait_listed(directory, EAST, ROWS, ALL)
    processes.stop(EAST)
    publish(directory, WEST, range(ROWS, 2 * ROWS))
    repair(directory, WEST, own[1])
    wait_state(directory, own[1], "repaired", (WEST, HUB))
    processes.start(EAST)
    processes.wait_ready(EAST)
    wait_listed(directory, WEST, 2 * ROWS, ALL)
    wait_state(directory, own[1], "repaired", ALL)


def _agree(directory: Path, members: Sequence[DemoMember]) -> None:
    """Every node says that it is well, and all say the same of every log."""
    for member in members:
        waited = run(
            "status", "--dir", directory / member.region, "--wait", STATUS_SECONDS, "-o", "json"
        )
        assert waited.code == 0, waited.out
        assert waited.json["problems"] == []

    def differing() -> list[Any]:
        fields = ("size", "root", "log_state", "records")
        seen = [
            {log["origin"]: [log[name] for name in fields] for log in shown["logs"]}
            for shown in (status(directory, member) for member in members)
        ]
        return [one for one in seen if one != seen[0]]

    eventually("all nodes hold the same logs", differing)
    sizes = {log["origin"]: log["size"] for log in status(directory, HUB)["logs"]}
    assert sizes[WEST.origin] >= 2 * ROWS + 2
    assert sizes[EAST.origin] >= ROWS


def _exports_verify(directory: Path, member: DemoMember, out: Path) -> None:
    """Exported from the directory at rest, every log verifies with nothing else at hand."""
    exported = run("log", "export", out, "--dir", directory / member.region, "-o", "json")
    assert exported.code == 0, exported.err
    verified = run("log", "verify", out, "-o", "json")
    assert verified.code == 0, verified.out
    logs = {log["origin"]: log for log in verified.json["logs"]}
    assert {WEST.origin, EAST.origin} <= set(logs)
    assert all(log["ok"] for log in logs.values())
    assert verified.json["findings"] == []
