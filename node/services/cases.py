"""The review queue for the operator (`huxin cases`), on the Unix socket only."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from huxin.v1 import cases_pb2 as pb
from huxin.v1.cases_pb2_grpc import CasesServicer

from federation.ids import StatementId
from node.network.errors import answering, check_request
from node.reconcile.case_queue import Sought
from node.system.threads import in_thread

if TYPE_CHECKING:
    from huxin.v1.cases_pb2_grpc import _ServicerContext


class CaseLines(Protocol):
    """What the service needs of `node.reconcile.case_queue.CaseQueue`; blocks."""

    def list(
        self, sought: Sought, page_size: int, page_token: str
    ) -> tuple[list[dict[str, Any]], str]:
        """Open cases."""
        ...

    def waiting(self) -> dict[str, int]:
        """How many wait for whom."""
        ...


class CaseAnswers(Protocol):
    """What the service needs of `node.reconcile.case_desk.CaseDesk`; blocks."""

    @property
    def queue(self) -> CaseLines:
        """Which cases there are."""
        ...

    def get(self, statement_id: StatementId) -> dict[str, Any]:
        """One case."""
        ...

    def hands(self, statement_id: StatementId) -> dict[str, Any]:
        """Who had a hand in its decision; nothing of its subject."""
        ...

    def decide(
        self,
        statement_id: StatementId,
        verdict: str,
        person: str,
        reason: str,
        note: str = "",
        *,
        shown: str = "",
    ) -> dict[str, Any]:
        """A person's decision."""
        ...

    def propose(self, statement_id: StatementId, like: str, person: str) -> str:
        """An edition that would cure what stopped a listing."""
        ...

    def check_words(self, former: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Every decision, edition and confirmation, and whether its persons signed it."""
        ...


class CasesService(CasesServicer):
    """Cases."""

    def __init__(self, *, desk: CaseAnswers, readers: Executor) -> None:
        """Wire the service; `readers` are the threads in which all this runs."""
        self._desk = desk
        self._readers = readers

    async def ListCases(  # noqa: N802 - the name in the .proto file
        self, request: pb.ListCasesRequest, context: _ServicerContext
    ) -> pb.ListCasesResponse:
        """Open cases, in the order of the logs."""
        async with answering(context, operator=True):
            check_request(request)
            sought = Sought(
                rule=request.rule,
                list_type=request.list_type,
                text=request.sought.strip(),
                waits=request.waits,
            )
            cases, token = await in_thread(
                self._readers,
                self._desk.queue.list,
                sought,
                request.page_size,
                request.page_token,
            )
            return pb.ListCasesResponse(cases_json=map(_json, cases), next_page_token=token)

    async def CountWaitingCases(  # noqa: N802 - the name in the .proto file
        self, request: pb.CountWaitingCasesRequest, context: _ServicerContext
    ) -> pb.CountWaitingCasesResponse:
        """How many wait for a second person, and for their letter."""
        async with answering(context, operator=True):
            check_request(request)
            found = await in_thread(self._readers, self._desk.queue.waiting)
            return pb.CountWaitingCasesResponse(json=_json(found))

    async def GetCase(  # noqa: N802 - the name in the .proto file
        self, request: pb.GetCaseRequest, context: _ServicerContext
    ) -> pb.GetCaseResponse:
        """One case."""
        async with answering(context, operator=True):
            check_request(request)
            found = await in_thread(
                self._readers, self._desk.get, StatementId(request.statement_id)
            )
            return pb.GetCaseResponse(json=_json(found))

    async def GetCaseHands(  # noqa: N802 - the name in the .proto file
        self, request: pb.GetCaseRequest, context: _ServicerContext
    ) -> pb.GetCaseResponse:
        """Who had a hand in its decision; nothing of its subject."""
        async with answering(context, operator=True):
            check_request(request)
            found = await in_thread(
                self._readers, self._desk.hands, StatementId(request.statement_id)
            )
            return pb.GetCaseResponse(json=_json(found))

    async def DecideCase(  # noqa: N802 - the name in the .proto file
        self, request: pb.DecideCaseRequest, context: _ServicerContext
    ) -> pb.DecideCaseResponse:
        """A person's decision."""
        async with answering(context, operator=True):
            check_request(request)
            decide = partial(self._desk.decide, shown=request.shown)
            said = await in_thread(
                self._readers,
                decide,
                StatementId(request.statement_id),
                request.verdict,
                request.person,
                request.reason,
                request.note,
            )
            return pb.DecideCaseResponse(json=_json(said))

    async def ProposeEdition(  # noqa: N802 - the name in the .proto file
        self, request: pb.ProposeEditionRequest, context: _ServicerContext
    ) -> pb.ProposeEditionResponse:
        """An edition that would cure what stopped a listing."""
        async with answering(context, operator=True):
            check_request(request)
            text = await in_thread(
                self._readers,
                self._desk.propose,
                StatementId(request.statement_id),
                request.like,
                request.person,
            )
            return pb.ProposeEditionResponse(text=text)

    async def CheckWords(  # noqa: N802 - the name in the .proto file
        self, request: pb.CheckWordsRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.CheckWordsResponse]:
        """Every decision, edition and confirmation, and whether its persons signed it."""
        async with answering(context, operator=True):
            check_request(request)

            def check() -> list[dict[str, Any]]:
                return list(self._desk.check_words(list(request.keys)))

            for one in await in_thread(self._readers, check):
                yield pb.CheckWordsResponse(json=_json(one))


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)
