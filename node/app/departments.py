"""The gRPC listeners at which departments ask: one for client certificates, one for tokens.

    AC16  both speak TLS 1.3 with this node's certificate. With a client certificate only those of
          credentials may begin, and each call is named by its exact certificate (T1)
    AC17  what a caller can hold is bounded: message, headers, calls of one connection, connections,
          and the time of a call. Threads of its own answer, so that no department keeps peers or
          the operator waiting, and one that never reads keeps nobody
    AC18  within a second of a credential's end the connections that used it are shut

Where workers answer checks (`[access] workers`, `node.app.check_workers`), departments' connections
end in them, and they pass all other calls on to the node over a Unix socket of its own.

They serve the calls of `node.services.doors.DEPARTMENTS` and nothing else. An attacker who has a
department's key or token can ask what that department may ask, as much as its budget allows, and
report outcomes in its name.
"""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final

import grpc
import structlog
from huxin.v1.recognition_pb2_grpc import add_RecognitionsServicer_to_server
from huxin.v1.screening_pb2_grpc import add_ScreeningServicer_to_server
from huxin.v1.watches_pb2_grpc import add_WatchesServicer_to_server

from node.app.department_addresses import Addresses, Ports, taken
from node.app.parts import Parts
from node.app.worker_door import Served
from node.directory.config import Environment
from node.directory.presence import WORKERS_SOCKET, socket_path
from node.network.header_floods import BarredCertificates, HeadersGuard, shut
from node.network.startup_inquiry import expected
from node.network.transport import (
    MAX_CONNECTIONS,
    Doorman,
    Options,
    server_credentials,
    server_options,
)
from node.services.askers import Askers, passed_on
from node.services.doors import DEPARTMENTS, Gate
from node.services.reads import ReadsRecorder
from node.services.recognitions import RecognitionsService
from node.services.screening import ScreeningService
from node.services.watches import WatchesService
from node.system.clock import monotonic
from node.system.threads import in_thread

_log = structlog.get_logger()

AWAY: Final = "check-workers.away"
MAX_QUESTION: Final = 64 * 1024
"""Bytes received in one message; a question has at most a few thousand."""
STREAMS: Final = 64
"""Calls at once on one connection."""
CALLS: Final = 512
"""Calls at once on the whole server."""
THREADS: Final = 8
"""Questions judged at once; more would only queue at two cores."""
CALL_SECONDS: Final = 30.0
"""A call that takes longer is given up, whatever deadline its caller set."""
FOLLOW_SECONDS: Final = 25.0
"""After which a stream of events ends of itself; who follows calls again from its position."""
OPENING: Final = 4 * 1024 * 1024
"""Bytes of the rows of a watch that is opened: as many subjects as a case may have."""
LOOK_SECONDS: Final = 1.0
"""How often it is looked whose credential has ended (AC18)."""
GRACE_SECONDS: Final = 5.0
TEND_SECONDS: Final = 0.2
"""How often it is looked after workers."""


class Callers:
    """Which connections use which credential (AC18); on the loop alone."""

    def __init__(self, counts: Callable[[str], bool], end: Callable[[str], bool] = shut) -> None:
        """Take what knows whether a credential counts, and what shuts a connection."""
        self._counts = counts
        self._end = end
        self._by_address: OrderedDict[str, str] = OrderedDict()

    def seen(self, address: str, credential: str) -> None:
        """A call came from this address with this credential."""
        self._by_address[address] = credential
        self._by_address.move_to_end(address)
        if len(self._by_address) > MAX_CONNECTIONS:
            self._by_address.popitem(last=False)

    def credentials(self) -> frozenset[str]:
        """Those that are used."""
        return frozenset(self._by_address.values())

    def look(self) -> None:
        """Shut the connections whose credentials do not count any more."""
        self.keep(frozenset(filter(self._counts, self.credentials())))

    def keep(self, counting: Collection[str]) -> None:
        """Shut the connections but those of these credentials."""
        ended = [address for address, one in self._by_address.items() if one not in counting]
        for address in ended:
            del self._by_address[address]
            self._end(address)

    async def watch(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self.look()


@asynccontextmanager
async def serving_departments(parts: Parts) -> AsyncIterator[Ports]:
    """Serve departments where the configuration says so.

    Raises:
        OSError: an address cannot be bound.
        RuntimeError: TLS 1.2 is not switched off.
    """
    addresses = Addresses.of(parts.settings)
    if not addresses.any:
        yield Ports()
        return
    with ThreadPoolExecutor(THREADS, thread_name_prefix="department") as threads:
        if not parts.check_workers.wanted:
            async with answering_departments(parts, threads, addresses) as ports:
                yield ports
            return
        with (
            addresses.reserved() as reserved,
            socket_path(parts.settings.directory, WORKERS_SOCKET) as path,
        ):
            async with (
                _passed_on(parts, threads, path),
                _tended(parts, threads, reserved, path),
            ):
                yield reserved.ports


@asynccontextmanager
async def answering_departments(
    parts: Parts, threads: ThreadPoolExecutor, addresses: Addresses, *, shared: bool = False
) -> AsyncIterator[Ports]:
    """Answer departments in this process; `shared` where workers may have the same ports.

    Raises:
        OSError: an address cannot be bound.
    """
    callers = Callers(parts.access.counts)
    askers = Askers(parts.access, local=False, seen=callers.seen)
    barred = BarredCertificates(monotonic)
    guard = HeadersGuard(Doorman(lambda _: None), barred)
    server = _server(parts, askers, threads, department_options(shared=shared), guard)
    ports = Ports(
        certificates=_bound(parts, server, addresses.certificates, barred, mutual=True),
        tokens=_bound(parts, server, addresses.tokens, barred, mutual=False),
    )
    await server.start()
    watching = asyncio.create_task(callers.watch())
    try:
        yield ports
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        await server.stop(GRACE_SECONDS)


@asynccontextmanager
async def _passed_on(parts: Parts, threads: ThreadPoolExecutor, path: Path) -> AsyncIterator[None]:
    """Answer what workers pass on, with what its caller presented to them."""
    askers = Askers(parts.access, local=False, presented=passed_on)
    server = _server(parts, askers, threads, department_options(calls=CALLS))
    before = os.umask(0o177)
    try:
        server.add_insecure_port(f"unix:{path}")
    finally:
        os.umask(before)
    await server.start()
    try:
        yield
    finally:
        await server.stop(GRACE_SECONDS)


@asynccontextmanager
async def _tended(
    parts: Parts, threads: ThreadPoolExecutor, addresses: Addresses, path: Path
) -> AsyncIterator[None]:
    """Keep workers at these addresses; while none is there, answer here (CW4)."""
    served = Served(
        certificates=addresses.certificates,
        tokens=addresses.tokens,
        passed_on=str(path),
        level=parts.settings.log_level,
        failpoint=Environment().failpoint,
    )
    workers = parts.check_workers

    async def tend() -> None:
        ending: set[asyncio.Task[None]] = set()
        async with AsyncExitStack() as stack:
            here: AsyncExitStack | None = None
            stack.push_async_callback(_all_of, ending)
            while True:
                await asyncio.sleep(TEND_SECONDS)
                await in_thread(threads, workers.tend, served)
                if here is None and not workers.ready:
                    mine = await stack.enter_async_context(AsyncExitStack())
                    answering = answering_departments(parts, threads, addresses, shared=True)
                    try:
                        await mine.enter_async_context(answering)
                    except OSError as error:  # tried again, as long as it takes
                        _log.error("departments not answered", code=AWAY, error=str(error))
                        continue
                    here = mine
                elif here is not None and workers.ready:
                    task = asyncio.create_task(here.aclose())
                    ending.add(task)
                    task.add_done_callback(ending.discard)
                    here = None

    await in_thread(threads, workers.tend, served)
    tending = asyncio.create_task(tend())
    try:
        yield
    finally:
        tending.cancel()
        with suppress(asyncio.CancelledError):
            await tending
        await in_thread(threads, workers.close)


async def _all_of(tasks: set[asyncio.Task[None]]) -> None:
    for task in list(tasks):
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _server(
    parts: Parts,
    askers: Askers,
    threads: ThreadPoolExecutor,
    options: Options,
    *before: grpc.aio.ServerInterceptor,
) -> grpc.aio.Server:
    """The server with its services, not bound."""
    server = grpc.aio.server(
        options=options,
        maximum_concurrent_rpcs=CALLS,
        interceptors=(
            *before,
            Gate(askers, DEPARTMENTS, seconds=CALL_SECONDS),
            ReadsRecorder(reads=parts.reads, askers=askers, readers=threads),
        ),
    )
    service = ScreeningService(
        desk=parts.screening,
        batches=parts.batches,
        outcomes=parts.outcomes,
        uses=parts.uses.figures,
        askers=askers,
        exposed=parts.access.exposed,
        readers=threads,
        answered=partial(expected, parts.asking),
    )
    add_ScreeningServicer_to_server(service, server)
    recognitions = RecognitionsService(
        desk=parts.scenarios,
        benefits=parts.benefits,
        uses=parts.uses,
        askers=askers,
        readers=threads,
        answered=partial(expected, parts.asking),
    )
    add_RecognitionsServicer_to_server(recognitions, server)
    watches = WatchesService(
        desk=parts.watches,
        askers=askers,
        readers=threads,
        follow_seconds=FOLLOW_SECONDS,
        most=OPENING,
    )
    add_WatchesServicer_to_server(watches, server)
    return server


def _bound(
    parts: Parts,
    server: grpc.aio.Server,
    address: str,
    barred: BarredCertificates,
    *,
    mutual: bool,
) -> int:
    """Bind an address; returns its port, 0 for no address."""
    if not address:
        return 0
    credentials = server_credentials(
        lambda: parts.identities()[0],
        lambda: barred.let_in(parts.access.certificates()) if mutual else (),
        mutual=mutual,
    )
    try:
        return server.add_secure_port(address, credentials)
    except RuntimeError as error:
        raise taken(address) from error


def department_options(*, shared: bool = False, calls: int = STREAMS) -> Options:
    """As between nodes, with smaller messages.

    Args:
        shared: whether other processes of this node may have the same port.
        calls: at once on one connection.
    """
    bounds: Options = [
        ("grpc.max_receive_message_length", MAX_QUESTION),
        ("grpc.so_reuseport", int(shared)),
    ]
    names = {name for name, _ in bounds}
    return [*(one for one in server_options(calls) if one[0] not in names), *bounds]
