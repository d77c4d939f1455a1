"""The listener for strangers with real connections: TLS, members' certificates, followers (HT10).

Covers node/web/tls.py, node/web/connections.py, node/web/wiring.py, adapters/export/tile_source.py.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from adapters.export.tile_source import SourceError, TileSource
from federation.audit.following import What, follow
from node.directory.config import ConfigError, LogsSection
from node.web.wiring import serve_logs
from tests.federation.audit.test_following import Copy
from tests.support.exported_logs import KEYS, LOG, SyntheticLog
from tests.support.fake_shown import FakeShown
from tests.support.tls import Holder, holder

NODE, MEMBER, STRANGER = (holder(name) for name in ("localhost", "member.example", "x.example"))
FOLDER = "510500.huxin.example__1"


def shown(log: SyntheticLog, size: int) -> FakeShown:
    files = {f"logs/{FOLDER}/{path}": data for path, data in log.files(size).items()}
    return FakeShown(files, members={MEMBER.der: "510300"})


@contextlib.contextmanager
def serving(fake: FakeShown, section: LogsSection, members: list[bytes]) -> Iterator[int]:
    server = serve_logs(
        section,
        Path(),
        (fake, fake),
        CollectorRegistry(),
        identity=lambda: NODE.identity,
        members=lambda: tuple(members),
    )
    try:
        yield server.port
    finally:
        server.close()


def status(port: int, one: Holder | None, folder: Path) -> int:
    """Ask for a checkpoint, showing this certificate."""
    context = ssl.create_default_context(cadata=NODE.identity.certificate_pem.decode())
    if one is not None:
        file = folder / f"{one.name}.pem"
        file.write_bytes(one.identity.key_pem + one.identity.certificate_pem)
        context.load_cert_chain(file)
    with (
        socket.create_connection(("127.0.0.1", port), timeout=60) as plain,
        context.wrap_socket(plain, server_hostname=NODE.name) as connection,
    ):
        asked = f"GET /logs/{FOLDER}/checkpoint HTTP/1.1\r\nHost: a\r\n\r\n"
        connection.sendall(asked.encode())
        answered = http.client.HTTPResponse(connection)
        answered.begin()
        return answered.status


def asker(fake: FakeShown) -> str | None:
    return fake.asked[-1][1]


def test_a_member_is_known_by_its_certificate_and_nobody_else_is(tmp_path: Path) -> None:
    fake = shown(SyntheticLog.of_size(3), 3)
    members = [MEMBER.der]
    with serving(fake, LogsSection(listen="127.0.0.1:0"), members) as port:
        assert status(port, MEMBER, tmp_path) == 200
        assert asker(fake) == "510300"
        assert status(port, None, tmp_path) == 200
        assert asker(fake) is None, "not remembered from another connection"
        with pytest.raises((ssl.SSLError, ConnectionError)):
            status(port, STRANGER, tmp_path)
        members.append(STRANGER.der)
        assert status(port, STRANGER, tmp_path) == 200, "of a new charter"
        assert asker(fake) is None, "the application names nobody"
        members[:] = []
        with pytest.raises((ssl.SSLError, ConnectionError)):
            status(port, MEMBER, tmp_path)
        assert status(port, None, tmp_path) == 200


def test_a_certificate_of_its_own_is_shown_where_it_is_configured(tmp_path: Path) -> None:
    (tmp_path / "c.pem").write_bytes(NODE.identity.certificate_pem)
    (tmp_path / "k.pem").write_bytes(NODE.identity.key_pem)
    files = LogsSection(
        listen="127.0.0.1:0", cert=str(tmp_path / "c.pem"), key=str(tmp_path / "k.pem")
    )
    with serving(shown(SyntheticLog.of_size(3), 3), files, [MEMBER.der]) as port:
        assert status(port, MEMBER, tmp_path) == 200
        assert status(port, None, tmp_path) == 200
    missing = LogsSection(listen="127.0.0.1:0", cert=str(tmp_path / "x"), key=str(tmp_path / "k"))
    with (
        pytest.raises(ConfigError),
        serving(shown(SyntheticLog.of_size(3), 3), missing, []),
    ):
        pass


def test_a_member_follows_a_log_with_the_nodes_own_certificates(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("node.pem", "member.pem", "member.key")]
    files[0].write_bytes(NODE.identity.certificate_pem)
    files[1].write_bytes(MEMBER.identity.certificate_pem)
    files[2].write_bytes(MEMBER.identity.key_pem)
    fake = shown(SyntheticLog.of_size(3), 3)
    with serving(fake, LogsSection(listen="127.0.0.1:0"), [MEMBER.der]) as port:
        url = f"https://localhost:{port}/logs/{FOLDER}"
        shows = (str(files[1]), str(files[2]))
        source = TileSource(url, ca_file=str(files[0]), certificate=shows)
        assert follow(Copy(), source, LOG.verifier, KEYS[1:]).size == 3
        assert asker(fake) == "510300"
        source.close()
        with pytest.raises(SourceError):
            TileSource(url).read("checkpoint", 1000)


def test_a_log_is_followed_over_http() -> None:
    log = SyntheticLog.of_size(300)
    fake = shown(log, 257)
    with serving(fake, LogsSection(listen="127.0.0.1:0", plain=True), []) as port:
        source = TileSource(f"http://127.0.0.1:{port}/logs/{FOLDER}")
        copy = Copy()
        assert follow(copy, source, LOG.verifier, KEYS[1:]).what is What.GROWN
        fake.files = shown(log, 300).files
        assert follow(copy, source, LOG.verifier, KEYS[1:]).size == 300
        assert source.read("tile/0/999", 10) is None
        source.close()
