"""`tests/vectors/conditions.json`: what conditions come to.

Covers node/codec/conditions.py.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from huxin.v1 import payload_pb2 as pb

from federation.conditions import (
    AtLeast,
    Decision,
    UnknownTest,
    asked_in,
    check_bounds,
    compare_grade,
    decide,
)
from federation.errors import StatementError
from node.codec.conditions import condition_from_proto
from tests.support.payload_vectors import FOLDER, document

CASES: list[dict[str, Any]] = json.loads((FOLDER / "conditions.json").read_text("utf-8"))["cases"]


def result_of(case: dict[str, Any]) -> str:
    if "asked" in case:
        grades = None if case["grades"] is None else tuple(case["grades"])
        test = AtLeast(method="m", edition="1", at_least=case["asked"])
        return compare_grade(test, case["held"], grades).value
    message = pb.Condition.FromString(bytes.fromhex(case["condition"]))
    condition = condition_from_proto(message)
    try:
        check_bounds(condition)
    except StatementError as error:
        return error.code
    if "answers" not in case:
        return "ok"
    asked = [test for test in asked_in(condition) if not isinstance(test, UnknownTest)]
    answers = dict(zip(map(id, asked), map(Decision, case["answers"]), strict=True))
    return decide(condition, lambda test: answers[id(test)]).value


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_conditions_come_to_what_the_vectors_say(case: dict[str, Any]) -> None:
    assert result_of(case) == case["result"]


def test_the_file_is_what_the_implementation_makes() -> None:
    assert (FOLDER / "conditions.json").read_text("utf-8") == document("conditions.json")
