"""The description of the HTTP interface: whole, valid, and what stands in `protos/`.

Covers node/web/log_openapi.py, node/web/openapi_batches.py, node/web/openapi_departments.py,
node/web/openapi_displays.py, node/web/openapi_scenarios.py.
"""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from prometheus_client import CollectorRegistry

from node.texts.codes import chinese
from node.web import log_app, openapi, problems
from node.web.app import ROUTES, Application
from node.web.figures import Figures
from node.web.log_app import LogApplication
from tests.support.asgi import ask
from tests.support.fake_calls import (
    BARE,
    BATCH,
    DISPLAYED,
    NO_UPLOADS,
    OUTCOME,
    QUESTION,
    FakeCalls,
    FakeNode,
)
from tests.support.fake_shown import FakeJoining, FakeShown

ROOT = Path(__file__).parents[3]
DESCRIPTION: dict[str, Any] = json.loads((ROOT / "protos" / "openapi.json").read_text("utf-8"))
SCHEMAS = DESCRIPTION["components"]["schemas"]


def schema(name: str) -> Draft202012Validator:
    return Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": DESCRIPTION["components"]}
    )


def references(part: object) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"]} if "$ref" in part else set()
        return own.union(*(references(value) for value in part.values()))
    if isinstance(part, list):
        return set().union(*map(references, part))
    return set()


def test_the_committed_description_is_that_of_the_program() -> None:
    assert openapi.document() == DESCRIPTION, "run `make protos`"


def test_every_route_and_nothing_else_is_described() -> None:
    described = {
        (method.upper(), path)
        for path, item in DESCRIPTION["paths"].items()
        for method in item
        if method not in ("parameters", "servers")
    }
    assert described == {*ROUTES, *log_app.ROUTES}


def test_the_routes_are_those_of_the_application() -> None:
    threads = ThreadPoolExecutor(1)
    app = Application(
        FakeCalls(),
        threads=threads,
        figures=Figures(CollectorRegistry()),
        description=BARE,
        node=FakeNode(),
        operators=threads,
        uploads=NO_UPLOADS,
    )
    for _, path in ROUTES:
        asked = re.sub(r"\{[a-z_]+\}", "1", path)
        allowed = ask(app, "OPTIONS", asked).headers["allow"].split(", ")
        methods = {method for method, other in ROUTES if other == path}
        assert set(allowed) - {"HEAD", "OPTIONS"} == methods
    fake, figures = FakeShown(), Figures(CollectorRegistry())
    logs = LogApplication(fake, fake, FakeJoining(), threads=ThreadPoolExecutor(1), figures=figures)
    for method, path in log_app.ROUTES:
        allowed = ask(logs, "OPTIONS", path).headers["allow"].split(", ")
        assert set(allowed) - {"HEAD", "OPTIONS"} == {method}


def test_schemas_are_valid_and_all_references_lead_somewhere() -> None:
    for one in SCHEMAS.values():
        Draft202012Validator.check_schema(one)
    for reference in references(DESCRIPTION):
        assert reference.startswith("#/components/schemas/")
        found: Any = DESCRIPTION
        for name in reference.split("/")[1:]:
            found = found[name]
        assert found
    names = [
        operation["operationId"]
        for item in DESCRIPTION["paths"].values()
        for method, operation in item.items()
        if method not in ("parameters", "servers")
    ]
    assert len(names) == len(set(names))


def test_what_the_program_takes_is_what_is_described() -> None:
    schema("Question").validate(QUESTION)
    schema("Outcome").validate(OUTCOME)
    schema("Batch").validate(BATCH)
    assert not schema("Batch").is_valid(BATCH | {"rows": BATCH["rows"] * 1001})
    schema("Displays").validate(DISPLAYED)
    schema("TakenDown").validate({"rows": [1, 1000]})
    assert not schema("Displays").is_valid(DISPLAYED | {"rows": []})
    assert not schema("TakenDown").is_valid({"rows": [1001]})
    assert not schema("Question").is_valid(QUESTION | {"code": 1})
    assert not schema("Question").is_valid(QUESTION | {"more": "x"})


def test_every_status_of_the_program_is_described_somewhere() -> None:
    described = {
        int(status)
        for item in DESCRIPTION["paths"].values()
        for method, operation in item.items()
        if method not in ("parameters", "servers")
        for status in operation["responses"]
    }
    assert set(problems.TITLES) == described - {200, 202}


def test_every_code_of_the_program_has_a_chinese_text() -> None:
    web = (ROOT / "node" / "web").glob("*.py")
    said = {
        code
        for path in web
        for code in re.findall(r'"((?:http|access)\.[a-z-]+)"', path.read_text("utf-8"))
    }
    assert "http.field" in said
    assert {code for code in said if not chinese(code)} <= {
        "access.budget",
        "access.expired",
        "access.revoked",
        "access.slow",
        "access.unknown",
    }, "those come with the credentials"
