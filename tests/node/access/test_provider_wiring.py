"""The identity provider of a configuration, asked over a loopback address.

Covers node/access/provider_wiring.py, adapters/identity/provider.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from adapters.identity.provider import ProviderHttp
from federation.errors import RefusedError
from node.access import provider_wiring
from node.access.identity_provider import IdentityProvider
from node.access.provider_wiring import wire_provider, wire_provider_sign_in
from node.directory.config import Config, ConfigError, parse_config
from node.system.clock import SystemClock
from tests.support.identity_provider import CLIENT, SECRET, SUBJECT, SmallProvider, key, served

ORIGIN: Final = "http://127.0.0.1:7480"
BACK: Final = f"{ORIGIN}/sign-in/provider"


def config(folder: Path, more: str, issuer: str = "https://sso.example") -> Config:
    return parse_config(
        '[node]\nregion = "510500"\nname = "泸州"\norigin = "a.example/1"\n'
        f'[http]\nconsole = true\norigin = "{ORIGIN}"\n'
        f'[http.oidc]\nissuer = "{issuer}"\nclient_id = "{CLIENT}"\n{more}',
        folder,
    )


def private(folder: Path, name: str, content: bytes, mode: int = 0o600) -> None:
    (folder / name).write_bytes(content)
    (folder / name).chmod(mode)


@pytest.mark.parametrize("by", ["secret", "key"])
def test_a_person_signs_in_over_the_loopback_address(
    tmp_path: Path, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider_wiring, "ProviderHttp", partial(ProviderHttp, seconds=60.0))
    private(tmp_path, "secret", f"{SECRET}\n".encode())
    private(tmp_path, "key", key("EC", "client").as_pem(private=True))
    small = SmallProvider(now=lambda: int(time.time()), redirect_uri=BACK)
    small.client_key = key("EC", "client")
    small.auth = ("private_key_jwt",) if by == "key" else ("client_secret_basic",)
    begun_at = SystemClock().now()
    with served(small) as issuer:
        setting = f'client_{by}_file = "{by}"'
        provider = wire_provider(config(tmp_path, setting, issuer), SystemClock())
        assert provider is not None
        verifier = "v" * 43
        address = provider.address(state="s", nonce="n", verifier=verifier)
        assert address.startswith(f"{issuer}/authorize?")
        code = small.sent(address)["code"]
        said = provider.subject(code, verifier=verifier, nonce="n", begun_at=begun_at)
    assert (said, provider.issuer) == (SUBJECT, issuer)


def test_where_none_is_configured_there_is_none(tmp_path: Path) -> None:
    plain = '[node]\nregion = "510500"\nname = "泸州"\norigin = "a.example/1"\n'
    assert wire_provider(parse_config(plain, tmp_path), SystemClock()) is None


def pem(made: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ('client_secret_file = "none"', "client_secret_file: expected a readable file"),
        ('client_secret_file = "loose"', "expected mode 0600"),
        ('client_key_file = "none"', "client_key_file: expected PEM"),
        ('client_key_file = "loose"', "client_key_file: expected PEM"),
        ('client_key_file = "secret"', "client_key_file: expected PEM"),
        ('client_key_file = "small"', "RSA key of 2048 bits"),
        ('client_key_file = "curve"', "one of P-256"),
        ('client_secret_file = "secret"\nca_file = "none"', "ca_file: expected PEM"),
        ('client_secret_file = "secret"\nca_file = "secret"', "ca_file: expected PEM"),
    ],
)
def test_what_cannot_be_used_is_told(tmp_path: Path, more: str, expected: str) -> None:
    private(tmp_path, "secret", b"a secret\n")
    private(tmp_path, "loose", b"a secret\n", 0o644)
    private(tmp_path, "small", pem(rsa.generate_private_key(65537, 1024)))  # noqa: S505 - refused
    private(tmp_path, "curve", pem(ec.generate_private_key(ec.SECP384R1())))
    with pytest.raises(ConfigError) as caught:
        wire_provider(config(tmp_path, more), SystemClock())
    assert expected in str(caught.value)
    assert "a secret" not in str(caught.value)


def test_a_file_that_lacks_keeps_nobody_from_other_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The parts of a node are made without it; who comes is told, until it is there."""
    taken: list[Callable[[], IdentityProvider | None]] = []
    monkeypatch.setattr(
        provider_wiring, "ProviderSignIn", lambda *, provider, **_: taken.append(provider)
    )
    monkeypatch.setattr(provider_wiring, "AccountRows", lambda *_: None)
    wanted = config(tmp_path, 'client_secret_file = "secret"')
    some: Any = SimpleNamespace(keys=None, store=None, writer=None, log=None, credentials=None)
    wire_provider_sign_in(some, some, SystemClock(), wanted)
    (provider,) = taken
    with pytest.raises(RefusedError, match="huxin doctor") as caught:
        provider()
    assert caught.value.code == "access.provider-silent"
    private(tmp_path, "secret", b"a secret\n")
    made = provider()
    assert made is not None
    assert made is provider()
