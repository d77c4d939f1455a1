"""The identity provider of a configuration, and who signs in by it."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import Final

import structlog
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc.jwk import ECKey, RSAKey

from adapters.identity.provider import ProviderHttp, allowed
from federation.errors import RefusedError
from node.access.accounts import AccountRows
from node.access.admitting import Access
from node.access.id_tokens import RSA_BITS
from node.access.identity_provider import Client, IdentityProvider
from node.access.provider_sessions import ProviderSignIn
from node.access.wiring import Queries
from node.directory.config import Config, ConfigError
from node.directory.keys import KeyFileError, read_private
from node.directory.passwords import read_password
from node.system.clock import Clock, monotonic
from node.system.entropy import token

_log = structlog.get_logger()

CALLBACK: Final = "/sign-in/provider"
"""Below `[http] origin`: where the console takes who comes back."""


def wire_provider(config: Config, clock: Clock) -> IdentityProvider | None:
    """The provider of `[http.oidc]`; None where there is none. It is not asked yet.

    Args:
        config: of the node.
        clock: never behind trusted time.

    Raises:
        ConfigError: secret, key or `ca_file` cannot be read.
    """
    section = config.http.oidc
    if section is None:
        return None
    secret, key = "", None
    if section.client_secret_file:
        place = config.directory / section.client_secret_file
        secret = read_password(place, "http.oidc.client_secret_file")
    else:
        key = _client_key(config.directory / section.client_key_file)
    client = Client(
        issuer=section.issuer,
        client_id=section.client_id,
        redirect_uri=config.http.origin + CALLBACK,
        secret=secret,
        key=key,
        max_age=section.max_age_seconds,
        acr=section.acr,
    )
    plain = section.issuer.startswith("http:")
    ca_file = str(config.directory / section.ca_file) if section.ca_file else ""
    try:
        http = ProviderHttp(ca_file=ca_file, plain=plain)
    except OSError as error:
        message = f"http.oidc.ca_file: expected PEM of certificates, got: {error}"
        raise ConfigError(message) from error
    return IdentityProvider(
        client=client,
        http=http,
        allowed=partial(allowed, plain=plain),
        clock=clock,
        monotonic=monotonic,
        token=token,
    )


def wire_provider_sign_in(
    queries: Queries, access: Access, clock: Clock, config: Config
) -> ProviderSignIn:
    """Who signs in by the provider; `clock` is never behind trusted time.

    Its files are read when somebody first comes: where they cannot be, nobody signs in by it until
    they can, and all else goes its way.
    """
    return ProviderSignIn(
        provider=cache(partial(_readied, config, clock)),
        credentials=access.credentials,
        rows=AccountRows(queries.keys, token),
        store=queries.store,
        writer=queries.writer,
        log=queries.log,
        keys=queries.keys,
        clock=clock,
        monotonic=monotonic,
        token=token,
    )


def _readied(config: Config, clock: Clock) -> IdentityProvider | None:
    """The provider, once its files can be read.

    Raises:
        RefusedError: `access.provider-silent`.
    """
    try:
        return wire_provider(config, clock)
    except ConfigError as error:
        _log.warning("identity provider not readied", code="access.provider-silent", why=str(error))
        message = (
            "统一身份认证的设置不可用，请告知系统管理员（huxin doctor）/ expected readable files "
            "of [http.oidc], got none: tell the system administrator (huxin doctor)"
        )
        raise RefusedError("access.provider-silent", message) from error


def _client_key(path: Path) -> RSAKey | ECKey:
    """The key by which the node proves itself to the provider.

    Raises:
        ConfigError: it cannot be read, others may read it, or it is of another kind.
    """
    try:
        content = read_private(path)
        read = load_pem_private_key(content, password=None)
    except (KeyFileError, OSError, ValueError, TypeError) as error:
        message = f"http.oidc.client_key_file: expected PEM of a private key, got: {error}"
        raise ConfigError(message) from error
    if isinstance(read, rsa.RSAPrivateKey) and read.key_size in RSA_BITS:
        return RSAKey.import_key(content)
    if isinstance(read, ec.EllipticCurvePrivateKey) and isinstance(read.curve, ec.SECP256R1):
        return ECKey.import_key(content)
    message = (
        f"http.oidc.client_key_file: {path}: expected an RSA key of {RSA_BITS.start} bits or more, "
        "or one of P-256"
    )
    raise ConfigError(message)
