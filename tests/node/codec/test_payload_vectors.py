"""`tests/vectors/payloads.json`: what a reader takes, refuses and ignores, kind by kind.

Covers node/codec/acts.py, node/codec/candidates.py, node/codec/cases.py, node/codec/reader.py,
node/codec/shared.py.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from federation.errors import StatementError
from federation.life.reading import fits_action
from federation.statements import Kind
from node.codec import ProtobufPayloads, payload_to_json
from tests.support.payload_vectors import FOLDER, document

PAYLOADS = ProtobufPayloads()
CASES: list[dict[str, Any]] = json.loads((FOLDER / "payloads.json").read_text("utf-8"))["cases"]
RULES = {f"P{number}" for number in range(1, 13)} | {"S11"}


def result_of(case: dict[str, Any]) -> str:
    raw = bytes.fromhex(case["payload"])
    try:
        facts = PAYLOADS.facts(case["kind"], raw)
    except StatementError as error:
        return error.code
    if case["kind"] == Kind.REQUEST and not fits_action(case["action"], facts.body):
        return "request.body"
    return "ok"


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_payloads_are_read_as_the_vectors_say(case: dict[str, Any]) -> None:
    assert result_of(case) == case["result"]
    if "says" in case:
        said = PAYLOADS.decode(case["kind"], bytes.fromhex(case["payload"]))
        assert payload_to_json(said) == case["says"]


def test_each_rule_and_each_kind_has_a_case() -> None:
    negative = {case["name"].split()[0] for case in CASES if case["result"] != "ok"}
    assert negative >= RULES
    assert {case["kind"] for case in CASES if case["result"] == "ok"} == set(Kind)
    names = [(case["name"], case["kind"]) for case in CASES]
    assert len(names) == len(set(names))


def test_the_file_is_what_the_implementation_makes() -> None:
    assert (FOLDER / "payloads.json").read_text("utf-8") == document("payloads.json")
