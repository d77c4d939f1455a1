"""Handlers of calls with something done around them, for interceptors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias

import grpc
from google.protobuf.message import Message

from node.network.errors import Context

Single: TypeAlias = Callable[[Message, Context], Awaitable[Message]]
Stream: TypeAlias = Callable[[Message, Context], AsyncIterator[Message]]


def instead(handler: Any, *, single: Single, stream: Stream) -> Any:  # noqa: ANN401 - gRPC's own
    """Another handler of the same call and messages.

    Args:
        handler: of a call with one request.
        single: is called instead where one message is answered.
        stream: likewise where several are.
    """
    codecs = {
        "request_deserializer": handler.request_deserializer,
        "response_serializer": handler.response_serializer,
    }
    if handler.response_streaming:
        return grpc.unary_stream_rpc_method_handler(stream, **codecs)
    return grpc.unary_unary_rpc_method_handler(single, **codecs)
