"""What each call of every service is, for who may make it: one table, and the gates that ask it.

    AC13  a call that does not stand in `METHODS` is refused, at every door: a new one is nobody's
          until somebody has said whose it is
    AC14  on the Unix socket a call with a token is made with the roles of its credential, and one
          without with the operator's; what neither may is refused before anything is done
    AC15  departments reach the calls of `DEPARTMENTS` alone

Calls between nodes (`PEERS`) are decided by charters, on a listener of their own; the health
service (`OPEN`) says nothing but that it serves.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import MappingProxyType
from typing import Any, Final

import grpc

from federation.errors import RefusedError
from federation.screening.roles import Action, check_allowed
from node.network.errors import UnavailableError, answering
from node.services.askers import Askers, Context
from node.system.tracing import span, within

_SERVICES: Final[dict[str, dict[str, Action]]] = {
    "Access": {
        "NewCredential": Action.ACCESS_MANAGE,
        "ListCredentials": Action.ACCESS_LIST,
        "GetCredential": Action.ACCESS_LIST,
        "RevokeCredential": Action.ACCESS_REVOKE,
        "LiftStop": Action.ACCESS_MANAGE,
    },
    "Accounts": {
        "NewAccount": Action.ACCESS_MANAGE,
        "ListAccounts": Action.ACCESS_LIST,
        "RevokeAccount": Action.ACCESS_REVOKE,
        "ResetAccount": Action.ACCESS_MANAGE,
        "OpenSession": Action.SESSION,
        "BeginProviderSession": Action.SESSION,
        "FinishProviderSession": Action.SESSION,
        "CloseSession": Action.SESSION,
    },
    "Admin": {
        "GetStatus": Action.STATUS,
        "PublishFile": Action.PUBLISH,
        "TryMapping": Action.PUBLISH,
        "GetProof": Action.READ_RECORDS,
        "FindStatement": Action.READ_RECORDS,
        "CountDigits": Action.READ_RECORDS,
        "ReloadCharters": Action.RUN_NODE,
        "ListPending": Action.STATUS,
        "GetCharter": Action.STATUS,
        "Rebuild": Action.RUN_NODE,
        "RotateKeys": Action.RUN_NODE,
        "Recover": Action.RUN_NODE,
        "ExportPacket": Action.RUN_NODE,
        "ImportPacket": Action.RUN_NODE,
        "GoOn": Action.RUN_NODE,
        "ShowClock": Action.STATUS,
        "ConfirmClock": Action.RUN_NODE,
    },
    "Campaigns": {
        "OpenCampaign": Action.REQUESTS,
        "EnterCampaign": Action.REQUESTS,
        "ListCampaigns": Action.READ_RECORDS,
        "GetCampaign": Action.READ_RECORDS,
        "ListCampaignSubjects": Action.READ_RECORDS,
    },
    "Cases": {
        "ListCases": Action.READ_RECORDS,
        "CountWaitingCases": Action.READ_RECORDS,
        "GetCase": Action.READ_RECORDS,
        "GetCaseHands": Action.READ_RECORDS,
        "DecideCase": Action.DECIDE,
        "ProposeEdition": Action.DECIDE,
        "CheckWords": Action.READ_RECORDS,
    },
    "Catalogs": {
        "ImportEdition": Action.DECIDE,
        "ShowCatalog": Action.READ_CATALOG,
        "ShowDeadlines": Action.READ_CATALOG,
        "ShowMatters": Action.READ_CATALOG,
        "DiffEditions": Action.READ_CATALOG,
        "CheckCatalog": Action.READ_CATALOG,
        "ConfirmEntries": Action.DECIDE,
        "ImportLibrary": Action.PUBLISH,
    },
    "Certificates": {"MakeCertificate": Action.READ_RECORDS},
    "Displays": {
        "SubmitDisplays": Action.DISPLAYS,
        "AcknowledgeDisplays": Action.DISPLAYS,
        "ListDisplays": Action.READ_RECORDS,
        "GetDisplays": Action.READ_RECORDS,
        "ReportDisplays": Action.READ_RECORDS,
    },
    "Imports": {
        "NewImport": Action.PUBLISH,
        "ListImports": Action.VOUCH,
        "GetImport": Action.VOUCH,
        "GetImportErrors": Action.VOUCH,
        "GetImportRows": Action.VOUCH,
        "ListMappings": Action.VOUCH,
        "ProposeMapping": Action.PUBLISH,
        "MapImport": Action.PUBLISH,
        "BeginWord": Action.PUBLISH,
        "SayWord": Action.VOUCH,
        "PublishImport": Action.PUBLISH,
        "NameImport": Action.PUBLISH,
        "DropImport": Action.PUBLISH,
    },
    "Letters": {
        "GetLetter": Action.READ_RECORDS,
        "IssueLetter": Action.LETTERS,
        "ListLetters": Action.READ_RECORDS,
    },
    "Notices": {
        "ListNotices": Action.READ_RECORDS,
        "GetNotice": Action.READ_RECORDS,
        "RemindNotices": Action.REQUESTS,
    },
    "Platforms": {
        "GetSuspected": Action.READ_RECORDS,
        "ReleaseRows": Action.PUBLISH,
        "GetTotals": Action.READ_RECORDS,
        "Redeliver": Action.RUN_NODE,
    },
    "Quality": {"GetQuality": Action.READ_RECORDS},
    "Queries": {
        "ListQueries": Action.QUERIES_READ,
        "VerifyQueries": Action.QUERIES_VERIFY,
        "ExportQueryLog": Action.QUERIES_VERIFY,
    },
    "Recognitions": {
        "ListScenarios": Action.SCENARIOS,
        "GetScenario": Action.SCENARIOS,
        "GetMatrix": Action.SCENARIOS,
        "GetHistory": Action.SCENARIOS,
        "MakePage": Action.READ_CATALOG,
        "CheckBenefit": Action.BENEFIT,
        "ListBenefits": Action.BENEFIT,
        "ReportBenefitUse": Action.REPORT_USE,
    },
    "Registry": {
        "Publish": Action.PUBLISH,
        "Relieve": Action.PUBLISH,
        "Annotate": Action.PUBLISH,
        "GetRecord": Action.READ_RECORDS,
        "ListRecords": Action.READ_RECORDS,
        "WatchRecords": Action.READ_RECORDS,
    },
    "Repairs": {
        "ListRepairs": Action.READ_RECORDS,
        "GetRepair": Action.READ_RECORDS,
        "GetRepairProgress": Action.READ_RECORDS,
        "AuditRepairs": Action.READ_RECORDS,
        "GetRepairRates": Action.READ_RECORDS,
        "DrawRechecks": Action.DECIDE,
        "ListRechecks": Action.READ_RECORDS,
        "KeepRecheck": Action.DECIDE,
    },
    "Requests": {
        "SendRequest": Action.REQUESTS,
        "ListRequests": Action.READ_RECORDS,
        "GetRequest": Action.READ_RECORDS,
        "AnswerRequest": Action.REQUESTS,
    },
    "Screening": {
        "Check": Action.CHECK,
        "CheckBatch": Action.CHECK,
        "CheckRows": Action.CHECK,
        "ListMatters": Action.MATTERS,
        "ListMeasures": Action.MATTERS,
        "NoteExposed": Action.STATUS,
        "ReportOutcome": Action.REPORT_OUTCOME,
        "GetOutcomes": Action.LIST_OUTCOMES,
        "ListOutcomes": Action.LIST_OUTCOMES,
        "PendingOutcomes": Action.LIST_OUTCOMES,
        "OutcomeReport": Action.READ_RECORDS,
    },
    "Watches": {
        "OpenWatch": Action.WATCH,
        "ListWatches": Action.WATCH,
        "ReadWatch": Action.WATCH,
        "CloseWatch": Action.WATCH,
    },
}

METHODS: Final = MappingProxyType(
    {
        f"/huxin.v1.{service}/{name}": action
        for service, methods in _SERVICES.items()
        for name, action in methods.items()
    }
)
"""By full name, what it is."""

DEPARTMENTS: Final = frozenset(
    f"/huxin.v1.{name}"
    for name in (
        "Screening/Check",
        "Screening/CheckBatch",
        "Screening/CheckRows",
        "Screening/ListMatters",
        "Screening/ListMeasures",
        "Screening/ReportOutcome",
        "Screening/GetOutcomes",
        "Screening/ListOutcomes",
        "Screening/PendingOutcomes",
        "Watches/OpenWatch",
        "Watches/ListWatches",
        "Watches/ReadWatch",
        "Watches/CloseWatch",
        "Recognitions/ListScenarios",
        "Recognitions/GetScenario",
        "Recognitions/GetMatrix",
        "Recognitions/GetHistory",
        "Recognitions/CheckBenefit",
        "Recognitions/ListBenefits",
        "Recognitions/ReportBenefitUse",
    )
)
"""What the listeners for departments serve (AC15)."""

PEERS: Final = frozenset(
    f"/huxin.v1.Exchange/{name}"
    for name in (
        "GetNode",
        "Follow",
        "GetOpenings",
        "AddCheckpoint",
        "ListHeads",
        "AttestSubjects",
    )
)
"""Decided by charters (`node.network.transport.Doorman`)."""

OPEN: Final = frozenset(f"/grpc.health.v1.Health/{name}" for name in ("Check", "Watch", "List"))

Handler = Callable[[grpc.HandlerCallDetails], Awaitable[Any]]


class Gate(grpc.aio.ServerInterceptor):
    """Refuses what who calls may not (AC13-AC15); who calls is asked anew each time."""

    def __init__(
        self,
        askers: Askers,
        served: Iterable[str],
        *,
        seconds: float | None = None,
        ours: bool = False,
    ) -> None:
        """Wire it.

        Args:
            askers: who says who calls.
            served: what is served at this door.
            seconds: after which a call is given up; None: by its own deadline alone.
            ours: whether processes of this node call here, whose traces go on (TR2).
        """
        self._askers = askers
        self._served = frozenset(served)
        self._seconds = seconds
        self._ours = ours

    async def intercept_service(
        self, continuation: Handler, handler_call_details: grpc.HandlerCallDetails
    ) -> Any:  # noqa: ANN401 - a handler of whatever service
        """See `grpc.aio.ServerInterceptor`."""
        method = handler_call_details.method
        if method in OPEN:
            return await continuation(handler_call_details)
        handler = await continuation(handler_call_details)
        if handler is None:  # no such call: gRPC says so
            return None
        return guarded(
            handler,
            lambda context: self._check(method, context),
            lambda context: self._traced(method, context),
            self._seconds,
        )

    @contextmanager
    def _traced(self, method: str, context: Context) -> Iterator[None]:
        came = (context.invocation_metadata() or ()) if self._ours else ()
        headers = {name: value for name, value in came if isinstance(value, str)}
        with within(headers), span("call", call=method.removeprefix("/huxin.v1.")):
            yield

    def _check(self, method: str, context: Context) -> None:
        """Whether who calls may.

        Raises:
            RefusedError: `access.…`.
        """
        action = METHODS.get(method)
        if action is None or method not in self._served:
            message = f"不在此处提供 / expected a call that is served here, got {method}"
            raise RefusedError("access.denied", message)
        check_allowed(self._askers.of(context), action)


def guarded(
    handler: Any,  # noqa: ANN401 - of whatever service
    check: Callable[[Context], None],
    traced: Callable[[Context], AbstractContextManager[None]],
    seconds: float | None,
) -> Any:  # noqa: ANN401 - likewise
    """The handler, with the check before all that it does, and an end to it.

    What is answered in parts may go on for hours, and is no span.
    """

    async def once(request: Any, context: Context) -> Any:  # noqa: ANN401 - of whatever service
        async with answering(context):
            with traced(context):
                check(context)
                try:
                    async with asyncio.timeout(seconds):
                        return await inner(request, context)
                except TimeoutError:
                    message = "答复超时，请稍后重试 / no answer in time; come again"
                    raise UnavailableError("access.late", message) from None

    async def many(request: Any, context: Context) -> AsyncIterator[Any]:  # noqa: ANN401 - likewise
        async with answering(context):
            check(context)
            try:
                async with asyncio.timeout(seconds):
                    async for answer in inner(request, context):
                        yield answer
            except TimeoutError:
                message = "答复超时，请稍后重试 / no answer in time; come again"
                raise UnavailableError("access.late", message) from None

    kind = next(name for name in _KINDS if getattr(handler, name) is not None)
    inner = getattr(handler, kind)
    make = getattr(grpc, f"{kind}_rpc_method_handler")
    return make(
        many if handler.response_streaming else once,
        request_deserializer=handler.request_deserializer,
        response_serializer=handler.response_serializer,
    )


_KINDS: Final = ("unary_unary", "unary_stream", "stream_unary", "stream_stream")
