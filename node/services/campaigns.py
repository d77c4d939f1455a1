"""Campaigns 专项治理 for the operator (`huxin campaign`), on the Unix socket only."""

from __future__ import annotations

import json
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from huxin.v1 import campaigns_pb2 as pb
from huxin.v1.campaigns_pb2_grpc import CampaignsServicer

from federation.ids import Date, StatementId
from federation.quality.campaigns import Query
from node.campaigns.desk import Entering
from node.network.errors import answering, check_request
from node.system.threads import in_thread

if TYPE_CHECKING:
    from huxin.v1.campaigns_pb2_grpc import _ServicerContext


class CampaignAnswers(Protocol):
    """What the service needs of `node.campaigns.desk.CampaignDesk`; blocks."""

    def open(
        self, request_id: str, name: str, document: str, unit: str, due: Date
    ) -> dict[str, Any]:
        """Open a campaign."""
        ...

    def enter(self, campaign: int, entering: Entering) -> dict[str, Any]:
        """Enter listings."""
        ...

    def every(self) -> list[dict[str, Any]]:
        """All campaigns."""
        ...

    def get(self, campaign: int, day: Date | None = None) -> dict[str, Any]:
        """One campaign."""
        ...

    def subjects(
        self, campaign: int, page_size: int, page_token: str, *, brief: bool = False
    ) -> tuple[list[dict[str, Any]], str]:
        """A page of its ledger."""
        ...


class CampaignsService(CampaignsServicer):
    """Campaigns."""

    def __init__(self, *, desk: CampaignAnswers, readers: Executor) -> None:
        """Wire the service; `readers` are the threads in which all this runs."""
        self._desk = desk
        self._readers = readers

    async def OpenCampaign(  # noqa: N802 - the name in the .proto file
        self, request: pb.OpenCampaignRequest, context: _ServicerContext
    ) -> pb.OpenCampaignResponse:
        """Open a campaign."""
        async with answering(context, operator=True):
            check_request(request)
            opened = partial(
                self._desk.open,
                request.request_id,
                request.name,
                request.document,
                request.unit,
                Date(request.due),
            )
            return pb.OpenCampaignResponse(json=_json(await in_thread(self._readers, opened)))

    async def EnterCampaign(  # noqa: N802 - the name in the .proto file
        self, request: pb.EnterCampaignRequest, context: _ServicerContext
    ) -> pb.EnterCampaignResponse:
        """Enter listings."""
        async with answering(context, operator=True):
            check_request(request)
            entering = Entering(
                statements=tuple(map(StatementId, request.statement_ids)),
                codes=tuple(request.codes),
                query=Query(
                    list_type=request.list_type,
                    authority=request.authority,
                    origin=request.origin,
                    decided_until=Date(request.decided_until),
                ),
                unit=request.unit,
            )
            entered = await in_thread(self._readers, self._desk.enter, request.campaign, entering)
            return pb.EnterCampaignResponse(json=_json(entered))

    async def ListCampaigns(  # noqa: N802 - the name in the .proto file
        self, request: pb.ListCampaignsRequest, context: _ServicerContext
    ) -> pb.ListCampaignsResponse:
        """All campaigns."""
        async with answering(context, operator=True):
            check_request(request)
            found = await in_thread(self._readers, self._desk.every)
            return pb.ListCampaignsResponse(campaigns_json=map(_json, found))

    async def GetCampaign(  # noqa: N802 - the name in the .proto file
        self, request: pb.GetCampaignRequest, context: _ServicerContext
    ) -> pb.GetCampaignResponse:
        """One campaign."""
        async with answering(context, operator=True):
            check_request(request)
            day = Date(request.day) if request.day else None
            found = await in_thread(self._readers, self._desk.get, request.campaign, day)
            return pb.GetCampaignResponse(json=_json(found))

    async def ListCampaignSubjects(  # noqa: N802 - the name in the .proto file
        self, request: pb.ListCampaignSubjectsRequest, context: _ServicerContext
    ) -> pb.ListCampaignSubjectsResponse:
        """A page of its ledger."""
        async with answering(context, operator=True):
            check_request(request)
            ask = partial(
                self._desk.subjects,
                request.campaign,
                request.page_size,
                request.page_token,
                brief=request.brief,
            )
            found, token = await in_thread(self._readers, ask)
            return pb.ListCampaignSubjectsResponse(
                subjects_json=map(_json, found), next_page_token=token
            )


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)
