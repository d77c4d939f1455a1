"""Serves the operations: what came is read as the table says, and so is what leaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from node.web import parameters, problems, tokens, uploads
from node.web.connections import PROLONG
from node.web.edge import Edge, as_json
from node.web.node_channel import Caller
from node.web.operations import Ask, Content, Operation, request_key
from node.web.routing import Served
from node.web.uploads import Uploads, ending_of


class Operating:
    """The operations over one node; on the loop alone."""

    def __init__(
        self,
        operations: Sequence[Operation],
        caller: Caller,
        *,
        edge: Edge,
        threads: Executor,
        uploads: Uploads,
    ) -> None:
        """Wire it.

        Args:
            operations: the tables.
            caller: the node.
            edge: reads requests.
            threads: on which the node is called: not those that departments wait for.
            uploads: where files that come in lie.
        """
        self._operations = operations
        self._caller = caller
        self._edge = edge
        self._threads = threads
        self._uploads = uploads

    def routes(self) -> Iterator[Served]:
        """Give what serves each operation."""
        for one in self._operations:
            yield Served(
                method=one.method,
                path=one.path,
                serve=partial(self._serve, one),
                query=one.query,
            )

    async def _serve(self, operation: Operation, request: Request) -> Response:
        said = parameters.read_path(request.path_params, operation.place) | request.state.query
        if operation.file:
            return await self._take(operation, request, said)
        if operation.fields is None:
            token = tokens.bearer(request.headers.getlist("authorization"))
        else:
            token, body = await self._edge.asked(request, operation.fields, operation.body_max)
            keys = request.headers.getlist("idempotency-key")
            key = request_key(operation, body.get("request_id", ""), keys)
            request.state.request_id = key
            said |= body | ({"request_id": key} if key else {})
        return await self._asked(operation, token, said)

    async def _take(self, operation: Operation, request: Request, said: dict[str, Any]) -> Response:
        """Serve an operation whose body is a file."""
        token = tokens.bearer(request.headers.getlist("authorization"))
        request_key(operation, "", request.headers.getlist("idempotency-key"))
        ending = ending_of(request)
        ask = Ask(self._caller, token, operation)
        await self._edge.answered(token, ask.check_allowed, self._threads)
        prolong = getattr(request.state, PROLONG, None)
        if prolong is not None:
            prolong(uploads.SECONDS + operation.seconds)
        taken = self._uploads.taken(request, ending, edge=self._edge, threads=self._threads)
        async with taken as path:
            return await self._asked(operation, token, said | {"file": path})

    async def _asked(self, operation: Operation, token: str, said: Mapping[str, Any]) -> Response:
        ask = Ask(self._caller, token, operation)
        found = await self._edge.answered(token, lambda: operation.serve(ask, said), self._threads)
        if isinstance(found, Content):
            named = f'attachment; filename="{found.name}"'
            headers = {**problems.SECURITY_HEADERS, "content-disposition": named}
            return Response(found.data, 200, headers, found.media)
        return as_json(found)
