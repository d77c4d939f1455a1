"""The HTTP application: routes, what every request must be, and the answers.

    POST /v1/checks                     ask about one subject
    POST /v1/checks/{number}/outcomes   report what was done about a match
    POST /v1/benefits/checks            ask whether a subject may have one benefit here
    POST /v1/benefits/checks/{number}/uses   report that it was used
    POST /v1/benefits:list              ask which benefits a subject may have here
    POST /v1/displays                   ask which rows of a display must go
    POST /v1/displays/{number}/acknowledgements    say which were taken down
    GET  /v1/matters, /v1/measures      what may be asked, and what may follow
    GET  /v1/scenarios, …/{id}          scenarios, and who recognises them
    GET  /v1/openapi.json               the description of all this
    GET  /healthz                       whether questions are answered; needs no token

One task of the loop holds a request; what blocks runs on threads of this application, never on
those of the exchange. The places for running questions (HT5) are held while a thread works and
never while an answer is written, so that a caller who does not read keeps no other waiting.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from federation.errors import RefusedError, StatementError
from node.system.threads import in_thread
from node.web import bodies, problems, tokens
from node.web.calls import Calls
from node.web.figures import Figures
from node.web.routing import Places, Routes, bounded_body, check_length, refuse_query

JSON: Final = "application/json"
_SCENARIO: Final = 32
"""Digits of a scenario's id."""
_NUMBER: Final = 64
"""Characters of an answer's number."""


ROUTES: Final = (
    ("POST", "/v1/checks"),
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
        routes = Routes(figures, self._check_target)
        self._places = Places()
        self._description = json.dumps(description, ensure_ascii=False).encode()
        self._app = Starlette(
            routes=[
                routes.route("/v1/checks", "POST", self._check),
                routes.route("/v1/checks/{number}/outcomes", "POST", self._outcome),
                routes.route("/v1/benefits/checks", "POST", self._benefit),
                routes.route("/v1/benefits/checks/{number}/uses", "POST", self._use),
                routes.route("/v1/benefits:list", "POST", self._benefits),
                routes.route("/v1/displays", "POST", self._displays),
                routes.route(
                    "/v1/displays/{number}/acknowledgements", "POST", self._acknowledgements
                ),
                routes.route("/v1/matters", "GET", self._matters),
                routes.route("/v1/measures", "GET", self._measures),
                routes.route("/v1/scenarios", "GET", self._scenarios),
                routes.route("/v1/scenarios/{id}", "GET", self._scenario),
                routes.route("/v1/openapi.json", "GET", self._openapi),
                routes.route("/healthz", "GET", self._health),
            ],
            exception_handlers={HTTPException: routes.not_routed},
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

    async def _benefit(self, request: Request) -> Response:
        token, said = await self._asked(request, bodies.BENEFIT_QUESTION)
        return await self._answered(token, lambda: self._calls.check_benefit(token, said))

    async def _benefits(self, request: Request) -> Response:
        token, said = await self._asked(request, bodies.BENEFITS_QUESTION)
        return await self._answered(token, lambda: self._calls.list_benefits(token, said))

    async def _use(self, request: Request) -> Response:
        number = str(request.path_params["number"])
        token, said = await self._asked(request, bodies.USE)
        if len(number) > _NUMBER:
            message = "没有此答复编号 / expected the number of an answer"
            raise RefusedError("benefit.unknown", message)
        return await self._answered(token, lambda: self._calls.report_use(token, number, said))

    async def _displays(self, request: Request) -> Response:
        token, said = await self._asked(request, bodies.DISPLAYED, bodies.DISPLAYS_MAX)
        return await self._answered(token, lambda: self._calls.submit_displays(token, said))

    async def _acknowledgements(self, request: Request) -> Response:
        number = str(request.path_params["number"])
        token, said = await self._asked(request, bodies.TAKEN_DOWN)
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

    async def _openapi(self, _request: Request) -> Response:
        return Response(self._description, 200, problems.SECURITY_HEADERS, JSON)

    async def _health(self, _request: Request) -> Response:
        await in_thread(self._threads, self._calls.health)
        return _json({"status": "ok"})

    # ------------------------------------------------------------------ what all of them need

    async def _asked(
        self, request: Request, fields: tuple[bodies.Field, ...], most: int = bodies.BODY_MAX
    ) -> tuple[str, dict[str, Any]]:
        """Read token and body.

        Raises:
            FederationError: one of them is not what it should be.
        """
        token = tokens.bearer(request.headers.getlist("authorization"))
        _check_form(request, most)
        body = await bounded_body(request, most)
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

    async def _check_target(self, request: Request) -> None:
        """Refuse a query: no route takes one, and it would come to stand in logs (HT2)."""
        scope = request.scope
        found = tokens.in_target(scope["raw_path"], scope["query_string"])
        await self._refuse_exposed(found, "url")
        refuse_query(request)


def _json(found: object) -> Response:
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
