"""The page of the interface: all of it, escaped, without script or anything from elsewhere."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from node.web import openapi, reading_page
from node.web.app import ROUTES
from tests.support.asgi import ask
from tests.support.fake_calls import BARE
from tests.support.operated import Operated

PAGE = reading_page.page(openapi.document()).decode()


def test_every_route_stands_on_it() -> None:
    shown = set(re.findall(r"<h2><code>([A-Z]+) ([^<]+)</code>", PAGE))
    assert set(ROUTES) <= shown


def test_nothing_runs_and_nothing_is_fetched() -> None:
    assert "<script" not in PAGE
    assert re.findall(r"""(?:src|href)=["']?([^"'> ]+)""", PAGE) == ["openapi.json"]
    assert not re.search(r" on[a-z]+=| style=", PAGE)
    policy = reading_page.HEADERS["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_what_is_described_is_escaped() -> None:
    evil: dict[str, Any] = {
        "info": {"title": "<b>", "description": "<i>"},
        "paths": {
            "/<a>": {
                "get": {
                    "summary": "<script>",
                    "parameters": [{"name": '"<p>', "in": "query", "description": "<q>"}],
                    "responses": {"200": {}},
                }
            }
        },
    }
    shown = reading_page.page(evil).decode()
    for tag in ("<b>", "<i>", "<a>", "<script>", '"<p>', "<q>"):
        assert tag not in shown


def test_it_is_for_everybody() -> None:
    found = ask(Operated(ThreadPoolExecutor(1)).app, "GET", "/v1/")
    assert found.status == 200
    assert found.headers["content-type"] == "text/html; charset=utf-8"
    assert found.headers["content-security-policy"].startswith("default-src 'none'")
    assert found.headers["x-content-type-options"] == "nosniff"
    assert found.body == reading_page.page(BARE)
