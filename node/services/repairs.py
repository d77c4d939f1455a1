"""How far reliefs have come, for the operator (`huxin repairs`), on the Unix socket only."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, Final, Protocol

from huxin.v1 import repairs_pb2 as pb
from huxin.v1.repairs_pb2_grpc import RepairsServicer

from federation.ids import Date, StatementId
from federation.relief.recheck import Finding
from node.network.errors import answering, check_request
from node.relief.repairs import Wanted
from node.system.threads import in_thread

if TYPE_CHECKING:
    from huxin.v1.repairs_pb2_grpc import _ServicerContext


_PROGRESS: Final = ("statement_id", "members", "executed", "late", "by_member")
"""What of a relief is said without its subject."""


class RepairAnswers(Protocol):
    """What the service needs of `node.relief.repair_desk.RepairDesk`; blocks."""

    def page(
        self, wanted: Wanted, page_size: int, page_token: str
    ) -> tuple[list[dict[str, Any]], str]:
        """A page of reliefs."""
        ...

    def get(self, statement_id: StatementId) -> dict[str, Any]:
        """One relief."""
        ...

    def audit(self) -> list[dict[str, Any]]:
        """Wrong and missed repairs."""
        ...

    def rates(self, first: Date, last: Date) -> dict[str, Any]:
        """How many were executed in time."""
        ...

    @property
    def rechecks(self) -> RecheckAnswers:
        """What is drawn of repairs to be looked at again."""
        ...


class RecheckAnswers(Protocol):
    """What the service needs of `node.relief.rechecks.Rechecks`; blocks."""

    def draw(self, quarter: str, person: str, /) -> dict[str, Any]:
        """Draw the sample of a quarter."""
        ...

    def list_(self) -> list[dict[str, Any]]:
        """What was drawn."""
        ...

    def keep(
        self, statement_id: StatementId, person: str, decider: str, finding: Finding, note: str, /
    ) -> dict[str, Any]:
        """Keep what a recheck came to."""
        ...


class RepairsService(RepairsServicer):
    """How far reliefs have come."""

    def __init__(self, *, desk: RepairAnswers, readers: Executor) -> None:
        """Wire the service; `readers` are the threads in which all this runs."""
        self._desk = desk
        self._readers = readers

    async def ListRepairs(  # noqa: N802 - the name in the .proto file
        self, request: pb.ListRepairsRequest, context: _ServicerContext
    ) -> pb.ListRepairsResponse:
        """Reliefs in the order of the logs."""
        async with answering(context, operator=True):
            check_request(request)
            wanted = Wanted(
                late=request.late,
                outstanding=request.outstanding,
                member=request.member,
                since=Date(request.since),
                list_type=request.list_type,
            )
            found, token = await in_thread(
                self._readers, self._desk.page, wanted, request.page_size, request.page_token
            )
            return pb.ListRepairsResponse(repairs_json=map(_json, found), next_page_token=token)

    async def GetRepair(  # noqa: N802 - the name in the .proto file
        self, request: pb.GetRepairRequest, context: _ServicerContext
    ) -> pb.GetRepairResponse:
        """One relief."""
        async with answering(context, operator=True):
            check_request(request)
            found = await in_thread(
                self._readers, self._desk.get, StatementId(request.statement_id)
            )
            return pb.GetRepairResponse(json=_json(found))

    async def GetRepairProgress(  # noqa: N802 - the name in the .proto file
        self, request: pb.GetRepairRequest, context: _ServicerContext
    ) -> pb.GetRepairResponse:
        """How far one relief has come; nothing of its subject."""
        async with answering(context, operator=True):
            check_request(request)
            found = await in_thread(
                self._readers, self._desk.get, StatementId(request.statement_id)
            )
            progress = {name: found[name] for name in _PROGRESS}
            return pb.GetRepairResponse(json=_json(progress))

    async def AuditRepairs(  # noqa: N802 - the name in the .proto file
        self, request: pb.AuditRepairsRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.AuditRepairsResponse]:
        """Wrong and missed repairs."""
        async with answering(context, operator=True):
            check_request(request)
            for one in await in_thread(self._readers, self._desk.audit):
                yield pb.AuditRepairsResponse(json=_json(one))

    async def GetRepairRates(  # noqa: N802 - the name in the .proto file
        self, request: pb.GetRepairRatesRequest, context: _ServicerContext
    ) -> pb.GetRepairRatesResponse:
        """How many of our own reliefs of a period were executed in time."""
        async with answering(context, operator=True):
            check_request(request)
            found = await in_thread(
                self._readers, self._desk.rates, Date(request.first), Date(request.last)
            )
            return pb.GetRepairRatesResponse(json=_json(found))

    async def DrawRechecks(  # noqa: N802 - the name in the .proto file
        self, request: pb.DrawRechecksRequest, context: _ServicerContext
    ) -> pb.DrawRechecksResponse:
        """Draw the repairs of a quarter that are rechecked."""
        async with answering(context, operator=True):
            check_request(request)
            drawn = await in_thread(
                self._readers, self._desk.rechecks.draw, request.quarter, request.by
            )
            return pb.DrawRechecksResponse(json=_json(drawn))

    async def ListRechecks(  # noqa: N802 - the name in the .proto file
        self, request: pb.ListRechecksRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.ListRechecksResponse]:
        """What was drawn, and what its rechecks came to."""
        async with answering(context, operator=True):
            check_request(request)
            for one in await in_thread(self._readers, self._desk.rechecks.list_):
                yield pb.ListRechecksResponse(json=_json(one))

    async def KeepRecheck(  # noqa: N802 - the name in the .proto file
        self, request: pb.KeepRecheckRequest, context: _ServicerContext
    ) -> pb.KeepRecheckResponse:
        """Keep what a recheck came to."""
        async with answering(context, operator=True):
            check_request(request)
            kept = await in_thread(
                self._readers,
                self._desk.rechecks.keep,
                StatementId(request.statement_id),
                request.by,
                request.decided_by,
                Finding(request.finding),
                request.note,
            )
            return pb.KeepRecheckResponse(json=_json(kept))


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)
