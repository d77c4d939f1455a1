"""The service of an invented platform, on loopback, as docs/platform.md asks for it."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Mapping
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlsplit

PAGE: Final = 2
"""Rows of an answer: so small that there are several."""


class PlatformService:
    """Keeps the newest row of each leaf; answers as ordered."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.token = "token-of-the-test"
        self.statuses: list[int] = []
        """What the next requests are answered; each taken all the same where it is 0: then the
        line breaks before the answer."""
        self.told: list[tuple[str, int, dict[str, Any]]] = []
        self.keys: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.offers: set[str] = set()
        """Of `totals` and `rows`, what it answers to GET."""
        self.answer = b""
        """Given in the place of totals."""
        self._newest: dict[tuple[str, int], dict[str, Any]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        scheme = "http" if tls is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_port}/huxin"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def newest(self) -> Mapping[tuple[str, int], Mapping[str, str]]:
        return {
            place: {
                name: "" if cell is None else str(cell)
                for name, cell in row.items()
                if name != "index"
            }
            for place, row in self._newest.items()
        }

    def take(self, key: str, document: dict[str, Any]) -> None:
        if key in self.keys:
            return
        self.keys.append(key)
        assert document["format"] == 1
        origin = document["origin"]
        for row in document["rows"]:
            if self._newest.get((origin, row["index"])) != row:
                self._newest[origin, row["index"]] = row
                self.told.append((origin, row["index"], row))

    def lose(self, origin: str, index: int) -> None:
        """Forget a row."""
        del self._newest[origin, index]

    def give(self, path: str, query: dict[str, list[str]]) -> bytes | None:
        """The document at an address, or None."""
        if path.endswith("/totals") and (self.answer or "totals" in self.offers):
            return self.answer or json.dumps({"format": 1, "totals": self._totals()}).encode()
        if path.endswith("/totals/rows") and "rows" in self.offers:
            (origin,), (start,) = query["origin"], query["from"]
            rows = [
                {"index": i, "statement_id": row["statement_id"], "state": row["state"]}
                for (log, i), row in sorted(self._newest.items())
                if log == origin and i >= int(start)
            ]
            return json.dumps({"format": 1, "rows": rows[:PAGE]}).encode()
        return None

    def _totals(self) -> list[dict[str, Any]]:
        """As docs/platform.md says, with nothing of ours."""
        groups: dict[tuple[str, str], list[str]] = {}
        for (origin, index), row in sorted(self._newest.items()):
            line = f"{index} {row['statement_id']}\n"
            groups.setdefault((origin, row["state"]), []).append(line)
        return [
            {
                "origin": origin,
                "state": state,
                "count": len(lines),
                "sha256": sha256("".join(lines).encode()).hexdigest(),
            }
            for (origin, state), lines in groups.items()
        ]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                service.headers.append(dict(self.headers))
                service.paths.append(self.path)
                status = service.statuses.pop(0) if service.statuses else 204
                if self.headers["Authorization"] != f"Bearer {service.token}":
                    status = 401
                elif status in (0, 204):
                    service.take(self.headers["Idempotency-Key"], json.loads(body))
                if not status:
                    self.close_connection = True
                    return
                self.send_response(status)
                if status in (301, 307):
                    self.send_header("Location", service.url + "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self) -> None:
                asked = urlsplit(self.path)
                body = service.give(asked.path, parse_qs(asked.query))
                if self.headers["Authorization"] != f"Bearer {service.token}":
                    body = None
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_: object) -> None:
                pass

        return Handler
