"""Errors as answers of HTTP: the table of the page is that of the program."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from adapters.errors import AdapterError
from federation.errors import FederationError, RefusedError, StatementError
from federation.screening.questions import QuestionError, read
from node.network.errors import UnavailableError
from node.screening.outcome_desk import read_report
from node.texts.codes import chinese
from node.web import problems

PAGE = (Path(__file__).parents[3] / "docs" / "zh" / "checking.md").read_text("utf-8")
ROW = re.compile(r"^\| ([0-9、]+) \| (`.*?) \|", re.MULTILINE)
FIELDS = ("request_id", "matter", "case_no", "code", "name")
AWAY = ("node.not-ready", "http.busy")


def rows() -> list[tuple[set[int], str]]:
    return [
        ({int(status) for status in said.split("、")}, code)
        for said, codes in ROW.findall(PAGE)
        for code in re.findall(r"`([a-z]+\.[a-z-]+)`", codes)
    ]


def error_of(code: str) -> FederationError | AdapterError | ValueError:
    if code == "store.failed":
        return AdapterError("full")
    if code == "http.internal":
        return ValueError("a fault")
    if code in AWAY:
        return UnavailableError(code, "away")
    return (StatementError if code.startswith("http.") else RefusedError)(code, "refused")


def test_the_page_names_most_codes() -> None:
    assert len(rows()) >= 25


@pytest.mark.parametrize(("statuses", "code"), rows())
def test_every_code_of_the_page_has_its_status_and_a_text(statuses: set[int], code: str) -> None:
    problem = problems.document(error_of(code))
    assert problem["code"] == code
    assert problem["status"] in statuses
    assert problem["title"] == chinese(code)


def test_what_stands_on_the_page_as_json_is_json() -> None:
    blocks = re.findall(r"^```json\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert blocks
    assert all(isinstance(json.loads(block), dict) for block in blocks)


def test_messages_are_bounded() -> None:
    problem = problems.document(RefusedError("matter.unknown", "x" * 100_000))
    assert len(problem["detail_en"]) <= 2048


def test_details_say_in_chinese_what_was_expected_and_what_came() -> None:
    with pytest.raises(QuestionError) as purpose:
        read(dict.fromkeys(FIELDS, "1") | {"purpose": "curiosity"})
    assert "应为 joint-punishment、" in problems.document(purpose.value)["detail"]
    said = {"check": "1", "origin": "2", "index": 3, "result": "refused", "decided_on": 20261129}
    with pytest.raises(RefusedError) as result:
        read_report(said)
    detail = problems.document(result.value)["detail"]
    assert detail.startswith("结果应为 applied、prompted、")
    assert "拦截" not in detail, "the measure may be a prompt"
    reason = RefusedError("outcome.reason", "expected one of outcome.error, got 'x-y'")
    assert problems.document(reason)["detail"].endswith("应为 outcome.error，实为 x-y")
    assert problems.document(RefusedError("access.matter", "no"))["detail"] == "凭据不含此事项"
