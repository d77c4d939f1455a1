"""What floods a node: a member with a good certificate that sends what costs it little."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterator
from typing import Final

from huxin.v1 import exchange_pb2 as pb
from huxin.v1.exchange_pb2_grpc import ExchangeStub

from tests.support import charters as build
from tests.support import raw_h2 as raw
from tests.support.flooded import channel_of
from tests.support.flooded_child import LIAR
from tests.support.liar import HostileLog

MANY = 200_000 if os.environ.get("HUXIN_SOAK") else 4_000
AT_ONCE = 100
"""Frames in one write."""

Parts = Iterator[bytes]


def _resets() -> Parts:
    """Calls that are taken back at once (CVE-2023-44487)."""
    headers, reset = raw.call("GetNode"), (8).to_bytes(4, "big")
    for begin in range(0, MANY, AT_ONCE):
        streams = range(1 + 2 * begin, 1 + 2 * (begin + AT_ONCE), 2)
        yield b"".join(
            raw.frame(raw.HEADERS, n, headers, raw.END_HEADERS)
            + raw.frame(raw.RST_STREAM, n, reset)
            for n in streams
        )


def _calls() -> Parts:
    """Calls that are never answered, since their answers are never read: far above the bound."""
    body = raw.frame(raw.DATA, 1, raw.message(b""), raw.END_STREAM)
    for n in range(1, 2 * MANY, 2):
        head = raw.frame(raw.HEADERS, n, raw.call("ListHeads"), raw.END_HEADERS)
        yield head + body[:5] + n.to_bytes(4, "big") + body[9:]


def _continuations() -> Parts:
    """Headers that never end (CVE-2024-27316)."""
    yield raw.frame(raw.HEADERS, 1, raw.call("GetNode"))
    more = raw.header("x", "y" * 100) * 150
    for _ in range(MANY // 10):
        yield raw.frame(raw.CONTINUATION, 1, more)


def _long_headers() -> Parts:
    """A hundred calls of six megabytes of headers, by who acknowledges no settings."""
    more = raw.header("x", "y" * 100) * 150
    for n in range(1, 200, 2):
        yield raw.frame(raw.HEADERS, n, raw.call("GetNode"))
        for _ in range(400):
            yield raw.frame(raw.CONTINUATION, n, more)
        yield raw.frame(raw.CONTINUATION, n, more, raw.END_HEADERS)


def _pings() -> Parts:
    for _ in range(0, MANY, AT_ONCE):
        yield raw.frame(raw.PING, 0, bytes(8)) * AT_ONCE


def _settings() -> Parts:
    for _ in range(0, MANY, AT_ONCE):
        yield raw.frame(raw.SETTINGS, 0, b"\0\4\0\1\0\0") * AT_ONCE


def _empty_data() -> Parts:
    yield raw.frame(raw.HEADERS, 1, raw.call("Follow"), raw.END_HEADERS)
    for _ in range(0, MANY, AT_ONCE):
        yield raw.frame(raw.DATA, 1) * AT_ONCE


def _endless_message() -> Parts:
    """A message that states four gigabytes."""
    yield raw.frame(raw.HEADERS, 1, raw.call("Follow"), raw.END_HEADERS)
    yield raw.frame(raw.DATA, 1, raw.message(bytes(16_000), stated=2**32 - 1))
    for _ in range(MANY // 10):
        yield raw.frame(raw.DATA, 1, bytes(16_000))


def _endless_frames() -> Parts:
    """A stream of frames that say nothing, one after the other."""
    yield raw.frame(raw.HEADERS, 1, raw.call("Follow"), raw.END_HEADERS)
    for _ in range(0, MANY, AT_ONCE):
        yield raw.frame(raw.DATA, 1, raw.message(b"") * AT_ONCE)


FLOODS: dict[str, Callable[[], Parts]] = {
    "resets": _resets,
    "calls": _calls,
    "pings": _pings,
    "settings": _settings,
    "empty data": _empty_data,
    "a message without end": _endless_message,
    "frames without end": _endless_frames,
    "headers without end": _continuations,
}
"""The last one bars who sends it."""
LONG_HEADERS: Final = _long_headers
"""So does this."""


def attack(
    port: int, flood: Callable[[], Parts], context: ssl.SSLContext, patience: float = 20
) -> int:
    """Flood once over one connection, by a member with a good certificate."""
    with raw.connected(port, context) as connection:
        return raw.sent(connection, flood(), patience)


async def shown(port: int, log: HostileLog, sizes: range) -> None:
    """The liar shows a checkpoint for each size on one stream, as fast as it goes."""
    async with channel_of(port, LIAR) as channel:
        stream = ExchangeStub(channel).Follow()
        for size in sizes:
            note = log.note(size, root=build.seed("any", "root", size))
            head = pb.Head(origin=log.origin, checkpoint=note)
            await stream.write(pb.FollowRequest(head=head))
        stream.cancel()
