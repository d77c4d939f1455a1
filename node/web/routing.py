"""What every route of an application needs: a target that says no more than it should, one edge.

Whatever a route raises becomes a problem here, and every answer is counted, by its route and never
by its path.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Final, TypeAlias

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from federation.errors import RefusedError, StatementError
from node.network.errors import UnavailableError
from node.system.clock import monotonic
from node.web import problems
from node.web.figures import Figures

Serve: TypeAlias = Callable[[Request], Awaitable[Response]]

RUNNING_MAX: Final = 256
"""Requests whose work has not ended, in all; more are told to come again."""
RUNNING_OF_ONE: Final = 64
"""… of one token, so that one department holds no other up."""
BODY_SECONDS: Final = 15.0
"""Until a body has come in whole."""


class Routes:
    """Makes routes of what serves them."""

    def __init__(self, figures: Figures, check: Callable[[Request], Awaitable[None]]) -> None:
        """Wire them.

        Args:
            figures: what is counted.
            check: refuses a target before anything is served.
        """
        self._figures = figures
        self._check = check

    def route(self, path: str, method: str, serve: Serve) -> Route:
        """Serve one method at one path, as written in the description."""
        allowed = ", ".join(("GET", "HEAD", "OPTIONS") if method == "GET" else (method, "OPTIONS"))

        async def options(_: Request) -> Response:
            return Response(None, 204, {"allow": allowed} | problems.SECURITY_HEADERS)

        async def answer(request: Request) -> Response:
            asked = options if request.method == "OPTIONS" else serve
            return await self._counted(path, request, asked)

        return Route(path, answer, methods=[method, "OPTIONS"])

    async def not_routed(self, request: Request, raised: Exception) -> Response:
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
            await self._check(request)
            response = await serve(request)
        except ClientDisconnect:
            response, code = Response(None, 400), "http.slow"  # nobody reads it
        except Exception as error:  # noqa: BLE001 - the edge: nothing else may leave
            problem = problems.document(error, getattr(request.state, "request_id", ""))
            response, code = problems.answer(problem), problem["code"]
        self._figures.answered(route, response.status_code, code, monotonic() - started)
        return response


def refuse_query(request: Request) -> None:
    """Refuse a query: no route takes one, and it would come to stand in logs (HT2).

    Raises:
        StatementError: `http.query`.
    """
    if request.scope["query_string"]:
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


async def bounded_body(request: Request, most: int) -> bytes:
    """Read a body of at most so many bytes.

    Raises:
        StatementError: `http.too-large`, `http.slow`.
        ClientDisconnect: the caller has gone.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                body += part
                if len(body) > most:
                    raise too_large(most)
    except TimeoutError:
        message = (
            f"正文未在 {BODY_SECONDS:g} 秒内到齐 / expected the body within {BODY_SECONDS:g} s"
        )
        raise StatementError("http.slow", message) from None
    return bytes(body)


def check_length(request: Request, most: int) -> None:
    """Refuse a body whose head says that it is too long, or says its length in two ways.

    Raises:
        StatementError: `http.too-large`, `http.content-type`.
    """
    if "transfer-encoding" in request.headers and "content-length" in request.headers:
        message = "正文长度写了两种 / expected Content-Length or Transfer-Encoding, got both"
        raise StatementError("http.content-type", message)  # read in two ways by two programs
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or len(length) > 9 or int(length) > most:
        raise too_large(most)


def too_large(most: int) -> StatementError:
    """What is answered to a body that is too long."""
    message = f"正文至多 {most} 字节 / expected a body of at most {most} bytes"
    return StatementError("http.too-large", message)
