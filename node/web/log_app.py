"""Logs and witness for strangers, on a listener of their own.

    GET  /logs/{log}/checkpoint                  C2SP tlog-tiles, below the folder of each log
    GET  /logs/{log}/tile/{tile}
    GET  /logs/{log}/openings/{opening}          of open kinds
    GET  /charters/{alliance}/{version}.json     as received, for who has the pin
    POST /witness/add-checkpoint                 C2SP tlog-witness
    GET  /witness/{origin_hash}/checkpoint       its monitoring API
    POST /huxin/v1/join                          who holds an invitation asks for membership

Tiles, openings and versions of a charter never change, and say so to who stands between; what is
shown to members alone only the caller keeps. Nothing here is compressed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from federation.ids import MemberId
from federation.peers.witness import CONFLICT, MAX_BODY, WitnessError
from node.system.threads import in_thread
from node.web import join_app, problems
from node.web.figures import Figures
from node.web.join_app import JoinCalls, Joining
from node.web.log_calls import LogFiles, WitnessCalls
from node.web.parameters import Parameter, read_query
from node.web.routing import Places, Routes, Served, bounded_body, check_length

ROUTES: Final = (
    ("GET", "/logs/{log}/checkpoint"),
    ("GET", "/logs/{log}/tile/{tile}"),
    ("GET", "/logs/{log}/openings/{opening}"),
    ("GET", "/charters/{alliance}/{version}.json"),
    ("POST", "/witness/add-checkpoint"),
    ("GET", "/witness/{origin_hash}/checkpoint"),
    ("POST", join_app.PATH),
)
CERTIFICATE: Final = "certificate"
"""Name of the caller's certificate, DER, in the state of a request."""
TEXT: Final = "text/plain; charset=utf-8"
OCTETS: Final = "application/octet-stream"
SIZE: Final = "text/x.tlog.size"
YEAR: Final = 31_536_000
RUNNING_OF_ONE: Final = 64


class LogApplication:
    """The routes over one node."""

    def __init__(
        self,
        files: LogFiles,
        witness: WitnessCalls,
        joining: JoinCalls,
        *,
        threads: Executor,
        figures: Figures,
    ) -> None:
        """Wire it; calls run on `threads`."""
        self._files = files
        self._witness = witness
        self._joining = Joining(joining, threads)
        self._threads = threads
        self._places = Places(of_one=RUNNING_OF_ONE)
        routes = Routes(figures, _check_target)
        self._app = Starlette(
            routes=routes.routes(self._served()),
            exception_handlers={HTTPException: routes.not_routed},
        )
        self._app.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await self._app(scope, receive, send)

    def _served(self) -> Iterator[Served]:
        for method, path, serve in (
            ("GET", "/logs/{log}/checkpoint", self._checkpoint),
            ("GET", "/logs/{log}/tile/{tile:path}", self._tile),
            ("GET", "/logs/{log}/openings/{opening:path}", self._opening),
            ("GET", "/charters/{alliance}/{version}.json", self._charter),
            ("POST", "/witness/add-checkpoint", self._add_checkpoint),
            ("GET", "/witness/{origin_hash}/checkpoint", self._cosigned),
            ("POST", join_app.PATH, self._join),
        ):
            yield Served(method=method, path=path, serve=serve)

    # ------------------------------------------------------------------ logs

    async def _checkpoint(self, request: Request) -> Response:
        log = str(request.path_params["log"])
        data = await self._asked(request, lambda member: self._files.checkpoint(log, member))
        return Response(data, 200, problems.SECURITY_HEADERS, TEXT)

    async def _tile(self, request: Request) -> Response:
        log, path = str(request.path_params["log"]), str(request.path_params["tile"])
        data = await self._asked(request, lambda member: self._files.tile(log, path, member))
        return self._unchanging(log, data, OCTETS)

    async def _opening(self, request: Request) -> Response:
        log, path = str(request.path_params["log"]), str(request.path_params["opening"])
        data = await self._asked(request, lambda member: self._files.opening(log, path, member))
        return self._unchanging(log, data, OCTETS)

    async def _charter(self, request: Request) -> Response:
        alliance, version = (str(request.path_params[name]) for name in ("alliance", "version"))
        data = await self._asked(
            request, lambda member: self._files.charter(alliance, version, member)
        )
        return Response(data, 200, problems.SECURITY_HEADERS, "application/json")

    # ------------------------------------------------------------------ witness

    async def _add_checkpoint(self, request: Request) -> Response:
        check_length(request, MAX_BODY)
        body = await bounded_body(request, MAX_BODY)
        address = _address(request)
        try:
            lines = await self._asked(
                request, lambda member: self._witness.add_checkpoint(body, member, address)
            )
        except WitnessError as error:
            if error.status == CONFLICT:
                size = f"{error.size}\n".encode()
                return Response(size, CONFLICT, {**problems.SECURITY_HEADERS, "content-type": SIZE})
            raise
        return Response(lines, 200, problems.SECURITY_HEADERS, TEXT)

    async def _cosigned(self, request: Request) -> Response:
        digest = str(request.path_params["origin_hash"])
        data = await self._asked(
            request, lambda member: self._witness.cosigned_last(digest, member)
        )
        return Response(data, 200, problems.SECURITY_HEADERS, TEXT)

    # ------------------------------------------------------------------ joining

    async def _join(self, request: Request) -> Response:
        with self._places.of(_address(request)):
            return await self._joining.serve(request)

    # ------------------------------------------------------------------ what all of them need

    async def _asked(self, request: Request, call: Callable[[MemberId | None], bytes]) -> bytes:
        member = self._files.member(request.scope.get("state", {}).get(CERTIFICATE, b""))
        with self._places.of(member or _address(request)):
            return await in_thread(self._threads, call, member)

    def _unchanging(self, log: str, data: bytes, media_type: str) -> Response:
        who = "public" if self._files.is_public(log) else "private"
        headers = {
            **problems.SECURITY_HEADERS,
            "cache-control": f"{who}, max-age={YEAR}, immutable",
        }
        return Response(data, 200, headers, media_type)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


async def _check_target(request: Request, declared: Sequence[Parameter]) -> None:
    read_query(request.scope["query_string"], declared)
