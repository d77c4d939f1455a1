"""`POST /huxin/v1/join`: a request to join, of who holds an invitation (SPEC §7.6, JN5, JN6)."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import Final, Protocol

from starlette.requests import Request
from starlette.responses import Response

from federation.charters.join import MAX_REQUEST
from federation.errors import CharterError, RefusedError
from node.system.threads import in_thread
from node.web import problems
from node.web.routing import bounded_body, check_length

PATH: Final = "/huxin/v1/join"
_SCHEME: Final = "bearer "
_TEXT: Final = "text/plain; charset=utf-8"
_TOO_LARGE: Final = "join.size"


class JoinCalls(Protocol):
    """`node.charters.join_door.JoinDoor`."""

    def secret(self, bearer: str) -> bytes:
        """The secret of an invitation that was given out.

        Raises:
            RefusedError: `invitation.unknown`; `http.many`.
        """
        ...

    def take(self, secret: bytes, data: bytes) -> None:
        """Keep a request.

        Raises:
            CharterError, RefusedError: with the code to be told.
            OSError: it cannot be kept.
        """
        ...


class Joining:
    """Serves the one route; its bearer counts before a byte of the body is read."""

    def __init__(self, calls: JoinCalls, threads: Executor) -> None:
        """Wire it; calls run on `threads`."""
        self._calls = calls
        self._threads = threads

    async def serve(self, request: Request) -> Response:
        """Take a request: 202, 401, 413, or 422 with the code as text."""
        headers = request.headers.getlist("authorization")
        given = headers[0] if len(headers) == 1 else ""
        bearer = given[len(_SCHEME) :] if given.lower().startswith(_SCHEME) else ""
        try:
            secret = await in_thread(self._threads, self._calls.secret, bearer)
        except RefusedError as error:
            if error.code != "invitation.unknown":
                raise
            return Response(None, 401, problems.SECURITY_HEADERS)
        check_length(request, MAX_REQUEST)
        body = await bounded_body(request, MAX_REQUEST)
        try:
            await in_thread(self._threads, self._calls.take, secret, body)
        except (CharterError, RefusedError) as error:
            status = 413 if error.code == _TOO_LARGE else 422
            return Response(error.code, status, problems.SECURITY_HEADERS, _TEXT)
        return Response(None, 202, problems.SECURITY_HEADERS)
