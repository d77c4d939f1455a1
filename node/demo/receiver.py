"""The invented service of a city's platform in the demo: takes batches as docs/platform.md asks.

It is for a demo: on the loopback address, without TLS, and what it has is in memory only.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hmac import compare_digest
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

BODY_MAX: Final = 16 * 1024 * 1024
"""Bytes of a batch; one of the largest is some 1 MiB."""


ACKNOWLEDGED: Final = b'{"acknowledged": true}'
"""What its rows ask for is done when they are taken: nobody looks at anything but them."""


class Receiver:
    """Rows by log and place, the newest first to count; a key that came before changes nothing."""

    def __init__(self, token: str) -> None:
        """Take whoever has the token."""
        self._token = token
        self._lock = threading.Lock()
        self._keys: set[str] = set()
        self._rows: dict[tuple[str, int], dict[str, Any]] = {}
        self._versions: list[tuple[str, dict[str, Any]]] = []
        self.url = ""

    def take(self, key: str, document: dict[str, Any]) -> None:
        """Take a batch whole."""
        origin = document["origin"]
        rows = {(origin, row["index"]): row for row in document["rows"]}
        with self._lock:
            if key in self._keys:
                return
            self._keys.add(key)
            for place, row in rows.items():
                if self._rows.get(place) != row:
                    self._rows[place] = row
                    self._versions.append((origin, row))

    def by_log(self) -> Counter[str]:
        """How many rows came of each log."""
        with self._lock:
            return Counter(origin for origin, _ in self._versions)

    def states(self) -> Counter[str]:
        """How many statements are in which state."""
        with self._lock:
            return Counter(row["state"] for row in self._rows.values())

    def way(self, statement_id: str) -> Sequence[dict[str, Any]]:
        """The versions in which a statement came."""
        with self._lock:
            came = [row for _, row in self._versions if row["statement_id"] == statement_id]
        return [
            {"version": number, "state": row["state"], "rule": row["rule"]}
            for number, row in enumerate(came, start=1)
        ]

    def may(self, authorization: str) -> bool:
        """Whether a request carries the token."""
        return compare_digest(authorization.encode(), f"Bearer {self._token}".encode())


@contextmanager
def receiving(token: str) -> Iterator[Receiver]:
    """Run the service at a free port of the loopback address."""
    receiver = Receiver(token)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status = self._taken()
            body = ACKNOWLEDGED if status is HTTPStatus.OK else b""
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _taken(self) -> HTTPStatus:
            length = int(self.headers.get("Content-Length") or 0)
            if length > BODY_MAX:
                return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            body = self.rfile.read(length)
            if not receiver.may(self.headers.get("Authorization") or ""):
                return HTTPStatus.UNAUTHORIZED
            try:
                receiver.take(self.headers["Idempotency-Key"], json.loads(body))
            except (ValueError, KeyError, TypeError):
                return HTTPStatus.BAD_REQUEST
            return HTTPStatus.OK

        def log_message(self, *_: object) -> None:
            """Say nothing: standard error is the demo's."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/huxin"
    thread = threading.Thread(target=server.serve_forever, name="receiver")
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
