"""Benefits 惠民便企场景: the calls of the service Recognitions by which departments ask and report.

Who asks is found out first (`Asking`); what is asked is judged by the desk, and so are its faults:
fields have no bounds of the transport here, so that each fault has its code.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from huxin.v1 import recognition_pb2 as pb
from huxin.v1.recognition_pb2_grpc import RecognitionsServicer

from federation.ids import Date
from federation.screening.roles import Asker, for_every_department
from node.network.errors import answering
from node.recognition.use_desk import Reporter
from node.services.outcomes import PIECE
from node.system.threads import Crossing, in_thread

if TYPE_CHECKING:
    from huxin.v1.recognition_pb2_grpc import _ServicerContext


class Asking(Protocol):
    """Who makes a call (`node.services.askers.Askers`)."""

    def of(self, context: _ServicerContext) -> Asker:
        """Find out who asks."""
        ...


class BenefitAnswers(Protocol):
    """What the calls need of `node.recognition.benefit_desk.BenefitDesk`; `list` blocks."""

    def ask(self, asker: Asker, raw: Mapping[str, Any]) -> Future[dict[str, Any]]:
        """Let a question about one benefit be answered; never blocks."""
        ...

    def list(self, asker: Asker, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Answer about all that are honoured here."""
        ...


class UseAnswers(Protocol):
    """What the calls need of `node.recognition.use_desk.UseDesk`; blocks."""

    def report(self, asker: Reporter, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Take that a benefit was used."""
        ...

    def figures(self, first: Date, last: Date) -> Sequence[Mapping[str, Any]]:
        """Uses of a period."""
        ...


class BenefitCalls(RecognitionsServicer):
    """The calls of benefits."""

    def __init__(
        self,
        *,
        benefits: BenefitAnswers,
        uses: UseAnswers,
        askers: Asking,
        readers: Executor,
        answered: Callable[[], Awaitable[None]],
    ) -> None:
        """Wire them.

        Args:
            benefits: answers questions.
            uses: takes uses.
            askers: who makes a call.
            readers: threads in which all this runs.
            answered: waits for the answer of members (`node.network.startup_inquiry`).
        """
        self._benefits = benefits
        self._uses = uses
        self._askers = askers
        self._readers = readers
        self._answered = answered
        self._crossing = Crossing()

    async def CheckBenefit(  # noqa: N802 - the name in the .proto file
        self, request: pb.CheckBenefitRequest, context: _ServicerContext
    ) -> pb.CheckBenefitResponse:
        """Ask about one benefit."""
        async with answering(context):
            asker = self._askers.of(context)
            answer = await self._crossing.bring(self._benefits.ask(asker, _fields(request)))
            return pb.CheckBenefitResponse(json=_json(answer))

    async def ListBenefits(  # noqa: N802 - the name in the .proto file
        self, request: pb.ListBenefitsRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.ListBenefitsResponse]:
        """Ask about all, piece by piece."""
        async with answering(context):
            asker = self._askers.of(context)
            ask = partial(self._benefits.list, asker, _fields(request))
            text = _json(await in_thread(self._readers, ask))
            for start in range(0, len(text), PIECE):
                yield pb.ListBenefitsResponse(json=text[start : start + PIECE])

    async def ReportBenefitUse(  # noqa: N802 - the name in the .proto file
        self, request: pb.ReportBenefitUseRequest, context: _ServicerContext
    ) -> pb.ReportBenefitUseResponse:
        """Report that a benefit was used."""
        async with answering(context):
            await self._answered()
            reporter = for_every_department(self._askers.of(context))
            report = partial(self._uses.report, reporter, _fields(request))
            return pb.ReportBenefitUseResponse(json=_json(await in_thread(self._readers, report)))


def _fields(
    request: pb.CheckBenefitRequest | pb.ListBenefitsRequest | pb.ReportBenefitUseRequest,
) -> dict[str, Any]:
    return {field.name: getattr(request, field.name) for field in request.DESCRIPTOR.fields}


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)
