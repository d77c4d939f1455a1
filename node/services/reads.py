"""The one hook by which operators' reads are recorded: around the calls that show subjects.

A single answer is recorded when it is made and before it is sent, with the records and subjects in
it; of a stream its beginning is. Services know nothing of it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any, Final, Protocol

import grpc
from google.protobuf.message import Message

from federation.screening.roles import Asker
from node.access.query_log import Subject
from node.access.reading import Shown
from node.network.errors import Context, answering
from node.services.askers import Askers
from node.services.handlers import instead
from node.system.threads import in_thread

READS: Final[Mapping[str, str]] = {
    "/huxin.v1.Registry/GetRecord": "records show",
    "/huxin.v1.Registry/ListRecords": "records list",
    "/huxin.v1.Registry/WatchRecords": "records watch",
    "/huxin.v1.Admin/GetProof": "proof",
    "/huxin.v1.Cases/GetCase": "cases show",
    "/huxin.v1.Cases/ListCases": "cases list",
    "/huxin.v1.Cases/CheckWords": "cases check",
    "/huxin.v1.Requests/GetRequest": "requests show",
    "/huxin.v1.Requests/ListRequests": "requests list",
    "/huxin.v1.Campaigns/ListCampaignSubjects": "campaign show",
    "/huxin.v1.Imports/GetImportRows": "imports rows",
    "/huxin.v1.Notices/GetNotice": "notices show",
    "/huxin.v1.Notices/ListNotices": "notices list",
    "/huxin.v1.Notices/RemindNotices": "notices remind",
    "/huxin.v1.Repairs/GetRepair": "repairs show",
    "/huxin.v1.Repairs/ListRepairs": "repairs list",
    "/huxin.v1.Repairs/ListRechecks": "repairs rechecks",
    "/huxin.v1.Repairs/AuditRepairs": "repairs audit",
    "/huxin.v1.Platforms/GetSuspected": "adapter inbox",
    "/huxin.v1.Certificates/MakeCertificate": "repairs certificate",
    "/huxin.v1.Quality/GetQuality": "quality",
    "/huxin.v1.Screening/GetOutcomes": "outcomes show",
}
"""Calls that show records of subjects to who works at the node, and what they are recorded as."""


class Records(Protocol):
    """`node.access.reading.OperatorReads`; blocks."""

    def record(
        self, asker: Asker, action: str, asked: Sequence[Subject], shown: Sequence[Shown]
    ) -> None:
        """Record a reading; raises where it cannot, and then nothing may be shown."""
        ...


class ReadsRecorder(grpc.aio.ServerInterceptor):
    """Records the calls of `READS`."""

    def __init__(self, *, reads: Records, askers: Askers, readers: Executor) -> None:
        """Wire it; `readers` are the threads in which recording blocks."""
        self._reads = reads
        self._askers = askers
        self._readers = readers

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:  # noqa: ANN401 - a handler of whatever service
        """See `grpc.aio.ServerInterceptor`."""
        handler = await continuation(handler_call_details)
        action = READS.get(handler_call_details.method)
        if action is None or handler is None:
            return handler

        async def stream(request: Message, context: Context) -> AsyncIterator[Message]:
            await self._record(context, action, request, None)
            async for response in handler.unary_stream(request, context):
                yield response

        async def single(request: Message, context: Context) -> Message:
            response: Message = await handler.unary_unary(request, context)
            await self._record(context, action, request, response)
            return response

        return instead(handler, single=single, stream=stream)

    async def _record(
        self, context: Context, action: str, request: Message, response: Message | None
    ) -> None:
        async with answering(context, operator=True):
            asked = list(_asked(request))
            shown = _shown(request, response)
            asker = self._askers.of(context)
            await in_thread(self._readers, self._reads.record, asker, action, asked, shown)


def _asked(request: Message) -> Iterator[Subject]:
    """By which subject was searched."""
    code = getattr(request, "code", "") or getattr(request, "subject", "")
    name = getattr(request, "name", "")
    if isinstance(sought := getattr(request, "sought", ""), str) and sought:
        yield Subject(code=sought) if sought.isascii() else Subject(code="", name=sought)
    if isinstance(code, str) and isinstance(name, str) and (code or name):
        yield Subject(code=code, name=name)


def _shown(request: Message, response: Message | None) -> list[Shown]:
    """The records of an answer; of one that names none, and of a stream, what was asked for."""
    asked = getattr(request, "statement_id", b"").hex()
    found = [] if response is None else [*_in_records(response), *_in_documents(response, asked)]
    if not found and asked:
        found.append((asked, None))
    return found


def _in_records(response: Message) -> Iterator[Shown]:
    for record in (response, *getattr(response, "records", ())):
        if getattr(record, "statement_id", b""):
            subject = record.subject
            whom = Subject(code=subject.code, name=subject.name)
            yield record.statement_id.hex(), whom if whom.code or whom.name else None


def _in_documents(response: Message, asked: str) -> Iterator[Shown]:
    texts = [getattr(response, "json", "")]
    for field in ("cases_json", "subjects_json", "notices_json", "requests_json", "repairs_json"):
        texts += getattr(response, field, ())
    for text in filter(None, texts):
        yield from _in_json(json.loads(text), asked)


def _in_json(document: Any, asked: str) -> Iterator[Shown]:  # noqa: ANN401 - of JSON
    if not isinstance(document, dict):
        return
    if isinstance(matches := document.get("matches"), list):  # a check with its listings
        for match in matches:
            yield from _in_json(match["listing"], asked)
        return
    if "import" in document:  # those of its rows that have a record
        for row in document["rows"]:
            if row["statement_id"]:
                named = row["code"] or row["name"]
                whose = Subject(code=row["code"], name=row["name"]) if named else None
                yield row["statement_id"], whose
        return
    subject = document.get("subject")
    found = subject if isinstance(subject, dict) else document
    prefix = "" if isinstance(subject, dict) else "subject_"
    code, name = (found.get(f"{prefix}{part}") or "" for part in ("code", "name"))
    whom = Subject(code=str(code), name=str(name)) if code or name else None
    yield str(document.get("statement_id") or asked), whom
