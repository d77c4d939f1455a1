"""A call whose channel is closed under it is a peer that does not answer, and ends no task.

Covers node/network/answering.py.
"""

from __future__ import annotations

import asyncio

import grpc
import pytest

from node.network.answering import answer_of
from node.system.item_errors import is_silence


async def _fails(error: BaseException) -> int:
    raise error


async def test_what_the_peer_answers() -> None:
    assert await answer_of(lambda: asyncio.sleep(0, 7)) == 7


@pytest.mark.parametrize(
    "error", [asyncio.CancelledError(), grpc.aio.UsageError("Channel is closed.")]
)
async def test_a_channel_that_is_closed_is_silence(error: BaseException) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await answer_of(lambda: _fails(error))
    assert is_silence(caught.value)
    assert "closed while it was used" in str(caught.value.details())


async def test_a_fault_of_ours_is_not() -> None:
    with pytest.raises(grpc.aio.UsageError):
        await answer_of(lambda: _fails(grpc.aio.UsageError("timeout must be a number")))


async def test_who_is_cancelled_ends() -> None:
    task = asyncio.create_task(answer_of(lambda: asyncio.sleep(60)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_real_channel_that_was_closed() -> None:
    """What gRPC raises for it, so that another version that raises something else is noticed."""
    channel = grpc.aio.insecure_channel("127.0.0.1:1")
    call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary("/x/Y")
    await channel.close()
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await answer_of(lambda: call(b"", timeout=5))
    assert is_silence(caught.value)
