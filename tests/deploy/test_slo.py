"""Service levels: each names a rule and a metric of it that exist, and no rule is without a level.

Covers docs/operations/slo.md.
"""

from __future__ import annotations

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations" / "slo.md").read_text("utf-8")
RULES = yaml.safe_load((ROOT / "deploy" / "monitoring" / "rules.yaml").read_text("utf-8"))
EXPRESSIONS = {rule["alert"]: rule["expr"] for group in RULES["groups"] for rule in group["rules"]}
OF_PEERS = {"HuxinPeerBlamed"}
"""What somebody else does is no level of this node."""


def levels() -> list[list[str]]:
    lines = re.findall(r"^\| (.*) \|$", PAGE, re.MULTILINE)
    return [line.split(" | ") for line in lines if "`Huxin" in line]


def test_each_level_is_watched_by_a_rule_that_counts_its_metric() -> None:
    assert levels()
    for _, target, metric, rule, budget in levels():
        assert target
        assert budget
        assert metric.strip("`") in EXPRESSIONS[rule.strip("`")], rule


def test_no_rule_is_without_a_level() -> None:
    assert {rule.strip("`") for _, _, _, rule, _ in levels()} == EXPRESSIONS.keys() - OF_PEERS
    assert all(f"`{name}`" in PAGE for name in OF_PEERS)


def test_relief_has_no_budget() -> None:
    for _, target, metric, _, budget in levels():
        if "relief" in metric:
            assert (target, budget) == ("all", "none")
