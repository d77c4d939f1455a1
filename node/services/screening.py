"""Screening 核查 for departments (`huxin check`): on the Unix socket and over TLS.

Who asks is found out first (`Asking`); what is asked is judged by the desk, and so are its faults:
fields have no bounds of the transport here, so that each fault has its code.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any, Protocol

from huxin.v1 import screening_pb2 as pb

from federation.ids import Date
from federation.screening.roles import Asker
from node.network.errors import answering, check_request
from node.services.batches import PIECE, BatchAnswers, answered, rows_said
from node.services.outcomes import Asking, OutcomeAnswers, OutcomeCalls
from node.system.threads import Crossing, in_thread

if TYPE_CHECKING:
    from huxin.v1.screening_pb2_grpc import _ServicerContext


class ScreeningAnswers(Protocol):
    """What the service needs of `node.screening.desk.ScreeningDesk`; but for `ask` it blocks."""

    def ask(self, asker: Asker, raw: Mapping[str, Any]) -> Future[dict[str, Any]]:
        """Let a question about one subject be answered; does not block."""
        ...

    def matters(self, asker: Asker) -> list[dict[str, Any]]:
        """The matters about which the asker may ask today."""
        ...

    def measures(self, asker: Asker) -> list[dict[str, Any]]:
        """The measures that may follow here today."""
        ...


class ScreeningService(OutcomeCalls):
    """Checks, and what was done about them."""

    def __init__(
        self,
        *,
        desk: ScreeningAnswers,
        batches: BatchAnswers,
        outcomes: OutcomeAnswers,
        uses: Callable[[Date, Date], Sequence[Mapping[str, Any]]],
        askers: Asking,
        exposed: Callable[[str, str], None],
        readers: Executor,
        answered: Callable[[], Awaitable[None]],
    ) -> None:
        """Wire the service.

        Args:
            desk: answers questions.
            batches: answers about many.
            outcomes: takes what was done.
            uses: of benefits, in a period.
            askers: who makes a call.
            exposed: told of a token that came where others can read it, and of where.
            readers: threads in which all this runs.
            answered: waits for the answer of members (`node.network.startup_inquiry`).
        """
        super().__init__(
            outcomes=outcomes, uses=uses, askers=askers, readers=readers, answered=answered
        )
        self._desk = desk
        self._batches = batches
        self._askers = askers
        self._exposed = exposed
        self._readers = readers
        self._crossing = Crossing()

    async def Check(  # noqa: N802 - the name in the .proto file
        self, request: pb.CheckRequest, context: _ServicerContext
    ) -> pb.CheckResponse:
        """Ask about one subject."""
        async with answering(context):
            asker = self._askers.of(context)
            answer = self._desk.ask(asker, fields_of(request))
            return answer_of(await self._crossing.bring(answer))

    async def CheckBatch(  # noqa: N802 - the name in the .proto file
        self, request_iterator: AsyncIterator[pb.CheckBatchRequest], context: _ServicerContext
    ) -> AsyncIterator[pb.CheckBatchResponse]:
        """Ask about many."""
        async with answering(context):
            asker = self._askers.of(context)
            async for piece in answered(self._batches, asker, request_iterator, self._readers):
                yield piece

    async def CheckRows(  # noqa: N802 - the name in the .proto file
        self, request: pb.CheckRowsRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.CheckRowsResponse]:
        """Ask about many in one message."""
        async with answering(context):
            check_request(request)
            asker, said = self._askers.of(context), rows_said(request.json)
            answer = _json(await in_thread(self._readers, self._batches.ask, asker, said))
            for begin in range(0, len(answer), PIECE):
                yield pb.CheckRowsResponse(json=answer[begin : begin + PIECE])

    async def ListMatters(  # noqa: N802 - the name in the .proto file
        self, request: pb.ListMattersRequest, context: _ServicerContext
    ) -> pb.ListMattersResponse:
        """Matters that may be asked about today."""
        async with answering(context):
            del request
            asker = self._askers.of(context)
            found = await in_thread(self._readers, self._desk.matters, asker)
            return pb.ListMattersResponse(matters_json=map(_json, found))

    async def ListMeasures(  # noqa: N802 - the name in the .proto file
        self, request: pb.ListMeasuresRequest, context: _ServicerContext
    ) -> pb.ListMeasuresResponse:
        """Measures that may follow from a listing here today."""
        async with answering(context):
            del request
            asker = self._askers.of(context)
            found = await in_thread(self._readers, self._desk.measures, asker)
            return pb.ListMeasuresResponse(measures_json=map(_json, found))

    async def NoteExposed(  # noqa: N802 - the name in the .proto file
        self, request: pb.NoteExposedRequest, context: _ServicerContext
    ) -> pb.NoteExposedResponse:
        """Keep that a token came where others can read it; whoever saw it may say so."""
        async with answering(context):
            await in_thread(self._readers, self._exposed, request.token, request.place)
            return pb.NoteExposedResponse()


def fields_of(request: pb.CheckRequest) -> dict[str, Any]:
    """What is asked, by field."""
    return {field.name: getattr(request, field.name) for field in request.DESCRIPTOR.fields}


def answer_of(document: dict[str, Any]) -> pb.CheckResponse:
    """An answer as it goes over the wire."""
    return pb.CheckResponse(json=_json(document))


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)
