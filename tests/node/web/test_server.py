"""The HTTP server with real connections: who is slow, silent or many, and the end (HT4–HT6).

Covers node/web/connections.py, node/web/tls.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from huxin.v1.admin_pb2 import PublishFileResponse
from prometheus_client import CollectorRegistry

from node.directory.config import ConfigError
from node.web import tls
from node.web.app import Application
from node.web.connections import HEAD_MAX, Patience
from node.web.figures import Figures
from node.web.server import HttpServer
from node.web.uploads import Uploads
from tests.support.fake_calls import BARE, NO_UPLOADS, OTHER, QUESTION, TOKEN, FakeCalls, FakeNode
from tests.support.tls import Holder, issued
from tests.support.waiting import until


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


HEADERS = _bearer(TOKEN) | {"Content-Type": "application/json"}
QUICK = {
    "head": Patience(head=0.3),
    "busy": Patience(busy=0.6),
    "idle": Patience(idle=1, flush=0.2),
    "handshake": Patience(handshake=0.3),
    "malformed": Patience(),
}
"""By why a connection is cut: patience that is short for that alone, so that a machine that is slow
has time for all else."""
LONG = Patience(handshake=3600, head=3600, busy=3600, idle=3600)
"""Nobody is cut for being slow, so that whoever is answered did not wait for that."""
SLOWER = Patience(busy=1.0)
"""Short for a body, and for nothing that a machine must do within it."""


class World:
    """A server, its node and its figures."""

    def __init__(self, server: HttpServer, calls: FakeCalls, registry: CollectorRegistry) -> None:
        self.server, self.calls, self._registry = server, calls, registry

    def cut(self, why: str) -> float:
        return self._registry.get_sample_value("huxin_http_cut_total", {"why": why}) or 0

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.server.port), timeout=60)

    def check(
        self, connection: http.client.HTTPConnection | None = None, token: str = TOKEN
    ) -> int:
        asked = connection or http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        asked.request("POST", "/v1/checks", json.dumps(QUESTION), HEADERS | _bearer(token))
        answered = asked.getresponse()
        answered.read()
        if connection is None:
            asked.close()
        return answered.status


@contextlib.contextmanager
def serving(
    patience: Patience | None = None,
    certificates: tls.Certificates | None = None,
    calls: FakeCalls | None = None,
    connections: int = 512,
    node: FakeNode | None = None,
    uploads: Uploads = NO_UPLOADS,
) -> Iterator[World]:
    registry = CollectorRegistry()
    figures = Figures(registry)
    asked = calls or FakeCalls()
    server = HttpServer(
        ("127.0.0.1", 0),
        lambda threads: Application(
            asked,
            threads=threads,
            figures=figures,
            description=BARE,
            node=node or FakeNode(),
            operators=threads,
            uploads=uploads,
        ),
        figures=figures,
        context=certificates.context if certificates else None,
        patience=patience,
        connections=connections,
    )
    try:
        yield World(server, asked, registry)
    finally:
        server.close()


def until_cut(connection: socket.socket) -> bytes:
    """All that comes before the end."""
    parts = []
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def answer(connection: socket.socket, method: str = "POST") -> int:
    """Read one answer whole; its status."""
    found = http.client.HTTPResponse(connection, method=method)
    found.begin()
    found.read()
    found.close()
    return found.status


def request(path: str = "/v1/checks", body: bytes | None = None) -> bytes:
    said = json.dumps(QUESTION).encode() if body is None else body
    lines = [f"POST {path} HTTP/1.1", "Host: a", *(f"{k}: {v}" for k, v in HEADERS.items())]
    return "\r\n".join([*lines, f"Content-Length: {len(said)}", "", ""]).encode() + said


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with serving() as one:
        yield one


def test_ht17_a_file_has_time_once_its_sender_is_known(tmp_path: Path) -> None:
    """A body that takes longer than any other may is read on, and a stranger's is not."""
    lines = ["POST /v1/files:publish?kind=list HTTP/1.1", "Host: a", "Content-Type: text/csv"]
    lines += ["Content-Length: 6", "Authorization: Bearer {}", "", ""]
    head = "\r\n".join(lines)
    node = FakeNode()
    node.answers["Admin/PublishFile"] = [PublishFileResponse(result_json="{}")]
    with serving(SLOWER, node=node, uploads=Uploads(tmp_path / "uploads", 1024)) as world:
        with world.connect() as connection:
            connection.sendall(head.format(TOKEN).encode() + b"a,b")
            connection.settimeout(SLOWER.busy * 2)
            with pytest.raises(TimeoutError):
                connection.recv(1)
            connection.settimeout(60)
            connection.sendall(b"\r\n\n")
            assert answer(connection) == 200
        with world.connect() as connection:
            connection.sendall(head.format("hx1_" + "C" * 43).encode() + b"a,b")
            assert answer(connection) == 401
    assert [rpc for _, rpc, _ in node.asked] == ["Admin/PublishFile"] * 2


def test_a_connection_asks_again_and_again(world: World) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", world.server.port, timeout=60)
    assert [world.check(connection) for _ in range(3)] == [200] * 3
    connection.close()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"", "head"),
        (b"POST /v1/checks HTTP/1.1\r\nHost: a\r\n", "head"),
        (request()[:-10], "busy"),
        (b"\x16\x03\x01 this is no HTTP\r\n\r\n", "malformed"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * (HEAD_MAX + 4096), "malformed"),
    ],
)
def test_ht4_who_says_nothing_or_half_of_it_is_cut(said: bytes, why: str) -> None:
    with serving(QUICK[why]) as world, world.connect() as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(said)
        assert until_cut(connection) == b""
        asyncio.run(until(lambda: world.cut(why) == 1))
        assert world.check() == 200


def test_ht4_half_a_head_after_an_answer_is_cut() -> None:
    with serving(QUICK["idle"]) as world, world.connect() as connection:
        connection.sendall(request())
        assert answer(connection) == 200
        connection.sendall(b"GET /v1/ma")
        assert until_cut(connection) == b""
        asyncio.run(until(lambda: world.cut("idle") == 1))


def test_ht4_head_and_upgrade_are_answered_without_a_body_or_another_protocol(
    world: World,
) -> None:
    with world.connect() as connection:
        connection.sendall(b"HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        assert answer(connection, "HEAD") == 200
        connection.sendall(
            b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
        )
        assert answer(connection, "GET") == 200


def test_ht5_64_callers_who_never_read_keep_no_other_waiting() -> None:
    with serving(LONG) as world:
        silent = []
        for _ in range(64):
            connection = world.connect()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sendall(request() * 5)  # one after the other, never read
            silent.append(connection)
        assert [world.check(token=OTHER) for _ in range(5)] == [200] * 5
        for connection in silent:
            connection.close()


def test_ht5_who_only_holds_connections_keeps_nobody_out() -> None:
    with serving(LONG, connections=8) as world:
        kept = http.client.HTTPConnection("127.0.0.1", world.server.port, timeout=60)
        assert world.check(kept) == 200
        held = [world.connect() for _ in range(20)]
        assert world.check() == 200
        assert world.check(kept) == 200, "who has asked before goes last"
        kept.close()
        assert world.cut("room") >= 12
        for connection in held:
            connection.close()


def test_requests_under_way_are_answered_when_the_server_ends() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        begun.set()
        go_on.wait(60)

    found: list[int] = []
    with serving(calls=FakeCalls(hold)) as world:
        asking = threading.Thread(target=lambda: found.append(world.check()))
        asking.start()
        assert begun.wait(60)
        threading.Timer(0.2, go_on.set).start()
    asking.join()
    assert found == [200]


# ---------------------------------------------------------------------- TLS


def written(folder: Path, one: Holder) -> tls.Files:
    files = tls.Files(certificate=folder / "http.crt", key=folder / "http.key")
    files.certificate.write_bytes(one.identity.certificate_pem)
    files.key.write_bytes(one.identity.key_pem)
    return files


def client(world: World, one: Holder, latest: ssl.TLSVersion | None = None) -> int:
    context = ssl.create_default_context(cadata=one.identity.certificate_pem.decode())
    if latest is not None:
        context.maximum_version = latest
    plain = world.connect()
    with context.wrap_socket(plain, server_hostname=one.name) as connection:
        assert connection.version() == "TLSv1.3"
        connection.sendall(request())
        return answer(connection)


def test_ht6_only_tls_1_3_and_a_renewed_certificate_counts_at_once(tmp_path: Path) -> None:
    first, second = issued("city.example", None), issued("city.example", None)
    certificates = tls.Certificates(written(tmp_path, first))
    with serving(QUICK["handshake"], certificates) as world:
        with world.connect() as connection:  # no handshake at all
            assert until_cut(connection) == b""
        asyncio.run(until(lambda: world.cut("handshake") == 1))
    with serving(None, certificates) as world:
        assert client(world, first) == 200
        with pytest.raises(ssl.SSLError):
            client(world, first, ssl.TLSVersion.TLSv1_2)
        with world.connect() as connection:
            connection.sendall(request())  # plain HTTP
            assert b"HTTP" not in until_cut(connection)
        asyncio.run(until(lambda: world.cut("handshake") == 2))
        written(tmp_path, second)
        assert client(world, second) == 200
        with pytest.raises(ssl.SSLCertVerificationError):
            client(world, first)
        (tmp_path / "http.key").write_bytes(b"half of it")
        assert client(world, second) == 200, "what cannot be read leaves the old one"


def test_ht6_who_never_ends_the_handshake_keeps_nobody_out(tmp_path: Path) -> None:
    one = issued("city.example", None)
    with serving(LONG, tls.Certificates(written(tmp_path, one)), connections=4) as world:
        held = [world.connect() for _ in range(12)]
        assert client(world, one) == 200
        for connection in held:
            connection.close()


def test_files_that_are_no_certificate_are_named(tmp_path: Path) -> None:
    files = written(tmp_path, issued("city.example", None))
    files.key.write_bytes(b"")
    with pytest.raises(ConfigError, match=r"\[http\] cert, key: expected .*http\.key"):
        tls.Certificates(files)
    missing = tls.Files(certificate=tmp_path / "no.crt", key=files.key)
    with pytest.raises(ConfigError, match="No such file"):
        tls.Certificates(missing)


def test_an_address_that_is_taken_is_named(world: World) -> None:
    with pytest.raises(OSError, match=r"\[http\] listen"):
        HttpServer(
            ("127.0.0.1", world.server.port),
            lambda _: FakeApp(),
            figures=Figures(CollectorRegistry()),
        )


class FakeApp:
    """Never asked."""

    async def __call__(self, *_: object) -> None:
        raise AssertionError
