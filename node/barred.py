"""Members that are kept out for a while, because of headers that no node sends.

gRPC takes headers without end (CONTINUATION frames, CVE-2024-27316) whatever size it is told to
take, before anything of ours is asked. So the first call that brings more of them than `MOST`
bars its certificate from the next handshakes. What we dial ourselves is not touched: reliefs of a
barred member arrive over our own connection.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any, Final

import grpc
import structlog

from node.transport import Context, Doorman, PeerRefusedError

_log = structlog.get_logger()

MOST: Final = 64
"""Headers of one call; a node sends about ten."""
SECONDS: Final = 600.0
"""A member is kept out so long after the last such call."""
CODE: Final = "headers.many"


class Barred:
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


class HeadersGuard(grpc.aio.ServerInterceptor):
    """Answers calls of too many headers itself, and bars who makes them."""

    def __init__(self, doorman: Doorman, barred: Barred) -> None:
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
        except PeerRefusedError as error:
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, error.code)
        self._barred.bar(certificate)
        _log.warning("peer barred", code=CODE, peer=self._doorman.name(certificate))
        await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, CODE)
