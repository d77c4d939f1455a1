"""Requests to an identity provider, against servers that do not behave (OI10).

Covers adapters/identity/provider.py, adapters/identity/errors.py.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from itertools import repeat
from pathlib import Path
from threading import Event
from typing import Any, Final

import pytest

from adapters.identity.errors import ProviderError
from adapters.identity.provider import ANSWER_MAX, ProviderHttp, allowed
from tests.support.identity_provider import answer_json, answering
from tests.support.tls import holder

Handler = BaseHTTPRequestHandler
SHORT: Final = 0.3
"""Seconds that a test waits for a server that never ends."""
LONG: Final = 60.0


def whole(handler: Handler) -> None:
    answer_json(handler, {"path": handler.path, "agent": handler.headers["User-Agent"]})


def test_what_is_asked_and_answered() -> None:
    with answering(whole) as address:
        http = ProviderHttp(plain=True)
        assert http.get(f"{address}/a?b=c") == {"path": "/a?b=c", "agent": "huxin"}
        assert http.post(address, {"code": "x y"}, {})[1]["path"] == "/"


def test_a_form_and_its_headers_arrive() -> None:
    came: list[Any] = []

    def noted(handler: Handler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        came.append((handler.command, body, handler.headers["Authorization"]))
        answer_json(handler, {"error": "invalid_grant"}, 400)

    with answering(noted) as address:
        said = ProviderHttp(plain=True, seconds=LONG).post(
            address, {"code": "a b&"}, {"Authorization": "Basic"}
        )
    assert said == (400, {"error": "invalid_grant"})
    assert came == [("POST", b"code=a+b%26", "Basic")]


@pytest.mark.parametrize(
    ("status", "refuses"), [(400, True), (404, True), (502, False), (200, False)]
)
def test_a_refusal_without_words_is_one_and_no_silence(status: int, refuses: bool) -> None:
    def page(handler: Handler) -> None:
        handler.send_response(status)
        handler.end_headers()
        handler.wfile.write(b"<html>no</html>")

    with answering(page) as address:
        http = ProviderHttp(plain=True, seconds=LONG)
        if refuses:
            assert http.post(address, {}, {}) == (status, {})
        else:
            with pytest.raises(ProviderError):
                http.post(address, {}, {})


def redirect(handler: Handler) -> None:
    handler.send_response(302)
    handler.send_header("Location", "/elsewhere")
    handler.send_header("Content-Length", "2")
    handler.end_headers()
    handler.wfile.write(b"{}")


def sent(content: bytes) -> Callable[[Handler], None]:
    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def endless(handler: Handler) -> None:
    """More and more, as fast as it goes."""
    handler.send_response(200)
    handler.end_headers()
    with suppress(OSError):
        for piece in repeat(b" " * 65536):
            handler.wfile.write(piece)


def no_http(handler: Handler) -> None:
    handler.wfile.write(b"SSH-2.0-OpenSSH\r\n")


@pytest.mark.parametrize(
    "answer",
    [
        redirect,
        endless,
        no_http,
        sent(b"[1]"),
        sent(b"{"),
        sent(b"\xff\xfe"),
        sent(b"[" * 100_000),
        sent(b"{}" + b" " * ANSWER_MAX),
        lambda handler: answer_json(handler, {}, 404),
    ],
    ids=["redirect", "endless", "no-http", "list", "cut", "encoding", "deep", "long", "missing"],
)
def test_oi10_what_is_no_whole_short_object_is_no_answer(
    answer: Callable[[Handler], None],
) -> None:
    asked: list[str] = []

    def counted(handler: Handler) -> None:
        asked.append(handler.path)
        answer(handler)

    with answering(counted) as address, pytest.raises(ProviderError) as error:
        ProviderHttp(plain=True, seconds=LONG).get(f"{address}/keys?secret=1")
    assert asked == ["/keys?secret=1"]
    assert "secret" not in str(error.value)


def trickling(handler: Handler, gone: Event) -> None:
    """A byte now and then: each comes in time, and the whole long after it."""
    handler.send_response(200)
    handler.end_headers()
    trickle(handler, gone, b" ", b"{}")


def trickling_headers(handler: Handler, gone: Event) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    trickle(handler, gone, b"x", b"\r\n\r\n{}")


def trickle(handler: Handler, gone: Event, piece: bytes, end: bytes) -> None:
    """For 33 times as long as is waited for, or until nobody waits."""
    with suppress(OSError):
        for _ in range(200):
            if gone.wait(SHORT / 6):
                return
            handler.wfile.write(piece)
        handler.wfile.write(end)


@pytest.mark.parametrize("answer", [trickling, trickling_headers])
def test_oi10_the_time_of_a_whole_answer_ends(answer: Callable[[Handler, Event], None]) -> None:
    gone = Event()
    with answering(lambda handler: answer(handler, gone)) as address:
        try:
            with pytest.raises(ProviderError):
                ProviderHttp(plain=True, seconds=SHORT).get(address)
        finally:
            gone.set()


def test_oi10_a_certificate_is_for_the_name_and_of_who_may_sign(tmp_path: Path) -> None:
    mine = holder("localhost")
    certificate, key = tmp_path / "a.crt", tmp_path / "a.key"
    certificate.write_bytes(mine.identity.certificate_pem)
    key.write_bytes(mine.identity.key_pem)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    with answering(whole, context) as address:
        assert (
            ProviderHttp(ca_file=str(certificate), seconds=LONG).get(f"{address}/a")["path"] == "/a"
        )
        with pytest.raises(ProviderError, match="TLS failed"):
            ProviderHttp(seconds=LONG).get(address)
        with pytest.raises(ProviderError, match="TLS failed"):
            ProviderHttp(ca_file=str(certificate), seconds=LONG).get(
                address.replace("localhost", "127.0.0.1")
            )


def test_who_is_not_there_does_not_answer() -> None:
    with answering(whole) as address:
        pass
    with pytest.raises(ProviderError, match="no whole answer"):
        ProviderHttp(plain=True, seconds=LONG).get(address)


@pytest.mark.parametrize(
    ("url", "plain", "may"),
    [
        ("https://sso.example/a?b=c", False, True),
        ("https://[::1]:8443/", False, True),
        ("http://127.0.0.1:8080/", True, True),
        ("http://localhost/", True, True),
        ("http://127.0.0.1:8080/", False, False),
        ("http://sso.example/", True, False),
        ("https://a@sso.example/", False, False),
        ("https://sso.example/#a", False, False),
        ("https:///a", False, False),
        ("https://sso.example:x/", False, False),
        ("https://[::1/", False, False),
        ("https://sso.example/a b", False, False),
        ("https://泸州.example/", False, False),
        ("javascript:alert(1)", False, False),
        ("ftp://sso.example/", False, False),
        ("", False, False),
        (None, False, False),
    ],
)
def test_oi10_which_addresses_may_be_asked(url: object, plain: bool, may: bool) -> None:
    assert allowed(url, plain=plain) == may
    if not may and isinstance(url, str):
        with pytest.raises(ProviderError):
            ProviderHttp(plain=plain).get(url)
