"""Certificates that are kept out for a while."""

from __future__ import annotations

import gc
import socket
from pathlib import Path

import pytest

from node.network.header_floods import SECONDS, BarredCertificates, shut


def test_a_certificate_is_kept_out_for_a_while() -> None:
    now = 0.0
    barred = BarredCertificates(lambda: now)
    assert barred.let_in([b"a", b"b"]) == [b"a", b"b"]
    barred.bar(b"a")
    assert barred.let_in([b"a", b"b"]) == [b"b"]
    now = SECONDS - 1
    assert barred.let_in([b"a"]) == []
    now = SECONDS
    assert barred.let_in([b"a"]) == [b"a"]


@pytest.mark.parametrize(("host", "written"), [("127.0.0.1", "ipv4:{}"), ("::1", "ipv6:%5B{}%5D")])
def test_the_connection_of_one_caller_is_shut(host: str, written: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as server:
        address = (host, server.getsockname()[1])
        with socket.create_connection(address) as caller, socket.create_connection(address) as peer:
            taken = [server.accept()[0] for _ in range(2)]
            gc.collect()  # what earlier tests left is not closed meanwhile
            open_before = len(list(Path("/proc/self/fd").iterdir()))
            caller_name = f"{written.format(host)}:{caller.getsockname()[1]}"
            assert shut(caller_name)
            assert len(list(Path("/proc/self/fd").iterdir())) == open_before
            assert caller.recv(1) == b""
            taken[1].sendall(b"on")
            assert peer.recv(2) == b"on"
            for one in taken:
                one.close()
        assert not shut(f"{written.format(host)}:1")


def test_a_caller_by_ipv4_is_found_on_a_socket_for_both() -> None:
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as caller, server.accept()[0]:
            assert shut(f"ipv4:127.0.0.1:{caller.getsockname()[1]}")
            assert caller.recv(1) == b""
