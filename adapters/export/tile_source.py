"""Static files of a log behind an address (C2SP tlog-tiles over HTTP): asked for, and not trusted.

No redirect is followed, nothing compressed is taken, nothing longer than a file may be is read, and
a server that stalls, or sends drop by drop, is left. A page of HTML where a file should be is said
to be one.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from threading import Timer
from typing import Any, Final
from urllib.parse import urlsplit
from weakref import WeakSet

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from adapters.errors import AdapterError
from federation.visible import visible

CONNECT_SECONDS: Final = 10.0
READ_SECONDS: Final = 30.0
"""Until something comes."""
WHOLE_SECONDS: Final = 60.0
"""Until a file has come whole, from the first word to its source on."""
_CHUNK: Final = 64 * 1024
_ABSENT: Final = (404, 410)


class SourceError(AdapterError):
    """The source does not answer as it should; what was held stays."""

    code = "source.failed"


class OtherwiseError(SourceError):
    """The source has answered at once, and not with this file; another file may be asked for."""


class TileSource:
    """Reads files below an address; close it."""

    def __init__(
        self,
        url: str,
        *,
        ca_file: str = "",
        certificate: tuple[str, str] | None = None,
    ) -> None:
        """Prepare; nothing is connected yet.

        Args:
            url: `https://…`, or `http://…`; whatever comes is verified by the log's key.
            ca_file: PEM of who may have signed the server's certificate; empty: the system's.
            certificate: files of a certificate to show and of its key, PEM; None for none.

        Raises:
            SourceError: it is no such address.
            OSError: a file cannot be read.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query:
            message = f"{url}: expected the address of a log, https://name/prefix"
            raise SourceError(message)
        self._url = url.rstrip("/")
        context = ssl.create_default_context(cafile=ca_file or None)
        # A node's own certificate is trusted as itself: nobody has issued it.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        if certificate is not None:
            context.load_cert_chain(*certificate)
        self._opened: WeakSet[socket.socket] = WeakSet()
        self._late = False
        self._pool = urllib3.PoolManager(
            ssl_context=context,
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
            retries=False,
        )
        self._pool.pool_classes_by_scheme = _pools(self._opened)

    def read(self, path: str, limit: int) -> bytes | None:
        """Read a file, at most one byte more than `limit`; None where there is none.

        Raises:
            SourceError: anything else than the file, or that there is none.
        """
        self._late = False
        watch = Timer(WHOLE_SECONDS, self._cut)
        watch.daemon = True
        watch.start()
        try:
            response = self._pool.request(
                "GET",
                f"{self._url}/{path}" if path else self._url,
                headers={"Accept-Encoding": "identity", "User-Agent": "huxin"},
                preload_content=False,
                decode_content=False,
            )
            try:
                data = self._body(path, response, limit)
            except BaseException:
                response.close()
                raise
            response.release_conn()
        except HTTPError as error:
            self._in_time(path)
            message = f"{path}: {type(error).__name__}: {visible(str(error))[:200]}"
            raise SourceError(message) from error
        finally:
            watch.cancel()
        self._in_time(path)
        return data

    def close(self) -> None:
        """Close its connections."""
        self._pool.clear()

    def _cut(self) -> None:
        """End what has not come in time, in whatever it is; on the watch's thread."""
        self._late = True
        for one in list(self._opened):
            with suppress(OSError):
                # not the method of TLS, which another thread may be in
                socket.socket.shutdown(one, socket.SHUT_RDWR)

    def _in_time(self, path: str) -> None:
        if self._late:
            message = f"{path}: expected the file within {WHOLE_SECONDS:g} s"
            raise SourceError(message)

    def _body(self, path: str, response: urllib3.BaseHTTPResponse, limit: int) -> bytes | None:
        if response.status in _ABSENT:
            if _short(response):
                response.drain_conn()
            else:
                response.close()
            return None
        coded = response.headers.get("content-encoding", "identity")
        form = response.headers.get("content-type", "")
        if response.status != 200:
            message = f"{path}: expected 200, got {response.status}"
        elif coded != "identity":
            message = f"{path}: expected no encoding, got {visible(coded)[:40]}"
        elif form.startswith("text/html"):
            message = f"{path}: expected a file of a log, got a page of HTML"
        else:
            return self._whole(path, response, limit)
        raise OtherwiseError(message)

    def _whole(self, path: str, response: urllib3.BaseHTTPResponse, limit: int) -> bytes:
        data = bytearray()
        while part := response.read1(_CHUNK, decode_content=False):
            data += part
            if len(data) > limit:
                message = f"{path}: expected at most {limit} bytes"
                raise SourceError(message)
        return bytes(data)


def _pools(opened: WeakSet[socket.socket]) -> dict[str, Any]:
    """Pools whose sockets stand in `opened` once they are connected."""

    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            if self.sock is not None:
                opened.add(self.sock)

    class Sealed(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            if self.sock is not None:
                opened.add(self.sock)

    class PlainPool(urllib3.HTTPConnectionPool):
        ConnectionCls = Plain

    class SealedPool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Sealed

    return {"http": PlainPool, "https": SealedPool}


def _short(response: urllib3.BaseHTTPResponse) -> bool:
    """Whether the body of a refusal is so short that the connection is worth keeping."""
    length = response.headers.get("content-length", "")
    return length.isdecimal() and len(length) < 6
