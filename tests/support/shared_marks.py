"""A shared place for the high-water marks of nodes in tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, LiteralString

from sqlalchemy import make_url

from adapters.errors import MarkUnreachableError
from adapters.state.mark_server import MarkServer
from adapters.state.shared_mark import SharedHighWater
from federation.ids import Origin
from tests.support.federation_dirs import set_key

PASSWORD_FILE = "keys/mark"
ORIGIN = Origin("510500.example/1")


class Clock:
    """Seconds that tests move."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


class LosingServer(MarkServer):
    """Loses an answer: of a statement that was not sent, was done, or is done later."""

    loses: str = ""

    def late(self) -> object:
        """Do what was sent long ago; nothing, unless something was."""

    def ask(
        self, statement: LiteralString, values: Mapping[str, Any] | None = None
    ) -> list[tuple[Any, ...]]:
        lost, self.loses = self.loses if values and "new_state" in values else "", self.loses
        if not lost:
            return super().ask(statement, values)
        self.loses = ""
        if lost == "later":
            self.late = lambda: super(LosingServer, self).ask(statement, values)  # type: ignore[method-assign]
        if lost == "done":
            super().ask(statement, values)
        self.close()
        raise MarkUnreachableError("the answer is lost")


def parameters(url: str) -> dict[str, str]:
    parsed = make_url(url)
    return {
        "host": str(parsed.host),
        "port": str(parsed.port),
        "user": str(parsed.username),
        "password": str(parsed.password),
        "dbname": str(parsed.database),
    }


def opened(url: str, holder: str = "one", clock: Clock | None = None) -> SharedHighWater:
    clock = clock or Clock()
    server = LosingServer(parameters(url), apart_from="", clock=clock)
    return SharedHighWater(server, ORIGIN, holder=holder, clock=clock)


def server_of(mark: SharedHighWater) -> LosingServer:
    assert isinstance(mark._server, LosingServer)
    return mark._server


def name_shared_place(folder: Path, url: str) -> None:
    """Let a node's configuration name a database as the place of its marks; nothing moves."""
    parsed = make_url(url)
    address = parsed._replace(password=None).render_as_string()
    path = folder / PASSWORD_FILE
    path.write_text(f"{parsed.password}\n")
    path.chmod(0o600)
    set_key(folder, "mark", json.dumps(address))
    set_key(folder, "mark_password_file", json.dumps(PASSWORD_FILE))


def forget_shared_place(folder: Path) -> None:
    """Name no shared place any more."""
    set_key(folder, "mark", '""')
    set_key(folder, "mark_password_file", '""')
