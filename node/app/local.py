"""One way for every command to reach a node: as a client of its services.

Where a server runs on the directory, that is its Unix socket. Otherwise the directory is locked,
and the same services are started in this process, without streams and without a schedule, for as
long as the command takes; members are asked before what must not fork
(`node.network.startup_inquiry`). There is never more than one writer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import grpc

from node.directory.presence import RunningError, locked, read_node_file, socket_path
from node.network.transport import MAX_MESSAGE, Options

if TYPE_CHECKING:
    from node.app.parts import Parts

_CHANNEL: Final[Options] = [("grpc.max_receive_message_length", 4 * MAX_MESSAGE)]


@contextmanager
def connect(
    directory: Path,
    build: Callable[[Path], Parts],
    unchecked: Callable[[float], None] = lambda _: None,
    *,
    patience: float = 0,
) -> Iterator[grpc.Channel]:
    """Give a channel to the node's Registry and Admin services.

    Args:
        directory: the node's directory.
        build: wires the parts, where no server runs.
        unchecked: told where, without a server, signing goes on though no member has said within
            so many seconds how much of our log it holds; on another thread.
        patience: as of `locked`.

    Raises:
        NotReadyError: a server runs, but serves nobody yet or any more.
        Exception: what `build` raises.
    """
    with _reached(directory, build, unchecked, patience) as socket:
        channel = grpc.insecure_channel(f"unix:{socket}", options=_CHANNEL)
        try:
            yield channel
        finally:
            channel.close()


@contextmanager
def _reached(
    directory: Path,
    build: Callable[[Path], Parts],
    unchecked: Callable[[float], None],
    patience: float,
) -> Iterator[str]:
    """Give the socket of the running server, or of one started here."""
    with ExitStack() as stack:
        try:
            stack.enter_context(locked(directory, patience=patience))
        except RunningError:
            socket = read_node_file(directory).socket
        else:  # what only a server needs takes a second to import
            from node.app.serving_here import served  # noqa: PLC0415

            path = stack.enter_context(socket_path(directory))
            stack.enter_context(served(build(directory), path, unchecked))
            socket = str(path)
        yield socket
