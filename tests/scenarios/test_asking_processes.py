"""Members are asked before the first signature, between real nodes over mutual TLS.

The whole machine is set back to an earlier day, mark and database alike; then its mark is lost.

Covers node/peers/own_log_claims.py.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from node.demo.members import DemoMember
from node.demo.processes import Processes
from node.directory.config import load_config
from node.network import startup_inquiry
from tests.support.backups import backed_up
from tests.support.commands import Ran, run
from tests.support.federation_dirs import LIST_TYPE, found, set_key, write_list
from tests.support.operating import publish, repair, status, wait_listed, wait_state
from tests.support.processes import eventually, serving

CITY = DemoMember(region="510500", name="泸州")
HUB = DemoMember(region="510000", name="四川", role="hub")
BOTH = (CITY, HUB)
REFUSED = 3


@pytest.mark.process
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "databases", ["sqlite", pytest.param("postgres", marks=pytest.mark.soak)], indirect=True
)
def test_a_machine_set_back_signs_no_second_history(
    tmp_path: Path, databases: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a machine that does much else the hub's answer to a command may take longer than usual.
    monkeypatch.setattr(startup_inquiry, "ASK_SECONDS", 60.0)
    directory = tmp_path / "nodes"
    directory.mkdir()
    found(directory, BOTH, databases)
    city = directory / CITY.region
    mark = city / "state" / "high-water"
    with serving(directory, BOTH) as processes:
        publish(directory, CITY, range(4))
        wait_listed(directory, CITY, 4, BOTH)
        processes.stop(CITY)
        yesterday = shutil.copytree(mark.parent, tmp_path / "state")
        with backed_up(load_config(city).database_url, tmp_path) as older:
            publish(directory, CITY, range(4, 10))  # no node runs: the hub is asked
            _start(processes, CITY)
            wait_listed(directory, CITY, 10, BOTH)
            processes.stop(CITY)
            shutil.copyfile(yesterday / mark.name, mark)
            set_key(city, "url", json.dumps(older))
            if older.startswith("postgresql"):  # with the query log in it
                for one in yesterday.glob("queries-*"):
                    shutil.copyfile(one, mark.parent / one.name)
            refused = _publish(directory, 20)
            assert refused.code == REFUSED
            assert "own-log.behind" in refused.err
            assert "huxin recover" in refused.err
            shutil.copyfile(yesterday / mark.name, mark)  # what the command learnt is forgotten
            _start(processes, CITY)
            eventually("the node has heard of it", lambda: _refused(directory) != "own-log.behind")
            assert run("recover", "--dir", city).code == 0
            publish(directory, CITY, range(20, 22))
            wait_listed(directory, CITY, 12, BOTH)
            _well(directory)
            processes.stop(CITY)
            _mark_is_made_again(directory, mark)
            _alone(directory, mark, processes)
            _start(processes, HUB)
            _start(processes, CITY)
            wait_listed(directory, CITY, 15, BOTH)
            _well(directory)
            processes.stop(CITY)


def _mark_is_made_again(directory: Path, mark: Path) -> None:
    """The hub is the only other member: its answer is enough."""
    mark.unlink()
    published = _publish(directory, 30)
    assert published.code == 0, published.err
    assert "own-log" not in published.err
    assert mark.exists()


def _alone(directory: Path, mark: Path, processes: Processes) -> None:
    """Nobody answers: a command goes on and says so; without a mark it needs two persons."""
    processes.stop(HUB)
    published = _publish(directory, 31)
    assert published.code == 0
    assert published.err.count("own-log.unchecked") == 1
    listed = wait_listed(directory, CITY, 14, (CITY,))
    repair(directory, CITY, listed[0])
    wait_state(directory, listed[0], "repaired", (CITY,))
    mark.unlink()
    refused = _publish(directory, 32)
    assert refused.code == REFUSED
    assert "high-water.missing" in refused.err
    word = ("recover", "--go-on", "--dir", directory / CITY.region, "--by", "王演示")
    one = run(*word, "--reason", "盘坏（演示）")
    assert one.code == REFUSED
    assert "recover.two-persons" in one.err
    assert run(*word, "--by", "李演示", "--reason", "盘坏（演示）").code == 0
    published = _publish(directory, 32)
    assert published.code == 0, published.err
    assert "own-log" not in published.err


def _publish(directory: Path, row: int) -> Ran:
    path = directory / f"{CITY.region}-{row}.csv"
    write_list(path, CITY.region, range(row, row + 1))
    return run("publish", path, "--list", LIST_TYPE, "--dir", directory / CITY.region, "-o", "json")


def _start(processes: Processes, member: DemoMember) -> None:
    processes.start(member)
    processes.wait_ready(member)


def _refused(directory: Path) -> str:
    return str(next((p["code"] for p in status(directory, CITY)["problems"]), ""))


def _well(directory: Path) -> None:
    eventually(
        "nobody has anything to complain of",
        lambda: [
            problem
            for member in BOTH
            for problem in status(directory, member)["problems"]
            if problem["code"] != "clock.unconfirmed"  # of two nobody can confirm the other's time
        ],
    )
