"""Operations over HTTP on a node as it is: what is described is what comes, as the commands say it.

Covers node/web/node_channel.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from huxin.v1.access_pb2 import NewCredentialRequest
from huxin.v1.access_pb2_grpc import AccessStub
from jsonschema import Draft202012Validator

from federation.screening.roles import Role, allowed
from node.app.local import connect
from node.app.wiring import build
from node.demo.members import DemoMember
from node.services.doors import METHODS
from node.web.operation_tables import OPERATIONS
from node.web.operations import Operation
from tests.support.asgi import ask
from tests.support.commands import run
from tests.support.federation_dirs import WiredNode, found
from tests.support.operated import Operated, Reached, target_of

CITY = DemoMember(region="510300", name="自贡")
PEER = DemoMember(region="510500", name="泸州")
JSON = ("Content-Type", "application/json")
# The security officer last: from then on nobody else gives out credentials.
PEOPLE = (Role.OPERATOR, Role.AUDIT, Role.SECURITY)
COMMANDS = {
    "/v1/repairs": ("repairs", "list"),
    "/v1/catalog/deadlines": ("catalog", "deadlines"),
    "/v1/quality?period=2026-10": ("quality", "--month", "2026-10"),
    "/v1/scenarios:matrix": ("scenarios", "matrix"),
    "/v1/charters/pending": ("charter", "pending"),
    "/v1/imports": ("imports", "list"),
}
"""Routes and commands of which one document comes."""


@dataclass(frozen=True)
class Office:
    """A node that has listed and repaired, reached over HTTP, and what its commands said before."""

    app: Any
    tokens: dict[Role, str]
    said: dict[str, Any]
    listing: str
    repair: str

    def get(self, operation: Operation, target: str) -> Any:
        role = next(
            one for one in PEOPLE if allowed(one, METHODS[f"/huxin.v1.{operation.rpcs[0]}"])
        )
        return self.ask(target, role)

    def ask(self, target: str, role: Role) -> Any:
        return ask(self.app, "GET", target, [("Authorization", f"Bearer {self.tokens[role]}")])


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("operations")
    found(folder, (CITY, PEER))
    directory = folder / CITY.region
    node = WiredNode(directory)
    listing = node.list_("1" * 32, 1).statement_id
    repair = node.repair("2" * 32, listing).statement_id
    node.close()
    said = {
        target: run(*words, "--dir", directory, "-o", "json").json
        for target, words in COMMANDS.items()
    }
    with connect(directory, build) as channel, ThreadPoolExecutor(1) as threads:
        yield Office(
            app=Operated(threads, Reached(channel)).app,
            tokens={role: _token(AccessStub(channel), role) for role in PEOPLE},
            said=said,
            listing=listing.hex(),
            repair=repair.hex(),
        )


def _token(access: AccessStub, role: Role) -> str:
    wanted = NewCredentialRequest(
        department="信用中心（演示）", roles=[role], budget=9, expires_on=20991231, by="张某"
    )
    return access.NewCredential(wanted).token


def _asked(office: Office, operation: Operation) -> str:
    """Where it is asked, about something that is there where it can be."""
    target = target_of(operation)
    for one in operation.place:
        if one.name == "statement_id":
            known = office.repair if "/repairs/" in operation.path else office.listing
            target = target.replace(str(one.example), known)
    return target


READING = [one for one in OPERATIONS if one.method == "GET" and one.media == "application/json"]


@pytest.mark.parametrize("operation", READING, ids=[one.name for one in READING])
def test_what_comes_is_what_is_described(office: Office, operation: Operation) -> None:
    made = office.get(operation, _asked(office, operation))
    if operation.place and made.status == 404:
        assert made.json()["code"] != "http.path", "there is none, though there could be"
        return
    assert made.status == 200, made.body
    Draft202012Validator(operation.answer).validate(made.json())


@pytest.mark.parametrize("target", COMMANDS)
def test_http_and_commands_give_the_same_documents(office: Office, target: str) -> None:
    made, said = office.ask(target, Role.OPERATOR).json(), office.said[target]
    rows = made["repairs"] if target == "/v1/repairs" else made
    assert json.dumps(rows, sort_keys=True) == json.dumps(said, sort_keys=True)


def test_what_is_read_over_http_stands_in_the_query_log(office: Office) -> None:
    """With the credential of who read it, as on the socket."""
    said = {"department": "信用中心（演示）", "by": ["张某"]}
    assert office.ask(f"/v1/repairs/{office.repair}", Role.OPERATOR).status == 200
    headers = [("Authorization", f"Bearer {office.tokens[Role.AUDIT]}"), JSON]
    made = ask(office.app, "POST", "/v1/queries:search", headers, json.dumps(said).encode())
    actions = {one["action"] for one in made.json()["queries"]}
    assert "repairs show" in actions
