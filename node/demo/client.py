"""The demo as a client of its nodes, over their Unix sockets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter, sleep
from typing import Any, Final, cast

import grpc
from huxin.v1 import (
    access_pb2,
    admin_pb2,
    campaigns_pb2,
    catalogs_pb2,
    certificates_pb2,
    notices_pb2,
    quality_pb2,
    recognition_pb2,
    registry_pb2,
    repairs_pb2,
    screening_pb2,
    watches_pb2,
)
from huxin.v1.access_pb2_grpc import AccessStub
from huxin.v1.admin_pb2_grpc import AdminStub
from huxin.v1.campaigns_pb2_grpc import CampaignsStub
from huxin.v1.catalogs_pb2_grpc import CatalogsStub
from huxin.v1.certificates_pb2_grpc import CertificatesStub
from huxin.v1.notices_pb2_grpc import NoticesStub
from huxin.v1.quality_pb2_grpc import QualityStub
from huxin.v1.recognition_pb2_grpc import RecognitionsStub
from huxin.v1.registry_pb2_grpc import RegistryStub
from huxin.v1.repairs_pb2_grpc import RepairsStub
from huxin.v1.screening_pb2_grpc import ScreeningStub
from huxin.v1.watches_pb2_grpc import WatchesStub

from federation.errors import RefusedError
from federation.ids import Date, StatementId
from federation.payloads import Listing
from node.codec import record_from_proto, record_to_json
from node.codec.listed import listing_to_proto
from node.demo.members import MEMBERS, DemoMember, known_to
from node.demo.processes import DemoError
from node.directory.presence import read_node_file
from node.network.errors import error_of
from node.system.entropy import token

CALL_SECONDS: Final = 60.0
LONG_SECONDS: Final = 120.0
"""A step of the story that takes longer has failed."""
POLL_SECONDS: Final = 0.05
STATUS_SECONDS: Final = 0.5
"""Between two looks at the status of all nodes, which costs each of them more than a record."""
_REQUEST_ID: Final = 16
DEPARTMENT_BUDGET: Final = 1000
"""Questions a day."""
MADE_BY: Final = "示例人甲"
_WATCHED_PART: Final = 1000
"""Subjects in one message."""
_UNKNOWN: Final = "record.unknown"


class NodeClient:
    """One node, asked through its socket; made anew after the node was started again."""

    def __init__(self, directory: Path, member: DemoMember) -> None:
        """Open a channel to the node that serves the directory."""
        socket = read_node_file(directory / member.region).socket
        self.member = member
        self._channel = grpc.insecure_channel(f"unix:{socket}")
        self._registry = RegistryStub(self._channel)
        self._admin = AdminStub(self._channel)
        self._quality = QualityStub(self._channel)
        self._catalogs = CatalogsStub(self._channel)
        self._repairs = RepairsStub(self._channel)
        self._certificates = CertificatesStub(self._channel)
        self._notices = NoticesStub(self._channel)
        self._campaigns = CampaignsStub(self._channel)
        self._screening = ScreeningStub(self._channel)
        self._recognitions = RecognitionsStub(self._channel)
        self._watches = WatchesStub(self._channel)

    def close(self) -> None:
        """Close the channel."""
        self._channel.close()

    def status(self) -> dict[str, Any]:
        """The document of `huxin status`."""
        request = admin_pb2.GetStatusRequest(local_state=True)
        response = self._admin.GetStatus(request, timeout=CALL_SECONDS)
        return cast("dict[str, Any]", json.loads(response.json))

    def publish_file(
        self, path: Path, *, kind: str = "list", list_type: str = ""
    ) -> dict[str, Any]:
        """Publish a file; returns the result of `huxin publish`."""
        request = admin_pb2.PublishFileRequest(path=str(path), kind=kind, list_type=list_type)
        result: dict[str, Any] = {}
        for message in self._admin.PublishFile(request, timeout=LONG_SECONDS):
            if message.result_json:
                result = json.loads(message.result_json)
        return result

    def list_(self, listing: Listing) -> StatementId:
        """Publish one listing, to its audience; returns its statement id."""
        request = registry_pb2.PublishRequest(
            request_id=token(_REQUEST_ID).hex(),
            drafts=[registry_pb2.Draft(listing=listing_to_proto(listing))],
        )
        response = self._registry.Publish(request, timeout=CALL_SECONDS)
        return StatementId(response.published[0].statement_id)

    def refusal_of_edition(self, text: str, persons: Sequence[str]) -> str:
        """Let persons adopt an edition; the code for which it is refused, or empty."""
        request = catalogs_pb2.ImportEditionRequest(text=text, persons=persons)
        try:
            for _ in self._catalogs.ImportEdition(request, timeout=CALL_SECONDS):
                pass
        except grpc.RpcError as failure:
            error = error_of(cast("grpc.aio.AioRpcError", failure))
            if isinstance(error, RefusedError):
                return error.code
            raise error from failure
        return ""

    def quality(self, first: Date, last: Date) -> dict[str, Any]:
        """The document of `huxin quality --records` for a period."""
        request = quality_pb2.GetQualityRequest(first=first, last=last, records=True)
        pieces = self._quality.GetQuality(request, timeout=CALL_SECONDS)
        return cast("dict[str, Any]", json.loads("".join(piece.json for piece in pieces)))

    def notices(self) -> list[dict[str, Any]]:
        """The document of `huxin notices list`, its first page."""
        request = notices_pb2.ListNoticesRequest()
        page = self._notices.ListNotices(request, timeout=CALL_SECONDS)
        return [json.loads(one) for one in page.notices_json]

    def open_campaign(self, name: str, document: str, unit: str) -> int:
        """Open a campaign; its number."""
        request = campaigns_pb2.OpenCampaignRequest(
            request_id=token(_REQUEST_ID).hex(), name=name, document=document, unit=unit
        )
        said = self._campaigns.OpenCampaign(request, timeout=CALL_SECONDS)
        return int(json.loads(said.json)["campaign"])

    def enter_campaign(self, campaign: int, list_type: str) -> None:
        """Enter all listings of a list whose subjects are registered there."""
        request = campaigns_pb2.EnterCampaignRequest(campaign=campaign, list_type=list_type)
        self._campaigns.EnterCampaign(request, timeout=CALL_SECONDS)

    def campaign(self, campaign: int) -> dict[str, Any]:
        """The document of `huxin campaign exit-rate`."""
        request = campaigns_pb2.GetCampaignRequest(campaign=campaign)
        said = self._campaigns.GetCampaign(request, timeout=CALL_SECONDS)
        return cast("dict[str, Any]", json.loads(said.json))

    def repair_shown(self, relief: StatementId) -> dict[str, Any]:
        """The document of `huxin repairs show`."""
        request = repairs_pb2.GetRepairRequest(statement_id=relief)
        return cast(
            "dict[str, Any]",
            json.loads(self._repairs.GetRepair(request, timeout=CALL_SECONDS).json),
        )

    def certificate(self, relief: StatementId, subject: str) -> bytes:
        """The PDF of `huxin repairs certificate`."""
        request = certificates_pb2.MakeCertificateRequest(statement_id=relief, subject=subject)
        pieces = self._certificates.MakeCertificate(request, timeout=CALL_SECONDS)
        return b"".join(piece.pdf for piece in pieces)

    def relieve(
        self,
        kind: registry_pb2.ReliefKind.ValueType,
        statement_id: StatementId,
        document: str,
        decided_on: Date,
    ) -> StatementId:
        """Repair or withdraw a listing; returns the relief's statement id."""
        request = registry_pb2.RelieveRequest(
            request_id=token(_REQUEST_ID).hex(),
            kind=kind,
            statement_id=statement_id,
            document=document,
            decided_on=decided_on,
        )
        response = self._registry.Relieve(request, timeout=CALL_SECONDS)
        return StatementId(response.published.statement_id)

    def record(self, statement_id: StatementId) -> dict[str, Any] | None:
        """One record as in `huxin records show`, or None where the node does not know it yet."""
        request = registry_pb2.GetRecordRequest(statement_id=statement_id)
        try:
            message = self._registry.GetRecord(request, timeout=CALL_SECONDS)
        except grpc.RpcError as failure:
            error = error_of(cast("grpc.aio.AioRpcError", failure))
            if isinstance(error, RefusedError) and error.code == _UNKNOWN:
                return None
            raise error from failure
        return record_to_json(record_from_proto(message))

    def credential(self, department: str, matter: str, purpose: str, expires_on: Date) -> str:
        """Let a department ask; its token."""
        request = access_pb2.NewCredentialRequest(
            department=department,
            roles=["department"],
            matters=[matter],
            purposes=[purpose],
            budget=DEPARTMENT_BUDGET,
            expires_on=expires_on,
            by=MADE_BY,
        )
        return AccessStub(self._channel).NewCredential(request, timeout=CALL_SECONDS).token

    def check(self, question: Mapping[str, str], token_: str) -> dict[str, Any]:
        """The document of `huxin check`, asked with a department's token."""
        request = screening_pb2.CheckRequest(**question)
        response = self._screening.Check(request, metadata=_bearer(token_), timeout=CALL_SECONDS)
        return cast("dict[str, Any]", json.loads(response.json))

    def check_batch(
        self, opening: Mapping[str, str], parts: Sequence[Sequence[tuple[int, str, str]]]
    ) -> list[dict[str, Any]]:
        """The documents of a batch of checks, asked as the operator: opening, parts, closing."""

        def said() -> Iterator[screening_pb2.CheckBatchRequest]:
            yield screening_pb2.CheckBatchRequest(open=screening_pb2.BatchOpening(**opening))
            for number, part in enumerate(parts, 1):
                rows, codes, names = zip(*part, strict=True)
                asked = screening_pb2.BatchRows(part=number, rows=rows, codes=codes, names=names)
                yield screening_pb2.CheckBatchRequest(rows=asked)
            yield screening_pb2.CheckBatchRequest(close=screening_pb2.BatchClosing())

        pieces = self._screening.CheckBatch(said(), timeout=CALL_SECONDS)
        told = "".join(f"{one.json}{'' if one.more else chr(10)}" for one in pieces)
        return [json.loads(line) for line in told.splitlines()]

    def open_watch(
        self, terms: Mapping[str, str | int], subjects: Sequence[tuple[str, str]]
    ) -> str:
        """Watch subjects of a case, each a code and a name; the number of the watch.

        Raises:
            DemoError: some cannot be watched.
        """
        first = watches_pb2.OpenWatchRequest(
            request_id=token(_REQUEST_ID).hex(), terms_json=json.dumps(terms)
        )
        rows = [{"code": code, "name": name} for code, name in subjects]
        parts = [rows[at : at + _WATCHED_PART] for at in range(0, len(rows), _WATCHED_PART)]
        said = [watches_pb2.OpenWatchRequest(rows_json=json.dumps(part)) for part in parts]
        response = self._watches.OpenWatch(iter([first, *said]), timeout=CALL_SECONDS)
        opened = json.loads(response.json)
        if opened["refused_rows"]:
            raise DemoError(f"{self.member.name} does not watch {opened['refused']}")
        return str(opened["watch"])

    def read_watch(self, watch: str, after: str) -> dict[str, Any]:
        """A page of `huxin check watch events`."""
        request = watches_pb2.ReadWatchRequest(number=watch, after=after)
        (page,) = self._watches.ReadWatch(request, timeout=CALL_SECONDS)
        return cast("dict[str, Any]", json.loads(page.json))

    def report_outcome(self, report: Mapping[str, Any], token_: str) -> dict[str, Any]:
        """Hand in what was done, as `huxin outcomes hand-in`, with a department's token."""
        request = screening_pb2.ReportOutcomeRequest(**report)
        response = self._screening.ReportOutcome(
            request, metadata=_bearer(token_), timeout=CALL_SECONDS
        )
        return cast("dict[str, Any]", json.loads(response.json))

    def check_benefit(self, question: Mapping[str, str], token_: str) -> dict[str, Any]:
        """The document of `huxin benefit check`, asked with a department's token."""
        request = recognition_pb2.CheckBenefitRequest(**question)
        response = self._recognitions.CheckBenefit(
            request, metadata=_bearer(token_), timeout=CALL_SECONDS
        )
        return cast("dict[str, Any]", json.loads(response.json))

    def use_benefit(self, report: Mapping[str, Any], token_: str) -> dict[str, Any]:
        """Report that a benefit was used, as `huxin benefit used`."""
        request = recognition_pb2.ReportBenefitUseRequest(**report)
        response = self._recognitions.ReportBenefitUse(
            request, metadata=_bearer(token_), timeout=CALL_SECONDS
        )
        return cast("dict[str, Any]", json.loads(response.json))

    def benefit_uses(self, first: Date, last: Date) -> list[dict[str, Any]]:
        """The uses of benefits of `huxin outcomes report`."""
        request = screening_pb2.OutcomeReportRequest(first=first, last=last)
        pieces = self._screening.OutcomeReport(request, timeout=CALL_SECONDS)
        report = json.loads("".join(piece.json for piece in pieces))
        return cast("list[dict[str, Any]]", report["benefits"])

    def outcomes(self) -> list[dict[str, Any]]:
        """The document of `huxin outcomes list`."""
        pieces = self._screening.ListOutcomes(
            screening_pb2.ListOutcomesRequest(), timeout=CALL_SECONDS
        )
        return cast("list[dict[str, Any]]", json.loads("".join(piece.json for piece in pieces)))

    def pending_outcomes(self) -> list[dict[str, Any]]:
        """The document of `huxin outcomes pending`."""
        pieces = self._screening.PendingOutcomes(
            screening_pb2.PendingOutcomesRequest(), timeout=CALL_SECONDS
        )
        return cast("list[dict[str, Any]]", json.loads("".join(piece.json for piece in pieces)))

    def records(
        self, *, state: str, kind: str = "listing", list_type: str = "", limit: int
    ) -> list[dict[str, Any]]:
        """Records of the node's own log, of one list or of all, at most `limit` (1000)."""
        request = registry_pb2.ListRecordsRequest(
            state=state,
            kind=kind,
            origin=self.member.origin,
            list_type=list_type,
            page_size=limit,
        )
        page = self._registry.ListRecords(request, timeout=CALL_SECONDS)
        return [record_to_json(record_from_proto(record)) for record in page.records]


def _bearer(token_: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {token_}"),)


class Clients:
    """All nodes that are up."""

    def __init__(self, directory: Path) -> None:
        """Reach every node."""
        self._directory = directory
        self._pool = ThreadPoolExecutor(len(MEMBERS), thread_name_prefix="demo")
        self._clients: dict[str, NodeClient] = {}
        for member in MEMBERS:
            self.open(member)

    def __getitem__(self, member: DemoMember) -> NodeClient:
        """The client of a node."""
        return self._clients[member.region]

    def open(self, member: DemoMember) -> None:
        """Reach a node that was started."""
        self._clients[member.region] = NodeClient(self._directory, member)

    def leave(self, member: DemoMember) -> None:
        """Forget a node that is to be stopped."""
        self._clients.pop(member.region).close()

    def close(self) -> None:
        """Close all channels."""
        for client in self._clients.values():
            client.close()
        self._pool.shutdown()

    def statuses(self) -> dict[str, dict[str, Any]]:
        """The status of every node that is up, by region."""
        answers = self._pool.map(NodeClient.status, self._clients.values())
        return dict(zip(self._clients, answers, strict=True))

    def each(self, ask: Callable[[NodeClient], Any], members: Sequence[DemoMember]) -> list[Any]:
        """Ask several nodes at once; answers in the order of the members."""
        return list(self._pool.map(ask, [self[member] for member in members]))

    def wait_record(self, member: DemoMember, statement_id: StatementId, state: str) -> None:
        """Wait until every node that is up and follows the member shows a record in this state."""
        holders = {holder.region for holder in known_to(member)}

        def unlike() -> str:
            wrong: list[str] = []
            for region in holders & self._clients.keys():
                client = self._clients[region]
                record = client.record(statement_id)
                shown = "unknown" if record is None else record["state"]
                if shown != state:
                    wrong.append(f"{client.member.name} {shown}")
            return ", ".join(wrong)

        wait(f"{statement_id.hex()} is {state} everywhere", unlike)


def wait(what: str, unlike: Callable[[], str], every: float = POLL_SECONDS) -> None:
    """Ask each so many seconds until nothing is unlike what is expected any more.

    Raises:
        DemoError: after `LONG_SECONDS`, naming what still differs.
    """
    until = perf_counter() + LONG_SECONDS
    while differs := unlike():
        if perf_counter() > until:
            message = (
                f"expected that {what}; after {LONG_SECONDS:.0f} s this still differs: {differs}"
            )
            raise DemoError(message)
        sleep(every)
