"""Alert rules and dashboards: they parse, and each metric and command that they name exists.

Covers deploy/monitoring/.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

from node.status.metrics import Metrics
from node.web.figures import Figures
from tests.support.shown_commands import check

FOLDER = Path(__file__).parents[2] / "deploy" / "monitoring"
RULES = yaml.safe_load((FOLDER / "rules.yaml").read_text("utf-8"))
DASHBOARDS = sorted(FOLDER.glob("dashboard-*.json"))
STATUS: dict[str, Any] = {
    "logs": [],
    "platforms": [],
    "acknowledging": [],
    "disk": {"free_bytes": 1, "reserve_bytes": 1},
    "scrub": {"damaged": [], "ended_at": 1},
    "requests": {"open": {"answer": 0, "sent": 0}, "overdue": {"answer": 0, "sent": 0}},
    "reliefs": {"by_member": {}},
    "displays": {"by_party": {}},
    "kept": {},
    "problems": [],
    "outcomes": {"pending": 0, "reopened": 0, "overdue": 0},
}
METRIC = re.compile(r"\bhuxin_[a-z_]+")
PROBLEM = re.compile(r'huxin_problems\{code=~"([^"]+)"')
COMMAND = re.compile(r"\bhuxin ((?:[a-z-]+ ?)+)")


def rules() -> Iterator[dict[str, Any]]:
    for group in RULES["groups"]:
        yield from group["rules"]


def expressions() -> list[str]:
    boards = [json.loads(path.read_text("utf-8")) for path in DASHBOARDS]
    shown = [t["expr"] for board in boards for panel in board["panels"] for t in panel["targets"]]
    return [*(rule["expr"] for rule in rules()), *shown]


def made() -> set[str]:
    """Every name of a sample that a node gives, the labels aside."""
    figures = Metrics(status=lambda: STATUS, blamed=dict, live=tuple)
    web = CollectorRegistry(auto_describe=False)
    Figures(web)
    names: set[str] = set()
    for registry in (figures.registry, web):
        for family in registry.collect():
            ends = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}
            names |= {family.name + end for end in ends.get(family.type, ("",))}
    return names


def test_each_metric_that_is_asked_for_exists() -> None:
    asked = {name for text in expressions() for name in METRIC.findall(text)}
    assert asked
    assert asked <= made()


def test_each_problem_that_is_asked_for_has_a_code_that_the_page_names() -> None:
    page = (FOLDER.parents[1] / "docs" / "operations" / "faults.md").read_text("utf-8")
    known = set(re.findall(r"`([a-z-]+\.[a-z-]+)`", page))
    asked = [set(one.split("|")) for text in expressions() for one in PROBLEM.findall(text)]
    assert len(asked) > 4
    for codes in asked:
        assert {code.replace("[.]", ".") for code in codes if not code.endswith(".+")} <= known
        begun = {code.replace("[.]", ".").removesuffix(".+") for code in codes if ".+" in code}
        assert all(any(one.startswith(start) for one in known) for start in begun)


def test_each_metric_that_a_node_gives_is_shown_or_watched() -> None:
    asked = {name for text in expressions() for name in METRIC.findall(text)}
    whole = {re.sub("_(count|sum|bucket)$", "", name) for name in made()}
    assert whole - {re.sub("_(count|sum|bucket)$", "", name) for name in asked} <= {
        "huxin_received_batches_total"
    }


def test_each_command_of_an_alert_exists() -> None:
    for rule in rules():
        for words in COMMAND.findall(rule["annotations"]["action"]):
            check(words.split())


def test_each_alert_says_in_chinese_what_is_and_what_to_do() -> None:
    for rule in rules():
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert {"summary", "action"} == set(rule["annotations"])
        assert re.search("[一-鿿]", rule["annotations"]["summary"])


def test_dashboards_have_no_two_panels_in_one_place() -> None:
    for path in DASHBOARDS:
        board = json.loads(path.read_text("utf-8"))
        taken: set[tuple[int, int]] = set()
        for panel in board["panels"]:
            at = panel["gridPos"]
            cells = {
                (x, y)
                for x in range(at["x"], at["x"] + at["w"])
                for y in range(at["y"], at["y"] + at["h"])
            }
            assert not cells & taken
            assert at["x"] + at["w"] <= 24
            taken |= cells


def test_the_rules_alert_when_they_should() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not here (Debian: prometheus)")
    for words in (["check", "rules", "rules.yaml"], ["test", "rules", "rules.test.yaml"]):
        done = subprocess.run(
            [promtool, *words], cwd=FOLDER, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr
