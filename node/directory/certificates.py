"""A node's own TLS certificate (SPEC §9.1).

Self-signed ECDSA P-256: grpcio fails on Ed25519. Subject and authority key identifiers and a
subject of its own for each certificate, because the TLS library confuses two certificates of one
subject that have none, as at a rotation. CA:FALSE is honest but no protection: a pinned certificate
acts as an issuer all the same, so a peer's identity is always its *exact* certificate.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from federation.ids import Timestamp

VALIDITY: Final = timedelta(days=397)
"""The longest validity that public authorities may give; renewal is yearly."""

BACKDATED: Final = timedelta(hours=1)
"""Peers' clocks may be behind ours."""

SERIAL_SIZE: Final = 16
_COMMON_NAME_MAX: Final = 64


def self_signed(
    node: str, key: EllipticCurvePrivateKey, serial: bytes, now: Timestamp
) -> x509.Certificate:
    """Make a node's certificate.

    Args:
        node: the node's name, which is the DNS name of the certificate.
        key: its key, P-256.
        serial: 16 random bytes; make the subject and the serial number unique.
        now: the beginning of the 397 days, less one hour.
    """
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, node[:_COMMON_NAME_MAX]),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, serial.hex()),
        ]
    )
    public = key.public_key()
    start = datetime.fromtimestamp(now, UTC)
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(public)
        .serial_number((int.from_bytes(serial, "big") >> 1) | 1)
        .not_valid_before(start - BACKDATED)
        .not_valid_after(start + VALIDITY)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(node)]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
        .sign(key, hashes.SHA256(), ecdsa_deterministic=True)
    )
