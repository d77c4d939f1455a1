"""One call of a peer over the channel of its stream, which may be closed while it is used.

The dialer closes a channel with its stream, whoever else is asking over it (`node.network.dialer`).
gRPC then raises `CancelledError` out of a call that runs, as if the asking task itself were ended,
and `UsageError` out of one that begins, as if the program were at fault. Either is a peer that does
not answer now.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import grpc
from grpc.aio import AioRpcError, Metadata

from node.system.item_errors import is_ended

Answer = TypeVar("Answer")


async def answer_of(call: Callable[[], Awaitable[Answer]]) -> Answer:
    """Return what a peer answers; `call` begins the call.

    Raises:
        AioRpcError: what the peer answers instead; UNAVAILABLE also where the channel is closed.
    """
    try:
        return await call()
    except asyncio.CancelledError as error:
        if is_ended():
            raise
        raise _closed() from error
    except grpc.aio.UsageError as error:
        if "closed" not in str(error):
            raise
        raise _closed() from error


def _closed() -> AioRpcError:
    return AioRpcError(
        grpc.StatusCode.UNAVAILABLE,
        Metadata(),
        Metadata(),
        details="the connection was closed while it was used",
    )
