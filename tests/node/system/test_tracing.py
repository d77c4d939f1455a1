"""What a span can say, before any library sees it (TR1, TR3).

Covers node/system/tracing.py.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from federation.errors import RefusedError
from federation.ids import StatementId
from node.system import tracing
from node.system.failpoints import NAMES as STEPS
from node.system.tracing import (
    FORMS,
    NAMES,
    TRACE_SIZE,
    Value,
    known,
    outcome_of,
    point,
    set_tracer,
    span,
    trace_of,
)
from tests.support import canaries

NODE = Path(__file__).parents[3] / "node"
LISTING = StatementId(bytes(range(16)))


class Noted:
    """A tracer that keeps what it is given."""

    def __init__(self) -> None:
        self.said: list[tuple[str, bytes, Mapping[str, Value], bool]] = []

    @contextmanager
    def span(self, name: str, attributes: Mapping[str, Value]) -> Iterator[None]:
        self.said.append((name, b"", attributes, False))
        yield

    def point(
        self, name: str, trace: bytes, attributes: Mapping[str, Value], *, first: bool
    ) -> None:
        self.said.append((name, trace, attributes, first))

    def carried(self) -> Sequence[tuple[str, str]]:
        return ()

    @contextmanager
    def within(self, headers: Mapping[str, str]) -> Iterator[None]:
        del headers
        yield


@pytest.fixture
def noted() -> Iterator[Noted]:
    tracer = Noted()
    set_tracer(tracer)
    yield tracer
    set_tracer(None)


def calls(name: str) -> Iterator[tuple[Path, ast.Call]]:
    """The calls of a function of `node.system.tracing` in the program."""
    for path in sorted(NODE.rglob("*.py")):
        text = path.read_text("utf-8")
        if "node.system.tracing import" in text:
            for found in ast.walk(ast.parse(text)):
                if isinstance(found, ast.Call) and getattr(found.func, "id", "") == name:
                    yield path, found


def test_tr1_names_and_attributes_are_written_in_the_program_and_known() -> None:
    used = set()
    for kind in ("span", "point"):
        for path, call in calls(kind):
            name = call.args[0]
            assert {one.arg for one in call.keywords} <= {*FORMS, "first"}, path
            if isinstance(name, ast.Constant):
                used.add(name.value)
            else:  # a durable step, a group of questions
                assert path.name in ("failpoints.py", "together.py"), path
    assert used | {"check", "benefit"} == set(NAMES)
    assert not set(NAMES) & set(STEPS)


@pytest.mark.parametrize(
    "value",
    [canaries.CODE, canaries.name("值"), "hx1_" + "a" * 43, "2026-11-29", "a b", "", "x" * 300],
)
def test_tr1_a_value_of_another_form_is_left_out(noted: Noted, value: str) -> None:
    with span("call", **dict.fromkeys(FORMS, value)):
        point("relief told", LISTING, first=False, **dict.fromkeys(FORMS, value))
    left = {name for _, _, attributes, _ in noted.said for name in attributes}
    assert left <= ({"peer"} if value == "2026-11-29" else set()), "a node may be called so"
    assert known({"subject": 1, "code": "a.b"}) == {}


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, "ok"),
        (RefusedError("access.denied", canaries.name("错")), "access.denied"),
        (ValueError(canaries.CODE), "error"),
        (RefusedError(canaries.CODE, ""), "error"),
    ],
)
def test_tr1_of_an_error_its_code_alone_is_told(error: Exception | None, outcome: str) -> None:
    assert outcome_of(error) == outcome


def test_tr3_a_relief_s_trace_is_made_of_the_listing_and_does_not_show_it(noted: Noted) -> None:
    point("relief said", LISTING, first=True)
    point("relief lifted", LISTING, log="510500.huxin.example/1")
    assert [(name, first) for name, _, _, first in noted.said] == [
        ("relief said", True),
        ("relief lifted", False),
    ]
    traces = {trace for _, trace, _, _ in noted.said}
    assert traces == {trace_of(LISTING)}
    assert len(trace_of(LISTING)) == TRACE_SIZE
    assert trace_of(LISTING) != LISTING
    assert trace_of(StatementId(bytes(16))) not in traces


def test_without_a_tracer_nothing_is_recorded_and_all_goes_on() -> None:
    point("relief said", LISTING)
    with span("check", questions=1), tracing.within({"traceparent": "x"}):
        assert tracing.carried() == ()
