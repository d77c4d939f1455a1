"""Where what needs a hand is settled: every code that the first page can show.

Covers node/console/settled.py.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from node.console.pages import PAGES
from node.console.settled import ON_THE_MACHINE, page_of
from node.texts.codes import CODES, chinese
from node.texts.fields import LOG_STATES
from tests.node.console.test_home import document, problem
from tests.support.console import FakeNode, signed_in

STATUS = Path(__file__).parents[3] / "node" / "status"
PATHS = {page.path for page in PAGES}


def test_cn12_every_code_that_the_status_names_has_a_page_or_is_seen_to_on_the_machine() -> None:
    named = {code for path in sorted(STATUS.glob("*.py")) for code in codes_of(path)}
    assert {"outcomes.reopened", "relief.late", "clock.differs", "log.forked"} <= named
    assert all(map(chinese, named))
    paged = {code for code in named if page_of(code, PATHS)}
    assert paged & ON_THE_MACHINE == set()
    assert named - paged == ON_THE_MACHINE


def codes_of(path: Path) -> Iterator[str]:
    """Codes of the problems that a module of the status document makes."""
    module = import_module(f"node.status.{path.stem}")

    def value(node: ast.expr) -> Iterator[str]:
        match node:
            case ast.Constant(value=str(code)):
                yield code
            case ast.Name(id=name) if isinstance(getattr(module, name, None), str):
                yield getattr(module, name)
            case ast.IfExp(body=body, orelse=other):
                yield from value(body)
                yield from value(other)
            case ast.JoinedStr():
                assert ast.unparse(node) == "f\"log.{log['state']}\""
                yield from (
                    f"log.{state}" for state in LOG_STATES if state not in ("ok", "waiting")
                )

    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id="_problem"), args=[code, *_]):
                yield from value(code)
            case ast.Dict(keys=[ast.Constant(value="code"), *_], values=[code, *_]):
                yield from value(code)


def test_cn12_every_page_that_settles_something_is_one() -> None:
    seen = {page_of(code, PATHS) for code in CODES} - {""}
    assert {one.partition("?")[0] for one in seen} <= PATHS


def test_cn12_a_link_is_shown_to_who_may_see_its_page() -> None:
    said = document(problems=[problem("outcomes.reopened"), problem("disk.full")])
    replies = {("GET", "/v1/status"): said}
    page = signed_in(FakeNode(replies=replies)).get("/").body.decode()
    assert page.count('<td data-label="怎么办"><a href="/checks">到“核查与反馈”办理</a>') == 1
    page = signed_in(FakeNode(replies=replies, roles=("audit",))).get("/").body.decode()
    assert "/checks" not in page
    assert "由本市有此权限的同事办理" in page
