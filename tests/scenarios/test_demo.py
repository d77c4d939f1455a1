"""`huxin demo`: the whole story once with real processes, and what stops it.

Covers node/demo/alliances.py, node/demo/command.py, node/demo/execution.py, node/demo/forks.py,
node/demo/furnishing.py, node/demo/offices.py, node/demo/report.py, node/demo/run.py,
node/demo/screening.py, node/demo/steps.py, node/demo/story.py, node/demo/benefits.py,
node/demo/recognising.py, node/demo/notices.py, node/demo/tender.py, node/demo/watching.py.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from federation.errors import RefusedError
from node.demo import checks
from node.demo.alliances import EXPECTED
from node.demo.founding import check_free, found_federation
from node.demo.members import (
    ALLIANCES,
    CHENGDU,
    DATA,
    HUB,
    LUZHOU,
    MEMBERS,
    SOUTH,
    YIBIN,
    ZIGONG,
    DemoMember,
    known_to,
    lineless,
    read_authorities,
)
from tests.support.federation_dirs import found
from tests.support.processes import ROOT

HUXIN = (sys.executable, "-c", "from node.cli.main import main; main()")
RUN_SECONDS = 300
OF_THESE_NODES = """
import pathlib, sys, time
from node.demo import members, processes
directory, *regions = sys.argv[1:]
processes.MEMBERS = tuple(m for m in members.MEMBERS if m.region in regions)
with processes.nodes(pathlib.Path(directory)):
    while True:  # for a signal that comes just before a long pause it would not end
        time.sleep(0.05)
"""
"""The demo between the start of its nodes and their stop, with fewer of them."""


@pytest.mark.soak  # 80 s of both processors; `make demo ARGS=--once` is the same story
@pytest.mark.process
@pytest.mark.timeout(RUN_SECONDS)
def test_the_story_is_told_once(tmp_path: Path) -> None:
    directory = tmp_path / "demo"
    ran = subprocess.run(
        [*HUXIN, "demo", "--once", "--dir", str(directory), "-o", "json"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr.decode()
    story = json.loads((directory / "story.json").read_text("utf-8"))
    assert json.loads(ran.stdout) == story
    assert story["ok"] is True
    steps = {step["name"]: step for step in story["steps"]}
    assert list(steps) == [
        "connect",
        "publish",
        "attest",
        "reconcile",
        "repair",
        "withdraw",
        "old-file",
        "scenario",
        "alliances",
        "invented-list",
        "quality",
        "outstanding",
        "catch-up",
        "notice",
        "campaign",
        "check",
        "tender",
        "watch",
        "same-name",
        "cleared",
        "undone",
        "benefit",
        "benefit-withdrawn",
        "benefit-equivalence",
        "certificate",
        "agree",
    ]
    assert steps["publish"]["results"]["rows"] == 10_000
    assert steps["publish"]["results"]["published"] == _accepted()
    judged = steps["reconcile"]["results"]
    assert {region: (said["state"], said["rule"]) for region, said in judged.items()} == {
        "510500": ("active", ""),
        "511000": ("held", "identity.name-mismatch"),
        "511500": ("rejected", "catalog.list-unknown"),
    }
    for name in ("repair", "withdraw", "catch-up"):
        assert len(steps[name]["statement_ids"]) == 2
        assert set(steps[name]["subject"]) == {"code", "name"}
        assert steps[name]["subject"]["name"].endswith("（演示）")
    for name in ("publish", "repair", "withdraw", "scenario", "catch-up"):
        assert steps[name]["to_last_node_s"] >= 0
    assert steps["scenario"]["results"] == {"510500": "accepted", "510300": "declined"}
    assert steps["alliances"]["results"] == EXPECTED
    assert len(steps["alliances"]["statement_ids"]) == 4
    assert steps["invented-list"]["results"] == {"510100": "catalog.ground-missing"}
    assert steps["quality"]["results"] == {
        "511000": {"outcome": "held", "reason": "identity.name-mismatch"},
    }
    told = steps["notice"]["results"]["510300"]
    assert (told["from"], told["state"]) == ("宜宾", "active")
    assert (directory / told["letter"]).stat().st_size > 0
    campaign = steps["campaign"]["results"]["510300"]
    assert campaign["rate"] == campaign["exited"] / campaign["subjects"]
    assert steps["outstanding"]["results"] == {"outstanding": ["自贡"]}
    executed = steps["certificate"]["results"]
    assert set(executed["lifted"]) == {"510300", "511000", "511500", "510100", "500152"}
    assert executed["changed"].startswith("repair-certificate.")
    assert [path.name for path in (directory / "certificate").iterdir()] == ["certificate.pdf"]
    assert steps["benefit"]["results"] == {
        "511000": {"result": "entitled"},
        "510300": {"result": "not", "code": "benefit.declined"},
        "510500": {"result": "used"},
    }
    withdrawn = steps["benefit-withdrawn"]["results"]
    assert withdrawn == {"511000": {"result": "not", "code": "benefit.not-met"}}
    assert steps["benefit-equivalence"]["results"]["510100"]["result"] == "entitled"
    assert steps["check"]["results"] == {
        "511500": {"result": "match", "class": "prompt"},
        "510500": {"result": "prompted"},
        "510300": {"result": "match", "code": "matter.no-measure"},
    }
    assert steps["tender"]["results"] == {"511500": {"rows": 5000, "clear": 4988, "matches": 12}}
    assert steps["watch"]["results"] == {
        "511500": {"watched": 5000, "matches": 12, "told": "watch.now-match"}
    }
    assert steps["same-name"]["results"] == {
        "511500": {"result": "insufficient", "code": "identity.same-name"}
    }
    assert steps["cleared"]["results"] == {"511500": {"result": "clear", "superseded": 1}}
    assert steps["undone"]["results"] == {
        "511500": {"result": "reopened"},
        "510500": {"result": "undone"},
    }
    assert [one["members"] for one in story["alliances"]] == [
        ["510300", "510500", "511000", "511500", "510000"],
        ["510500", "510100", "500152"],
    ]
    _same_everywhere(story)
    _no_process_is_left(directory)
    assert not list((DATA / "lists").rglob("*.errors.csv"))


def test_started_twice_it_says_what_is_in_the_way(tmp_path: Path) -> None:
    folder = tmp_path / ZIGONG.region
    folder.mkdir()
    with pytest.raises(RefusedError, match="it holds 510300"):
        check_free(tmp_path)
    (folder / "node.json").write_text('{"pid": 4711}', "utf-8")
    with pytest.raises(RefusedError, match=r"a demo is running there: 自贡 510300 \(pid 4711\)"):
        check_free(tmp_path)
    check_free(tmp_path / "absent")
    (tmp_path / "empty").mkdir()
    check_free(tmp_path / "empty")


@pytest.mark.process
@pytest.mark.parametrize(
    "number", [signal.SIGTERM, pytest.param(signal.SIGKILL, marks=pytest.mark.soak)]
)
def test_its_nodes_end_with_it(tmp_path: Path, number: signal.Signals) -> None:
    """Two of its nodes, as it starts them; what they say does not matter."""
    members = (ZIGONG, HUB)
    found(tmp_path, members)
    with subprocess.Popen(
        [sys.executable, "-c", OF_THESE_NODES, str(tmp_path), *(m.region for m in members)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as demo:
        try:
            told = [tmp_path / member.region / "node.json" for member in members]
            _eventually(lambda: all(path.exists() for path in told))
            running = [int(json.loads(path.read_text("utf-8"))["pid"]) for path in told]
            demo.send_signal(number)
            demo.wait(60)
        finally:
            demo.kill()  # else one that does not end is waited for
    _eventually(lambda: not any(map(_alive, running)))


def test_the_federation_is_founded_as_its_charter_says(tmp_path: Path) -> None:
    ids = found_federation(tmp_path, DATA)
    assert len(set(ids)) == len(ALLIANCES)
    for member in MEMBERS:
        config = (tmp_path / member.region / "huxin.toml").read_text("utf-8")
        for alliance, charter in zip(ALLIANCES, ids, strict=True):
            assert (charter.hex() in config) is (member in alliance.members)
        assert f"not_direct = {json.dumps(list(member.apart))}" in config
    assert (ZIGONG.apart, YIBIN.apart) == ((YIBIN.region,), ())


def test_data_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(RefusedError) as refused:
        read_authorities(tmp_path)
    assert refused.value.code == "demo.data-missing"


def status(**changes: Any) -> dict[str, Any]:
    log = {
        "origin": LUZHOU.origin,
        "size": 5,
        "root": "r",
        "log_state": "s",
        "signed_size": 5,
        "reconciled_to": 5,
        "state": "ok",
    }
    return {"logs": [log | changes], "peers": []}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, ""),
        ({"root": "other"}, "differs between"),
        ({"log_state": "other"}, "differs between"),
        ({"size": 4, "signed_size": 4, "reconciled_to": 4}, "holds 4 of 5"),
        ({"reconciled_to": 4}, "has not applied all"),
        ({"origin": "x/1"}, "does not hold"),
    ],
)
def test_agreement_names_what_differs(changes: dict[str, Any], says: str) -> None:
    statuses = {"510500": status(), "511000": status(**changes)}
    found = checks.not_agreed(statuses, {LUZHOU: 5})
    assert says in found
    assert bool(found) is bool(says)


def test_a_log_that_another_alliance_holds_is_named() -> None:
    here = {"510100": status(), "510500": status()}
    assert checks.not_agreed(here, {LUZHOU: 5}) == ""
    strange = {"510100": status(origin=ZIGONG.origin), "510300": status(origin=ZIGONG.origin)}
    assert "510100 holds" in checks.not_agreed(strange, {ZIGONG: 5})


def test_a_log_that_is_not_ok_is_named() -> None:
    assert checks.not_ok({"511000": status(state="stale")}) == (
        "511000: 510500.huxin.example/1 is stale"
    )
    assert checks.not_ok({"511000": status()}) == ""


def test_lines_that_are_missing_or_should_not_be_there_are_named() -> None:
    peers = {
        member.region: {"peers": [m.region for m in known_to(member) if m not in apart_of(member)]}
        for member in MEMBERS
    }
    assert checks.not_connected(peers) == ""
    peers[ZIGONG.region]["peers"].append(YIBIN.region)
    peers[HUB.region]["peers"].remove(LUZHOU.region)
    assert checks.not_connected(peers) == "自贡 → 511500, 四川 → 510500"


def apart_of(member: DemoMember) -> set[DemoMember]:
    return {member, *(other for other in MEMBERS if lineless(other, member))}


def test_who_follows_whom() -> None:
    assert known_to(ZIGONG) == SOUTH.members
    assert set(known_to(LUZHOU)) == set(MEMBERS)
    assert {m.region for m in known_to(CHENGDU)} == {"510500", "510100", "500152"}


def test_a_result_that_is_not_expected_is_named() -> None:
    result = {"rows": 3, "published": 2, "faults": {"a": 1}}
    expected = {"rows": 3, "accepted": 2, "faults": {"a": 1}}
    assert checks.unexpected_rows(result, expected) == ""
    wrong = checks.unexpected_rows(result, {"rows": 4, "accepted": 3, "faults": {}})
    assert wrong.count("expected") == 3


def _accepted() -> int:
    expected = json.loads((DATA / "lists" / "expected.json").read_text("utf-8"))
    return sum(file["accepted"] for file in expected.values() if "list" in file)


def _same_everywhere(story: dict[str, Any]) -> None:
    """Every node shows the logs of its alliances, and the same of each, and the reliefs in it."""
    assert set(story["nodes"]) == {member.region for member in MEMBERS}
    relieved = {
        ZIGONG: {"repaired": 1},
        LUZHOU: {"repaired": 2, "withdrawn": 2},
        YIBIN: {"withdrawn": 1},
    }
    seen: dict[str, set[tuple[Any, ...]]] = {}
    for reader in MEMBERS:
        logs = {log["origin"]: log for log in story["nodes"][reader.region]["logs"]}
        held = {member for member in MEMBERS if member.origin in logs}
        assert held == set(known_to(reader))
        for origin, log in logs.items():
            seen.setdefault(origin, set()).add((log["size"], log["root"], log["log_state"]))
        for member in held & relieved.keys():
            records = logs[member.origin]["records"]
            assert {state: records[state] for state in relieved[member]} == relieved[member]
    assert all(len(same) == 1 for same in seen.values())


def _no_process_is_left(directory: Path) -> None:
    assert not list(directory.glob("*/node.json"))
    assert not list(directory.glob("*/node.sock"))


def _eventually(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < until, "waited for too long"
        time.sleep(0.05)


def _alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    # a child that its killed parent left behind may wait as a zombie for whoever adopted it
    return stat.rpartition(") ")[2][0] != "Z"
