"""Recognitions 场景互认 (`huxin scenarios`): on the Unix socket and, for departments, over TLS."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from huxin.v1 import recognition_pb2 as pb

from node.network.errors import answering
from node.services.benefits import Asking, BenefitAnswers, BenefitCalls, UseAnswers
from node.system.threads import in_thread

if TYPE_CHECKING:
    from huxin.v1.recognition_pb2_grpc import _ServicerContext

T = TypeVar("T")

PIECE: Final = 256 * 1024
"""Characters in one message; a document may be larger than any message."""


class ScenarioAnswers(Protocol):
    """What the service needs of `node.recognition.scenario_desk.ScenarioDesk`; blocks."""

    def scenarios(self, wanted: Mapping[str, str]) -> Sequence[Mapping[str, Any]]:
        """Scenarios in short."""
        ...

    def scenario(self, scenario: str) -> Mapping[str, Any]:
        """One in full."""
        ...

    def matrix(self) -> Mapping[str, Any]:
        """Who recognises what."""
        ...

    def history(self, scenario: str) -> Sequence[Mapping[str, Any]]:
        """All that was said of one."""
        ...

    def page(self, *, english: bool, objections: str) -> str:
        """A page for the city's site."""
        ...


class RecognitionsService(BenefitCalls):
    """Scenarios and what regions say of them."""

    def __init__(
        self,
        *,
        desk: ScenarioAnswers,
        benefits: BenefitAnswers,
        uses: UseAnswers,
        askers: Asking,
        readers: Executor,
        answered: Callable[[], Awaitable[None]],
    ) -> None:
        """Wire the service; as `BenefitCalls`, and `desk` for scenarios."""
        super().__init__(
            benefits=benefits, uses=uses, askers=askers, readers=readers, answered=answered
        )
        self._scenarios = desk
        self._scenario_readers = readers

    async def ListScenarios(  # noqa: N802 - the name in the .proto file
        self, request: pb.ListScenariosRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.ListScenariosResponse]:
        """Scenarios in short, piece by piece."""
        async with answering(context):
            wanted = {one.name: getattr(request, one.name) for one in request.DESCRIPTOR.fields}
            found = await self._read(partial(self._scenarios.scenarios, wanted))
            for piece in _pieces(_json(found)):
                yield pb.ListScenariosResponse(json=piece)

    async def GetScenario(  # noqa: N802 - the name in the .proto file
        self, request: pb.GetScenarioRequest, context: _ServicerContext
    ) -> pb.GetScenarioResponse:
        """One in full."""
        async with answering(context):
            found = await self._read(partial(self._scenarios.scenario, request.scenario))
            return pb.GetScenarioResponse(json=_json(found))

    async def GetMatrix(  # noqa: N802 - the name in the .proto file
        self, request: pb.GetMatrixRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.GetMatrixResponse]:
        """Who recognises what, piece by piece."""
        async with answering(context):
            del request
            for piece in _pieces(_json(await self._read(self._scenarios.matrix))):
                yield pb.GetMatrixResponse(json=piece)

    async def GetHistory(  # noqa: N802 - the name in the .proto file
        self, request: pb.GetHistoryRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.GetHistoryResponse]:
        """All that was said of one, piece by piece."""
        async with answering(context):
            found = await self._read(partial(self._scenarios.history, request.scenario))
            for piece in _pieces(_json(found)):
                yield pb.GetHistoryResponse(json=piece)

    async def MakePage(  # noqa: N802 - the name in the .proto file
        self, request: pb.MakePageRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.MakePageResponse]:
        """The page, piece by piece."""
        async with answering(context):
            ask = partial(
                self._scenarios.page, english=request.english, objections=request.objections
            )
            made = await self._read(ask)
            for piece in _pieces(made):
                yield pb.MakePageResponse(html=piece)

    async def _read(self, ask: Callable[[], T]) -> T:
        return await in_thread(self._scenario_readers, ask)


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)


def _pieces(text: str) -> Iterator[str]:
    yield from (text[start : start + PIECE] for start in range(0, len(text), PIECE))
