"""Requests 转办 for the operator (`huxin requests`), on the Unix socket only."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from huxin.v1 import requests_pb2 as pb
from huxin.v1.requests_pb2_grpc import RequestsServicer

from federation.ids import Date, StatementId
from federation.names import REQUEST_TYPES
from federation.payloads import RequestType
from federation.relief.requests import How, Verdict
from node.network.errors import answering, check_request
from node.relief.requests import Decided
from node.system.threads import in_thread

if TYPE_CHECKING:
    from huxin.v1.requests_pb2_grpc import _ServicerContext


class RequestAnswers(Protocol):
    """What the service needs of `node.relief.requests.RequestDesk`; blocks."""

    def send(
        self,
        request_id: str,
        *,
        statement_id: StatementId,
        kind: RequestType,
        received_on: Date,
        text: str,
    ) -> dict[str, Any]:
        """Forward what was handed in here."""
        ...

    def get(self, statement_id: StatementId) -> dict[str, Any]:
        """One request."""
        ...

    def answer(
        self, request_id: str, statement_id: StatementId, decided: Decided
    ) -> dict[str, Any]:
        """What a person decided."""
        ...

    def list(
        self, page_size: int, page_token: str, *, open_only: bool
    ) -> tuple[list[dict[str, Any]], str]:
        """A page of requests."""
        ...


class RequestsService(RequestsServicer):
    """Requests."""

    def __init__(
        self,
        *,
        desk: RequestAnswers,
        readers: Executor,
        answered: Callable[[], Awaitable[None]],
    ) -> None:
        """Wire the service.

        Args:
            desk: answers.
            readers: threads in which all this runs.
            answered: waits for the answer of members (`node.network.startup_inquiry`).
        """
        self._desk = desk
        self._readers = readers
        self._answered = answered

    async def SendRequest(  # noqa: N802 - the name in the .proto file
        self, request: pb.SendRequestRequest, context: _ServicerContext
    ) -> pb.SendRequestResponse:
        """Forward what was handed in here."""
        async with answering(context, operator=True):
            check_request(request)
            await self._answered()
            send = partial(
                self._desk.send,
                request.request_id,
                statement_id=StatementId(request.statement_id),
                kind=RequestType(REQUEST_TYPES.code(request.type)),
                received_on=Date(request.received_on),
                text=request.text,
            )
            return pb.SendRequestResponse(json=_json(await in_thread(self._readers, send)))

    async def ListRequests(  # noqa: N802 - the name in the .proto file
        self, request: pb.ListRequestsRequest, context: _ServicerContext
    ) -> pb.ListRequestsResponse:
        """A page of requests."""
        async with answering(context, operator=True):
            check_request(request)
            page = partial(
                self._desk.list, request.page_size, request.page_token, open_only=request.open
            )
            found, token = await in_thread(self._readers, page)
            return pb.ListRequestsResponse(requests_json=map(_json, found), next_page_token=token)

    async def GetRequest(  # noqa: N802 - the name in the .proto file
        self, request: pb.GetRequestRequest, context: _ServicerContext
    ) -> pb.GetRequestResponse:
        """One request."""
        async with answering(context, operator=True):
            check_request(request)
            found = await in_thread(
                self._readers, self._desk.get, StatementId(request.statement_id)
            )
            return pb.GetRequestResponse(json=_json(found))

    async def AnswerRequest(  # noqa: N802 - the name in the .proto file
        self, request: pb.AnswerRequestRequest, context: _ServicerContext
    ) -> pb.AnswerRequestResponse:
        """What a person decided."""
        async with answering(context, operator=True):
            check_request(request)
            await self._answered()
            decided = Decided(
                verdict=Verdict(request.verdict),
                reason=request.reason,
                how=How(request.how) if request.how else None,
                document=request.document,
                decided_on=Date(request.decided_on),
                result=StatementId(request.result) if request.result else None,
            )
            said = await in_thread(
                self._readers,
                self._desk.answer,
                request.request_id,
                StatementId(request.statement_id),
                decided,
            )
            return pb.AnswerRequestResponse(json=_json(said))


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)
