"""Outcomes 惩戒反馈: the calls of the service Screening by which departments say what they did."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

from huxin.v1 import screening_pb2 as pb
from huxin.v1.screening_pb2_grpc import ScreeningServicer

from federation.ids import Date
from federation.screening.roles import Asker, for_every_department
from node.network.errors import answering, check_request
from node.screening.outcome_desk import Reporter
from node.system.threads import in_thread

if TYPE_CHECKING:
    from huxin.v1.screening_pb2_grpc import _ServicerContext

PIECE: Final = 256 * 1024
"""Characters in one message; a document may be larger than any message."""


class Asking(Protocol):
    """Who makes a call (`node.services.askers.Askers`)."""

    def of(self, context: _ServicerContext) -> Asker:
        """Find out who asks."""
        ...


class OutcomeAnswers(Protocol):
    """What the calls need of `node.screening.outcome_desk.OutcomeDesk`; blocks."""

    def report(self, asker: Reporter, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Take the outcome of one measure of one match."""
        ...

    def get(self, asker: Reporter, number: str) -> dict[str, Any]:
        """A check with what was reported of its matches."""
        ...

    def pending(
        self, asker: Reporter, page_size: int, page_token: str
    ) -> tuple[list[dict[str, Any]], str]:
        """A page of what waits for a report; all of it where no size is asked for."""
        ...

    def list(self, asker: Reporter) -> list[dict[str, Any]]:
        """What was reported."""
        ...

    def figures(self, first: Date, last: Date) -> dict[str, Any]:
        """Figures of a period."""
        ...


class OutcomeCalls(ScreeningServicer):
    """The calls of outcomes."""

    def __init__(
        self,
        *,
        outcomes: OutcomeAnswers,
        uses: Callable[[Date, Date], Sequence[Mapping[str, Any]]],
        askers: Asking,
        readers: Executor,
        answered: Callable[[], Awaitable[None]],
    ) -> None:
        """Wire them.

        Args:
            outcomes: answers.
            uses: of benefits, in a period; they stand in the same report.
            askers: who makes a call.
            readers: threads in which all this runs.
            answered: waits for the answer of members (`node.network.startup_inquiry`).
        """
        self._outcomes = outcomes
        self._uses = uses
        self._outcome_askers = askers
        self._outcome_readers = readers
        self._outcomes_answered = answered

    def reporter(self, context: _ServicerContext) -> Reporter:
        """Who asks, and for which departments (AC29).

        Raises:
            RefusedError: `access.…`.
        """
        return for_every_department(self._outcome_askers.of(context))

    async def ReportOutcome(  # noqa: N802 - the name in the .proto file
        self, request: pb.ReportOutcomeRequest, context: _ServicerContext
    ) -> pb.ReportOutcomeResponse:
        """Take the outcome of one measure of one match."""
        async with answering(context):
            check_request(request)
            await self._outcomes_answered()
            raw = {
                "check": request.check,
                "origin": request.origin,
                "index": request.index,
                "measure": request.measure,
                "result": request.result,
                "reason": request.reason,
                "decided_on": request.decided_on,
                "person": request.person,
                "request_id": request.request_id,
                "corrects": request.corrects,
            }
            report = partial(self._outcomes.report, self.reporter(context), raw)
            return pb.ReportOutcomeResponse(
                json=_json(await in_thread(self._outcome_readers, report))
            )

    async def GetOutcomes(  # noqa: N802 - the name in the .proto file
        self, request: pb.GetOutcomesRequest, context: _ServicerContext
    ) -> pb.GetOutcomesResponse:
        """A check with what was reported of its matches."""
        async with answering(context):
            check_request(request)
            get = partial(self._outcomes.get, self.reporter(context), request.check)
            return pb.GetOutcomesResponse(json=_json(await in_thread(self._outcome_readers, get)))

    async def ListOutcomes(  # noqa: N802 - the name in the .proto file
        self, request: pb.ListOutcomesRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.ListOutcomesResponse]:
        """What was reported."""
        async with answering(context):
            check_request(request)
            ask = partial(self._outcomes.list, self.reporter(context))
            for piece in _pieces(await in_thread(self._outcome_readers, ask)):
                yield pb.ListOutcomesResponse(json=piece)

    async def PendingOutcomes(  # noqa: N802 - the name in the .proto file
        self, request: pb.PendingOutcomesRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.PendingOutcomesResponse]:
        """What waits for a report."""
        async with answering(context):
            check_request(request)
            asked = (self.reporter(context), request.page_size, request.page_token)
            ask = partial(self._outcomes.pending, *asked)
            found, token = await in_thread(self._outcome_readers, ask)
            for piece in _pieces(found):
                yield pb.PendingOutcomesResponse(json=piece, next_page_token=token)

    async def OutcomeReport(  # noqa: N802 - the name in the .proto file
        self, request: pb.OutcomeReportRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.OutcomeReportResponse]:
        """Figures of a period; the operator's."""
        async with answering(context):
            check_request(request)
            ask = partial(self._figures, Date(request.first), Date(request.last))
            for piece in _pieces(await in_thread(self._outcome_readers, ask)):
                yield pb.OutcomeReportResponse(json=piece)

    def _figures(self, first: Date, last: Date) -> dict[str, Any]:
        return self._outcomes.figures(first, last) | {"benefits": list(self._uses(first, last))}


def _pieces(document: object) -> list[str]:
    text = _json(document)
    return [text[at : at + PIECE] for at in range(0, len(text), PIECE)]


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)
