"""What every route does with a request: its token, its target, its body (HT1-HT3).

A token that stands where others can read it is told to the node before the request is refused, and
nothing that came with it is done.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from federation.errors import StatementError
from node.system.threads import in_thread
from node.web import bodies, parameters, problems, tokens
from node.web.calls import Calls
from node.web.parameters import Parameter
from node.web.routing import Places, bounded_body, check_length

JSON: Final = "application/json"


class Edge:
    """Reads requests; used by the loop alone."""

    def __init__(self, calls: Calls, threads: Executor) -> None:
        """Wire it.

        Args:
            calls: the node, which is told of tokens that were exposed.
            threads: where it is told.
        """
        self._calls = calls
        self._threads = threads
        self._places = Places()

    async def check_target(self, request: Request, declared: Sequence[Parameter]) -> None:
        """Read the query into `request.state.query`; what is not declared is refused (HT2).

        Raises:
            FederationError: `access.token-exposed`, `http.query`.
        """
        scope = request.scope
        found = tokens.in_target(scope["raw_path"], scope["query_string"])
        await self.refuse_exposed(found, "url")
        request.state.query = parameters.read_query(scope["query_string"], declared)

    async def asked(
        self, request: Request, fields: tuple[bodies.Field, ...], most: int = bodies.BODY_MAX
    ) -> tuple[str, dict[str, Any]]:
        """Read token and body.

        Raises:
            FederationError: one of them is not what it should be.
        """
        token = tokens.bearer(request.headers.getlist("authorization"))
        asked = await self.said(request, fields, most)
        request.state.request_id = asked.get("request_id", "")
        return token, asked

    async def said(
        self, request: Request, fields: tuple[bodies.Field, ...], most: int = bodies.BODY_MAX
    ) -> dict[str, Any]:
        """Read a body alone, of who has no token yet.

        Raises:
            FederationError: it is not what it should be.
        """
        _check_form(request, most)
        body = await bounded_body(request, most)
        await self.refuse_exposed(tokens.in_body(body), "body")
        asked = bodies.read(body, fields)
        await self.refuse_exposed(tokens.in_values(asked), "body")
        return asked

    async def answered(
        self, token: str, call: Callable[[], object], threads: Executor | None = None
    ) -> object:
        """Make a call of the node on a thread, in one of the places of its token (HT5)."""
        with self._places.of(token):
            return await in_thread(threads or self._threads, call)

    async def refuse_exposed(self, token: str, place: str) -> None:
        """Tell the node of a token that was found, and refuse; nothing where there is none.

        Raises:
            RefusedError: `access.token-exposed`.
        """
        if token:
            await in_thread(self._threads, self._calls.exposed, token, place)
            raise tokens.refusal(place)


def as_json(found: object) -> Response:
    """An answer in JSON."""
    content = json.dumps(found, ensure_ascii=False).encode()
    return Response(content, 200, problems.SECURITY_HEADERS, JSON)


def _check_form(request: Request, most: int) -> None:
    """Refuse a body that is not plain JSON.

    Raises:
        StatementError: `http.content-type`, `http.too-large`.
    """
    said = request.headers.getlist("content-type")
    kind, _, charset = (said[0] if len(said) == 1 else "").lower().partition(";")
    encoded = request.headers.get("content-encoding", "identity").strip().lower()
    if (
        kind.strip() != JSON
        or charset.strip() not in ("", "charset=utf-8", 'charset="utf-8"')
        or encoded != "identity"
    ):
        message = (
            "正文须为 UTF-8 的 JSON，不压缩 / expected Content-Type: application/json in UTF-8, "
            "and no Content-Encoding"
        )
        raise StatementError("http.content-type", message)
    check_length(request, most)
