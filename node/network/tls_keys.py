"""A node's TLS keys: made one beside the other, and which of them is used (SPEC §8.1).

    tls.key, tls.crt        made by `init`
    tls-2.key, tls-2.crt    made by `huxin keys tls --new`, then tls-3 and so on

A certificate is used once every charter in force that names this node names it, the newest first;
until then the one before stands. So a new one is made, a charter that names both is signed, and
the running node takes it at the next handshake. A member to which that charter has not come refuses
it: we dial such a one with the certificate before, and it learns of the charter over that stream.

A key whose certificate was not written (a crash between the two files) is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from federation.ids import Origin, Timestamp, node_of
from node.charters.view import TrustView
from node.directory.certificates import SERIAL_SIZE, self_signed
from node.directory.keys import Token, new_tls_pem, read_tls, write_private
from node.network.transport import TlsIdentity

_NUMBERED: Final = re.compile(r"tls-([1-9][0-9]{0,8})\.(?:key|crt)")
_FIRST: Final = 1


@dataclass(frozen=True, kw_only=True)
class TlsKey:
    """A key and its certificate; no `repr` shows the secret."""

    number: int
    identity: TlsIdentity = field(repr=False)

    @cached_property
    def certificate(self) -> bytes:
        """As charters name it, DER."""
        pem = self.identity.certificate_pem
        return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, hexadecimal."""
        return sha256(self.certificate).hexdigest()

    @property
    def ends(self) -> int:
        """Seconds, UTC."""
        return int(x509.load_der_x509_certificate(self.certificate).not_valid_after_utc.timestamp())


def load_tls_keys(directory: Path) -> tuple[TlsKey, ...]:
    """Read all TLS keys of DIR/keys, the newest first.

    Raises:
        KeyFileError: `keys.missing`, `keys.mode` or `keys.malformed`.
    """
    numbers = {_FIRST} | {n for n in _numbers(directory) if (directory / _name(n, "crt")).exists()}
    found = []
    for number in sorted(numbers, reverse=True):
        key, certificate = (directory / _name(number, ending) for ending in ("key", "crt"))
        key_pem, certificate_pem = read_tls(key, certificate)
        identity = TlsIdentity(key_pem=key_pem, certificate_pem=certificate_pem)
        found.append(TlsKey(number=number, identity=identity))
    return tuple(found)


def new_tls_key(directory: Path, origin: Origin, *, now: Timestamp, token: Token) -> TlsKey:
    """Make a TLS key and its certificate beside those of DIR/keys.

    Args:
        directory: DIR/keys.
        origin: of the node's log.
        now: begins the certificate's validity.
        token: the source of randomness.
    """
    number = max((_FIRST, *_numbers(directory))) + 1
    key, key_pem = new_tls_pem()
    certificate = self_signed(node_of(origin), key, token(SERIAL_SIZE), now)
    certificate_pem = certificate.public_bytes(Encoding.PEM)
    write_private(directory / _name(number, "key"), key_pem)
    write_private(directory / _name(number, "crt"), certificate_pem)
    identity = TlsIdentity(key_pem=key_pem, certificate_pem=certificate_pem)
    return TlsKey(number=number, identity=identity)


def named_certificates(view: TrustView, own: Origin) -> list[Collection[bytes]]:
    """The certificates by which each charter in force knows this node, DER."""
    return [view.trust.member(ref).certificates for ref in view.trust.members(own)]


def in_order(keys: Sequence[TlsKey], named: Sequence[Collection[bytes]]) -> list[TlsKey]:
    """The keys that charters name, the one to use first: named by all, then the newest.

    Args:
        keys: the newest first.
        named: see `named_certificates`.

    Returns:
        Never empty: where no charter names any, the oldest.
    """
    counted = [(sum(key.certificate in one for one in named), key) for key in keys]
    known = [(count, key) for count, key in counted if count]
    known.sort(key=lambda one: -one[0])  # stable: among equals the newest stays first
    return [key for _, key in known] or [keys[-1]]


class TlsKeys:
    """Which keys a running node uses; asked at each handshake, on any thread."""

    def __init__(self, directory: Path, own: Origin, view: Callable[[], TrustView]) -> None:
        """Read the keys of DIR/keys, and again whenever the charters name other certificates.

        Raises:
            KeyFileError: see `load_tls_keys`.
        """
        self._directory = directory
        self._own = own
        self._view = view
        self._keys = load_tls_keys(directory)
        self._named: Sequence[Collection[bytes]] | None = None
        self._use: tuple[TlsKey, ...] = ()

    def identities(self) -> Sequence[TlsIdentity]:
        """Our keys that charters name; the first is what we show."""
        return [key.identity for key in self._in_use()]

    @property
    def certificate(self) -> bytes:
        """What we show, DER."""
        return self._in_use()[0].certificate

    @property
    def waiting(self) -> bool:
        """Whether a newer one lies there that a charter does not name yet."""
        return load_tls_keys(self._directory)[0].number > self._in_use()[0].number

    def _in_use(self) -> tuple[TlsKey, ...]:
        named = named_certificates(self._view(), self._own)
        if named != self._named:
            if not {der for one in named for der in one} <= {k.certificate for k in self._keys}:
                self._keys = load_tls_keys(self._directory)
            self._use = tuple(in_order(self._keys, named))
            self._named = named
        return self._use


def _numbers(directory: Path) -> list[int]:
    found = (_NUMBERED.fullmatch(path.name) for path in directory.iterdir())
    return [int(match[1]) for match in found if match]


def _name(number: int, ending: str) -> str:
    return f"tls.{ending}" if number == _FIRST else f"tls-{number}.{ending}"
