"""Platforms for the operator (`huxin adapter inbox|totals|redeliver`), on the Unix socket only."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from huxin.v1 import platforms_pb2 as pb
from huxin.v1.platforms_pb2_grpc import PlatformsServicer

from federation.intake.feed import ONE_SUBJECT
from node.network.errors import answering, check_request
from node.system.threads import in_thread

if TYPE_CHECKING:
    from huxin.v1.platforms_pb2_grpc import _ServicerContext


class PlatformAnswers(Protocol):
    """What the service needs of `node.platform.desk.PlatformDesk`; blocks."""

    def suspected(self, platform: str) -> dict[str, Any]:
        """Rows that wait for two persons, and what was said of such."""
        ...

    def release(
        self, platform: str, source: str, by: Sequence[str], reason: str, *, code: str, note: str
    ) -> dict[str, Any]:
        """Publish those that wait with a code."""
        ...

    def totals(self, platform: str, *, now: bool) -> dict[str, Any]:
        """What the comparison of control totals found."""
        ...

    def redeliver(self, platform: str, origin: str) -> dict[str, Any]:
        """Have a platform told again."""
        ...


class PlatformsService(PlatformsServicer):
    """Rows that wait for a person's word; what a platform was told."""

    def __init__(
        self,
        *,
        desk: PlatformAnswers,
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

    async def GetSuspected(  # noqa: N802 - the name in the .proto file
        self, request: pb.GetSuspectedRequest, context: _ServicerContext
    ) -> pb.GetSuspectedResponse:
        """Give the document."""
        async with answering(context, operator=True):
            check_request(request)
            found = await in_thread(self._readers, self._desk.suspected, request.platform)
            return pb.GetSuspectedResponse(json=json.dumps(found, ensure_ascii=False))

    async def ReleaseRows(  # noqa: N802 - the name in the .proto file
        self, request: pb.ReleaseRowsRequest, context: _ServicerContext
    ) -> pb.ReleaseRowsResponse:
        """Publish the rows."""
        async with answering(context, operator=True):
            check_request(request)
            await self._answered()
            say = partial(
                self._desk.release,
                request.platform,
                request.source,
                tuple(request.by),
                request.reason,
                code=request.code or ONE_SUBJECT,
                note=request.note,
            )
            said = await in_thread(self._readers, say)
            return pb.ReleaseRowsResponse(json=json.dumps(said, ensure_ascii=False))

    async def GetTotals(  # noqa: N802 - the name in the .proto file
        self, request: pb.GetTotalsRequest, context: _ServicerContext
    ) -> pb.GetTotalsResponse:
        """Give the document."""
        async with answering(context, operator=True):
            check_request(request)
            ask = partial(self._desk.totals, request.platform, now=request.now)
            found = await in_thread(self._readers, ask)
            return pb.GetTotalsResponse(json=json.dumps(found, ensure_ascii=False))

    async def Redeliver(  # noqa: N802 - the name in the .proto file
        self, request: pb.RedeliverRequest, context: _ServicerContext
    ) -> pb.RedeliverResponse:
        """Ask for the leaves."""
        async with answering(context, operator=True):
            check_request(request)
            ask = partial(self._desk.redeliver, request.platform, request.origin)
            said = await in_thread(self._readers, ask)
            return pb.RedeliverResponse(json=json.dumps(said, ensure_ascii=False))
