"""A client of HTTP/2 that keeps no rule: frames written by hand over mutual TLS (RFC 9113)."""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from node.network.transport import TlsIdentity

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS = range(5)
PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(6, 10)
END_STREAM, END_HEADERS = 1, 4
ACK = 1
PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
GONE: Final = (BrokenPipeError, ConnectionResetError, ssl.SSLError, TimeoutError)
"""How a server that has had enough shows itself."""


def frame(kind: int, stream: int, payload: bytes = b"", flags: int = 0) -> bytes:
    """One frame."""
    length = len(payload).to_bytes(3, "big")
    return length + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


def header(name: str, value: str) -> bytes:
    """One header, literally and without an index (RFC 7541, 6.2.2)."""
    parts = (name.encode(), value.encode())
    return b"\0" + b"".join(bytes([len(part)]) + part for part in parts)


def call(method: str) -> bytes:
    """The headers of a call."""
    return b"".join(
        header(name, value)
        for name, value in (
            (":method", "POST"),
            (":scheme", "https"),
            (":path", f"/huxin.v1.Exchange/{method}"),
            (":authority", "huxin"),
            ("te", "trailers"),
            ("content-type", "application/grpc"),
        )
    )


def message(content: bytes, stated: int | None = None) -> bytes:
    """A message of gRPC, which may state another length."""
    length = len(content) if stated is None else stated
    return struct.pack(">BI", 0, length) + content


def client_context(identity: TlsIdentity, directory: Path) -> ssl.SSLContext:
    """TLS of a member; `directory` takes its key and certificate."""
    key, certificate = directory / "raw.key", directory / "raw.crt"
    key.write_bytes(identity.key_pem)
    certificate.write_bytes(identity.certificate_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    context.load_cert_chain(certificate, key)
    return context


@contextmanager
def connected(port: int, context: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
    """A connection after handshake, preface and settings."""
    plain = socket.create_connection(("127.0.0.1", port), 20)
    with plain, context.wrap_socket(plain) as connection:
        connection.sendall(PREFACE + frame(SETTINGS, 0))
        yield connection


def sent(connection: ssl.SSLSocket, parts: Iterable[bytes], patience: float = 20) -> int:
    """Write parts, and read what comes only to make room; how many were taken before the end.

    The end is also where nothing is taken for `patience` seconds.
    """
    count = 0
    with suppress(*GONE):
        for part in parts:
            connection.settimeout(patience)
            connection.sendall(part)
            count += 1
            connection.settimeout(0)
            with suppress(ssl.SSLWantReadError, BlockingIOError):
                while connection.recv(65536):
                    pass
                break
    return count
