"""Notices 属地通报 for the operator (`huxin notices`), on the Unix socket only."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, Protocol

from huxin.v1 import notices_pb2 as pb
from huxin.v1.notices_pb2_grpc import NoticesServicer

from federation.ids import StatementId
from node.network.errors import answering, check_request
from node.notices.desk import Wanted
from node.system.threads import in_thread

if TYPE_CHECKING:
    from huxin.v1.notices_pb2_grpc import _ServicerContext


class NoticeAnswers(Protocol):
    """What the service needs of `node.notices.desk.NoticeDesk`; blocks."""

    def page(
        self, wanted: Wanted, page_size: int, page_token: str
    ) -> tuple[list[dict[str, Any]], str, str]:
        """A page of notices, the token of the next one, and the position reached."""
        ...

    def get(self, statement_id: StatementId) -> dict[str, Any]:
        """One notice."""
        ...

    def remind(self, statement_ids: Sequence[StatementId]) -> list[dict[str, Any]]:
        """Keep that subjects were reminded."""
        ...


class NoticesService(NoticesServicer):
    """Notices."""

    def __init__(self, *, desk: NoticeAnswers, readers: Executor) -> None:
        """Wire the service; `readers` are the threads in which all this runs."""
        self._desk = desk
        self._readers = readers

    async def ListNotices(  # noqa: N802 - the name in the .proto file
        self, request: pb.ListNoticesRequest, context: _ServicerContext
    ) -> pb.ListNoticesResponse:
        """A page of notices."""
        async with answering(context, operator=True):
            check_request(request)
            wanted = Wanted(state=request.state, due=request.due)
            found, token, position = await in_thread(
                self._readers, self._desk.page, wanted, request.page_size, request.page_token
            )
            return pb.ListNoticesResponse(
                notices_json=map(_json, found), next_page_token=token, position=position
            )

    async def GetNotice(  # noqa: N802 - the name in the .proto file
        self, request: pb.GetNoticeRequest, context: _ServicerContext
    ) -> pb.GetNoticeResponse:
        """One notice."""
        async with answering(context, operator=True):
            check_request(request)
            found = await in_thread(
                self._readers, self._desk.get, StatementId(request.statement_id)
            )
            return pb.GetNoticeResponse(json=_json(found))

    async def RemindNotices(  # noqa: N802 - the name in the .proto file
        self, request: pb.RemindNoticesRequest, context: _ServicerContext
    ) -> pb.RemindNoticesResponse:
        """Keep that subjects were reminded."""
        async with answering(context, operator=True):
            check_request(request)
            asked = [StatementId(one) for one in request.statement_ids]
            found = await in_thread(self._readers, self._desk.remind, asked)
            return pb.RemindNoticesResponse(notices_json=map(_json, found))


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)
