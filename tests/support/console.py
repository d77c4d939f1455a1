"""The console over a node that is not one, and a browser without a network."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any, Final
from urllib.parse import parse_qs, urlencode

from starlette.types import ASGIApp, Receive, Scope, Send

from federation.screening.roles import Role
from node.console.api import Api
from node.console.app import Console
from node.console.page import Page
from node.console.pages import PAGES
from node.console.sessions import Sessions
from node.system.entropy import token
from tests.support.asgi import Answered, ask

ORIGIN: Final = "http://127.0.0.1"
HOST: Final = ("Host", "127.0.0.1")
PASSWORD: Final = "right"
SSO: Final = "https://sso.example/authorize?state=st&nonce=n"
"""Where the node sends who signs in by the identity provider."""
Reply = Callable[["Asked"], tuple[int, Any]]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request to the API."""

    method: str
    path: str
    query: Mapping[str, str]
    token: str
    body: bytes

    @property
    def said(self) -> Any:
        return json.loads(self.body)


@dataclass
class FakeNode:
    """Answers what it was told to, signs in everybody whose password is right, notes the rest."""

    replies: dict[tuple[str, str], Any] = field(default_factory=dict)
    """By method and path: a document, a status with a document, or what makes one."""
    roles: Sequence[str] = (Role.OPERATOR,)
    asked: list[Asked] = field(default_factory=list)
    open: set[str] = field(default_factory=set)
    account: dict[str, Any] = field(default_factory=dict)
    refusal: tuple[int, Any] | None = None
    """Of whoever signs in."""
    end_address: str = "https://sso.example/end?client_id=huxin"
    """Where the session at the identity provider ends."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = (await receive())["body"]
        headers = {key.decode(): value.decode() for key, value in scope["headers"]}
        query = parse_qs(scope["query_string"].decode(), keep_blank_values=True)
        asked = Asked(
            method=scope["method"],
            path=scope["path"],
            query={name: values[-1] for name, values in query.items()},
            token=headers.get("authorization", "").removeprefix("Bearer "),
            body=body,
        )
        self.asked.append(asked)
        status, document = self._reply(asked)
        content = document if isinstance(document, bytes) else json.dumps(document).encode()
        start = {"type": "http.response.start", "status": status, "headers": []}
        await send(start)
        await send({"type": "http.response.body", "body": content})

    def _reply(self, asked: Asked) -> tuple[int, Any]:
        if asked.path == "/v1/sessions":
            return self._signed_in(asked)
        if asked.path == "/v1/sessions:begin":
            return self.refusal or (200, {"address": SSO, "ticket": "tick-et", "seconds": 600})
        if asked.path == "/v1/sessions:finish":
            return self._came_back(asked)
        if asked.token not in self.open:
            return problem(401, "access.unknown", "凭据无效", "a credential")
        if asked.path == "/v1/sessions:close":
            self.open.discard(asked.token)
            return 200, {"session": "closed"}
        reply = self.replies.get((asked.method, asked.path))
        if reply is None:
            return problem(404, "http.path", "没有此路径", "no such path")
        if callable(reply):
            reply = reply(asked)
        return reply if isinstance(reply, tuple) else (200, reply)

    def _signed_in(self, asked: Asked) -> tuple[int, Any]:
        if self.refusal is not None:
            return self.refusal
        if asked.said["password"] != PASSWORD:
            return problem(401, "access.sign-in", "用户名、口令或动态码不正确", "another")
        return 200, self._opened(asked.said["name"]) | {"device": "hd1_ab.cd"}

    def _came_back(self, asked: Asked) -> tuple[int, Any]:
        """As the node does: its ticket, the state of it, and a code that counts."""
        if self.refusal is not None:
            return self.refusal
        if (asked.said["ticket"], asked.said["state"]) != ("tick-et", "st"):
            return problem(401, "access.provider-stale", "登录已过期", "begin again")
        if asked.said.get("code") != PASSWORD:
            return problem(401, "access.provider-refused", "没有让您登录", "nobody")
        return 200, self._opened("王五") | {"end_address": self.end_address}

    def _opened(self, name: str) -> dict[str, Any]:
        opened = f"hx1_{len(self.asked):043}"
        self.open.add(opened)
        account = {
            "name": name,
            "unit": "泸州市信用办（演示）",
            "post": "科员",
            "roles": list(self.roles),
            "matters": [],
            "purposes": [],
            "credential": "0a1b2c3d",
            "expires_on": 20271130,
        } | self.account
        return {
            "token": opened,
            "expires_at": 1_795_000_000,
            "idle_seconds": 1800,
            "account": account,
        }


def problem(status: int, code: str, zh: str, en: str) -> tuple[int, dict[str, Any]]:
    """As the API refuses."""
    return status, {
        "status": status,
        "code": code,
        "title": zh,
        "detail": zh,
        "detail_en": en,
    }


@dataclass
class Browser:
    """Keeps cookies, sends forms as browsers do."""

    app: ASGIApp
    cookies: dict[str, str] = field(default_factory=dict)
    set: list[str] = field(default_factory=list)
    """Every Set-Cookie that came, the last one last."""

    def get(self, target: str, *headers: tuple[str, str]) -> Answered:
        return self._asked("GET", target, headers, b"")

    def post(
        self,
        target: str,
        fields: Mapping[str, str | Sequence[str]] | None = None,
        *,
        origin: str = ORIGIN,
        headers: Sequence[tuple[str, str]] = (),
    ) -> Answered:
        body = urlencode(fields or {}, doseq=True).encode()
        said = [
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Content-Length", str(len(body))),
            *([("Origin", origin)] if origin else []),
            *headers,
        ]
        return self._asked("POST", target, said, body)

    def post_body(self, target: str, body: bytes, kind: str) -> Answered:
        """A body as it stands, such as a form with a file."""
        said = [("Content-Type", kind), ("Content-Length", str(len(body))), ("Origin", ORIGIN)]
        return self._asked("POST", target, said, body)

    def form_token(self, target: str = "/") -> str:
        """What stands in the forms of a page."""
        page = self.get(target).body.decode()
        return page.partition('name="_token" value="')[2].partition('"')[0]

    def sign_in(self, name: str = "王五", *, target: str = "/") -> Answered:
        fields = {"name": name, "password": PASSWORD, "code": "123456", "next": target}
        return self.post("/sign-in", fields | {"_token": self.form_token("/sign-in")})

    def _asked(
        self, method: str, target: str, headers: Sequence[tuple[str, str]], body: bytes
    ) -> Answered:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = [*headers, *([("Cookie", cookie)] if cookie else [])]
        if not any(name == "Host" for name, _ in headers):
            sent.append(HOST)
        answered = ask(self.app, method, target, sent, body)
        for line in answered.cookies:
            self.set.append(line)
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return answered


@dataclass
class Clock:
    """Seconds that are set by hand."""

    seconds: float = 100.0

    def __call__(self) -> float:
        return self.seconds


def console(
    node: FakeNode,
    *,
    pages: Sequence[Page] = PAGES,
    origin: str = "",
    provider: str = "",
    clock: Callable[[], float] | None = None,
) -> Console:
    """The console of this node."""
    return Console(
        api=Api(node),
        sessions=Sessions(token, clock or Clock()),
        pages=pages,
        city="泸州",
        origin=origin,
        provider=provider,
    )


def signed_in(node: FakeNode, **more: Any) -> Browser:
    """A browser whose person has signed in."""
    browser = Browser(console(node, **more))
    assert browser.sign_in().status == 303
    return browser
