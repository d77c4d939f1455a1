"""The two gRPC servers of a node: for its peers over mutual TLS, for its operator over a socket."""

from __future__ import annotations

import errno
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1._async import HealthServicer
from huxin.v1.access_pb2_grpc import add_AccessServicer_to_server
from huxin.v1.accounts_pb2_grpc import add_AccountsServicer_to_server
from huxin.v1.admin_pb2_grpc import add_AdminServicer_to_server
from huxin.v1.campaigns_pb2_grpc import add_CampaignsServicer_to_server
from huxin.v1.cases_pb2_grpc import add_CasesServicer_to_server
from huxin.v1.catalogs_pb2_grpc import add_CatalogsServicer_to_server
from huxin.v1.certificates_pb2_grpc import add_CertificatesServicer_to_server
from huxin.v1.displays_pb2_grpc import add_DisplaysServicer_to_server
from huxin.v1.exchange_pb2_grpc import add_ExchangeServicer_to_server
from huxin.v1.imports_pb2_grpc import add_ImportsServicer_to_server
from huxin.v1.letters_pb2_grpc import add_LettersServicer_to_server
from huxin.v1.notices_pb2_grpc import add_NoticesServicer_to_server
from huxin.v1.platforms_pb2_grpc import add_PlatformsServicer_to_server
from huxin.v1.quality_pb2_grpc import add_QualityServicer_to_server
from huxin.v1.queries_pb2_grpc import add_QueriesServicer_to_server
from huxin.v1.recognition_pb2_grpc import add_RecognitionsServicer_to_server
from huxin.v1.registry_pb2_grpc import add_RegistryServicer_to_server
from huxin.v1.repairs_pb2_grpc import add_RepairsServicer_to_server
from huxin.v1.requests_pb2_grpc import add_RequestsServicer_to_server
from huxin.v1.screening_pb2_grpc import add_ScreeningServicer_to_server
from huxin.v1.watches_pb2_grpc import add_WatchesServicer_to_server

from node.app.parts import Parts
from node.network.header_floods import BarredCertificates, HeadersGuard
from node.network.transport import (
    MAX_CALLS,
    MAX_MESSAGE,
    Doorman,
    Options,
    server_credentials,
    server_options,
)
from node.services.access import AccessService
from node.services.accounts import AccountsService
from node.services.admin import AdminService
from node.services.askers import Askers
from node.services.campaigns import CampaignsService
from node.services.cases import CasesService
from node.services.catalogs import CatalogsService
from node.services.certificates import CertificatesService
from node.services.displays import DisplaysService
from node.services.doors import METHODS, Gate
from node.services.exchange import ExchangeService
from node.services.imports import ImportsService
from node.services.letters import LettersService
from node.services.names_said import NamesCheck
from node.services.notices import NoticesService
from node.services.platforms import PlatformsService
from node.services.quality import QualityService
from node.services.queries import QueriesService
from node.services.reads import ReadsRecorder
from node.services.recognitions import RecognitionsService
from node.services.registry import RegistryService
from node.services.repairs import RepairsService
from node.services.requests import RequestsService
from node.services.screening import ScreeningService
from node.services.watches import WatchesService
from node.status.metrics import Metrics
from node.system.clock import monotonic

EXCHANGE: Final = "huxin.v1.Exchange"
"""Name under which the health service speaks of the service for peers."""

_LOCAL: Final[Options] = [
    ("grpc.max_receive_message_length", MAX_MESSAGE),
    ("grpc.max_send_message_length", 4 * MAX_MESSAGE),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What the standard health service says."""

    servicer: HealthServicer

    async def ready(self) -> None:
        """All services answer."""
        for name in ("", EXCHANGE):
            await self.servicer.set(name, health_pb2.HealthCheckResponse.SERVING)

    async def stopping(self) -> None:
        """No service is to be called any more."""
        await self.servicer.enter_graceful_shutdown()


async def new_health() -> Health:
    """Make the health service, not serving yet."""
    servicer = HealthServicer()
    for name in ("", EXCHANGE):
        await servicer.set(name, health_pb2.HealthCheckResponse.NOT_SERVING)
    return Health(servicer=servicer)


def peer_server(
    parts: Parts, service: ExchangeService, doorman: Doorman, health: Health
) -> tuple[grpc.aio.Server, int]:
    """Make the server for peers, bound and not started.

    Returns:
        The server and its port.

    Raises:
        OSError: the address cannot be bound.
        RuntimeError: TLS 1.2 is not switched off.
    """
    barred = BarredCertificates(monotonic)
    server = grpc.aio.server(
        options=server_options(parts.settings.streams),
        maximum_concurrent_rpcs=MAX_CALLS,
        interceptors=(HeadersGuard(doorman, barred),),
    )
    add_ExchangeServicer_to_server(service, server)
    health_pb2_grpc.add_HealthServicer_to_server(health.servicer, server)
    credentials = server_credentials(
        lambda: parts.identities()[0],
        lambda: barred.let_in(
            der for contact in parts.charters.contacts() for der in contact.certificates
        ),
    )
    address = parts.settings.listen
    try:
        return server, server.add_secure_port(address, credentials)
    except RuntimeError as error:
        message = f"{address} cannot be listened on; is it another program's?"
        raise OSError(errno.EADDRINUSE, message) from error


async def local_server(
    parts: Parts,
    path: Path,
    readers: Executor,
    metrics: Metrics,
    health: Health,
    answered: Callable[[], Awaitable[None]],
) -> grpc.aio.Server:
    """Start the server for the operator on a Unix socket.

    Whoever may open the socket is the operator: the file is for this user only, from the first
    moment on. `answered` is awaited by requests that need an answer of members
    (`node.network.startup_inquiry`).

    Raises:
        RuntimeError: the socket cannot be bound.
    """
    askers = Askers(parts.access, local=True)

    def matters() -> dict[str, str]:
        found = parts.screening.matters(parts.access.local())
        return {one["code"]: one["name"] for one in found}

    server = grpc.aio.server(
        options=_LOCAL,
        maximum_concurrent_rpcs=MAX_CALLS,
        interceptors=(
            Gate(askers, METHODS, ours=True),
            NamesCheck(
                askers=askers,
                account=parts.accounts.of_credential,
                accounts=parts.accounts.names,
                keys=parts.persons,
                readers=readers,
            ),
            ReadsRecorder(reads=parts.reads, askers=askers, readers=readers),
        ),
    )
    registry = RegistryService(
        registry=parts.registry,
        records=parts.records,
        codes=parts.codes,
        writer=parts.writer,
        changes=parts.changes,
        readers=readers,
        answered=answered,
        took=metrics.published,
    )
    admin = AdminService(
        status=parts.status,
        intake=parts.intake,
        proofs=parts.proofs,
        names=parts.names,
        charters=parts.charters,
        pending=parts.pending,
        rebuild=parts.rebuild,
        rotation=parts.rotation,
        lookup_keys=parts.lookup_keys,
        recovering=parts.recovering,
        clock=parts.clock_desk,
        packets=parts.packets,
        platforms=parts.platforms,
        readers=readers,
        answered=answered,
    )
    add_RegistryServicer_to_server(registry, server)
    add_AdminServicer_to_server(admin, server)
    catalogs = CatalogsService(desk=parts.catalogs, askers=askers, readers=readers)
    add_CatalogsServicer_to_server(catalogs, server)
    add_CasesServicer_to_server(CasesService(desk=parts.cases, readers=readers), server)
    imports = ImportsService(
        desk=parts.imports,
        askers=askers,
        account=parts.accounts.of_credential,
        readers=readers,
        answered=answered,
    )
    add_ImportsServicer_to_server(imports, server)
    platforms = PlatformsService(desk=parts.platforms, readers=readers, answered=answered)
    add_PlatformsServicer_to_server(platforms, server)
    requests = RequestsService(desk=parts.requests, readers=readers, answered=answered)
    add_RequestsServicer_to_server(requests, server)
    campaigns = CampaignsService(desk=parts.campaigns, readers=readers)
    add_CampaignsServicer_to_server(campaigns, server)
    letters = LettersService(
        desk=parts.letters,
        askers=askers,
        account=parts.accounts.of_credential,
        readers=readers,
    )
    add_LettersServicer_to_server(letters, server)
    add_NoticesServicer_to_server(NoticesService(desk=parts.notices, readers=readers), server)
    add_QualityServicer_to_server(QualityService(desk=parts.quality, readers=readers), server)
    add_RepairsServicer_to_server(RepairsService(desk=parts.repairs, readers=readers), server)
    add_QueriesServicer_to_server(
        QueriesService(desk=parts.asked, askers=askers, readers=readers, matters=matters), server
    )
    displays = DisplaysService(desk=parts.displays, askers=askers, readers=readers)
    add_DisplaysServicer_to_server(displays, server)
    certificates = CertificatesService(making=parts.certificates, readers=readers)
    add_CertificatesServicer_to_server(certificates, server)
    access = AccessService(
        desk=parts.access,
        askers=askers,
        readers=readers,
        matters=matters,
    )
    add_AccessServicer_to_server(access, server)
    accounts = AccountsService(
        desk=parts.accounts,
        sessions=parts.sessions,
        provider=parts.provider,
        askers=askers,
        readers=readers,
        check_known=access.check_known,
    )
    add_AccountsServicer_to_server(accounts, server)
    screening = ScreeningService(
        desk=parts.screening,
        batches=parts.batches,
        outcomes=parts.outcomes,
        uses=parts.uses.figures,
        askers=askers,
        exposed=parts.access.exposed,
        readers=readers,
        answered=answered,
    )
    add_ScreeningServicer_to_server(screening, server)
    watches = WatchesService(desk=parts.watches, askers=askers, readers=readers)
    add_WatchesServicer_to_server(watches, server)
    recognitions = RecognitionsService(
        desk=parts.scenarios,
        benefits=parts.benefits,
        uses=parts.uses,
        askers=askers,
        readers=readers,
        answered=answered,
    )
    add_RecognitionsServicer_to_server(recognitions, server)
    health_pb2_grpc.add_HealthServicer_to_server(health.servicer, server)
    before = os.umask(0o177)
    try:
        server.add_insecure_port(f"unix:{path}")
    finally:
        os.umask(before)
    await server.start()
    return server
