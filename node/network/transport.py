"""Mutual TLS 1.3 between nodes, pinned to the certificates in the charter (SPEC §9.1).

What grpcio gives and what is made of it:

    T1  A pinned certificate acts as an issuer, so a member could make one for another's name.
        A server therefore names the caller by its *exact* certificate, anew for each call
        (`Doorman`); a client trusts nothing but the one certificate of the one peer that it
        dials, so what another member issued has no way in.
    T2  There is no pin callback on a client. Before each channel the certificate that stands at
        the endpoint is fetched and compared with the peer's (`presented_certificate`); the channel
        then trusts only that one. What remains: whoever has this peer's own key could stand there
        with another certificate that the key issued, for the same name.
    T3  A server's roots are asked for at each handshake, so they are those of today's charter; they
        are read anew where they changed.
        Connections made before live on: calls are refused by T1, streams end by
        `node.network.follow`, and an idle connection is closed after `CONNECTION_IDLE_MS`.
    T4  TLS 1.2 is left no cipher (`node.system.tls12_off`), and each call's version is looked at.
    T5  Peers choose no compression: a small message cannot become a large one.

A peer is trusted with availability only; an attacker who has its TLS key can at most read what
that peer may read, and delay it.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final, TypeAlias

from node.system import tls12_off  # isort: skip - before grpc

import grpc
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from federation.errors import FederationError
from federation.ids import MemberId

MAX_MESSAGE: Final = 4 * 1024 * 1024
"""Bytes received in one message; a batch has at most about 1.1 MiB."""
MAX_METADATA: Final = 16 * 1024
MAX_STREAMS: Final = 64
"""Calls at once on one connection; a peer needs one stream and a few single calls."""
MAX_CALLS: Final = 1024
"""Calls at once on the whole server."""
MAX_CONNECTIONS: Final = 1024
"""Connections at once; a national hub has fewer members."""
HANDSHAKE_MS: Final = 10_000
KEEPALIVE_MS: Final = 30_000
"""A dead connection is noticed within this and the next figure."""
KEEPALIVE_TIMEOUT_MS: Final = 10_000
PING_INTERVAL_MS: Final = 20_000
"""Pings more frequent than this close the connection, after `MAX_PING_STRIKES` of them."""
MAX_PING_STRIKES: Final = 2
CONNECTION_IDLE_MS: Final = 5 * 60 * 1000
CONNECTION_AGE_MS: Final = 12 * 3600 * 1000
"""Even a good connection is made anew twice a day, with a handshake against today's charter."""
CONNECTION_GRACE_MS: Final = 30_000

_IDENTITY_ONLY: Final = 1
"""Bit set of compression algorithms that holds nothing but the identity."""

Options = list[tuple[str, int | str]]

_BOTH: Final[Options] = [
    ("grpc.max_receive_message_length", MAX_MESSAGE),
    ("grpc.max_send_message_length", MAX_MESSAGE),
    ("grpc.max_metadata_size", MAX_METADATA),
    ("grpc.absolute_max_metadata_size", 2 * MAX_METADATA),
    ("grpc.compression_enabled_algorithms_bitset", _IDENTITY_ONLY),
    ("grpc.keepalive_time_ms", KEEPALIVE_MS),
    ("grpc.keepalive_timeout_ms", KEEPALIVE_TIMEOUT_MS),
    # Of any ping: one that measures the line's capacity is often the last, and delays keep-alive's.
    ("grpc.http2.ping_timeout_ms", KEEPALIVE_TIMEOUT_MS),
    ("grpc.http2.max_pings_without_data", 0),
]


class PeerRefusedError(FederationError):
    """The other side is not who the charter says, or speaks another TLS; nothing was told to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsIdentity:
    """This node's own key and certificate."""

    key_pem: bytes
    certificate_pem: bytes


Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class Doorman:
    """Says by which member a call is made (T1, T4)."""

    def __init__(self, identify: Callable[[bytes], MemberId | None]) -> None:
        """Take the question to the charters: which peer has exactly this certificate (DER)."""
        self._identify = identify

    def certificate(self, context: Context) -> bytes:
        """Return the caller's certificate, DER.

        Raises:
            PeerRefusedError: `peer.tls`: there is none, or the version is not TLS 1.3.
        """
        certificate = certificate_of(context)
        if certificate is None:
            raise PeerRefusedError("peer.tls", "expected one client certificate, got 0")
        return certificate

    def member(self, context: Context) -> MemberId:
        """Return the peer that makes this call.

        Raises:
            PeerRefusedError: `peer.tls`, or `peer.unknown` for a certificate that is not, byte
                for byte, one of a peer's.
        """
        member = self._identify(self.certificate(context))
        if member is None:
            message = "this certificate is in no charter of this node"
            raise PeerRefusedError("peer.unknown", message)
        return member

    def name(self, certificate: bytes) -> str:
        """The peer with this certificate, empty where it is nobody's (any more)."""
        return self._identify(certificate) or ""

    def still(self, certificate: bytes, member: MemberId) -> bool:
        """Whether the certificate of a call that began earlier is still this member's."""
        return self._identify(certificate) == member


def certificate_of(context: Context) -> bytes | None:
    """The certificate (DER) of the caller of a call over TLS 1.3; None where there is none (T4).

    Asked once for each call: gRPC copies what it knows of a connection each time.

    Raises:
        PeerRefusedError: `peer.tls`: another version, or several certificates.
    """
    connection = context.auth_context()
    versions = list(connection.get("ssl_tls_version", ()))
    if versions != [b"TLSv1.3"]:
        raise PeerRefusedError("peer.tls", f"expected TLSv1.3, got {versions}")
    certificates = list(connection.get("x509_pem_cert", ()))
    if len(certificates) > 1:
        message = f"expected one client certificate, got {len(certificates)}"
        raise PeerRefusedError("peer.tls", message)
    return _der(bytes(certificates[0])) if certificates else None


def server_options(streams: int = MAX_STREAMS) -> Options:
    """Bounds of the server between nodes; `streams` is calls at once on one connection."""
    return [
        *_BOTH,
        ("grpc.so_reuseport", 0),
        ("grpc.max_concurrent_streams", streams),
        ("grpc.max_allowed_incoming_connections", MAX_CONNECTIONS),
        ("grpc.server_handshake_timeout_ms", HANDSHAKE_MS),
        # Until then some bounds are not those above (`node.network.header_floods`).
        ("grpc.http2.settings_timeout", HANDSHAKE_MS),
        ("grpc.http2.min_ping_interval_without_data_ms", PING_INTERVAL_MS),
        ("grpc.http2.max_ping_strikes", MAX_PING_STRIKES),
        ("grpc.max_connection_idle_ms", CONNECTION_IDLE_MS),
        ("grpc.max_connection_age_ms", CONNECTION_AGE_MS),
        ("grpc.max_connection_age_grace_ms", CONNECTION_GRACE_MS),
    ]


def server_credentials(
    identity: Callable[[], TlsIdentity],
    certificates: Callable[[], Sequence[bytes]],
    *,
    mutual: bool = True,
) -> grpc.ServerCredentials:
    """Server side of mutual TLS with the roots of today's charter (T3).

    Args:
        identity: our key and certificate, asked at each handshake.
        certificates: DER certificates of all peers, asked at each handshake.
        mutual: whether who connects must show one of them.

    Raises:
        RuntimeError: TLS 1.2 is not switched off in this process.
    """
    tls12_off.require()
    now = _Terms(identity=identity(), certificates=tuple(certificates()))

    def changed() -> grpc.ServerCertificateConfiguration | None:
        nonlocal now
        terms = _Terms(identity=identity(), certificates=tuple(certificates()))
        if terms == now:
            return None  # keep what stands: reading a thousand roots would take 70 ms
        now = terms
        return terms.configuration()

    # The stub does not know that None means no change.
    return grpc.dynamic_ssl_server_credentials(
        now.configuration(),
        changed,  # type: ignore[arg-type]
        require_client_authentication=mutual,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terms:
    """What a server's handshakes depend on."""

    identity: TlsIdentity
    certificates: tuple[bytes, ...]

    def configuration(self) -> grpc.ServerCertificateConfiguration:
        own = self.identity
        roots = b"".join(map(_pem, self.certificates))
        return grpc.ssl_server_certificate_configuration(
            [(own.key_pem, own.certificate_pem)],
            # A node without peers trusts only itself, and its own certificate is no peer's.
            root_certificates=roots or own.certificate_pem,
        )


def secure_channel(endpoint: str, own: TlsIdentity, certificate: bytes) -> grpc.aio.Channel:
    """Open a channel to the peer that has this certificate, and to nobody else (T1, T2).

    Args:
        endpoint: `host:port`.
        own: our key and certificate.
        certificate: DER, as `presented_certificate` found it among the peer's.

    Raises:
        RuntimeError: TLS 1.2 is not switched off in this process.
        PeerRefusedError: `peer.certificate-name`: it names nobody.
    """
    tls12_off.require()
    credentials = grpc.ssl_channel_credentials(
        root_certificates=_pem(certificate),
        private_key=own.key_pem,
        certificate_chain=own.certificate_pem,
    )
    options: Options = [
        *_BOTH,
        ("grpc.ssl_target_name_override", certificate_name(certificate)),
        # Never a connection that was made for other credentials.
        ("grpc.use_local_subchannel_pool", 1),
        ("grpc.enable_retries", 0),
        ("grpc.keepalive_permit_without_calls", 0),
    ]
    return grpc.aio.secure_channel(endpoint, credentials, options=options)


@cache
def _looking() -> ssl.SSLContext:
    """How we look at a certificate; one for all attempts, since making it costs most of one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # compared byte for byte
    context.set_alpn_protocols(["h2"])
    return context


async def presented_certificate(
    endpoint: str, expected: Sequence[bytes], seconds: float = 10.0
) -> bytes:
    """Fetch the certificate at an endpoint and compare it with the peer's (T2).

    Args:
        endpoint: `host:port`, `[address]:port` for IPv6.
        expected: the peer's certificates, DER.
        seconds: until the attempt is given up.

    Returns:
        The one of `expected` that stands there.

    Raises:
        PeerRefusedError: `peer.certificate`: another certificate stands there.
        OSError: it cannot be reached (also `TimeoutError` and `ssl.SSLError`).
    """
    host, _, port = endpoint.rpartition(":")
    async with asyncio.timeout(seconds):
        _, writer = await asyncio.open_connection(host.strip("[]"), int(port), ssl=_looking())
        try:
            presented = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        finally:
            writer.transport.abort()
    if presented not in expected:
        message = f"{endpoint}: the certificate there is not one of the peer's in the charter"
        raise PeerRefusedError("peer.certificate", message)
    return bytes(presented)


@lru_cache(maxsize=1024)
def certificate_name(der: bytes) -> str:
    """Return the DNS name of a certificate.

    Raises:
        PeerRefusedError: `peer.certificate-name`: it has none.
    """
    certificate = x509.load_der_x509_certificate(der)
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return names.get_values_for_type(x509.DNSName)[0]
    except (x509.ExtensionNotFound, IndexError) as error:
        message = "expected a certificate with a DNS name, got one without"
        raise PeerRefusedError("peer.certificate-name", message) from error


@lru_cache(maxsize=1024)
def _pem(der: bytes) -> bytes:
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)


@lru_cache(maxsize=1024)
def _der(pem: bytes) -> bytes:
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
