"""Real loopback servers: who gets in, and who is believed to be whom.

Covers node/network/transport.py, node/system/tls12_off.py.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from federation.ids import MemberId
from node.network.errors import answering, error_of
from node.network.transport import (
    Doorman,
    PeerRefusedError,
    presented_certificate,
    secure_channel,
    server_credentials,
    server_options,
)
from node.system import tls12_off
from tests.support.tls import Holder, dated, holder, issued

Ask = Callable[..., Awaitable[bytes]]
A, B, C = (holder(f"{name}.example") for name in "abc")


@dataclass
class Gate:
    """A server that says who the caller is."""

    own: Holder = field(default_factory=lambda: B)
    members: dict[bytes, MemberId] = field(
        default_factory=lambda: {A.der: MemberId("a"), C.der: MemberId("c")}
    )
    port: int = 0

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def who(self, _: bytes, context: Any) -> bytes:
        async with answering(context):
            return self.doorman().member(context).encode()

    async def stays(self, _: bytes, context: Any) -> bytes:
        doorman = self.doorman()
        return b"yes" if doorman.still(doorman.certificate(context), MemberId("a")) else b"no"

    def doorman(self) -> Doorman:
        return Doorman(self.members.get)


@asynccontextmanager
async def served(gate: Gate, roots: Callable[[], list[bytes]] | None = None) -> AsyncIterator[Gate]:
    server = grpc.aio.server(options=server_options())
    methods: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {
        "Who": grpc.unary_unary_rpc_method_handler(gate.who),
        "Stays": grpc.unary_unary_rpc_method_handler(gate.stays),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("t.T", methods),))
    credentials = server_credentials(
        lambda: gate.own.identity, roots or (lambda: list(gate.members))
    )
    gate.port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    try:
        yield gate
    finally:
        await server.stop(None)


async def ask(gate: Gate, client: Holder, server: Holder | None = None, **options: Any) -> bytes:
    certificate = (server or gate.own).der
    async with secure_channel(gate.endpoint, client.identity, certificate) as channel:
        call: Ask = channel.unary_unary("/t.T/Who")
        return await call(b"", timeout=60, **options)


async def test_a_member_is_known_by_its_certificate() -> None:
    async with served(Gate()) as gate:
        assert await ask(gate, A) == b"a"
        assert await ask(gate, C) == b"c"


async def test_a_stranger_does_not_get_through_the_handshake() -> None:
    async with served(Gate()) as gate:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await ask(gate, holder("a.example"))
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_roots_follow_the_charter_without_a_new_server() -> None:
    async with served(Gate(members={A.der: MemberId("a")})) as gate:
        with pytest.raises(grpc.aio.AioRpcError):
            await ask(gate, C)
        gate.members[C.der] = MemberId("c")
        assert await ask(gate, C) == b"c"
        del gate.members[C.der]
        with pytest.raises(grpc.aio.AioRpcError):
            await ask(gate, C)


async def test_roots_are_read_again_only_when_they_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    # Reading a thousand certificates takes a server longer than fifty handshakes.
    made: list[bytes] = []
    configuration = grpc.ssl_server_certificate_configuration

    def counted(pairs: Any, root_certificates: bytes) -> Any:
        made.append(root_certificates)
        return configuration(pairs, root_certificates=root_certificates)

    monkeypatch.setattr(grpc, "ssl_server_certificate_configuration", counted)
    async with served(Gate()) as gate:
        for _ in range(3):
            assert await ask(gate, A) == b"a"
        assert len(made) == 1
        del gate.members[C.der]
        for _ in range(3):
            assert await ask(gate, A) == b"a"
        assert len(made) == 2


async def test_a_removed_member_is_refused_on_the_connection_that_it_has() -> None:
    async with served(Gate()) as gate:
        async with secure_channel(gate.endpoint, A.identity, B.der) as channel:
            who: Ask = channel.unary_unary("/t.T/Who")
            stays: Ask = channel.unary_unary("/t.T/Stays")
            assert await who(b"", timeout=60) == b"a"
            assert await stays(b"", timeout=60) == b"yes"
            del gate.members[A.der]
            assert await stays(b"", timeout=60) == b"no"
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await who(b"", timeout=60)
        assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
        assert error_of(caught.value).code == "peer.unknown"


async def test_what_a_member_issues_for_anothers_name_is_refused_as_client() -> None:
    # A's certificate has no key usage, so that TLS takes it as an issuer: the worst case.
    hostile = issued("a.example", None)
    forged = issued("c.example", hostile)
    members = {hostile.der: MemberId("a"), C.der: MemberId("c")}
    async with served(Gate(members=members)) as gate:
        assert await ask(gate, hostile) == b"a"
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await ask(gate, forged)
    # The handshake accepts it, so it is the exact comparison that refuses.
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert error_of(caught.value).code == "peer.unknown"


async def test_our_own_certificates_cannot_even_issue() -> None:
    forged = issued("c.example", A)
    async with served(Gate()) as gate:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await ask(gate, forged)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_what_a_member_issues_for_anothers_name_is_refused_as_server() -> None:
    hostile = issued("a.example", None)
    forged = issued("b.example", hostile)
    async with served(Gate(own=forged, members={C.der: MemberId("c")})) as gate:
        # C dials b: b's only certificate is B's, whatever else C trusts for other peers.
        with pytest.raises(PeerRefusedError) as refused:
            await presented_certificate(gate.endpoint, [B.der])
        assert refused.value.code == "peer.certificate"
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await ask(gate, C, server=B)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


DAY = 86_400


@pytest.mark.parametrize("start", [-400 * DAY, 2 * DAY], ids=["expired", "not yet valid"])
async def test_a_certificate_counts_only_within_its_dates(start: int) -> None:
    """SPEC §9.1: by the clock of each side, though a charter has no opinion of the dates."""
    now = int(time.time())
    late = dated("a.example", now + start)
    async with served(Gate(members={late.der: MemberId("a")})) as gate:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await ask(gate, late)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    server = dated("b.example", now + start)
    async with served(Gate(own=server)) as gate:
        # The look before compares bytes and nothing else.
        assert await presented_certificate(gate.endpoint, [server.der]) == server.der
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await ask(gate, A, server=server)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_what_a_peers_own_key_issued_is_found_by_looking_first() -> None:
    hostile = issued("b.example", None)
    other = issued("b.example", hostile)
    async with served(Gate(own=other)) as gate:
        with pytest.raises(PeerRefusedError):
            await presented_certificate(gate.endpoint, [hostile.der])


async def test_during_a_rotation_either_certificate_is_found_and_pinned() -> None:
    newer = holder("b.example")
    async with served(Gate(own=newer)) as gate:
        found = await presented_certificate(gate.endpoint, [B.der, newer.der])
        assert found == newer.der
        assert await ask(gate, A, server=newer) == b"a"


async def test_many_peers_that_do_not_answer_are_looked_at_with_one_context(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Making a context costs most of an attempt in vain; a node at rest makes hundreds of them."""
    used: list[ssl.SSLContext] = []

    async def refused(*_: object, ssl: ssl.SSLContext) -> None:
        used.append(ssl)
        raise ConnectionRefusedError

    monkeypatch.setattr(asyncio, "open_connection", refused)
    for _ in range(8):
        with pytest.raises(ConnectionRefusedError):
            await presented_certificate("127.0.0.1:9", [B.der])
    assert len(used) == 8
    assert all(one is used[0] for one in used)


async def test_compressed_requests_are_refused() -> None:
    async with served(Gate()) as gate:
        credentials = grpc.ssl_channel_credentials(
            gate.own.certificate.public_bytes(Encoding.PEM),
            A.identity.key_pem,
            A.identity.certificate_pem,
        )
        options = [("grpc.ssl_target_name_override", "b.example")]
        async with grpc.aio.secure_channel(
            gate.endpoint, credentials, options=options, compression=grpc.Compression.Gzip
        ) as channel:
            who: Ask = channel.unary_unary("/t.T/Who")
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await who(bytes(100_000), timeout=60)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_a_message_beyond_the_bound_is_refused() -> None:
    async with served(Gate()) as gate:
        credentials = grpc.ssl_channel_credentials(
            gate.own.certificate.public_bytes(Encoding.PEM),
            A.identity.key_pem,
            A.identity.certificate_pem,
        )
        options = [("grpc.ssl_target_name_override", "b.example")]
        async with grpc.aio.secure_channel(gate.endpoint, credentials, options=options) as channel:
            who: Ask = channel.unary_unary("/t.T/Who")
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await who(bytes(5 * 1024 * 1024), timeout=60)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def _handshake(port: int, version: ssl.TLSVersion) -> str | None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    context.set_alpn_protocols(["h2"])
    with (
        socket.create_connection(("127.0.0.1", port), 60) as raw,
        context.wrap_socket(raw) as connection,
    ):
        return connection.version()


async def test_tls_1_3_is_spoken_and_tls_1_2_is_not() -> None:
    async with served(Gate()) as gate:
        assert await asyncio.to_thread(_handshake, gate.port, ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.to_thread(_handshake, gate.port, ssl.TLSVersion.TLSv1_2)


class Context:
    def __init__(self, **properties: list[bytes]) -> None:
        self._properties = properties

    def auth_context(self) -> dict[str, list[bytes]]:
        return self._properties


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"ssl_tls_version": [b"TLSv1.2"], "x509_pem_cert": [A.identity.certificate_pem]},
        {"ssl_tls_version": [b"TLSv1.3"]},
        {"x509_pem_cert": [A.identity.certificate_pem]},
    ],
)
def test_a_call_without_certificate_or_with_older_tls_is_nobodys(
    properties: dict[str, list[bytes]],
) -> None:
    context: Any = Context(**properties)
    with pytest.raises(PeerRefusedError) as caught:
        Gate().doorman().member(context)
    assert caught.value.code == "peer.tls"


@pytest.mark.parametrize(
    ("first", "outcome"), [("node.system.tls12_off", "in time"), ("grpc", "RuntimeError")]
)
def test_a_program_that_imports_grpc_first_is_refused(first: str, outcome: str) -> None:
    tls12_off.require()
    program = (
        f"import {first}\n"
        "import grpc\n"
        "from node.system import tls12_off\n"
        "try:\n    tls12_off.require()\n    print('in time')\n"
        "except RuntimeError:\n    print('RuntimeError')\n"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GRPC_")}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.strip() == outcome
