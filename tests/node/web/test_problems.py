"""Errors as answers of HTTP: the table of the page is that of the program."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from adapters.errors import AdapterError
from federation.errors import FederationError, RefusedError, StatementError
from node.network.errors import UnavailableError
from node.texts.codes import chinese
from node.web import problems

PAGE = (Path(__file__).parents[3] / "docs" / "zh" / "checking.md").read_text("utf-8")
ROW = re.compile(r"^\| ([0-9、]+) \| (`.*?) \|", re.MULTILINE)
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
    for block in re.findall(r"^```json\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL):
        json.loads(block)


def test_messages_are_bounded() -> None:
    problem = problems.document(RefusedError("matter.unknown", "x" * 100_000))
    assert len(problem["detail_en"]) <= 2048
