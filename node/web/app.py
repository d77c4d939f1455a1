"""The HTTP application: routes, what every request must be, and the answers.

    POST /v1/checks                     ask about one subject
    POST /v1/checks/{number}/outcomes   report what was done about a match
    GET  /v1/matters, /v1/measures      what may be asked, and what may follow
    GET  /v1/openapi.json               the description of all this
    GET  /healthz                       whether questions are answered; needs no token

One task of the loop holds a request; what blocks runs on threads of this application, never on
those of the exchange. The places for running questions (HT5) are held while a thread works and
never while an answer is written, so that a caller who does not read keeps no other waiting.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, Final, TypeAlias

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from federation.errors import RefusedError, StatementError
from node.network.errors import UnavailableError
from node.system.clock import monotonic
from node.system.threads import in_thread
from node.web import bodies, problems, tokens
from node.web.calls import Calls
from node.web.figures import Figures

Serve: TypeAlias = Callable[[Request], Awaitable[Response]]

RUNNING_MAX: Final = 256
"""Requests whose work has not ended, in all; more are told to come again."""
RUNNING_OF_ONE: Final = 64
"""… of one token, so that one department holds no other up."""
BODY_SECONDS: Final = 15.0
"""Until a body has come in whole."""
JSON: Final = "application/json"
_NUMBER: Final = 64
"""Characters of an answer's number."""


ROUTES: Final = (
    ("POST", "/v1/checks"),
    ("POST", "/v1/checks/{number}/outcomes"),
    ("GET", "/v1/matters"),
    ("GET", "/v1/measures"),
    ("GET", "/v1/openapi.json"),
    ("GET", "/healthz"),
)


class Application:
    """The routes over one node."""

    def __init__(
        self, calls: Calls, *, threads: Executor, figures: Figures, description: Mapping[str, Any]
    ) -> None:
        """Wire it.

        Args:
            calls: the node.
            threads: where calls run.
            figures: what is counted.
            description: what `GET /v1/openapi.json` gives.
        """
        self._calls = calls
        self._threads = threads
        self._figures = figures
        self._places = Places()
        self._description = json.dumps(description, ensure_ascii=False).encode()
        self._app = Starlette(
            routes=[
                self._route("/v1/checks", "POST", self._check),
                self._route("/v1/checks/{number}/outcomes", "POST", self._outcome),
                self._route("/v1/matters", "GET", self._matters),
                self._route("/v1/measures", "GET", self._measures),
                self._route("/v1/openapi.json", "GET", self._openapi),
                self._route("/healthz", "GET", self._health),
            ],
            exception_handlers={HTTPException: self._not_routed},
        )
        self._app.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await self._app(scope, receive, send)

    # ------------------------------------------------------------------ routes

    async def _check(self, request: Request) -> Response:
        token, said = await self._asked(request, bodies.QUESTION)
        return await self._answered(token, lambda: self._calls.check(token, said))

    async def _outcome(self, request: Request) -> Response:
        number = str(request.path_params["number"])
        token, said = await self._asked(request, bodies.OUTCOME)
        if len(number) > _NUMBER:
            message = "没有此查询编号 / expected the number of an answer"
            raise RefusedError("outcome.unknown", message)
        return await self._answered(token, lambda: self._calls.report_outcome(token, number, said))

    async def _matters(self, request: Request) -> Response:
        token = tokens.bearer(request.headers.getlist("authorization"))
        return await self._answered(token, lambda: {"matters": list(self._calls.matters(token))})

    async def _measures(self, request: Request) -> Response:
        token = tokens.bearer(request.headers.getlist("authorization"))
        return await self._answered(token, lambda: {"measures": list(self._calls.measures(token))})

    async def _openapi(self, _request: Request) -> Response:
        return Response(self._description, 200, problems.SECURITY_HEADERS, JSON)

    async def _health(self, _request: Request) -> Response:
        await in_thread(self._threads, self._calls.health)
        return _json({"status": "ok"})

    # ------------------------------------------------------------------ what all of them need

    async def _asked(
        self, request: Request, fields: tuple[bodies.Field, ...]
    ) -> tuple[str, dict[str, Any]]:
        """Read token and body.

        Raises:
            FederationError: one of them is not what it should be.
        """
        token = tokens.bearer(request.headers.getlist("authorization"))
        _check_form(request)
        body = await _bounded(request)
        await self._refuse_exposed(tokens.in_body(body), "body")
        asked = bodies.read(body, fields)
        await self._refuse_exposed(tokens.in_values(asked), "body")
        request.state.request_id = asked.get("request_id", "")
        return token, asked

    async def _refuse_exposed(self, token: str, place: str) -> None:
        if token:
            await in_thread(self._threads, self._calls.exposed, token, place)
            raise tokens.refusal(place)

    async def _answered(self, token: str, call: Callable[[], object]) -> Response:
        with self._places.of(token):
            found = await in_thread(self._threads, call)
        return _json(found)

    def _route(self, path: str, method: str, serve: Serve) -> Route:
        allowed = ", ".join(("GET", "HEAD", "OPTIONS") if method == "GET" else (method, "OPTIONS"))

        async def options(_: Request) -> Response:
            return Response(None, 204, {"allow": allowed} | problems.SECURITY_HEADERS)

        async def answer(request: Request) -> Response:
            asked = options if request.method == "OPTIONS" else serve
            return await self._counted(path, request, asked)

        return Route(path, answer, methods=[method, "OPTIONS"])

    async def _not_routed(self, request: Request, raised: Exception) -> Response:
        """No such path, or another method; a token may stand in that URL too."""
        status = getattr(raised, "status_code", 404)
        allowed = getattr(raised, "headers", None) or {}

        async def refuse(_: Request) -> Response:
            if status == 405:
                message = "此路径不支持该方法 / expected another method at this path"
                raise StatementError("http.method", message)
            message = "没有此路径，见 GET /v1/openapi.json / no such path; see GET /v1/openapi.json"
            raise StatementError("http.path", message)

        response = await self._counted("", request, refuse)
        if status == 405:
            response.headers.update(allowed)
        return response

    async def _counted(self, route: str, request: Request, serve: Serve) -> Response:
        """Answer a request: whatever is raised becomes a problem, and all is counted."""
        started, code = monotonic(), ""
        try:
            await self._check_target(request)
            response = await serve(request)
        except ClientDisconnect:
            response, code = Response(None, 400), "http.slow"  # nobody reads it
        except Exception as error:  # noqa: BLE001 - the edge: nothing else may leave
            problem = problems.document(error, getattr(request.state, "request_id", ""))
            response, code = problems.answer(problem), problem["code"]
        self._figures.answered(route, response.status_code, code, monotonic() - started)
        return response

    async def _check_target(self, request: Request) -> None:
        """Refuse a query: no route takes one, and it would come to stand in logs (HT2)."""
        scope = request.scope
        found = tokens.in_target(scope["raw_path"], scope["query_string"])
        await self._refuse_exposed(found, "url")
        if scope["query_string"]:
            message = "网址不带参数，内容放入正文 / expected no query; all goes into the body"
            raise StatementError("http.query", message)


class Places:
    """Who has how many calls under way (HT5); used by one loop alone."""

    def __init__(self, most: int = RUNNING_MAX, of_one: int = RUNNING_OF_ONE) -> None:
        """Set the bounds."""
        self._most, self._of_one = most, of_one
        self._taken: Counter[bytes] = Counter()

    @contextmanager
    def of(self, token: str) -> Iterator[None]:
        """Hold a place.

        Raises:
            UnavailableError: `http.busy`: there is none.
            RefusedError: `http.many`: this token has its share.
        """
        key = sha256(token.encode()).digest()
        if self._taken[key] >= self._of_one:
            message = (
                f"同一凭据的并发请求过多，请稍后重试 / expected at most {self._of_one} calls "
                "at a time of one token; come again"
            )
            raise RefusedError("http.many", message)
        if self._taken.total() >= self._most:
            message = "节点繁忙，请稍后重试 / too many calls are under way; come again"
            raise UnavailableError("http.busy", message)
        self._taken[key] += 1
        try:
            yield
        finally:
            self._taken[key] -= 1
            if not self._taken[key]:
                del self._taken[key]


def _json(found: object) -> Response:
    content = json.dumps(found, ensure_ascii=False).encode()
    return Response(content, 200, problems.SECURITY_HEADERS, JSON)


def _check_form(request: Request) -> None:
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
    if "transfer-encoding" in request.headers and "content-length" in request.headers:
        message = "正文长度写了两种 / expected Content-Length or Transfer-Encoding, got both"
        raise StatementError("http.content-type", message)  # read in two ways by two programs
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or len(length) > 9 or int(length) > bodies.BODY_MAX:
        raise _too_large()


async def _bounded(request: Request) -> bytes:
    """Read a body.

    Raises:
        StatementError: `http.too-large`, `http.slow`.
        ClientDisconnect: the caller has gone.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                body += part
                if len(body) > bodies.BODY_MAX:
                    raise _too_large()
    except TimeoutError:
        message = (
            f"正文未在 {BODY_SECONDS:g} 秒内到齐 / expected the body within {BODY_SECONDS:g} s"
        )
        raise StatementError("http.slow", message) from None
    return bytes(body)


def _too_large() -> StatementError:
    message = (
        f"正文至多 {bodies.BODY_MAX} 字节 / expected a body of at most {bodies.BODY_MAX} bytes"
    )
    return StatementError("http.too-large", message)
