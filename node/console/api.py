"""The node's HTTP API, called in this process: the only way in which a page learns anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from urllib.parse import quote, urlencode

from starlette.types import ASGIApp, Message, Scope

_JSON: Final = "application/json"


@dataclass(frozen=True)
class Answer:
    """What the API said."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def ok(self) -> bool:
        """Whether it did what it was asked."""
        return self.status < 400

    @cached_property
    def document(self) -> Any:  # noqa: ANN401 - JSON
        """The JSON of it; an empty object where there is none."""
        try:
            return json.loads(self.content) if self.content else {}
        except ValueError:
            return {}


class ProblemError(Exception):
    """The API refused; the shell shows it as a page. `code`, `title` and `detail` say why."""

    def __init__(self, answer: Answer) -> None:
        """Take what it said."""
        said = answer.document if isinstance(answer.document, dict) else {}
        self.status = answer.status
        self.code = str(said.get("code", "http.internal"))
        self.title = str(said.get("title", ""))
        self.detail = str(said.get("detail", ""))
        self.detail_en = str(said.get("detail_en", ""))
        super().__init__(f"{self.status} {self.code}")


class Api:
    """Calls an ASGI application as HTTP would, on the loop that asks."""

    def __init__(self, app: ASGIApp) -> None:
        """Take the application."""
        self._app = app

    async def call(
        self,
        token: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: object = None,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask, and wait for the whole answer.

        Args:
            token: of who asks; empty where none is needed.
            method: GET or POST.
            path: as in the description, with `/` between its parts; what is not allowed in a URL
                is quoted here.
            query: parameters.
            body: what is sent as JSON; None: nothing.
            content: bytes that are sent instead; their kind is told in `headers`.
            headers: further ones.
        """
        said = {name.lower(): value for name, value in (headers or {}).items()}
        if body is not None:
            content = json.dumps(body, ensure_ascii=False).encode()
            said.setdefault("content-type", _JSON)
        if token:
            said["authorization"] = f"Bearer {token}"
        said["content-length"] = str(len(content))
        sent: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]
        came: list[Message] = []

        async def receive() -> Message:
            return sent.pop() if sent else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            came.append(message)

        await self._app(_scope(method, path, query or {}, said), receive, send)
        start = next(one for one in came if one["type"] == "http.response.start")
        return Answer(
            status=start["status"],
            headers={key.decode(): value.decode("latin-1") for key, value in start["headers"]},
            content=b"".join(one.get("body", b"") for one in came),
        )


def _scope(
    method: str, path: str, query: Mapping[str, str | int], headers: Mapping[str, str]
) -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": quote(path, safe="/:").encode(),
        "query_string": urlencode(query).encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
        "server": ("console", 0),
        "client": ("console", 0),
        "state": {},
    }
