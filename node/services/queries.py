"""Who asked what (`huxin access queries|verify|export`), on the Unix socket only."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from huxin.v1 import queries_pb2 as pb
from huxin.v1.queries_pb2_grpc import QueriesServicer

from federation.screening.roles import Asker
from node.network.errors import answering, check_request
from node.services.askers import Askers
from node.system.threads import in_thread

if TYPE_CHECKING:
    from huxin.v1.queries_pb2_grpc import _ServicerContext


class QueryAnswers(Protocol):
    """What the service needs of `node.access`; blocks."""

    def of_subject(
        self,
        asker: Asker,
        *,
        code: str,
        name: str,
        authorisation: str,
        by: Sequence[str],
        note: str,
    ) -> list[dict[str, Any]]:
        """Who asked about a subject."""
        ...

    def of_department(
        self, asker: Asker, department: str, by: Sequence[str]
    ) -> list[dict[str, Any]]:
        """What a department asked."""
        ...

    def verify(self, promises: Sequence[bytes]) -> dict[str, Any]:
        """Whether the log is what was signed."""
        ...

    def export(self) -> Iterator[tuple[str, bytes]]:
        """Checkpoints and tiles."""
        ...


class QueriesService(QueriesServicer):
    """The query log, for auditors and for subjects."""

    def __init__(
        self,
        *,
        desk: QueryAnswers,
        askers: Askers,
        readers: Executor,
        matters: Callable[[], Mapping[str, str]],
    ) -> None:
        """Wire the service.

        Args:
            desk: answers.
            askers: who makes a call.
            readers: threads in which all this runs.
            matters: names of those of this city's catalog of today, by code.
        """
        self._desk = desk
        self._matters = matters
        self._askers = askers
        self._readers = readers

    async def ListQueries(  # noqa: N802 - the name in the .proto file
        self, request: pb.ListQueriesRequest, context: _ServicerContext
    ) -> pb.ListQueriesResponse:
        """Who asked about a subject, or what a department asked."""
        async with answering(context, operator=True):
            check_request(request)
            asker, by = self._askers.of(context), tuple(request.by)
            if request.department:
                found = await in_thread(
                    self._readers, self._desk.of_department, asker, request.department, by
                )
            else:
                ask = partial(
                    self._desk.of_subject,
                    asker,
                    code=request.code,
                    name=request.name,
                    authorisation=request.authorisation,
                    by=by,
                    note=request.note,
                )
                found = await in_thread(self._readers, ask)
            known = await in_thread(self._readers, self._matters)
            named = (one | {"matter_name": known.get(one.get("matter", ""), "")} for one in found)
            return pb.ListQueriesResponse(queries_json=map(_json, named))

    async def VerifyQueries(  # noqa: N802 - the name in the .proto file
        self, request: pb.VerifyQueriesRequest, context: _ServicerContext
    ) -> pb.VerifyQueriesResponse:
        """Whether the log is what was signed."""
        async with answering(context, operator=True):
            check_request(request)
            found = await in_thread(self._readers, self._desk.verify, tuple(request.promises))
            return pb.VerifyQueriesResponse(json=_json(found))

    async def ExportQueryLog(  # noqa: N802 - the name in the .proto file
        self, request: pb.ExportQueryLogRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.ExportQueryLogResponse]:
        """Checkpoints and tiles, file by file."""
        async with answering(context, operator=True):
            check_request(request)
            files = self._desk.export()
            while (one := await in_thread(self._readers, next, files, None)) is not None:
                path, data = one
                yield pb.ExportQueryLogResponse(path=path, data=data)


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)
