"""A small identity provider: real keys, real tokens, and whatever lie a test asks it for.

In memory it is `node.access.identity_provider.Http`; `served` puts it on a loopback address.
"""

from __future__ import annotations

import json
import ssl
import warnings
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final
from urllib.parse import parse_qs, parse_qsl, unquote_plus, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeyParameters, OKPKey, RSAKey

ISSUER: Final = "https://sso.luzhou.example"
CLIENT: Final = "huxin"
SECRET: Final = "a secret, with: signs"
BACK: Final = "https://credit.luzhou.example/sign-in/provider"
SUBJECT: Final = "lz-000417"
ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519", "none")

Key = RSAKey | ECKey | OKPKey


@cache
def key(kind: str, name: str = "1") -> Key:
    """A key of its own for each name; RSA takes a while, so each is made once."""
    parameters: KeyParameters = {"kid": f"{kind}-{name}", "use": "sig"}
    match kind:
        case "RSA":
            return RSAKey.generate_key(2048, parameters)
        case "small":
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that it is small is why it is here
                return RSAKey.generate_key(1024, parameters)
        case "EC":
            return ECKey.generate_key("P-256", parameters)
        case _:
            return OKPKey.generate_key("Ed25519", parameters)


@dataclass
class SmallProvider:
    """Signs in everybody who comes, as `subject`."""

    now: Callable[[], int]
    issuer: str = ISSUER
    redirect_uri: str = BACK
    subject: str = SUBJECT
    algorithm: str = "RS256"
    signing: Key = field(default_factory=lambda: key("RSA"))
    published: list[Key] = field(default_factory=lambda: [key("RSA"), key("EC"), key("OKP")])
    claims: dict[str, Any] = field(default_factory=dict)
    """What a token says otherwise; None: does not say."""
    by_hand: Callable[[bytes], bytes] | None = None
    """Signs instead, where the library would refuse to."""
    header: dict[str, Any] = field(default_factory=dict)
    discovery: dict[str, Any] = field(default_factory=dict)
    answered: dict[str, Any] = field(default_factory=dict)
    """What the token endpoint answers otherwise."""
    status: int = 200
    issued: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """Paths, in order."""
    auth: tuple[str, ...] = ("client_secret_basic",)
    failing: Exception | None = None
    assertions: list[dict[str, Any]] = field(default_factory=list)
    client_key: Key | None = None

    def sent(self, address: str, **otherwise: str) -> dict[str, str]:
        """A person signs in at this address: the parameters with which the browser comes back."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert asked["redirect_uri"] == self.redirect_uri
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.issued)}"
        self.issued[code] = asked
        said = {"state": asked["state"], "code": code, "iss": self.issuer}
        return said | otherwise

    def get(self, url: str) -> dict[str, Any]:
        """Discovery, and keys."""
        path = self._path(url)
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "end_session_endpoint": f"{self.issuer}/end",
                "token_endpoint_auth_methods_supported": list(self.auth),
                "authorization_response_iss_parameter_supported": True,
            } | self.discovery
        assert path == "/keys"
        return {"keys": [one.as_dict(private=False) for one in self.published]}

    def post(
        self, url: str, fields: Mapping[str, str], headers: Mapping[str, str]
    ) -> tuple[int, dict[str, Any]]:
        """A token for a code, once, to who proves to be the client and the one who began."""
        assert self._path(url) == "/token"
        asked = self.issued.pop(fields["code"], None)
        challenge = sha256(fields.get("code_verifier", "").encode()).digest()
        if (
            asked is None
            or asked["code_challenge"] != _text(challenge)
            or fields["redirect_uri"] != self.redirect_uri
        ):
            return 400, {"error": "invalid_grant"}
        if not self._is_client(fields, headers):
            return 401, {"error": "invalid_client"}
        return self.status, {
            "access_token": "opaque",
            "token_type": "Bearer",
            "id_token": self.token(asked["nonce"]),
        } | self.answered

    def token(self, nonce: str) -> str:
        """An ID token for this sign-in."""
        now = self.now()
        claims = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": CLIENT,
            "nonce": nonce,
            "iat": now,
            "exp": now + 300,
            "auth_time": now - 5,
        } | self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": self.algorithm, "kid": self.signing.kid} | self.header
        header = {name: value for name, value in header.items() if value is not None}
        if self.by_hand is not None:
            said = ".".join(_text(json.dumps(one).encode()) for one in (header, claims))
            return f"{said}.{_text(self.by_hand(said.encode()))}"
        registry = jws.JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        registry.get_alg = lambda name: registry.algorithms[name]  # type: ignore[method-assign] # as it is, without the library's advice
        return jwt.encode(header, claims, self.signing, registry=registry)

    def _path(self, url: str) -> str:
        if self.failing is not None:
            raise self.failing
        assert url.startswith(f"{self.issuer}/")
        self.asked.append(urlsplit(url).path)
        return self.asked[-1]

    def _is_client(self, fields: Mapping[str, str], headers: Mapping[str, str]) -> bool:
        if "client_assertion" in fields and self.client_key is not None:
            read = jwt.decode(fields["client_assertion"], self.client_key, ["RS256", "ES256"])
            self.assertions.append(dict(read.claims))
            return bool(read.claims["aud"] == self.issuer)
        if "client_secret" in fields:
            return (fields["client_id"], fields["client_secret"]) == (CLIENT, SECRET)
        said = b64decode(headers.get("Authorization", "").removeprefix("Basic ")).decode()
        name, _, secret = said.partition(":")
        return (unquote_plus(name), unquote_plus(secret)) == (CLIENT, SECRET)


def rsa_signed(signing: Key, said: bytes) -> bytes:
    """RS256, whatever the header says and however small the key."""
    assert isinstance(signing, RSAKey)
    private = signing.raw_value
    assert isinstance(private, rsa.RSAPrivateKey)
    return private.sign(said, padding.PKCS1v15(), hashes.SHA256())


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).decode().rstrip("=")


@contextmanager
def answering(
    answer: Callable[[BaseHTTPRequestHandler], None], context: ssl.SSLContext | None = None
) -> Iterator[str]:
    """A loopback server that answers everything so, over TLS where a context is given."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        do_POST = do_GET  # noqa: N815 - of http.server

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        scheme, host = ("https", "localhost") if context else ("http", "127.0.0.1")
        yield f"{scheme}://{host}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answer_json(handler: BaseHTTPRequestHandler, document: object, status: int = 200) -> None:
    """Answer with a document."""
    content = json.dumps(document).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


@contextmanager
def served(provider: SmallProvider) -> Iterator[str]:
    """The provider on a loopback address, which becomes its issuer; signs in whoever comes."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        url = provider.issuer + handler.path
        if handler.path.startswith("/authorize?"):
            back = urlencode(provider.sent(url))
            handler.send_response(302)
            handler.send_header("Location", f"{provider.redirect_uri}?{back}")
            handler.send_header("Content-Length", "0")
            handler.end_headers()
        elif handler.command == "POST":
            length = int(handler.headers["Content-Length"])
            said = parse_qs(handler.rfile.read(length).decode())
            fields = {name: values[-1] for name, values in said.items()}
            status, document = provider.post(url, fields, dict(handler.headers))
            answer_json(handler, document, status)
        elif handler.path.startswith("/end?"):
            answer_json(handler, {"ended": True})
        else:
            answer_json(handler, provider.get(url))

    with answering(answer) as address:
        provider.issuer = address
        yield address
