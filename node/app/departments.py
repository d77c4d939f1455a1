"""The gRPC listeners at which departments ask: one for client certificates, one for tokens.

    AC16  both speak TLS 1.3 with this node's certificate. With a client certificate only those of
          credentials may begin, and each call is named by its exact certificate (T1)
    AC17  what a caller can hold is bounded: message, headers, calls of one connection, connections,
          and the time of a call. Threads of its own answer, so that no department keeps peers or
          the operator waiting, and one that never reads keeps nobody
    AC18  within a second of a credential's end the connections that used it are shut

They serve the calls of `node.services.doors.DEPARTMENTS` and nothing else. An attacker who has a
department's key or token can ask what that department may ask, as much as its budget allows, and
report outcomes in its name.
"""

from __future__ import annotations

import asyncio
import errno
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

import grpc
from huxin.v1.recognition_pb2_grpc import add_RecognitionsServicer_to_server
from huxin.v1.screening_pb2_grpc import add_ScreeningServicer_to_server
from huxin.v1.watches_pb2_grpc import add_WatchesServicer_to_server

from node.app.parts import Parts
from node.network.header_floods import BarredCertificates, HeadersGuard, shut
from node.network.startup_inquiry import expected
from node.network.transport import (
    MAX_CONNECTIONS,
    Doorman,
    Options,
    server_credentials,
    server_options,
)
from node.services.askers import Askers
from node.services.doors import DEPARTMENTS, Gate
from node.services.reads import ReadsRecorder
from node.services.recognitions import RecognitionsService
from node.services.screening import ScreeningService
from node.services.watches import WatchesService
from node.system.clock import monotonic

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where departments are served; 0 for nowhere."""

    certificates: int = 0
    tokens: int = 0


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

    def look(self) -> None:
        """Shut the connections whose credentials do not count any more."""
        counting = {one: self._counts(one) for one in set(self._by_address.values())}
        ended = [address for address, one in self._by_address.items() if not counting[one]]
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
    if not (parts.settings.departments or parts.settings.department_tokens):
        yield Ports()
        return
    callers = Callers(parts.access.counts)
    askers = Askers(parts.access, local=False, seen=callers.seen)
    with ThreadPoolExecutor(THREADS, thread_name_prefix="department") as threads:
        server, ports = _server(parts, askers, threads)
        await server.start()
        watching = asyncio.create_task(callers.watch())
        try:
            yield ports
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
            await server.stop(GRACE_SECONDS)


def _server(
    parts: Parts, askers: Askers, threads: ThreadPoolExecutor
) -> tuple[grpc.aio.Server, Ports]:
    """The server, bound and not started."""
    barred = BarredCertificates(monotonic)
    server = grpc.aio.server(
        options=_options(),
        maximum_concurrent_rpcs=CALLS,
        interceptors=(
            HeadersGuard(Doorman(lambda _: None), barred),
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

    def bound(address: str, *, mutual: bool) -> int:
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
            message = f"{address} ([access]) cannot be listened on; is it another program's?"
            raise OSError(errno.EADDRINUSE, message) from error

    settings = parts.settings
    return server, Ports(
        certificates=bound(settings.departments, mutual=True),
        tokens=bound(settings.department_tokens, mutual=False),
    )


def _options() -> Options:
    """As between nodes, with smaller messages."""
    bounds: Options = [("grpc.max_receive_message_length", MAX_QUESTION)]
    names = {name for name, _ in bounds}
    return [*(one for one in server_options(STREAMS) if one[0] not in names), *bounds]
