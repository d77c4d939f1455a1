"""Somebody who is signed in to a node's console, over a connection that stays; no browser."""

from __future__ import annotations

import re
import time
from base64 import b32decode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse, RemoteDisconnected
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import grpc
from huxin.v1 import accounts_pb2 as pb
from huxin.v1.accounts_pb2_grpc import AccountsStub

from federation.charters.verification import PURPOSES
from federation.screening.roles import Role
from node.access import totp
from node.directory.config import FILE_NAME
from node.directory.presence import read_node_file

_PASSWORD: Final = "four legs of one stool stand in a yard"
_TOKEN: Final = re.compile(rb'name="_token" value="([^"]+)"')


def open_console(node: Path) -> None:
    """Let a node that is not started yet serve the console, at a port of its own."""
    path = node / FILE_NAME
    before, title, after = path.read_text("utf-8").partition("\n[http]\n")
    after = after.replace('\nlisten = ""', '\nlisten = "127.0.0.1:0"', 1)
    after = after.replace("\nconsole = false", "\nconsole = true", 1)
    path.write_text(before + title + after, encoding="utf-8")


class Visitor:
    """One person with an account, and what their pages say."""

    def __init__(self, port: int) -> None:
        """Connect."""
        self._connection = HTTPConnection("127.0.0.1", port, timeout=120)
        self._cookies: dict[str, str] = {}
        self._form_token = ""

    def get(self, path: str) -> bytes:
        """A page.

        Raises:
            RuntimeError: it is none.
        """
        return self._ask("GET", path, b"")

    def post(self, path: str, fields: Mapping[str, str]) -> bytes:
        """What a form answers; of one that leads elsewhere nothing."""
        said = urlencode({"_token": self._form_token, **fields})
        return self._ask("POST", path, said.encode())

    def menu(self) -> Sequence[str]:
        """Where the menu leads."""
        entries = self.get("/").partition(b'class="entries"')[2].partition(b"</nav>")[0]
        return [path.decode() for path in re.findall(rb'href="([^"]+)"', entries)]

    def sign_in(self, name: str, password: str, secret: bytes) -> None:
        """Sign in for the first time."""
        self._form_token = _token(self.get("/sign-in"))
        code = totp.code_at(secret, totp.step_of(int(time.time())))
        typed = {"name": name, "password": password, "code": code, "new_password": _PASSWORD}
        self.post("/sign-in", typed | {"next": "/"})
        self._form_token = _token(self.get("/"))

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _ask(self, method: str, path: str, body: bytes) -> bytes:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        headers = {"Cookie": cookies, "Sec-Fetch-Site": "same-origin"}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        answer, content = asked(self._connection, method, path, body, headers)
        for cookie in answer.headers.get_all("set-cookie", ()):
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        if answer.status not in (200, 303):
            message = f"{method} {path}: {answer.status} {content.decode()[-2000:]}"
            raise RuntimeError(message)
        return content


def asked(
    connection: HTTPConnection, method: str, path: str, body: bytes, headers: Mapping[str, str]
) -> tuple[HTTPResponse, bytes]:
    """Ask over a connection that stays, anew where the other side let it go meanwhile."""
    for last in (False, True):
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            return answer, answer.read()
        except RemoteDisconnected:
            connection.close()
            if last:
                break
    message = f"{method} {path}: the connection was cut without an answer"
    raise RuntimeError(message)


@contextmanager
def signed_in(
    node: Path, name: str, roles: Sequence[Role], matters: Sequence[str] = ()
) -> Iterator[Visitor]:
    """Somebody with a new account at a running node."""
    wanted = pb.NewAccountRequest(
        name=name,
        unit="bench",
        post="bench",
        roles=roles,
        matters=matters,
        purposes=tuple(PURPOSES) if matters else (),
        budget=10**8,
        expires_on=20991231,
        by="bench",
    )
    said = read_node_file(node)
    with grpc.insecure_channel(f"unix:{said.socket}") as channel:
        made = AccountsStub(channel).NewAccount(wanted)
    visitor = Visitor(said.http_port)
    visitor.sign_in(name, made.password, b32decode(made.secret))
    try:
        yield visitor
    finally:
        visitor.close()


def _token(page: bytes) -> str:
    found = _TOKEN.search(page)
    if found is None:
        raise RuntimeError(page.decode()[:2000])
    return found[1].decode()
