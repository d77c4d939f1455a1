"""Static files of a log behind an address (C2SP tlog-tiles over HTTP): asked for, and not trusted.

No redirect is followed, nothing compressed is taken, nothing longer than a file may be is read, and
a server that stalls is left. A page of HTML where a file should be is said to be one.
"""

from __future__ import annotations

import ssl
from typing import Final
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from adapters.errors import AdapterError
from federation.visible import visible

CONNECT_SECONDS: Final = 10.0
READ_SECONDS: Final = 30.0
_ABSENT: Final = (404, 410)


class SourceError(AdapterError):
    """The source does not answer as it should; what was held stays."""

    code = "source.failed"


class TileSource:
    """Reads files below an address; close it."""

    def __init__(self, url: str, *, ca_file: str = "") -> None:
        """Prepare; nothing is connected yet.

        Args:
            url: `https://…`, or `http://…`; whatever comes is verified by the log's key.
            ca_file: PEM of who may have signed the server's certificate; empty: the system's.

        Raises:
            SourceError: it is no such address.
            OSError: `ca_file` cannot be read.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query:
            message = f"{url}: expected the address of a log, https://name/prefix"
            raise SourceError(message)
        self._url = url.rstrip("/")
        self._pool = urllib3.PoolManager(
            ssl_context=ssl.create_default_context(cafile=ca_file or None),
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
            retries=False,
        )

    def read(self, path: str, limit: int) -> bytes | None:
        """Read a file, at most one byte more than `limit`; None where there is none.

        Raises:
            SourceError: anything else than the file, or that there is none.
        """
        try:
            response = self._pool.request(
                "GET",
                f"{self._url}/{path}",
                headers={"Accept-Encoding": "identity", "User-Agent": "huxin"},
                preload_content=False,
                decode_content=False,
            )
            try:
                return self._body(path, response, limit)
            finally:
                response.close()
        except HTTPError as error:
            message = f"{path}: {type(error).__name__}: {visible(str(error))[:200]}"
            raise SourceError(message) from error

    def close(self) -> None:
        """Close its connections."""
        self._pool.clear()

    @staticmethod
    def _body(path: str, response: urllib3.BaseHTTPResponse, limit: int) -> bytes | None:
        if response.status in _ABSENT:
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
            data = response.read(limit + 1, decode_content=False)
            if len(data) <= limit:
                return data
            message = f"{path}: expected at most {limit} bytes"
        raise SourceError(message)
