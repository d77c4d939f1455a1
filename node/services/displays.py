"""What third parties display, on the Unix socket: by their token, the rest is the operator's."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from huxin.v1 import displays_pb2 as pb
from huxin.v1.displays_pb2_grpc import DisplaysServicer

from federation.errors import StatementError
from federation.relief.displays import FORM
from federation.screening.roles import Asker
from node.network.errors import answering, check_request
from node.services.askers import Askers
from node.system.threads import in_thread

if TYPE_CHECKING:
    from huxin.v1.displays_pb2_grpc import _ServicerContext


class DisplayAnswers(Protocol):
    """What the service needs of `node.relief.displays.DisplayDesk`; blocks."""

    def submit(self, asker: Asker, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        """Say which rows of a batch must go."""
        ...

    def acknowledge(self, asker: Asker, number: str, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        """Keep which of them were taken down."""
        ...

    def batches(self, party: str) -> list[dict[str, Any]]:
        """The newest batches."""
        ...

    def get(self, number: str) -> dict[str, Any]:
        """One batch."""
        ...

    def report(self) -> list[dict[str, Any]]:
        """What each third party owes."""
        ...


class DisplaysService(DisplaysServicer):
    """Displays of third parties."""

    def __init__(self, *, desk: DisplayAnswers, askers: Askers, readers: Executor) -> None:
        """Wire the service; `readers` are the threads in which all this runs."""
        self._desk = desk
        self._askers = askers
        self._readers = readers

    async def SubmitDisplays(  # noqa: N802 - the name in the .proto file
        self, request: pb.SubmitDisplaysRequest, context: _ServicerContext
    ) -> pb.SubmitDisplaysResponse:
        """Say which rows of a batch must go."""
        async with answering(context):
            check_request(request)
            ask = partial(self._desk.submit, self._askers.of(context), _object(request.json))
            return pb.SubmitDisplaysResponse(json=_json(await in_thread(self._readers, ask)))

    async def AcknowledgeDisplays(  # noqa: N802 - the name in the .proto file
        self, request: pb.AcknowledgeDisplaysRequest, context: _ServicerContext
    ) -> pb.AcknowledgeDisplaysResponse:
        """Keep which of them were taken down."""
        async with answering(context):
            check_request(request)
            asker, said = self._askers.of(context), _object(request.json)
            ask = partial(self._desk.acknowledge, asker, request.number, said)
            return pb.AcknowledgeDisplaysResponse(json=_json(await in_thread(self._readers, ask)))

    async def ListDisplays(  # noqa: N802 - the name in the .proto file
        self, request: pb.ListDisplaysRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.ListDisplaysResponse]:
        """The newest batches."""
        async with answering(context, operator=True):
            check_request(request)
            for one in await in_thread(self._readers, self._desk.batches, request.party):
                yield pb.ListDisplaysResponse(json=_json(one))

    async def GetDisplays(  # noqa: N802 - the name in the .proto file
        self, request: pb.GetDisplaysRequest, context: _ServicerContext
    ) -> pb.GetDisplaysResponse:
        """One batch."""
        async with answering(context, operator=True):
            check_request(request)
            found = await in_thread(self._readers, self._desk.get, request.number)
            return pb.GetDisplaysResponse(json=_json(found))

    async def ReportDisplays(  # noqa: N802 - the name in the .proto file
        self, request: pb.ReportDisplaysRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.ReportDisplaysResponse]:
        """What each third party owes."""
        async with answering(context, operator=True):
            check_request(request)
            for one in await in_thread(self._readers, self._desk.report):
                yield pb.ReportDisplaysResponse(json=_json(one))


def _object(text: str) -> dict[str, Any]:
    """Read one JSON object.

    Raises:
        StatementError: `display.form`.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise StatementError(FORM, "expected one JSON object")
    return found


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)
