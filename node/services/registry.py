"""The service for a city's own departments and adapters (SPEC.md §10), on the Unix socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from huxin.v1 import registry_pb2 as pb
from huxin.v1.registry_pb2_grpc import RegistryServicer

from federation.errors import StatementError
from federation.ids import Date, StatementId
from federation.payloads import Listing, Payload, Penalty, RelistingGround
from federation.reconcile.views import RecordView
from federation.statements import Kind
from node.codec.drafts import draft_from_proto, draft_payload_from_proto
from node.codec.records import record_to_proto
from node.log.startup_check import waits
from node.log.writer import UnitWriter
from node.network.errors import answering, check_request
from node.publishing.submissions import Submission
from node.records.subject_codes import SubjectCodes
from node.records.wanted import Wanted
from node.system.threads import in_thread
from node.system.wakeups import Changes

if TYPE_CHECKING:
    from huxin.v1.registry_pb2_grpc import _ServicerContext

T = TypeVar("T")

PAGE_DEFAULT: Final = 100
PAGE_WATCHED: Final = 1000
MAX_DRAFTS: Final = 1024
"""As in registry.proto."""
WATCH_SECONDS: Final = 1.0
"""A watcher is told of changes at most this often, all of them together."""

_RELIEFS: Final = {
    pb.RELIEF_KIND_REPAIR: Kind.REPAIR,
    pb.RELIEF_KIND_WITHDRAWAL: Kind.WITHDRAWAL,
    pb.RELIEF_KIND_RELISTING: Kind.RELISTING,
}


class Submissions(Protocol):
    """What the service needs of `node.publishing.registry.Registry`."""

    def publish(
        self, request_id: str, drafts: Sequence[tuple[int, int, bytes, Payload]], source: str
    ) -> Submission:
        """Publish statements that are not relief."""
        ...

    def relieve(
        self,
        request_id: str,
        *,
        kind: int,
        statement_id: StatementId,
        document: str,
        decided_on: Date,
        reason: str = "",
    ) -> Submission:
        """Publish a relief."""
        ...

    def relist(
        self,
        request_id: str,
        *,
        relief: StatementId,
        document: str,
        decided_on: Date,
        ground: RelistingGround,
        by: Sequence[str],
        note: str,
        listing: Listing | Penalty | None = None,
    ) -> Submission:
        """Publish a RELISTING."""
        ...

    def annotate(
        self,
        request_id: str,
        *,
        statement_id: StatementId,
        action: int,
        document: str,
        decided_on: Date,
        text: str = "",
    ) -> Submission:
        """Publish an ANNOTATION."""
        ...


class RecordReading(Protocol):
    """What the service needs of `node.records.records.Records`."""

    def get(self, statement_id: StatementId) -> RecordView:
        """One statement, whole."""
        ...

    def list(
        self,
        state: str,
        origin: str,
        kind: str,
        page_size: int,
        page_token: str,
        wanted: Wanted = ...,
    ) -> tuple[Sequence[RecordView], str]:
        """A page, and the token of the next one."""
        ...


class RegistryService(RegistryServicer):
    """Publishes and shows statements."""

    def __init__(
        self,
        *,
        registry: Submissions,
        records: RecordReading,
        codes: SubjectCodes,
        writer: UnitWriter,
        changes: Changes,
        readers: Executor,
        answered: Callable[[], Awaitable[None]],
        took: Callable[[float], None],
    ) -> None:
        """Wire the service.

        Args:
            registry: turns requests into units.
            records: reads what is held.
            codes: links those of a subject.
            writer: publishes units.
            changes: rung when some log has grown.
            readers: threads in which records are read.
            answered: waits for the answer of members (`node.network.startup_inquiry`).
            took: told the seconds that each request to publish took.
        """
        self._registry = registry
        self._records = records
        self._codes = codes
        self._writer = writer
        self._changes = changes
        self._readers = readers
        self._answered = answered
        self._took = took

    async def Publish(  # noqa: N802 - the name in the .proto file
        self, request: pb.PublishRequest, context: _ServicerContext
    ) -> pb.PublishResponse:
        """Publish statements that are not relief, all or none."""
        async with answering(context, operator=True):
            check_request(request, apart="drafts")
            if not 0 < len(request.drafts) <= MAX_DRAFTS:
                message = f"drafts: expected 1-{MAX_DRAFTS}, got {len(request.drafts)}"
                raise StatementError("request.invalid", message)

            def submit() -> Submission:
                drafts = [draft_from_proto(draft) for draft in request.drafts]
                return self._registry.publish(request.request_id, drafts, request.source)

            await self._answered()
            published = await self._published(submit, many=True)
            return pb.PublishResponse(published=published)

    async def Relieve(  # noqa: N802 - the name in the .proto file
        self, request: pb.RelieveRequest, context: _ServicerContext
    ) -> pb.RelieveResponse:
        """Publish a REPAIR, WITHDRAWAL or RELISTING."""
        async with answering(context, operator=True):
            check_request(request, apart="listing")

            def submit() -> Submission:
                statement_id = StatementId(request.statement_id)
                if request.kind == pb.RELIEF_KIND_RELISTING:
                    return self._registry.relist(
                        request.request_id,
                        relief=statement_id,
                        document=request.document,
                        decided_on=Date(request.decided_on),
                        ground=RelistingGround(request.ground),
                        by=tuple(request.approved_by),
                        note=request.note,
                        listing=_content(request),
                    )
                return self._registry.relieve(
                    request.request_id,
                    kind=_RELIEFS[request.kind],
                    statement_id=statement_id,
                    document=request.document,
                    decided_on=Date(request.decided_on),
                    reason=request.reason,
                )

            if waits(_RELIEFS[request.kind], 0):
                await self._answered()
            submission = await self._submitted(submit)
            (published,) = _said(submission)
            return pb.RelieveResponse(published=published, early=submission.early)

    async def Annotate(  # noqa: N802 - the name in the .proto file
        self, request: pb.AnnotateRequest, context: _ServicerContext
    ) -> pb.AnnotateResponse:
        """Publish an ANNOTATION."""
        async with answering(context, operator=True):
            check_request(request)

            def submit() -> Submission:
                return self._registry.annotate(
                    request.request_id,
                    statement_id=StatementId(request.statement_id),
                    action=request.action,
                    document=request.document,
                    decided_on=Date(request.decided_on),
                    text=request.text,
                )

            if waits(Kind.ANNOTATION, request.action):
                await self._answered()
            (published,) = await self._published(submit)
            return pb.AnnotateResponse(published=published)

    async def GetRecord(  # noqa: N802 - the name in the .proto file
        self, request: pb.GetRecordRequest, context: _ServicerContext
    ) -> pb.Record:
        """Show one statement, whole."""
        async with answering(context, operator=True):
            check_request(request)
            statement_id = StatementId(request.statement_id)
            return record_to_proto(await self._read(self._records.get, statement_id))

    async def ListRecords(  # noqa: N802 - the name in the .proto file
        self, request: pb.ListRecordsRequest, context: _ServicerContext
    ) -> pb.ListRecordsResponse:
        """Show a page of records."""
        async with answering(context, operator=True):
            check_request(request)
            size, token = request.page_size or PAGE_DEFAULT, request.page_token
            views, following = await self._read(self._listed, request, size, token)
            return pb.ListRecordsResponse(
                records=map(record_to_proto, views), next_page_token=following
            )

    def _listed(
        self, request: pb.ListRecordsRequest, size: int, token: str
    ) -> tuple[Sequence[RecordView], str]:
        wanted = Wanted(
            code=request.code,
            name=request.name,
            list_type=request.list_type,
            others=self._codes.of_code(request.code) if request.code else (),
        )
        return self._records.list(request.state, request.origin, request.kind, size, token, wanted)

    async def WatchRecords(  # noqa: N802 - the name in the .proto file
        self, request: pb.WatchRecordsRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.Record]:
        """Show all records, then each that is other than it was shown, until the caller leaves.

        A record that no longer fits a `state` that was asked for is shown once more as it is now.
        """
        async with answering(context, operator=True):
            check_request(request)
            with self._changes.listen() as wake:
                shown: dict[bytes, int] = {}
                while True:
                    wake.clear()
                    async for record in self._all(request):
                        data = record.SerializeToString(deterministic=True)
                        key = record.origin.encode() + record.index.to_bytes(8, "big")
                        fits = not request.state or record.state == request.state
                        if shown.get(key) != hash(data) and (fits or key in shown):
                            shown[key] = hash(data)
                            yield record
                    await asyncio.sleep(WATCH_SECONDS)
                    await wake.wait()

    async def _all(self, request: pb.WatchRecordsRequest) -> AsyncIterator[pb.Record]:
        token, more = "", True
        while more:
            views, token = await self._read(
                self._records.list, "", request.origin, request.kind, PAGE_WATCHED, token
            )
            for view in views:
                yield record_to_proto(view)
            more = bool(token)

    async def _published(
        self, submit: Callable[[], Submission], *, many: bool = False
    ) -> list[pb.Published]:
        return _said(await self._submitted(submit, many=many))

    async def _submitted(
        self, submit: Callable[[], Submission], *, many: bool = False
    ) -> Submission:
        """Publish; what is said of one statement is made ready here, of many in a reader."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        submission = await self._read(submit) if many else submit()
        await asyncio.wrap_future(self._writer.publish(submission.unit))
        self._took(loop.time() - began)
        return submission

    async def _read(self, ask: Callable[..., T], *arguments: Any) -> T:  # noqa: ANN401
        return await in_thread(self._readers, ask, *arguments)


def _said(submission: Submission) -> list[pb.Published]:
    return [
        pb.Published(statement_id=p.statement_id, origin=p.origin, index=p.index)
        for p in submission.published
    ]


def _content(request: pb.RelieveRequest) -> Listing | Penalty | None:
    match request.WhichOneof("content"):
        case "listing":
            content = draft_payload_from_proto(Kind.LISTING, request.listing)
        case "penalty":
            content = draft_payload_from_proto(Kind.PENALTY, request.penalty)
        case _:
            return None
    return content if isinstance(content, (Listing, Penalty)) else None
