"""Requests made out of `protos/openapi.json` by schemathesis: valid ones, and ones that are not.

Whatever comes, what leaves is one of the answers that are described: never a fault of the node's,
and nothing that was sent stands in it.
"""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from schemathesis import Case, GenerationMode, openapi

from federation.errors import RefusedError
from node.web import problems
from node.web.uploads import Uploads
from tests.support.asgi import Answered, ask
from tests.support.fake_calls import TOKEN
from tests.support.operated import Operated

DESCRIPTION: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "protos" / "openapi.json").read_text("utf-8")
)
PROBLEM = Draft202012Validator(
    {"$ref": "#/components/schemas/Problem", "components": DESCRIPTION["components"]}
)
FOUND: list[Any] = [
    found.ok()  # type: ignore[union-attr]  # the description is valid
    for found in openapi.from_dict(DESCRIPTION).get_all_operations()
]
OURS = [one for one in FOUND if one.path.startswith(("/v1/", "/healthz"))]
EXAMPLES = 400 if os.environ.get("HUXIN_SOAK") else 25


class World(Operated):
    """The application beside a node that refuses whatever reaches it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(ThreadPoolExecutor(2), uploads=Uploads(folder / "uploads", 65536))
        self.node.error = RefusedError("request.reused", "expected the request as first sent")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("described"))


def cases(mode: GenerationMode) -> st.SearchStrategy[Case[Any]]:
    return st.sampled_from(OURS).flatmap(lambda one: one.as_strategy(generation_mode=mode))


def sent(world: World, case: Case[Any]) -> Answered:
    """Send a case, with a token that counts; headers of which there can be none are left out."""
    query = urlencode(cast("Any", case.query) or {}, doseq=True)
    headers = [("Authorization", f"Bearer {TOKEN}")]
    for name, value in dict(case.headers or {}).items():
        plain = name.isascii() and name.isprintable() and str(value).isprintable()
        if plain and str(value).isascii() and name.lower() == "idempotency-key":
            headers.append((name, str(value)))
    body = b""
    if case.media_type:
        headers.append(("Content-Type", case.media_type))
        said = case.body
        body = said if isinstance(said, bytes) else json.dumps(said, default=str).encode()
    target = case.formatted_path + (f"?{query}" if query else "")
    return ask(world.app, case.method.upper(), target, headers, body)


def check(case: Case[Any], found: Answered) -> None:
    described = case.operation.definition.raw["responses"]
    assert str(found.status) in described or found.status in (404, 405), found.body
    assert found.status < 500, found.body
    if found.status >= 400:
        assert found.headers["content-type"] == problems.MEDIA_TYPE
        PROBLEM.validate(found.json())


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), deadline=None)
@given(case=cases(GenerationMode.POSITIVE))
def test_what_is_described_is_answered_as_described(world: World, case: Case[Any]) -> None:
    check(case, sent(world, case))


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), deadline=None)
@given(case=cases(GenerationMode.NEGATIVE))
def test_what_is_not_described_is_refused_as_described(world: World, case: Case[Any]) -> None:
    check(case, sent(world, case))
