"""Imports for who does the business, on the Unix socket only: brought, said by two, published."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from huxin.v1 import imports_pb2 as pb
from huxin.v1.imports_pb2_grpc import ImportsServicer

from federation.errors import StatementError
from federation.names import STOPPING
from federation.screening.roles import Asker
from node.intake.import_rows import SHOWN, Wanted
from node.intake.imported import Brought, plain_name
from node.network.errors import answering, check_request
from node.services.askers import Askers
from node.system.threads import in_thread, watched

if TYPE_CHECKING:
    from huxin.v1.imports_pb2_grpc import _ServicerContext

Progress = Callable[[int], None]
_PART: Final = 1024 * 1024
"""Bytes of an errors file in one message."""


class ImportAnswers(Protocol):
    """What the service needs of `node.intake.imports.Imports`; blocks."""

    def bring(
        self, asker: Asker, path: Path, brought: Brought, progress: Progress
    ) -> dict[str, Any]:
        """Take a file and try it."""
        ...

    def name(self, number: str, called: str) -> dict[str, Any]:
        """Keep what its file is called."""
        ...

    def list(self) -> Sequence[dict[str, Any]]:
        """All imports."""
        ...

    def get(self, number: str) -> dict[str, Any]:
        """One import."""
        ...

    def errors(self, number: str) -> bytes:
        """Its errors file."""
        ...

    def rows(self, number: str, wanted: Wanted) -> dict[str, Any]:
        """A page of its rows."""
        ...

    def mappings(self) -> Sequence[dict[str, Any]]:
        """Mappings that can be named."""
        ...

    def propose(
        self, number: str, list_type: str, chosen: Mapping[str, str], name: str
    ) -> dict[str, Any]:
        """Propose a mapping."""
        ...

    def map(self, number: str, text: str, progress: Progress) -> dict[str, Any]:
        """Lay a mapping beside it."""
        ...

    def word(self, number: str, sort: str, says: Sequence[str], reason: str) -> dict[str, Any]:
        """Begin what persons are to say."""
        ...

    def say(
        self,
        asker: Asker,
        number: str,
        sort: str,
        person: str,
        note: str,
        shown: str,
        refusal: str,
        *,
        signed_in: bool,
    ) -> dict[str, Any]:
        """Take what one person says."""
        ...

    def publish(self, number: str, request_id: str, progress: Progress) -> dict[str, Any]:
        """Publish it."""
        ...

    def drop(self, number: str) -> dict[str, Any]:
        """Remove it."""
        ...


class ImportsService(ImportsServicer):
    """Imports."""

    def __init__(
        self,
        *,
        desk: ImportAnswers,
        askers: Askers,
        account: Callable[[str], str],
        readers: Executor,
        answered: Callable[[], Awaitable[None]],
    ) -> None:
        """Wire the service.

        Args:
            desk: does it.
            askers: says who calls.
            account: the name of the account that has a credential; empty: none.
            readers: the threads in which all this runs.
            answered: awaited before what lists somebody is published
                (`node.network.startup_inquiry`).
        """
        self._desk = desk
        self._askers = askers
        self._account = account
        self._readers = readers
        self._answered = answered

    async def NewImport(  # noqa: N802 - the name in the .proto file
        self, request: pb.NewImportRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.ImportResponse]:
        """Take a file in and try it."""
        async with answering(context, operator=True):
            check_request(request)
            path, asker = Path(request.path), self._askers.of(context)
            if not path.is_absolute():
                raise StatementError("request.invalid", f"path: expected absolute, got {path}")
            brought = Brought(
                kind=request.kind,
                list_type=request.list_type,
                mapping=request.mapping,
                source=request.source,
                full_snapshot=request.full_snapshot,
                called=plain_name(request.called),
                person="" if asker.local else self._account(asker.credential),
            )
            async for answer in self._told(partial(self._desk.bring, asker, path, brought)):
                yield answer

    async def NameImport(  # noqa: N802 - the name in the .proto file
        self, request: pb.NameImportRequest, context: _ServicerContext
    ) -> pb.ImportResponse:
        """Keep what its file is called."""
        async with answering(context, operator=True):
            check_request(request)
            found = await in_thread(self._readers, self._desk.name, request.number, request.called)
            return pb.ImportResponse(json=_json(found))

    async def ListImports(  # noqa: N802 - the name in the .proto file
        self, request: pb.ListImportsRequest, context: _ServicerContext
    ) -> pb.ListImportsResponse:
        """All imports."""
        async with answering(context, operator=True):
            check_request(request)
            found = await in_thread(self._readers, self._desk.list)
            return pb.ListImportsResponse(imports_json=map(_json, found))

    async def GetImport(  # noqa: N802 - the name in the .proto file
        self, request: pb.GetImportRequest, context: _ServicerContext
    ) -> pb.ImportResponse:
        """One import."""
        async with answering(context, operator=True):
            check_request(request)
            return await self._one(self._desk.get, request.number)

    async def GetImportErrors(  # noqa: N802 - the name in the .proto file
        self, request: pb.GetImportRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.ImportErrorsResponse]:
        """The errors file of an import."""
        async with answering(context, operator=True):
            check_request(request)
            data = await in_thread(self._readers, self._desk.errors, request.number)
            for at in range(0, len(data), _PART):
                yield pb.ImportErrorsResponse(part=data[at : at + _PART])

    async def GetImportRows(  # noqa: N802 - the name in the .proto file
        self, request: pb.GetImportRowsRequest, context: _ServicerContext
    ) -> pb.ImportResponse:
        """A page of the rows of an import."""
        async with answering(context, operator=True):
            check_request(request)
            wanted = Wanted(
                after=request.after, limit=request.limit or SHOWN, decision=request.decision
            )
            return await self._one(self._desk.rows, request.number, wanted)

    async def ListMappings(  # noqa: N802 - the name in the .proto file
        self, request: pb.ListMappingsRequest, context: _ServicerContext
    ) -> pb.ListMappingsResponse:
        """Mappings that can be named by their id."""
        async with answering(context, operator=True):
            check_request(request)
            found = await in_thread(self._readers, self._desk.mappings)
            return pb.ListMappingsResponse(mappings_json=map(_json, found))

    async def ProposeMapping(  # noqa: N802 - the name in the .proto file
        self, request: pb.ProposeMappingRequest, context: _ServicerContext
    ) -> pb.ImportResponse:
        """Propose a mapping for its columns."""
        async with answering(context, operator=True):
            check_request(request)
            chosen = {column.name: column.target for column in request.columns}
            number = request.number
            return await self._one(
                self._desk.propose, number, request.list_type, chosen, request.name
            )

    async def MapImport(  # noqa: N802 - the name in the .proto file
        self, request: pb.MapImportRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.ImportResponse]:
        """Lay a mapping beside an import, and try it again."""
        async with answering(context, operator=True):
            check_request(request)
            number = request.number
            async for answer in self._told(partial(self._desk.map, number, request.text)):
                yield answer

    async def BeginWord(  # noqa: N802 - the name in the .proto file
        self, request: pb.BeginWordRequest, context: _ServicerContext
    ) -> pb.ImportResponse:
        """Begin what two persons are to say."""
        async with answering(context, operator=True):
            check_request(request)
            number = request.number
            return await self._one(
                self._desk.word, number, request.sort, list(request.says), request.reason
            )

    async def SayWord(  # noqa: N802 - the name in the .proto file
        self, request: pb.SayWordRequest, context: _ServicerContext
    ) -> pb.ImportResponse:
        """Take what one person says."""
        async with answering(context, operator=True):
            check_request(request)
            return await self._one(self._said, request, self._askers.of(context))

    async def PublishImport(  # noqa: N802 - the name in the .proto file
        self, request: pb.PublishImportRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.ImportResponse]:
        """Publish an import, once."""
        async with answering(context, operator=True):
            check_request(request)
            number = request.number
            found = await in_thread(self._readers, self._desk.get, number)
            if found["kind"] not in STOPPING:
                await self._answered()
            publish = partial(self._desk.publish, number, request.request_id)
            async for answer in self._told(publish):
                yield answer

    async def DropImport(  # noqa: N802 - the name in the .proto file
        self, request: pb.GetImportRequest, context: _ServicerContext
    ) -> pb.ImportResponse:
        """Remove an import."""
        async with answering(context, operator=True):
            check_request(request)
            return await self._one(self._desk.drop, request.number)

    def _said(self, request: pb.SayWordRequest, asker: Asker) -> dict[str, Any]:
        """Whoever is signed in says it (V11)."""
        signed_in = not asker.local and bool(self._account(asker.credential))
        return self._desk.say(
            asker,
            request.number,
            request.sort,
            request.person,
            request.note,
            request.shown,
            request.refusal,
            signed_in=signed_in,
        )

    async def _one(self, call: Callable[..., dict[str, Any]], *said: object) -> pb.ImportResponse:
        return pb.ImportResponse(json=_json(await in_thread(self._readers, call, *said)))

    async def _told(
        self, take: Callable[[Progress], dict[str, Any]]
    ) -> AsyncIterator[pb.ImportResponse]:
        rows = 0
        async for step in watched(self._readers, take):
            if isinstance(step, int):
                rows = step
                yield pb.ImportResponse(rows_read=rows)
            else:
                yield pb.ImportResponse(rows_read=rows, json=_json(step))


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)
