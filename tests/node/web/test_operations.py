"""Operations over HTTP, as their tables say: who may, what is asked of the node, what comes back.

Covers node/web/edge.py, node/web/operating.py, node/web/operation_tables.py,
node/web/openapi_operations.py, node/web/operations_status.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from huxin.v1 import admin_pb2
from prometheus_client import CollectorRegistry

from federation.errors import RefusedError, StatementError
from federation.screening.roles import Action, Asker, Role, allowed, check_allowed
from node.services.doors import METHODS
from node.web.app import Application
from node.web.figures import Figures
from node.web.node_channel import method_of
from node.web.operation_tables import OPERATIONS
from node.web.operations import NEVER, Ask, Operation, request_key
from tests.support.asgi import ask
from tests.support.fake_calls import BARE, NO_UPLOADS, OTHER, TOKEN, FakeCalls, FakeNode
from tests.support.operated import KEY, Operated, body_of, call, target_of

NAMES = [one.name for one in OPERATIONS]
BY_NAME = {one.name: one for one in OPERATIONS}


@pytest.fixture(scope="module")
def threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1)


@pytest.fixture
def world(threads: ThreadPoolExecutor) -> Operated:
    return Operated(threads)


class RoleNode(FakeNode):
    """A node at whose door tokens are roles, and which answers with nothing in it."""

    def call(self, token: str, rpc: str, request: Message, seconds: float = 1) -> Sequence[Any]:
        del request, seconds
        role = next((one for one in Role if token_of(one) == token), None)
        if role is None:
            raise RefusedError("access.unknown", "expected somebody's token")
        asker = Asker(credential="1", department="", roles=frozenset({role}))
        check_allowed(asker, METHODS[f"/huxin.v1.{rpc}"])
        return [GetMessageClass(method_of(rpc).output_type)()]


def token_of(role: Role) -> str:
    return "hx1_" + role.ljust(43, "-")


# ------------------------------------------------------------------ the tables


@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_an_operation_is_whole(operation: Operation) -> None:
    assert operation.path.startswith("/v1/")
    assert set(re.findall(r"\{([a-z_]+)\}", operation.path)) == {o.name for o in operation.place}
    names = [one.name for one in (*operation.place, *operation.query)]
    names += [one.name for one in operation.fields or ()]
    assert len(names) == len(set(names)), "each name says one thing"
    assert (operation.body is None and not operation.file) == (operation.method == "GET")
    assert operation.zh
    assert not operation.zh.isascii()
    takes_key = any("request_id" in method_of(r).input_type.fields_by_name for r in operation.rpcs)
    assert operation.keyed == takes_key
    for field in operation.body or ():
        assert field.example != "", f"{field.name}: an example"
    for rpc in operation.rpcs:
        assert f"/huxin.v1.{rpc}" in METHODS


def test_each_operation_has_its_own_name_and_route() -> None:
    assert len(BY_NAME) == len(OPERATIONS) == len({(one.method, one.path) for one in OPERATIONS})


def test_ht15_what_runs_a_node_stands_on_no_route() -> None:
    running = {name for name, action in METHODS.items() if action is Action.RUN_NODE}
    assert running <= {f"/huxin.v1.{one}" for one in NEVER} <= set(METHODS)
    for operation in OPERATIONS:
        assert not NEVER & set(operation.rpcs), operation.name


@pytest.mark.parametrize("role", Role)
def test_ht14_each_role_may_over_http_what_it_may_on_the_socket(
    threads: ThreadPoolExecutor, role: Role
) -> None:
    app = Operated(threads, RoleNode()).app
    wrong = []
    for operation in OPERATIONS:
        found = call(app, operation, token_of(role))
        denied = found.status == 403 and found.json()["code"] == "access.denied"
        may = all(allowed(role, METHODS[f"/huxin.v1.{rpc}"]) for rpc in operation.rpcs)
        if denied == may or found.status in (400, 401, 404, 405, 415):
            wrong.append((operation.name, role, found.status, found.body))
    assert wrong == []


def test_ht14_an_operation_calls_what_it_names_and_nothing_else() -> None:
    node = FakeNode()
    node.answers["Admin/GetStatus"] = [admin_pb2.GetStatusResponse(json="{}")]
    asked = Ask(node, TOKEN, BY_NAME["status"])
    asked.one("Admin/GetStatus", admin_pb2.GetStatusRequest())
    with pytest.raises(ValueError):  # noqa: PT011 - a fault of the program, without a text
        asked.one("Admin/GetProof", admin_pb2.GetProofRequest())
    assert [rpc for _, rpc, _ in node.asked] == ["Admin/GetStatus"]


# ------------------------------------------------------------------ requests


@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_ht1_without_a_token_nothing_is_asked(world: Operated, operation: Operation) -> None:
    for headers in ([], [("Authorization", f"Basic {TOKEN}")]):
        found = ask(world.app, operation.method, target_of(operation), headers)
        assert found.json()["code"] == "http.authorization"
    spoken = target_of(operation) + ("&" if "?" in target_of(operation) else "?") + f"x={OTHER}"
    found = ask(world.app, operation.method, spoken, [("Authorization", f"Bearer {TOKEN}")])
    assert found.json()["code"] == "access.token-exposed"
    assert world.calls.told == [(OTHER, "url")]
    assert world.node.asked == []


@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_ht2_a_parameter_that_is_not_declared_is_refused(
    world: Operated, operation: Operation
) -> None:
    target = target_of(operation)
    for name in ("code", "name", "document", "q"):
        more = f"{target}{'&' if '?' in target else '?'}{name}=91510500MAXA00000X"
        found = ask(world.app, operation.method, more, [("Authorization", f"Bearer {TOKEN}")])
        assert (found.status, found.json()["code"]) == (400, "http.query")
        assert "9151" not in found.body.decode()
    assert world.node.asked == []


def test_status_is_the_document_of_the_node(world: Operated) -> None:
    world.node.answers["Admin/GetStatus"] = [admin_pb2.GetStatusResponse(json='{"node": "泸州"}')]
    assert world.get("/v1/status").json() == {"node": "泸州"}
    world.node.error = RefusedError("access.denied", "角色无此权限 / expected another role")
    found = world.get("/v1/status")
    assert (found.status, found.json()["detail"]) == (403, "角色无此权限")


def test_what_is_not_below_v1_is_for_the_application_beside(threads: ThreadPoolExecutor) -> None:
    seen: list[str] = []

    async def beside(scope: Any, _receive: Any, send: Any) -> None:
        seen.append(scope["path"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"page"})

    app = Application(
        FakeCalls(),
        threads=threads,
        figures=Figures(CollectorRegistry()),
        description=BARE,
        node=FakeNode(),
        operators=threads,
        uploads=NO_UPLOADS,
        beside=lambda _: beside,
    )
    assert ask(app, "GET", "/").body == b"page"
    assert ask(app, "GET", "/v1x").body == b"page"
    assert ask(app, "GET", "/v1/nothing").json()["code"] == "http.path"
    assert ask(app, "GET", "/v1").json()["code"] == "http.path"
    assert ask(app, "GET", "/healthz").status == 200
    assert ask(app, "GET", f"/?t={OTHER}").json()["code"] == "access.token-exposed"
    assert seen == ["/", "/v1x"]


# ------------------------------------------------------------------ numbers of requests


KEYED = Operation(
    method="POST",
    path="/v1/x",
    name="x",
    zh="",
    en="",
    rpcs=(),
    serve=lambda _, said: said,
    answer={},
    body=(),
    keyed=True,
)
UUID = "5F0C7BE1-2A3D-4E6F-8091-A2B3C4D5E6F7"
ANOTHER = "0" * 32


def test_ht16_a_number_stands_in_the_body_or_in_the_header() -> None:
    assert request_key(KEYED, KEY, []) == KEY
    assert request_key(KEYED, "", [UUID]) == KEY
    assert request_key(KEYED, KEY, [UUID]) == KEY


@pytest.mark.parametrize(
    ("in_body", "in_headers"),
    [
        ("", []),
        (KEY, [ANOTHER]),
        ("", [KEY, ANOTHER]),
        ("", [KEY, KEY]),
        ("1", []),
        ("", ["zb-1"]),
        ("", [KEY + "0"]),
        ("", ["g" * 32]),
    ],
)
def test_ht16_none_two_or_another_form_is_refused(in_body: str, in_headers: list[str]) -> None:
    with pytest.raises(StatementError) as refused:
        request_key(KEYED, in_body, in_headers)
    assert refused.value.code == "http.idempotency"


def test_ht16_where_none_is_taken_none_is_ignored() -> None:
    status = BY_NAME["status"]
    assert request_key(status, "", []) == ""
    with pytest.raises(StatementError):
        request_key(status, "", [KEY])


def test_examples_are_what_the_description_takes() -> None:
    for operation in OPERATIONS:
        assert set(body_of(operation)) <= {one.name for one in operation.fields or ()}
