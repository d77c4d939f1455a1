"""Requests made of the tables of operations: an example of each, with somebody's token."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import grpc
from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp

from node.web.app import Application
from node.web.figures import Figures
from node.web.node_channel import Caller, NodeChannel
from node.web.operations import Operation
from node.web.uploads import Uploads
from tests.support.asgi import Answered, ask
from tests.support.fake_calls import BARE, NO_UPLOADS, TOKEN, FakeCalls, FakeNode

KEY = "5f0c7be12a3d4e6f8091a2b3c4d5e6f7"


class Operated:
    """The application, and a node that answers what it is told to."""

    def __init__(
        self,
        threads: ThreadPoolExecutor,
        node: Caller | None = None,
        uploads: Uploads = NO_UPLOADS,
    ) -> None:
        self.node: Any = node or FakeNode()
        self.calls = FakeCalls()
        self.registry = CollectorRegistry()
        self.app = Application(
            self.calls,
            threads=threads,
            figures=Figures(self.registry),
            description=BARE,
            node=self.node,
            operators=threads,
            uploads=uploads,
        )

    def get(self, target: str) -> Answered:
        return ask(self.app, "GET", target, [("Authorization", f"Bearer {TOKEN}")])

    def post(self, target: str, said: object, *headers: tuple[str, str]) -> Answered:
        always = (("Authorization", f"Bearer {TOKEN}"), ("Content-Type", "application/json"))
        return ask(self.app, "POST", target, (*always, *headers), json.dumps(said).encode())


class Reached(NodeChannel):
    """The node at the other end of a channel, wherever it runs."""

    def __init__(self, channel: grpc.Channel) -> None:
        super().__init__(Path())
        self._given = channel

    def _connected(self) -> grpc.Channel:
        return self._given


def target_of(operation: Operation) -> str:
    """Its path, filled in, with the parameters that it demands."""
    path = operation.path
    for one in operation.place:
        path = path.replace(f"{{{one.name}}}", str(one.example))
    query = {one.name: str(one.example) for one in operation.query if one.required}
    return path + (f"?{urlencode(query)}" if query else "")


def body_of(operation: Operation) -> dict[str, Any]:
    """Its body, with every field that it demands, and the request's number where one is taken."""
    said = {one.name: one.example for one in operation.body or () if one.required}
    return said | ({"request_id": KEY} if operation.keyed else {})


def call(app: ASGIApp, operation: Operation, token: str, **more: Any) -> Answered:
    """Make the request; `more` are further fields of its body."""
    headers = [("Authorization", f"Bearer {token}")]
    body = b""
    if operation.body is not None:
        headers.append(("Content-Type", "application/json"))
        body = json.dumps(body_of(operation) | more).encode()
    if operation.file:
        headers.append(("Content-Type", "text/csv"))
        body = b"a,b\r\n"
    return ask(app, operation.method, target_of(operation), headers, body)
