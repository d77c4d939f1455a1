"""The one file of a monitor: what it takes for its own, and what a kill leaves (MO6, MO7).

Covers node/audit/monitor_state.py, node/audit/monitor_report.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from federation.errors import RefusedError
from federation.ids import CharterId
from federation.statements import Kind
from node.audit import monitor_state
from node.audit.monitor_report import MonitorFigures, report_document
from node.audit.monitor_state import (
    MonitorState,
    format_seen,
    format_state,
    load_state,
    parse_seen,
    save_state,
)
from tests.node.audit.test_monitoring import rewritten
from tests.support.audited import CITY, DAY, World
from tests.support.monitored import Base, Watching


@pytest.fixture(scope="module")
def seen() -> MonitorState:
    """A state with everything in it: a finding of a leaf, and a fork."""
    world = World()
    world.listed()
    watched = Watching(world, Base("one"))
    watched.show()
    watched.round()
    world[CITY].say(Kind.LISTING, world.now - DAY)
    world.vouch()
    watched.show()
    watched.round()
    rewritten(world)
    watched.show()
    state = watched.round().state
    assert state.alerts
    assert state.forks
    return state


def test_a_state_is_read_as_it_was_written(tmp_path: Path, seen: MonitorState) -> None:
    path = tmp_path / "state"
    assert load_state(path, seen.pins) == MonitorState(pins=seen.pins)
    save_state(path, seen)
    assert load_state(path, seen.pins) == seen
    assert path.stat().st_mode & 0o777 == 0o600
    assert format_state(load_state(path, seen.pins)) == path.read_bytes()


def test_mo6_a_state_of_another_pin_is_refused(tmp_path: Path, seen: MonitorState) -> None:
    path = tmp_path / "state"
    save_state(path, seen)
    for pins in ((CharterId(bytes(32)),), (*seen.pins, CharterId(bytes(32)))):
        with pytest.raises(RefusedError) as caught:
            load_state(path, pins)
        assert caught.value.code == "monitor.pin"


def test_mo6_a_link_or_what_others_may_write_is_no_state(
    tmp_path: Path, seen: MonitorState
) -> None:
    real, path = tmp_path / "real", tmp_path / "state"
    save_state(real, seen)
    path.symlink_to(real)
    assert refused(path, seen) == "monitor.state"
    path.unlink()
    path.hardlink_to(real)
    assert refused(path, seen) == "monitor.state"
    path.unlink()
    path.mkdir()
    assert refused(path, seen) == "monitor.state"
    real.chmod(0o620)
    assert refused(real, seen) == "monitor.state"


def refused(path: Path, seen: MonitorState) -> str:
    with pytest.raises(RefusedError) as caught:
        load_state(path, seen.pins)
    return caught.value.code


@pytest.mark.parametrize(
    "change",
    [
        lambda _: None,
        lambda one: one | {"format": "huxin/monitor@v2"},
        lambda one: {key: value for key, value in one.items() if key != "logs"},
        lambda one: one | {"more": "x"},
        lambda one: one | {"forks": [{"origin": "a", "file": "no proof", "at": 1}]},
        lambda one: one | {"charters": {pin: ["AAAA"] for pin in one["charters"]}},
        lambda one: one | {"charters": {pin: [] for pin in one["charters"]}},
        lambda one: changed_log(one, size=1),
        lambda one: changed_log(one, frontier=[]),
        lambda one: changed_log(one, frontier=["A" * 43 + "="]),
        lambda one: changed_log(one, note=""),
        lambda one: changed_log(one, seen=["x"]),
        lambda one: one | {"logs": []},
        lambda one: one | {"alerts": [1]},
    ],
    ids=range(14),
)
def test_mo6_what_is_no_state_is_refused_and_left(
    tmp_path: Path, seen: MonitorState, change: Callable[[Any], Any]
) -> None:
    path = tmp_path / "state"
    said = change(json.loads(format_state(seen)))
    data = json.dumps(said).encode() if said is not None else b"{"
    path.write_bytes(data)
    path.chmod(0o600)
    assert refused(path, seen) == "monitor.state"
    assert path.read_bytes() == data


def changed_log(document: dict[str, Any], **changes: Any) -> dict[str, Any]:
    logs = dict(document["logs"])
    name = next(name for name, one in logs.items() if one["size"] == 2)
    return document | {"logs": logs | {name: logs[name] | changes}}


def test_a_state_is_bounded(
    tmp_path: Path, seen: MonitorState, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_state(tmp_path / "state", seen)
    monkeypatch.setattr(monitor_state, "MAX_STATE", 100)
    assert refused(tmp_path / "state", seen) == "monitor.state"


def test_what_was_seen_is_read_from_a_state_and_from_what_is_published(seen: MonitorState) -> None:
    assert parse_seen(format_seen(seen)) == parse_seen(format_state(seen))
    for data in (b"{}", b"[]", b"<html>", b'{"format":"huxin/seen@v1","logs":{"a":[1]}}'):
        with pytest.raises(RefusedError):
            parse_seen(data)


def test_report_and_figures_keep_apart_what_is_proved_and_what_is_not(world_round: Any) -> None:
    document = report_document(world_round)
    assert document["result"] == "findings"
    assert {one["code"] for one in document["findings"]} == {"time.behind", "log.forked"}
    assert document["forks"][0]["file"].startswith("huxin/fork@v1\n")
    assert {one["code"] for one in document["incomplete"]} == {
        "source.failed",
        "source.log-missing",
    }
    registry = CollectorRegistry()
    MonitorFigures(registry).told(world_round)
    text = generate_latest(registry).decode()
    assert 'huxin_monitor_findings{code="log.forked"} 1.0' in text
    assert 'huxin_monitor_incomplete{code="source.failed"} 1.0' in text
    assert f'huxin_monitor_log_size{{origin="{CITY}.huxin.example/1"}} 2.0' in text


@pytest.fixture
def world_round(seen: MonitorState) -> Any:
    world = World()
    watched = Watching(world, Base("one", down=True))
    watched.monitor.state = seen
    return watched.round()
