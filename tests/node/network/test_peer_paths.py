"""Where the way to a peer ends is named, and nothing behind it.

Covers node/network/peer_paths.py.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import closing

import pytest

from federation.ids import MemberId, Timestamp
from node.charters.contacts import Contact
from node.network.peer_paths import Step, Walker
from node.network.transport import TlsIdentity

NOW = Timestamp(1_800_000_000)


def walked(endpoint: str) -> list[Step]:
    walker = Walker(
        identity=TlsIdentity(key_pem=b"", certificate_pem=b""),
        versions={},
        signed_on=lambda _origin, _note: None,
        now=lambda: NOW,
        seconds=5.0,
    )
    contact = Contact(
        peer=MemberId("peer"),
        endpoints=(endpoint,) if endpoint else (),
        certificates=(),
        origins=frozenset(),
    )
    return list(asyncio.run(walker.walk(contact)))


def ends(steps: list[Step]) -> list[tuple[str, str]]:
    return [(step.step, step.state) for step in steps]


def test_who_only_dials_has_no_way() -> None:
    (step,) = walked("")
    assert (step.step, step.state) == ("endpoint", "failed")
    assert step.advice


def test_a_name_that_is_none() -> None:
    assert ends(walked("no-such-host.invalid:7443")) == [("name", "failed")]


def test_a_port_at_which_nobody_listens() -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))  # bound, never listened at
        steps = walked(f"127.0.0.1:{taken.getsockname()[1]}")
    assert ends(steps) == [("name", "ok"), ("connection", "failed")]


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""], ids=["http", "end"])
def test_what_speaks_no_tls(answer: bytes) -> None:
    async def speak(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        writer.close()

    steps = beside(speak)
    assert ends(steps) == [("name", "ok"), ("connection", "ok"), ("tls", "failed")]
    assert steps[-1].detail


def beside(
    speak: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> list[Step]:
    """Walk to a server that speaks so."""

    async def both() -> list[Step]:
        server = await asyncio.start_server(speak, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            return await asyncio.to_thread(walked, f"127.0.0.1:{port}")

    return asyncio.run(both())
