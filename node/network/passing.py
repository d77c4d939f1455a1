"""Calls passed on as bytes, with what their caller presented, to the server that answers them.

Every call is a stream to gRPC's core: one message each way is one of them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, TypeAlias

import grpc

from node.network.errors import answering
from node.network.transport import Context

Metadata: TypeAlias = Sequence[tuple[str, str | bytes]]


class Passing(grpc.GenericRpcHandler):
    """Passes on each call but those that are answered here."""

    def __init__(
        self,
        channel: grpc.aio.Channel,
        *,
        here: Callable[[str], grpc.RpcMethodHandler[Any, Any] | None],
        caller: Callable[[Context], Awaitable[Metadata]],
        seconds: float,
    ) -> None:
        """Wire it.

        Args:
            channel: to who answers.
            here: what answers a call here, by its full name; None: it is passed on.
            caller: the metadata that says who calls; raises for who may not.
            seconds: after which a call is given up.
        """
        self._channel = channel
        self._here = here
        self._caller = caller
        self._seconds = seconds

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler[Any, Any]:
        """See `grpc.GenericRpcHandler`."""
        method = handler_call_details.method
        return self._here(method) or grpc.stream_stream_rpc_method_handler(self._passed(method))

    def _passed(
        self, method: str
    ) -> Callable[[AsyncIterator[bytes], Context], AsyncIterator[bytes]]:
        async def passed(requests: AsyncIterator[bytes], context: Context) -> AsyncIterator[bytes]:
            async with answering(context):
                metadata = await self._caller(context)
                left: float | None = context.time_remaining()  # the stub does not know of None
                seconds = self._seconds if left is None else min(left, self._seconds)
                call: grpc.aio.StreamStreamCall[bytes, bytes] = self._channel.stream_stream(method)(
                    requests,  # type: ignore[arg-type]  # the stub knows the type of none
                    timeout=seconds,
                    metadata=metadata,
                )
                try:
                    async for answer in call:
                        yield answer
                except grpc.aio.AioRpcError as error:
                    await context.abort(
                        error.code(), error.details() or "", tuple(error.trailing_metadata() or ())
                    )
                finally:
                    call.cancel()

        return passed
