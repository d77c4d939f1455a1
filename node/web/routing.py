"""What every route of an application needs: a target that says no more than it should, one edge.

Whatever a route raises becomes a problem here, and every answer is counted, by its route and never
by its path.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, TypeAlias

from starlette.convertors import StringConvertor, register_url_convertor
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from federation.errors import RefusedError, StatementError
from node.network.errors import UnavailableError
from node.system.clock import monotonic
from node.system.tracing import span
from node.web import problems
from node.web.figures import Figures
from node.web.parameters import Parameter

Serve: TypeAlias = Callable[[Request], Awaitable[Response]]
Check: TypeAlias = Callable[[Request, Sequence[Parameter]], Awaitable[None]]
"""Refuses a target before anything is served; takes the parameters that its query may have."""

RUNNING_MAX: Final = 256
"""Requests whose work has not ended, in all; more are told to come again."""
RUNNING_OF_ONE: Final = 64
"""… of one token, so that one department holds no other up."""
BODY_SECONDS: Final = 15.0
"""Until a body has come in whole."""


class _Plain(StringConvertor):
    """A part of a path without a colon: what follows one is what is to be done (`{id}:repair`)."""

    regex = "[^/:]+"


register_url_convertor("plain", _Plain())


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One method at one path, as written in the description."""

    method: str
    path: str
    serve: Serve
    query: Sequence[Parameter] = ()


class Routes:
    """Makes routes of what serves them."""

    def __init__(self, figures: Figures, check: Check) -> None:
        """Wire them.

        Args:
            figures: what is counted.
            check: asked before anything is served.
        """
        self._figures = figures
        self._check = check

    def routes(self, served: Iterable[Served]) -> list[Route]:
        """Make the routes, one for all methods of a path."""
        by_path: dict[str, list[Served]] = {}
        for one in served:
            by_path.setdefault(one.path, []).append(one)
        return [self._route(path, several) for path, several in by_path.items()]

    def _route(self, path: str, several: Sequence[Served]) -> Route:
        by_method = {one.method: one for one in several}
        if "GET" in by_method:
            by_method["HEAD"] = by_method["GET"]
        allowed = ", ".join((*by_method, "OPTIONS"))

        async def options(_: Request) -> Response:
            return Response(None, 204, {"allow": allowed} | problems.SECURITY_HEADERS)

        async def answer(request: Request) -> Response:
            one = by_method.get(request.method)
            if one is None:
                return await self._counted(path, request, options, ())
            return await self._counted(path, request, one.serve, one.query)

        return Route(_plain(path), answer, methods=[*by_method, "OPTIONS"])

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

        response = await self._counted("", request, refuse, ())
        if status == 405:
            response.headers.update(allowed)
        return response

    async def _counted(
        self, route: str, request: Request, serve: Serve, query: Sequence[Parameter]
    ) -> Response:
        """Answer a request: whatever is raised becomes a problem, and all is counted."""
        started, code = monotonic(), ""
        try:
            with span("http", route=route):
                await self._check(request, query)
                response = await serve(request)
        except ClientDisconnect:
            response, code = Response(None, 400), "http.slow"  # nobody reads it
        except Exception as error:  # noqa: BLE001 - the edge: nothing else may leave
            problem = problems.document(error, getattr(request.state, "request_id", ""))
            response, code = problems.answer(problem), problem["code"]
        self._figures.answered(route, response.status_code, code, monotonic() - started)
        return response


def _plain(path: str) -> str:
    """The path as Starlette takes it; `{id}` ends at a colon."""
    return re.sub(r"\{([a-z_]+)\}", r"{\1:plain}", path)


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
