"""The HTTP application: routes, what every request must be, and the answers.

    POST /v1/checks                     ask about one subject
    POST /v1/checks:batch               ask about many for one case
    POST /v1/checks/{number}/outcomes   report what was done about a match
    POST /v1/benefits/checks            ask whether a subject may have one benefit here
    POST /v1/benefits/checks/{number}/uses   report that it was used
    POST /v1/benefits:list              ask which benefits a subject may have here
    POST /v1/displays                   ask which rows of a display must go
    POST /v1/displays/{number}/acknowledgements    say which were taken down
    GET  /v1/matters, /v1/measures      what may be asked, and what may follow
    GET  /v1/scenarios, …/{id}          scenarios, and who recognises them
    POST /v1/sessions                   sign in: name, password and code open a session
    POST /v1/sessions:begin, :finish    sign in by the city's identity provider
    POST /v1/sessions:close             sign out
    GET  /v1/openapi.json               the description of all this
    GET  /v1/                           the same as a page for people
    GET  /healthz                       whether questions are answered; needs no token
    …                                   operations (`node.web.operations`): what an operator does

One task of the loop holds a request; what blocks runs on threads of this application, never on
those of the exchange. The places for running questions (HT5) are held while a thread works and
never while an answer is written, so that a caller who does not read keeps no other waiting. What is
asked elsewhere than below `/v1/` is for the application that is mounted beside, where one is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from federation.errors import RefusedError
from node.system.threads import in_thread
from node.web import bodies, problems, reading_page, tokens
from node.web.calls import Calls
from node.web.edge import JSON, Edge, as_json
from node.web.figures import Figures
from node.web.node_channel import Caller
from node.web.operating import Operating
from node.web.operation_tables import OPERATIONS
from node.web.routing import Routes, Serve, Served
from node.web.uploads import Uploads

_SCENARIO: Final = 32
"""Digits of a scenario's id."""
_NUMBER: Final = 64
"""Characters of an answer's number."""


ROUTES: Final = (
    ("POST", "/v1/checks"),
    ("POST", "/v1/checks:batch"),
    ("POST", "/v1/checks/{number}/outcomes"),
    ("POST", "/v1/benefits/checks"),
    ("POST", "/v1/benefits/checks/{number}/uses"),
    ("POST", "/v1/benefits:list"),
    ("POST", "/v1/displays"),
    ("POST", "/v1/displays/{number}/acknowledgements"),
    ("GET", "/v1/matters"),
    ("GET", "/v1/measures"),
    ("GET", "/v1/scenarios"),
    ("GET", "/v1/scenarios/{id}"),
    ("POST", "/v1/sessions"),
    ("POST", "/v1/sessions:begin"),
    ("POST", "/v1/sessions:finish"),
    ("POST", "/v1/sessions:close"),
    ("GET", "/v1/openapi.json"),
    ("GET", "/v1/"),
    ("GET", "/healthz"),
    *((one.method, one.path) for one in OPERATIONS),
)


class Application:
    """The routes over one node."""

    def __init__(
        self,
        calls: Calls,
        *,
        threads: Executor,
        figures: Figures,
        description: Mapping[str, Any],
        node: Caller,
        operators: Executor,
        uploads: Uploads,
        beside: Callable[[ASGIApp], ASGIApp] | None = None,
    ) -> None:
        """Wire it.

        Args:
            calls: the node, as departments ask it.
            threads: where calls run.
            figures: what is counted.
            description: what `GET /v1/openapi.json` gives, and `GET /v1/` as a page.
            node: the node, as operations call it.
            operators: where these calls run, so that no department waits for them.
            uploads: where files that come in lie.
            beside: makes, of this application, what answers at every other path.
        """
        self._calls = calls
        self._threads = threads
        self._operators = operators
        self._edge = Edge(calls, threads)
        self._operating = Operating(
            OPERATIONS, node, edge=self._edge, threads=operators, uploads=uploads
        )
        self._beside = beside(self) if beside else None
        self._page = reading_page.page(description)
        self._description = json.dumps(description, ensure_ascii=False).encode()
        routes = Routes(figures, self._edge.check_target)
        self._app = Starlette(
            routes=routes.routes(self._served()),
            exception_handlers={HTTPException: routes.not_routed},
        )
        self._app.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if self._beside is None or is_ours(scope):
            await self._app(scope, receive, send)
        else:
            await self._beside(scope, receive, send)

    def _served(self) -> Iterator[Served]:
        routes: tuple[tuple[str, str, Serve], ...] = (
            ("POST", "/v1/checks", self._check),
            ("POST", "/v1/checks:batch", self._batch),
            ("POST", "/v1/checks/{number}/outcomes", self._outcome),
            ("POST", "/v1/benefits/checks", self._benefit),
            ("POST", "/v1/benefits/checks/{number}/uses", self._use),
            ("POST", "/v1/benefits:list", self._benefits),
            ("POST", "/v1/displays", self._displays),
            ("POST", "/v1/displays/{number}/acknowledgements", self._acknowledgements),
            ("GET", "/v1/matters", self._matters),
            ("GET", "/v1/measures", self._measures),
            ("GET", "/v1/scenarios", self._scenarios),
            ("GET", "/v1/scenarios/{id}", self._scenario),
            ("POST", "/v1/sessions", self._sign_in),
            ("POST", "/v1/sessions:begin", self._begin),
            ("POST", "/v1/sessions:finish", self._finish),
            ("POST", "/v1/sessions:close", self._sign_out),
            ("GET", "/v1/openapi.json", self._openapi),
            ("GET", "/v1/", self._page_of_it),
            ("GET", "/healthz", self._health),
        )
        for method, path, serve in routes:
            yield Served(method=method, path=path, serve=serve)
        yield from self._operating.routes()

    # ------------------------------------------------------------------ routes

    async def _check(self, request: Request) -> Response:
        token, said = await self._edge.asked(request, bodies.QUESTION)
        return await self._answered(token, lambda: self._calls.check(token, said))

    async def _batch(self, request: Request) -> Response:
        token, said = await self._edge.asked(request, bodies.BATCH, bodies.BATCH_MAX)
        return await self._answered(token, lambda: self._calls.check_batch(token, said))

    async def _outcome(self, request: Request) -> Response:
        number = str(request.path_params["number"])
        token, said = await self._edge.asked(request, bodies.OUTCOME)
        if len(number) > _NUMBER:
            message = "没有此查询编号 / expected the number of an answer"
            raise RefusedError("outcome.unknown", message)
        return await self._answered(token, lambda: self._calls.report_outcome(token, number, said))

    async def _benefit(self, request: Request) -> Response:
        token, said = await self._edge.asked(request, bodies.BENEFIT_QUESTION)
        return await self._answered(token, lambda: self._calls.check_benefit(token, said))

    async def _benefits(self, request: Request) -> Response:
        token, said = await self._edge.asked(request, bodies.BENEFITS_QUESTION)
        return await self._answered(token, lambda: self._calls.list_benefits(token, said))

    async def _use(self, request: Request) -> Response:
        number = str(request.path_params["number"])
        token, said = await self._edge.asked(request, bodies.USE)
        if len(number) > _NUMBER:
            message = "没有此答复编号 / expected the number of an answer"
            raise RefusedError("benefit.unknown", message)
        return await self._answered(token, lambda: self._calls.report_use(token, number, said))

    async def _displays(self, request: Request) -> Response:
        token, said = await self._edge.asked(request, bodies.DISPLAYED, bodies.DISPLAYS_MAX)
        return await self._answered(token, lambda: self._calls.submit_displays(token, said))

    async def _acknowledgements(self, request: Request) -> Response:
        number = str(request.path_params["number"])
        token, said = await self._edge.asked(request, bodies.TAKEN_DOWN)
        if len(number) > _NUMBER:
            message = "没有此批次 / expected the number of an own batch"
            raise RefusedError("display.unknown", message)
        return await self._answered(
            token, lambda: self._calls.acknowledge_displays(token, number, said)
        )

    async def _matters(self, request: Request) -> Response:
        token = tokens.bearer(request.headers.getlist("authorization"))
        return await self._answered(token, lambda: {"matters": list(self._calls.matters(token))})

    async def _measures(self, request: Request) -> Response:
        token = tokens.bearer(request.headers.getlist("authorization"))
        return await self._answered(token, lambda: {"measures": list(self._calls.measures(token))})

    async def _scenarios(self, request: Request) -> Response:
        token = tokens.bearer(request.headers.getlist("authorization"))
        return await self._answered(
            token, lambda: {"scenarios": list(self._calls.scenarios(token))}
        )

    async def _scenario(self, request: Request) -> Response:
        token = tokens.bearer(request.headers.getlist("authorization"))
        asked = str(request.path_params["id"])
        if len(asked) > _SCENARIO:
            message = "没有这个场景 / expected the `scenario` of GET /v1/scenarios"
            raise RefusedError("recognition.no-scenario", message)
        return await self._answered(token, lambda: self._calls.scenario(token, asked))

    async def _sign_in(self, request: Request) -> Response:
        said = await self._edge.said(request, bodies.SIGN_IN)
        return await self._answered("", lambda: self._calls.open_session(said))

    async def _begin(self, _request: Request) -> Response:
        return await self._from_provider(self._calls.begin_session)

    async def _finish(self, request: Request) -> Response:
        said = await self._edge.said(request, bodies.CAME_BACK)
        return await self._from_provider(lambda: self._calls.finish_session(said))

    async def _from_provider(self, call: Callable[[], object]) -> Response:
        """Answer what waits for the provider, on no thread of departments."""
        return as_json(await self._edge.answered("", call, self._operators))

    async def _sign_out(self, request: Request) -> Response:
        token = tokens.bearer(request.headers.getlist("authorization"))

        def close() -> dict[str, str]:
            self._calls.close_session(token)
            return {"session": "closed"}

        return await self._answered(token, close)

    async def _page_of_it(self, _request: Request) -> Response:
        return Response(self._page, 200, reading_page.HEADERS, reading_page.MEDIA_TYPE)

    async def _openapi(self, _request: Request) -> Response:
        return Response(self._description, 200, problems.SECURITY_HEADERS, JSON)

    async def _health(self, _request: Request) -> Response:
        await in_thread(self._threads, self._calls.health)
        return as_json({"status": "ok"})

    async def _answered(self, token: str, call: Callable[[], object]) -> Response:
        return as_json(await self._edge.answered(token, call))


def is_ours(scope: Scope) -> bool:
    """Whether a request is for the routes here, or holds a token where only they say so (HT1)."""
    path = str(scope["path"])
    return (
        path in ("/v1", "/healthz")
        or path.startswith("/v1/")
        or bool(tokens.in_target(scope["raw_path"], scope["query_string"]))
    )
