"""`huxin recover` between real nodes over mutual TLS, after an older backup was restored.

Covers node/cli/recover.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from node.demo.members import DemoMember
from node.directory.config import load_config
from tests.support.backups import backed_up
from tests.support.commands import run
from tests.support.federation_dirs import LIST_TYPE, found, set_key
from tests.support.operating import publish, repair, status, wait_listed, wait_state
from tests.support.processes import eventually, serving

CITY = DemoMember(region="510500", name="泸州")
HUB = DemoMember(region="510000", name="四川", role="hub")
BOTH = (CITY, HUB)
REFUSED, UNREACHABLE = 3, 4


@pytest.mark.process
@pytest.mark.soak
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "databases", ["sqlite", pytest.param("postgres", marks=pytest.mark.soak)], indirect=True
)
def test_a_restored_backup_is_refilled_from_the_hub(
    tmp_path: Path, databases: Callable[[str], str]
) -> None:
    directory = tmp_path / "nodes"
    directory.mkdir()
    found(directory, BOTH, databases)
    city = directory / CITY.region
    with serving(directory, BOTH) as processes:
        publish(directory, CITY, range(4))
        wait_listed(directory, CITY, 4, BOTH)
        processes.stop(CITY)
        with backed_up(load_config(city).database_url, tmp_path) as older:
            processes.start(CITY)
            processes.wait_ready(CITY)
            publish(directory, CITY, range(4, 10))
            listed = wait_listed(directory, CITY, 10, BOTH)
            repair(directory, CITY, listed[5])
            wait_state(directory, listed[5], "repaired", BOTH)
            before = _own(directory, HUB)
            processes.stop(CITY)
            unreachable = run("recover", "--dir", city)
            assert unreachable.code == UNREACHABLE
            set_key(city, "url", json.dumps(older))
            processes.start(CITY)
            processes.wait_ready(CITY)
            _refuses(directory)
            recovered = run("recover", "--dir", city, "-o", "json")
            assert recovered.code == 0, recovered.err
            assert recovered.json["refilled"] >= 7
            assert recovered.json["openings"] >= 6  # the relieved listing may be erased by now
            eventually("the city signs what the hub holds", lambda: _differs(directory, before))
            _same_file_publishes_nothing(directory)
            wait_state(directory, listed[5], "repaired", BOTH)
            publish(directory, CITY, range(20, 22))
            wait_listed(directory, CITY, 12, BOTH)
            again = run("recover", "--dir", city)
            assert again.code == REFUSED
            assert "recover.not-needed" in again.err
            processes.stop(CITY)


def _own(directory: Path, member: DemoMember) -> dict[str, object]:
    logs = {log["origin"]: log for log in status(directory, member)["logs"]}
    log = logs[CITY.origin]
    return {name: log[name] for name in ("state", "log_state", "records")}


def _refuses(directory: Path) -> None:
    assert _own(directory, CITY)["state"] == "refused"
    (problem, *_) = status(directory, CITY)["problems"]
    assert problem["code"] == "high-water.ahead"
    assert "huxin recover" in problem["fix"]


def _differs(directory: Path, before: dict[str, object]) -> object:
    now = _own(directory, CITY)
    return "" if now["state"] == "ok" and now["records"] == before["records"] else now


def _same_file_publishes_nothing(directory: Path) -> None:
    path = directory / f"{CITY.region}-4.csv"
    taken = run(
        "publish", path, "--list", LIST_TYPE, "--dir", directory / CITY.region, "-o", "json"
    )
    assert taken.code == 0, taken.err
    assert taken.json["published"] == 0
