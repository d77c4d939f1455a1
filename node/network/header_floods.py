"""Floods of headers: a member that sends more than any node does is kept out for ten minutes.

The attack (CVE-2024-27316): a call whose headers go on and on in CONTINUATION frames fills our
memory before any code of ours sees the call. Our server tells the caller in its HTTP/2 SETTINGS how
many bytes of headers it takes, but gRPC applies that bound only from the caller's acknowledgement
(SETTINGS ACK) on; a caller that never acknowledges is held to 16 MiB for each call instead, and may
make one call after the other.

What is done about it: `HeadersGuard` looks at each call as soon as gRPC hands it over. One with
more than `MOST` headers bars the caller's certificate (`Barred`: its next TLS handshakes fail for
`SECONDS`) and ends its connection (`shut`). gRPC has no call that ends a connection of a server, so
the socket is looked up among the process's own and shut down there.

Only connections that come in are touched. What this node dials itself goes on, so reliefs of a
barred member still arrive.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import grpc
import structlog

from node.network.transport import Context, Doorman, PeerRefusedError

_log = structlog.get_logger()

MOST: Final = 64
"""Headers of one call; a node sends about ten."""
SECONDS: Final = 600.0
"""A member is kept out so long after the last such call."""
CODE: Final = "headers.many"
_ENDS_SECONDS: Final = 1.0
_INTERNET: Final = (socket.AF_INET, socket.AF_INET6)


class BarredCertificates:
    """Certificates that are kept out; used on the loop, asked by handshakes on any thread."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Measure by a clock, seconds, monotonic."""
        self._clock = clock
        self._until: dict[bytes, float] = {}

    def bar(self, certificate: bytes) -> None:
        """Keep a certificate (DER) out from now on."""
        self._until[certificate] = self._clock() + SECONDS

    def let_in(self, certificates: Iterable[bytes]) -> list[bytes]:
        """Those of the certificates that are not kept out."""
        now, until = self._clock(), self._until
        return [one for one in certificates if until.get(one, now) <= now]


def shut(caller: str) -> bool:
    """Shut this process's connection with a caller, as if the line were cut.

    Args:
        caller: as gRPC names it, `ipv4:ADDRESS:PORT` or `ipv6:[ADDRESS]:PORT`.

    Returns:
        Whether there was one.
    """
    wanted = _end(*unquote(caller).partition(":")[2].rsplit(":", 1))
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError), _own_handle(int(entry.name)) as one:
            if one.family in _INTERNET and _end(*one.getpeername()[:2]) == wanted:
                one.shutdown(socket.SHUT_RDWR)
                return True
    return False


def _own_handle(descriptor: int) -> socket.socket:
    """A handle of our own, so that it is the same socket that is asked and shut."""
    copy = os.dup(descriptor)
    try:
        return socket.socket(fileno=copy)
    except OSError:
        os.close(copy)
        raise


def _end(host: str, port: str | int) -> tuple[IPv4Address | IPv6Address, int]:
    address = ip_address(host.strip("[]").partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address, int(port)


class HeadersGuard(grpc.aio.ServerInterceptor):
    """Shuts the connections of calls with too many headers, and bars who makes them."""

    def __init__(self, doorman: Doorman, barred: BarredCertificates) -> None:
        """Take who says by which certificate a call is made, and who keeps it out."""
        self._doorman = doorman
        self._barred = barred

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:  # noqa: ANN401 - a handler of whatever service
        """See `grpc.aio.ServerInterceptor`."""
        if len(handler_call_details.invocation_metadata) <= MOST:
            return await continuation(handler_call_details)
        # As a stream, because that begins without waiting for a message, which never comes.
        return grpc.stream_stream_rpc_method_handler(self._refuse)

    async def _refuse(self, _requests: AsyncIterator[bytes], context: Context) -> None:
        try:
            certificate = self._doorman.certificate(context)
            self._barred.bar(certificate)
            _log.warning("peer barred", code=CODE, peer=self._doorman.name(certificate))
        except PeerRefusedError:
            _log.warning("caller without certificate shut", code=CODE)
        if shut(context.peer()):
            await asyncio.sleep(_ENDS_SECONDS)  # the call ends with its connection, mostly at once
        await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, CODE)
