"""Ports for servers that are started later are nobody else's until then.

Covers node/demo/ports.py.
"""

from __future__ import annotations

import errno
import socket
import sys
from collections import deque

import pytest

from node.demo import ports
from node.demo.ports import KEPT, LOOPBACK, free_ports


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a kept port lets no server listen")
def test_a_port_is_kept_for_who_listens_at_it_and_again_when_it_has_stopped() -> None:
    (port,) = free_ports(1)
    for _ in range(2):
        with socket.socket() as other, pytest.raises(OSError, match="in use") as taken:
            other.bind((LOOPBACK, port))
        assert taken.value.errno == errno.EADDRINUSE
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((LOOPBACK, port), 60)
        with (
            socket.create_server((LOOPBACK, port)) as server,
            socket.create_connection((LOOPBACK, port), 60),
        ):
            server.accept()[0].close()


def test_all_are_different_and_the_latest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    mine: deque[socket.socket] = deque()
    monkeypatch.setattr(ports, "_kept", mine)
    chosen = free_ports(KEPT) + free_ports(20)
    kept = [one.getsockname()[1] for one in mine]
    for one in mine:
        one.close()
    assert len(set(chosen[:KEPT])) == KEPT
    assert len(set(chosen[KEPT:])) == 20
    assert kept == (chosen[-KEPT:] if sys.platform == "linux" else [])
