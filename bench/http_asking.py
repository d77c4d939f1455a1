"""A caller over HTTP/1.1 and TLS, one connection that stays: as little as a caller can do."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding


class Connection:
    """Posts one body after the other."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, token: str
    ) -> None:
        """Take an open connection."""
        self._reader, self._writer = reader, writer
        self._head = (
            f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {token}\r\n"
        )

    async def post(self, body: bytes) -> bytes:
        """Post a body; the answer's.

        Raises:
            RuntimeError: another status than 200.
        """
        self._writer.write(f"{self._head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.partition("content-length:")[2].partition("\r\n")[0])
        answer = await self._reader.readexactly(length)
        if not head.startswith("http/1.1 200"):
            raise RuntimeError(answer.decode())
        return answer


@asynccontextmanager
async def connected(
    endpoint: str, certificate: bytes, path: str, token: str
) -> AsyncIterator[Connection]:
    """A connection to a server that has this certificate (DER)."""
    pem = x509.load_der_x509_certificate(certificate).public_bytes(Encoding.PEM)
    context = ssl.create_default_context(cadata=pem.decode())
    context.check_hostname = False
    host, _, port = endpoint.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port), ssl=context)
    try:
        yield Connection(reader, writer, path, token)
    finally:
        writer.close()
