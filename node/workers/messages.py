"""Messages on the socket between a node and its worker: four bytes of length, then the bytes."""

from __future__ import annotations

import socket
from typing import Final

from node.system.clock import monotonic
from node.workers.form import MAX_ANSWER

_LENGTH: Final = 4
_SHORTEST: Final = 0.001
"""Seconds; at 0 a socket would not wait for what is there already."""


def send(to: socket.socket, message: bytes) -> None:
    """Send a message.

    Raises:
        OSError: the other end is gone, or takes nothing within the socket's time.
    """
    to.sendall(len(message).to_bytes(_LENGTH, "little") + message)


def receive(
    source: socket.socket, seconds: float | None = None, *, most: int = MAX_ANSWER
) -> bytes:
    """Receive a message, within so many seconds in all; None waits for as long as it takes.

    Raises:
        OSError: the other end is gone, or has not said it all in time.
        EOFError: it has closed, or announces more than `most` bytes.
    """
    ends, before = None if seconds is None else monotonic() + seconds, source.gettimeout()
    try:
        length = int.from_bytes(_exactly(source, _LENGTH, ends), "little")
        if length > most:
            raise EOFError
        return bytes(_exactly(source, length, ends))
    finally:
        if ends is not None:
            source.settimeout(before)  # what is left of the time is not that of the next message


def _exactly(source: socket.socket, length: int, ends: float | None) -> bytearray:
    data = bytearray(length)
    view, got = memoryview(data), 0
    while got < length:
        if ends is not None:
            source.settimeout(max(ends - monotonic(), _SHORTEST))
        count = source.recv_into(view[got:])
        if not count:
            raise EOFError
        got += count
    return data
