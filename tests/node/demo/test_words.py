"""What the demo says at its end: words and names of cities, in the language that was asked for.

Covers node/demo/checks.py, node/demo/members.py.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from rich.cells import cell_len

from federation.intake.feed import Decision
from federation.rows import State
from node.cli.language import Language
from node.cli.render import COLUMNS
from node.demo.alliances import EXPECTED
from node.demo.checks import attested, not_attested
from node.demo.members import LUZHOU, ZIGONG
from node.demo.report import SENTENCES
from node.demo.words import Words

CHINESE, ENGLISH = Words(Language.ZH), Words(Language.EN)
LATIN, HAN = re.compile("[A-Za-z]"), re.compile("[一-鿿，：、（）]")

JUDGED = {
    "510500": {"state": "active", "rule": ""},
    "511000": {"state": "held", "rule": "identity.name-mismatch"},
}
STEPS: dict[str, dict[str, Any]] = {
    "connect": {"through_hub_only": ["510300", "511500"]},
    "publish": {"rows": 10_000, "published": 9925, "refused": 75},
    "attest": {"510500": {"510300": {"asked": 9, "agreed": 8, "unknown": 1}}},
    "reconcile": JUDGED,
    "old-file": {"510500": {"relieved-before": 1, "unchanged": 991}},
    "scenario": {"510500": "accepted", "510300": "declined"},
    "alliances": dict(EXPECTED),
    "check": {
        "511500": {"result": "match", "class": "prompt"},
        "510500": {"result": "prompted"},
        "510300": {"result": "match", "code": "matter.no-measure"},
    },
    "tender": {"511500": {"rows": 5000, "clear": 4988, "matches": 12}},
    "watch": {"511500": {"watched": 5000, "matches": 12, "told": "watch.now-match"}},
    "same-name": {"511500": {"result": "insufficient", "code": "identity.same-name"}},
    "cleared": {"511500": {"result": "clear", "superseded": 1}},
    "benefit": {
        "511000": {"result": "entitled"},
        "510300": {"result": "not", "code": "benefit.declined"},
        "510500": {"result": "used"},
    },
    "benefit-withdrawn": {"511000": {"result": "not", "code": "benefit.not-met"}},
    "benefit-equivalence": {"510100": {"result": "entitled", "code": "equivalence"}},
    "undone": {"511500": {"result": "reopened"}, "510500": {"result": "undone"}},
    "quality": {"511500": {"outcome": "rejected", "reason": "catalog.list-unknown"}},
}


@pytest.mark.parametrize("step", STEPS)
def test_results_are_in_one_language(step: str) -> None:
    assert not LATIN.search(CHINESE.results(step, STEPS[step]))
    assert not HAN.search(ENGLISH.results(step, STEPS[step]))


def test_a_state_without_a_rule_names_none() -> None:
    assert CHINESE.results("reconcile", JUDGED) == (
        "泸州：有效\n内江：待核（名称与法人库的现用名、曾用名均不一致）"
    )
    assert ENGLISH.results("reconcile", JUDGED) == (
        "Luzhou: active\nNeijiang: held (the name agrees with none that the base library knows for "
        "the code)"
    )


def test_numbers_and_cities() -> None:
    assert CHINESE.results("publish", STEPS["publish"]) == "行数 10000，发布 9925，拒收 75"
    assert ENGLISH.results("connect", STEPS["connect"]) == (
        "only through the hub of Sichuan: Zigong, Yibin"
    )
    assert CHINESE.results("agree", {}) == ""


def test_each_step_is_announced_in_one_language_on_one_line() -> None:
    for name, (chinese, english) in SENTENCES.items():
        assert not LATIN.search(chinese.replace("TLS", "")), name
        assert not HAN.search(english), name
        assert max(cell_len(chinese), cell_len(english)) <= COLUMNS, name


def test_a_subject_that_nobody_answers_for_is_waited_for() -> None:
    log = {"origin": ZIGONG.origin, "findings": {"identity.attested": 2, "record.recognised": 9}}
    held = log | {"findings": {"identity.attested": 1, "identity.subject-unknown": 2}}
    none = {"origin": LUZHOU.origin, "findings": {}}
    for shown, old, says in ((log, 0, ""), (held, 2, ""), (held, 1, "2 subjects of 510300")):
        found = attested({"510500": {"logs": [shown]}, "510300": {"logs": []}}, (ZIGONG, LUZHOU))
        assert says in not_attested(found, {"510300": old, "510500": 0})
        assert bool(says) is bool(not_attested(found, {"510300": old, "510500": 0}))
    found = attested({"510500": {"logs": []}, "510300": {"logs": [none]}}, (ZIGONG, LUZHOU))
    assert "0 subjects of 510500" in not_attested(found, {"510300": 0, "510500": 0})


def test_every_state_and_decision_has_a_word() -> None:
    for state in State:
        word = state.name.lower().replace("_", "-")
        assert not LATIN.search(CHINESE.state(word))
        assert word == "set-aside" or "-" not in ENGLISH.state(word)
    decided = {"511000": {decision.value: 1 for decision in Decision}}
    assert not LATIN.search(CHINESE.results("old-file", decided))


def test_what_arrived_in_a_platform() -> None:
    way = [{"version": 1, "state": "active"}, {"version": 2, "state": "repaired"}]
    assert CHINESE.way(way) == "1 有效 → 2 已修复"
    assert CHINESE.inbox({"outcome": "listed", "arrived": way[:1]}) == "列入 → 1 有效"
    assert CHINESE.inbox(None) == ""
    assert ENGLISH.counts({"511000": 3, "510300": 2}, ENGLISH.city) == "Neijiang 3, Zigong 2"


def test_who_is_listed_without_a_measure_is_no_bare_match() -> None:
    said = {"510300": {"result": "match", "code": "matter.no-measure"}}
    assert Words(Language.ZH).screened(said) == "自贡：列入，无措施，不得据此限制"
    assert Words(Language.EN).screened(said) == "Zigong: listed, no measure: restrict nobody by it"
