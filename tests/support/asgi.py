"""One request to an ASGI application, without a network."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message

HANG_SECONDS = 20
"""After which a request that nothing bounds is a failure; a hang, never a measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: Sequence[str] = ()
    """Each Set-Cookie, which may come several times."""

    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    app: ASGIApp,
    method: str,
    target: str,
    headers: Sequence[tuple[str, str]] = (),
    body: bytes | Sequence[bytes] = b"",
    *,
    leaves: bool = False,
    state: Mapping[str, Any] | None = None,
    client: str = "127.0.0.1",
) -> Answered:
    """Ask; `body` may come in parts, and a caller that `leaves` does so after them.

    `state` is what the connection knows of the caller.
    """
    path, _, query = target.partition("?")
    parts = [body] if isinstance(body, bytes) else list(body)
    messages: list[Message] = [
        {"type": "http.request", "body": part, "more_body": leaves or number < len(parts)}
        for number, part in enumerate(parts, start=1)
    ]
    if leaves:
        messages.append({"type": "http.disconnect"})
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
        "server": ("127.0.0.1", 80),
        "client": (client, 50000),
        "state": dict(state or {}),
    }
    said: list[Message] = []

    async def receive() -> Message:
        if messages:
            return messages.pop(0)
        await asyncio.sleep(3600)
        raise AssertionError

    async def send(message: Message) -> None:
        said.append(message)

    async def run() -> None:
        await asyncio.wait_for(app(scope, receive, send), HANG_SECONDS)

    asyncio.run(run())
    start, *rest = said
    return Answered(
        status=start["status"],
        headers={key.decode(): value.decode() for key, value in start["headers"]},
        body=b"".join(message.get("body", b"") for message in rest),
        cookies=[value.decode() for key, value in start["headers"] if key.lower() == b"set-cookie"],
    )
