"""ID tokens 身份令牌: what a provider says of who has signed in there, proved (OIDC Core).

    OI5  the signature is RS256, PS256, ES256 or Ed25519, by the one key of the provider's set that
         has the token's `kid`, and the kind and size that the algorithm asks for: never `none`, an
         HMAC, or a key that the token itself brings
    OI6  `iss` is the provider, `aud` this node alone (or `azp` says so), `nonce` the one that this
         sign-in began with (§3.1.3.7, steps 2 to 5 and 11), `sub` a text of at most 255 characters
    OI7  `exp` has not passed, `iat` is of this sign-in, and where that is asked for `auth_time` is
         recent and `acr` the one wanted, by the node's clock and `LEEWAY_SECONDS`

Functions of bytes, keys and a moment. Which codes say what: `access.provider-token` for what no
right provider answers, `access.provider-clock` where only the times are wrong,
`access.provider-acr` where the person has to sign in there anew or otherwise.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from federation.errors import RefusedError
from federation.ids import Timestamp

LEEWAY_SECONDS: Final = 60
"""By which two clocks may differ."""
SUBJECT_MAX: Final = 255
"""Characters of `sub` (OpenID Connect Core §2)."""
KEYS_MAX: Final = 64
"""Of a set that are looked at."""
RSA_BITS: Final = range(2048, 8193)
_ALGORITHMS: Final[Mapping[str, tuple[str, str]]] = {
    "RS256": ("RSA", ""),
    "PS256": ("RSA", ""),
    "ES256": ("EC", "P-256"),
    "Ed25519": ("OKP", "Ed25519"),
    "EdDSA": ("OKP", "Ed25519"),  # its name before RFC 9864, which providers still use
}
"""Kind and curve of key, by algorithm."""

Key = RSAKey | ECKey | OKPKey


class _Registry(jws.JWSRegistry):
    """These algorithms alone, whichever names the library thinks well of."""

    def get_alg(self, name: str) -> Any:  # noqa: ANN401 - the library's own, which it does not export
        """The algorithm of a name; the caller has seen that it is one of ours."""
        return self.algorithms[name]


_REGISTRY: Final = _Registry(strict_check_header=False)
"""Header parameters that nobody knows are passed over, but for what `crit` names (RFC 7515)."""


class UnknownKeyError(Exception):
    """No key of the set has the token's `kid`: the set may be an old one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a token must say.

    Attributes:
        issuer: the provider.
        client_id: this node, as the provider knows it.
        nonce: of this sign-in.
        begun_at: when this sign-in began.
        max_age: seconds since the person signed in there, at most; 0: any.
        acr: authentication context; empty: any.
    """

    issuer: str
    client_id: str
    nonce: str
    begun_at: Timestamp
    max_age: int = 0
    acr: str = ""


def keys_of(document: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """The keys of a set (RFC 7517 §5) that may have signed a token; what else is in it is not read.

    Args:
        document: of the provider's `jwks_uri`.
    """
    listed = document.get("keys")
    if not isinstance(listed, list):
        return ()
    return tuple(
        one
        for one in listed[:KEYS_MAX]
        if isinstance(one, dict) and one.get("use", "sig") == "sig" and "d" not in one
    )


def subject_of(
    token: str, keys: Sequence[Mapping[str, Any]], expected: Expected, now: Timestamp
) -> str:
    """Who has signed in, by a token of this provider for this node and this sign-in.

    Args:
        token: compact serialisation of a JWS.
        keys: of the provider, see `keys_of`.
        expected: what it must say.
        now: seconds UTC.

    Raises:
        UnknownKeyError: its `kid` is of none of these keys.
        RefusedError: `access.provider-token`, `access.provider-clock`, `access.provider-acr`.
    """
    claims = _proved(token, keys)
    _check_for(claims, expected)
    _check_times(claims, expected, now)
    return str(claims["sub"])


def _proved(token: str, keys: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The claims of a token whose signature is the provider's (OI5)."""
    try:
        read = jws.extract_compact(token.encode("ascii"), registry=_REGISTRY)
        header = read.headers()
        algorithm = header.get("alg")
        kind = _ALGORITHMS.get(algorithm) if isinstance(algorithm, str) else None
        if kind is None:
            _refuse(f"an algorithm among {', '.join(_ALGORITHMS)}")
        key = _key(_chosen(keys, header.get("kid"), str(algorithm), kind))
        if not jws.validate_compact(read, key, registry=_REGISTRY):
            _refuse("the provider's signature")
        claims = json.loads(read.payload or b"")
    except (JoseError, KeyError, ValueError, TypeError, RecursionError):
        _refuse("a signed token that can be read")
    if not isinstance(claims, dict):
        _refuse("claims")
    return claims


def _chosen(
    keys: Sequence[Mapping[str, Any]], kid: object, algorithm: str, kind: tuple[str, str]
) -> Mapping[str, Any]:
    """The one key that may have signed; a token without `kid` is of the only key of its kind."""
    fitting = [
        one
        for one in keys
        if (one.get("kty"), one.get("crv", "")) == kind and one.get("alg", algorithm) == algorithm
    ]
    found = fitting if kid is None else [one for one in fitting if one.get("kid") == kid]
    if not found:
        raise UnknownKeyError
    if len(found) > 1:
        _refuse("a token that says by which of several keys it is signed")
    return found[0]


def _key(said: Mapping[str, Any]) -> Key:
    """A key of a set, read."""
    document = {name: value for name, value in said.items() if name in ("n", "e", "crv", "x", "y")}
    match said["kty"]:
        case "RSA":
            modulus = int.from_bytes(_bytes(str(document["n"])))
            if modulus.bit_length() not in RSA_BITS:
                _refuse(f"RSA keys of {RSA_BITS.start} bits or more")
            return RSAKey.import_key({"kty": "RSA", **document})
        case "EC":
            return ECKey.import_key({"kty": "EC", **document})
        case _:
            return OKPKey.import_key({"kty": "OKP", **document})


def _bytes(text: str) -> bytes:
    """Bytes in base64url without padding (RFC 7515 §2)."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _check_for(claims: Mapping[str, Any], expected: Expected) -> None:
    """See that it is of this provider, for this node and this sign-in (OI6).

    Raises:
        RefusedError: `access.provider-token`.
    """
    if claims.get("iss") != expected.issuer:
        _refuse("iss as the issuer of [http.oidc]")
    said = claims.get("aud")
    audiences = said if isinstance(said, list) else [said]
    if expected.client_id not in audiences:
        _refuse("aud as client_id")
    if (len(audiences) > 1 or "azp" in claims) and claims.get("azp") != expected.client_id:
        _refuse("azp as client_id")
    if claims.get("nonce") != expected.nonce:
        _refuse("nonce as this sign-in began with")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not is_subject(subject):
        _refuse(f"sub, 1 to {SUBJECT_MAX} printable ASCII characters")


def is_subject(said: str) -> bool:
    """Whether a text may be a person's identifier at a provider (OpenID Connect Core §2)."""
    return 0 < len(said) <= SUBJECT_MAX and said.isascii() and said.isprintable()


def _check_times(claims: Mapping[str, Any], expected: Expected, now: Timestamp) -> None:
    """See that it counts now, and that the person has signed in lately (OI7).

    Raises:
        RefusedError: `access.provider-clock`, `access.provider-acr`, `access.provider-token`.
    """
    expires, issued = _seconds(claims, "exp"), _seconds(claims, "iat")
    if now >= expires + LEEWAY_SECONDS or not (
        expected.begun_at - LEEWAY_SECONDS <= issued <= now + LEEWAY_SECONDS
    ):
        message = (
            "身份令牌的时间与本节点不符，请系统管理员核对两边的时钟 / "
            "expected a token of this moment, "
            f"got one issued {issued - now:+d} s and ending {expires - now:+d} s from now: compare "
            "the clocks of node and provider"
        )
        raise RefusedError("access.provider-clock", message)
    if expected.max_age and now - _seconds(claims, "auth_time") > expected.max_age + LEEWAY_SECONDS:
        message = (
            "在统一身份认证登录已久，请在那里退出后重新登录 / "
            "signed in at the provider too long ago: "
            f"expected at most {expected.max_age} s, sign in there again"
        )
        raise RefusedError("access.provider-acr", message)
    if expected.acr and claims.get("acr") != expected.acr:
        message = (
            "认证方式不符合本节点的要求，请按要求的方式在统一身份认证登录 / expected the "
            "authentication context that [http.oidc] acr asks for, got another"
        )
        raise RefusedError("access.provider-acr", message)


def _seconds(claims: Mapping[str, Any], name: str) -> int:
    """A moment of a token, in seconds UTC."""
    said = claims.get(name)
    if isinstance(said, bool) or not isinstance(said, int | float) or not 0 <= said < 2**53:
        _refuse(f"{name}, seconds UTC")
    return int(said)


def _refuse(expected: str) -> NoReturn:
    """Refuse a token; what stands in it is never shown.

    Raises:
        RefusedError: `access.provider-token`, always.
    """
    message = f"身份令牌不能通过核验，登录未成 / the ID token does not prove: expected {expected}"
    raise RefusedError("access.provider-token", message)
