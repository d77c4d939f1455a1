"""Requests to an identity provider: bounded in bytes and in time, and to the address asked alone.

    OI10  no redirect is followed, no proxy of the environment asked; an answer is read up to
          `ANSWER_MAX` bytes and for `SECONDS` in all, whatever the other side does meanwhile; over
          TLS with a certificate for its name; plainly only where the provider is on this machine

Each request has a connection of its own and leaves nothing open. `http.client` and not `urllib3`:
the time of a whole answer must end, and for that the socket has to be at hand before it begins.
"""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from socket import SHUT_RDWR, create_connection, socket
from threading import Timer
from typing import Any, Final
from urllib.parse import SplitResult, urlencode, urlsplit

from adapters.identity.errors import ProviderError

SECONDS: Final = 5.0
"""For connecting, and again for a whole answer: a sign-in asks three times at most."""
ANSWER_MAX: Final = 256 * 1024
"""Bytes; discovery, keys and tokens of large providers have some ten thousand."""
_LOCAL: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class ProviderHttp:
    """Asks one provider; any thread, blocks."""

    def __init__(self, *, ca_file: str = "", plain: bool = False, seconds: float = SECONDS) -> None:
        """Prepare; nothing is connected yet.

        Args:
            ca_file: PEM of who may have signed its certificate; empty for those of the system.
            plain: whether the provider is on this machine, and spoken to without TLS.
            seconds: see `SECONDS`.

        Raises:
            OSError: `ca_file` cannot be read.
        """
        self._context = ssl.create_default_context(cafile=ca_file or None)
        self._plain = plain
        self._seconds = seconds

    def get(self, url: str) -> dict[str, Any]:
        """The JSON object at an address.

        Raises:
            ProviderError: no answer, another status than 200, or no object of JSON.
        """
        status, document = self._asked("GET", url, {}, b"")
        if status != 200 or document is None:
            raise _silent(url, f"got status {status}, expected 200 with an object of JSON")
        return document

    def post(
        self, url: str, fields: Mapping[str, str], headers: Mapping[str, str]
    ) -> tuple[int, dict[str, Any]]:
        """Post a form; the status and the JSON object of the answer.

        A refusal (4xx) may have none: what it refuses may be a stranger's, who shall not make the
        provider count as silent for others.

        Raises:
            ProviderError: no answer, or no object of JSON.
        """
        said = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        status, document = self._asked("POST", url, said, urlencode(fields).encode())
        if document is None and not 400 <= status < 500:
            raise _silent(url, f"got status {status} without an object of JSON")
        return status, document or {}

    def _asked(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, Any] | None]:
        if not allowed(url, plain=self._plain):
            raise _silent("", "got an address that is not https")
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        said = {"Accept": "application/json", "User-Agent": "huxin", **headers}
        try:
            with ExitStack() as stack:
                connection = self._connected(parts, stack)
                connection.request(method, target, body or None, said)
                answer = connection.getresponse()
                content = answer.read(ANSWER_MAX + 1)
        except ssl.SSLError as error:
            detail = f"TLS failed ({type(error).__name__}): see ca_file of [http.oidc]"
            raise _silent(url, detail) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _silent(url, f"no whole answer ({type(error).__name__})") from None
        return answer.status, _object(content)

    def _connected(self, parts: SplitResult, stack: ExitStack) -> http.client.HTTPConnection:
        """A connection whose time runs, from before TLS begins until the stack is left."""
        host, sealed = parts.hostname or "", parts.scheme == "https"
        kind = http.client.HTTPSConnection if sealed else http.client.HTTPConnection
        made = kind(host, parts.port)
        plain = create_connection((host, made.port), timeout=self._seconds)
        stack.callback(plain.close)
        watched = stack.enter_context(plain.dup())
        ending = Timer(self._seconds, _end, (watched,))
        ending.daemon = True
        ending.start()
        stack.callback(ending.cancel)
        made.sock = self._context.wrap_socket(plain, server_hostname=host) if sealed else plain
        stack.callback(made.close)
        return made


def allowed(url: object, *, plain: bool) -> bool:
    """Whether an address may be asked, or shown to browsers.

    Args:
        url: as the provider names it.
        plain: whether http to this machine will do; else it must be https, so that a provider
            leads nobody to what listens here.
    """
    if not isinstance(url, str) or not url.isascii() or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        local, _ = parts.hostname in _LOCAL, parts.port
    except ValueError:
        return False
    sealed = parts.scheme == "https" or (plain and parts.scheme == "http" and local)
    return bool(parts.hostname) and sealed and "@" not in parts.netloc and not parts.fragment


def _end(connected: socket) -> None:
    """End a request whose time is over: what waits for bytes of it is told that none come."""
    with suppress(OSError):
        connected.shutdown(SHUT_RDWR)


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        document = json.loads(content) if len(content) <= ANSWER_MAX else None
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _silent(url: str, detail: str) -> ProviderError:
    host = urlsplit(url).hostname or "provider"
    return ProviderError(
        f"统一身份认证没有应答（{host}），请稍后重试或改用本节点账号登录 / {host}: {detail}; "
        "expected the identity provider to answer"
    )
