"""A node's services on its Unix socket, called with the token of whoever asks over HTTP (HT14).

Whoever may open the socket is the operator where no token is given, so what is asked over HTTP is
never asked without one: such a call is a fault of this program and ends before it is made.

The socket's place is read anew for each call, since a node that was started again may have another;
while none runs, callers are told to come again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar, cast

import grpc
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from node.directory.presence import read_node_file
from node.network.errors import error_of
from node.network.transport import MAX_MESSAGE, Options
from node.system.tracing import carried

T = TypeVar("T")

SECONDS: Final = 30.0
"""For one call."""
_CHANNEL: Final[Options] = [("grpc.max_receive_message_length", 4 * MAX_MESSAGE)]


class Caller(Protocol):
    """Calls a node with somebody's token; blocks."""

    def call(
        self, token: str, rpc: str, request: Message, seconds: float = SECONDS
    ) -> Sequence[Any]:
        """Make a call; the answer, or all parts of one that comes in parts.

        Args:
            token: of who asks.
            rpc: `Service/Method`, of `huxin.v1`.
            request: what is asked; all of it, also where it could come in parts.
            seconds: after which it is given up.

        Raises:
            FederationError: what the node refuses, and where it cannot be reached.
        """
        ...


class NodeChannel:
    """The channel to the node of a directory, whichever process it runs in; any thread."""

    def __init__(self, directory: Path) -> None:
        """Name the node's directory; nothing is connected yet."""
        self._directory = directory
        self._lock = threading.Lock()
        self._socket = ""
        self._channel: grpc.Channel | None = None

    def close(self) -> None:
        """End the connection."""
        with self._lock:
            if self._channel is not None:
                self._channel.close()
                self._channel = None

    def call(
        self, token: str, rpc: str, request: Message, seconds: float = SECONDS
    ) -> Sequence[Any]:
        """See `Caller`."""
        method = method_of(rpc)

        def called(channel: grpc.Channel, **more: Any) -> Sequence[Any]:  # noqa: ANN401 - of gRPC
            several, parts = method.client_streaming, method.server_streaming
            kind = f"{'stream' if several else 'unary'}_{'stream' if parts else 'unary'}"
            answered = getattr(channel, kind)(
                f"/huxin.v1.{rpc}",
                request_serializer=type(request).SerializeToString,
                response_deserializer=GetMessageClass(method.output_type).FromString,
            )(iter([request]) if several else request, **more)
            return list(answered) if method.server_streaming else [answered]

        return self.called(called, token, seconds)

    def called(self, call: Callable[..., T], token: str, seconds: float = SECONDS) -> T:
        """Make a call with somebody's token.

        Raises:
            ValueError: there is no token.
            FederationError: as of `Caller`.
        """
        if not token:
            raise ValueError
        metadata = (("authorization", f"Bearer {token}"), *carried())
        return self.reached(call, metadata=metadata, timeout=seconds)

    def reached(self, call: Callable[..., T], **more: Any) -> T:  # noqa: ANN401 - of gRPC
        """Make a call as the operator, who needs no token here: never what somebody asks.

        Raises:
            FederationError: as of `Caller`.
        """
        channel = self._connected()
        with _translated():
            return call(channel, **more)

    def _connected(self) -> grpc.Channel:
        """Return the channel to the node as it runs now.

        Raises:
            NotReadyError: none runs.
        """
        socket = read_node_file(self._directory).socket
        with self._lock:
            if self._channel is None or socket != self._socket:
                if self._channel is not None:
                    self._channel.close()
                self._channel = grpc.insecure_channel(f"unix:{socket}", options=_CHANNEL)
                self._socket = socket
            return self._channel


def method_of(rpc: str) -> MethodDescriptor:
    """Return what the specification says of a call.

    Raises:
        KeyError: there is no such call.
    """
    service, _, name = rpc.partition("/")
    found = descriptor_pool.Default().FindServiceByName(f"huxin.v1.{service}")
    return found.methods_by_name[name]


@contextmanager
def _translated() -> Iterator[None]:
    """Raise what the other side raised."""
    try:
        yield
    except grpc.RpcError as failure:
        # A synchronous failure has the same questions answered as an asynchronous one.
        raise error_of(cast("grpc.aio.AioRpcError", failure)) from failure
