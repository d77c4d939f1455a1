"""`tests/vectors/bounds.json`: of each bound of a payload one payload that is beyond it."""

from __future__ import annotations

import json

import pytest

from federation.errors import StatementError
from node.codec import ProtobufPayloads
from tests.support.bound_cases import FILE, document

CASES = json.loads(FILE.read_text("utf-8"))["cases"]
LEAST = 200
"""Bounds that the file has at least; a walk that finds fewer has lost its way."""


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_each_payload_is_refused_for_its_bound(case: dict[str, str]) -> None:
    with pytest.raises(StatementError) as refused:
        ProtobufPayloads().facts(int(case["kind"]), bytes.fromhex(case["payload"]))
    assert refused.value.code == case["result"]


def test_the_file_is_what_the_options_give() -> None:
    assert FILE.read_text("utf-8") == document()
    assert len(CASES) >= LEAST
