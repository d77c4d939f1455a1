"""Certificates for tests: nodes' own, and such as a member might issue for another's name."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from federation.ids import Timestamp
from node.directory.certificates import self_signed
from node.network.transport import TlsIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A key and its certificate."""

    name: str
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def identity(self) -> TlsIdentity:
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return TlsIdentity(key_pem=key, certificate_pem=self.certificate.public_bytes(Encoding.PEM))


def holder(name: str) -> Holder:
    """A node's own certificate, as `node.directory.certificates` makes it."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = Timestamp(int(time.time()))
    certificate = self_signed(name, key, secrets.token_bytes(16), now)
    return Holder(name=name, key=key, certificate=certificate)


def dated(name: str, start: int) -> Holder:
    """A node's certificate whose 397 days begin at a time, less one hour."""
    key = ec.generate_private_key(ec.SECP256R1())
    made = self_signed(name, key, secrets.token_bytes(16), Timestamp(start))
    return Holder(name=name, key=key, certificate=made)


def issued(name: str, issuer: Holder | None) -> Holder:
    """A certificate for `name` by another's key; by its own, and able to issue, where None.

    Self-signed without key usage it is one that a charter accepts and that TLS takes as an issuer.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, name),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, secrets.token_hex(16)),
        ]
    )
    signer = key if issuer is None else issuer.key
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
            critical=False,
        )
        .sign(signer, hashes.SHA256())
    )
    return Holder(name=name, key=key, certificate=certificate)
