"""The city's identity provider 统一身份认证, as this node sees it: where it is, what it is asked.

    OI1  what the provider says of itself (OpenID Connect Discovery) names the configured issuer,
         letter for letter, and addresses over https; it is kept for an hour, and its keys as well
    OI2  a person is sent there with a code of one use as the only answer: `state` and `nonce` are
         random, the proof of the code (PKCE, S256) stays here, and the way back is the one address
         below `[http] origin`
    OI3  an answer that names its issuer names this one, and one without is none where the provider
         says that it names it (RFC 9207): what another provider answered is not taken here there
    OI4  the code is exchanged once, by the node, which proves itself with its secret or its key; of
         what comes only the ID token is read, and it is kept nowhere. A `kid` that is not known
         makes the keys be read again, at most once a minute

Who controls the provider, or its key, signs in as every account that is bound to it, and as nobody
else. `subject` blocks; any thread.
"""

from __future__ import annotations

import threading
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import quote_plus, urlencode, urlsplit

import structlog
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from adapters.identity.errors import ProviderError
from federation.errors import RefusedError
from federation.ids import Timestamp
from node.access.id_tokens import Expected, UnknownKeyError, keys_of, subject_of
from node.system.clock import Clock

T = TypeVar("T")

_log = structlog.get_logger()

KEPT_SECONDS: Final = 3600
"""What the provider says of itself, and its keys."""
AGAIN_SECONDS: Final = 60
"""Before keys are read again for a `kid` that is not known."""
QUIET_SECONDS: Final = 5
"""After a provider was silent, before it is asked again."""
ASSERTION_SECONDS: Final = 60
"""How long a proof of this node by its key counts."""
DISCOVERY: Final = "/.well-known/openid-configuration"
_WORD_MAX: Final = 64
_ADDRESS_MAX: Final = 2000
_SECRET_METHODS: Final = ("client_secret_basic", "client_secret_post")
_KEY_METHOD: Final = "private_key_jwt"
_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Http(Protocol):
    """What is needed of `adapters.identity.provider.ProviderHttp`; blocks."""

    def get(self, url: str) -> dict[str, Any]:
        """The JSON object at an address."""
        ...

    def post(
        self, url: str, fields: Mapping[str, str], headers: Mapping[str, str]
    ) -> tuple[int, dict[str, Any]]:
        """Post a form."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """This node, as the provider knows it.

    Attributes:
        issuer: the provider.
        client_id: the node's name there.
        secret, key: by which it proves itself; one of them.
        redirect_uri: where browsers come back to.
        max_age, acr: see `node.access.id_tokens.Expected`.
    """

    issuer: str
    client_id: str
    redirect_uri: str
    secret: str = field(default="", repr=False)
    key: RSAKey | ECKey | None = field(default=None, repr=False)
    max_age: int = 0
    acr: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the provider says of itself (OpenID Connect Discovery §3)."""

    authorization: str
    token: str
    keys: str
    end_session: str
    methods: tuple[str, ...]
    names_itself: bool
    read_at: float


@dataclass(frozen=True, slots=True)
class _Keys:
    """A set of keys, and when it was read."""

    keys: Sequence[Mapping[str, Any]]
    read_at: float


class IdentityProvider:
    """Asks one provider; any thread, blocks."""

    def __init__(
        self,
        *,
        client: Client,
        http: Http,
        allowed: Callable[[object], bool],
        clock: Clock,
        monotonic: Callable[[], float],
        token: Callable[[int], bytes],
    ) -> None:
        """Wire it; nothing is asked yet.

        Args:
            client: this node there.
            http: asks it.
            allowed: whether an address that it names may be asked, or shown to browsers.
            clock: never behind trusted time.
            monotonic: seconds that only go forward.
            token: gives that many random bytes.
        """
        self._client = client
        self._http = http
        self._allowed = allowed
        self._clock = clock
        self._monotonic = monotonic
        self._token = token
        self._lock = threading.Lock()
        self._known: _Known | None = None
        self._keys: _Keys | None = None
        self._silent_at = -float(QUIET_SECONDS)

    @property
    def issuer(self) -> str:
        """Its name, to which accounts are bound."""
        return self._client.issuer

    def address(self, *, state: str, nonce: str, verifier: str) -> str:
        """Where a person is sent to sign in (OI2).

        Args:
            state: random, of this sign-in alone.
            nonce: likewise; the token brings it back.
            verifier: the proof of the code, of which the hash alone is sent (RFC 7636 §4.2).

        Raises:
            RefusedError: `access.provider-silent`.
        """
        known, client = self._discovered(), self._client
        fields = {
            "response_type": "code",
            "client_id": client.client_id,
            "redirect_uri": client.redirect_uri,
            "scope": "openid",
            "state": state,
            "nonce": nonce,
            "code_challenge": _text(sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        fields |= {"max_age": str(client.max_age)} if client.max_age else {}
        fields |= {"acr_values": client.acr} if client.acr else {}
        return _with(known.authorization, fields)

    def end_address(self) -> str:
        """Where a person ends the session there as well (RP-Initiated Logout 1.0); empty: nowhere.

        Raises:
            RefusedError: `access.provider-silent`.
        """
        known = self._discovered()
        if not known.end_session:
            return ""
        return _with(known.end_session, {"client_id": self._client.client_id})

    def look(self) -> None:
        """See that it answers as it should, with keys that may sign.

        Raises:
            RefusedError: `access.provider-silent`.
        """
        if not next(self._key_sets()):
            raise self._unfit("jwks_uri", "keys that may sign")

    def check_issuer(self, said: str) -> None:
        """See that an answer is this provider's (OI3).

        Args:
            said: `iss` of the answer; empty where it has none.

        Raises:
            RefusedError: `access.provider-token`, `access.provider-silent`.
        """
        if (said or self._discovered().names_itself) and said != self._client.issuer:
            message = (
                "答复不是本节点所用的统一身份认证给出的，登录未成 / expected iss as the issuer of "
                "[http.oidc], got another answer"
            )
            raise RefusedError("access.provider-token", message)

    def subject(self, code: str, *, verifier: str, nonce: str, begun_at: Timestamp) -> str:
        """Who has signed in, for a code of one use (OI4).

        Args:
            code: as the browser brought it.
            verifier: its proof.
            nonce: with which this sign-in began.
            begun_at: when, in seconds UTC.

        Raises:
            RefusedError: `access.provider-…`.
        """
        client = self._client
        token = self._exchanged(code, verifier)
        expected = Expected(
            issuer=client.issuer,
            client_id=client.client_id,
            nonce=nonce,
            begun_at=begun_at,
            max_age=client.max_age,
            acr=client.acr,
        )
        for keys in self._key_sets():
            try:
                return subject_of(token, keys, expected, self._clock.now())
            except UnknownKeyError:
                continue
        message = (
            "身份令牌不能通过核验，登录未成 / the ID token does not prove: expected it "
            "signed by a key that the provider publishes"
        )
        raise RefusedError("access.provider-token", message)

    def _exchanged(self, code: str, verifier: str) -> str:
        """The ID token for a code."""
        known, client = self._discovered(), self._client
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": client.redirect_uri,
            "code_verifier": verifier,
        }
        proof, headers = self._proof(known)
        status, answer = self._asked(lambda: self._http.post(known.token, fields | proof, headers))
        if status >= 400 or "error" in answer:
            raise refused_there(str(answer.get("error", status)))
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise refused_there("no id_token")
        return token

    def _proof(self, known: _Known) -> tuple[dict[str, str], dict[str, str]]:
        """Fields and headers by which the node proves itself (OpenID Connect Core §9)."""
        client = self._client
        if client.key is not None:
            now = self._clock.now()
            algorithm = "RS256" if isinstance(client.key, RSAKey) else "ES256"
            claims = {
                "iss": client.client_id,
                "sub": client.client_id,
                "aud": client.issuer,
                "jti": _text(self._token(16)),
                "iat": now,
                "exp": now + ASSERTION_SECONDS,
            }
            said = jwt.encode({"alg": algorithm}, claims, client.key)
            return {
                "client_id": client.client_id,
                "client_assertion_type": _ASSERTION,
                "client_assertion": said,
            }, {}
        if _SECRET_METHODS[0] in known.methods:
            pair = f"{quote_plus(client.client_id)}:{quote_plus(client.secret)}"
            return {}, {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
        return {"client_id": client.client_id, "client_secret": client.secret}, {}

    def _key_sets(self) -> Iterator[Sequence[Mapping[str, Any]]]:
        """The keys that are kept, and where that is not enough those of today (OI4)."""
        kept = self._keys
        if kept is not None and self._monotonic() - kept.read_at <= KEPT_SECONDS:
            yield kept.keys
            if self._monotonic() - kept.read_at < AGAIN_SECONDS:
                return
        address = self._discovered().keys
        read = _Keys(keys_of(self._asked(lambda: self._http.get(address))), self._monotonic())
        self._keys = read
        yield read.keys

    def _discovered(self) -> _Known:
        """What the provider says of itself (OI1).

        Raises:
            RefusedError: `access.provider-silent`: it does not answer, or with something else.
        """
        with self._lock:
            known = self._known
            if known is None or self._monotonic() - known.read_at > KEPT_SECONDS:
                address = self._client.issuer.rstrip("/") + DISCOVERY
                known = self._read(self._asked(lambda: self._http.get(address)))
                self._known = known
            return known

    def _read(self, document: Mapping[str, Any]) -> _Known:
        """A discovery document, read."""
        if document.get("issuer") != self._client.issuer:
            raise self._unfit("issuer", "the issuer of [http.oidc]")
        addresses = {}
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not self._fits(document.get(name)):
                raise self._unfit(name, "an address over https")
            addresses[name] = str(document[name])
        methods = document.get("token_endpoint_auth_methods_supported", _SECRET_METHODS[:1])
        wanted = (_KEY_METHOD,) if self._client.key is not None else _SECRET_METHODS
        if not isinstance(methods, list | tuple) or not any(one in methods for one in wanted):
            name = "token_endpoint_auth_methods_supported"
            raise self._unfit(name, f"one of {', '.join(wanted)}")
        end = document.get("end_session_endpoint")
        return _Known(
            authorization=addresses["authorization_endpoint"],
            token=addresses["token_endpoint"],
            keys=addresses["jwks_uri"],
            end_session=str(end) if self._fits(end) else "",
            methods=tuple(map(str, methods)),
            names_itself=document.get("authorization_response_iss_parameter_supported") is True,
            read_at=self._monotonic(),
        )

    def _fits(self, address: object) -> bool:
        return self._allowed(address) and len(str(address)) <= _ADDRESS_MAX

    def _unfit(self, name: str, expected: str) -> RefusedError:
        host = urlsplit(self._client.issuer).hostname
        _log.warning(
            "identity provider is not as expected", code="access.provider-silent", field=name
        )
        message = (
            "统一身份认证的配置与本节点不符，请系统管理员核对 [http.oidc] / "
            f"{host}: expected in its discovery document {name}, {expected}"
        )
        return RefusedError("access.provider-silent", message)

    def _asked(self, call: Callable[[], T]) -> T:
        """Ask it, unless it was silent just now."""
        if self._monotonic() - self._silent_at < QUIET_SECONDS:
            message = (
                "统一身份认证没有应答，请稍后重试或改用本节点账号登录 / the identity provider "
                f"did not answer just now: expected it to, ask again in {QUIET_SECONDS} s"
            )
            raise RefusedError("access.provider-silent", message)
        try:
            return call()
        except ProviderError as error:
            self._silent_at = self._monotonic()
            _log.warning("identity provider does not answer", code=error.code, error=str(error))
            raise RefusedError(error.code, str(error)) from error


def refused_there(why: str) -> RefusedError:
    """The provider let nobody in.

    Args:
        why: its code (RFC 6749 §4.1.2.1, §5.2); what is no such code is not shown.
    """
    fit = len(why) <= _WORD_MAX and why.isascii() and why.replace("_", "").isalnum()
    shown = why if fit else "another"
    message = (
        f"统一身份认证没有让您登录（{shown}），请重新登录 / the identity provider let nobody in: "
        f"expected a code and its token, got {shown}"
    )
    return RefusedError("access.provider-refused", message)


def _with(address: str, fields: Mapping[str, str]) -> str:
    """An address with parameters, beside those that it has (RFC 6749 §3.1)."""
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(fields)}"


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()
