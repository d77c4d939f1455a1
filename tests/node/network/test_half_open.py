"""A connection that died without a word is noticed, and made anew.

Covers node/system/wakeups.py.
"""

from __future__ import annotations

import pytest

from node.network import transport
from tests.support.fault_proxy import fault_proxy
from tests.support.network import node, running
from tests.support.waiting import until

QUICK_MS = {
    "grpc.keepalive_time_ms": 1000,
    "grpc.keepalive_timeout_ms": 500,
    "grpc.http2.ping_timeout_ms": 500,
}


async def test_a_half_open_connection_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = [(name, QUICK_MS.get(name, value)) for name, value in transport._BOTH]
    monkeypatch.setattr(transport, "_BOTH", quick)
    server, client = node("a"), node("b", wanted="a")
    async with running(server, dialling=[]):
        with fault_proxy(server.port) as line:
            true_port, server.port = server.port, line.port
            client.knows(server)
            server.port = true_port
            server.knows(client, dials=False)
            async with client.dialling():
                server.exchange.say(b"before")
                await until(lambda: client.exchange.held("a") == [b"before"])
                line.freeze()
                server.exchange.say(b"after")
                await until(lambda: client.exchange.held("a") == [b"before", b"after"])
    client.close()
